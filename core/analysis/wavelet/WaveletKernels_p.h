#pragma once

#include <cstdint>

namespace reticle::wavelet {

/// Flat loops of the transform, compiled for several instruction sets. No argument may overlap an output.

/// outA[x] = sum over t of a[t] * rows[t][x], outB with b; `taps` is even, at least 2. Serves both passes and both
/// directions: rows are lines of an image, or one line at different shifts.
void combine(const float *const *rows, const float *a, const float *b, int taps, float *outA, float *outB, std::int64_t n);
void combine(const double *const *rows, const double *a, const double *b, int taps, double *outA, double *outB, std::int64_t n);

/// even[i] = x[2 i], odd[i] = x[2 i + 1]
void part(const float *x, float *even, float *odd, std::int64_t n);
void part(const double *x, double *even, double *odd, std::int64_t n);
/// x[2 i] = even[i], x[2 i + 1] = odd[i]
void merge(const float *even, const float *odd, float *x, std::int64_t n);
void merge(const double *even, const double *odd, double *x, std::int64_t n);

/// Haar on two lines of 2 n samples.
void haarForward(const float *top, const float *bottom, float *a, float *h, float *v, float *d, std::int64_t n);
void haarForward(const double *top, const double *bottom, double *a, double *h, double *v, double *d, std::int64_t n);
void haarInverse(const float *a, const float *h, const float *v, const float *d, float *top, float *bottom, std::int64_t n);
void haarInverse(const double *a, const double *h, const double *v, const double *d, double *top, double *bottom, std::int64_t n);

} // namespace reticle::wavelet
