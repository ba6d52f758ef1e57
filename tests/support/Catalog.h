#pragma once

#include "data/Augment.h"
#include "data/Dataset.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/training/Training.h"
#include "project/Recipe.h"

namespace reticle::test {

/// What the program offers, as the worker puts it together.
inline Catalog catalog()
{
    Catalog c;
    for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries())
        c.kinds["models"].push_back(entry.schema);
    for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries())
        c.kinds["objectives"].push_back(entry.schema);
    for (const auto &[name, entry] : Registry<DataKind>::instance().entries())
        c.kinds["datasets"].push_back(entry.schema);
    c.sections["train"] = TrainOptions::schema().info();
    c.sections["augment"] = AugmentOptions::schema().info();
    return c;
}

} // namespace reticle::test
