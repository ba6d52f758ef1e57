#include "files/Reader.h"
#include "files/formats/Orientation.h"

#include "support/MadeTiff.h"
#include "support/Png.h"
#include "support/ReferenceImages.h"
#include "support/Vips.h"

#include <atomic>
#include <thread>

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;
using test::MadeTiff;

namespace {

/// A JPEG of the reference images with EXIF behind its first marker.
std::string turnedJpeg(const char *name, int orientation)
{
    const std::string jpeg = test::readAll(test::referenceImage(name)),
                      exif = std::string("Exif\0\0", 6) + test::madeExif(orientation);
    const std::size_t length = exif.size() + 2;
    return jpeg.substr(0, 2) + "\xff\xe1" + static_cast<char>(length >> 8) + static_cast<char>(length) + exif + jpeg.substr(2);
}

} // namespace

class VipsReaderTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    fs::path path(const std::string &name) const { return m_folder / name; }
    /// A file that is there, or the refusal of a build without libvips.
    bool refusedWithoutVips(const fs::path &file, std::string &otherwise) const
    {
        if (test::withVips)
            return false;
        try {
            openImage(file);
            otherwise = "was read";
        } catch (const Error &e) {
            const std::string said = e.what();
            if (said.find(test::refusalWithoutVips) == std::string::npos ||
                said.find(file.filename().string()) == std::string::npos)
                otherwise = said;
        }
        return true;
    }

