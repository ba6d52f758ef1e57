#pragma once

#include "figure/Figure.h"

#include <string>
#include <vector>

namespace reticle {

/// What a figure that is fit to draw leaves out all the same, in sentences: values that are not above 0 on log axes. Curves
/// have a gap there, bands and error bars that reach down to such a value end at the edge of the plot.
std::vector<std::string> figureNotes(const Figure &figure);

} // namespace reticle
