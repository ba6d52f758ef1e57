#include "base/Instances.h"
#include "core/base/ImagingReference.h"

using namespace reticle;
using namespace reticle::test;

namespace {

const Json &reference()
{
    static const Json j = Json::parse(std::ifstream(source("tests/reference/instances.json")));
    return j;
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
    void smallOnesAreLeftOutAndNumbersHaveNoGaps()
    {
        InstanceSettings s;
        s.minimumArea = 3;
        const Array found = findInstances(mask({"##.###", "......", "###..#"}), s);
        QVERIFY(found == plane<std::int32_t>(Json{{0, 0, 0, 1, 1, 1}, {0, 0, 0, 0, 0, 0}, {2, 2, 2, 0, 0, 0}}));
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
        QVERIFY(
            std::isnan(matchInstances(Array(DType::Int32, {2, 2}), Array(DType::Int32, {2, 2}))[0].averagePrecision()));
        for (const auto &x : matchInstances(truth, truth))
            QCOMPARE(x.averagePrecision(), 1.0);
    }
};

RETICLE_TEST(InstancesTest)
#include "InstancesTest.moc"
