#include "foundation/Sha256.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace reticle {

namespace {

constexpr std::array<std::uint32_t, 64> roundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using State = std::array<std::uint32_t, 8>;

void plainBlocks(State &state, const std::uint8_t *bytes, std::size_t count)
{
    for (; count > 0; --count, bytes += 64) {
        std::array<std::uint32_t, 64> w;
        for (std::size_t i = 0; i < 16; ++i)
            w[i] = std::uint32_t(bytes[4 * i]) << 24 | std::uint32_t(bytes[4 * i + 1]) << 16 |
                   std::uint32_t(bytes[4 * i + 2]) << 8 | std::uint32_t(bytes[4 * i + 3]);
        for (std::size_t i = 16; i < 64; ++i) {
            const auto s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const auto s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        auto [a, b, c, d, e, f, g, h] = state;
        for (std::size_t i = 0; i < 64; ++i) {
            const auto s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
            const auto t1 = h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i] + w[i];
            const auto s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
            const auto t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        const State turned{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i)
            state[i] += turned[i];
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

bool hasShaInstructions()
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned sse41AndSsse3 = 1u << 19 | 1u << 9, sha = 1u << 29;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & sse41AndSsse3) == sse41AndSsse3 && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           (b & sha);
}

/// The processor's own instructions, several times as fast: models of hundreds of MB are hashed at every checkpoint.
__attribute__((target("sha,sse4.1,ssse3"))) void shaBlocks(State &state, const std::uint8_t *bytes, std::size_t count)
{
    const auto at = [](auto *p) { return reinterpret_cast<__m128i *>(const_cast<std::uint32_t *>(p)); };
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    // The instructions want the state as (a, b, e, f) and (c, d, g, h).
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128(at(&state[0])), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128(at(&state[4])), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
    for (; count > 0; --count, bytes += 64) {
        const __m128i abefBefore = abef, cdghBefore = cdgh;
        __m128i w[4];
        for (std::size_t i = 0; i < 4; ++i)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes + 16 * i)), order);
        for (std::size_t i = 0; i < 16; ++i) {
            __m128i &now = w[i % 4];
            if (i >= 4) {
                const __m128i &before = w[(i + 3) % 4];
                now = _mm_sha256msg1_epu32(now, w[(i + 1) % 4]);
                now = _mm_add_epi32(now, _mm_alignr_epi8(before, w[(i + 2) % 4], 4));
                now = _mm_sha256msg2_epu32(now, before);
            }
            const __m128i sum = _mm_add_epi32(now, _mm_loadu_si128(at(&roundConstants[4 * i])));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        abef = _mm_add_epi32(abef, abefBefore);
        cdgh = _mm_add_epi32(cdgh, cdghBefore);
    }
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(at(&state[0]), _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128(at(&state[4]), _mm_alignr_epi8(high, low, 8));
}

#endif

} // namespace

void Sha256::blocks(const std::uint8_t *bytes, std::size_t count)
{
#if defined(__x86_64__) && defined(__GNUC__)
    static const bool fast = hasShaInstructions();
    if (fast && !m_plain)
        return shaBlocks(m_state, bytes, count);
#endif
    plainBlocks(m_state, bytes, count);
}

void Sha256::add(std::span<const std::uint8_t> bytes)
{
    const std::size_t held = m_length % 64;
    m_length += bytes.size();
    if (held > 0 || bytes.size() < 64) {
        const std::size_t n = std::min<std::size_t>(64 - held, bytes.size());
        std::copy_n(bytes.begin(), n, m_rest.begin() + static_cast<std::ptrdiff_t>(held));
        bytes = bytes.subspan(n);
        if (held + n < 64)
            return;
        blocks(m_rest.data(), 1);
    }
    blocks(bytes.data(), bytes.size() / 64);
    bytes = bytes.subspan(bytes.size() / 64 * 64);
    std::copy(bytes.begin(), bytes.end(), m_rest.begin());
}

void Sha256::add(std::string_view text)
{
    add(std::span(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()));
}

std::string Sha256::finish()
{
    const std::uint64_t bits = m_length * 8;
    const std::size_t held = m_length % 64;
    std::array<std::uint8_t, 128> padding{0x80};
    const std::size_t n = held < 56 ? 64 - held : 128 - held;
    for (std::size_t i = 0; i < 8; ++i)
        padding[n - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
    add(std::span(padding.data(), n));
    std::string hex;
    for (const auto word : m_state)
        for (int shift = 28; shift >= 0; shift -= 4)
            hex += "0123456789abcdef"[(word >> shift) & 15];
    return hex;
}

} // namespace reticle
