#include "learn/modules/Winograd_p.h"

#include "foundation/Error.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define RETICLE_WINOGRAD 1
#include <immintrin.h>
#endif

#if AT_PARALLEL_OPENMP && !defined(_OPENMP)
#error "Compile core/learn with OpenMP: without it at::parallel_for runs on one thread and says nothing"
#endif

namespace reticle::winograd {

namespace {

[[noreturn]] void refuse()
{
    throw Error(Error::Kind::Failed, "Winograd convolution", "needs a processor with AVX-512");
}

} // namespace

#ifdef RETICLE_WINOGRAD

namespace {

constexpr std::int64_t lanes = 16, positions = 36;

std::int64_t roundUp(std::int64_t n, std::int64_t to)
{
    return (n + to - 1) / to * to;
}

/// 64-byte aligned floats that a thread keeps from call to call.
class Buffer
{
public:
    float *get(std::int64_t n)
    {
        if (n > m_size) {
            m_data.reset(static_cast<float *>(std::aligned_alloc(64, static_cast<std::size_t>(roundUp(n, lanes)) * 4)));
            if (!m_data)
                throw std::bad_alloc();
            m_size = n;
        }
        return m_data.get();
    }

private:
    struct Free
    {
        void operator()(float *p) const { std::free(p); }
    };
    std::unique_ptr<float, Free> m_data;
    std::int64_t m_size = 0;
};

/// The image cut into 4 x 4 pixels of output, taken in blocks whose transforms stay in the cache.
struct Plan
{
    Plan(const Shape &s, std::int64_t in, std::int64_t out)
        : height(s.height), width(s.width), in(in), out(out), inPadded(roundUp(in, lanes)), outPadded(roundUp(out, lanes)),
          rows((s.height + 3) / 4), columns((s.width + 3) / 4), tiles(s.n * rows * columns)
    {
        constexpr std::int64_t cache = 800'000, step = 24;
        block = std::clamp<std::int64_t>(cache / (positions * 4 * (inPadded + outPadded)) / step * step, step, 96);
        blocks = (tiles + block - 1) / block;
        // A row more than needed, so that the 36 planes do not fall on the same sets of the cache.
        inPlane = block * inPadded + lanes;
        outPlane = block * outPadded + lanes;
    }
    std::int64_t height, width, in, out, inPadded, outPadded, rows, columns, tiles, block = 0, blocks = 0, inPlane = 0,
                                                                                    outPlane = 0;

