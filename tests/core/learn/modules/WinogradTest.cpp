#include "foundation/Error.h"
#include "learn/modules/Winograd_p.h"

#include "support/Test.h"

#include <cmath>
#include <random>

using namespace reticle;

namespace {

/// The three results summed directly in double precision.
struct Direct
{
    std::vector<double> y, dx, dw;

    Direct(const winograd::Shape &s, const std::vector<float> &x, const std::vector<float> &w, const std::vector<float> &dy)
        : y(dy.size()), dx(x.size()), dw(w.size())
    {
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t i = 0; i < s.height; ++i)
                for (std::int64_t j = 0; j < s.width; ++j)
                    for (int tap = 0; tap < 9; ++tap) {
                        const auto row = i + tap / 3 - 1, column = j + tap % 3 - 1;
                        if (row < 0 || column < 0 || row >= s.height || column >= s.width)
                            continue;
                        const auto from = ((n * s.height + row) * s.width + column) * s.in;
                        const auto to = ((n * s.height + i) * s.width + j) * s.out;
                        for (std::int64_t o = 0; o < s.out; ++o)
                            for (std::int64_t k = 0; k < s.in; ++k) {
                                const auto at = (o * 9 + tap) * s.in + k;
                                y[to + o] += double(x[from + k]) * w[at];
                                dx[from + k] += double(dy[to + o]) * w[at];
                                dw[at] += double(dy[to + o]) * x[from + k];
                            }
                    }
    }
};

double largest(const std::vector<double> &a)
{
    double m = 0;
    for (const double v : a)
        m = std::max(m, std::abs(v));
    return m;
}

/// Largest difference as a part of the largest value.
double error(const std::vector<float> &a, const std::vector<double> &b)
{
    double e = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        e = std::max(e, std::abs(a[i] - b[i]));
    return e / largest(b);
}

/// Where the processor lacks AVX-512 the functions say so and the tests see to that.
bool can()
{
    return winograd::suits({1, 64, 64, 16, 16});
}

std::vector<float> random(std::int64_t n, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    std::vector<float> v(static_cast<std::size_t>(n));
    for (auto &value : v)
        value = normal(generator);
    return v;
}

} // namespace

class WinogradTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithDirectSums_data()
    {
        QTest::addColumn<int>("n");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("in");
        QTest::addColumn<int>("out");
        QTest::newRow("whole tiles") << 2 << 16 << 12 << 16 << 32;
        QTest::newRow("cut tiles, cut lanes") << 2 << 9 << 14 << 13 << 35;
        QTest::newRow("one line") << 1 << 1 << 40 << 20 << 12;
        QTest::newRow("one pixel") << 3 << 1 << 1 << 17 << 16;
        QTest::newRow("several blocks") << 3 << 37 << 70 << 48 << 16;
        QTest::newRow("many channels") << 1 << 8 << 8 << 192 << 64;
    }

    void agreesWithDirectSums()
    {
        QFETCH(int, n);
        QFETCH(int, height);
        QFETCH(int, width);
        QFETCH(int, in);
        QFETCH(int, out);
        const winograd::Shape shape{n, height, width, in, out};
        const auto pixels = std::int64_t(n) * height * width;
        const auto x = random(pixels * in, 1), w = random(9 * in * out, 2), dy = random(pixels * out, 3);
        std::vector<float> y(dy.size()), dx(x.size()), dw(w.size());
        if (!can()) {
            EXPECT_ERROR(winograd::forward(shape, x.data(), w.data(), y.data()), "AVX-512");
            EXPECT_ERROR(winograd::inputGradient(shape, dy.data(), w.data(), dx.data()), "AVX-512");
            EXPECT_ERROR(winograd::weightGradient(shape, x.data(), dy.data(), dw.data()), "AVX-512");
            return;
        }
        const Direct direct(shape, x, w, dy);
        winograd::forward(shape, x.data(), w.data(), y.data());
        winograd::inputGradient(shape, dy.data(), w.data(), dx.data());
        winograd::weightGradient(shape, x.data(), dy.data(), dw.data());
        QVERIFY(error(y, direct.y) < 2e-5);
        QVERIFY(error(dx, direct.dx) < 2e-5);
        QVERIFY(error(dw, direct.dw) < 2e-5);
    }

    void appliesTheEpilogue()
    {
        const winograd::Shape shape{1, 10, 11, 16, 19};
        const auto x = random(110 * 16, 4), w = random(9 * 16 * 19, 5), scale = random(19, 6), shift = random(19, 7);
        std::vector<float> plain(110 * 19), y(plain.size());
        if (!can()) {
            EXPECT_ERROR(winograd::forward(shape, x.data(), w.data(), y.data(), {scale.data(), shift.data(), 0.1f}), "AVX-512");
            return;
        }
        winograd::forward(shape, x.data(), w.data(), plain.data());
        winograd::forward(shape, x.data(), w.data(), y.data(), {scale.data(), shift.data(), 0.1f});
        bool below = false;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const float z = plain[i] * scale[i % 19] + shift[i % 19];
            below = below || z < 0;
            QVERIFY(std::abs(y[i] - (z < 0 ? 0.1f * z : z)) <= 1e-5f * (1 + std::abs(z)));
        }
        QVERIFY(below);
    }

    void givesTheSameEveryTime()
    {
        const winograd::Shape shape{2, 40, 40, 24, 24};
        const auto x = random(2 * 1600 * 24, 8), dy = random(2 * 1600 * 24, 9);
        std::vector<float> first(9 * 24 * 24), second(first.size());
        if (!can()) {
            EXPECT_ERROR(winograd::weightGradient(shape, x.data(), dy.data(), first.data()), "AVX-512");
            return;
        }
        winograd::weightGradient(shape, x.data(), dy.data(), first.data());
        winograd::weightGradient(shape, x.data(), dy.data(), second.data());
        QVERIFY(first == second);
    }

    void leavesSmallWorkToOthers()
    {
        QVERIFY(!winograd::suits({1, 64, 64, 1, 16}));
        QVERIFY(!winograd::suits({1, 64, 64, 16, 2}));
        QVERIFY(!winograd::suits({1, 8, 8, 16, 16}));
        QVERIFY(!winograd::suits({1, 64, 64, 1024, 1024}));
    }
};

RETICLE_TEST(WinogradTest)
#include "WinogradTest.moc"
