#pragma once

#include "foundation/Schema.h"

#include <map>

namespace reticle {

/// Words of a field for people, shared by `describe` and the reference pages.
std::string defaultText(const Field &field);
std::string rangeText(const Field &field); ///< "2 to 200 px", "at least 0", "a, b or c"

/// Rows of equal length as text in columns, those of `right` flush right; the last column is not padded.
std::string alignedColumns(const std::vector<std::vector<std::string>> &rows, const std::vector<bool> &right = {});

/// File name -> text of every page below docs/reference, written from the schemas and document formats.
std::map<std::string, std::string> referencePages();
/// Pages of the document formats; `remark` says where a page comes from.
std::string figurePage(const std::string &remark);
std::string resultPage(const std::string &remark);
std::string eventPage(const std::string &remark);
void writeReferencePage(const std::string &folder, const std::string &file, const std::string &text);

} // namespace reticle
