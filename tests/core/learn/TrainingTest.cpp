#include "learn/Training.h"

#include "base/Augment.h"
#include "base/Dataset.h"
#include "base/ImageSource.h"
#include "base/ImageWriter.h"
#include "base/Random.h"
#include "learn/Inference.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Catalog catalog()
{
    Catalog c;
    for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries())
        c.kinds["models"].push_back(entry.schema);
    for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries())
        c.kinds["objectives"].push_back(entry.schema);
    for (const auto &[name, entry] : datasets().entries())
        c.kinds["datasets"].push_back(entry.schema);
    c.sections["train"] = TrainOptions::schema().info();
    c.sections["augment"] = AugmentOptions::schema().info();
    return c;
}

struct Counter : EventSink
{
    std::map<Event::Kind, int> counts;
    void emit(const Event &e) override { ++counts[e.kind]; }
};

} // namespace

/// From files on disk to a stack of predictions, through a project.
class TrainingTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    fs::path m_folder;
    Json m_recipe;
    static constexpr int pages = 6, height = 70, width = 90;

private Q_SLOTS:
    void initTestCase()
    {
        m_folder = m_dir.path().toStdString();
        TiffWriter images(m_folder / "images.tif", pages * height * width), labels(m_folder / "labels.tif", pages * height * width);
        Random random(1);
        for (int page = 0; page < pages; ++page) {
            Array image(DType::UInt8, {height, width}), label(DType::UInt8, {height, width});
            for (int i = 0; i < height * width; ++i) {
                const bool in = std::sin((i / width + 9 * page) / 6.0) * std::cos((i % width) / 7.0) > -0.2;
                label.data<std::uint8_t>()[i] = in ? 255 : 0;
                image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(std::clamp(80 + 90 * in + 15 * random.normal(), 0.0, 255.0));
            }
            images.writePage(image);
            labels.writePage(label);
        }
        images.close();
        labels.close();
        m_recipe = {{"recipe", 1}, {"title", "Probe"}, {"seed", 5}, {"device", "cpu"},
                    {"data", {{"name", "segmentation"}, {"images", (m_folder / "images.tif").string()},
                              {"labels", (m_folder / "labels.tif").string()}}},
                    {"model", {{"name", "unet"}, {"weights", 4000}}}, {"objective", {{"name", "bce"}}},
                    {"train", {{"steps", 60}, {"batch", 2}, {"crop", 32}, {"threads", 1}, {"learning-rate", 0.01}}}};
    }
    void moreClassesThanTheObjectiveTellsApartAreRefused()
    {
        TiffWriter labels(m_folder / "seven.tif", pages * height * width);
        for (int page = 0; page < pages; ++page) {
            Array label(DType::UInt8, {height, width});
            for (int i = 0; i < height * width; ++i)
                label.data<std::uint8_t>()[i] = page == 3 && i > 5000 ? 7 : i % 2;
            labels.writePage(label);
        }
        labels.close();
        auto project = Project::openOrCreate(m_folder / "Seven.reticle");
        Json recipe = m_recipe;
        recipe["data"]["labels"] = (m_folder / "seven.tif").string();
        recipe["data"]["split"] = "first";
        recipe["train"]["steps"] = 2;
        Counter events;
        RunControl control;
        for (const char *objective : {"bce", "dice"}) {
            recipe["objective"] = {{"name", objective}};
            const auto run = project.createRun(Recipe(recipe).validated(catalog()));
            EXPECT_ERROR(train(project, run, catalog(), events, control), "seven.tif: page 3: expected class indices from 0 to 1");
            EXPECT_ERROR(train(project, run, catalog(), events, control), "found class 2 (label 7)");
        }
        recipe["objective"] = {{"name", "cross-entropy"}};
        const auto run = project.createRun(Recipe(recipe).validated(catalog()));
        QVERIFY(train(project, run, catalog(), events, control).status == RunStatus::Done);
        PredictOptions options;
        options.device = "cpu";
        options.classIndex = 3;
        EXPECT_ERROR(Predictor(project.runFolder(run.id), options), "a class from 0 to 2, found 3");
        options.classIndex = 2;
        QCOMPARE(Predictor(project.runFolder(run.id), options).classes(), std::int64_t(3));
    }
    void seesNeighbouringSlices()
    {
        auto project = Project::openOrCreate(m_folder / "Context.reticle");
        Json recipe = m_recipe;
        recipe["data"]["context"] = 1;
        recipe["train"]["steps"] = 4;
        const auto run = project.createRun(Recipe(recipe).validated(catalog()));
        Counter events;
        RunControl control;
        QVERIFY(train(project, run, catalog(), events, control).status == RunStatus::Done);
        PredictOptions options;
        options.tile = 32;
        options.device = "cpu";
        Predictor predictor(project.runFolder(run.id), options);
        QCOMPARE(predictor.channels(), std::int64_t(1));
        const auto source = openImage(m_folder / "images.tif");
        predictor.predictStack(*source, m_folder / "context.tif", events, control);
        const auto written = openImage(m_folder / "context.tif");
        for (const int page : {0, 2, pages - 1}) {
            // The whole stack, a region of a page, and the page alone, which stands for its neighbours.
            const auto whole = written->readPage(page);
            const auto region = predictor.predictRegion(*source, page, 8, 16, 20, 30).at(1);
            const auto alone = predictor.predict(source->readPage(page)).at(1);
            float far = 0, apart = 0;
            for (int y = 0; y < 20; ++y)
                for (int x = 0; x < 30; ++x) {
                    const float p = whole.data<float>()[(y + 8) * width + x + 16];
                    far = std::max(far, std::abs(p - region.data<float>()[y * 30 + x]));
                    apart = std::max(apart, std::abs(p - alone.data<float>()[(y + 8) * width + x + 16]));
                }
            QVERIFY2(far < 1e-4f, qPrintable(QString("page %1: %2").arg(page).arg(far)));
            QVERIFY2(apart > 1e-3f, qPrintable(QString("page %1: %2").arg(page).arg(apart)));
        }
    }
    void keepsARunThatPredicts()
    {
        auto project = Project::openOrCreate(m_folder / "P.reticle");
        const auto run = project.createRun(Recipe(m_recipe).validated(catalog()));
        Counter events;
        RunControl control;
        const auto outcome = train(project, run, catalog(), events, control);
        QVERIFY(outcome.status == RunStatus::Done);
        QCOMPARE(events.counts[Event::Kind::Done], 1);
        const auto kept = project.run(run.id);
        QVERIFY(kept.status == RunStatus::Done && kept.step == 60 && kept.seconds > 0);
        QCOMPARE(project.metric(run.id, "train.loss").size(), std::size_t(60));
        QVERIFY(project.metric(run.id, "validation.dice").size() >= 20);

        PredictOptions options;
        options.tile = 32;
        options.device = "cpu";
        Predictor predictor(project.runFolder(run.id), options);
        QCOMPARE(predictor.classes(), std::int64_t(2));
        const auto source = openImage(m_folder / "images.tif");
        predictor.predictStack(*source, m_folder / "p.tif", events, control);
        const auto written = openImage(m_folder / "p.tif");
        QCOMPARE(written->info().pages, std::int64_t(pages));
        QVERIFY(written->info().dtype == DType::Float32);
        const auto labels = openImage(m_folder / "labels.tif");
        for (int page : {0, pages - 1}) {
            const auto p = written->readPage(page), truth = labels->readPage(page);
            const auto whole = predictor.predict(source->readPage(page)).at(1);
            int wrong = 0;
            for (std::int64_t i = 0; i < p.size(); ++i) {
                QCOMPARE(p.data<float>()[i], whole.data<float>()[i]);
                wrong += (p.data<float>()[i] > 0.5f) != (truth.data<std::uint8_t>()[i] == 255);
            }
            QVERIFY2(wrong < 0.15 * height * width, qPrintable(QString::number(wrong)));
        }
        const auto part = predictor.predictRegion(*source, 3, 20, 31, 40, 50);
        const auto whole = predictor.predict(source->readPage(3));
        for (int i = 0; i < 40; ++i)
            for (int j = 0; j < 50; ++j)
                QVERIFY(std::abs(part.at(1).data<float>()[i * 50 + j] - whole.at(1).data<float>()[(20 + i) * width + 31 + j]) < 0.02);
        EXPECT_ERROR(predictor.predictRegion(*source, 9, 0, 0, 5, 5), "images.tif");
        EXPECT_ERROR(predictor.predict(Array(DType::UInt8, {30, 30, 3})), "1 channel");
        Array bad(DType::Float32, {30, 30});
        bad.data<float>()[31] = NAN;
        EXPECT_ERROR(predictor.predict(bad), "row 1, column 1");

        options.output = "labels";
        Predictor labeller(project.runFolder(run.id), options);
        labeller.predictStack(*source, m_folder / "l.tif", events, control);
        const auto l = openImage(m_folder / "l.tif")->readPage(2);
        const auto p = written->readPage(2);
        for (std::int64_t i = 0; i < l.size(); ++i)
            QCOMPARE(int(l.data<std::uint8_t>()[i]), p.data<float>()[i] > 0.5f ? 255 : 0);
        options.classIndex = 2;
        EXPECT_ERROR(Predictor(project.runFolder(run.id), options), "class-index");
        control.end(RunControl::End::Cancel);
        EXPECT_ERROR(predictor.predictStack(*source, m_folder / "none.tif", events, control), "stopped");
        QVERIFY(!fs::exists(m_folder / "none.tif"));
    }
    void previewsTheCropsThatTrainingSees()
    {
        const auto recipe = Recipe(m_recipe).validated(catalog());
        const auto a = augmentPreview(recipe, 5), b = augmentPreview(recipe, 5);
        QVERIFY(a == b);
        QCOMPARE(a["images"].size(), std::size_t(5));
        QCOMPARE(Array::fromJson(a["images"][4]).shape(), (std::vector<std::int64_t>{1, 32, 32}));
        QCOMPARE(Array::fromJson(a["targets"][4]).shape(), (std::vector<std::int64_t>{32, 32}));
    }
};

RETICLE_TEST(TrainingTest)
#include "TrainingTest.moc"
