#pragma once

#include "figure/Figure.h"

#include <optional>

namespace reticle {

/// A page that shows pictures in views of its own, which can be taken away as a figure like any other.
class FigureSource
{
public:
    virtual ~FigureSource() = default;
    /// What is on show; nothing before there is anything.
    virtual std::optional<Figure> currentFigure() const = 0;
};

} // namespace reticle
