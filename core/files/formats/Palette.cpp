#include "files/formats/Palette.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace reticle::files {

PaletteUse useOf(const Palette &palette, int bits, bool measured)
{
    if (measured || bits > 8)
        return PaletteUse::Numbers;
    if (std::all_of(palette.begin(), palette.end(), [](const auto &c) { return c[0] == c[1] && c[1] == c[2]; }))
        return PaletteUse::Gray;
    if (palette.size() != 256)
        return PaletteUse::Colors;
    constexpr int jump = 40;
    int jumps = 0;
    for (std::size_t i = 1; i < palette.size(); ++i) {
        bool far = false;
        for (std::size_t k = 0; k < 3; ++k)
            far = far || std::abs(palette[i][k] - palette[i - 1][k]) > jump;
        jumps += far;
    }
    const std::set<std::array<std::uint8_t, 3>> different(palette.begin(), palette.end());
    return different.size() >= 128 && jumps <= 16 ? PaletteUse::Numbers : PaletteUse::Colors;
}

Array looked(const Array &numbers, const Palette &palette, PaletteUse use)
{
    const std::size_t channels = use == PaletteUse::Gray ? 1 : 3;
    auto shape = numbers.shape();
    if (channels > 1)
        shape.push_back(3);
    Array out(DType::UInt8, std::move(shape));
    auto *to = out.data<std::uint8_t>();
    Array::visit(numbers.dtype(), [&](auto zero) {
        for (const auto v : numbers.span<decltype(zero)>()) {
            const auto index = static_cast<std::size_t>(v);
            for (std::size_t k = 0; k < channels; ++k)
                *to++ = index < palette.size() ? palette[index][k] : std::uint8_t{0};
        }
    });
    return out;
}

} // namespace reticle::files