    struct Tile
    {
        std::int64_t image, y, x; ///< of its first pixel of output
    };
    Tile tile(std::int64_t i) const
    {
        const auto perImage = rows * columns;
        return {i / perImage, i % perImage / columns * 4, i % columns * 4};
    }
};

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,fma,avx2")

using Vector = __m512;

inline Vector times(float a, Vector x)
{
    return _mm512_mul_ps(_mm512_set1_ps(a), x);
}
inline Vector plusTimes(Vector y, float a, Vector x)
{
    return _mm512_fmadd_ps(_mm512_set1_ps(a), x, y);
}
inline Vector plus(Vector a, Vector b)
{
    return _mm512_add_ps(a, b);
}
inline Vector minus(Vector a, Vector b)
{
    return _mm512_sub_ps(a, b);
}

inline __mmask16 maskOf(std::int64_t count)
{
    return static_cast<__mmask16>(count >= lanes ? 0xffff : (1 << count) - 1);
}

// The transforms of Lavin and Gray, for the points 0, 1, -1, 2, -2 and infinity.

/// B^T d
inline void inputTransform(const Vector d[6], Vector v[6])
{
    const Vector a = plusTimes(d[4], -4, d[2]), b = plusTimes(d[3], -4, d[1]);
    const Vector c = minus(d[4], d[2]), e = times(2, minus(d[3], d[1]));
    v[0] = plusTimes(plusTimes(d[4], 4, d[0]), -5, d[2]);
    v[1] = plus(a, b);
    v[2] = minus(a, b);
    v[3] = plus(c, e);
    v[4] = minus(c, e);
    v[5] = plusTimes(plusTimes(d[5], 4, d[1]), -5, d[3]);
}

/// A^T m
inline void outputTransform(const Vector m[6], Vector y[4])
{
    const Vector a = plus(m[1], m[2]), b = minus(m[1], m[2]), c = plus(m[3], m[4]), d = minus(m[3], m[4]);
    y[0] = plus(plus(m[0], a), c);
    y[1] = plusTimes(b, 2, d);
    y[2] = plusTimes(a, 4, c);
    y[3] = plus(plusTimes(b, 8, d), m[5]);
}

/// A y, the transpose of outputTransform
inline void gradientTransform(const Vector y[4], Vector m[6])
{
    const Vector a = plus(y[0], y[2]), b = plus(y[1], y[3]);
    const Vector c = plusTimes(y[0], 4, y[2]), d = times(2, plusTimes(y[1], 4, y[3]));
    m[0] = y[0];
    m[1] = plus(a, b);
    m[2] = minus(a, b);
    m[3] = plus(c, d);
    m[4] = minus(c, d);
    m[5] = y[3];
}

/// G g
inline void weightTransform(const Vector g[3], Vector u[6])
{
    const Vector a = times(-1.0f / 6, plus(g[0], g[2])), b = times(1.0f / 6, g[1]);
    const Vector c = plusTimes(times(1.0f / 24, g[0]), 1.0f / 6, g[2]), d = times(1.0f / 12, g[1]);
    u[0] = times(0.25f, g[0]);
    u[1] = minus(a, b);
    u[2] = plus(a, b);
    u[3] = plus(c, d);
    u[4] = minus(c, d);
    u[5] = g[2];
}

/// G^T u
inline void weightGradientTransform(const Vector u[6], Vector g[3])
{
    const Vector a = plus(u[1], u[2]), b = minus(u[2], u[1]), c = plus(u[3], u[4]), d = minus(u[3], u[4]);
    g[0] = plusTimes(plusTimes(times(0.25f, u[0]), -1.0f / 6, a), 1.0f / 24, c);
    g[1] = plusTimes(times(1.0f / 6, b), 1.0f / 12, d);
    g[2] = plusTimes(plusTimes(u[5], -1.0f / 6, a), 1.0f / 6, c);
}

/// B^T d B of the 6 x 6 pixels around a tile, into v[position * plane]: 16 channels from `x`, outside the image zero.
void transformInput(const Plan &p, const Plan::Tile &t, const float *image, std::int64_t channels, std::int64_t c, float *v,
                    std::int64_t plane)
{
    const auto mask = maskOf(channels - c);
    const bool inside = t.y > 0 && t.x > 0 && t.y + 5 <= p.height && t.x + 5 <= p.width;
    const float *origin = image + ((t.y - 1) * p.width + t.x - 1) * channels + c;
    const auto line = p.width * channels;
    Vector half[6][6];
    for (std::int64_t j = 0; j < 6; ++j) {
        Vector d[6];
        if (inside) {
#pragma GCC unroll 6
            for (std::int64_t i = 0; i < 6; ++i)
                d[i] = _mm512_maskz_loadu_ps(mask, origin + i * line + j * channels);
        } else {
            const auto x = t.x - 1 + j;
            for (std::int64_t i = 0; i < 6; ++i) {
                const auto y = t.y - 1 + i;
                d[i] = y >= 0 && y < p.height && x >= 0 && x < p.width
                           ? _mm512_maskz_loadu_ps(mask, origin + i * line + j * channels)
                           : _mm512_setzero_ps();
            }
        }
        Vector r[6];
        inputTransform(d, r);
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i)
            half[i][j] = r[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) {
        Vector r[6];
        inputTransform(half[i], r);
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j)
            _mm512_store_ps(v + (i * 6 + j) * plane, r[j]);
    }
}

/// A^T m A, then the epilogue, into the tile's pixels of the image.
void transformOutput(const Plan &p, const Plan::Tile &t, float *image, std::int64_t channels, std::int64_t c, const float *m,
                     std::int64_t plane, const Epilogue &e)
{
    const auto mask = maskOf(channels - c);
    Vector half[4][6];
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) {
        Vector d[6], r[4];
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i)
            d[i] = _mm512_load_ps(m + (i * 6 + j) * plane);
        outputTransform(d, r);
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
            half[i][j] = r[i];
    }
    const Vector scale = e.scale ? _mm512_maskz_loadu_ps(mask, e.scale + c) : _mm512_set1_ps(1);
    const Vector shift = e.shift ? _mm512_maskz_loadu_ps(mask, e.shift + c) : _mm512_setzero_ps();
    const Vector slope = _mm512_set1_ps(e.slope);
    const bool any = e.scale || e.shift || e.slope != 1;
    const auto height = std::min<std::int64_t>(4, p.height - t.y), width = std::min<std::int64_t>(4, p.width - t.x);
    for (std::int64_t i = 0; i < height; ++i) {
        Vector r[4];
        outputTransform(half[i], r);
        float *to = image + ((t.y + i) * p.width + t.x) * channels + c;
        for (std::int64_t j = 0; j < width; ++j) {
            Vector z = r[j];
            if (any) {
                z = _mm512_fmadd_ps(z, scale, shift);
                z = _mm512_mask_mul_ps(z, _mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_LT_OQ), z, slope);
            }
            _mm512_mask_storeu_ps(to + j * channels, mask, z);
        }
    }
}

