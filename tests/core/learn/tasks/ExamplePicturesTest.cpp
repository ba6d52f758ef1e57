#include "learn/tasks/ExamplePictures_p.h"

#include "foundation/Array.h"
#include "support/Test.h"

using namespace reticle;

class ExamplePicturesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void showsTheMiddleSliceItsClassesAndTheProbability()
    {
        auto crop = torch::zeros({3, 2, 2});
        crop[1] = torch::tensor({{0.0f, 0.5f}, {1.0f, 1.0f}}); // the neighbors are black
        const auto target = torch::tensor({{0, 1}, {2, 2}}, torch::kUInt8);
        const auto data = examplePictures(crop, 3, torch::tensor({{{0.0f, 0.2f}, {1.0f, 0.6f}}}), target, 3);
        const auto values = [&](int i) {
            const Array a = Array::fromJson(data["images"][i]);
            return std::vector<int>(a.data<std::uint8_t>(), a.data<std::uint8_t>() + a.size());
        };
        QCOMPARE(values(0), (std::vector<int>{0, 128, 255, 255}));
        QCOMPARE(values(1), (std::vector<int>{0, 128, 255, 255}));
        QCOMPARE(values(2), (std::vector<int>{0, 51, 255, 153}));
        QVERIFY(data["kinds"] == Json({"image", "labels", "probability"}));
    }
    void showsAnImageThatIsItsOwnTarget()
    {
        const auto crop = torch::tensor({{{0.0f, 1.0f}}});
        const auto data = examplePictures(crop, 1, torch::tensor({{{0.5f, 2.0f}}}), {}, 1);
        const Array made = Array::fromJson(data["images"][2]);
        QCOMPARE(int(made.data<std::uint8_t>()[0]), 128);
        QCOMPARE(int(made.data<std::uint8_t>()[1]), 255);
        QVERIFY(data["titles"] == Json({"input", "target", "output"}));
    }
};

RETICLE_TEST(ExamplePicturesTest)
#include "ExamplePicturesTest.moc"
