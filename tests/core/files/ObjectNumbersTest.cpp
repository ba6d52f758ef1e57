#include "files/ObjectNumbers.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>

using namespace reticle;
using namespace reticle::files;

namespace {

/// (pages, 60, 72) with f(page, y, x) at each pixel.
template <class F> std::shared_ptr<ImageSource> stack(int pages, DType type, F f)
{
    Array a(DType::Float64, {pages, 60, 72});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<double>()[i] =
            static_cast<double>(f(static_cast<int>(i / 4320), static_cast<int>(i / 72 % 60), static_cast<int>(i % 72)));
    return imageFromArray(a.as(type), "objects.tif");
}

/// Height of a hill of radius 12 in each cell of 24 px, 0 to 1.
double hill(int y, int x)
{
    const double dy = y % 24 - 11.7, dx = x % 24 - 12.4;
    return std::max(0.0, 1 - (dy * dy + dx * dx) / 144);
}

} // namespace

class ObjectNumbersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numberedObjectsAreRecognized()
    {
        // Apart, touching one another, the same numbers on several pages, any type and large numbers.
        const auto scattered = [](int, int y, int x) { return (y / 12 + x / 12) % 2 ? 1 + y / 12 * 6 + x / 12 : 0; };
        const auto touching = [](int, int y, int x) { return 1 + y / 6 * 12 + x / 6; };
        const auto through = [](int page, int y, int x) { return x / 24 == 1 ? 0 : 1 + y / (20 + page) * 3 + x / 24; };
        QVERIFY(spreadAsObjects(*stack(1, DType::UInt16, scattered)));
        QVERIFY(spreadAsObjects(*stack(1, DType::Float32, scattered)));
        QVERIFY(spreadAsObjects(*stack(1, DType::UInt8, touching)));
        QVERIFY(spreadAsObjects(*stack(4, DType::Int32, through)));
        QVERIFY(spreadAsObjects(*stack(1, DType::Int64, [&](int p, int y, int x) { return 5e9 * scattered(p, y, x); })));
        // An object that another one divides.
        QVERIFY(spreadAsObjects(*stack(1, DType::UInt8, [&](int p, int y, int x) { return y == 3 ? 0 : scattered(p, y, x); })));
        // Touching at a corner is one region.
        QVERIFY(spreadAsObjects(*stack(1, DType::UInt8, [](int, int y, int x) { return (y / 6 + x / 6) % 2 ? 1 + x / 36 : 0; })));
    }
    void classesAreNoObjects()
    {
        QVERIFY(!spreadAsObjects(
            *stack(1, DType::UInt8, [](int, int y, int x) { return (y / 8 + x / 8) % 2 ? 0 : 1 + (x / 16) % 3; })));
        QVERIFY(
            !spreadAsObjects(*stack(3, DType::UInt8, [](int, int y, int x) { return hill(y, x) > 0.6 ? 2 : hill(y, x) > 0.2; })));
    }
    void probabilitiesAreNoObjects()
    {
        QVERIFY(!spreadAsObjects(*stack(1, DType::UInt8, [](int, int y, int x) { return std::round(255 * hill(y, x)); })));
        // With plateaus at both ends.
        const auto steep = [](int, int y, int x) { return std::round(255 * std::clamp(4 * hill(y, x) - 1, 0.0, 1.0)); };
        QVERIFY(!spreadAsObjects(*stack(2, DType::UInt8, steep)));
        QVERIFY(!spreadAsObjects(*stack(1, DType::UInt16, [](int, int y, int x) { return y * 72 + x; })));
        QVERIFY(!spreadAsObjects(*stack(1, DType::UInt8, [](int, int, int) { return 0; })));
    }
};

RETICLE_TEST(ObjectNumbersTest)
#include "ObjectNumbersTest.moc"
