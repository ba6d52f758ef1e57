#include "data/SegmentationData.h"

#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "support/OpenData.h"
#include "support/Test.h"
#include "support/TiffPages.h"

#include <QTemporaryDir>

#include <atomic>
#include <cmath>
#include <set>
#include <thread>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

using Slices = std::vector<std::int64_t>;

/// (pages, 6, 8) whose pixels cycle through `values`.
Array cycling(std::int64_t pages, const std::vector<double> &values, DType dtype = DType::UInt8)
{
    Array a(DType::Float64, {pages, 6, 8});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<double>()[i] = values[static_cast<std::size_t>(i) % values.size()];
    return a.as(dtype);
}

Slices range(std::int64_t from, std::int64_t to)
{
    Slices s;
    for (; from < to; ++from)
        s.push_back(from);
    return s;
}

bool contiguous(const Slices &s)
{
    for (std::size_t i = 1; i < s.size(); ++i)
        if (s[i] != s[i - 1] + 1)
            return false;
    return true;
}

} // namespace

class SegmentationDataTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    fs::path path(const std::string &name) const { return fs::path(m_dir.path().toStdString()) / name; }

    std::shared_ptr<SegmentationData> load(const Array &images, const Array &labels, Json options = Json::object(),
                                           std::uint64_t seed = 1) const
    {
        writeNpy(path("images.npy"), images);
        writeNpy(path("labels.npy"), labels);
        options["images"] = path("images.npy").string();
        options["labels"] = path("labels.npy").string();
        return test::openData("segmentation", options, seed);
    }
    Array ramp(std::int64_t pages, DType dtype = DType::UInt8, double factor = 1) const
    {
        Array a(DType::Float64, {pages, 6, 8});
        for (std::int64_t i = 0; i < a.size(); ++i)
            a.data<double>()[i] = static_cast<double>(i % 201) * factor;
        return a.as(dtype);
    }

