#include "learn/Inference.h"

#include "base/ImageSource.h"
#include "support/SmallStack.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fstream>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

/// The largest difference between a part and the same place (y, x) of the whole.
float apart(const Array &part, const Array &whole, std::int64_t y, std::int64_t x)
{
    float most = 0;
    for (std::int64_t i = 0; i < part.dim(0); ++i)
        for (std::int64_t j = 0; j < part.dim(1); ++j)
            most = std::max(most, std::abs(part.data<float>()[i * part.dim(1) + j] -
                                           whole.data<float>()[(y + i) * whole.dim(1) + x + j]));
    return most;
}

} // namespace

class InferenceTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    test::SmallStack m_stack;
    fs::path m_run;
    std::shared_ptr<ImageSource> m_source;
    test::EventCounter m_events;
    static constexpr int pages = test::SmallStack::pages, height = test::SmallStack::height, width = test::SmallStack::width;

    static PredictOptions options()
    {
        PredictOptions o;
        o.tile = 32;
        o.device = "cpu";
        return o;
    }
    /// A copy of the run's folder, to be damaged.
    fs::path copy(const char *name) const
    {
        const auto to = m_stack.folder / name;
        fs::copy(m_run, to, fs::copy_options::recursive);
        return to;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_stack.write(m_dir.path().toStdString());
        m_run = m_stack.trained("P", m_stack.recipe);
        m_source = openImage(m_stack.folder / "images.tif");
    }
    void writesAStack()
    {
        Predictor predictor(m_run, options());
        QCOMPARE(predictor.classes(), std::int64_t(2));
        QCOMPARE(predictor.channels(), std::int64_t(1));
        QCOMPARE(predictor.classNames().size(), std::size_t(2));
        RunControl control;
        predictor.predictStack(*m_source, m_stack.folder / "p.tif", m_events, control);
        const auto written = openImage(m_stack.folder / "p.tif");
        QCOMPARE(written->info().pages, std::int64_t(pages));
        QVERIFY(written->info().dtype == DType::Float32);
        const auto labels = openImage(m_stack.folder / "labels.tif");
        for (const int page : {0, pages - 1}) {
            const auto p = written->readPage(page), truth = labels->readPage(page);
            QCOMPARE(apart(p, predictor.predict(m_source->readPage(page)).at(1), 0, 0), 0.f);
            int wrong = 0;
            for (std::int64_t i = 0; i < p.size(); ++i)
                wrong += (p.data<float>()[i] > 0.5f) != (truth.data<std::uint8_t>()[i] == 255);
            QVERIFY2(wrong < 0.15 * height * width, qPrintable(QString::number(wrong)));
        }
        auto o = options();
        o.output = "labels";
        Predictor(m_run, o).predictStack(*m_source, m_stack.folder / "l.tif", m_events, control);
        const auto l = openImage(m_stack.folder / "l.tif")->readPage(2), p = written->readPage(2);
        for (std::int64_t i = 0; i < l.size(); ++i)
            QCOMPARE(int(l.data<std::uint8_t>()[i]), p.data<float>()[i] > 0.5f ? 255 : 0);
    }
    void sizesOfVoxelsAreKept()
    {
        TiffWriter tall(m_stack.folder / "tall.tif", 0, 4, 50, 6);
        tall.writePage(m_source->readPage(0));
        tall.close();
        RunControl control;
        Predictor(m_run, options()).predictStack(*openImage(m_stack.folder / "tall.tif"), m_stack.folder / "t.tif", m_events, control);
        const auto info = openImage(m_stack.folder / "t.tif")->info();
        QVERIFY(std::abs(info.pixelSizeX - 4) < 1e-5 && std::abs(info.pixelSizeY - 6) < 1e-5);
        QCOMPARE(info.pixelSizeZ, 50.0);
    }
    void probabilitiesOfAMaskSumToOne()
    {
        const auto p = Predictor(m_run, options()).predict(m_source->readPage(0));
        QCOMPARE(p.shape(), (std::vector<std::int64_t>{2, height, width}));
        for (std::int64_t i = 0; i < height * width; ++i)
            QVERIFY(std::abs(p.data<float>()[i] + p.data<float>()[height * width + i] - 1) < 1e-6f);
    }
    void aRegionIsAPartOfTheWhole()
    {
        Predictor predictor(m_run, options());
        const auto whole = predictor.predict(m_source->readPage(3)).at(1);
        QVERIFY(apart(predictor.predictRegion(*m_source, 3, 20, 31, 40, 50).at(1), whole, 20, 31) < 0.02f);
        QVERIFY(apart(predictor.predictRegion(*m_source, 3, 0, 0, height, width).at(1), whole, 0, 0) < 1e-5f);
        QVERIFY(apart(predictor.predictRegion(*m_source, 3, height - 1, width - 1, 1, 1).at(1), whole, height - 1, width - 1) < 0.02f);
        EXPECT_ERROR(predictor.predictRegion(*m_source, 9, 0, 0, 5, 5), "images.tif");
    }
    void anySizeIsPredicted()
    {
        Predictor predictor(m_run, options());
        for (const auto &[h, w] : {std::pair{1, 1}, {1, 200}, {33, 31}}) {
            const auto p = predictor.predict(Array(DType::UInt8, {h, w}));
            QCOMPARE(p.shape(), (std::vector<std::int64_t>{2, h, w}));
            for (const float v : p.span<float>())
                QVERIFY(v >= 0 && v <= 1);
        }
    }
    void flipsAreAveraged()
    {
        auto o = options();
        o.flips = "4";
        const auto image = m_source->readPage(1);
        auto mirrored = image.clone();
        for (int y = 0; y < height; ++y)
            std::reverse(mirrored.data<std::uint8_t>() + y * width, mirrored.data<std::uint8_t>() + (y + 1) * width);
        o.tile = 96; // one tile, so that nothing but the flips matters
        Predictor predictor(m_run, o);
        auto a = predictor.predict(image), b = predictor.predict(mirrored);
        for (int y = 0; y < 2 * height; ++y)
            std::reverse(b.data<float>() + y * width, b.data<float>() + (y + 1) * width);
        const float most = apart(a.at(1), b.at(1), 0, 0);
        QVERIFY2(most < 1e-4f, qPrintable(QString::number(most)));
    }
    void seesNeighbouringSlices()
    {
        Json recipe = m_stack.recipe;
        recipe["data"]["context"] = 1;
        recipe["train"]["steps"] = 4;
        Predictor predictor(m_stack.trained("Context", recipe), options());
        QCOMPARE(predictor.channels(), std::int64_t(1));
        RunControl control;
        predictor.predictStack(*m_source, m_stack.folder / "context.tif", m_events, control);
        const auto written = openImage(m_stack.folder / "context.tif");
        for (const int page : {0, 2, pages - 1}) {
            // The whole stack, a region of a page, and the page alone, which stands for its neighbours.
            const auto whole = written->readPage(page);
            QVERIFY(apart(predictor.predictRegion(*m_source, page, 8, 16, 20, 30).at(1), whole, 8, 16) < 1e-4f);
            QVERIFY(apart(predictor.predict(m_source->readPage(page)).at(1), whole, 0, 0) > 1e-3f);
        }
    }
    void saysWhatTheImageMustBe()
    {
        Predictor predictor(m_run, options());
        EXPECT_ERROR(predictor.predict(Array(DType::UInt8, {30, 30, 3})), "1 channel");
        Array bad(DType::Float32, {30, 30});
        bad.data<float>()[31] = NAN;
        EXPECT_ERROR(predictor.predict(bad), "row 1, column 1");
    }
    void saysWhatIsWrongWithTheModel()
    {
        EXPECT_ERROR(Predictor(m_stack.folder / "nowhere", options()), "model.json");
        const auto cut = copy("cut"), none = copy("none"), text = copy("text");
        fs::resize_file(cut / "model.pt", fs::file_size(cut / "model.pt") / 2);
        EXPECT_ERROR(Predictor(cut, options()), "model.pt");
        fs::remove(none / "model.pt");
        EXPECT_ERROR(Predictor(none, options()), "model.pt");
        std::ofstream(text / "model.json") << "{\"recipe\": ";
        EXPECT_ERROR(Predictor(text, options()), "model.json");
        auto o = options();
        o.classIndex = 2;
        EXPECT_ERROR(Predictor(m_run, o), "class-index");
    }
    void endsWhenToldTo()
    {
        Predictor predictor(m_run, options());
        RunControl control;
        control.end(RunControl::End::Cancel);
        EXPECT_ERROR(predictor.predictStack(*m_source, m_stack.folder / "none.tif", m_events, control), "stopped");
        QVERIFY(!fs::exists(m_stack.folder / "none.tif"));
        EXPECT_ERROR(predictor.predict(m_source->readPage(0), [](double) { return false; }), "stopped");
    }
};

RETICLE_TEST(InferenceTest)
#include "InferenceTest.moc"
