#include "analysis/wavelet/WaveletKernels_p.h"

#include "foundation/Random.h"
#include "support/Test.h"

#include <cmath>
#include <vector>

using namespace reticle;
using namespace reticle::wavelet;

namespace {

/// Sizes about the widths of vectors and the length of a block of outputs.
const std::vector<std::int64_t> sizes{0, 1, 2, 3, 7, 8, 9, 31, 64, 2047, 2048, 2049, 5000};

template <class T> struct Precision;
template <> struct Precision<float>
{
    static constexpr double tolerance = 2e-5;
};
template <> struct Precision<double>
{
    static constexpr double tolerance = 1e-13;
};

constexpr int guard = 17; // numbers after an output that must stay as they are

template <class T> std::vector<T> noise(std::int64_t n, std::uint64_t seed)
{
    Random random(seed);
    std::vector<T> v(static_cast<std::size_t>(n));
    for (auto &x : v)
        x = static_cast<T>(random.uniform(-1, 1));
    return v;
}

template <class T> std::vector<T> output(std::int64_t n)
{
    return std::vector<T>(static_cast<std::size_t>(n + guard), T(-77));
}

template <class T> bool keptGuard(const std::vector<T> &v)
{
    return std::all_of(v.end() - guard, v.end(), [](T x) { return x == T(-77); });
}

template <class T> void combinesByTheDefinition()
{
    for (const int taps : {2, 4, 6, 8, 10, 12, 30, 40})
        for (const auto n : sizes) {
            const auto a = noise<T>(taps, 1), b = noise<T>(taps, 2);
            const auto line = noise<T>(n + taps, 3);
            std::vector<const T *> rows; // one line at different shifts: rows may overlap
            for (int t = 0; t < taps; ++t)
                rows.push_back(line.data() + (t % 3 == 0 ? t : taps - t));
            auto outA = output<T>(n), outB = output<T>(n);
            combine(rows.data(), a.data(), b.data(), taps, outA.data(), outB.data(), n);
            for (std::int64_t x = 0; x < n; ++x) {
                double sumA = 0, sumB = 0;
                for (int t = 0; t < taps; ++t) {
                    const double v = rows[static_cast<std::size_t>(t)][x];
                    sumA += v * static_cast<double>(a[static_cast<std::size_t>(t)]);
                    sumB += v * static_cast<double>(b[static_cast<std::size_t>(t)]);
                }
                QVERIFY(std::abs(static_cast<double>(outA[static_cast<std::size_t>(x)]) - sumA) < Precision<T>::tolerance);
                QVERIFY(std::abs(static_cast<double>(outB[static_cast<std::size_t>(x)]) - sumB) < Precision<T>::tolerance);
            }
            QVERIFY2(keptGuard(outA) && keptGuard(outB), qPrintable(QStringLiteral("%1 taps, %2").arg(taps).arg(n)));
        }
}

template <class T> void partsAndMerges()
{
    for (const auto n : sizes) {
        const auto x = noise<T>(2 * n, 4);
        auto even = output<T>(n), odd = output<T>(n), back = output<T>(2 * n);
        part(x.data(), even.data(), odd.data(), n);
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
            QVERIFY(even[i] == x[2 * i] && odd[i] == x[2 * i + 1]);
        merge(even.data(), odd.data(), back.data(), n);
        QVERIFY(std::equal(x.begin(), x.end(), back.begin()));
        QVERIFY(keptGuard(even) && keptGuard(odd) && keptGuard(back));
    }
}

template <class T> void haarIsSumsAndDifferences()
{
    for (const auto n : sizes) {
        const auto top = noise<T>(2 * n, 5), bottom = noise<T>(2 * n, 6);
        auto a = output<T>(n), h = output<T>(n), v = output<T>(n), d = output<T>(n);
        haarForward(top.data(), bottom.data(), a.data(), h.data(), v.data(), d.data(), n);
        const auto is = [](T found, double wanted) {
            return std::abs(static_cast<double>(found) - wanted) < Precision<T>::tolerance;
        };
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            const double p = top[2 * i], q = top[2 * i + 1], r = bottom[2 * i], s = bottom[2 * i + 1];
            QVERIFY(is(a[i], (p + q + r + s) / 2));
            QVERIFY(is(h[i], (p + q - r - s) / 2)); // H answers to a change from row to row
            QVERIFY(is(v[i], (p - q + r - s) / 2));
            QVERIFY(is(d[i], (p - q - r + s) / 2));
        }
        auto upper = output<T>(2 * n), lower = output<T>(2 * n);
        haarInverse(a.data(), h.data(), v.data(), d.data(), upper.data(), lower.data(), n);
        for (std::size_t i = 0; i < top.size(); ++i)
            QVERIFY(is(upper[i], top[i]) && is(lower[i], bottom[i]));
        for (const auto &out : {a, h, v, d, upper, lower})
            QVERIFY(keptGuard(out));
    }
}

} // namespace

class WaveletKernelsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void combine32() { combinesByTheDefinition<float>(); }
    void combine64() { combinesByTheDefinition<double>(); }
    void partAndMerge32() { partsAndMerges<float>(); }
    void partAndMerge64() { partsAndMerges<double>(); }
    void haar32() { haarIsSumsAndDifferences<float>(); }
    void haar64() { haarIsSumsAndDifferences<double>(); }
    void zeroTapsAddNothing()
    {
        // A filter that is shorter than its row of taps is filled up with zeros; rows of infinities are no zeros.
        const std::vector<double> ones(64, 1.0), zeros(64, 0.0);
        const double *rows[] = {ones.data(), zeros.data(), ones.data(), zeros.data(), ones.data(), ones.data()};
        const double a[] = {1, 5, 2, 5, 0, 0}, b[] = {0, 7, 0, 7, 3, -3};
        std::vector<double> outA(64, -1.0), outB(64, -1.0);
        combine(rows, a, b, 6, outA.data(), outB.data(), 64);
        QCOMPARE(outA, std::vector<double>(64, 3.0));
        QCOMPARE(outB, zeros);
    }
};

RETICLE_TEST(WaveletKernelsTest)
#include "WaveletKernelsTest.moc"
