#pragma once

#include "data/table/TableFile.h"

/// What TableFile reads text with. Not included outside core/data/table.
namespace reticle {

struct TableText
{
    bool hasHeader = false;
    std::vector<std::string> names;
    std::vector<std::vector<std::string>> columns; ///< columns[column][row]
    std::vector<std::int64_t> lines;               ///< of each row in the file, from 1
};
TableText readTableText(std::string_view text, const std::string &name, HeaderLine header);

/// The number that the whole cell is, with a point or a comma before decimals; nothing otherwise, also for infinities and for
/// "1,234", which may be one number or another.
std::optional<double> numberInCell(std::string_view cell);

/// What a gzip file holds, also of several members. Throws Error where it is broken or larger than `maximum` bytes.
std::string gunzipped(std::string_view bytes, const std::string &name, std::uint64_t maximum);

} // namespace reticle
