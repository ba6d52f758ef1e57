#include "analysis/ImageSets.h"

#include "core/analysis/AnalysisFiles.h"
#include "files/ImageWriter.h"

#include <fstream>
#include <set>

using namespace reticle;
using namespace reticle::test;

class ImageSetsTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files; // images.tif: 4 slices of 48 x 64, uint8

    ImageSetOptions options(const std::string &others = {}) const
    {
        ImageSetOptions o;
        o.images = m_files.path("images.tif");
        o.others = others;
        return o;
    }
    /// Pages of float32 with the numbers of their places, 100 * page + y + x / 1000.
    std::string ramp(const std::string &name, std::int64_t pages, std::int64_t h, std::int64_t w) const
    {
        std::vector<Array> all;
        for (std::int64_t p = 0; p < pages; ++p) {
            Array a(DType::Float32, {h, w});
            for (std::int64_t i = 0; i < h * w; ++i)
                a.data<float>()[i] = static_cast<float>(100 * p + i / w) + static_cast<float>(i % w) / 1000;
            all.push_back(a);
        }
        return m_files.write(name, all);
    }

private Q_SLOTS:
    void readsWholeImages()
    {
        const ImageSets sets(options());
        QCOMPARE(sets.size(), size_t(1));
        QCOMPARE(sets.name(0), std::string("images"));
        QCOMPARE(sets.places(0).size(), size_t(4));
        QCOMPARE(sets.rows(), 48);
        QCOMPARE(sets.columns(), 64);
        QCOMPARE(sets.pixelSize(), 4.0);
        const Array a = sets.read(0, 2);
        QCOMPARE(a.dtype(), DType::Float64);
        QCOMPARE(a.value(8 * 64 + 8), 180.0);
        QVERIFY(sets.notes().empty());
    }
    void setsAreNamedAndParted()
    {
        auto o = options(m_files.path("prediction.tif") + "; " + m_files.path("labels.tif"));
        QCOMPARE(ImageSets(o).size(), size_t(3));
        o.names = "EM; ;net";
        const ImageSets sets(o);
        QCOMPARE(sets.name(0), std::string("EM"));
        QCOMPARE(sets.name(1), std::string("prediction"));
        QCOMPARE(sets.name(2), std::string("net"));
        o.names = "a;b;c;d";
        EXPECT_ERROR(ImageSets{o}, "at most 3 names");
        const ImageSets twice(options(m_files.path("images.tif")));
        QCOMPARE(twice.name(1), std::string("images 2"));
    }
    void fewerImagesAreChosenBySeed()
    {
        auto o = options(m_files.path("labels.tif"));
        o.count = 2;
        const ImageSets a(o), b(o);
        QCOMPARE(a.places(0).size(), size_t(2));
        std::set<std::int64_t> images;
        for (std::size_t i = 0; i < 2; ++i) {
            QCOMPARE(a.places(0)[i].image, a.places(1)[i].image); // paired
            QCOMPARE(a.places(0)[i].image, b.places(0)[i].image);
            images.insert(a.places(0)[i].image);
        }
        QCOMPARE(images.size(), size_t(2));
        QCOMPARE(a.hash(), b.hash());
        std::set<std::string> hashes;
        for (o.seed = 0; o.seed < 12; ++o.seed)
            hashes.insert(ImageSets(o).hash());
        QVERIFY(hashes.size() > 2);
    }
    void cropsAreAtTheSamePlace()
    {
        const auto path = ramp("ramp.tif", 3, 40, 50);
        ImageSetOptions o;
        o.images = o.others = path;
        o.crop = 16;
        o.count = 20; // several of each image
        const ImageSets sets(o);
        QCOMPARE(sets.places(0).size(), size_t(20));
        QCOMPARE(sets.rows(), 16);
        std::set<std::pair<std::int64_t, std::int64_t>> corners;
        for (std::size_t i = 0; i < 20; ++i) {
            const auto p = sets.places(0)[i];
            QVERIFY(p.y >= 0 && p.y <= 24 && p.x >= 0 && p.x <= 34);
            const Array a = sets.read(0, i);
            QVERIFY(std::abs(a.value(0) - static_cast<double>(100 * p.image + p.y) - static_cast<double>(p.x) / 1000) < 1e-4);
            QVERIFY(a == sets.read(1, i));
            corners.insert({p.y, p.x});
        }
        QVERIFY(corners.size() > 10);
        o.crop = 41;
        EXPECT_ERROR(ImageSets{o}, "at least 41 x 41 px");
    }
    void unlikeSetsMustBeSaidToBe()
    {
        const auto path = ramp("other.tif", 2, 40, 80);
        auto o = options(path);
        EXPECT_ERROR(ImageSets{o}, "4 slices of 64 x 48");
        EXPECT_ERROR(ImageSets{o}, "2 slices of 80 x 40");
        o.paired = false;
        const ImageSets sets(o);
        QCOMPARE(sets.places(0).size(), size_t(4));
        QCOMPARE(sets.places(1).size(), size_t(2));
        QCOMPARE(sets.rows(), 40);
        QCOMPARE(sets.columns(), 64);
        QCOMPARE(sets.notes().size(), size_t(1));
        QVERIFY2(sets.notes()[0].find("middle of 64 x 40") != std::string::npos, sets.notes()[0].c_str());
        QCOMPARE(sets.places(0)[0].y, 4);
        QCOMPARE(sets.places(1)[0].x, 8);
        QVERIFY(std::abs(sets.read(1, 1).value(0) - 100.008) < 1e-4);
    }
    void colorsBecomeLuma()
    {
        Array rgb(DType::UInt8, {8, 8, 3});
        for (std::int64_t i = 0; i < 64; ++i) {
            rgb.data<std::uint8_t>()[3 * i] = 100;
            rgb.data<std::uint8_t>()[3 * i + 1] = 50;
            rgb.data<std::uint8_t>()[3 * i + 2] = 200;
        }
        ImageSetOptions o;
        o.images = m_files.write("rgb.tif", {rgb});
        const ImageSets sets(o);
        QVERIFY(std::abs(sets.read(0, 0).value(5) - (29.9 + 29.35 + 22.8)) < 1e-9);
        QVERIFY(sets.notes().at(0).find("Rec. 601") != std::string::npos);
    }
    void oneChannelCanBeChosen()
    {
        Array three(DType::UInt16, {4, 5, 3}), two(DType::Float32, {4, 5, 2});
        for (std::int64_t i = 0; i < 20; ++i) {
            for (int c = 0; c < 3; ++c)
                three.data<std::uint16_t>()[3 * i + c] = static_cast<std::uint16_t>(1000 * c + i);
            for (int c = 0; c < 2; ++c)
                two.data<float>()[2 * i + c] = static_cast<float>(c) - 0.5f;
        }
        ImageSetOptions o;
        o.images = m_files.write("three.tif", {three});
        o.channel = 3;
        const ImageSets last(o);
        QCOMPARE(last.read(0, 0).value(7), 2007.0);
        QCOMPARE(last.notes(), std::vector<std::string>{"three: channel 3 of 3 is used."});
        const auto before = last.hash();
        o.channel = 1;
        QCOMPARE(ImageSets(o).read(0, 0).value(7), 7.0);
        QVERIFY(ImageSets(o).hash() != before);
        o.channel = 4;
        EXPECT_ERROR(ImageSets{o}, "channel must be 0..3 for the 3 channels of ");
        // Of another number of channels there is no luma.
        writeNpy(m_files.path("two.npy"), two.reshaped({1, 4, 5, 2}));
        o.images = m_files.path("two.npy");
        o.channel = 0;
        EXPECT_ERROR(ImageSets{o}, "choose one of them: channel 1 to 2");
        o.channel = 2;
        QCOMPARE(ImageSets(o).read(0, 0).value(3), 0.5);
        // Gray images have no channel to choose.
        auto gray = options();
        gray.channel = 2;
        EXPECT_ERROR(ImageSets{gray}, "channel must be 0..1 for the 1 channel of ");
        gray.channel = 1;
        QVERIFY(ImageSets(gray).notes().empty());
    }
    void sixteenBitsStayWhole()
    {
        Array a(DType::UInt16, {4, 5});
        a.data<std::uint16_t>()[7] = 65535;
        ImageSetOptions o;
        o.images = m_files.write("deep.tif", {a});
        QCOMPARE(ImageSets(o).read(0, 0).value(7), 65535.0);
    }
    void nonFiniteNumbersAreRefused()
    {
        std::vector<Array> pages;
        for (int p = 0; p < 3; ++p)
            pages.emplace_back(DType::Float32, std::vector<std::int64_t>{6, 6});
        pages[1].data<float>()[3] = std::numeric_limits<float>::quiet_NaN();
        pages[1].data<float>()[4] = std::numeric_limits<float>::infinity();
        pages[1].data<float>()[9] = -std::numeric_limits<float>::infinity();
        ImageSetOptions o;
        o.images = m_files.write("nan.tif", pages);
        const ImageSets sets(o);
        EXPECT_ERROR(sets.read(0, 1), "nan.tif: page 1: it holds 3 non-finite values");
        QCOMPARE(sets.read(0, 2).value(0), 0.0);
    }
    void theRangeIsOfSomeImages()
    {
        ImageSetOptions o;
        o.images = ramp("five.tif", 5, 600, 40);
        // First, middle and last; of their rows 44 to 555.
        const auto [low, high] = ImageSets(o).range(0);
        QVERIFY(std::abs(low - 44) < 1e-4);
        QVERIFY(std::abs(high - (400 + 555.039)) < 1e-3);
        Array none(DType::Float32, {4, 4});
        for (auto &v : none.span<float>())
            v = std::numeric_limits<float>::quiet_NaN();
        o.images = m_files.write("none.tif", {none});
        QVERIFY(ImageSets(o).range(0) == std::pair(0.0, 0.0));
        none.data<float>()[3] = -2;
        o.images = m_files.write("one.tif", {none});
        QVERIFY(ImageSets(o).range(0) == std::pair(-2.0, -2.0));
    }
    void onlyThePartIsDecoded()
    {
        // A strip in which nothing can be decoded does no harm to what lies beside it.
        Array a(DType::UInt8, {4096, 512});
        Random random(3);
        for (auto &v : a.span<std::uint8_t>())
            v = static_cast<std::uint8_t>(random.below(256));
        ImageSetOptions o;
        o.images = m_files.write("strips.tif", {a});
        {
            std::fstream file(o.images, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(4000);
            file << std::string(4000, '\xff'); // in the first strip, of 512 rows
        }
        const ImageSets whole(o);
        EXPECT_ERROR(whole.read(0, 0), "strips.tif");
        const Array middle = whole.read(0, 0, 600);
        QCOMPARE(middle.shape(), (std::vector<std::int64_t>{600, 512}));
        QCOMPARE(middle.value(0), a.value(1748 * 512));
        QCOMPARE(middle.value(middle.size() - 1), a.value(2348 * 512 - 1));
        o.crop = 512;
        o.count = 20;
        const ImageSets crops(o);
        std::size_t read = 0;
        for (std::size_t i = 0; i < 20; ++i) {
            const auto at = crops.places(0)[i];
            if (at.y < 512)
                continue;
            QCOMPARE(crops.read(0, i).value(7), a.value(at.y * 512 + at.x + 7));
            ++read;
        }
        QVERIFY(read > 10);
    }
    void somethingMustBeGiven()
    {
        EXPECT_ERROR(ImageSets{ImageSetOptions{}}, "images=FILE");
        auto o = options(m_files.path("nowhere.tif"));
        EXPECT_ERROR(ImageSets{o}, "nowhere.tif");
    }
};

RETICLE_TEST(ImageSetsTest)
#include "ImageSetsTest.moc"
