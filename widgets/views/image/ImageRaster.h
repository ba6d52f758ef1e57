#pragma once

#include "foundation/Array.h"
#include "widgets/views/image/ImageTiles.h"

#include <QImage>
#include <QPointF>
#include <QString>

#include <array>
#include <cstdint>
#include <vector>

namespace reticle {

/// Drawing without a widget: each pixel of a picture is mapped back to the source, so the cost is that of the picture,
/// whatever the size of the source.

/// (H, W) or (H, W, C) values with their place in the image.
struct Plane
{
    Array data;
    double x = 0, y = 0; ///< image position of the top left corner
    double scale = 1;    ///< image pixels a value
};

/// Where the picture looks: picture pixel (i, j) shows image position origin + (i + 0.5, j + 0.5) * step.
struct Mapping
{
    QPointF origin;
    double step = 1; ///< image pixels a picture pixel
};

/// Values to colors. 8 and 16-bit values go through a table with an entry for each value, others through 4096 steps.
class ContrastTable
{
public:
    /// Builds only when something differs from last time. `map` as in ColorMap.h.
    void update(DType dtype, double black, double white, double gamma, const std::string &map);
    /// For values that are not 8 or 16-bit.
    static constexpr int steps = 4096;

    template <class T> QRgb color(T value, QRgb missing) const
    {
        if constexpr (sizeof(T) <= 2) {
            return m_table[static_cast<std::size_t>(static_cast<int>(value) - m_lowest)];
        } else {
            const double f = (static_cast<double>(value) - m_black) * m_factor;
            if (f >= 0 && f < steps)
                return m_table[static_cast<std::size_t>(f)];
            if (f >= steps)
                return m_table[steps - 1];
            return f < 0 ? m_table[0] : missing; // a NaN compares with nothing
        }
    }

private:
    std::vector<QRgb> m_table;
    int m_lowest = 0;
    double m_black = 0, m_white = 0, m_gamma = 0, m_factor = 0;
    std::string m_map;
    DType m_dtype = DType::UInt8;
    bool m_fresh = false;
};

/// Gray or one channel through `table`. Where a picture pixel covers more than one value, the mean of four is drawn.
/// NaN becomes a hatch of `missing` and its darker tone.
void drawPlane(QImage &picture, const Mapping &mapping, const Plane &plane, int channel, const ContrastTable &table,
               QRgb missing);
/// Channels 0, 1, 2 through one table each (all of map "gray").
void drawColorPlane(QImage &picture, const Mapping &mapping, const Plane &plane, const std::array<ContrastTable, 3> &tables,
                    QRgb missing);
/// Labels (nearest value) blended over the picture; 0 is left clear. `color` 0 = labelColor of each. `outlines`: only
/// where neighboring picture pixels `thickness` apart carry different labels.
void drawLabels(QImage &picture, const Mapping &mapping, const Plane &plane, QRgb color, double opacity, bool outlines,
                int thickness);
/// Values / `scale` through a color map, blended where at least `threshold`; NaN is left clear.
void drawProbability(QImage &picture, const Mapping &mapping, const Plane &plane, const std::string &map, double scale,
                     double threshold, double opacity);

/// A picture of the whole array at `size` (shape kept by the caller), through the same code: thumbnails.
QImage thumbnail(const Array &image, QSize size, const std::string &map = "gray");

} // namespace reticle
