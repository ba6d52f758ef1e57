#include "Worker.h"

#include "files/ImageWriter.h"
#include "files/Pictures.h"
#include "foundation/Error.h"

#include <cmath>

using namespace reticle;
using test::text;
using test::worker;
namespace fs = std::filesystem;

namespace {

/// A bright square on a noisy ground, and its mask.
std::pair<Array, Array> square(std::int64_t height, std::int64_t width, int at)
{
    Array image(DType::UInt8, {height, width}), mask(DType::UInt8, {height, width});
    std::uint32_t seed = 1;
    for (std::int64_t i = 0; i < height * width; ++i) {
        const auto y = i / width, x = i % width;
        const bool in = y >= at && y < at + 12 && x >= at + 2 && x < at + 16;
        seed = seed * 1664525 + 1013904223;
        image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>((in ? 190 : 60) + (seed >> 28));
        mask.data<std::uint8_t>()[i] = in ? 255 : 0;
    }
    return {image, mask};
}

void save(const fs::path &path, const Array &page)
{
    TiffWriter w(path, 0, 4);
    w.writePage(page);
    w.close();
}

} // namespace

/// A run on images of several sizes, and all that is made of it.
class PredictTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path path(const std::string &name) const { return m_folder / name; }

    test::Outcome predict(const QString &input, const QString &output, const QStringList &more = {}) const
    {
        return worker(QStringList{"predict", "--project", text(path("P.reticle")), "--run", "1", "--input", input, "--output",
                                  output, "--tile", "32", "--device", "cpu"} +
                      more);
    }
    test::Outcome analyze(const QString &name, const QStringList &settings, const QStringList &more = {}) const
    {
        QStringList all{"analyze", name, "--output", text(path("out-" + name.toStdString()))};
        for (const auto &s : settings)
            all << "--set" << s;
        return worker(all + more);
    }
    Json values(const char *name) const
    {
        return Json::parse(test::readAll(path(std::string("out-") + name) / "result.json"))["values"];
    }

