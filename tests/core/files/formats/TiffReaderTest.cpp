#include "files/Reader.h"

#include "files/OutputGuard.h"
#include "support/MadeTiff.h"
#include "support/ReferenceImages.h"
#include "support/TiffPages.h"
#include "support/Vips.h"

#include <set>

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;
using test::MadeTiff;

namespace {

Array bytesOf(std::int64_t height, std::int64_t width, const std::string &text)
{
    Array a(DType::UInt8, {height, width});
    std::copy(text.begin(), text.end(), a.data<std::uint8_t>());
    return a;
}

/// As PackBits stores it: so many bytes that stand for themselves.
std::string packed(const std::string &pixels)
{
    return static_cast<char>(pixels.size() - 1) + pixels;
}

} // namespace

class TiffReaderTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    fs::path path(const std::string &name) const { return m_folder / name; }

    std::shared_ptr<ImageSource> open(const std::string &bytes) const
    {
        test::writeAll(path("made.tif"), bytes);
        auto source = openTiff(path("made.tif"));
        if (!source)
            throw Error({"left to others", "", "", {}});
        return source;
    }
    /// 3 x 2 gray pixels with other tags.
    std::shared_ptr<ImageSource> openWith(const MadeTiff::Tags &other, const std::string &pixels = "abcdef") const
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(3, 2, made.add(pixels), pixels.size());
        for (const auto &[tag, value] : other)
            tags[tag] = value;
        made.directory(tags);
        return open(made.bytes);
    }

