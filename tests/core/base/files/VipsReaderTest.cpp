#include "base/files/Reader.h"

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

/// A table of 256 colours: entry i is (i, 255 - i, 7).
MadeTiff::Tag colours()
{
    MadeTiff::Tag tag{MadeTiff::Short, {}};
    for (const int channel : {0, 1, 2})
        for (std::uint64_t i = 0; i < 256; ++i)
            tag.values.push_back((channel == 0 ? i : channel == 1 ? 255 - i : 7) * 257);
    return tag;
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
        QCOMPARE(openImage(test::sharedData("images/camera.png"))->readPage(0).shape(),
                 (std::vector<std::int64_t>{512, 512}));
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
                         test::withVips
                             ? "a picture or stack (TIFF, PNG, JPEG, NumPy .npy), found a file of unknown kind"
                             : "found a file of another kind; convert it, or use a build with libvips");
            QVERIFY(!openVips(path(name), true));
        }
    }
    void emptyAndMissingFiles()
    {
        test::writeAll(path("empty.png"), "");
        EXPECT_ERROR(openImage(path("empty.png")),
                     "empty.png: expected a picture or a stack, found an empty file; check that the copy was complete");
        EXPECT_ERROR(openImage(path("none.png")),
                     "none.png: expected a picture, a stack or a folder of slices, found no such file");
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

    /// Tables of colours are looked up; pages of a file are read in any order.
    void pagesOfPaletteTiffs()
    {
        MadeTiff made;
        for (const char *pixels : {"abcdef", "ghijkl", "mnopqr"}) {
            auto tags = MadeTiff::grey(3, 2, made.add(pixels), 6);
            tags[262] = {MadeTiff::Short, {3}};
            tags[320] = colours();
            made.directory(tags);
        }
        test::writeAll(path("palette.tif"), made.bytes);
        std::string otherwise;
        if (refusedWithoutVips(path("palette.tif"), otherwise)) {
            QVERIFY2(otherwise.empty(), otherwise.c_str());
            return;
        }
        const auto source = openImage(path("palette.tif"));
        QCOMPARE(source->info().format, std::string("TIFF"));
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->info().channels, std::int64_t(3));
        QCOMPARE(source->info().axes, std::string("ZYXC"));
        for (const int p : {2, 0, 1, 1})
            for (int i = 0; i < 6; ++i) {
                const Array page = source->readPage(p);
                const int entry = 'a' + 6 * p + i;
                QCOMPARE(page.value(3 * i), double(entry));
                QCOMPARE(page.value(3 * i + 1), double(255 - entry));
                QCOMPARE(page.value(3 * i + 2), 7.0);
            }
        EXPECT_ERROR(source->readPage(3), "palette.tif: expected a page from 0 to 2, found 3");
    }
    void pagesThatDifferAreRefused()
    {
        MadeTiff made;
        for (const std::uint64_t width : {3, 2}) {
            auto tags = MadeTiff::grey(width, 2, made.add("abcdef"), 2 * width);
            tags[262] = {MadeTiff::Short, {3}};
            tags[320] = colours();
            made.directory(tags);
        }
        test::writeAll(path("mixed.tif"), made.bytes);
        if (!test::withVips) {
            EXPECT_ERROR(openImage(path("mixed.tif")), test::refusalWithoutVips);
            return;
        }
        const auto source = openImage(path("mixed.tif"));
        QCOMPARE(source->readPage(0).dim(1), std::int64_t(3));
        EXPECT_ERROR(source->readPage(1),
                     "mixed.tif: page 1: expected a page of 3 x 2 like the first, found 2 x 2 or another number type");
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
        EXPECT_ERROR(lazily->readPage(0), "a.png: expected a PNG picture, found");
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
