#include "files/ImageWriter.h"
#include "support/OpenData.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

/// Data set "images": slices without labels.
class ImagesDataTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    std::shared_ptr<SegmentationData> load(const Array &images, Json options = Json::object()) const
    {
        writeNpy(m_folder / "images.npy", images);
        options["images"] = (m_folder / "images.npy").string();
        return test::openData("images", options, 1);
    }
    static Array ramp(std::int64_t pages)
    {
        Array a(DType::UInt8, {pages, 6, 8});
        for (std::int64_t i = 0; i < a.size(); ++i)
            a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 201);
        return a;
    }

private Q_SLOTS:
    void slicesWithoutLabels()
    {
        const auto data = load(ramp(10), {{"split", "first"}, {"validation-fraction", 0.2}});
        QVERIFY(!data->hasLabels());
        QCOMPARE(data->classes(), std::int64_t(1));
        QCOMPARE(data->split().training.size(), std::size_t(8));
        QCOMPARE(data->classCounts(), (std::vector<std::int64_t>{8 * 48}));
        QCOMPARE(data->valueRange(), 1.0);
        const Array target = data->target(3);
        QCOMPARE(target.shape(), (std::vector<std::int64_t>{6, 8}));
        for (const auto v : target.span<std::uint8_t>())
            QCOMPARE(int(v), 0);
        QCOMPARE(data->image(0).data<float>()[7], 7.f / 255);
        QVERIFY(data->labelsName(3).find("images.npy") != std::string::npos);
        QVERIFY2(data->description().find("no labels") != std::string::npos, data->description().c_str());
    }
    void theRangeOfZScores()
    {
        const auto data = load(ramp(4), {{"scaling", "z-score"}, {"validation-fraction", 0}});
        QVERIFY(std::abs(data->valueRange() - 191 * data->scaling().factor) < 1e-9); // 4 x 48 values, 0..191
    }
    void twelveBitsInSixteenSpanWhatTheySpan()
    {
        // 4 training pages of 48 values from 100 to 4095 beside one that alone has 65535 and trains nothing.
        Array a(DType::UInt16, {5, 6, 8});
        for (std::int64_t i = 0; i < a.size(); ++i)
            a.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(i < 192 ? 100 + i * 3995 / 191 : 65535);
        const auto data = load(a, {{"split", "first"}, {"validation-fraction", 0.2}});
        QCOMPARE(data->image(0).data<float>()[0], 100.f / 65535); // values are scaled as ever
        QVERIFY(std::abs(data->valueRange() - 3995.0 / 65535) < 1e-12);
        Array f(DType::Float32, {4, 6, 8});
        for (std::int64_t i = 0; i < f.size(); ++i)
            f.data<float>()[i] = i % 2 ? 0.0625f : 0.03125f;
        QCOMPARE(load(f, {{"split", "first"}})->valueRange(), 0.03125);
        Array flat(DType::UInt16, {4, 6, 8});
        std::fill_n(flat.data<std::uint16_t>(), flat.size(), std::uint16_t(7));
        QCOMPARE(load(flat, {{"split", "first"}})->valueRange(), 1.0);
    }
    void settingsOfLabelsAreNotKnown()
    {
        EXPECT_ERROR(test::openData("images", Json{{"labels", "a.tif"}}, 1), "labels");
        EXPECT_ERROR(test::openData("images", Json{{"context", 1}}, 1), "context");
        EXPECT_ERROR(test::openData("images", Json::object(), 1), "data.images");
    }
    void numbersThatAreNoneAreFound()
    {
        Array a(DType::Float32, {2, 4, 4});
        a.data<float>()[20] = NAN;
        EXPECT_ERROR(load(a, {{"validation-fraction", 0.5}}), "NaN at row 1, column 0");
    }
};

RETICLE_TEST(ImagesDataTest)
#include "ImagesDataTest.moc"
