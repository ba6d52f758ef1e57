#pragma once

#include "figure/Figure.h"

#include <string>
#include <vector>

namespace reticle {

/// One file of numbers: a text, or an array that goes beside it as .npy.
struct NumberFile
{
    std::string suffix; ///< after the common name, with its ending: "-a.csv", ".npy"
    std::string text;
    Array array; ///< where there is one, instead of the text
};

/// 65,536 pixels and more: not written as text.
bool isLargeForCsv(const Array &image);

/// The numbers of a figure: one text a panel with the suffix of its file name (none for a lone panel, "-a" by letter, else
/// "-1", "-2", …). Curves: `series,x,y,ylo,yhi`; histograms `series,low,high,count`; heat maps and images as a matrix with
/// header row and first column; images pixel by pixel, those of 65,536 pixels and more as a line `size,rows,columns,FILE` with
/// the values in that .npy; image grids cell by cell; tables as they are. 17 significant digits where needed, "nan", LF.
/// `name` is the common name that such lines quote; without one there are texts alone, and only the size of such images.
std::vector<NumberFile> figureCsv(const Figure &figure, const std::string &name = {});

} // namespace reticle
