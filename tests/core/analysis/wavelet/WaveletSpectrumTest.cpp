#include "analysis/wavelet/WaveletSpectrum.h"
#include "analysis/wavelet/WaveletEdit.h"
#include "analysis/wavelet/WaveletPower.h"
#include "core/analysis/AnalysisFiles.h"
#include "core/analysis/GoldenPictures.h"
#include "files/ImageSource.h"
#include "foundation/Random.h"

#include <fstream>

using namespace reticle;
using namespace reticle::test;

namespace {

Array scaledBy(const Array &a, double by)
{
    Array b = a.clone();
    for (auto &v : b.span<double>())
        v *= by;
    return b.as(DType::Float32);
}

bool allNear(const Json &found, const std::vector<double> &wanted, double tolerance)
{
    if (found.size() != wanted.size())
        return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!found[i].is_number() || std::abs(found[i].get<double>() - wanted[i]) > tolerance)
            return false;
    return true;
}

bool contains(const std::vector<std::string> &all, const std::string &text)
{
    return std::any_of(all.begin(), all.end(), [&](const auto &s) { return s.find(text) != std::string::npos; });
}

/// Gaussian of sd 1 px, radius 4, half-sample mirror at the border.
Array blurred(const Array &page)
{
    const std::int64_t h = page.dim(0), w = page.dim(1);
    std::vector<double> kernel;
    double whole = 0;
    for (int k = -4; k <= 4; ++k)
        whole += kernel.emplace_back(std::exp(-0.5 * k * k));
    const auto mirrored = [](std::int64_t i, std::int64_t n) { return i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i; };
    Array a = page.as(DType::Float64);
    for (const bool down : {true, false}) {
        Array b(DType::Float64, {h, w});
        for (std::int64_t y = 0; y < h; ++y)
            for (std::int64_t x = 0; x < w; ++x) {
                double v = 0;
                for (int k = -4; k <= 4; ++k)
                    v += kernel[static_cast<std::size_t>(k + 4)] / whole *
                         a.value(down ? mirrored(y + k, h) * w + x : y * w + mirrored(x + k, w));
                b.data<double>()[y * w + x] = v;
            }
        a = b;
    }
    return a;
}

} // namespace

class WaveletSpectrumTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;
    std::string m_t, m_s, m_noise; ///< m_noise: 3 slices of 48 x 64, uint8

    static Result spectrum(const Json &options) { return analyzed("wavelet-spectrum", options); }

