#pragma once

#include "foundation/Schema.h"

#include <string>

namespace reticle::test {

/// Settings of "measurements", a made-up kind of data like a table, which no worker has.
struct MeasurementsOptions
{
    std::string file, target = "height";
    std::int64_t rows = 0;
};

inline SchemaInfo measurementsSchema()
{
    using O = MeasurementsOptions;
    return Schema<O>("measurements", "Measurements", "Made-up data.")
        .field(&O::file, {.name = "file", .help = "File of measurements", .path = true})
        .field(&O::target, {.name = "target", .help = "Column to learn"})
        .field(&O::rows, {.name = "rows", .help = "Rows that are used; 0 = all", .min = 0, .max = 1e6})
        .info();
}

} // namespace reticle::test