/// A dy A^T of a tile's 4 x 4 pixels, outside the image zero.
void transformGradient(const Plan &p, const Plan::Tile &t, const float *image, std::int64_t channels, std::int64_t c, float *m,
                       std::int64_t plane)
{
    const auto mask = maskOf(channels - c);
    const auto height = std::min<std::int64_t>(4, p.height - t.y), width = std::min<std::int64_t>(4, p.width - t.x);
    const float *origin = image + (t.y * p.width + t.x) * channels + c;
    Vector half[6][4];
    for (std::int64_t j = 0; j < 4; ++j) {
        Vector d[4], r[6];
        for (std::int64_t i = 0; i < 4; ++i)
            d[i] = i < height && j < width ? _mm512_maskz_loadu_ps(mask, origin + (i * p.width + j) * channels)
                                           : _mm512_setzero_ps();
        gradientTransform(d, r);
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i)
            half[i][j] = r[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) {
        Vector r[6];
        gradientTransform(half[i], r);
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j)
            _mm512_store_ps(m + (i * 6 + j) * plane, r[j]);
    }
}

/// m (Rows, 16 Columns) = v (Rows, depth) u (depth, 16 Columns); with `Across` v is (depth, Rows) and m is added to. Line
/// lengths given.
template <int Rows, int Columns, bool Across> inline void
product(const float *v, std::int64_t vLine, const float *u, std::int64_t uLine, float *m, std::int64_t mLine, std::int64_t depth)
{
    const std::int64_t row = Across ? 1 : vLine, step = Across ? vLine : 1;
    Vector sum[Rows][Columns];
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
        for (int c = 0; c < Columns; ++c)
            sum[r][c] = Across ? _mm512_load_ps(m + r * mLine + c * lanes) : _mm512_setzero_ps();
#pragma GCC unroll 1
    for (std::int64_t k = 0; k < depth; ++k) {
        Vector b[Columns];
#pragma GCC unroll 4
        for (int c = 0; c < Columns; ++c)
            b[c] = _mm512_load_ps(u + k * uLine + c * lanes);
#pragma GCC unroll 32
        for (int r = 0; r < Rows; ++r) {
            const Vector a = _mm512_set1_ps(v[r * row + k * step]);
#pragma GCC unroll 4
            for (int c = 0; c < Columns; ++c)
                sum[r][c] = _mm512_fmadd_ps(a, b[c], sum[r][c]);
        }
    }
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
        for (int c = 0; c < Columns; ++c)
            _mm512_store_ps(m + r * mLine + c * lanes, sum[r][c]);
}

/// The same for whole planes, `rows` of m by all output channels. Two vectors of channels at a time where there are two:
/// TwoRows or OneRows rows then fill the registers, and divide `rows`.
template <int TwoRows, int OneRows, bool Across>
void multiply(const Plan &p, const float *v, const float *u, float *m, std::int64_t rows, std::int64_t depth)
{
    const std::int64_t row = Across ? 1 : p.inPadded;
    for (std::int64_t c = 0; c < p.outPadded;) {
        const bool two = p.outPadded - c >= 2 * lanes;
        for (std::int64_t r = 0; r < rows; r += two ? TwoRows : OneRows) {
            float *to = m + r * p.outPadded + c;
            if (two)
                product<TwoRows, 2, Across>(v + r * row, p.inPadded, u + c, p.outPadded, to, p.outPadded, depth);
            else
                product<OneRows, 1, Across>(v + r * row, p.inPadded, u + c, p.outPadded, to, p.outPadded, depth);
        }
        c += two ? 2 * lanes : lanes;
    }
}