private Q_SLOTS:
    void initTestCase()
    {
        fs::create_directories(path("images"));
        fs::create_directories(path("masks"));
        int at = 3;
        for (const auto &[image, mask, h, w] : {std::tuple{"raw_b", "b_mask", 40, 52},
                                                {"cell_10", "Cell_010_label", 33, 61},
                                                {"cell_2", "cell_2_mask", 50, 36},
                                                {"A", "a", 44, 44}}) {
            const auto [i, m] = square(h, w, at++);
            save(path("images") / (std::string(image) + ".tif"), i);
            save(path("masks") / (std::string(mask) + ".tif"), m);
        }
        const Json recipe = {
            {"recipe", 1},
            {"title", "Sizes"},
            {"seed", 5},
            {"device", "cpu"},
            {"data", {{"name", "segmentation"}, {"images", path("images").string()}, {"labels", path("masks").string()}}},
            {"model", {{"name", "unet"}, {"weights", 4000}}},
            {"objective", {{"name", "bce"}}},
            {"train", {{"steps", 200}, {"batch", 2}, {"crop", 32}, {"threads", 1}, {"learning-rate", 0.01}}}};
        test::writeAll(path("recipe.json"), recipe.dump());
        const auto run = worker({"run", text(path("recipe.json")), "--project", text(path("P.reticle"))});
        QVERIFY2(run.status == 0, run.err.constData());
    }
    void severalSizesBecomeAFolder()
    {
        const auto one = predict(text(path("images")), text(path("p.tif")));
        QCOMPARE(one.status, 2);
        QVERIFY2(one.err.contains("images of one size for one file") && one.err.contains("choose a folder"), one.err.constData());
        QVERIFY(!fs::exists(path("p.tif")));
        const auto folder = predict(text(path("images")), text(path("p")));
        QVERIFY2(folder.status == 0, folder.err.constData());
        for (const char *name : {"A", "cell_2", "cell_10", "raw_b"}) {
            const auto written = openImage(path("p") / (std::string(name) + ".tif"));
            const auto given = openImage(path("images") / (std::string(name) + ".tif"));
            QVERIFY(written->info().dtype == DType::Float32);
            QCOMPARE(written->info().height, given->info().height);
            QCOMPARE(written->info().width, given->info().width);
            QCOMPARE(written->info().pixelSizeX, 4.0);
        }
        const auto evaluate = analyze("evaluate", {"prediction=" + text(path("p")), "labels=" + text(path("masks"))});
        QVERIFY2(evaluate.status == 0, evaluate.err.constData());
        QVERIFY2(values("evaluate")["dice"].get<double>() > 0.8, evaluate.out.constData());
    }
    void analysesOfTheRunWriteAFolder()
    {
        const QStringList ofRun{"--project", text(path("P.reticle")), "--run", "1"};
        for (const char *name : {"instances", "postprocess"}) {
            const auto refused = analyze(name, {"part=all", "output=" + text(path("o.tif"))}, ofRun);
            QCOMPARE(refused.status, 2);
            QVERIFY2(refused.err.contains("choose a folder"), refused.err.constData());
            const auto place = path(std::string(name) + "-of-run");
            const auto done = analyze(name, {"part=all", "output=" + text(place)}, ofRun);
            QVERIFY2(done.status == 0, done.err.constData());
            const auto written = openPictures(place);
            QCOMPARE(written->info().pages, std::int64_t(4));
            QVERIFY(written->info().dtype == (name == std::string("instances") ? DType::UInt16 : DType::UInt8));
            QVERIFY(fs::exists(place / "raw_b.tif"));
        }
        // What was written is found again by its names.
        const auto again =
            analyze("evaluate", {"prediction=" + text(path("postprocess-of-run")), "labels=" + text(path("masks"))});
        QVERIFY2(again.status == 0, again.err.constData());
        const double before = values("postprocess")["before"]["Dice"].get<double>(),
                     dice = values("evaluate")["dice"].get<double>();
        QVERIFY2(dice > 0.3 && std::abs(dice - before) < 1e-9, qPrintable(QString("%1 of %2").arg(dice).arg(before)));
        const auto written = analyze("instances", {"prediction=" + text(path("p")), "output=" + text(path("objects-of-p"))});
        QVERIFY2(written.status == 0, written.err.constData());
        QVERIFY(values("instances")["instances"].get<int>() > 0);
        const auto objects =
            analyze("instances", {"prediction=" + text(path("p")), "labels=" + text(path("objects-of-p")), "truth=instances"});
        QVERIFY2(objects.status == 0, objects.err.constData());
        QCOMPARE(values("instances")["ap"].get<double>(), 1.0);
    }
    void theEndingDecides()
    {
        const auto image = text(path("images/A.tif"));
        const auto jpeg = predict(image, text(path("a.jpg")));
        QCOMPARE(jpeg.status, 2);
        QVERIFY2(jpeg.err.contains("expected a name that ends in .tif") && jpeg.err.contains("\".jpg\""), jpeg.err.constData());
        const auto png = predict(image, text(path("a.png")));
        if (png.status != 0) { // a build without libvips
            QVERIFY2(png.err.contains("no libvips"), png.err.constData());
        } else {
            QVERIFY(test::readAll(path("a.png")).compare(0, 4, "\x89PNG") == 0);
            QVERIFY2(png.out.contains("65535 is probability 1"), png.out.constData());
            QVERIFY(openImage(path("a.png"))->info().dtype == DType::UInt16);
            QCOMPARE(predict(image, text(path("l.png")), {"--output-kind", "labels"}).status, 0);
            QVERIFY(openImage(path("l.png"))->info().dtype == DType::UInt8);
        }
        QCOMPARE(predict(image, text(path("a.npy"))).status, 0);
        QCOMPARE(predict(image, text(path("a.tif"))).status, 0);
        QVERIFY(openImage(path("a.npy"))->readPage(0) == openImage(path("a.tif"))->readPage(0));
        QCOMPARE(test::readAll(path("a.npy")).compare(0, 6, "\x93NUMPY"), 0);
        const auto objects = analyze("instances", {"prediction=" + text(path("a.tif")), "output=" + text(path("o.jpg"))});
        QCOMPARE(objects.status, 2);
        QVERIFY2(objects.err.contains("expected a name that ends in .tif"), objects.err.constData());
    }
    void aFilmKeepsItsFrames()
    {
        {
            TiffStack stack;
            stack.pixelSize = 4;
            stack.sliceDistance = 30;
            stack.pages = 6;
            stack.times = 3;
            TiffWriter w(path("film.tif"), 0, stack);
            for (int p = 0; p < 6; ++p)
                w.writePage(square(40, 40, 2 + p).first);
            w.close();
        }
        for (const char *name : {"film-p.tif", "film-p.ome.tif"}) {
            const auto done = predict(text(path("film.tif")), text(path(name)));
            QVERIFY2(done.status == 0, done.err.constData());
            const auto info = openImage(path(name))->info();
            QCOMPARE(info.pages, std::int64_t(6));
            QCOMPARE(info.times, std::int64_t(3));
            QVERIFY(std::abs(info.pixelSizeZ - 30) < 1e-5);
        }
        QCOMPARE(predict(text(path("film.tif")), text(path("frames"))).status, 0);
        QVERIFY(fs::exists(path("frames/film-t2-z1.tif")));
    }
};

RETICLE_TEST(PredictTest)
#include "PredictTest.moc"