private Q_SLOTS:
    void realStack()
    {
        const auto images = test::sharedData("isbi2012/train-volume.tif");
        if (images.empty())
            QSKIP("shared/data is absent");
        const auto data = test::openData("segmentation",
                                         Json{{"images", images},
                                              {"labels", test::sharedData("isbi2012/train-labels.tif")},
                                              {"split", "slices"},
                                              {"validation-slices", {20, 21, 22, 23}}},
                                         1);
        QCOMPARE(data->slices(), std::int64_t(24));
        QCOMPARE(data->channels(), std::int64_t(1));
        QCOMPARE(data->classes(), std::int64_t(2));
        QCOMPARE(data->split().training, range(0, 20));
        QCOMPARE(data->split().validation, (Slices{20, 21, 22, 23}));
        QCOMPARE(data->image(0).shape(), (std::vector<std::int64_t>{1, 512, 512}));
        QCOMPARE(data->target(23).shape(), (std::vector<std::int64_t>{512, 512}));
        QCOMPARE(data->classCounts(), (std::vector<std::int64_t>{1200085, 4042795})); // by tifffile and NumPy
        QCOMPARE(QString::fromStdString(data->description()),
                 QString("24 slices of 512 x 512, 8 bit, labels 0 and 255: two classes (255 is the foreground); 20 for "
                         "training, 4 for validation; values / 255"));
    }

    void maskAndSwitch()
    {
        const auto bright = load(ramp(4), cycling(4, {0, 255, 255}));
        QCOMPARE(bright->classNames(), (std::vector<std::string>{"background", "foreground"}));
        const auto dark = load(ramp(4), cycling(4, {0, 255, 255}), {{"foreground", "dark"}});
        const Array b = bright->target(0), d = dark->target(0);
        for (std::int64_t i = 0; i < b.size(); ++i) {
            QCOMPARE(b.value(i), i % 3 == 0 ? 0.0 : 1.0);
            QCOMPARE(d.value(i), i % 3 == 0 ? 1.0 : 0.0);
        }
        QCOMPARE(bright->classCounts()[1], dark->classCounts()[0]);
        // Any two values are a mask, 0 and 1, or 3 and 7, or the numbers of a float map.
        QCOMPARE(load(ramp(4), cycling(4, {3, 7}, DType::UInt16))->target(1).value(1), 1.0);
        QCOMPARE(load(ramp(4), cycling(4, {0, 1}, DType::Float32))->target(1).value(1), 1.0);
    }
    void manyClassesAndIgnore()
    {
        const auto data = load(ramp(4), cycling(4, {0, 5, 9, 255}));
        QCOMPARE(data->classes(), std::int64_t(3));
        QCOMPARE(data->classNames(), (std::vector<std::string>{"0", "5", "9"}));
        const Array t = data->target(2);
        const double want[] = {0, 1, 2, 255};
        for (std::int64_t i = 0; i < t.size(); ++i)
            QCOMPARE(t.value(i), want[i % 4]);
        QCOMPARE(data->classCounts(), (std::vector<std::int64_t>{36, 36, 36})); // 3 training slices of 48
        // Two classes with 255 ignored.
        const auto two = load(ramp(4), cycling(4, {0, 128, 255}));
        QCOMPARE(two->classes(), std::int64_t(2));
        QCOMPARE(two->target(0).value(2), 255.0);
        QVERIFY(two->description().find("255 is ignored") != std::string::npos);
    }
    void classesOfAnotherHold()
    {
        SegmentationDataOptions o;
        writeNpy(path("images.npy"), ramp(4));
        writeNpy(path("labels.npy"), cycling(4, {0, 3}));
        o.images = path("images.npy").string();
        o.labels = path("labels.npy").string();
        auto known = files::comparedClasses({{0, 1}, {1, 1}, {3, 1}}, true, "x");
        known.owner = "run 2";
        o.decide = [&](const auto &counts) {
            std::string note;
            return known.fitting(counts, note);
        };
        const auto data = SegmentationData::load(o, 1);
        QCOMPARE(data->classes(), std::int64_t(3));
        QCOMPARE(data->target(0).value(1), 2.0);
        QCOMPARE(data->classCounts().at(1), std::int64_t(0));
        Array wrong = cycling(4, {0, 3});
        wrong.data<std::uint8_t>()[2 * 48 + 3 * 8 + 5] = 7;
        writeNpy(path("labels.npy"), wrong);
        EXPECT_ERROR(SegmentationData::load(o, 1),
                     "page 2: The value 7 at row 3, column 5 belongs to no class of run 2: 0, 1 and 3.");
    }
    void whatAModelKeeps()
    {
        const auto bytes = load(ramp(4), cycling(4, {0, 2}));
        QVERIFY(bytes->scalingWithSpan().toJson() ==
                (Json{{"offset", 0.0}, {"factor", 1 / 255.0}, {"how", "unit"}, {"type", "uint8"}}));
        QCOMPARE(bytes->labelClasses().values, (std::vector<std::int64_t>{0, 2}));
        const auto wide = load(ramp(4, DType::UInt16, 16), cycling(4, {0, 2}))->scalingWithSpan();
        QVERIFY(wide.span.known);
        QCOMPARE(wide.span.high, 191.0 * 16); // of 4 x 48 values
        QCOMPARE(wide.span.step, std::int64_t(16));
        const auto scaled = load(ramp(4, DType::Float32, 0.01), cycling(4, {0, 2}), {{"scaling", "z-score"}})->scalingWithSpan();
        QCOMPARE(scaled.how, std::string("z-score"));
        QVERIFY(std::abs(scaled.span.high - 1.91) < 1e-6 && !scaled.span.whole);
        QVERIFY(Scaling::fromJson(Json::parse(scaled.toJson().dump())).toJson() == scaled.toJson());
        QCOMPARE(load(ramp(4), cycling(4, {0, 90, 200}), {{"threshold", 100}})->labelClasses().threshold, 100.0);
    }
    /// However a file says that its numbers are shown, they are the classes.
    void labelsInOtherColors_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("photometric");
        QTest::addColumn<int>("classes");
        for (const int bits : {2, 4, 8, 16})
            for (const int photometric : {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_PALETTE})
                QTest::addRow("%d bits, photometric %d", bits, photometric) << bits << photometric << (bits == 2 ? 4 : 5);
    }
    void labelsInOtherColors()
    {
        QFETCH(int, bits);
        QFETCH(int, photometric);
        QFETCH(int, classes);
        const Array labels = cycling(1, {0, 1, 2, 3, bits == 2 ? 0.0 : 4.0}, bits > 8 ? DType::UInt16 : DType::UInt8);
        test::TiffPage page{.pixels = labels.at(0), .photometric = photometric, .bits = bits};
        for (std::size_t i = 0; photometric == PHOTOMETRIC_PALETTE && i < std::size_t{1} << bits; ++i)
            for (auto *channel : {&page.red, &page.green, &page.blue})
                channel->push_back(static_cast<std::uint16_t>((i * 40 + channel->size() * 7) % 256 * 257));
        test::writeTiff(path("labels.tif"), {page});
        writeNpy(path("images.npy"), ramp(1).at(0));
        const auto data =
            test::openData("segmentation", {{"images", path("images.npy").string()}, {"labels", path("labels.tif").string()}}, 1);
        QCOMPARE(data->classes(), std::int64_t(classes));
        const Array target = data->target(0);
        for (std::int64_t i = 0; i < target.size(); ++i)
            QCOMPARE(target.value(i), labels.value(i));
    }
    /// An image that is stored on its side belongs to labels that were drawn on it upright.
    void labelsOfATurnedImage()
    {
        Array stored(DType::UInt8, {8, 6});
        for (std::int64_t i = 0; i < stored.size(); ++i)
            stored.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(5 * i);
        test::writeTiff(path("turned.tif"), {{.pixels = stored, .orientation = 6}});
        writeNpy(path("labels.npy"), cycling(1, {0, 255}).at(0));
        const auto data =
            test::openData("segmentation", {{"images", path("turned.tif").string()}, {"labels", path("labels.npy").string()}}, 1);
        QCOMPARE(data->height(0), std::int64_t(6));
        QCOMPARE(data->width(0), std::int64_t(8));
        const Array image = data->image(0); // its upper left corner was stored at the lower left
        QVERIFY(std::abs(image.value(0) - 5.0 * 7 * 6 / 255) < 1e-6);
        QVERIFY(std::abs(image.value(7)) < 1e-6);
    }
    void thresholdedLabels()
    {
        const auto data = load(ramp(4), cycling(4, {0, 130, 40, 255, 127}), {{"threshold", 128}});
        QCOMPARE(data->classes(), std::int64_t(2));
        const double want[] = {0, 1, 0, 1, 0};
        for (std::int64_t i = 0; i < 48; ++i)
            QCOMPARE(data->target(0).value(i), want[i % 5]);
        EXPECT_ERROR(load(ramp(4), cycling(4, {0, 1, 0.5}, DType::Float32)),
                     "labels.npy: page 0: expected labels that are whole numbers");
    }
    void notANumber()
    {
        Array a = ramp(4, DType::Float32);
        a.data<float>()[48 + 8 + 3] = NAN;
        EXPECT_ERROR(load(a, cycling(4, {0, 1})), "images.npy: page 1: expected finite numbers, found NaN at row 1, column 3");
        a.data<float>()[48 + 8 + 3] = INFINITY;
        EXPECT_ERROR(load(a, cycling(4, {0, 1}), {{"cache-mib", 16}}), "an infinite value at row 1, column 3");
    }

    void scalings()
    {
        const Array mask = cycling(5, {0, 1});
        const auto unit = load(ramp(5, DType::UInt16), mask);
        QCOMPARE(unit->image(0).value(40), static_cast<double>(40.0f / 65535));
        QCOMPARE(unit->scaling().factor, 1.0 / 65535);
        // Floating point within 0 to 1 stays, beyond is brought there; so are 32-bit integers.
        const auto stays = load(ramp(5, DType::Float32, 1.0 / 200), mask);
        QCOMPARE(stays->scaling().factor, 1.0);
        QVERIFY(stays->description().find("as they are") != std::string::npos);
        for (const auto dtype : {DType::Float32, DType::UInt32}) {
            const auto wide = load(ramp(5, dtype, 50), mask);
            QCOMPARE(wide->scaling().factor, 1.0 / 10000);
            QVERIFY(wide->description().find("scaled to 0 to 1") != std::string::npos);
        }
        // From the training slices only: slice 4 is far off and validates.
        Array a = ramp(5);
        for (std::int64_t i = 4 * 48; i < 5 * 48; ++i)
            a.data<std::uint8_t>()[i] = 255;
        const Json held{{"split", "slices"}, {"validation-slices", {4}}, {"scaling", "z-score"}};
        const auto z = load(a, mask, held);
        double mean = 0, squares = 0;
        for (std::int64_t i = 0; i < 4 * 48; ++i)
            mean += a.value(i) / (4 * 48);
        for (std::int64_t i = 0; i < 4 * 48; ++i)
            squares += (a.value(i) - mean) * (a.value(i) - mean) / (4 * 48);
        QVERIFY(std::abs(z->scaling().offset - mean) < 1e-9);
        QVERIFY(std::abs(1 / z->scaling().factor - std::sqrt(squares)) < 1e-9);
        QCOMPARE(z->image(4).value(0),
                 static_cast<double>(static_cast<float>((255 - z->scaling().offset) * z->scaling().factor)));
        const auto m = load(a, mask, {{"split", "slices"}, {"validation-slices", {4}}, {"scaling", "min-max"}});
        QCOMPARE(m->scaling().factor, 1.0 / 191);
        // Constant images do not divide by nothing.
        QCOMPARE(load(cycling(4, {7}), cycling(4, {0, 1}), {{"scaling", "z-score"}})->image(0).value(0), 0.0);
    }
    void colorWithOpacity()
    {
        Array rgba(DType::UInt8, {2, 6, 8, 4});
        for (std::int64_t i = 0; i < rgba.size(); ++i)
            rgba.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 4 * 50);
        const auto data = load(rgba, cycling(2, {0, 1}));
        QCOMPARE(data->channels(), std::int64_t(3));
        const Array image = data->image(1);
        QCOMPARE(image.shape(), (std::vector<std::int64_t>{3, 6, 8}));
        for (int c = 0; c < 3; ++c)
            QCOMPARE(image.value(c * 48 + 20), static_cast<double>(static_cast<float>(c * 50 * (1.0 / 255))));
    }

    void opacityIsNoIntensity()
    {
        // Colors from 50 to 97, with an opacity that is far from them.
        Array rgba(DType::UInt8, {2, 6, 8, 4}), rgb(DType::UInt8, {2, 6, 8, 3});
        for (std::int64_t i = 0; i < 96; ++i)
            for (std::int64_t c = 0; c < 4; ++c) {
                const auto v = static_cast<std::uint8_t>(c < 3 ? 50 + (i + c) % 48 : 255);
                rgba.data<std::uint8_t>()[4 * i + c] = v;
                if (c < 3)
                    rgb.data<std::uint8_t>()[3 * i + c] = v;
            }
        for (const char *how : {"min-max", "z-score"}) {
            const auto with = load(rgba, cycling(2, {0, 1}), {{"scaling", how}}),
                       without = load(rgb, cycling(2, {0, 1}), {{"scaling", how}});
            QCOMPARE(with->scaling().offset, without->scaling().offset);
            QCOMPARE(with->scaling().factor, without->scaling().factor);
            QCOMPARE(with->valueRange(), without->valueRange());
            QVERIFY(with->image(1) == without->image(1));
        }
        QCOMPARE(load(rgba, cycling(2, {0, 1}), {{"scaling", "min-max"}})->scaling().factor, 1.0 / 47);
        // It need not be a number that can be trained on either.
        Array real = rgba.as(DType::Float32);
        const auto loadReal = [&] {
            std::vector<test::TiffPage> pages;
            for (const std::int64_t z : {0, 1})
                pages.push_back({.pixels = real.at(z), .photometric = PHOTOMETRIC_RGB, .opacity = true});
            test::writeTiff(path("real.tif"), pages);
            writeNpy(path("labels.npy"), cycling(2, {0, 1}));
            return test::openData(
                "segmentation",
                Json{{"images", path("real.tif").string()}, {"labels", path("labels.npy").string()}, {"scaling", "min-max"}}, 1);
        };
        real.data<float>()[4 * 50 + 3] = NAN;
        QCOMPARE(loadReal()->channels(), std::int64_t(3));
        QCOMPARE(loadReal()->scaling().factor, 1.0 / 47);
        real.data<float>()[4 * (48 + 8 + 3) + 2] = NAN;
        EXPECT_ERROR(loadReal(), "page 1: expected finite numbers, found NaN at row 1, column 3");
    }

    void neighboringSlices()
    {
        const Array images = ramp(4), labels = cycling(4, {0, 1});
        const auto alone = load(images, labels);
        const auto data = load(images, labels, {{"context", 1}});
        QCOMPARE(data->channels(), std::int64_t(3));
        // Before the first slice stands the first, behind the last the last.
        const std::vector<std::vector<int>> seen{{0, 0, 1}, {0, 1, 2}, {1, 2, 3}, {2, 3, 3}};
        for (int s = 0; s < 4; ++s) {
            const Array image = data->image(s);
            QCOMPARE(image.shape(), (std::vector<std::int64_t>{3, 6, 8}));
            for (int c = 0; c < 3; ++c)
                QVERIFY(image.at(c) == alone->image(seen[s][c]).at(0));
        }
        QVERIFY(data->target(1) == alone->target(1));
        QVERIFY(data->scaling().factor == alone->scaling().factor);
    }

    void splitsByBlocks()
    {
        std::set<std::int64_t> places;
        for (std::uint64_t seed = 0; seed < 30; ++seed) {
            const Json options{{"validation-fraction", 0.15}, {"test-fraction", 0.1}};
            const auto data = load(ramp(20), cycling(20, {0, 1}), options, seed);
            const Split s = data->split();
            QCOMPARE(s.validation.size(), std::size_t(3));
            QCOMPARE(s.test.size(), std::size_t(2));
            QVERIFY(contiguous(s.validation) && contiguous(s.test));
            Slices all = s.training;
            all.insert(all.end(), s.validation.begin(), s.validation.end());
            all.insert(all.end(), s.test.begin(), s.test.end());
            std::sort(all.begin(), all.end());
            QCOMPARE(all, range(0, 20));
            places.insert(s.validation[0]);
            QVERIFY(load(ramp(20), cycling(20, {0, 1}), options, seed)->split().toJson() == s.toJson());
            QVERIFY(Split::fromJson(s.toJson()).toJson() == s.toJson());
        }
        QVERIFY(places.size() > 8);
    }
    void splitsOtherwise()
    {
        const auto first =
            load(ramp(10), cycling(10, {0, 1}), {{"split", "first"}, {"validation-fraction", 0.2}, {"test-fraction", 0.1}});
        QCOMPARE(first->split().training, range(0, 7));
        QCOMPARE(first->split().validation, range(7, 9));
        QCOMPARE(first->split().test, range(9, 10));
        const auto some =
            load(ramp(10), cycling(10, {0, 1}),
                 {{"split", "slices"}, {"validation-slices", {2}}, {"test-slices", {3}}, {"only-slices", {1, 2, 3, 4}}});
        QCOMPARE(some->split().training, (Slices{1, 4}));
        QCOMPARE(some->slices(), std::int64_t(10));
        // A picture alone trains; two give one for each part.
        QVERIFY(load(ramp(1), cycling(1, {0, 1}))->split().validation.empty());
        QCOMPARE(load(ramp(2), cycling(2, {0, 1}))->split().validation.size(), std::size_t(1));
        EXPECT_ERROR(load(ramp(2), cycling(2, {0, 1}), {{"test-fraction", 0.5}}), "fractions that leave a slice for training");
        EXPECT_ERROR(load(ramp(2), cycling(2, {0, 1}), {{"split", "slices"}, {"validation-slices", {0, 1}}}),
                     "left for training");
        EXPECT_ERROR(load(ramp(2), cycling(2, {0, 1}), {{"split", "slices"}, {"validation-slices", {5}}}), "slices from 0 to 1");
        EXPECT_ERROR(load(ramp(3), cycling(3, {0, 1}), {{"split", "slices"}, {"validation-slices", {1}}, {"test-slices", {1}}}),
                     "not in validation-slices");
    }

    void picturesOfSeveralSizes()
    {
        fs::create_directories(path("p/images"));
        fs::create_directories(path("p/masks"));
        for (const int n : {1, 2, 10}) {
            Array image(DType::UInt8, {5 + n, 8}), mask(DType::UInt8, {5 + n, 8});
            for (std::int64_t i = 0; i < image.size(); ++i) {
                image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(n);
                mask.data<std::uint8_t>()[i] = i % 2 ? 255 : 0;
            }
            writeNpy(path("p/images/cell_" + std::to_string(n) + ".npy"), image);
            writeNpy(path("p/masks/cell_" + std::to_string(n) + "_mask.npy"), mask);
        }
        SegmentationDataOptions options;
        options.images = path("p/images").string();
        options.labels = path("p/masks").string();
        const auto data = SegmentationData::load(options, 1);
        QCOMPARE(data->height(2), std::int64_t(15));
        QCOMPARE(data->image(2).shape(), (std::vector<std::int64_t>{1, 15, 8}));
        QCOMPARE(data->target(2).shape(), (std::vector<std::int64_t>{15, 8}));
        QVERIFY(data->description().find("several sizes") != std::string::npos);
    }

    void cachesAndThreads()
    {
        const auto data = load(Array(DType::UInt8, {24, 512, 512}),
                               [] {
                                   Array labels(DType::UInt8, {24, 512, 512});
                                   for (std::int64_t i = 0; i < labels.size(); ++i)
                                       labels.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 262144 % 2);
                                   return labels;
                               }(),
                               {{"cache-mib", 16}});
        QVERIFY(data->image(3).raw() == data->image(3).raw()); // kept
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 40; ++i) {
                    const std::int64_t s = (i * 7 + t) % 24;
                    if (data->target(s).value(99) != static_cast<double>(s % 2) || data->image(s).size() != 262144)
                        ++wrong;
                }
            });
        for (auto &t : threads)
            t.join();
        QCOMPARE(wrong.load(), 0);
    }
};

RETICLE_TEST(SegmentationDataTest)
#include "SegmentationDataTest.moc"
