#include "window/parts/ImageLabels.h"

#include "files/ImageWriter.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

class ImageLabelsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theThresholdOfAModelMakesClasses()
    {
        const test::TemporaryFolder folder;
        Array parts(DType::Float32, {2, 3});
        for (int i = 0; i < 6; ++i)
            parts.data<float>()[i] = 0.2f * static_cast<float>(i);
        writeNpy(folder / "parts.npy", parts);
        const auto opened = readLabels((folder / "parts.npy").string(), false);
        QVERIFY(opened.problem.isEmpty() && opened.shown);
        std::string note;
        auto classes = files::comparedClasses({{0, 1}, {255, 1}}, true, "x");
        QVERIFY(!opened.truth({}, note) && !opened.truth(classes, note)); // no whole numbers
        classes.threshold = 0.5;
        const auto truth = opened.truth(classes, note);
        QVERIFY(truth && note.empty());
        for (int i = 0; i < 6; ++i)
            QCOMPARE(truth->readPage(0).value(i), i < 3 ? 0.0 : 1.0);
    }
};

RETICLE_TEST(ImageLabelsTest)
#include "ImageLabelsTest.moc"
