#include "compare/PairedTest.h"
#include "foundation/Nan.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace reticle {

namespace {

/// 1 + d1 / (1 + d2 / (1 + ...)), numerators and denominators of the convergents in turn (Lentz 1976, with the guard of
/// Thompson and Barnett 1986 against a denominator of 0).
double betaFraction(double a, double b, double x)
{
    constexpr double tiny = 1e-300;
    const auto kept = [](double v) { return std::abs(v) < tiny ? tiny : v; };
    double f = 1, c = 1, d = 0;
    for (int k = 1; k < 20000; ++k) {
        const auto m = static_cast<double>(k / 2); // whole
        const double term = k % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                       : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / kept(1 + term * d);
        c = kept(1 + term / c);
        f *= c * d;
        if (std::abs(c * d - 1) < 1e-15)
            break;
    }
    return f;
}

} // namespace

double incompleteBeta(double a, double b, double x)
{
    assert(a > 0 && b > 0);
    if (std::isnan(x))
        return nan;
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    // The fraction converges fast on this side; the other one follows by symmetry.
    if (x > (a + 1) / (a + b + 2))
        return 1 - incompleteBeta(b, a, 1 - x);
    const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    return front / a / betaFraction(a, b, x);
}

double studentTwoSided(double t, double freedom)
{
    if (std::isnan(t) || !(freedom > 0))
        return nan;
    if (std::isinf(t))
        return 0;
    return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double studentQuantile(double p, double freedom)
{
    if (!(p > 0 && p < 1) || !(freedom > 0))
        return nan;
    double low = 0, high = 1;
    while (studentTwoSided(high, freedom) > p && high < 1e300)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-14 * high; ++i) {
        const double middle = (low + high) / 2;
        (studentTwoSided(middle, freedom) > p ? low : high) = middle;
    }
    return (low + high) / 2;
}

MeanAndSpread meanAndSpread(const std::vector<double> &values)
{
    MeanAndSpread m{nan, nan, static_cast<std::int64_t>(values.size())};
    if (values.empty())
        return m;
    const auto n = static_cast<double>(values.size());
    m.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    if (values.size() > 1) {
        double squares = 0;
        for (const double v : values)
            squares += (v - m.mean) * (v - m.mean);
        m.sd = std::sqrt(squares / (n - 1));
    }
    return m;
}

PairedTest pairedTest(const std::vector<double> &a, const std::vector<double> &b, double overlap)
{
    assert(a.size() == b.size());
    std::vector<double> differences;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!std::isnan(a[i]) && !std::isnan(b[i]))
            differences.push_back(a[i] - b[i]);
    const auto m = meanAndSpread(differences);
    PairedTest test{m.count, m.mean, m.sd, nan, nan, nan, nan};
    if (m.count < 2)
        return test;
    const double freedom = static_cast<double>(m.count - 1), error = m.sd * std::sqrt(1 / static_cast<double>(m.count) + overlap);
    const double half = studentQuantile(0.05, freedom) * error;
    test.low = m.mean - half;
    test.high = m.mean + half;
    if (error > 0) {
        test.t = m.mean / error;
        test.p = studentTwoSided(test.t, freedom);
    }
    return test;
}

std::vector<double> holm(const std::vector<double> &p)
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (!std::isnan(p[i]))
            order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
    std::vector<double> adjusted(p.size(), nan);
    double highest = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        highest = std::max(highest, std::min(1.0, static_cast<double>(order.size() - k) * p[order[k]]));
        adjusted[order[k]] = highest;
    }
    return adjusted;
}

} // namespace reticle
