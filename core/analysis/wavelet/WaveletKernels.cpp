#include "analysis/wavelet/WaveletKernels_p.h"

#include "foundation/Clones_p.h"

#include <algorithm>

#define CLONED RETICLE_CLONES("avx512f", "arch=haswell", "default")

namespace reticle::wavelet {

namespace {

constexpr std::int64_t block = 2048; // outputs stay in the nearest cache while the taps go by

template <class T>
RETICLE_INLINE void combineBody(const T *const *rows, const T *a, const T *b, int taps, T *outA, T *outB, std::int64_t n)
{
    for (std::int64_t begin = 0; begin < n; begin += block) {
        const std::int64_t length = std::min(block, n - begin);
        T *__restrict ya = outA + begin;
        T *__restrict yb = outB + begin;
        int t = 0;
        if (taps % 4) {
            const T *__restrict p = rows[0] + begin;
            const T *__restrict q = rows[1] + begin;
            const T ap = a[0], aq = a[1], bp = b[0], bq = b[1];
            for (std::int64_t x = 0; x < length; ++x) {
                ya[x] = ap * p[x] + aq * q[x];
                yb[x] = bp * p[x] + bq * q[x];
            }
            t = 2;
        } else {
            const T *__restrict p = rows[0] + begin;
            const T *__restrict q = rows[1] + begin;
            const T *__restrict r = rows[2] + begin;
            const T *__restrict s = rows[3] + begin;
            const T ap = a[0], aq = a[1], ar = a[2], as = a[3], bp = b[0], bq = b[1], br = b[2], bs = b[3];
            for (std::int64_t x = 0; x < length; ++x) {
                ya[x] = (ap * p[x] + aq * q[x]) + (ar * r[x] + as * s[x]);
                yb[x] = (bp * p[x] + bq * q[x]) + (br * r[x] + bs * s[x]);
            }
            t = 4;
        }
        for (; t < taps; t += 4) {
            const T *__restrict p = rows[t] + begin;
            const T *__restrict q = rows[t + 1] + begin;
            const T *__restrict r = rows[t + 2] + begin;
            const T *__restrict s = rows[t + 3] + begin;
            const T ap = a[t], aq = a[t + 1], ar = a[t + 2], as = a[t + 3];
            const T bp = b[t], bq = b[t + 1], br = b[t + 2], bs = b[t + 3];
            for (std::int64_t x = 0; x < length; ++x) {
                ya[x] += (ap * p[x] + aq * q[x]) + (ar * r[x] + as * s[x]);
                yb[x] += (bp * p[x] + bq * q[x]) + (br * r[x] + bs * s[x]);
            }
        }
    }
}

template <class T> RETICLE_INLINE void partBody(const T *__restrict x, T *__restrict even, T *__restrict odd, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        even[i] = x[2 * i];
        odd[i] = x[2 * i + 1];
    }
}

template <class T>
RETICLE_INLINE void mergeBody(const T *__restrict even, const T *__restrict odd, T *__restrict x, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        x[2 * i] = even[i];
        x[2 * i + 1] = odd[i];
    }
}

template <class T> RETICLE_INLINE void haarForwardBody(const T *__restrict top, const T *__restrict bottom, T *__restrict a,
                                                       T *__restrict h, T *__restrict v, T *__restrict d, std::int64_t n)
{
    const T half(0.5);
    for (std::int64_t i = 0; i < n; ++i) {
        const T p = half * top[2 * i], q = half * top[2 * i + 1], r = half * bottom[2 * i], s = half * bottom[2 * i + 1];
        const T sumTop = p + q, sumBottom = r + s, stepTop = p - q, stepBottom = r - s;
        a[i] = sumTop + sumBottom;
        h[i] = sumTop - sumBottom;
        v[i] = stepTop + stepBottom;
        d[i] = stepTop - stepBottom;
    }
}

template <class T> RETICLE_INLINE void haarInverseBody(const T *__restrict a, const T *__restrict h, const T *__restrict v,
                                                       const T *__restrict d, T *__restrict top, T *__restrict bottom,
                                                       std::int64_t n)
{
    const T half(0.5);
    for (std::int64_t i = 0; i < n; ++i) {
        const T p = half * a[i], q = half * h[i], r = half * v[i], s = half * d[i];
        const T sumTop = p + q, sumBottom = p - q, stepTop = r + s, stepBottom = r - s;
        top[2 * i] = sumTop + stepTop;
        top[2 * i + 1] = sumTop - stepTop;
        bottom[2 * i] = sumBottom + stepBottom;
        bottom[2 * i + 1] = sumBottom - stepBottom;
    }
}

} // namespace

// A template cannot be cloned, so each type is spelt out.
#define RETICLE_FOR_TYPE(T)                                                                                                      \
    CLONED void combine(const T *const *rows, const T *a, const T *b, int taps, T *outA, T *outB, std::int64_t n)                \
    {                                                                                                                            \
        combineBody(rows, a, b, taps, outA, outB, n);                                                                            \
    }                                                                                                                            \
    CLONED void part(const T *x, T *even, T *odd, std::int64_t n)                                                                \
    {                                                                                                                            \
        partBody(x, even, odd, n);                                                                                               \
    }                                                                                                                            \
    CLONED void merge(const T *even, const T *odd, T *x, std::int64_t n)                                                         \
    {                                                                                                                            \
        mergeBody(even, odd, x, n);                                                                                              \
    }                                                                                                                            \
    CLONED void haarForward(const T *top, const T *bottom, T *a, T *h, T *v, T *d, std::int64_t n)                               \
    {                                                                                                                            \
        haarForwardBody(top, bottom, a, h, v, d, n);                                                                             \
    }                                                                                                                            \
    CLONED void haarInverse(const T *a, const T *h, const T *v, const T *d, T *top, T *bottom, std::int64_t n)                   \
    {                                                                                                                            \
        haarInverseBody(a, h, v, d, top, bottom, n);                                                                             \
    }

RETICLE_FOR_TYPE(float)
RETICLE_FOR_TYPE(double)
#undef RETICLE_FOR_TYPE

} // namespace reticle::wavelet
