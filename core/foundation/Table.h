#pragma once

#include "foundation/Json.h"

#include <string>
#include <variant>
#include <vector>

namespace reticle {

/// Named columns of equal length. Missing numbers are NaN.
class Table
{
public:
    struct Column
    {
        std::string name;
        std::string unit; ///< may be empty
        std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>> values;
        int decimals = -1; ///< digits shown after the point; -1 = as many as are needed, at most 6
    };

    std::string title;
    std::vector<Column> columns;

    std::size_t rows() const; ///< of the first column
    const Column *find(std::string_view name) const;
    /// The cell as shown to a person: minus sign U+2212, "n/a" for NaN.
    std::string text(std::size_t row, std::size_t column) const;
    double number(std::size_t row, std::size_t column) const; ///< NaN for text

    /// RFC 4180, UTF-8, LF, full precision, "nan" for NaN; header "name [unit]".
    std::string toCsv() const;
    Json toJson() const;
    /// Throws Error when columns differ in length or are of no known type.
    static Table fromJson(const Json &json);
};

} // namespace reticle
