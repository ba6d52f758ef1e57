#include "files/ImageSource.h"
#include "files/ImageWriter.h"
#include "foundation/Random.h"
#include "learn/Tensors_p.h"
#include "learn/objectives/Reconstruction_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/tasks/Validation_p.h"
#include "support/ArrayTraining.h"
#include "support/Catalog.h"
#include "support/Recorder.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;
using test::catalog;
using test::Recorder;
namespace fs = std::filesystem;

namespace {

/// Smooth waves with a little noise, within 0..1.
Array picture(std::int64_t slice, std::int64_t channels = 1, std::int64_t height = 48, std::int64_t width = 48)
{
    Array a(DType::Float32, {channels, height, width});
    Random random(static_cast<std::uint64_t>(slice) + 1);
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t i = 0; i < height; ++i)
            for (std::int64_t j = 0; j < width; ++j)
                a.data<float>()[(c * height + i) * width + j] = static_cast<float>(std::clamp(
                    0.5 +
                        0.3 * std::sin((static_cast<double>(i) + 4.0 * slice) / (5 + c)) * std::cos(static_cast<double>(j) / 6) +
                        0.02 * random.normal(),
                    0.0, 1.0));
    return a;
}

using Points = std::map<std::string, std::map<std::int64_t, double>>;

test::ArrayTraining input(const fs::path &folder, Points &kept, std::int64_t channels = 1, std::int64_t context = 0)
{
    test::ArrayTraining in;
    in.train.steps = 14;
    in.train.batch = 2;
    in.train.crop = 32;
    in.train.validateSteps = 5;
    in.train.checkpointSteps = 4;
    in.train.threads = 1;
    in.train.precision = "float32";
    in.train.learningRate = 0.01;
    in.train.averaging = 0.5;
    in.model = {{"name", "unet"}, {"weights", 4000}};
    in.objective = {{"name", "mse"}};
    in.seed = 7;
    in.device = "cpu";
    const auto planes = channels * (2 * context + 1);
    in.channels = planes;
    in.classes = 1;
    in.training = {{0, 1, 2, 3},
                   [planes](std::int64_t s) { return picture(s, planes); },
                   [](std::int64_t) {
                       return Array(DType::UInt8, {48, 48});
                   },
                   {4 * 48 * 48}};
    in.training.planes = 2 * context + 1;
    in.validation = in.training;
    in.validation.slices = {4, 5};
    in.description = {{"recipe", {{"model", in.model}}}, {"scaling", Scaling{10, 0.02}.toJson()}, {"classNames", {"image"}}};
    in.folder = folder;
    in.dropMetrics = [&kept](std::int64_t step) {
        for (auto &[name, points] : kept)
            points.erase(points.upper_bound(step), points.end());
    };
    in.keepMetrics = [&kept](const std::vector<Event> &metrics) {
        for (const auto &m : metrics)
            kept[m.name][m.step] = m.value;
    };
    return in;
}

} // namespace

/// Training on images whose target is the image itself, and what comes of it.
class AutoencoderTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path folder() const { return m_folder.part(); }

