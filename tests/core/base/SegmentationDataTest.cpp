#include "base/Dataset.h"
#include "support/Test.h"

using namespace reticle;

class SegmentationDataTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsRealStack()
    {
        const auto images = test::sharedData("isbi2012/train-volume.tif");
        if (images.empty())
            QSKIP("shared/data is absent");
        const auto labels = test::sharedData("isbi2012/train-labels.tif");
        const auto data = datasets().get("segmentation").factory(
            Json{{"images", images}, {"labels", labels}, {"split", "slices"}, {"validation-slices", {20, 21, 22, 23}}}, 1);
        QCOMPARE(data->slices(), std::int64_t(24));
        QCOMPARE(data->channels(), std::int64_t(1));
        QCOMPARE(data->classes(), std::int64_t(2));
        QCOMPARE(data->split().training.size(), size_t(20));
        QCOMPARE(data->split().validation, (std::vector<std::int64_t>{20, 21, 22, 23}));
        const Array image = data->image(0), target = data->target(0);
        QCOMPARE(image.shape(), (std::vector<std::int64_t>{1, 512, 512}));
        QCOMPARE(target.shape(), (std::vector<std::int64_t>{512, 512}));
        QCOMPARE(data->classCounts()[0] + data->classCounts()[1], std::int64_t(20) * 512 * 512);
        qInfo("%s", data->description().c_str());
    }
};

RETICLE_TEST(SegmentationDataTest)
#include "SegmentationDataTest.moc"
