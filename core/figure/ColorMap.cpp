#include "figure/ColorMap.h"

#include "figure/ColorTables_p.h"
#include "foundation/Error.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

using ColorTable = std::array<std::uint32_t, 256>;

ColorTable fromHex(const char *hex)
{
    const auto digit = [](char c) { return static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
    ColorTable table{};
    for (auto &color : table) {
        color = 0xff;
        for (int i = 0; i < 6; ++i)
            color = color << 4 | digit(*hex++);
    }
    return table;
}

ColorTable grays()
{
    ColorTable table{};
    for (std::uint32_t i = 0; i < 256; ++i)
        table[i] = 0xff000000u | i * 0x010101u;
    return table;
}

struct NamedTable
{
    std::string name;
    ColorTable table;
};

const std::vector<NamedTable> &tables()
{
    static const std::vector<NamedTable> all{{"viridis", fromHex(viridisHex)},
                                             {"cividis", fromHex(cividisHex)},
                                             {"magma", fromHex(magmaHex)},
                                             {"inferno", fromHex(infernoHex)},
                                             {"gray", grays()},
                                             {"blue-red", fromHex(blueRedHex)}};
    return all;
}

constexpr std::array<std::uint32_t, 8> okabeIto{0xff000000, 0xffe69f00, 0xff56b4e9, 0xff009e73,
                                                0xfff0e442, 0xff0072b2, 0xffd55e00, 0xffcc79a7};

std::uint32_t fromHsv(double hue, double saturation, double value)
{
    const auto channel = [&](double n) {
        const double k = std::fmod(n + hue * 6, 6.0);
        const double v = value - value * saturation * std::max(0.0, std::min({k, 4 - k, 1.0}));
        return static_cast<std::uint32_t>(std::lround(v * 255));
    };
    return 0xff000000u | channel(5) << 16 | channel(3) << 8 | channel(1);
}

} // namespace

const ColorTable &colorTable(const std::string &asked)
{
    const std::string map = asked == "grey" ? "gray" : asked; // as it was spelled before
    for (const auto &entry : tables())
        if (entry.name == map)
            return entry.table;
    const auto names = colorMapNames();
    std::string known;
    for (const auto &name : names)
        known += (known.empty() ? "" : ", ") + name;
    const auto near = nearestName(map, names);
    throw Error({.where = "color map",
                 .expected = "one of " + known,
                 .found = "\"" + map + "\"",
                 .wayOut = near.empty() ? "" : "did you mean " + near + "?"});
}

std::vector<std::string> colorMapNames()
{
    std::vector<std::string> names;
    for (const auto &entry : tables())
        names.push_back(entry.name);
    return names;
}

std::uint32_t mapColor(const ColorTable &table, double fraction, std::uint32_t missing)
{
    if (std::isnan(fraction))
        return missing;
    // 256 equal bins, as usual for color maps; 1 belongs to the last.
    return table[static_cast<std::size_t>(std::clamp(std::floor(fraction * 256), 0.0, 255.0))];
}

std::uint32_t paletteColor(int i)
{
    return okabeIto[static_cast<std::size_t>(i) % okabeIto.size()];
}

int paletteSize()
{
    return static_cast<int>(okabeIto.size());
}

std::uint32_t labelColor(std::int64_t id)
{
    if (id == 0)
        return 0;
    if (id > 0 && id < static_cast<std::int64_t>(okabeIto.size()))
        return okabeIto[static_cast<std::size_t>(id)];
    constexpr double goldenFraction = 0.61803398874989485;
    const auto n = static_cast<double>(static_cast<std::uint64_t>(id) % 1000003);
    double whole = 0;
    const double hue = std::modf(n * goldenFraction, &whole);
    constexpr std::array<double, 3> saturations{0.85, 0.5, 0.7};
    constexpr std::array<double, 4> values{0.95, 0.75, 0.88, 0.62};
    const auto k = static_cast<std::uint64_t>(n);
    return fromHsv(hue, saturations[k % 3], values[k % 4]);
}

} // namespace reticle
