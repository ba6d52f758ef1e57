#include "imaging/Instances.h"
#include "core/imaging/ImagingReference.h"

#include <map>

using namespace reticle;
using namespace reticle::test;

namespace {

const Json &reference()
{
    static const Json j = Json::parse(std::ifstream(source("tests/reference/instances.json")));
    return j;
}

/// The same objects numbered in raster order of their first pixel.
Array inRasterOrder(const Array &labels)
{
    Array out(DType::Int32, labels.shape());
    std::map<std::int32_t, std::int32_t> number;
    for (std::int64_t i = 0; i < labels.size(); ++i)
        if (const auto v = labels.data<std::int32_t>()[i])
            out.data<std::int32_t>()[i] = number.try_emplace(v, static_cast<std::int32_t>(number.size()) + 1).first->second;
    return out;
}

std::int32_t objects(const Array &labels)
{
    const auto all = labels.span<std::int32_t>();
    return *std::max_element(all.begin(), all.end());
}

void fill(Array &mask, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width)
{
    for (std::int64_t i = y; i < y + height; ++i)
        std::fill_n(mask.data<std::uint8_t>() + i * mask.dim(1) + x, width, std::uint8_t{1});
}

bool near(double a, double b)
{
    return std::abs(a - b) <= 1e-9 * (1 + std::abs(b));
}

} // namespace

class InstancesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void propertiesAsScikitImage()
    {
        for (const auto &c : reference()["cases"]) {
            const Array image = plane<float>(c["image"]);
            const auto found = instanceProperties(plane<std::int32_t>(c["labels"]), &image);
            QCOMPARE(found.size(), c["regions"].size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                const auto &p = found[i];
                const auto &r = c["regions"][i];
                QCOMPARE(p.id, r["id"].get<std::int64_t>());
                QCOMPARE(p.area, r["area"].get<std::int64_t>());
                QVERIFY(near(p.y, r["centroid"][0]) && near(p.x, r["centroid"][1]));
                QVERIFY((std::vector<std::int64_t>{p.top, p.left, p.bottom, p.right}) ==
                        r["box"].get<std::vector<std::int64_t>>());
                QVERIFY(near(p.perimeter, r["perimeter"]));
                QVERIFY2(std::abs(p.eccentricity - r["eccentricity"].get<double>()) < 1e-6,
                         qPrintable(QString::number(p.eccentricity)));
                QVERIFY(near(p.meanIntensity, r["intensity"]));
            }
        }
    }
    void seededWatershedAsScikitImage()
    {
        for (const auto &c : reference()["cases"]) {
            Array p = plane<float>(c["probability"]);
            for (auto &v : p.span<float>())
                v = static_cast<float>(v / 100.0);
            InstanceSettings s;
            s.method = InstanceMethod::Seeds;
            QVERIFY(findInstances(p, s) == plane<std::int32_t>(c["seeded"]));
        }
    }
    void touchingDiscsAreParted()
    {
        InstanceSettings s;
        auto one = instanceProperties(findInstances(twoDiscs(), s));
        QCOMPARE(one.size(), size_t(1));
        QCOMPARE(one[0].area, 2277);
        QVERIFY(std::isnan(one[0].meanIntensity));
        s.method = InstanceMethod::Distance;
        const auto two = instanceProperties(findInstances(twoDiscs(), s));
        QCOMPARE(two.size(), size_t(2));
        QCOMPARE(two[0].area, 1153);
        QCOMPARE(two[1].area, 1124);
    }
    void numbersOfAnyTypeBecomeObjects()
    {
        const Array found = plane<std::int32_t>(Json{{0, 1, 1}, {2, 0, 3}});
        Array wide(DType::Int64, {2, 3}), real(DType::Float64, {2, 3});
        for (std::int64_t i = 0; i < 6; ++i) {
            const auto n = static_cast<std::int64_t>(found.value(i));
            wide.data<std::int64_t>()[i] = n ? 5000000000 + n : 0;
            real.data<double>()[i] = n ? 3e9 + 7 * static_cast<double>(n) : -0.0;
        }
        QVERIFY(numberedObjects(found, "x") == found);
        QVERIFY(numberedObjects(found.as(DType::UInt8), "x") == found);
        QVERIFY(numberedObjects(wide, "x") == found);
        QVERIFY(numberedObjects(real, "x") == found);
        QVERIFY(numberedObjects(plane<std::int32_t>(Json{{0, -7, 9}}), "x") == plane<std::int32_t>(Json{{0, 1, 2}}));
        real.data<double>()[4] = 0.5;
        EXPECT_ERROR(
            numberedObjects(real, "truth.tif"),
            "truth.tif: expected numbers of objects, which are whole, found 0.5 at row 1, column 1; save one whole number "
            "per object");
        real.data<double>()[4] = NAN;
        EXPECT_ERROR(numberedObjects(real, "truth.tif"), "found nan at row 1, column 1");
        // Numbers past those of 32 bits stay apart.
        for (const auto &m : matchInstances(found, wide)) {
            QCOMPARE(m.tp, 3);
            QCOMPARE(m.fp + m.fn, 0);
        }
        QVERIFY(withoutSmallObjects(found, 2) == plane<std::int32_t>(Json{{0, 1, 1}, {0, 0, 0}}));
    }
    void smallOnesAreLeftOutAndNumbersHaveNoGaps()
    {
        InstanceSettings s;
        s.minimumArea = 3;
        const Array found = findInstances(mask({"##.###", "......", "###..#"}), s);
        QVERIFY(found == plane<std::int32_t>(Json{{0, 0, 0, 1, 1, 1}, {0, 0, 0, 0, 0, 0}, {2, 2, 2, 0, 0, 0}}));
    }
    /// Four objects of which three are too thin for a maximum that rises by 1 px.
    void thinObjectsKeepTheirNumbers()
    {
        Array thin(DType::UInt8, {64, 64});
        fill(thin, 2, 2, 20, 20);
        fill(thin, 30, 5, 3, 35);
        fill(thin, 40, 4, 2, 55);
        fill(thin, 50, 50, 1, 1);
        InstanceSettings s;
        s.method = InstanceMethod::Distance;
        const Array found = findInstances(thin, s);
        QCOMPARE(area(found), 616);
        QCOMPARE(objects(found), 4);
        QVERIFY(inRasterOrder(found) == findInstances(thin, {}));
        const auto p = instanceProperties(found);
        QCOMPARE(p[0].area, 400);
        QCOMPARE(p[1].area, 105);
        QCOMPARE(p[2].area, 110);
        QCOMPARE(p[3].area, 1);
        s.minimumArea = 106; // asked after the parting
        QCOMPARE(objects(findInstances(thin, s)), 2);
    }
    void everyWidthAndDirectionOfABarIsOneObject()
    {
        for (int wide = 1; wide <= 5; ++wide)
            for (const bool upright : {false, true})
                for (const int margin : {0, 3}) { // at the border of the slice, and away from it
                    Array bar(DType::UInt8, {40, 40});
                    const int length = 40 - 2 * margin;
                    fill(bar, margin, margin, upright ? length : wide, upright ? wide : length);
                    fill(bar, 25, 25, 10, 10);
                    for (const double h : {0.0, 0.5, 1.0, 3.0, 1000.0}) {
                        InstanceSettings s;
                        s.method = InstanceMethod::Distance;
                        s.h = h;
                        const Array found = findInstances(bar, s);
                        QCOMPARE(area(found), area(bar));
                        QVERIFY2(inRasterOrder(found) == findInstances(bar, {}),
                                 qPrintable(QString("%1 px, h %2").arg(wide).arg(h)));
                    }
                }
    }
    /// Against scikit-image's watershed with a marker in each component.
    void partedAsScikitImage()
    {
        for (const auto &c : reference()["parted"]) {
            const Array m = mask(c["mask"]);
            for (const auto connectivity : {Connectivity::Four, Connectivity::Eight})
                for (const int h : {0, 1, 2, 50}) {
                    InstanceSettings s;
                    s.method = InstanceMethod::Distance;
                    s.h = h;
                    s.connectivity = connectivity;
                    const auto key = std::string(connectivity == Connectivity::Four ? "4h" : "8h") + std::to_string(h);
                    QVERIFY2(inRasterOrder(findInstances(m, s)) == plane<std::int32_t>(c[key]), key.c_str());
                }
        }
    }
    void diagonalsFollowTheConnectivity()
    {
        const Array m = mask({"#....", ".#...", "..#..", "...#.", "....#"});
        for (const auto method : {InstanceMethod::Components, InstanceMethod::Distance, InstanceMethod::Seeds}) {
            InstanceSettings s;
            s.method = method;
            QCOMPARE(objects(findInstances(m, s)), 5);
            s.connectivity = Connectivity::Eight;
            QCOMPARE(objects(findInstances(m, s)), 1);
            QCOMPARE(area(findInstances(m, s)), 5);
        }
    }
    void smallestAreaCountsWhereEverythingIsForeground()
    {
        const Array full = mask({"####", "####", "####"});
        for (const auto method : {InstanceMethod::Components, InstanceMethod::Distance, InstanceMethod::Seeds})
            for (const auto connectivity : {Connectivity::Four, Connectivity::Eight})
                for (const int minimum : {0, 1, 12, 13, 20}) {
                    InstanceSettings s;
                    s.method = method;
                    s.connectivity = connectivity;
                    s.minimumArea = minimum;
                    const Array found = findInstances(full, s);
                    QCOMPARE(objects(found), minimum <= 12 ? 1 : 0);
                    QCOMPARE(area(found), minimum <= 12 ? 12 : 0);
                }
    }
    void shapesAreTheSameWhereverTheyAre()
    {
        const Array shape = mask({"###..##", "###..##", "###....", "..#####", "..#...#", "..##..#"});
        constexpr std::int64_t wide = 100100, tall = 100100;
        const auto at = [&](std::int64_t h, std::int64_t w, std::int64_t y, std::int64_t x) {
            Array labels(DType::Int32, {h, w});
            for (std::int64_t i = 0; i < shape.size(); ++i)
                if (shape.data<std::uint8_t>()[i])
                    labels.data<std::int32_t>()[(y + i / 7) * w + x + i % 7] = 1;
            return instanceProperties(labels).at(0);
        };
        const auto here = at(6, 7, 0, 0);
        // Moments about the centroid in double precision, pixel by pixel.
        double vy = 0, vx = 0, cross = 0;
        for (std::int64_t i = 0; i < shape.size(); ++i)
            if (shape.data<std::uint8_t>()[i]) {
                const double dy = static_cast<double>(i / 7) - here.y, dx = static_cast<double>(i % 7) - here.x;
                vy += dy * dy;
                vx += dx * dx;
                cross += dy * dx;
            }
        const double spread = std::hypot((vy - vx) / 2, cross), middle = (vy + vx) / 2;
        QVERIFY(std::abs(here.eccentricity - std::sqrt(1 - (middle - spread) / (middle + spread))) < 1e-12);
        for (const auto &shifted : {at(9, wide, 2, 99990), at(tall, 12, 99991, 4)}) {
            QCOMPARE(shifted.area, here.area);
            QCOMPARE(shifted.perimeter, here.perimeter);
            QVERIFY(shifted.eccentricity == here.eccentricity);
            QVERIFY(std::abs(shifted.y - static_cast<double>(shifted.top) - here.y) < 1e-9);
            QVERIFY(std::abs(shifted.x - static_cast<double>(shifted.left) - here.x) < 1e-9);
        }
        for (const std::int64_t x : {0, 1, 57, 59990, 99997}) { // a square has equal moments
            Array square(DType::UInt8, {5, wide});
            fill(square, 1, x, 3, 3);
            QCOMPARE(instanceProperties(square.as(DType::Int32)).at(0).eccentricity, 0.0);
        }
    }
    void sumsOfLongObjectsDoNotOverflow()
    {
        constexpr std::int64_t length = 4000000; // its squares sum to 4e19, beyond 63 bits
        Array line(DType::Int32, {2, length});
        std::fill_n(line.data<std::int32_t>(), line.size(), 1);
        const auto p = instanceProperties(line).at(0);
        QCOMPARE(p.x, (length - 1) / 2.0);
        QCOMPARE(p.y, 0.5);
        const double ratio = 0.25 / ((double(length) * double(length) - 1) / 12);
        QVERIFY(std::abs(p.eccentricity - std::sqrt(1 - ratio)) < 1e-15);
    }
    void emptyAndFull()
    {
        for (const auto method : {InstanceMethod::Components, InstanceMethod::Distance, InstanceMethod::Seeds}) {
            InstanceSettings s;
            s.method = method;
            QCOMPARE(area(findInstances(Array(DType::Float32, {4, 5}), s)), 0);
            const Array full = findInstances(mask({"###", "###"}), s);
            QCOMPARE(area(full), 6);
            QCOMPARE(instanceProperties(full).size(), size_t(1));
        }
        EXPECT_ERROR(findInstances(Array(DType::Float32, {2, 4, 5}), InstanceSettings{}), "height x width");
    }
    void singlePixel()
    {
        const auto p = instanceProperties(plane<std::int32_t>(Json{{0, 0}, {0, 7}})).at(0);
        QCOMPARE(p.id, 7);
        QCOMPARE(p.eccentricity, 0.0);
        QCOMPARE(p.perimeter, 0.0);
    }
    void averagePrecision()
    {
        // Truth 1 found with IoU 4/6, truth 2 exactly, truth 3 missed, one found too many.
        const Array truth = plane<std::int32_t>(Json{{1, 1, 1, 1, 1, 0, 2, 2}, {0, 3, 0, 0, 0, 0, 0, 0}});
        const Array found = plane<std::int32_t>(Json{{0, 9, 9, 9, 9, 9, 4, 4}, {0, 0, 0, 0, 0, 0, 0, 5}});
        const auto m = matchInstances(found, truth);
        QCOMPARE(m.size(), size_t(10));
        QCOMPARE(m[0].iou, 0.5);
        QCOMPARE(m[9].iou, 0.95);
        QCOMPARE(m[0].tp, 2);
        QCOMPARE(m[0].fp, 1);
        QCOMPARE(m[0].fn, 1);
        QCOMPARE(m[0].averagePrecision(), 0.5);
        QCOMPARE(m[3].tp, 2); // 0.65 <= 4/6
        QCOMPARE(m[4].tp, 1); // 0.70
        QCOMPARE(m[4].averagePrecision(), 1.0 / 5);
        QVERIFY(std::isnan(matchInstances(Array(DType::Int32, {2, 2}), Array(DType::Int32, {2, 2}))[0].averagePrecision()));
        for (const auto &x : matchInstances(truth, truth))
            QCOMPARE(x.averagePrecision(), 1.0);
    }
};

RETICLE_TEST(InstancesTest)
#include "InstancesTest.moc"
