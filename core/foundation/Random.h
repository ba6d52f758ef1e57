#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace reticle {

/// xoshiro256** (Blackman and Vigna 2018) seeded by splitmix64: the same numbers on every machine and library, unlike
/// std::*_distribution. Its state is four words that a checkpoint can keep.
class Random
{
public:
    using State = std::array<std::uint64_t, 4>;

    explicit Random(std::uint64_t seed = 0)
    {
        for (auto &word : m_state)
            word = splitmix(seed);
    }
    /// Independent streams of one seed: of an epoch, an example, a slice.
    static Random of(std::uint64_t seed, std::uint64_t stream)
    {
        std::uint64_t s = seed;
        const std::uint64_t a = splitmix(s);
        s = a ^ (stream + 0x632be59bd9b4e019ULL);
        return Random(splitmix(s));
    }

    std::uint64_t next()
    {
        const std::uint64_t result = rotl(m_state[1] * 5, 7) * 9;
        const std::uint64_t t = m_state[1] << 17;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= t;
        m_state[3] = rotl(m_state[3], 45);
        return result;
    }
    /// [0, 1)
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// 0 .. n - 1, n > 0
    std::int64_t below(std::int64_t n)
    {
        return static_cast<std::int64_t>((static_cast<unsigned __int128>(next()) * static_cast<std::uint64_t>(n)) >> 64);
    }
    bool chance(double p) { return uniform() < p; }
    /// Standard normal, Box and Muller 1958 (one value per call, so that the state is all there is).
    double normal()
    {
        const double u = 1 - uniform();
        return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * uniform());
    }

    const State &state() const { return m_state; }
    void setState(const State &state) { m_state = state; }

private:
    static std::uint64_t splitmix(std::uint64_t &s)
    {
        std::uint64_t z = (s += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    static std::uint64_t rotl(std::uint64_t v, int k) { return (v << k) | (v >> (64 - k)); }

    State m_state{};
};

} // namespace reticle
