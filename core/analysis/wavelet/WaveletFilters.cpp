#include "analysis/wavelet/Wavelet.h"
#include "analysis/wavelet/WaveletFilterTable_p.h"
#include "foundation/Error.h"

#include <algorithm>
#include <map>

namespace reticle {

namespace {

/// High-pass filters from the low-pass ones of the other side: dec_hi[k] = (-1)^(k+1) rec_lo[k], rec_hi[k] =
/// (-1)^k dec_lo[k].
WaveletFilter fromLow(std::string name, std::vector<double> decLow, std::vector<double> recLow, bool orthogonal)
{
    WaveletFilter f;
    f.name = std::move(name);
    f.orthogonal = orthogonal;
    f.decLow = std::move(decLow);
    f.recLow = std::move(recLow);
    for (std::size_t k = 0; k < f.decLow.size(); ++k) {
        f.decHigh.push_back(k % 2 ? f.recLow[k] : -f.recLow[k]);
        f.recHigh.push_back(k % 2 ? -f.decLow[k] : f.decLow[k]);
    }
    return f;
}

std::vector<double> reversed(std::vector<double> v)
{
    std::reverse(v.begin(), v.end());
    return v;
}

struct Filters
{
    std::vector<std::string> names;
    std::map<std::string, WaveletFilter> byName;

    Filters()
    {
        const auto add = [this](WaveletFilter f) {
            names.push_back(f.name);
            byName.emplace(f.name, std::move(f));
        };
        const double haar[] = {waveletTaps[0], waveletTaps[1]};
        add(fromLow("haar", {haar[0], haar[1]}, {haar[0], haar[1]}, true));
        std::vector<WaveletFilter> reverse;
        for (const auto &entry : waveletTable) {
            const double *taps = waveletTaps + entry.first;
            const std::string name = entry.name;
            const std::vector<double> low(taps, taps + entry.length);
            if (name.rfind("bior", 0) != 0) {
                add(fromLow(name, low, reversed(low), true));
                continue;
            }
            const std::vector<double> back(taps + entry.length, taps + 2 * entry.length);
            const bool orthogonal = name == "bior1.1"; // haar
            add(fromLow(name, low, back, orthogonal));
            reverse.push_back(fromLow("rbio" + name.substr(4), reversed(back), reversed(low), orthogonal));
        }
        for (auto &f : reverse)
            add(std::move(f));
    }
};

const Filters &filters()
{
    static const Filters f;
    return f;
}

} // namespace

std::vector<std::string> waveletNames()
{
    return filters().names;
}

const WaveletFilter &waveletFilter(const std::string &name)
{
    const auto &all = filters().byName;
    const auto it = all.find(name);
    if (it == all.end())
        throw Error(Error::Kind::Input, "",
                    "unknown wavelet '" + name + "'; families are haar, db1-20, sym2-20, coif1-5, bior, rbio");
    return it->second;
}

const std::vector<std::string> &waveletModeNames()
{
    static const std::vector<std::string> names{"zero",        "constant", "symmetric", "antisymmetric", "reflect",
                                                "antireflect", "periodic", "smooth",    "periodization"};
    return names;
}

std::string nameOf(WaveletMode mode)
{
    return waveletModeNames().at(static_cast<std::size_t>(mode));
}

WaveletMode waveletMode(const std::string &name)
{
    const auto &names = waveletModeNames();
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
        std::string all;
        for (const auto &n : names)
            all += (all.empty() ? "" : ", ") + n;
        throw Error({"mode", "one of " + all, "\"" + name + "\"", {}});
    }
    return static_cast<WaveletMode>(it - names.begin());
}

std::int64_t waveletLength(std::int64_t n, const WaveletFilter &filter, WaveletMode mode)
{
    return mode == WaveletMode::Periodization ? (n + 1) / 2 : (n + filter.length() - 1) / 2;
}

int maxWaveletLevel(std::int64_t n, const WaveletFilter &filter)
{
    int level = 0;
    for (std::int64_t minimum = 2 * (filter.length() - 1); minimum <= n; minimum *= 2)
        ++level;
    return level;
}

} // namespace reticle