private Q_SLOTS:
    void reference_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, entry] : test::referenceImages().items())
            if (fs::path(name).extension() == ".tif" && !entry.contains("vips"))
                QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    /// Both byte orders, BigTIFF, tiles, planes, compressions, OME and ImageJ as tifffile and Pillow write them.
    void reference()
    {
        QFETCH(QString, name);
        const auto difference = test::differenceFromReference(name.toStdString());
        QVERIFY2(difference.empty(), difference.c_str());
    }
    void realFiles()
    {
        if (test::sharedData("images").empty())
            QSKIP("shared/data is absent");
        const auto little = openImage(test::sharedData("images/chessboard_GRAY_U16.tif"))->readPage(0);
        const auto big = openImage(test::sharedData("images/chessboard_GRAY_U16B.tif"))->readPage(0);
        QVERIFY(little == big);
        QCOMPARE(little.shape(), (std::vector<std::int64_t>{200, 200}));
        const auto stack = openImage(test::sharedData("images/multipage.tif"));
        QCOMPARE(stack->info().pages, std::int64_t(2));
        const auto color = openImage(test::sharedData("images/multipage_rgb.tif"));
        QCOMPARE(color->info().channels, std::int64_t(3));
        QCOMPARE(color->info().dtype, DType::Float64);
        QCOMPARE(color->readPage(1).shape(), (std::vector<std::int64_t>{10, 10, 3}));
        const auto volume = openImage(test::sharedData("isbi2012/train-volume.tif"));
        QCOMPARE(volume->info().pages, std::int64_t(24));
        double sum = 0;
        for (std::int64_t p = 0; p < 24; ++p) {
            const Array page = volume->readPage(p);
            for (const auto v : page.span<std::uint8_t>())
                sum += v;
        }
        QCOMPARE(sum, 787381476.0); // by tifffile and NumPy
    }

    void otherFilesAreLeftToOthers()
    {
        test::writeAll(path("x.tif"), "\x89PNG\r\n");
        QVERIFY(!openTiff(path("x.tif")));
        test::writeAll(path("x.tif"), "II*");
        QVERIFY(!openTiff(path("x.tif"))); // too short to be known for one
        EXPECT_ERROR(openTiff(path("none.tif")), "none.tif: expected a readable file");
    }
    /// What libtiff does not decode goes to libvips; without it, and where it cannot either, the reason is said.
    void kindsThatAreLeftToLibvips_data()
    {
        QTest::addColumn<int>("tag");
        QTest::addColumn<int>("value");
        QTest::addColumn<QString>("reason");
        QTest::newRow("old JPEG") << 259 << 6 << "a TIFF with old-style JPEG compression";
        QTest::newRow("JPEG 2000") << 259 << 34712 << "a TIFF with compression 34712";
        QTest::newRow("made up") << 259 << 65000 << "a TIFF with compression 65000";
        QTest::newRow("complex integers") << 339 << 5 << "a TIFF of complex numbers";
        QTest::newRow("8-bit reals") << 339 << 3 << "a TIFF with 8-bit floating point numbers";
    }
    void kindsThatAreLeftToLibvips()
    {
        QFETCH(int, tag);
        QFETCH(int, value);
        QFETCH(QString, reason);
        const MadeTiff::Tags tags{{tag, {MadeTiff::Short, {static_cast<std::uint64_t>(value)}}}};
        std::string said;
        try {
            openWith(tags, "abcdefghijklmnopqr")->readPage(0);
        } catch (const Error &e) {
            said = e.what();
        }
        if (test::withVips)
            QVERIFY2(said.find("made.tif: ") != std::string::npos, said.c_str());
        else
            QVERIFY2(said.find(reason.toStdString()) != std::string::npos &&
                         said.find(test::refusalWithoutVips) != std::string::npos,
                     said.c_str());
    }
    void aCompressionNobodyReadsIsRefused()
    {
        EXPECT_ERROR(openWith({{259, {MadeTiff::Short, {65000}}}}), "65000");
        EXPECT_ERROR(openImage(path("made.tif")), "made.tif: expected ");
        EXPECT_ERROR(openImage(path("made.tif")), "a TIFF with compression 65000");
    }
    void picturesWithoutPixelsAreRefused()
    {
        for (const int tag : {256, 257, 277})
            EXPECT_ERROR(openWith({{tag, {MadeTiff::Long, {0}}}}), "made.tif: expected a");
    }
    void sizesThatDoNotFitTheFileAreRefused()
    {
        EXPECT_ERROR(openWith({{256, {MadeTiff::Long, {0xfffffff}}}, {257, {MadeTiff::Long, {0xfffffff}}}}),
                     "made.tif: expected an image whose size fits its file, found 268435455 x 268435455 pixels "
                     "claimed by a file of");
        // Deflated data grow 1,000 times at most.
        EXPECT_ERROR(
            openWith({{259, {MadeTiff::Short, {8}}}, {256, {MadeTiff::Long, {60000}}}, {257, {MadeTiff::Long, {60000}}}}),
            "60000 x 60000 pixels claimed");
        const auto wide =
            openWith({{256, {MadeTiff::Long, {7000}}}, {257, {MadeTiff::Long, {7000}}}, {278, {MadeTiff::Long, {7000}}}});
        EXPECT_ERROR(wide->readPage(0), "made.tif: page 0: expected pixels up to byte");
        EXPECT_ERROR(wide->readRegion(0, 6999, 6999, 1, 1), "it is truncated, check that the copy was complete");
    }
    void truncated_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"strips.tif", "tiled.tif", "deflate_big.tif", "tiff_lzw.tif", "imagej_one_directory.tif",
                                 "rgb_planar.tif", "bigtiff_big.tif", "ome_zyx.ome.tif"})
            QTest::newRow(name) << name;
    }
    void truncated()
    {
        QFETCH(QString, name);
        const auto otherwise = test::whatACutFileGives(name.toStdString(), path("cut.bin"));
        QVERIFY2(otherwise.empty(), otherwise.c_str());
    }
    void damagedStripsAreRefused()
    {
        EXPECT_ERROR(openWith({{273, {MadeTiff::Long, {0}}}})->readPage(0), "made.tif: page 0: expected the place of its rows");
        EXPECT_ERROR(openWith({{273, {MadeTiff::Long, {5000}}}})->readPage(0), "a file that ends at byte");
        // Two strips of a row each, of which the table tells one.
        EXPECT_ERROR(openWith({{278, {MadeTiff::Long, {1}}}})->readPage(0), "made.tif: page 0");
        EXPECT_ERROR(openWith({{259, {MadeTiff::Short, {8}}}})->readPage(0), "made.tif: page 0: expected pixels in row 0");
        EXPECT_ERROR(openWith({{259, {MadeTiff::Short, {5}}}})->readPage(0), "the file is truncated or damaged");
        EXPECT_ERROR(openWith({{322, {MadeTiff::Long, {0}}}, {323, {MadeTiff::Long, {16}}}})->readPage(0), "made.tif");
    }

    void readsRowsInEitherBitOrder()
    {
        QVERIFY(openWith({{266, {MadeTiff::Short, {2}}}}, std::string("\x01\x80\xf0\x12\0\xff", 6))->readPage(0) ==
                bytesOf(2, 3, std::string("\x80\x01\x0f\x48\0\xff", 6)));
    }
    void whiteIsZeroIsTurnedRound()
    {
        const MadeTiff::Tags white{{262, {MadeTiff::Short, {0}}}};
        QVERIFY(openWith(white, std::string("\0\1\2\3\4\xff", 6))->readPage(0) ==
                bytesOf(2, 3, std::string("\xff\xfe\xfd\xfc\xfb\0", 6)));
        MadeTiff made(true);
        auto tags = MadeTiff::gray(2, 1, made.add(made.numbers({0, 65000}, 2)), 4, 16);
        tags[262] = white.at(262);
        made.directory(tags);
        QVERIFY(open(made.bytes)->readPage(0) == Array::of<std::uint16_t>({1, 2}, std::vector<std::uint16_t>{65535, 535}));
    }
    void wholeNumbersOf64Bits()
    {
        for (const bool isSigned : {false, true}) {
            MadeTiff made(true, true);
            const std::uint64_t maximum = std::uint64_t(1) << 63;
            const auto pixels = made.add(made.numbers({5, maximum - 1, isSigned ? maximum : 7, 9}, 8));
            auto tags = MadeTiff::gray(2, 2, pixels, 32, 64);
            tags[339] = {MadeTiff::Short, {isSigned ? 2u : 1u}};
            made.directory(tags);
            const auto source = open(made.bytes);
            QCOMPARE(source->info().dtype, DType::Int64);
            const Array page = source->readPage(0);
            QCOMPARE(page.data<std::int64_t>()[1], std::numeric_limits<std::int64_t>::max());
            QCOMPARE(page.data<std::int64_t>()[2], isSigned ? std::numeric_limits<std::int64_t>::min() : std::int64_t(7));
        }
        // What has no place in them is refused, not shown as negative.
        MadeTiff made;
        made.directory(MadeTiff::gray(2, 1, made.add(made.numbers({5, std::uint64_t(1) << 63}, 8)), 16, 64));
        const auto source = open(made.bytes);
        QCOMPARE(source->readRegion(0, 0, 0, 1, 1).value(0), 5.0);
        EXPECT_ERROR(source->readPage(0), "made.tif: page 0: expected numbers below 2^63, found a larger one");
    }
    void compressionMayChangeFromPageToPage()
    {
        MadeTiff made;
        made.directory(MadeTiff::gray(3, 2, made.add("abcdef"), 6));
        auto tags = MadeTiff::gray(3, 2, made.add(packed("ghi")), 4);
        tags[259] = {MadeTiff::Short, {32773}};
        tags[278] = {MadeTiff::Long, {1}};
        const auto first = tags[273].values[0], second = made.add(packed("jkl"));
        tags[273] = {MadeTiff::Long, {first, second}};
        tags[279] = {MadeTiff::Long, {4, 4}};
        made.directory(tags);
        tags = MadeTiff::gray(3, 2, made.add("mnopqr"), 6);
        tags[259] = {MadeTiff::Short, {65000}};
        made.directory(tags);
        const auto source = open(made.bytes);
        QCOMPARE(source->info().pages, std::int64_t(3));
        QVERIFY(source->readPage(1) == bytesOf(2, 3, "ghijkl"));
        QVERIFY(source->readPage(0) == bytesOf(2, 3, "abcdef"));
        QVERIFY(source->readRegion(1, 1, 1, 1, 2) == bytesOf(1, 2, "kl"));
        EXPECT_ERROR(source->readPage(2), "made.tif: page 2: expected the same size and number type as page 0");
        QVERIFY(source->readPage(0) == bytesOf(2, 3, "abcdef")); // and goes on
    }
    void regionsLieInsideThePage()
    {
        const auto source = openWith({});
        QVERIFY(source->readRegion(0, 1, 2, 1, 1) == bytesOf(1, 1, "f"));
        EXPECT_ERROR(source->readPage(1), "made.tif: expected a page from 0 to 0, found 1");
        EXPECT_ERROR(source->readPage(-1), "found -1");
        for (const auto &[y, x, h, w] : {std::array<std::int64_t, 4>{0, 0, 3, 1},
                                         {0, 0, 1, 4},
                                         {-1, 0, 1, 1},
                                         {0, 3, 1, 1},
                                         {0, 0, 0, 1},
                                         {0, 0, 1, std::numeric_limits<std::int64_t>::max()}})
            EXPECT_ERROR(source->readRegion(0, y, x, h, w), "made.tif: page 0: expected a region inside 3 x 2");
    }

    /// Opening a stack that says how many pages it has follows its chain only as far as pages are asked for.
    void thousandsOfPagesAreOpenedAtOnce()
    {
        for (const char *text : {"ImageJ=1.53\nimages=5000\nslices=5000\n", "{\"shape\": [5000, 2, 3]}"}) {
            MadeTiff made;
            std::string pixels;
            for (int i = 0; i < 5000; ++i)
                pixels += {static_cast<char>(i), static_cast<char>(i >> 8), 'c', 'd', 'e', 'f'};
            const auto begin = made.add(pixels);
            for (int p = 0; p < 3000; ++p) {
                auto tags = MadeTiff::gray(3, 2, begin + static_cast<std::uint64_t>(p) * 6, 6);
                if (p == 0)
                    tags[270] = MadeTiff::text(text);
                made.directory(tags);
            }
            made.linkTo(1u << 30); // whoever follows the chain beyond here fails
            const auto source = open(made.bytes);
            QCOMPARE(source->info().pages, std::int64_t(5000));
            QCOMPARE(source->info().axes, std::string("ZYX"));
            const Array page = source->readPage(2999);
            QCOMPARE(page.value(0), 2999.0 - 11 * 256);
            QCOMPARE(page.value(1), 11.0);
            EXPECT_ERROR(source->readPage(3000), "made.tif: expected the directory of page 3000");
            QCOMPARE(source->readPage(5).value(0), 5.0);
        }
    }
    void announcementsThatTheFileCannotKeepAreNotBelieved()
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(3, 2, made.add("abcdef"), 6);
        tags[270] = MadeTiff::text("ImageJ=1.53\nimages=5000\nslices=5000\n");
        made.directory(tags);
        QCOMPARE(open(made.bytes)->info().pages, std::int64_t(1));
        made.directory(MadeTiff::gray(3, 2, 8, 6));
        QCOMPARE(open(made.bytes)->info().pages, std::int64_t(2));
    }
    void planesBeyondFourGigabytesLieBehindOneDirectory()
    {
        MadeTiff made(true);
        auto tags = MadeTiff::gray(1, 1, 300, 2, 16);
        tags[270] = MadeTiff::text("ImageJ=1.53\nimages=4\nchannels=2\nslices=2\n");
        made.directory(tags);
        made.bytes.resize(300);
        made.add(made.numbers({1, 2, 3, 400}, 2));
        const auto source = open(made.bytes);
        QCOMPARE(source->info().pages, std::int64_t(2));
        QCOMPARE(source->info().channels, std::int64_t(2));
        QCOMPARE(source->info().axes, std::string("ZYXC"));
        QVERIFY(source->readPage(1) == Array::of<std::uint16_t>({1, 1, 2}, std::vector<std::uint16_t>{3, 400}));
        // One plane is missing: what is there is one page.
        QCOMPARE(open(made.bytes.substr(0, 306))->info().pages, std::int64_t(1));
    }
    /// A sparse BigTIFF of two directories with strips of 5 GB each: a part of the last page is read without the rest.
    void largeFilesAreReadInParts()
    {
        const std::uint64_t side = 70000, plane = side * side;
        MadeTiff made(false, true);
        for (const std::uint64_t p : {0, 1}) {
            auto tags = MadeTiff::gray(side, side, 0, 0);
            tags[273] = {MadeTiff::Long8, {4096 + p * plane}};
            tags[279] = {MadeTiff::Long8, {plane}};
            made.directory(tags);
        }
        test::writeAll(path("large.tif"), made.bytes);
        fs::resize_file(path("large.tif"), 4096 + 2 * plane);
        {
            std::fstream f(path("large.tif"), std::ios::in | std::ios::out | std::ios::binary);
            f.seekp(static_cast<std::streamoff>(4096 + 2 * plane - 1));
            f.put(55);
        }
        const auto source = openImage(path("large.tif"));
        QCOMPARE(source->info().pages, std::int64_t(2));
        QCOMPARE(source->readRegion(1, static_cast<std::int64_t>(side) - 100, static_cast<std::int64_t>(side) - 100, 100, 100)
                     .value(9999),
                 55.0);
        fs::remove(path("large.tif"));
    }

    /// Numbers for print are no size of the sample.
    void pixelSizesComeFromResolutions()
    {
        const auto sizeX = [&](std::uint64_t unit, std::uint64_t n, std::uint64_t d) {
            return openWith({{282, {MadeTiff::Rational, {n, d}}},
                             {283, {MadeTiff::Rational, {n, d}}},
                             {296, {MadeTiff::Short, {unit}}}})
                ->info()
                .pixelSizeX;
        };
        QCOMPARE(sizeX(3, 1000000, 1), 10.0);
        QCOMPARE(sizeX(2, 2540000, 1), 10.0);
        QCOMPARE(sizeX(2, 300, 1), 0.0);
        QCOMPARE(sizeX(2, 1200, 1), 0.0);
        QCOMPARE(sizeX(1, 1000000, 1), 0.0);
        QCOMPARE(sizeX(3, 0, 1), 0.0);
        QCOMPARE(sizeX(3, 5, 0), 0.0);
    }
    void pixelsNeedNotBeSquare()
    {
        const auto open = [&](const std::string &description, std::uint64_t n) {
            return openWith({{270, MadeTiff::text(description)},
                             {282, {MadeTiff::Rational, {n, 1}}},
                             {283, {MadeTiff::Rational, {n * 2, 1}}},
                             {296, {MadeTiff::Short, {1}}}});
        };
        const auto source = open("ImageJ=1.53\nunit=um\nyunit=nm\n", 2);
        QCOMPARE(source->info().pixelSizeX, 500.0);
        QCOMPARE(source->info().pixelSizeY, 0.25);
        QCOMPARE(open("ImageJ=1.53\nunit=um\n", 2)->info().pixelSizeY, 250.0);
        // 0.5 and 0.25 m a pixel are sizes, 5 km is none.
        QCOMPARE(open("ImageJ=1.53\nunit=m\n", 2)->info().pixelSizeX, 5e8);
        const auto far = openWith({{270, MadeTiff::text("ImageJ=1.53\nunit=m\n")},
                                   {282, {MadeTiff::Rational, {1, 5000}}},
                                   {283, {MadeTiff::Rational, {1, 1}}},
                                   {296, {MadeTiff::Short, {1}}}});
        QCOMPARE(far->info().pixelSizeX, 0.0);
        QCOMPARE(far->info().pixelSizeY, 0.0);
    }
    void timesAndPlanesAreCounted()
    {
        MadeTiff made;
        for (int i = 0; i < 34; ++i) {
            auto tags = MadeTiff::gray(1, 1, made.add(std::string(1, static_cast<char>(i))), 1);
            if (i == 0)
                tags[270] = MadeTiff::text("ImageJ=1.53\nimages=34\nchannels=17\nframes=2\n");
            made.directory(tags);
        }
        const auto source = open(made.bytes);
        QCOMPARE(source->info().pages, std::int64_t(34));
        QCOMPARE(source->info().times, std::int64_t(2));
        QCOMPARE(source->info().planes, std::int64_t(17)); // too many for channels of a page
        QCOMPARE(source->info().axes, std::string("TCYX"));
    }
    /// Planes of an OME-TIFF over several files, each with a mark of its own: 1000 t + 100 z + 10 c.
    void planesOfSeveralFiles_data()
    {
        QTest::addColumn<QString>("order");
        QTest::addColumn<QString>("by");
        for (const char *order : {"XYZCT", "XYCZT", "XYTCZ", "XYZTC", "XYCTZ", "XYTZC"})
            for (const char *by : {"t", "c", "z", "tc", "tzc"})
                QTest::addRow("%s by %s", order, by) << order << by;
    }
    void planesOfSeveralFiles()
    {
        QFETCH(QString, order);
        QFETCH(QString, by);
        const fs::path folder = m_folder.part();
        std::map<std::string, std::vector<std::array<int, 3>>> files;
        std::string pieces;
        for (int t = 1; t >= 0; --t) // not in the order of the planes
            for (int z = 0; z < 3; ++z)
                for (int c = 1; c >= 0; --c) {
                    const std::string name = (by.contains('t') ? "t" + std::to_string(t) : "") +
                                             (by.contains('z') ? "z" + std::to_string(z) : "") +
                                             (by.contains('c') ? "c" + std::to_string(c) : "") + ".ome.tif";
                    pieces += "<TiffData FirstT='" + std::to_string(t) + "' FirstZ='" + std::to_string(z) + "' FirstC='" +
                              std::to_string(c) + "' IFD='" + std::to_string(files[name].size()) +
                              "' PlaneCount='1'><UUID FileName='" + name + "'>urn:uuid:" + name + "</UUID></TiffData>";
                    files[name].push_back({t, z, c});
                }
        const std::string xml = "<OME><Image ID='Image:0'><Pixels DimensionOrder='" + order.toStdString() +
                                "' SizeZ='3' SizeC='2' SizeT='2' PhysicalSizeX='0.2' PhysicalSizeY='0.3' PhysicalSizeZ='1.5'>" +
                                pieces + "</Pixels></Image></OME>";
        for (const auto &[name, planes] : files) {
            std::vector<test::TiffPage> pages;
            for (const auto &[t, z, c] : planes) {
                Array a(DType::UInt16, {4, 5});
                std::fill_n(a.data<std::uint16_t>(), a.size(), static_cast<std::uint16_t>(1000 * t + 100 * z + 10 * c));
                pages.push_back({.pixels = a, .description = pages.empty() ? xml : ""});
            }
            test::writeTiff(folder / name, pages);
        }
        for (const auto &[name, planes] : files) {
            const auto source = openImage(folder / name);
            const ImageInfo &i = source->info();
            QVERIFY2(i.notes.empty(), i.toJson().dump().c_str());
            QCOMPARE(i.axes, std::string("TZYXC"));
            QCOMPARE(i.pages, std::int64_t(6));
            QCOMPARE(i.times, std::int64_t(2));
            QCOMPARE(i.channels, std::int64_t(2));
            QCOMPARE(i.pixelSizeX, 200.0);
            QCOMPARE(i.pixelSizeY, 300.0);
            QCOMPARE(i.pixelSizeZ, 1500.0);
            for (const std::int64_t p : {5, 0, 3, 1, 4, 2})
                for (const std::int64_t c : {0, 1})
                    QCOMPARE(source->readRegion(p, 1, 1, 2, 3).value(c), 1000.0 * static_cast<double>(p / 3) +
                                                                             100.0 * static_cast<double>(p % 3) +
                                                                             10.0 * static_cast<double>(c));
            for (const auto &[other, itsPlanes] : files) // as long as it is open, no result replaces a part of it
                if (other != name)
                    EXPECT_ERROR(requireOutput(folder / other, Place::File), "which is read");
        }
        for (const auto &[name, planes] : files)
            requireOutput(folder / name, Place::File);
        // A folder has every plane once.
        const auto all = openImage(folder);
        std::multiset<double> values, expected;
        for (std::int64_t p = 0; p < all->info().pages; ++p)
            for (std::int64_t c = 0; c < all->info().channels; ++c)
                values.insert(all->readPage(p).value(c));
        for (int t = 0; t < 2; ++t)
            for (int z = 0; z < 3; ++z)
                for (int c = 0; c < 2; ++c)
                    expected.insert(1000 * t + 100 * z + 10 * c);
        QVERIFY(values == expected);
        // Alone, a file gives its own planes and says which are missing.
        const auto &[name, planes] = *files.begin();
        const fs::path elsewhere = m_folder.part();
        fs::copy_file(folder / name, elsewhere / name);
        const auto alone = openImage(elsewhere / name);
        QCOMPARE(alone->info().pages * alone->info().channels, static_cast<std::int64_t>(planes.size()));
        QCOMPARE(alone->info().notes.size(), std::size_t(1));
        QVERIFY2(files.size() > 5
                     ? alone->info().notes[0].find(" more are missing") != std::string::npos
                     : alone->info().notes[0].find("\"" + std::next(files.begin())->first + "\"") != std::string::npos,
                 alone->info().notes[0].c_str());
        QVERIFY2(alone->info().notes[0].find("Copy the missing file") != std::string::npos, alone->info().notes[0].c_str());
        values.clear();
        expected.clear();
        for (std::int64_t p = 0; p < alone->info().pages; ++p)
            for (std::int64_t c = 0; c < alone->info().channels; ++c)
                values.insert(alone->readPage(p).value(c));
        for (const auto &[t, z, c] : planes)
            expected.insert(1000 * t + 100 * z + 10 * c);
        QVERIFY(values == expected);
    }
    void metadataInACompanion()
    {
        const fs::path folder = m_folder.part();
        std::string pieces;
        for (int t = 0; t < 3; ++t)
            pieces += "<TiffData FirstT='" + std::to_string(t) + "'><UUID FileName='f" + std::to_string(t) + ".ome.tif'>u" +
                      std::to_string(t) + "</UUID></TiffData>";
        test::writeAll(folder / "x.companion.ome",
                       "<OME><Image><Pixels DimensionOrder='XYZCT' SizeZ='1' SizeC='1' SizeT='3' PhysicalSizeX='0.5'>" + pieces +
                           "</Pixels></Image></OME>");
        for (int t = 0; t < 3; ++t) {
            Array a(DType::UInt8, {4, 5});
            a.data<std::uint8_t>()[0] = static_cast<std::uint8_t>(10 * t);
            test::writeTiff(folder / ("f" + std::to_string(t) + ".ome.tif"),
                            {{.pixels = a,
                              .description = "<OME UUID='u" + std::to_string(t) +
                                             "'><BinaryOnly MetadataFile='x.companion.ome' UUID='c'/></OME>"}});
        }
        const auto source = openImage(folder / "f1.ome.tif");
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->info().axes, std::string("TYX"));
        QCOMPARE(source->info().pixelSizeX, 500.0);
        for (int t = 0; t < 3; ++t)
            QCOMPARE(source->readPage(t).value(0), 10.0 * t);
        EXPECT_ERROR(openImage(folder / "x.companion.ome"),
                     "found OME metadata without pixels; open one of the .ome.tif files that it describes");
        fs::rename(folder / "f1.ome.tif", folder / "renamed.tif"); // known by its UUID
        QCOMPARE(openImage(folder / "renamed.tif")->info().pages, std::int64_t(3));
        fs::remove(folder / "x.companion.ome");
        const auto alone = openImage(folder / "renamed.tif");
        QCOMPARE(alone->info().pages, std::int64_t(1));
        QVERIFY2(alone->info().notes.size() == 1 &&
                     alone->info().notes[0].find("\"x.companion.ome\", which is missing") != std::string::npos,
                 alone->info().toJson().dump().c_str());
    }
    void filesThatDoNotFitTogether()
    {
        const fs::path folder = m_folder.part();
        const auto write = [&](const std::string &name, const Array &a) {
            std::string pieces;
            for (int t = 0; t < 2; ++t)
                pieces += "<TiffData FirstT='" + std::to_string(t) + "' IFD='0'><UUID FileName='f" + std::to_string(t) +
                          ".tif'/></TiffData>";
            test::writeTiff(folder / name, {{.pixels = a,
                                             .description = "<OME><Image><Pixels SizeZ='1' SizeC='1' SizeT='2'>" + pieces +
                                                            "</Pixels></Image></OME>"}});
        };
        write("f0.tif", Array(DType::UInt8, {4, 5}));
        for (const Array &other : {Array(DType::UInt8, {4, 6}), Array(DType::UInt16, {4, 5}), Array(DType::UInt8, {4, 5, 2})}) {
            write("f1.tif", other);
            EXPECT_ERROR(openImage(folder / "f0.tif"),
                         "f1.tif: expected pages like those of \"f0.tif\", which belongs to the same OME-TIFF (5 x 4 uint8)");
        }
        test::writeAll(folder / "f1.tif", "no image");
        EXPECT_ERROR(openImage(folder / "f0.tif"), "f1.tif");
        fs::remove(folder / "f1.tif");
        fs::create_directories(folder / "f1.tif"); // a folder of that name is no file
        QCOMPARE(openImage(folder / "f0.tif")->info().pages, std::int64_t(1));
    }
    /// One file that was given another name is whole without its set.
    void aSingleFileUnderAnotherName()
    {
        std::vector<test::TiffPage> pages(3, {.pixels = Array(DType::UInt8, {4, 5})});
        pages[0].description = "<OME><Image><Pixels SizeZ='3' SizeC='1' SizeT='1'><TiffData IFD='0' PlaneCount='3'><UUID "
                               "FileName='before.ome.tif'>u</UUID></TiffData></Pixels></Image></OME>";
        test::writeTiff(path("after.tif"), pages);
        const auto source = openImage(path("after.tif"));
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->info().axes, std::string("ZYX"));
        QVERIFY(source->info().notes.empty());
    }
    void planesThatAreNotThere()
    {
        std::vector<test::TiffPage> pages(3, {.pixels = Array(DType::UInt8, {4, 5})});
        pages[0].description =
            "<OME><Image><Pixels SizeZ='5' SizeC='1' SizeT='1'><TiffData IFD='0' PlaneCount='3'/></Pixels></Image></OME>";
        test::writeTiff(path("aborted.tif"), pages);
        const auto source = openImage(path("aborted.tif"));
        QCOMPARE(source->info().pages, std::int64_t(3));
        QVERIFY2(source->info().notes.size() == 1 &&
                     source->info().notes[0].find(
                         "describes 5 planes without a place for each of them, and the file has 3 pages") != std::string::npos,
                 source->info().toJson().dump().c_str());
        // Every plane in one directory: that is one page.
        pages.resize(1);
        pages[0].description = "<OME><Image><Pixels SizeZ='1' SizeC='1' SizeT='3'><TiffData FirstT='0' IFD='0'/><TiffData "
                               "FirstT='1' IFD='0'/><TiffData FirstT='2' IFD='0'/></Pixels></Image></OME>";
        test::writeTiff(path("same.tif"), pages);
        QCOMPARE(openImage(path("same.tif"))->info().pages, std::int64_t(1));
        QCOMPARE(openImage(path("same.tif"))->info().notes.size(), std::size_t(1));
    }
    void severalThreadsReadOneFile()
    {
        for (const char *name : {"tiled_deflate_big.tif", "rgb_planar_big.tif", "imagej.tif"})
            QCOMPARE(test::wrongPagesOfThreads(*openImage(test::referenceImage(name))), 0);
    }
};

RETICLE_TEST(TiffReaderTest)
#include "TiffReaderTest.moc"
