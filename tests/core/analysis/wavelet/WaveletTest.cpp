#include "analysis/wavelet/Wavelet.h"

#include "core/analysis/GoldenPictures.h"
#include "foundation/Error.h"
#include "foundation/Json.h"
#include "foundation/Parallel.h"
#include "foundation/Random.h"
#include "support/Test.h"

#include <fstream>
#include <numeric>

using namespace reticle;
using namespace reticle::test;

namespace {

using Line = std::vector<double>;

Line randomLine(std::int64_t n, std::uint64_t seed)
{
    Random random(seed);
    Line x(static_cast<std::size_t>(n));
    for (auto &v : x)
        v = random.uniform(-1, 1);
    return x;
}

Array randomPicture(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 3)
{
    const Line x = randomLine(rows * columns, seed);
    return Array::of<double>({rows, columns}, x);
}

double largest(const Array &a, const Array &b)
{
    double gap = a.shape() == b.shape() ? 0 : 1e9;
    for (std::int64_t i = 0; gap < 1e9 && i < a.size(); ++i)
        gap = std::max(gap, std::abs(a.value(i) - b.value(i)));
    return gap;
}

double largest(const Line &a, const Line &b)
{
    return largest(Array::of<double>({static_cast<std::int64_t>(a.size())}, a),
                   Array::of<double>({static_cast<std::int64_t>(b.size())}, b));
}

double squares(const Array &a)
{
    double s = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        s += a.value(i) * a.value(i);
    return s;
}

double total(const Array &a)
{
    double s = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        s += a.value(i);
    return s;
}

double absolute(const Array &a)
{
    double s = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        s += std::abs(a.value(i));
    return s;
}

const Json &reference()
{
    static const Json j = Json::parse(std::ifstream(source("tests/reference/wavelets.json")));
    return j;
}

const std::vector<WaveletMode> &modes()
{
    static const auto all = [] {
        std::vector<WaveletMode> m;
        for (const auto &name : waveletModeNames())
            m.push_back(waveletMode(name));
        return m;
    }();
    return all;
}

} // namespace