private Q_SLOTS:
    void initTestCase()
    {
        const Array t = goldenPicture(), s = boxMean(t);
        m_t = m_files.write("t.tif", {t.as(DType::Float32)});
        m_s = m_files.write("s.tif", {s.as(DType::Float32)});
        m_noise = m_files.writeNoise("noise.tif");
        m_files.write("pool.tif", {t.as(DType::Float32), scaledBy(s, 10)});
    }
    void hasTheWorkedNumbers()
    {
        const Result r = spectrum({{"images", m_t}, {"others", m_s}, {"levels", 4}, {"names", "T; S"}});
        const auto &sets = r.values["sets"];
        QVERIFY(allNear(sets[0]["power"], {0.006444485, 0.016939790, 0.123734119, 0.852881606}, 1e-8));
        QVERIFY(allNear(sets[1]["ratio"], {3.585475885, 5.683498912, 2.676657345, 0.644195317}, 1e-8));
        QVERIFY(allNear(sets[1]["raw-ratio"], {0.514285714, 0.815217391, 0.383928571, 0.092400691}, 1e-8));
        QCOMPARE(r.values["wavelet"].get<std::string>(), std::string("db1"));
        QCOMPARE(r.values["images-hash"].get<std::string>().size(), size_t(64));

        QCOMPARE(r.tables.size(), size_t(3));
        QCOMPARE(r.tables[0].rows(), size_t(8));
        QCOMPARE(r.figures.size(), size_t(4));
        QCOMPARE(problemsOf(r.figures), std::string());
        QVERIFY(r.warnings.empty());
    }
    void averagesAsAsked()
    {
        const Json options{{"images", m_files.path("pool.tif")}, {"levels", 4}};
        const Result pooled = spectrum(options);
        QVERIFY(allNear(pooled.values["sets"][0]["power"], {0.022020617, 0.091106551, 0.317672895, 0.569199938}, 1e-8));
        Json each = options;
        each["averaging"] = "per-image";
        QVERIFY(allNear(spectrum(each).values["sets"][0]["power"], {0.014775516, 0.056608534, 0.227463979, 0.701151971}, 1e-8));
    }
    void otherMeasuresKeepTheRatioOfShares()
    {
        for (const char *measure : {"energy", "energy-share"})
            QVERIFY(allNear(
                spectrum({{"images", m_t}, {"others", m_s}, {"levels", 4}, {"measure", measure}}).values["sets"][1]["ratio"],
                {3.585475885, 5.683498912, 2.676657345, 0.644195317}, 1e-8));
        const auto absolute = spectrum({{"images", m_t}, {"others", m_s}, {"levels", 4}, {"measure", "absolute"}});
        QVERIFY(allNear(absolute.values["sets"][1]["ratio"], {1.811890838, 2.508771930, 1.579283231, 0.822814460}, 1e-8));
        const auto energy = spectrum({{"images", m_t}, {"levels", 4}, {"measure", "energy"}});
        QVERIFY(allNear(energy.values["sets"][0]["power"], {140 / 3.0, 368 / 12.0, 56, 96.5}, 1e-8));
    }
    void anImageIsLikeItself()
    {
        const Result r = spectrum({{"images", m_noise},
                                   {"others", m_noise},
                                   {"wavelet", "bior2.2"},
                                   {"include-approximation", true},
                                   {"log-power", true}});
        for (const char *key : {"ratio", "raw-ratio"})
            for (const auto &v : r.values["sets"][1][key])
                QVERIFY(std::abs(v.get<double>() - 1) < 1e-12);
        QCOMPARE(r.values["level"][0].get<std::string>(), std::string("A"));
        double whole = 0;
        for (const auto &p : r.values["sets"][0]["power"])
            whole += p.get<double>();
        QVERIFY(std::abs(whole - 1) < 1e-12);
        QCOMPARE(problemsOf(r.figures), std::string());
    }
    void rangesAreBroughtTogether()
    {
        // As a network's output: 0 to 1 where the originals have 0 to 255.
        std::vector<Array> outputs;
        const auto source = openImage(m_noise);
        for (std::int64_t p = 0; p < 3; ++p)
            outputs.push_back(scaledBy(source->readPage(p).as(DType::Float64), 1 / 255.0));
        const auto path = m_files.write("outputs.tif", outputs);
        const Json options{{"images", m_noise}, {"others", path}};
        const Result r = spectrum(options);
        for (const auto &v : r.values["sets"][1]["raw-ratio"])
            QVERIFY(std::abs(v.get<double>() - 1) < 1e-6);
        QVERIFY(contains(r.warnings, "multiplied by 255"));
        Json plain = options;
        plain["rescale"] = false;
        const Result without = spectrum(plain);
        QVERIFY(std::abs(without.values["sets"][1]["raw-ratio"][0].get<double>() * 255 * 255 - 1) < 1e-6);
        QVERIFY(std::abs(without.values["sets"][1]["ratio"][0].get<double>() - 1) < 1e-6);
        QVERIFY(contains(without.warnings, "times that of noise"));
    }
    void smallerNumbersAreNoOtherRange()
    {
        // Maxima on either side of 1023, 255 or 1.2 are what smoothing does, not another convention.
        struct Case
        {
            const char *name;
            DType type;
            double low, high, otherLow, otherHigh;
        };
        for (const auto &c :
             {Case{"ten-bits", DType::UInt16, 100, 1100, 140, 1000}, Case{"twelve-bits", DType::UInt16, 0, 5000, 200, 4000},
              Case{"standardized", DType::Float32, -3, 3, -1.1, 1.1}, Case{"float", DType::Float32, 0, 400, 10, 250},
              Case{"nearly-even", DType::Float32, 0, 20, 0.1, 1}}) {
            const auto between = [&](double low, double high) {
                Array a = referencePicture(32, 32).as(DType::Float64);
                const auto [minimum, maximum] = std::ranges::minmax(a.span<double>());
                for (auto &v : a.span<double>())
                    v = low + (high - low) * (v - minimum) / (maximum - minimum);
                return a.as(c.type);
            };
            const auto original = m_files.write(std::string(c.name) + ".tif", {between(c.low, c.high)});
            const auto other = m_files.write(std::string(c.name) + "-other.tif", {between(c.otherLow, c.otherHigh)});
            const Result r = spectrum({{"images", original}, {"others", other}});
            QVERIFY2(!contains(r.warnings, "multiplied"), c.name);
            const double wanted = std::pow((c.otherHigh - c.otherLow) / (c.high - c.low), 2);
            for (const auto &v : r.values["sets"][1]["raw-ratio"])
                QVERIFY2(std::abs(v.get<double>() / wanted - 1) < 0.05, c.name);
        }
    }
    void camerasFillAPartOfSixteenBits()
    {
        // 12 bits, and a network's output of them: divided by 4095, by 65535, or stretched to 8 bits.
        Array camera(DType::UInt16, {32, 32}), eight(DType::UInt8, {32, 32});
        const Array p = referencePicture(32, 32).as(DType::Float64);
        const auto [minimum, maximum] = std::ranges::minmax(p.span<double>());
        for (std::int64_t i = 0; i < p.size(); ++i) {
            const double v = (p.value(i) - minimum) / (maximum - minimum);
            camera.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(std::lround(3000 * v));
            eight.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(std::lround(3000 * v * 255 / 4095));
        }
        const auto original = m_files.write("camera.tif", {camera});
        const auto whole = m_files.write("whole.tif", {scaledBy(camera.as(DType::Float64), 1 / 4095.0)});
        const auto part = m_files.write("part.tif", {scaledBy(camera.as(DType::Float64), 1 / 65535.0)});
        const auto bytes = m_files.write("bytes.tif", {eight});
        const Result r = spectrum({{"images", original}, {"others", whole + ";" + part + ";" + bytes}});
        for (std::size_t k = 1; k <= 3; ++k)
            for (const auto &v : r.values["sets"][k]["raw-ratio"])
                QVERIFY2(std::abs(v.get<double>() - 1) < 0.02, std::to_string(k).c_str());
        QVERIFY(contains(r.warnings, "multiplied by 4095"));
        QVERIFY(contains(r.warnings, "multiplied by 65535"));
        QVERIFY(contains(r.warnings, "multiplied by 16.0588"));
        // A constant output has its place in the originals' range too.
        Array even(DType::Float32, {32, 32});
        for (auto &v : even.span<float>())
            v = 0.5f;
        const auto flat = m_files.write("even.tif", {even});
        QVERIFY(contains(spectrum({{"images", bytes}, {"others", flat}}).warnings, "multiplied by 255"));
    }
    void constantImagesHaveNoDetail()
    {
        std::vector<Array> pages;
        for (int p = 0; p < 2; ++p)
            pages.push_back(goldenPicture().as(DType::Float32));
        Array flat(DType::Float32, {16, 16});
        for (auto &v : flat.span<float>())
            v = 7;
        pages.push_back(flat);
        const auto path = m_files.write("flat.tif", pages);
        QVERIFY(contains(spectrum({{"images", path}}).warnings, "flat: image 2 of those used has no detail energy"));
        const auto none = m_files.write("none.tif", {flat});
        const Result r = spectrum({{"images", none}, {"others", m_t}});
        for (const auto &v : r.values["sets"][0]["power"])
            QCOMPARE(v.get<double>(), 0.0);
        QVERIFY(r.values["sets"][1]["ratio"][0].is_null());
        QCOMPARE(problemsOf(r.figures), std::string());
    }
    void captionsNameTheImageThatIsShown()
    {
        const auto caption = [&](const std::string &others, int shown) {
            const Result r = spectrum({{"images", m_noise}, {"others", others}, {"shown", shown}, {"paired", false}});
            std::string said;
            for (const auto &f : r.figures)
                if (f.name == "wavelet-levels")
                    said = f.caption;
            return std::pair(said, contains(r.warnings, "there is no image " + std::to_string(shown) + " in all sets"));
        };
        const auto within = caption("", 2), beyond = caption("", 50), fewer = caption(m_files.path("pool.tif"), 2);
        QVERIFY(within.first.find("image 2 of those used") != std::string::npos && !within.second);
        QVERIFY(beyond.first.find("image 2 of those used") != std::string::npos && beyond.second);
        QVERIFY(fewer.first.find("image 1 of those used") != std::string::npos && fewer.second); // of both sets
    }
    void smallAndOddImagesWork()
    {
        for (const auto &[h, w] : std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 2}, {3, 9}, {33, 47}}) {
            const auto path = m_files.write("odd.tif", {referencePicture(h, w).as(DType::Float32)});
            for (const char *mode : {"symmetric", "periodization", "smooth"}) {
                const Result r = spectrum({{"images", path}, {"mode", mode}, {"drop", "1"}});
                QCOMPARE(problemsOf(r.figures), std::string());
                QCOMPARE(r.figures.size(), size_t(5));
            }
        }
    }
    void onePixelWorks()
    {
        const std::uint8_t gray[] = {90}, twice[] = {180};
        const auto one = m_files.write("one.tif", {Array::of<std::uint8_t>({1, 1}, gray)});
        const auto other = m_files.write("other.tif", {Array::of<std::uint8_t>({1, 1}, twice)});
        for (const auto &mode : waveletModeNames())
            for (const char *filter : {"db1", "db2"}) {
                const Result r = spectrum({{"images", one}, {"others", other}, {"mode", mode}, {"wavelet", filter}});
                QCOMPARE(r.values["levels"].get<int>(), 1);
                QCOMPARE(problemsOf(r.figures), std::string());
                QVERIFY(contains(r.warnings, "All coefficients at level >= 1 touch the border."));
            }
        // A pixel that goes on for ever has no details.
        const Result r = spectrum({{"images", one}, {"others", other}});
        QCOMPARE(r.values["sets"][0]["power"][0].get<double>(), 0.0);
        QVERIFY(r.values["sets"][1]["ratio"][0].is_null());
        QVERIFY(contains(r.warnings, "one: image 0 of those used has no detail energy."));
        EXPECT_ERROR(spectrum({{"images", one}, {"levels", 2}}), "level must be 1 for a 1-pixel side with db1, not 2.");
    }
    void aSideShorterThanTheFilterGetsOneLevel()
    {
        const auto path = m_files.write("short.tif", {referencePicture(5, 40).as(DType::Float32)});
        const Result r = spectrum({{"images", path}, {"wavelet", "db20"}});
        QCOMPARE(r.values["levels"].get<int>(), 1);
        QCOMPARE(problemsOf(r.figures), std::string());
        QVERIFY(contains(r.warnings, "level >= 1 touch the border"));
    }
    void nonFiniteNumbersAreRefused()
    {
        std::vector<Array> pages;
        for (int p = 0; p < 8; ++p)
            pages.push_back(goldenPicture().as(DType::Float32));
        for (const int at : {0, 100, 255})
            pages[6].data<float>()[at] = at ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
        const auto path = m_files.write("nan.tif", pages);
        EXPECT_ERROR(spectrum({{"images", path}}), "nan.tif: page 6: it holds 3 non-finite values");
        pages.resize(6);
        QCOMPARE(spectrum({{"images", m_files.write("sound.tif", pages)}}).values["sets"][0]["images"].get<int>(), 6);
    }
    void sixteenBitsAreAsGoodAsEight()
    {
        // 257 v: the same picture in the whole range of 16 bits.
        const auto source = openImage(m_noise);
        std::vector<Array> deep;
        for (std::int64_t p = 0; p < 3; ++p) {
            const Array page = source->readPage(p);
            deep.emplace_back(DType::UInt16, page.shape());
            for (std::int64_t i = 0; i < page.size(); ++i)
                deep.back().data<std::uint16_t>()[i] = static_cast<std::uint16_t>(257 * page.value(i));
        }
        const auto path = m_files.write("deep.tif", deep);
        const Result r = spectrum({{"images", m_noise}, {"others", path}});
        for (const char *key : {"ratio", "raw-ratio"})
            for (const auto &v : r.values["sets"][1][key])
                QVERIFY(std::abs(v.get<double>() - 1) < 1e-12);
        QVERIFY(contains(r.warnings, "multiplied by 0.00389105")); // 255 / 65535
        // Alone it has the shares of 8 bits; energies do not overflow.
        const Result alone = spectrum({{"images", path}});
        QVERIFY(allNear(alone.values["sets"][0]["power"],
                        spectrum({{"images", m_noise}}).values["sets"][0]["power"].get<std::vector<double>>(), 1e-12));
        QCOMPARE(problemsOf(alone.figures), std::string());
    }
    void colorsAreTakenAsLumaOrByChannel()
    {
        // Red is T, green its box mean, blue even.
        const Array t = goldenPicture(), s = boxMean(t);
        Array rgb(DType::UInt8, {16, 16, 3});
        for (std::int64_t i = 0; i < 256; ++i) {
            rgb.data<std::uint8_t>()[3 * i] = static_cast<std::uint8_t>(4 * t.value(i));
            rgb.data<std::uint8_t>()[3 * i + 1] = static_cast<std::uint8_t>(4 * s.value(i)); // quarters: whole numbers
            rgb.data<std::uint8_t>()[3 * i + 2] = 200;
        }
        const auto path = m_files.write("rgb.tif", {rgb});
        const auto of = [&](int channel) { return spectrum({{"images", path}, {"levels", 4}, {"channel", channel}}); };
        const std::vector<double> shares{0.006444485, 0.016939790, 0.123734119, 0.852881606};
        QVERIFY(allNear(of(1).values["sets"][0]["power"], shares, 1e-8));
        QVERIFY(contains(of(2).warnings, "rgb: channel 2 of 3 is used."));
        QCOMPARE(cell(of(2).tables[0], "energy", 3), 16 * 1712.0);
        QVERIFY(contains(of(3).warnings, "image 0 of those used has no detail energy"));
        QVERIFY(contains(of(0).warnings, "luma (Rec. 601)"));
        Array luma(DType::Float64, {16, 16});
        for (std::int64_t i = 0; i < 256; ++i)
            luma.data<double>()[i] = 0.299 * 4 * t.value(i) + 0.587 * 4 * s.value(i) + 0.114 * 200;
        const auto p = decompose(luma, waveletFilter("db1"), WaveletMode::Symmetric, 4);
        for (std::size_t row = 0; row < 4; ++row) {
            double energy = 0;
            for (const auto o : {Orientation::H, Orientation::V, Orientation::D}) {
                const Array band = p.band(4 - static_cast<int>(row), o);
                for (const double c : band.span<double>())
                    energy += c * c;
            }
            QVERIFY(std::abs(cell(of(0).tables[0], "energy", row) / energy - 1) < 1e-9);
        }
        QCOMPARE(problemsOf(of(0).figures), std::string());
        EXPECT_ERROR(of(4), "channel must be 0..3 for the 3 channels");
        // A gray image beside a channel is taken as it is.
        const auto gray = m_files.write("grey.tif", {t.as(DType::UInt8)});
        const Result beside = spectrum({{"images", path}, {"others", gray}, {"levels", 4}, {"channel", 1}});
        for (const auto &v : beside.values["sets"][1]["ratio"])
            QVERIFY(std::abs(v.get<double>() - 1) < 1e-12);
    }
    void tooManyLevelsAreRefused()
    {
        const auto &images = m_noise;
        EXPECT_ERROR(spectrum({{"images", images}, {"levels", 9}}), "level must be 1..5 for a 48-pixel side with db1");
        EXPECT_ERROR(spectrum({{"images", images}, {"levels", 4}, {"wavelet", "db4"}}),
                     "level must be 1..2 for a 48-pixel side with db4");
        EXPECT_ERROR(spectrum({{"images", images}, {"levels", 31}}), "level must be 1..5 for a 48-pixel side with db1");
        EXPECT_ERROR(spectrum({{"images", images}, {"levels", 31}, {"beyond", true}}), "level must be 1..30");
        EXPECT_ERROR(spectrum({{"images", images}, {"levels", -1}}), "level must be 1..5 for a 48-pixel side with db1, not -1.");
        EXPECT_ERROR(spectrum({{"images", images}, {"levels", 2.5}}), "levels: expected a whole number");
        const Result r = spectrum({{"images", images}, {"levels", 7}, {"beyond", true}});
        QCOMPARE(r.values["levels"].get<int>(), 7);
        QVERIFY(contains(r.warnings, "level >= 6 touch the border"));
    }
    void imagesBeyondAllMemoryAreRefused()
    {
        // A file with nothing in it but its header takes no room on the disk.
        const auto path = m_files.path("huge.npy");
        writeNpy(path, Array(DType::UInt8, {300, 10}));
        std::string header(std::filesystem::file_size(path) - 3000, '\0');
        std::ifstream(path, std::ios::binary).read(header.data(), static_cast<std::streamsize>(header.size()));
        const auto at = header.find("(300, 10), }");
        QVERIFY(at != std::string::npos);
        const std::string shape = "(300000, 1000000), }";
        header.replace(at, shape.size(), shape); // over the spaces behind it
        std::ofstream(path, std::ios::binary) << header;
        std::error_code code;
        std::filesystem::resize_file(path, header.size() + 300000000000, code);
        QVERIFY2(!code, "expected a file system whose files may have holes");
        EXPECT_ERROR(spectrum({{"images", path}}),
                     "crop: images of 1000000 x 300000 px need 14400 GB each, more than half of the memory that is free here");
        const Result r = spectrum({{"images", path}, {"crop", 16}, {"count", 2}});
        QCOMPARE(r.values["sets"][0]["images"].get<int>(), 2);
    }
    void levelsThatThereAreNotCannotBeLeftOut()
    {
        EXPECT_ERROR(spectrum({{"images", m_noise}, {"drop", "20"}}), "drop: level must be 1..5 as there are 5 levels, not 20.");
        EXPECT_ERROR(spectrum({{"images", m_noise}, {"levels", 3}, {"drop", "1 4:H"}}),
                     "drop: level must be 1..3 as there are 3 levels, not 4.");
        QCOMPARE(spectrum({{"images", m_noise}, {"drop", "A 5"}}).figures.size(), size_t(5));
    }
    void threadsWithinAnImageChangeNothing()
    {
        // One large image has all threads to itself, of several each has one.
        const Array big = referencePicture(515, 700).as(DType::Float32);
        const auto one = m_files.write("big.tif", {big}), many = m_files.write("bigs.tif", {big, big, big, big});
        for (const char *wavelet : {"db1", "db3"}) {
            const Json a = spectrum({{"images", one}, {"wavelet", wavelet}}).values["sets"][0]["power"];
            QVERIFY(a == spectrum({{"images", many}, {"wavelet", wavelet}, {"count", 1}}).values["sets"][0]["power"]);
            QVERIFY(allNear(spectrum({{"images", many}, {"wavelet", wavelet}}).values["sets"][0]["power"],
                            a.get<std::vector<double>>(), 1e-12));
        }
    }
    void unknownNamesAreRefused()
    {
        EXPECT_ERROR(spectrum({{"images", m_noise}, {"wavelet", "db99"}}),
                     "wavelet-spectrum.wavelet: expected one of haar, db1-20, sym2-20, coif1-5, bior1.1-6.8, rbio1.1-6.8, "
                     "found \"db99\".");
        EXPECT_ERROR(spectrum({{"images", m_noise}, {"mode", "mirror"}}), "symmetric, antisymmetric, reflect");
        EXPECT_ERROR(spectrum({{"images", m_noise}, {"wavelet", 4}}), "wavelet-spectrum.wavelet");
        EXPECT_ERROR(spectrum({{"images", m_noise}, {"measure", "power"}}), "energy-share");
    }
    void cancelEndsIt()
    {
        Events events;
        RunControl control;
        events.also = [&](const Event &e) {
            if (e.kind == Event::Kind::Progress)
                control.end(RunControl::End::Cancel);
        };
        // So many that the caller's thread, which alone asks whether to go on, takes more than one of them.
        const auto many = m_files.write("many.tif", std::vector<Array>(64, openImage(m_noise)->readPage(0)));
        EXPECT_ERROR(analyze("wavelet-spectrum", {nullptr, 0, {{"images", many}}}, events, control), "cancelled");
    }
    /// Half a set says nothing: it ends. Of what is written the images that are there are kept.
    void stopEndsItSoon()
    {
        RunControl control;
        control.end(RunControl::End::Stop);
        Events events;
        EXPECT_ERROR(analyze("wavelet-spectrum", {nullptr, 0, {{"images", m_noise}}}, events, control), "stopped after 0");
        RunControl later;
        events.also = [&](const Event &e) {
            if (e.kind == Event::Kind::Progress && e.name == "reconstruction")
                later.end(RunControl::End::Stop);
        };
        const std::string output = m_files.path("stopped.tif");
        const Result r = analyze("wavelet-spectrum",
                                 {nullptr, 0, {{"images", m_noise}, {"drop", "1"}, {"output", output}, {"output-images", "all"}}},
                                 events, later);
        const auto n = openImage(m_noise)->info().pages;
        QVERIFY(n > 1);
        QCOMPARE(openImage(output)->info().pages, std::int64_t(1));
        QVERIFY2(r.warnings.back().find("Stopped: 1 of " + std::to_string(n) + " images were written") == 0,
                 r.warnings.back().c_str());
    }
    void imagesBeyondTheMemoryAreRefused()
    {
        QVERIFY(imagesAtOnce(512, 512, 48) >= 1);
        EXPECT_ERROR(imagesAtOnce(1000000, 1000000, 48), "more than half of the memory that is free here");
    }
    void realImagesHaveTheWorkedNumbers()
    {
        const auto volume = sharedData("isbi2012/train-volume.tif");
        if (volume.empty())
            QSKIP("shared/data is not here");
        const auto source = openImage(volume);
        const Array first = source->readPage(0);
        const auto original = m_files.write("slice.tif", {first});
        writeNpy(m_files.path("blurred.npy"), blurred(first));
        const Result r = spectrum({{"images", original}, {"others", m_files.path("blurred.npy")}});
        const auto &sets = r.values["sets"];
        QVERIFY(allNear(
            sets[0]["power"],
            {0.0258878595, 0.0474540183, 0.1071537017, 0.1602796359, 0.2017881940, 0.2117129029, 0.1627829961, 0.0829406916},
            1e-9));
        QVERIFY(allNear(sets[1]["ratio"],
                        {1.26197634, 1.25663811, 1.24988129, 1.22794461, 1.14626611, 0.96150261, 0.65215942, 0.43317390}, 1e-7));
        QVERIFY(allNear(sets[1]["raw-ratio"],
                        {0.99933506, 0.99510782, 0.98975722, 0.97238598, 0.90770633, 0.76139563, 0.51643264, 0.34302217}, 1e-7));
        // Haar keeps energy: with the approximation, whose four numbers are worked out too, all of it is there.
        const auto p = decompose(first, waveletFilter("db1"), WaveletMode::Symmetric, 8);
        const Array a8 = p.approximation();
        const double worked[] = {37640.644531, 33766.433594, 34869.960938, 34236.320313};
        for (std::int64_t i = 0; i < 4; ++i)
            QVERIFY(std::abs(a8.value(i) - worked[i]) < 1e-6);
        const auto sums = sumsOf(p.layout, p.coefficients.data<double>());
        double energy = sums.approximationEnergy;
        for (const auto &l : sums.levels)
            energy += picked(l.energy, PowerBands::All);
        QVERIFY(std::abs(energy - 5412605368) < 1e-3);
        const Json reference = Json::parse(std::ifstream(test::source("tests/reference/wavelets.json")))["isbi"];
        std::vector<Array> slices;
        for (std::int64_t i = 0; i < reference["slices"].get<std::int64_t>(); ++i)
            slices.push_back(source->readPage(i));
        QVERIFY(allNear(spectrum({{"images", m_files.write("slices.tif", slices)}}).values["sets"][0]["power"],
                        reference["power"], 1e-9));
    }
};

RETICLE_TEST(WaveletSpectrumTest)
#include "WaveletSpectrumTest.moc"