/// G g G^T of 16 neighboring outputs: `taps` (9, in, out padded) -> u (36, in padded, out padded).
void transformWeights(const Plan &p, const float *taps, float *u, std::int64_t k)
{
    for (std::int64_t c = 0; c < p.outPadded; c += lanes) {
        Vector half[6][3];
        for (int j = 0; j < 3; ++j) {
            Vector g[3], r[6];
            for (int i = 0; i < 3; ++i)
                g[i] = _mm512_load_ps(taps + ((i * 3 + j) * p.in + k) * p.outPadded + c);
            weightTransform(g, r);
            for (int i = 0; i < 6; ++i)
                half[i][j] = r[i];
        }
        for (int i = 0; i < 6; ++i) {
            Vector r[6];
            weightTransform(half[i], r);
            for (int j = 0; j < 6; ++j)
                _mm512_store_ps(u + ((i * 6 + j) * p.inPadded + k) * p.outPadded + c, r[j]);
        }
    }
}

/// G^T du G of one input channel: du (36, in padded, out padded) -> taps (9, in, out padded).
void transformWeightGradient(const Plan &p, const float *du, float *taps, std::int64_t k)
{
    for (std::int64_t c = 0; c < p.outPadded; c += lanes) {
        Vector half[3][6];
        for (int j = 0; j < 6; ++j) {
            Vector d[6], r[3];
            for (int i = 0; i < 6; ++i)
                d[i] = _mm512_load_ps(du + ((i * 6 + j) * p.inPadded + k) * p.outPadded + c);
            weightGradientTransform(d, r);
            for (int i = 0; i < 3; ++i)
                half[i][j] = r[i];
        }
        for (int i = 0; i < 3; ++i) {
            Vector r[3];
            weightGradientTransform(half[i], r);
            for (int j = 0; j < 3; ++j)
                _mm512_store_ps(taps + ((i * 3 + j) * p.in + k) * p.outPadded + c, r[j]);
        }
    }
}

#pragma GCC pop_options

Buffer &buffer(int which)
{
    static thread_local Buffer buffers[4];
    return buffers[which];
}

/// The blocks from `begin` to `end`: the tiles around each are transformed into v (36 planes of tiles x channels), then
/// `work(v, first tile, number of tiles)` is called.
template <class Work> void eachBlock(const Plan &p, const float *x, std::int64_t begin, std::int64_t end, const Work &work)
{
    float *v = buffer(2).get(positions * p.inPlane);
    for (auto b = begin; b < end; ++b) {
        const auto first = b * p.block, count = std::min(p.block, p.tiles - first);
        for (std::int64_t i = 0; i < count; ++i) {
            const auto t = p.tile(first + i);
            for (std::int64_t c = 0; c < p.in; c += lanes)
                transformInput(p, t, x + t.image * p.height * p.width * p.in, p.in, c, v + i * p.inPadded + c, p.inPlane);
        }
        work(v, first, count);
    }
}

/// y of `plan` from x with taps (9, in, out padded), zero where padded.
void convolve(const Plan &p, const float *x, const float *taps, float *y, const Epilogue &epilogue)
{
    float *u = buffer(1).get(positions * p.inPadded * p.outPadded);
    at::parallel_for(0, p.inPadded, 8, [&](std::int64_t begin, std::int64_t end) {
        for (auto k = begin; k < end; ++k) {
            if (k < p.in)
                transformWeights(p, taps, u, k);
            else
                for (std::int64_t i = 0; i < positions; ++i)
                    std::memset(u + (i * p.inPadded + k) * p.outPadded, 0, static_cast<std::size_t>(p.outPadded) * 4);
        }
    });
    at::parallel_for(0, p.blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        float *m = buffer(3).get(positions * p.outPlane);
        eachBlock(p, x, begin, end, [&](const float *v, std::int64_t first, std::int64_t count) {
            for (std::int64_t i = 0; i < positions; ++i)
                multiply<12, 24, false>(p, v + i * p.inPlane, u + i * p.inPadded * p.outPadded, m + i * p.outPlane, p.block,
                                        p.inPadded);
            for (std::int64_t i = 0; i < count; ++i) {
                const auto t = p.tile(first + i);
                float *image = y + t.image * p.height * p.width * p.out;
                for (std::int64_t c = 0; c < p.out; c += lanes)
                    transformOutput(p, t, image, p.out, c, m + i * p.outPadded + c, p.outPlane, epilogue);
            }
        });
    });
}

bool hasAvx512()
{
    static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
    return has;
}