class WaveletTest : public QObject
{
    Q_OBJECT
private:
    static void compareLine(const char *mode, Line x, const Line &low, const Line &high)
    {
        const auto [a, d] = waveletSplit<double>(x, waveletFilter("db2"), waveletMode(mode));
        QVERIFY2(largest(a, low) < 1e-8, mode);
        QVERIFY2(largest(d, high) < 1e-8, mode);
    }
    /// {sum of |c|, sum of c^2, c[0, 0]} of H, V and D.
    static void compareLevel(const WaveletPyramid &p, int level, const std::vector<double> &expected)
    {
        for (int o = 0; o < 3; ++o) {
            const Array b = p.band(level, static_cast<Orientation>(o));
            QVERIFY(std::abs(absolute(b) - expected[static_cast<std::size_t>(3 * o)]) < 1e-6);
            QVERIFY(std::abs(squares(b) - expected[static_cast<std::size_t>(3 * o + 1)]) < 1e-6);
            QVERIFY(std::abs(b.value(0) - expected[static_cast<std::size_t>(3 * o + 2)]) < 1e-6);
        }
    }

private Q_SLOTS:
    void linesHaveTheWorkedNumbers()
    {
        const Line x{3, 1, 4, 1, 5, 9, 2, 6};
        const auto inner = [](double a, double z) { return Line{a, 3.05257099, 2.72440159, 9.61529190, z}; };
        const auto details = [](double a, double z) { return Line{a, 2.25072987, -0.90586666, -3.88908730, z}; };
        compareLine("symmetric", x, inner(3.53553391, 7.07106781), details(1.22474487, 2.44948974));
        compareLine("zero", x, inner(0.54302208, 5.98502365), details(2.02658600, -1.60368225));
        compareLine("constant", x, inner(4.50145973, 6.55342972), details(0.96592583, 0.51763809));
        compareLine("periodic", x, inner(6.52804573, 6.52804573), details(0.42290374, 0.42290374));
        compareLine("smooth", x, inner(8.10634399, 6.41472901), details(0, 0));
        compareLine("reflect", x, inner(3.31139004, 5.26862568), details(1.28480404, -4.27731586));
        compareLine("antisymmetric", x, inner(-2.44948974, 4.89897949), details(2.82842712, -5.65685425));
        compareLine("antireflect", x, inner(5.69152943, 7.83823376), details(0.64704761, 5.31259204));
        compareLine("periodization", x, {5.11383217, 3.40612438, 6.42402020, 6.97633347},
                    {-2.54422409, -2.60428326, 5.31259204, 1.95723564});
        const Line odd(x.begin(), x.end() - 1);
        compareLine("symmetric", odd, {3.53553391, 3.05257099, 2.72440159, 10.13292999, 4.00920563},
                    {1.22474487, 2.25072987, -0.90586666, -1.95723564, 4.40672539});
        compareLine("periodization", odd, {3.18198052, 3.40612438, 6.42402020, 6.07975799},
                    {-2.02658600, -2.60428326, 5.31259204, -1.38882957});
    }
    void imagesHaveTheWorkedNumbers()
    {
        const Line small{0, 1, 2, 3, 4, 5, 20, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        const auto p = decompose(Array::of<double>({4, 4}, small), waveletFilter("haar"), WaveletMode::Symmetric, 1);
        const Line expected{5, 16, 21, 25, -4, -11, -4, -4, -1, 6, -1, -1, 0, -7, 0, 0};
        QVERIFY(largest(p.coefficients, Array::of<double>({16}, expected)) < 1e-12);

        const Array t = goldenPicture();
        QCOMPARE(squares(t), 82240.0);
        const auto symmetric = WaveletMode::Symmetric, around = WaveletMode::Periodization;
        for (const auto mode : {symmetric, around}) {
            const auto db1 = decompose(t, waveletFilter("db1"), mode, 4);
            QVERIFY(std::abs(db1.approximation().value(0) - 246) < 1e-9);
            compareLevel(db1, 4, {10, 100, -10, 2, 4, 2, 6, 36, 6});
            compareLevel(db1, 3, {20, 144, 0, 12, 80, 0, 20, 144, -8});
            compareLevel(db1, 2, {96, 864, -10, 88, 672, -2, 112, 1152, -4});
            compareLevel(db1, 1, {437, 4512, -7.5, 365, 3232, -13.5, 691, 10784, 0.5});
        }
        const auto db2 = decompose(t, waveletFilter("db2"), symmetric, 2);
        QVERIFY(db2.approximation().shape() == (std::vector<std::int64_t>{6, 6}));
        QVERIFY(std::abs(squares(db2.approximation()) - 129415.935660563) < 1e-6);
        QVERIFY(std::abs(total(db2.approximation()) - 2121.501590061) < 1e-6);
        compareLevel(db2, 2,
                     {331.339889493, 5218.589379925, -5.573374490, 227.942432970, 2337.473994255, -11.171450702, 163.220150060,
                      1456.417214217, -0.894232104});
        compareLevel(db2, 1,
                     {574.049290886, 6446.719877607, -6.278684177, 458.087766659, 4172.544344289, -11.474836600, 853.590942132,
                      11810.552190448, 0.375});
        const auto db2p = decompose(t, waveletFilter("db2"), around, 3);
        QVERIFY(std::abs(squares(db2p.approximation()) - 60936.992021869) < 1e-6);
        QVERIFY(std::abs(total(db2p.approximation()) - 492) < 1e-6);
        compareLevel(db2p, 3,
                     {18.686533479, 98.697107482, -2.526440528, 20.370834875, 123.276882279, 7.167629332, 32.319305708,
                      285.561855549, 6.445551239});
        compareLevel(db2p, 1,
                     {434.774300139, 4506.143593539, 4.928203230, 393.989690448, 3691.292341855, -0.928203230, 697.702503369,
                      10167.005154776, 3.464101615});
        const auto bior = decompose(t, waveletFilter("bior2.2"), symmetric, 2);
        QVERIFY(bior.approximation().shape() == (std::vector<std::int64_t>{7, 7}));
        QVERIFY(std::abs(total(bior.approximation()) - 2864.316406250) < 1e-6);
        QVERIFY(std::abs(squares(bior.band(2, Orientation::H)) - 8514.467170715) < 1e-6);
        QVERIFY(std::abs(absolute(bior.band(2, Orientation::H)) - 518.730468750) < 1e-6);
        QVERIFY(std::abs(bior.band(2, Orientation::H).value(0) + 4.890625) < 1e-6);
        QVERIFY(std::abs(absolute(bior.band(2, Orientation::D)) - 464.683593750) < 1e-6);
        QVERIFY(std::abs(squares(bior.band(2, Orientation::D)) - 6885.782363892) < 1e-6);
        QVERIFY(std::abs(bior.band(2, Orientation::D).value(0) + 1.875) < 1e-6);
        compareLevel(bior, 1, {815, 10030.28125, -0.0625, 735.875, 8077.03125, 8.9375, 708.25, 7568.0625, 0.125});
        const auto coif = decompose(t, waveletFilter("coif1"), WaveletMode::Reflect, 1);
        compareLevel(coif, 1,
                     {788.620721976, 9533.596532463, 10.766196583, 639.963936258, 6102.519961304, -11.290992556, 1014.010360216,
                      14119.449714423, 5.687662758});
        const auto sym = decompose(t, waveletFilter("sym4"), WaveletMode::Zero, 1);
        QVERIFY(std::abs(absolute(sym.band(1, Orientation::H)) - 572.443066794) < 1e-6);
        QVERIFY(std::abs(absolute(sym.band(1, Orientation::V)) - 497.831595372) < 1e-6);
        QVERIFY(std::abs(absolute(sym.band(1, Orientation::D)) - 750.939404920) < 1e-6);
        QVERIFY(std::abs(squares(sym.band(1, Orientation::H)) - 6203.725525237) < 1e-6);
        QVERIFY(std::abs(squares(sym.band(1, Orientation::V)) - 4167.644690386) < 1e-6);
        QVERIFY(std::abs(squares(sym.band(1, Orientation::D)) - 10199.890947488) < 1e-6);
    }
    void horizontalEdgesAreOfH()
    {
        Array rows(DType::UInt8, {8, 8});
        for (std::int64_t i = 0; i < 64; ++i)
            rows.data<std::uint8_t>()[i] = i / 8 % 2 == 0;
        const auto p = decompose(rows, waveletFilter("db1"), WaveletMode::Symmetric, 1);
        QCOMPARE(p.coefficients.dtype(), DType::Float64); // whole numbers are computed in float64
        QVERIFY(squares(p.band(1, Orientation::H)) > 1);
        QCOMPARE(squares(p.band(1, Orientation::V)), 0.0);
        QCOMPARE(squares(p.band(1, Orientation::D)), 0.0);
    }
    /// 75 filters, 9 modes, 5 sizes; and lines in full.
    void agreesWithPyWavelets()
    {
        const auto &r = reference();
        QCOMPARE(r["sums"].size(), waveletNames().size());
        for (const auto &name : waveletNames()) {
            const auto &sums = r["sums"][name];
            std::size_t i = 0;
            for (const auto &mode : r["modes"])
                for (const auto &size : r["sizes"]) {
                    const auto p = decompose(referencePicture(size[0], size[1]), waveletFilter(name), waveletMode(mode), size[2]);
                    const double wanted = sums[i++], scale = std::max(1.0, sums[i].get<double>());
                    const auto said = name + " " + mode.get<std::string>() + " " + size.dump();
                    QVERIFY2(std::abs(notice(p.coefficients.span<double>()) - wanted) < 1e-10 * scale, said.c_str());
                    QVERIFY2(std::abs(absolute(p.coefficients) - sums[i++].get<double>()) < 1e-10 * scale, said.c_str());
                }
        }
        for (const auto &line : r["lines"]) {
            const Array x = referencePicture(1, line["length"]);
            const auto c = decomposeLine<double>(x.span<double>(), waveletFilter(line["filter"]), waveletMode(line["mode"]),
                                                 static_cast<int>(line["coefficients"].size()) - 1);
            for (std::size_t i = 0; i < c.size(); ++i)
                QVERIFY(largest(c[i], line["coefficients"][i].get<Line>()) < 1e-9);
        }
    }
    void comesBackInEveryFilterAndMode()
    {
        const std::vector<std::pair<std::int64_t, std::int64_t>> sizes{{1, 1}, {1, 6}, {2, 3}, {17, 8}, {33, 70}};
        for (const auto &name : waveletNames())
            for (const auto mode : modes())
                for (const auto &[rows, columns] : sizes) {
                    const auto &f = waveletFilter(name);
                    const Array x = randomPicture(rows, columns);
                    // Extrapolating modes let short lines grow from level to level.
                    const auto p = decompose(x, f, mode, rows > 8 ? 2 : 1);
                    double scale = 1;
                    for (const double c : p.coefficients.span<double>())
                        scale = std::max(scale, std::abs(c));
                    QVERIFY2(largest(reconstruct(p, f, mode), x) < 1e-10 * scale, (name + nameOf(mode)).c_str());
                    const Line line = randomLine(rows + columns, 9);
                    const auto c = decomposeLine<double>(line, f, mode, 1);
                    QVERIFY(largest(reconstructLine(c, f, mode, rows + columns), line) < 1e-10 * scale);
                }
    }
    void energyIsKeptByOrthogonalFilters()
    {
        const Array x = randomPicture(64, 32);
        for (const auto &name : waveletNames()) {
            const auto &f = waveletFilter(name);
            if (!f.orthogonal)
                continue;
            const auto p = decompose(x, f, WaveletMode::Periodization, 3);
            QVERIFY2(std::abs(squares(p.coefficients) / squares(x) - 1) < (name[0] == 'c' ? 1e-9 : 1e-12), name.c_str());
        }
    }
    void isLinear()
    {
        const Array x = randomPicture(19, 26, 1), y = randomPicture(19, 26, 2);
        Array z = x.clone();
        for (std::int64_t i = 0; i < z.size(); ++i)
            z.data<double>()[i] = 2 * x.value(i) - 3 * y.value(i);
        for (const auto mode : modes()) {
            const auto of = [&](const Array &a) { return decompose(a, waveletFilter("bior4.4"), mode, 2).coefficients; };
            const Array cx = of(x), cy = of(y), cz = of(z);
            for (std::int64_t i = 0; i < cz.size(); ++i)
                QVERIFY(std::abs(cz.value(i) - 2 * cx.value(i) + 3 * cy.value(i)) < 1e-9);
        }
    }
    void shiftsWithTheImageUnderPeriodization()
    {
        const std::int64_t side = 32;
        const Array x = randomPicture(side, side);
        for (const char *name : {"haar", "db4", "sym6"})
            for (int level = 1; level <= 3; ++level) {
                const std::int64_t by = std::int64_t{1} << level;
                Array moved = x.clone();
                for (std::int64_t i = 0; i < side * side; ++i)
                    moved.data<double>()[(i / side + by) % side * side + i % side] = x.value(i);
                const auto of = [&](const Array &a) {
                    return decompose(a, waveletFilter(name), WaveletMode::Periodization, level).band(level, Orientation::D);
                };
                const Array a = of(x), b = of(moved);
                const std::int64_t rows = a.dim(0), columns = a.dim(1);
                for (std::int64_t i = 0; i < a.size(); ++i)
                    QVERIFY(std::abs(b.value((i / columns + 1) % rows * columns + i % columns) - a.value(i)) < 1e-12);
            }
    }
    void transposingSwapsHAndV()
    {
        const Array x = randomPicture(21, 34);
        Array t(DType::Float64, {34, 21});
        for (std::int64_t i = 0; i < 21; ++i)
            for (std::int64_t j = 0; j < 34; ++j)
                t.data<double>()[j * 21 + i] = x.value(i * 34 + j);
        for (const char *name : {"haar", "db3"}) {
            const auto p = decompose(x, waveletFilter(name), WaveletMode::Reflect, 2);
            const auto q = decompose(t, waveletFilter(name), WaveletMode::Reflect, 2);
            const Array h = p.band(2, Orientation::H), v = q.band(2, Orientation::V);
            for (std::int64_t i = 0; i < h.dim(0); ++i)
                for (std::int64_t j = 0; j < h.dim(1); ++j)
                    QVERIFY(std::abs(h.value(i * h.dim(1) + j) - v.value(j * h.dim(0) + i)) < 1e-12);
        }
    }
    void float32StaysFloat32()
    {
        for (const char *name : {"db1", "db4", "bior2.2"}) {
            const Array x = randomPicture(50, 41);
            const auto &f = waveletFilter(name);
            const auto narrow = decompose(x.as(DType::Float32), f, WaveletMode::Symmetric, 3);
            const auto wide = decompose(x, f, WaveletMode::Symmetric, 3);
            QCOMPARE(narrow.coefficients.dtype(), DType::Float32);
            QVERIFY(largest(narrow.coefficients, wide.coefficients) < 1e-5);
            const Array back = reconstruct(narrow, f, WaveletMode::Symmetric);
            QCOMPARE(back.dtype(), DType::Float32);
            QVERIFY(largest(back, x) < 1e-5);
        }
    }
    void clearedLevelsAreLeftOut()
    {
        const Array x = goldenPicture();
        const auto &f = waveletFilter("db2");
        auto all = decompose(x, f, WaveletMode::Periodization, 3);
        Array sum(DType::Float64, x.shape());
        for (int level = 0; level <= 3; ++level) { // 0 = the approximation alone
            auto one = decompose(x, f, WaveletMode::Periodization, 3);
            if (level > 0)
                one.clearApproximation();
            for (int l = 1; l <= 3; ++l)
                for (const auto o : {Orientation::H, Orientation::V, Orientation::D})
                    if (l != level)
                        one.clear(l, o);
            const Array part = reconstruct(one, f, WaveletMode::Periodization);
            for (std::int64_t i = 0; i < sum.size(); ++i)
                sum.data<double>()[i] += part.value(i);
        }
        QVERIFY(largest(sum, x) < 1e-10);
    }
    void onePlanServesThreads()
    {
        const WaveletPlan<double> plan(waveletFilter("db4"), WaveletMode::Smooth, 37, 53, 3);
        std::vector<Array> images, out;
        for (std::uint64_t i = 0; i < 12; ++i) {
            images.push_back(randomPicture(37, 53, i));
            out.emplace_back(DType::Float64, std::vector<std::int64_t>{plan.layout().size});
        }
        std::vector<WaveletPlan<double>::Work> work(3);
        inParallel(12, 3, [&](std::int64_t i, int thread) {
            const auto at = static_cast<std::size_t>(i);
            plan.forward(images[at].data<double>(), out[at].data<double>(), work[static_cast<std::size_t>(thread)]);
        });
        for (std::size_t i = 0; i < images.size(); ++i)
            QVERIFY(out[i] == decompose(images[i], waveletFilter("db4"), WaveletMode::Smooth, 3).coefficients);
    }
    void threadsWithinAnImageChangeNothing()
    {
        for (const char *name : {"haar", "db4", "bior2.2"})
            for (const auto mode : modes())
                for (const auto &[rows, columns] : {std::pair{512, 640}, {515, 401}}) {
                    const WaveletPlan<double> plan(waveletFilter(name), mode, rows, columns, 3);
                    const Array x = randomPicture(rows, columns);
                    Array one(DType::Float64, {plan.layout().size}), several = one.clone();
                    Array back(DType::Float64, {rows, columns}), again = back.clone();
                    std::vector<WaveletPlan<double>::Work> work(3);
                    plan.forward(x.data<double>(), one.data<double>(), work[0]);
                    plan.forward(x.data<double>(), several.data<double>(), std::span(work));
                    QVERIFY2(one == several, name);
                    plan.inverse(one.data<double>(), back.data<double>(), work[0]);
                    plan.inverse(one.data<double>(), again.data<double>(), std::span(work));
                    QVERIFY2(back == again, name);
                }
    }
    void refusesWhatCannotBeTransformed()
    {
        const auto &f = waveletFilter("db1");
        const auto mode = WaveletMode::Symmetric;
        EXPECT_ERROR(decompose(Array(DType::UInt8, {4}), f, mode, 1), "1 axes");
        EXPECT_ERROR(decompose(Array(DType::UInt8, {0, 4}), f, mode, 1), "empty");
        EXPECT_ERROR(decompose(Array(DType::UInt8, {4, 4}), f, mode, 0), "level");
        EXPECT_ERROR(waveletSplit<double>(Line{}, f, mode), "at least one sample");
        EXPECT_ERROR(waveletJoin<double>(Line{1, 2}, Line{1}, f, mode), "as many details");
        EXPECT_ERROR(waveletJoin<double>(Line{1}, Line{1}, waveletFilter("db4"), mode), "at least 4 coefficients");
        const auto p = decompose(Array(DType::UInt8, {8, 8}), f, mode, 1);
        EXPECT_ERROR(reconstruct(p, waveletFilter("db4"), mode), "filter and mode");
    }
};

RETICLE_TEST(WaveletTest)
#include "WaveletTest.moc"
