#pragma once

#include "base/Figure.h"

#include <string>
#include <utility>
#include <vector>

namespace reticle {

/// The numbers of a figure: one text a panel with the suffix of its file name ("" for a lone panel, "-a" by letter, else
/// "-1", "-2", …). Curves: `series,x,y,ylo,yhi`; histograms `series,low,high,count`; heat maps and images as a matrix with
/// header row and first column, images of 65,536 pixels and more as their size only; image grids cell by cell; tables as
/// they are. 17 significant digits where needed, "nan", LF.
std::vector<std::pair<std::string, std::string>> figureCsv(const Figure &figure);

} // namespace reticle