void requireAvx512()
{
    if (!hasAvx512())
        refuse();
}

} // namespace

bool suits(const Shape &s)
{
    // Few channels leave most lanes empty; very many want blocks larger than the cache; a tiny image is one block.
    return hasAvx512() && s.in >= 12 && s.out >= 12 && s.in * s.out <= 512 * 512 && s.height >= 4 && s.width >= 4 &&
           s.n * s.height * s.width >= 1024;
}

void forward(const Shape &s, const float *x, const float *weights, float *y, const Epilogue &epilogue)
{
    requireAvx512();
    const Plan p(s, s.in, s.out);
    float *taps = buffer(0).get(9 * p.in * p.outPadded);
    std::memset(taps, 0, static_cast<std::size_t>(9 * p.in * p.outPadded) * 4);
    for (std::int64_t o = 0; o < s.out; ++o)
        for (std::int64_t k = 0; k < 9; ++k)
            for (std::int64_t i = 0; i < s.in; ++i)
                taps[(k * s.in + i) * p.outPadded + o] = weights[(o * 9 + k) * s.in + i];
    convolve(p, x, taps, y, epilogue);
}

void inputGradient(const Shape &s, const float *dy, const float *weights, float *dx)
{
    requireAvx512();
    // The same convolution with the taps turned round and the channels exchanged.
    const Plan p(s, s.out, s.in);
    float *taps = buffer(0).get(9 * p.in * p.outPadded);
    std::memset(taps, 0, static_cast<std::size_t>(9 * p.in * p.outPadded) * 4);
    for (std::int64_t k = 0; k < 9; ++k)
        for (std::int64_t o = 0; o < s.out; ++o)
            std::copy_n(weights + (o * 9 + 8 - k) * s.in, s.in, taps + (k * s.out + o) * p.outPadded);
    convolve(p, dy, taps, dx, {});
}

void weightGradient(const Shape &s, const float *x, const float *dy, float *dWeights)
{
    requireAvx512();
    const Plan p(s, s.in, s.out);
    const auto size = positions * p.inPadded * p.outPadded;
    // A sum for each thread, in 128 MB at most.
    const auto parts = std::min(
        {p.blocks, static_cast<std::int64_t>(at::get_num_threads()), std::max<std::int64_t>(1, (std::int64_t(1) << 25) / size)});
    float *all = buffer(1).get(parts * size);
    at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto part = begin; part < end; ++part) {
            float *m = buffer(3).get(positions * p.outPlane), *sum = all + part * size;
            std::memset(sum, 0, static_cast<std::size_t>(size) * 4);
            const auto from = part * p.blocks / parts, to = (part + 1) * p.blocks / parts;
            eachBlock(p, x, from, to, [&](const float *v, std::int64_t first, std::int64_t count) {
                for (std::int64_t i = 0; i < count; ++i) {
                    const auto t = p.tile(first + i);
                    for (std::int64_t c = 0; c < p.out; c += lanes)
                        transformGradient(p, t, dy + t.image * p.height * p.width * p.out, p.out, c, m + i * p.outPadded + c,
                                          p.outPlane);
                }
                for (std::int64_t i = 0; i < positions; ++i)
                    multiply<8, 16, true>(p, v + i * p.inPlane, m + i * p.outPlane, sum + i * p.inPadded * p.outPadded,
                                          p.inPadded, count);
            });
        }
    });
    for (std::int64_t part = 1; part < parts; ++part)
        for (std::int64_t i = 0; i < size; ++i)
            all[i] += all[part * size + i];
    float *taps = buffer(0).get(9 * p.in * p.outPadded);
    for (std::int64_t k = 0; k < p.in; ++k)
        transformWeightGradient(p, all, taps, k);
    for (std::int64_t o = 0; o < s.out; ++o)
        for (std::int64_t k = 0; k < 9; ++k)
            for (std::int64_t i = 0; i < s.in; ++i)
                dWeights[(o * 9 + k) * s.in + i] = taps[(k * s.in + i) * p.outPadded + o];
}

#else

bool suits(const Shape &)
{
    return false;
}
void forward(const Shape &, const float *, const float *, float *, const Epilogue &)
{
    refuse();
}
void inputGradient(const Shape &, const float *, const float *, float *)
{
    refuse();
}
void weightGradient(const Shape &, const float *, const float *, float *)
{
    refuse();
}

#endif

} // namespace reticle::winograd