private Q_SLOTS:
    void tellsScoresOfImages()
    {
        const auto where = folder();
        Points kept;
        Recorder r;
        RunControl control;
        auto in = input(where, kept);
        in.train.steps = 120;
        in.train.validateSteps = 60;
        const auto outcome = runTraining(in, r, control);
        QVERIFY(outcome.status == RunStatus::Done);
        for (const char *name : {"train.loss", "validation.loss", "validation.mse", "validation.psnr", "validation.ssim"})
            QVERIFY2(!kept[name].empty(), name);
        QVERIFY(!kept.count("validation.dice"));
        const double mse = kept["validation.mse"][120];
        QVERIFY(std::abs(kept["validation.loss"][120] / mse - 1) < 1e-5); // the objective is the same
        QVERIFY(std::abs(kept["validation.psnr"][120] + 10 * std::log10(mse)) < 1e-6);
        QVERIFY2(mse < kept["validation.mse"][60] && mse < 0.02, qPrintable(QString::number(mse)));
        const auto &s = outcome.summary;
        QVERIFY(s["best"]["score"].is_null() && s["best"]["psnr"].get<double>() > 15);
        QVERIFY(s["step-seconds"].get<double>() > 0 && s["memory-mib"].get<double>() > 0.1);
        bool seen = false;
        for (const auto &e : r.events)
            if (e.kind == Event::Kind::Example) {
                seen = true;
                QVERIFY(e.data["titles"] == (Json{"input", "target", "output"}));
                QCOMPARE(Array::fromJson(e.data["images"][2]).shape(), (std::vector<std::int64_t>{48, 48}));
                QVERIFY(Array::fromJson(e.data["images"][0]) == Array::fromJson(e.data["images"][1]));
            }
        QVERIFY(seen);

        // What the model kept makes of a slice has the score that validation told, in the input's numbers.
        PredictOptions o;
        o.tile = 48;
        o.device = "cpu";
        o.precision = "float32";
        ImagePredictor predictor(where, o);
        QVERIFY(predictor.pixels() == PixelOutput::Values);
        double squares = 0;
        for (const std::int64_t slice : {4, 5}) {
            const auto scaled = picture(slice);
            Array raw(DType::Float32, {48, 48});
            for (std::int64_t i = 0; i < raw.size(); ++i)
                raw.data<float>()[i] = scaled.data<float>()[i] / 0.02f + 10;
            const auto output = predictor.predict(raw);
            QCOMPARE(output.shape(), (std::vector<std::int64_t>{1, 48, 48}));
            for (std::int64_t i = 0; i < raw.size(); ++i) {
                const double d = 0.02 * (output.data<float>()[i] - raw.data<float>()[i]);
                squares += d * d;
            }
        }
        const double again = squares / (2 * 48 * 48), best = s["best"]["mse"];
        QVERIFY2(std::abs(again / best - 1) < 1e-3, qPrintable(QString("%1 and %2").arg(again).arg(best)));
        o.output = "labels";
        EXPECT_ERROR(ImagePredictor(where, o), "an autoencoder knows no classes");
    }
    void goesOnExactlyWhereItWasKilled()
    {
        Points expected;
        Recorder r;
        RunControl control;
        runTraining(input(folder(), expected), r, control);
        for (const int at : {1, 5, 9, 13}) {
            const auto where = folder();
            Points kept;
            Recorder dying, second;
            dying.hook = [at](const Event &e) {
                if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == at)
                    throw std::runtime_error("killed");
            };
            EXPECT_ERROR(runTraining(input(where, kept), dying, control), "killed");
            const auto outcome = runTraining(input(where, kept), second, control);
            QVERIFY2(kept == expected, qPrintable(QString::number(at)));
            QVERIFY(outcome.summary["best"].contains("psnr"));
        }
    }
    void colorsAndNeighbors()
    {
        for (const auto &[channels, context] : {std::pair<std::int64_t, std::int64_t>{3, 0}, {1, 1}, {3, 2}})
            for (const char *objective : {"mse", "l1", "ssim"}) {
                Points kept;
                Recorder r;
                RunControl control;
                auto in = input(folder(), kept, channels, context);
                in.train.steps = 2;
                in.objective = {{"name", objective}};
                runTraining(in, r, control);
                QVERIFY(std::isfinite(kept["train.loss"][2]) && std::isfinite(kept["validation.ssim"][2]));
            }
        const auto x = torch::arange(15).view({1, 15, 1, 1});
        QVERIFY(middleSlice(x, 5).flatten().equal(torch::arange(6, 9)));
        QVERIFY(middleSlice(x, 1).equal(x));
    }
    void anyNumberOfChannelsIsWritten()
    {
        for (const std::int64_t channels : {2, 5}) {
            const auto where = folder();
            Points kept;
            Recorder r;
            RunControl control;
            auto in = input(where, kept, channels);
            in.train.steps = 1;
            runTraining(in, r, control);
            Array page(DType::UInt8, {20, 24, channels});
            for (std::int64_t i = 0; i < page.size(); ++i)
                page.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 37 % 251);
            TiffWriter writer(where / "in.tif", page.size());
            writer.writePage(page);
            writer.close();
            PredictOptions o;
            o.device = "cpu";
            ImagePredictor predictor(where, o);
            predictor.predictStack(*openImage(where / "in.tif"), where / "out.tif", r, control);
            const Array made = predictor.predict(page), written = openImage(where / "out.tif")->readPage(0);
            QCOMPARE(written.shape(), (std::vector<std::int64_t>{20, 24, channels}));
            for (std::int64_t c = 0; c < channels; ++c)
                for (std::int64_t i = 0; i < 20 * 24; ++i)
                    QCOMPARE(written.data<float>()[i * channels + c], made.data<float>()[c * 20 * 24 + i]);
        }
    }
    void everyImageModuleIsAnAutoencoder()
    {
        for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries()) {
            if (entry.factory.takes != "image")
                continue;
            Points kept;
            Recorder r;
            RunControl control;
            auto in = input(folder(), kept);
            in.train.steps = 1;
            in.model = {{"name", name}};
            if (entry.schema.find("weights"))
                in.model["weights"] = 10642;
            if (entry.schema.find("variant")) {
                in.model["variant"] = "own";
                in.model["blocks"] = {1, 1, 1};
                in.model["growth"] = 4;
            }
            runTraining(in, r, control);
            QVERIFY2(std::isfinite(kept["validation.loss"][1]), name.c_str());
        }
    }
    void constantAndTinyImages()
    {
        for (const auto &[height, width] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {5, 7}, {33, 31}}) {
            Points kept;
            Recorder r;
            RunControl control;
            auto in = input(folder(), kept);
            in.train.steps = 2;
            in.train.crop = 8;
            in.objective = {{"name", "ssim"}};
            in.training.image = [h = height, w = width](std::int64_t) {
                Array a(DType::Float32, {1, h, w});
                for (float &v : a.span<float>())
                    v = 0.25f;
                return a;
            };
            in.training.target = [h = height, w = width](std::int64_t) { return Array(DType::UInt8, {h, w}); };
            in.validation.image = in.training.image;
            in.validation.target = in.training.target;
            runTraining(in, r, control);
            QVERIFY(std::isfinite(kept["validation.loss"][2]));
        }
    }
    void fromFilesThroughAProject()
    {
        const auto where = folder();
        constexpr int pages = 5, height = 40, width = 44;
        TiffWriter writer(where / "rgb.tif", pages * height * width * 3);
        for (int p = 0; p < pages; ++p) {
            const auto scaled = picture(p, 3, height, width);
            Array page(DType::UInt8, {height, width, 3});
            for (int i = 0; i < height * width; ++i)
                for (int c = 0; c < 3; ++c)
                    page.data<std::uint8_t>()[i * 3 + c] =
                        static_cast<std::uint8_t>(scaled.data<float>()[c * height * width + i] * 255);
            writer.writePage(page);
        }
        writer.close();
        Json recipe = {{"seed", 2},
                       {"device", "cpu"},
                       {"data", {{"name", "images"}, {"images", (where / "rgb.tif").string()}, {"split", "first"}}},
                       {"model", {{"name", "fcn"}, {"weights", 4000}}},
                       {"objective", {{"name", "ssim"}}},
                       {"train", {{"steps", 4}, {"batch", 2}, {"crop", 32}, {"threads", 1}}}};
        auto project = Project::openOrCreate(where / "P");
        const auto run = project.createRun(Recipe(recipe).validated(catalog()));
        Recorder r;
        RunControl control;
        QVERIFY(train(project, run, catalog(), r, control).status == RunStatus::Done);
        PredictOptions o;
        o.tile = 32;
        o.device = "cpu";
        ImagePredictor predictor(project.runFolder(run.id), o);
        predictor.predictStack(*openImage(where / "rgb.tif"), where / "out.tif", r, control);
        const auto written = openImage(where / "out.tif");
        QVERIFY(written->info().dtype == DType::Float32);
        QCOMPARE(written->info().pages, std::int64_t(pages));
        QCOMPARE(written->info().channels, std::int64_t(3));
        const auto page = openImage(where / "rgb.tif")->readPage(1), output = written->readPage(1);
        const auto direct = predictor.predict(page);
        for (int i = 0; i < height * width; ++i)
            for (int c = 0; c < 3; ++c)
                QCOMPARE(output.data<float>()[i * 3 + c], direct.data<float>()[c * height * width + i]);

        recipe["objective"] = {{"name", "bce"}};
        const auto wrong = project.createRun(Recipe(recipe).validated(catalog()));
        EXPECT_ERROR(train(project, wrong, catalog(), r, control), "l1, mse or ssim for data of kind images");
        recipe["objective"] = {{"name", "bce"}, {"class-weights", "balanced"}};
        EXPECT_ERROR(train(project, project.createRun(Recipe(recipe).validated(catalog())), catalog(), r, control), "objective");
        recipe.erase("model");
        recipe["objective"] = {{"name", "mse"}};
        recipe["compare"] = {{"models", {"fcn", "unet"}}, {"weights", 4000}};
        checkComparison(Recipe(recipe).validated(catalog()));
        recipe["compare"]["weights"] = 51; // seven convolutions of one map each have 72
        EXPECT_ERROR(checkComparison(Recipe(recipe).validated(catalog())), "nearest");
    }
};

RETICLE_TEST(AutoencoderTest)
#include "AutoencoderTest.moc"
