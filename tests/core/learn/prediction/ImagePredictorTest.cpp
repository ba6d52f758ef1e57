#include "learn/prediction/ImagePredictor.h"

#include "files/ImageSource.h"
#include "files/Pictures.h"
#include "foundation/FreeMemory.h"
#include "project/ModelFiles.h"
#include "support/SmallStack.h"
#include "support/Test.h"
#include "support/Vips.h"

#include <QTemporaryDir>

#include <fstream>
#include <set>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

/// The largest difference between a part and the same place (y, x) of the whole.
float largestDifference(const Array &part, const Array &whole, std::int64_t y, std::int64_t x)
{
    float maximum = 0;
    for (std::int64_t i = 0; i < part.dim(0); ++i)
        for (std::int64_t j = 0; j < part.dim(1); ++j)
            maximum = std::max(
                maximum, std::abs(part.data<float>()[i * part.dim(1) + j] - whole.data<float>()[(y + i) * whole.dim(1) + x + j]));
    return maximum;
}

} // namespace

class ImagePredictorTest : public QObject
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
    /// The run's model with each weight and the description changed.
    static void rewrite(
        const fs::path &run, const std::function<void(float &)> &change,
        const std::function<void(Json &)> &describe = [](Json &) {})
    {
        auto model = readModel(run);
        std::vector<TensorView> views;
        for (auto &[name, array] : model.file.tensors) {
            if (array.dtype() == DType::Float32)
                for (float &v : array.span<float>())
                    change(v);
            views.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
        }
        describe(model.file.info);
        writeModel(run, views, model.file.info);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_stack.write(m_dir.path().toStdString());
        m_run = m_stack.trained("P", m_stack.recipe);
        m_source = openImage(m_stack.folder / "images.tif");
    }
    void takesSmallerTilesWhereMemoryIsShort()
    {
        auto o = options();
        o.tile = 1024;
        RunControl control;
        const Array page = m_source->readPage(0);
        {
            const AssumedFreeMemory little(std::int64_t(100) << 20);
            ImagePredictor predictor(m_run, o);
            const auto p = predictor.predict(page);
            QCOMPARE(p.shape(), (std::vector<std::int64_t>{2, height, width}));
            QCOMPARE(predictor.notes().size(), std::size_t(1));
            QVERIFY2(predictor.notes().front().find("in place of 1024 px") != std::string::npos,
                     predictor.notes().front().c_str());
            predictor.predict(page); // said once
            QCOMPARE(predictor.notes().size(), std::size_t(1));
        }
        const AssumedFreeMemory none(std::int64_t(40) << 20);
        ImagePredictor refusing(m_run, o);
        for (int time = 0; time < 2; ++time) // asked for again it is still too much
            EXPECT_ERROR(refusing.predict(page), "raise the memory limit");
    }
    void writesAStack()
    {
        ImagePredictor predictor(m_run, options());
        QCOMPARE(predictor.classes(), std::int64_t(2));
        QCOMPARE(predictor.channels(), std::int64_t(1));
        QCOMPARE(predictor.classNames().size(), std::size_t(2));
        RunControl control;
        predictor.predictStack(*m_source, m_stack.folder / "p.tif", m_events, control);
        const auto written = openImage(m_stack.folder / "p.tif");
        QCOMPARE(written->info().pages, std::int64_t(pages));
        QVERIFY(written->info().dtype == DType::Float32);
        QCOMPARE(written->info().probabilityClass, std::int64_t(1));
        const auto labels = openImage(m_stack.folder / "labels.tif");
        for (const int page : {0, pages - 1}) {
            const auto p = written->readPage(page), truth = labels->readPage(page);
            QCOMPARE(largestDifference(p, predictor.predict(m_source->readPage(page)).at(1), 0, 0), 0.f);
            int wrong = 0;
            for (std::int64_t i = 0; i < p.size(); ++i)
                wrong += (p.data<float>()[i] > 0.5f) != (truth.data<std::uint8_t>()[i] == 255);
            QVERIFY2(wrong < 0.15 * height * width, qPrintable(QString::number(wrong)));
        }
        auto o = options();
        o.output = "labels";
        ImagePredictor(m_run, o).predictStack(*m_source, m_stack.folder / "l.tif", m_events, control);
        QCOMPARE(openImage(m_stack.folder / "l.tif")->info().probabilityClass, std::int64_t(-1));
        const auto l = openImage(m_stack.folder / "l.tif")->readPage(2), p = written->readPage(2);
        for (std::int64_t i = 0; i < l.size(); ++i)
            QCOMPARE(int(l.data<std::uint8_t>()[i]), p.data<float>()[i] > 0.5f ? 255 : 0);
        auto background = options();
        background.classIndex = 0;
        ImagePredictor(m_run, background).predictStack(*m_source, m_stack.folder / "b.tif", m_events, control);
        QCOMPARE(openImage(m_stack.folder / "b.tif")->info().probabilityClass, std::int64_t(0));
    }
    void sizesOfVoxelsAreKept()
    {
        TiffWriter tall(m_stack.folder / "tall.tif", 0, 4, 50, 6);
        tall.writePage(m_source->readPage(0));
        tall.close();
        RunControl control;
        ImagePredictor(m_run, options())
            .predictStack(*openImage(m_stack.folder / "tall.tif"), m_stack.folder / "t.tif", m_events, control);
        const auto info = openImage(m_stack.folder / "t.tif")->info();
        QVERIFY(std::abs(info.pixelSizeX - 4) < 1e-5 && std::abs(info.pixelSizeY - 6) < 1e-5);
        QCOMPARE(info.pixelSizeZ, 50.0);
    }
    /// Three time points of two slices: all are predicted, and the file says so.
    void timePointsAreKept()
    {
        const auto film = m_stack.folder / "film.tif";
        {
            TiffStack stack;
            stack.pixelSize = 4;
            stack.sliceDistance = 50;
            stack.pages = 6;
            stack.times = 3;
            TiffWriter writer(film, 0, stack);
            for (int page = 0; page < pages; ++page)
                writer.writePage(m_source->readPage(page));
            writer.close();
        }
        RunControl control;
        ImagePredictor predictor(m_run, options());
        for (const char *name : {"f.tif", "f.ome.tif", "f.npy"}) {
            predictor.predictStack(*openImage(film), m_stack.folder / name, m_events, control);
            const auto written = openImage(m_stack.folder / name);
            QCOMPARE(written->info().pages, std::int64_t(6));
            for (const int page : {0, 5})
                QVERIFY(written->readPage(page) == predictor.predict(m_source->readPage(page)).at(1).clone());
            if (std::string(name) == "f.npy")
                continue;
            QCOMPARE(written->info().times, std::int64_t(3));
            QVERIFY(std::abs(written->info().pixelSizeX - 4) < 1e-5);
            QVERIFY(std::abs(written->info().pixelSizeZ - 50) < 1e-5);
        }
    }
    /// The slices of another time point are no neighbors.
    void neighborsAreOfOneTimePoint()
    {
        Json recipe = m_stack.recipe;
        recipe["data"]["context"] = 1;
        recipe["train"]["steps"] = 4;
        ImagePredictor predictor(m_stack.trained("Film", recipe), options());
        const auto film = m_stack.folder / "frames.tif", alone = m_stack.folder / "alone.tif";
        TiffStack stack;
        stack.pages = 6;
        stack.times = 2;
        TiffWriter writer(film, 0, stack), second(alone, 0);
        for (int page = 0; page < pages; ++page) {
            writer.writePage(m_source->readPage(page));
            if (page >= 3)
                second.writePage(m_source->readPage(page));
        }
        writer.close();
        second.close();
        RunControl control;
        predictor.predictStack(*openImage(film), m_stack.folder / "fp.tif", m_events, control);
        predictor.predictStack(*openImage(alone), m_stack.folder / "ap.tif", m_events, control);
        const auto whole = openImage(m_stack.folder / "fp.tif"), part = openImage(m_stack.folder / "ap.tif");
        for (int page = 0; page < 3; ++page)
            QVERIFY(whole->readPage(3 + page) == part->readPage(page));
        QVERIFY(largestDifference(predictor.predictRegion(*openImage(film), 3, 8, 16, 20, 30).at(1), part->readPage(0), 8, 16) <
                1e-4f);
    }
    void imagesOfSeveralSizesBecomeAFolder()
    {
        const auto in = m_stack.folder / "sizes";
        fs::create_directories(in);
        const auto cut = [&](const std::string &name, std::int64_t h, std::int64_t w) {
            TiffWriter writer(in / (name + ".tif"), 0, 4);
            writer.writePage(m_source->readRegion(1, 3, 5, h, w));
            writer.close();
        };
        cut("raw_b", 40, 50);
        cut("cell_10", 33, 61);
        cut("cell_2", 50, 20);
        const auto source = openPictures(in);
        ImagePredictor predictor(m_run, options());
        RunControl control;
        for (const char *name : {"sizes.tif", "sizes.npy", "sizes.png"})
            EXPECT_ERROR(predictor.predictStack(*source, m_stack.folder / name, m_events, control), "choose a folder");
        predictor.predictStack(*source, m_stack.folder / "sizes-p", m_events, control);
        const auto written = openPictures(m_stack.folder / "sizes-p");
        QCOMPARE(written->info().pages, std::int64_t(3));
        for (std::int64_t page = 0; page < 3; ++page) {
            const auto p = written->readPage(page);
            QVERIFY(p == predictor.predict(source->readPage(page)).at(1).clone());
            QCOMPARE(pageInfo(*written, page).pixelSizeX, 4.0);
        }
        QVERIFY(fs::exists(m_stack.folder / "sizes-p" / "raw_b.tif"));
        Json recipe = m_stack.recipe;
        recipe["data"]["context"] = 1;
        recipe["train"]["steps"] = 2;
        ImagePredictor neighbors(m_stack.trained("Neighbors", recipe), options());
        EXPECT_ERROR(neighbors.predictStack(*source, m_stack.folder / "none", m_events, control),
                     "images of one size for a model that sees neighboring slices");
        QVERIFY(!fs::exists(m_stack.folder / "none"));
    }
    void theEndingDecidesWhatIsWritten()
    {
        RunControl control;
        ImagePredictor predictor(m_run, options());
        EXPECT_ERROR(predictor.predictStack(*m_source, m_stack.folder / "p.jpg", m_events, control),
                     "expected a name that ends in");
        EXPECT_ERROR(predictor.predictStack(*m_source, m_stack.folder / "p.png", m_events, control), "found 6 pages");
        if (!test::withVips)
            return;
        const auto one = imageFromArray(m_source->readPage(2), "one.tif");
        predictor.predictStack(*one, m_stack.folder / "p.png", m_events, control);
        auto o = options();
        o.output = "labels";
        ImagePredictor(m_run, o).predictStack(*one, m_stack.folder / "l.png", m_events, control);
        const Array p = predictor.predict(m_source->readPage(2)).at(1).clone();
        const Array deep = openImage(m_stack.folder / "p.png")->readPage(0),
                    labels = openImage(m_stack.folder / "l.png")->readPage(0);
        QVERIFY(deep.dtype() == DType::UInt16 && labels.dtype() == DType::UInt8);
        for (std::int64_t i = 0; i < p.size(); ++i) {
            QVERIFY(std::abs(deep.value(i) / 65535 - p.value(i)) < 1e-5);
            QCOMPARE(labels.value(i), p.data<float>()[i] > 0.5f ? 255.0 : 0.0);
        }
    }
    void probabilitiesOfAMaskSumToOne()
    {
        const auto p = ImagePredictor(m_run, options()).predict(m_source->readPage(0));
        QCOMPARE(p.shape(), (std::vector<std::int64_t>{2, height, width}));
        for (std::int64_t i = 0; i < height * width; ++i)
            QVERIFY(std::abs(p.data<float>()[i] + p.data<float>()[height * width + i] - 1) < 1e-6f);
    }
    void aRegionIsAPartOfTheWhole()
    {
        ImagePredictor predictor(m_run, options());
        const auto whole = predictor.predict(m_source->readPage(3)).at(1);
        QVERIFY(largestDifference(predictor.predictRegion(*m_source, 3, 20, 31, 40, 50).at(1), whole, 20, 31) < 0.02f);
        QVERIFY(largestDifference(predictor.predictRegion(*m_source, 3, 0, 0, height, width).at(1), whole, 0, 0) < 1e-5f);
        QVERIFY(largestDifference(predictor.predictRegion(*m_source, 3, height - 1, width - 1, 1, 1).at(1), whole, height - 1,
                                  width - 1) < 0.02f);
        EXPECT_ERROR(predictor.predictRegion(*m_source, 9, 0, 0, 5, 5), "images.tif");
    }
    void anySizeIsPredicted()
    {
        ImagePredictor predictor(m_run, options());
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
        ImagePredictor predictor(m_run, o);
        auto a = predictor.predict(image), b = predictor.predict(mirrored);
        for (int y = 0; y < 2 * height; ++y)
            std::reverse(b.data<float>() + y * width, b.data<float>() + (y + 1) * width);
        const float maximum = largestDifference(a.at(1), b.at(1), 0, 0);
        QVERIFY2(maximum < 1e-4f, qPrintable(QString::number(maximum)));
    }
    void seesNeighboringSlices()
    {
        Json recipe = m_stack.recipe;
        recipe["data"]["context"] = 1;
        recipe["train"]["steps"] = 4;
        ImagePredictor predictor(m_stack.trained("Context", recipe), options());
        QCOMPARE(predictor.channels(), std::int64_t(1));
        RunControl control;
        predictor.predictStack(*m_source, m_stack.folder / "context.tif", m_events, control);
        const auto written = openImage(m_stack.folder / "context.tif");
        for (const int page : {0, 2, pages - 1}) {
            // The whole stack, a region of a page, and the page alone, which stands for its neighbors.
            const auto whole = written->readPage(page);
            QVERIFY(largestDifference(predictor.predictRegion(*m_source, page, 8, 16, 20, 30).at(1), whole, 8, 16) < 1e-4f);
            QVERIFY(largestDifference(predictor.predict(m_source->readPage(page)).at(1), whole, 0, 0) > 1e-3f);
        }
    }
    /// The same pictures with other numbers give the same prediction, and it is said what was done.
    void otherNumberTypesAreConverted_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("factor");
        QTest::addColumn<QString>("range");
        QTest::addColumn<QString>("said");
        const auto row = [](const char *name, DType type, double factor, const char *said, const char *range = "auto") {
            QTest::newRow(name) << static_cast<int>(type) << factor << QString(range) << QString(said);
        };
        row("8 bit", DType::UInt8, 1, "");
        row("16 bit", DType::UInt16, 257, "divided by 257");
        row("16 bit, shifted", DType::UInt16, 256, "divided by 256");
        row("12 bit, shifted", DType::UInt16, 16, "divided by 16");
        row("8 bit in 16", DType::UInt16, 1, "as they are");
        row("8 bit in signed 32", DType::Int32, 1, "as they are");
        row("0 to 1", DType::Float32, 1 / 255.0, "multiplied by 255");
        row("0 to 1, double", DType::Float64, 1 / 255.0, "multiplied by 255");
        row("0 to 255", DType::Float32, 1, "as they are");
        row("what the user says", DType::UInt16, 3, "0 to 765 became 0 to 255", "0..765");
        row("percent", DType::Float32, 100 / 255.0, "0 to 100 became 0 to 255", "0..100");
    }
    void otherNumberTypesAreConverted()
    {
        QFETCH(int, type);
        QFETCH(double, factor);
        QFETCH(QString, range);
        QFETCH(QString, said);
        auto o = options();
        o.precision = "float32";
        RunControl control;
        if (!fs::exists(m_stack.folder / "eight.tif"))
            ImagePredictor(m_run, o).predictStack(*m_source, m_stack.folder / "eight.tif", m_events, control);
        Array stack(DType::Float64, {pages, height, width});
        for (int page = 0; page < pages; ++page) {
            const auto from = m_source->readPage(page);
            for (std::int64_t i = 0; i < from.size(); ++i)
                stack.data<double>()[page * from.size() + i] = factor * from.value(i);
        }
        writeNpy(m_stack.folder / "other.npy", stack.as(static_cast<DType>(type)));
        const auto other = openImage(m_stack.folder / "other.npy");
        o.inputRange = range.toStdString();
        ImagePredictor predictor(m_run, o);
        test::EventCounter events;
        predictor.predictStack(*other, m_stack.folder / "other.tif", events, control);
        QCOMPARE(events.counts[Event::Kind::Warning], said.isEmpty() ? 0 : 1);
        QCOMPARE(predictor.notes().size(), std::size_t(said.isEmpty() ? 0 : 1));
        if (!said.isEmpty())
            QVERIFY2(predictor.notes()[0].find(said.toStdString()) != std::string::npos, predictor.notes()[0].c_str());
        const auto expected = openImage(m_stack.folder / "eight.tif"), found = openImage(m_stack.folder / "other.tif");
        for (int page = 0; page < pages; ++page)
            QVERIFY(largestDifference(found->readPage(page), expected->readPage(page), 0, 0) < 1e-4f);
        const auto part = predictor.predictRegion(*other, 2, 0, 0, height, width).at(1);
        QVERIFY(largestDifference(part, expected->readPage(2), 0, 0) < 1e-4f);
        QCOMPARE(predictor.notes().size(), std::size_t(said.isEmpty() ? 0 : 1)); // said once
    }
    void numbersThatDoNotSayWhatTheyMeanAreAsked()
    {
        Array stack(DType::UInt16, {2, 40, 40});
        for (std::int64_t i = 0; i < stack.size(); ++i)
            stack.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(90 + i % 2932);
        ImagePredictor predictor(m_run, options());
        RunControl control;
        EXPECT_ERROR(predictor.predictStack(*imageFromArray(stack, "camera.tif"), m_stack.folder / "ask.tif", m_events, control),
                     "camera.tif: The images are 16 bit with values from 90 to 3021 and the model was trained on 8 bit.");
        QVERIFY(!fs::exists(m_stack.folder / "ask.tif"));
        EXPECT_ERROR(predictor.predictRegion(*imageFromArray(stack, "camera.tif"), 0, 0, 0, 9, 9), "Set input-range");
        EXPECT_ERROR(predictor.predict(stack.at(0)), "Set input-range");
        auto o = options();
        o.inputRange = "as-is";
        QVERIFY(ImagePredictor(m_run, o).predict(stack.at(0)).dim(0) == 2);
        o.inputRange = "4095";
        EXPECT_ERROR(ImagePredictor(m_run, o), "input-range: expected auto, as-is");
    }
    void aModelOf16BitTakes8Bit()
    {
        TiffWriter images(m_stack.folder / "wide.tif", 0);
        for (int page = 0; page < pages; ++page) {
            Array wide(DType::UInt16, {height, width});
            const auto from = m_source->readPage(page);
            for (std::int64_t i = 0; i < from.size(); ++i)
                wide.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(257 * from.value(i));
            images.writePage(wide);
        }
        images.close();
        auto recipe = m_stack.recipe;
        recipe["data"]["images"] = (m_stack.folder / "wide.tif").string();
        recipe["train"]["steps"] = 5;
        const auto run = m_stack.trained("Wide", recipe);
        const Json kept = modelDescription(run).at("scaling");
        QCOMPARE(kept.at("type").get<std::string>(), std::string("uint16"));
        QCOMPARE(kept.at("step").get<int>(), 257);
        auto o = options();
        o.precision = "float32";
        ImagePredictor predictor(run, o);
        const auto wide = openImage(m_stack.folder / "wide.tif");
        QVERIFY(largestDifference(predictor.predict(m_source->readPage(0)).at(1), predictor.predict(wide->readPage(0)).at(1), 0,
                                  0) < 1e-5f);
        QVERIFY(predictor.notes().at(0).find("multiplied by 257") != std::string::npos);
    }
    void anAutoencodersImageIsInTheUnitsOfItsInput()
    {
        auto recipe = m_stack.recipe;
        recipe["data"] = {{"name", "images"}, {"images", (m_stack.folder / "images.tif").string()}};
        recipe["objective"] = {{"name", "mse"}};
        recipe["train"]["steps"] = 5;
        auto o = options();
        o.precision = "float32";
        ImagePredictor predictor(m_stack.trained("Auto", recipe), o);
        const auto page = m_source->readPage(0);
        Array wide(DType::UInt16, page.shape()), unit(DType::Float32, page.shape());
        for (std::int64_t i = 0; i < page.size(); ++i) {
            wide.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(257 * page.value(i));
            unit.data<float>()[i] = static_cast<float>(page.value(i) / 255);
        }
        const auto made = predictor.predict(page).at(0), ofWide = predictor.predict(wide).at(0),
                   ofUnit = predictor.predict(unit).at(0);
        for (std::int64_t i = 0; i < page.size(); ++i) {
            QVERIFY(std::abs(ofWide.value(i) - 257 * made.value(i)) < 0.5);
            QVERIFY(std::abs(ofUnit.value(i) - made.value(i) / 255) < 1e-4);
        }
    }
    /// Of a model of before, which kept no number type and no label values.
    void modelsOfBeforePredictAsTheyDid()
    {
        const auto old = copy("old");
        rewrite(
            old, [](float &) {},
            [](Json &description) {
                description["scaling"] = {{"offset", 0.0}, {"factor", 1 / 255.0}};
                description.erase("labels");
            });
        auto o = options();
        o.precision = "float32";
        ImagePredictor before(old, o), now(m_run, o);
        const auto page = m_source->readPage(1);
        QVERIFY(before.predict(page) == now.predict(page));
        QVERIFY(before.notes().empty());
        Array wide(DType::UInt16, page.shape());
        for (std::int64_t i = 0; i < page.size(); ++i)
            wide.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(257 * page.value(i));
        QVERIFY(largestDifference(before.predict(wide).at(1), now.predict(page).at(1), 0, 0) < 1e-5f);
        o.output = "labels";
        RunControl control;
        ImagePredictor(old, o).predictStack(*m_source, m_stack.folder / "old-l.tif", m_events, control);
        const auto labels = openImage(m_stack.folder / "old-l.tif")->readPage(0);
        for (const auto v : labels.span<std::uint8_t>())
            QVERIFY(v == 0 || v == 255);
    }
    void labelsAreWrittenWithTheValuesOfTheTraining_data()
    {
        QTest::addColumn<std::vector<int>>("values");
        QTest::addColumn<QString>("foreground");
        QTest::newRow("0 and 2") << std::vector{0, 2} << "bright";
        QTest::newRow("0 and 255, dark") << std::vector{0, 255} << "dark";
        QTest::newRow("0, 1 and 3") << std::vector{0, 1, 3} << "bright";
        QTest::newRow("0, 100 and 400") << std::vector{0, 100, 400} << "bright";
    }
    void labelsAreWrittenWithTheValuesOfTheTraining()
    {
        QFETCH(std::vector<int>, values);
        QFETCH(QString, foreground);
        const auto given = openImage(m_stack.folder / "labels.tif");
        TiffWriter labels(m_stack.folder / "valued.tif", 0);
        for (int page = 0; page < pages; ++page) {
            const auto from = given->readPage(page);
            Array to(DType::UInt16, from.shape());
            for (std::int64_t i = 0; i < from.size(); ++i)
                to.data<std::uint16_t>()[i] =
                    static_cast<std::uint16_t>(values[from.value(i) > 0 ? 1 + (values.size() > 2 && i % width > 45) : 0]);
            labels.writePage(to);
        }
        labels.close();
        auto recipe = m_stack.recipe;
        recipe["data"]["labels"] = (m_stack.folder / "valued.tif").string();
        recipe["data"]["foreground"] = foreground.toStdString();
        recipe["objective"] = {{"name", "cross-entropy"}};
        recipe["train"]["steps"] = 3;
        const auto run = m_stack.trained("Valued", recipe);
        std::set<int> kept;
        const Json description = modelDescription(run);
        for (const auto &c : description.at("labels").at("classes"))
            kept.insert(c.at("values").at(0).get<int>());
        QCOMPARE(kept, std::set<int>(values.begin(), values.end()));
        auto o = options();
        o.output = "labels";
        RunControl control;
        ImagePredictor predictor(run, o);
        predictor.predictStack(*m_source, m_stack.folder / "valued-l.tif", m_events, control);
        const auto written = openImage(m_stack.folder / "valued-l.tif")->readPage(1);
        const auto p = predictor.predictRegion(*m_source, 1, 0, 0, height, width);
        const auto n = static_cast<std::int64_t>(height) * width;
        for (std::int64_t i = 0; i < n; ++i) {
            std::size_t best = 0;
            for (std::size_t k = 1; k < values.size(); ++k)
                if (p.data<float>()[static_cast<std::int64_t>(k) * n + i] >
                    p.data<float>()[static_cast<std::int64_t>(best) * n + i])
                    best = k;
            if (std::abs(p.data<float>()[n + i] - 0.5f) > 1e-3f)
                QCOMPARE(int(written.value(i)), values[foreground == "dark" ? 1 - best : best]);
        }
    }
    void saysWhatTheImageMustBe()
    {
        ImagePredictor predictor(m_run, options());
        EXPECT_ERROR(predictor.predict(Array(DType::UInt8, {30, 30, 3})), "1 channel");
        Array bad(DType::Float32, {30, 30});
        bad.data<float>()[31] = NAN;
        EXPECT_ERROR(predictor.predict(bad), "row 1, column 1");
    }
    void saysWhatIsWrongWithTheModel()
    {
        EXPECT_ERROR(ImagePredictor(m_stack.folder / "nowhere", options()), modelfiles::model);
        const auto cut = copy("cut"), none = copy("without"), text = copy("text");
        fs::resize_file(cut / modelfiles::model, fs::file_size(cut / modelfiles::model) / 2);
        EXPECT_ERROR(ImagePredictor(cut, options()), modelfiles::model);
        fs::remove(none / modelfiles::model);
        EXPECT_ERROR(ImagePredictor(none, options()), modelfiles::model);
        std::ofstream(text / "model.json") << "{\"recipe\": ";
        EXPECT_ERROR(ImagePredictor(text, options()), "model.json");
        auto o = options();
        o.classIndex = 2;
        EXPECT_ERROR(ImagePredictor(m_run, o), "class-index");
    }
    void whatIsNotFiniteIsAnErrorAndNoFile()
    {
        const auto run = copy("huge");
        rewrite(run, [](float &v) { v *= 1e30f; });
        ImagePredictor predictor(run, options());
        RunControl control;
        EXPECT_ERROR(predictor.predict(m_source->readPage(0)), "not finite");
        EXPECT_ERROR(predictor.predictRegion(*m_source, 1, 0, 0, 20, 20), "not finite");
        EXPECT_ERROR(predictor.predictStack(*m_source, m_stack.folder / "huge.tif", m_events, control), "not finite");
        QVERIFY(!fs::exists(m_stack.folder / "huge.tif"));
        auto wrong = copy("wrong");
        rewrite(wrong, [](float &v) { v = NAN; });
        EXPECT_ERROR(ImagePredictor(wrong, options()), "not finite");
    }
    /// Nothing is built that the file has no weights for.
    void aDescriptionThatLiesIsRefused_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("weights") << R"({"name": "unet", "weights": 1000000000})";
        QTest::newRow("widths") << R"({"name": "unet", "widths": [100000, 100000, 100000, 100000, 100000]})";
        QTest::newRow("a little more") << R"({"name": "unet", "weights": 6000})";
        QTest::newRow("less") << R"({"name": "unet", "weights": 2000})";
        QTest::newRow("another network") << R"({"name": "fcn", "weights": 4000})";
        QTest::newRow("no network") << R"({"name": "none"})";
        QTest::newRow("no object") << "7";
    }
    void aDescriptionThatLiesIsRefused()
    {
        QFETCH(QString, model);
        const auto run = copy(QTest::currentDataTag());
        rewrite(
            run, [](float &) {}, [&](Json &description) { description["recipe"]["model"] = Json::parse(model.toStdString()); });
        try {
            ImagePredictor predictor(run, options());
            QFAIL("was opened");
        } catch (const Error &e) {
            QVERIFY(e.kind() == Error::Kind::Input);
        }
    }
    void endsWhenToldTo()
    {
        ImagePredictor predictor(m_run, options());
        RunControl control;
        control.end(RunControl::End::Cancel);
        for (const char *name : {"never.tif", "never.npy", "never"}) {
            EXPECT_ERROR(predictor.predictStack(*m_source, m_stack.folder / name, m_events, control),
                         "stopped after 0 of 6 pages. Nothing was written.");
            QVERIFY(!fs::exists(m_stack.folder / name));
        }
        EXPECT_ERROR(predictor.predict(m_source->readPage(0), [](double) { return false; }), "stopped");
    }
};

RETICLE_TEST(ImagePredictorTest)
#include "ImagePredictorTest.moc"
