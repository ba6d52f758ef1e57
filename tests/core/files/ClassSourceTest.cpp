#include "files/ClassSource.h"

#include "data/SegmentationData.h"
#include "files/ImageWriter.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

class ClassSourceTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    /// Two pages of 4 x 6: page 0 has the values in turn, page 1 the first and the last alone.
    std::string write(const std::string &name, const std::vector<int> &values)
    {
        TiffWriter writer(m_folder / name, 0);
        for (int z = 0; z < 2; ++z) {
            Array page(DType::UInt8, {4, 6});
            for (std::size_t i = 0; i < 24; ++i)
                page.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(z == 0  ? values[i % values.size()]
                                                                         : i % 2 ? values.back()
                                                                                 : values.front());
            writer.writePage(page);
        }
        writer.close();
        return (m_folder / name).string();
    }

private Q_SLOTS:
    void classesAreThoseOfTraining_data()
    {
        QTest::addColumn<std::vector<int>>("values");
        QTest::addColumn<bool>("dark");
        QTest::newRow("mask") << std::vector<int>{0, 255} << false;
        QTest::newRow("dark mask") << std::vector<int>{0, 255} << true;
        QTest::newRow("two other values") << std::vector<int>{1, 2} << false;
        QTest::newRow("two, dark, and ignored") << std::vector<int>{10, 20, 255} << true;
        QTest::newRow("three") << std::vector<int>{0, 10, 20} << false;
        QTest::newRow("three and ignored") << std::vector<int>{0, 10, 20, 255} << false;
    }
    void classesAreThoseOfTraining()
    {
        QFETCH(std::vector<int>, values);
        QFETCH(bool, dark);
        SegmentationDataOptions o;
        o.images = o.labels = write("labels.tif", values);
        o.foreground = dark ? "dark" : "bright";
        const auto data = SegmentationData::load(o, 1);
        const auto labels = openImage(o.labels);
        const auto found = labelValues(*labels);
        QCOMPARE(found, std::vector<std::int64_t>(values.begin(), values.end()));
        const auto source = classesOf(labels, found, dark), shown = classesOf(labels, found, dark, 0);
        QCOMPARE(source->info().pages, std::int64_t(2));
        for (int z = 0; z < 2; ++z) {
            const Array truth = data->target(z);
            QVERIFY(source->readPage(z) == truth);
            // Of a region too, although it holds only some of the values.
            const Array part = source->readRegion(z, 1, 2, 2, 3);
            for (int y = 0; y < 2; ++y)
                for (int x = 0; x < 3; ++x)
                    QCOMPARE(part.value(y * 3 + x), truth.value((y + 1) * 6 + x + 2));
            const Array plain = shown->readPage(z);
            for (std::int64_t i = 0; i < truth.size(); ++i)
                QCOMPARE(plain.value(i), truth.value(i) == SegmentationData::ignore ? 0.0 : truth.value(i));
        }
    }
    void colorsAndNumbersThatAreNoClassesAreNamed()
    {
        // One value is shown: 0 as background, others as foreground.
        const auto labels = openImage(write("one.tif", {7})), none = openImage(write("none.tif", {0}));
        QCOMPARE(classesOf(labels, labelValues(*labels), false)->readPage(0).value(0), 1.0);
        QCOMPARE(classesOf(none, labelValues(*none), false)->readPage(0).value(0), 0.0);
        QCOMPARE(classesOf(none, labelValues(*none), true)->readPage(0).value(0), 1.0);
        EXPECT_ERROR(classesOf(labels, {}, false), "at least two values");
        EXPECT_ERROR(classesOf(labels, {-1, 3}, false), "-1");
        Array colors(DType::UInt8, {1, 1, 2, 3});
        colors.data<std::uint8_t>()[1] = 9;
        EXPECT_ERROR(labelValues(*imageFromArray(colors, "colors.png")), "colors.png");
        Array parts(DType::Float32, {1, 2});
        parts.data<float>()[1] = 0.5f;
        EXPECT_ERROR(labelValues(*imageFromArray(parts, "parts.tif")), "whole numbers");
        // A value that was not known reads as ignored.
        Array real(DType::Float32, {1, 3});
        real.data<float>()[1] = 1;
        real.data<float>()[2] = std::nanf("");
        const Array classes = classesOf(imageFromArray(real), {0, 2}, false)->readPage(0);
        QCOMPARE(classes.value(0), 0.0);
        QCOMPARE(classes.value(1), 255.0);
        QCOMPARE(classes.value(2), 255.0);
    }
    void classesOfAModelHoldForOtherLabels()
    {
        auto known = files::comparedClasses({{0, 1}, {1, 1}, {3, 1}}, true, "x");
        known.owner = "run 2";
        std::string note;
        const auto labels = openImage(write("lacks.tif", {0, 3}));
        const Array page = classesOf(labels, labelValues(*labels), known, note)->readPage(0);
        QCOMPARE(page.value(0), 0.0);
        QCOMPARE(page.value(1), 2.0);
        QVERIFY(note.empty());
        const auto other = openImage(write("other.tif", {0, 3, 7}));
        QCOMPARE(classesOf(other, labelValues(*other), known, note, 9)->readPage(0).value(2), 9.0);
        QCOMPARE(note, std::string("The labels have values that belong to no class of run 2 (0, 1 and 3): 7. These pixels are "
                                   "not compared."));
    }
    void theThresholdOfAModelHolds()
    {
        auto known = files::comparedClasses({{0, 1}, {255, 1}}, true, "x");
        known.threshold = 128;
        std::string note;
        const auto labels = openImage(write("soft.tif", {0, 100, 127, 128, 200, 255}));
        const auto source = classesOf(labels, labelValues(*labels), known, note);
        QVERIFY(note.empty());
        for (int i = 0; i < 6; ++i)
            QCOMPARE(source->readPage(0).value(i), i < 3 ? 0.0 : 1.0);
        QCOMPARE(source->readRegion(0, 1, 2, 1, 2).value(1), 1.0); // column 3
        // Numbers that are no classes without it.
        Array real(DType::Float32, {1, 3});
        real.data<float>()[1] = 0.4f;
        real.data<float>()[2] = 0.5f;
        known.threshold = 0.5;
        const Array page = classesOf(imageFromArray(real), {}, known, note)->readPage(0);
        QCOMPARE(page.value(1), 0.0);
        QCOMPARE(page.value(2), 1.0);
        // With a dark foreground.
        auto dark = files::comparedClasses({{0, 1}, {255, 1}}, false, "x");
        dark.threshold = 0.5;
        QCOMPARE(classesOf(imageFromArray(real), {}, dark, note)->readPage(0).value(2), 0.0);
    }
};

RETICLE_TEST(ClassSourceTest)
#include "ClassSourceTest.moc"