private Q_SLOTS:
    void reference_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, entry] : test::referenceImages().items())
            if (entry.contains("vips"))
                QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    /// PNG, JPEG, and the kinds of TIFF that are left to libvips, as Pillow writes them.
    void reference()
    {
        QFETCH(QString, name);
        std::string otherwise;
        if (!refusedWithoutVips(test::referenceImage(name.toStdString()), otherwise))
            otherwise = test::differenceFromReference(name.toStdString());
        QVERIFY2(otherwise.empty(), otherwise.c_str());
    }
    void realPictures()
    {
        if (test::sharedData("images").empty())
            QSKIP("shared/data is absent");
        std::string otherwise;
        if (refusedWithoutVips(test::sharedData("images/camera.png"), otherwise)) {
            QVERIFY2(otherwise.empty(), otherwise.c_str());
            return;
        }
        QCOMPARE(openImage(test::sharedData("images/camera.png"))->readPage(0).shape(), (std::vector<std::int64_t>{512, 512}));
        QCOMPARE(openImage(test::sharedData("images/ihc.png"))->info().channels, std::int64_t(3));
        const auto retina = openImage(test::sharedData("images/retina.jpg"));
        QCOMPARE(retina->info().format, std::string("JPEG"));
        QCOMPARE(retina->readPage(0).shape(), (std::vector<std::int64_t>{1411, 1411, 3}));
        EXPECT_ERROR(openImage(test::sharedData("images/truncated.jpg")), "truncated.jpg");
    }

    void numbersAreReadAsTheyStand()
    {
        test::writeAll(path("a.pgm"), "P5 3 2 255\nabcdef");
        std::string otherwise;
        if (refusedWithoutVips(path("a.pgm"), otherwise)) {
            QVERIFY2(otherwise.empty(), otherwise.c_str());
            return;
        }
        const auto source = openImage(path("a.pgm"));
        QCOMPARE(source->info().format, std::string("PNM"));
        const Array page = source->readPage(0);
        QCOMPARE(page.shape(), (std::vector<std::int64_t>{2, 3}));
        for (int i = 0; i < 6; ++i)
            QCOMPARE(page.value(i), 97.0 + i);
        QCOMPARE(source->readRegion(0, 1, 1, 1, 2).value(1), 102.0);
        EXPECT_ERROR(source->readPage(1), "a.pgm: expected a page from 0 to 0, found 1");
        EXPECT_ERROR(source->readRegion(0, 1, 1, 1, 3), "a.pgm: page 0: expected a region inside 3 x 2");
    }
    /// What libvips could read, but is no picture here, and what it cannot.
    void otherFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("text") << QByteArray("this is no picture");
        QTest::newRow("numbers") << QByteArray("1,2,3\n4,5,6\n");
        QTest::newRow("SVG") << QByteArray("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><rect "
                                           "width=\"9\" height=\"9\"/></svg>");
        QTest::newRow("PDF") << QByteArray("%PDF-1.4\n%%EOF\n");
        QTest::newRow("zip") << QByteArray("PK\x03\x04 and so on");
        QTest::newRow("zeros") << QByteArray(4096, '\0');
    }
    void otherFilesAreRefused()
    {
        QFETCH(QByteArray, bytes);
        for (const char *name : {"x.png", "x.bin"}) {
            test::writeAll(path(name), bytes.toStdString());
            EXPECT_ERROR(openImage(path(name)), std::string(name) + ": expected");
            EXPECT_ERROR(openImage(path(name)),
                         test::withVips ? "an image or stack (TIFF, PNG, JPEG, NumPy .npy), found " : test::refusalWithoutVips);
            QVERIFY(!openVips(path(name), true));
        }
    }
    void emptyAndMissingFiles()
    {
        test::writeAll(path("empty.png"), "");
        EXPECT_ERROR(openImage(path("empty.png")),
                     "empty.png: expected an image or a stack, found an empty file; check that the copy was complete");
        EXPECT_ERROR(openImage(path("none.png")),
                     "none.png: expected an image, a stack or a folder of slices, found no such file");
    }
    void truncated_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"l.png", "rgba.png", "grey16.png", "grey.jpg", "rgb.jpg"})
            QTest::newRow(name) << name;
    }
    /// Cut anywhere, a picture is refused when it is opened; no half of it is shown.
    void truncated()
    {
        QFETCH(QString, name);
        const std::string bytes = test::readAll(test::referenceImage(name.toStdString()));
        // A PNG's last chunk says only that it ends.
        const std::size_t needed = name.endsWith("png") ? bytes.size() - 12 : bytes.size() - 2;
        for (std::size_t n = 1; n < needed; n += n < 40 ? 1 : 7) {
            fs::remove(path("cut.bin"));
            test::writeAll(path("cut.bin"), bytes.substr(0, n));
            EXPECT_ERROR(openImage(path("cut.bin")), "cut.bin: expected ");
        }
    }
    void sizesThatDoNotFitTheFileAreRefused()
    {
        std::string png = test::readAll(test::referenceImage("l.png"));
        // Width and height stand behind the first chunk's name.
        png.replace(16, 8, std::string("\0\0\xea\x60\0\0\xea\x60", 8));
        test::writeAll(path("huge.png"), test::withCheckSums(png));
        EXPECT_ERROR(openImage(path("huge.png")),
                     test::withVips ? "60000 x 60000 pixels claimed by a file of" : test::refusalWithoutVips);
    }
    /// Deflate stores a thousand zeros in a byte or so, and the decoder makes up to 24 bytes of 8 bits.
    void largeImagesOfOneValueAreRead()
    {
        const auto png = [&](std::uint32_t side, int color, const std::vector<std::pair<std::string, std::string>> &others = {}) {
            test::writeAll(
                path("sparse.png"),
                test::madePng(side, side, 1, color, std::vector<std::string>(side, std::string((side + 7) / 8, '\0')), others));
        };
        png(9200, 0);
        if (!test::withVips) {
            EXPECT_ERROR(openImage(path("sparse.png")), test::refusalWithoutVips);
            return;
        }
        for (const auto &source : {openImage(path("sparse.png")), openLabels(path("sparse.png"))}) {
            QCOMPARE(source->info().width, std::int64_t(9200));
            QCOMPARE(source->readRegion(0, 9199, 9199, 1, 1).value(0), 0.0);
        }
        png(5200, 3, {{"PLTE", std::string("\xff\0\0\0\xff\0", 6)}});
        const auto colors = openImage(path("sparse.png"));
        QCOMPARE(colors->info().channels, std::int64_t(3));
        QCOMPARE(colors->readRegion(0, 5199, 0, 1, 1).value(0), 255.0);
    }

    /// Numbers that stand for colors: as labels they are numbers.
    void tablesOfColors_data()
    {
        QTest::addColumn<int>("bits");
        for (const int bits : {1, 2, 4, 8})
            QTest::newRow(std::to_string(bits).c_str()) << bits;
    }
    void tablesOfColors()
    {
        QFETCH(int, bits);
        if (!test::withVips) {
            test::writeAll(path("left.png"), "\x89PNG\r\n\x1a\n and more that is left to libvips");
            EXPECT_ERROR(openImage(path("left.png")), test::refusalWithoutVips);
            return;
        }
        const int n = 1 << bits, width = 11, height = 5;
        std::vector<std::string> rows;
        Array numbers(DType::UInt8, {height, width});
        for (int y = 0; y < height; ++y) {
            std::vector<int> row;
            for (int x = 0; x < width; ++x) {
                row.push_back((y * 7 + x * 3) % n);
                numbers.data<std::uint8_t>()[y * width + x] = static_cast<std::uint8_t>(row.back());
            }
            rows.push_back(test::packedRow(row, bits));
        }
        const auto table = [&](auto color) {
            std::string colors;
            for (int i = 0; i < n; ++i)
                for (int k = 0; k < 3; ++k)
                    colors += static_cast<char>(color(i, k));
            return colors;
        };
        const auto read = [&](int type, const std::vector<std::pair<std::string, std::string>> &others, Purpose purpose) {
            test::writeAll(path("made.png"), test::madePng(width, height, bits, type, rows, others));
            return purpose == Purpose::Labels ? openLabels(path("made.png")) : openImage(path("made.png"));
        };
        const auto wild = table([](int i, int k) { return (i * 97 + k * 53) * 31; }),
                   gray = table([&](int i, int) { return 255 - i * 255 / (n - 1); });
        for (const auto &others : {std::vector<std::pair<std::string, std::string>>{{"PLTE", wild}},
                                   {{"PLTE", gray}},
                                   {{"PLTE", wild}, {"tRNS", std::string("\0", 1)}},
                                   {{"PLTE", std::string(static_cast<std::size_t>(3 * n), 'x')}}})
            QVERIFY(read(3, others, Purpose::Labels)->readPage(0) == numbers);
        const auto colored = read(3, {{"PLTE", wild}}, Purpose::Image);
        QCOMPARE(colored->info().channels, std::int64_t(3));
        for (std::int64_t i = 0; i < numbers.size(); ++i)
            QCOMPARE(colored->readPage(0).value(3 * i + 2),
                     double(static_cast<unsigned char>(wild[static_cast<std::size_t>(3 * numbers.value(i) + 2)])));
        const auto one = read(3, {{"PLTE", gray}}, Purpose::Image);
        QCOMPARE(one->info().channels, std::int64_t(1));
        for (std::int64_t i = 0; i < numbers.size(); ++i)
            QCOMPARE(one->readPage(0).value(i), 255.0 - std::floor(numbers.value(i) * 255 / (n - 1)));
        if (bits == 8)
            QVERIFY(read(3, {{"PLTE", table([](int i, int k) { return k ? 7 : i; })}}, Purpose::Image)->readPage(0) ==
                    numbers); // false colors
        // Gray of few bits: numbers as labels, 0 to 255 as an image.
        QVERIFY(read(0, {}, Purpose::Labels)->readPage(0) == numbers);
        QCOMPARE(read(0, {}, Purpose::Labels)->info().bits, bits < 8 ? bits : 0);
        for (std::int64_t i = 0; i < numbers.size(); ++i)
            QCOMPARE(read(0, {}, Purpose::Image)->readPage(0).value(i), numbers.value(i) * 255 / (n - 1));
    }
    void imagesAreTurnedUpright_data()
    {
        QTest::addColumn<int>("orientation");
        for (int o = 1; o <= 8; ++o)
            QTest::newRow(std::to_string(o).c_str()) << o;
    }
    void imagesAreTurnedUpright()
    {
        QFETCH(int, orientation);
        if (!test::withVips) {
            test::writeAll(path("left.png"), "\x89PNG\r\n\x1a\n and more that is left to libvips");
            EXPECT_ERROR(openImage(path("left.png")), test::refusalWithoutVips);
            return;
        }
        for (const char *name : {"grey.jpg", "rgb.jpg"}) {
            test::writeAll(path("turned.jpg"), turnedJpeg(name, orientation));
            const Array upright = turnedUpright(openImage(test::referenceImage(name))->readPage(0), orientation);
            for (const auto &source : {openImage(path("turned.jpg")), openLabels(path("turned.jpg"))}) {
                QCOMPARE(source->info().height, upright.dim(0));
                QCOMPARE(source->info().width, upright.dim(1));
                QVERIFY(source->readPage(0) == upright);
                const Array part = source->readRegion(0, 2, 1, 4, 6);
                QCOMPARE(part.value(0), upright.value((2 * upright.dim(1) + 1) * source->info().channels));
            }
        }
        test::writeAll(path("turned.png"), test::madePng(3, 2, 8, 0, {"abc", "def"}, {{"eXIf", test::madeExif(orientation)}}));
        Array stored(DType::UInt8, {2, 3});
        std::memcpy(stored.raw(), "abcdef", 6);
        QVERIFY(openImage(path("turned.png"))->readPage(0) == turnedUpright(stored, orientation));
        QVERIFY(openLabels(path("turned.png"))->readPage(0) == turnedUpright(stored, orientation));
        // A WebP of 10 20 30 / 40 50 60, as Pillow writes it with EXIF.
        std::string webp("\x52\x49\x46\x46\x5c\x00\x00\x00\x57\x45\x42\x50\x56\x50\x38\x58\x0a\x00\x00\x00\x08\x00\x00\x00\x02"
                         "\x00\x00\x01\x00\x00\x56\x50\x38\x4c\x1b\x00\x00\x00\x2f\x02"
                         "\x40\x00\x00\x2f\x50\x85\x2a\x54\x61\xfe\x23\x80\x9a\xb6\x0d\xd8\x50\xe7\x5f\x4e\x8d\xe8\x7f\x4c\x2f"
                         "\x00\x45\x58\x49\x46\x1a\x00\x00\x00\x4d\x4d\x00\x2a\x00\x00"
                         "\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00",
                         100);
        webp[93] = static_cast<char>(orientation);
        test::writeAll(path("turned.webp"), webp);
        const std::vector<std::uint8_t> values{10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40, 50, 50, 50, 60, 60, 60};
        QVERIFY(openImage(path("turned.webp"))->readPage(0) ==
                turnedUpright(Array::of<std::uint8_t>({2, 3, 3}, values), orientation));
    }
    /// Directories of a TIFF as libvips gives them: levels counted, nothing turned.
    void directoriesOfTiffs()
    {
        MadeTiff made;
        for (const std::uint64_t width : {3, 3, 2}) {
            auto tags = MadeTiff::gray(width, 2, made.add("abcdef"), 2 * width);
            tags[274] = {MadeTiff::Short, {3}};
            made.directory(tags);
        }
        test::writeAll(path("pages.tif"), made.bytes);
        const auto source = openVipsTiff(path("pages.tif"));
        if (!test::withVips) {
            QVERIFY(!source);
            return;
        }
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->readPage(1).value(0), 97.0);
        EXPECT_ERROR(source->readPage(2),
                     "pages.tif: page 2: expected a page of 3 x 2 like the first, found 2 x 2 or another number type");
        EXPECT_ERROR(source->readPage(3), "pages.tif: expected a page from 0 to 2, found 3");
    }
    void theKeptPageIsNobodysToChange()
    {
        std::string otherwise;
        if (refusedWithoutVips(test::referenceImage("l.png"), otherwise)) {
            QVERIFY2(otherwise.empty(), otherwise.c_str());
            return;
        }
        const auto source = openImage(test::referenceImage("l.png"));
        Array first = source->readPage(0);
        const Array before = first.clone();
        std::fill_n(first.data<std::uint8_t>(), first.size(), std::uint8_t(1));
        QVERIFY(source->readPage(0) == before);
    }
    void filesThatChangeMeanwhile()
    {
        if (!test::withVips) {
            QVERIFY(!openVips(test::referenceImage("l.png"), true));
            return;
        }
        test::writeAll(path("a.png"), test::readAll(test::referenceImage("l.png")));
        const auto lazily = openVips(path("a.png"), false); // nothing is read yet
        test::writeAll(path("a.png"), test::readAll(test::referenceImage("rgb.png")));
        EXPECT_ERROR(lazily->readPage(0), "a.png: expected a page of 9 x 7 like the first");
        fs::remove(path("a.png"));
        EXPECT_ERROR(lazily->readPage(0), "a.png: expected a PNG image, found");
    }
    void severalThreadsReadOneFile()
    {
        std::string otherwise;
        if (refusedWithoutVips(test::referenceImage("rgb.jpg"), otherwise)) {
            QVERIFY2(otherwise.empty(), otherwise.c_str());
            return;
        }
        const Array expected = openImage(test::referenceImage("rgb.jpg"))->readPage(0);
        const auto shared = openImage(test::referenceImage("rgb.jpg"));
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 20; ++i)
                    if (!(shared->readPage(0) == expected) ||
                        !(openImage(test::referenceImage("rgb.jpg"))->readPage(0) == expected))
                        ++wrong;
            });
        for (auto &t : threads)
            t.join();
        QCOMPARE(wrong.load(), 0);
    }
};

RETICLE_TEST(VipsReaderTest)
#include "VipsReaderTest.moc"
