#pragma once

#include <cstdint>
#include <vector>

namespace reticle {

/// Regularised incomplete beta function I_x(a, b), a, b > 0, 0 <= x <= 1, by the continued fraction 8.17.22 of the
/// Digital Library of Mathematical Functions (https://dlmf.nist.gov/8.17); relative error below 1e-12 for a, b <= 1e4.
double incompleteBeta(double a, double b, double x);

/// P(|T| >= |t|) of Student's t with `freedom` degrees of freedom (may be no whole number).
double studentTwoSided(double t, double freedom);
/// t with studentTwoSided(t, freedom) = p, 0 < p < 1.
double studentQuantile(double p, double freedom);

/// Mean and sample standard deviation (n - 1). NaN where there are too few values.
struct MeanAndSpread
{
    double mean, sd;
    std::int64_t count;
};
MeanAndSpread meanAndSpread(const std::vector<double> &values);

/// Student's paired t test of a - b = 0, two-sided (Student 1908).
struct PairedTest
{
    std::int64_t pairs = 0;
    double difference, sd; ///< mean of a - b and its sample standard deviation
    double t, p;           ///< NaN with fewer than 2 pairs, or where all differences are equal
    double low, high;      ///< 95 % confidence interval of the difference
};
/// Of equally many values that belong together in order; pairs with a NaN are left out. `overlap` above 0: of trainings
/// that share data, slices of a test over slices of training, 1 / (k - 1) of k folds; the variance of the mean is then taken
/// as (1 / n + overlap) times that of the differences (Nadeau and Bengio 2003, section 5).
PairedTest pairedTest(const std::vector<double> &a, const std::vector<double> &b, double overlap = 0);

/// p values adjusted for their number (Holm 1979); NaN stays NaN and does not count.
std::vector<double> holm(const std::vector<double> &p);

} // namespace reticle
