#include "widgets/export/ColorVision.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace reticle {

namespace {

using Matrix = std::array<double, 9>;

constexpr Matrix protanopia{0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998};
constexpr Matrix deuteranopia{0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881};
constexpr Matrix tritanopia{1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900};
constexpr Matrix gray{0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722};

double linear(int value)
{
    const double v = value / 255.0;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

int encoded(double v)
{
    v = std::clamp(v, 0.0, 1.0);
    return static_cast<int>(std::lround(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055)));
}

} // namespace

QImage seenWith(ColorVision vision, const QImage &picture)
{
    QImage image = picture.convertToFormat(QImage::Format_RGB32);
    if (vision == ColorVision::Usual)
        return image;
    const Matrix &m = vision == ColorVision::Protanopia     ? protanopia
                      : vision == ColorVision::Deuteranopia ? deuteranopia
                      : vision == ColorVision::Tritanopia   ? tritanopia
                                                            : gray;
    static const auto table = [] {
        std::array<double, 256> t{};
        for (int i = 0; i < 256; ++i)
            t[static_cast<std::size_t>(i)] = linear(i);
        return t;
    }();
    QRgb last = 0, seen = 0;
    bool known = false;
    for (int y = 0; y < image.height(); ++y) {
        auto *line = reinterpret_cast<QRgb *>(image.scanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            if (!known || line[x] != last) { // figures are mostly runs of one color
                last = line[x];
                const double r = table[static_cast<std::size_t>(qRed(last))], g = table[static_cast<std::size_t>(qGreen(last))],
                             b = table[static_cast<std::size_t>(qBlue(last))];
                seen = qRgb(encoded(m[0] * r + m[1] * g + m[2] * b), encoded(m[3] * r + m[4] * g + m[5] * b),
                            encoded(m[6] * r + m[7] * g + m[8] * b));
                known = true;
            }
            line[x] = seen;
        }
    }
    return image;
}

} // namespace reticle
