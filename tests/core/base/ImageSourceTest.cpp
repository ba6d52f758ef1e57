#include "base/Error.h"
#include "base/ImageSource.h"

#include "base/ImageWriter.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <thread>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Json loadJson(const fs::path &path)
{
    std::ifstream in(path);
    return Json::parse(in);
}

/// Sum, and sum weighted by position, as tests/reference/images.py has them.
std::pair<double, double> sums(const Array &page)
{
    double sum = 0, weighted = 0;
    for (std::int64_t i = 0; i < page.size(); ++i) {
        sum += page.value(i);
        weighted += page.value(i) * static_cast<double>(i % 251 + 1);
    }
    return {sum, weighted};
}

bool close(double a, double b, double tolerance)
{
    return std::abs(a - b) <= tolerance + 1e-9 * std::max(std::abs(a), std::abs(b));
}

void write(const fs::path &path, const std::string &bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string bytesOf(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Array ramp(std::int64_t height, std::int64_t width, int start)
{
    Array a(DType::UInt8, {height, width});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(start + i);
    return a;
}

} // namespace

class ImageSourceTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    fs::path path(const std::string &name) const { return fs::path(m_dir.path().toStdString()) / name; }

private Q_SLOTS:
    void reference_data()
    {
        QTest::addColumn<QString>("name");
        const Json all = loadJson(test::source("tests/reference/images.json"));
        for (const auto &[name, entry] : all.items())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    /// Files of tifffile, Pillow and NumPy, read to the pixel.
    void reference()
    {
        QFETCH(QString, name);
        const Json all = loadJson(test::source("tests/reference/images.json"));
        const Json &e = all.at(name.toStdString());
        const auto file = test::source("tests/reference/images/" + name.toStdString());
        if (!canReadPng() && e.contains("vips")) {
            EXPECT_ERROR(openImage(file), "libvips");
            return;
        }
        const auto source = openImage(file);
        const ImageInfo &i = source->info();
        QCOMPARE(std::string(nameOf(i.dtype)), e.at("dtype").get<std::string>());
        QCOMPARE(i.pages, e.at("pages").get<std::int64_t>());
        QCOMPARE(i.height, e.at("height").get<std::int64_t>());
        QCOMPARE(i.width, e.at("width").get<std::int64_t>());
        QCOMPARE(i.channels, e.at("channels").get<std::int64_t>());
        QCOMPARE(i.axes, e.at("axes").get<std::string>());
        QCOMPARE(i.alpha, e.value("alpha", false));
        if (e.contains("format"))
            QCOMPARE(i.format, e.at("format").get<std::string>());
        const auto pixel = e.value("pixel-size-nm", std::vector<double>{0, 0, 0});
        QVERIFY2(close(i.pixelSizeX, pixel[0], 1e-3) && close(i.pixelSizeY, pixel[1], 1e-3) && close(i.pixelSizeZ, pixel[2], 1e-3),
                 i.toJson().dump().c_str());
        if (!e.contains("sums")) {
            source->readPage(0);
            return;
        }
        // Last page first: no page depends on another having been read.
        for (std::int64_t p = i.pages - 1; p >= 0; --p) {
            const Array page = source->readPage(p);
            const auto [sum, weighted] = sums(page);
            const double tolerance = e.value("tolerance", 0.0) * static_cast<double>(page.size());
            const auto &want = e.at("sums").at(static_cast<std::size_t>(p));
            QVERIFY2(close(sum, want[0].get<double>(), tolerance), fmt::format("page {}: {} {}", p, sum, want[0].get<double>()).c_str());
            QVERIFY2(close(weighted, want[1].get<double>(), 130 * tolerance),
                     fmt::format("page {}: {} {}", p, weighted, want[1].get<double>()).c_str());
            // A part equals the part of the whole.
            const std::int64_t y = i.height / 3, x = i.width / 2, h = i.height - y - 1, w = i.width - x - 1;
            const Array part = source->readRegion(p, y, x, h, w);
            for (std::int64_t r = 0; r < h; ++r)
                for (std::int64_t c = 0; c < w * i.channels; ++c)
                    QVERIFY(part.value(r * w * i.channels + c) == page.value(((r + y) * i.width + x) * i.channels + c));
        }
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
        const auto colour = openImage(test::sharedData("images/multipage_rgb.tif"));
        QCOMPARE(colour->info().channels, std::int64_t(3));
        QCOMPARE(colour->info().dtype, DType::Float64);
        QCOMPARE(colour->readPage(1).shape(), (std::vector<std::int64_t>{10, 10, 3}));
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
    void realPictures()
    {
        if (test::sharedData("images").empty())
            QSKIP("shared/data is absent");
        if (!canReadPng()) {
            EXPECT_ERROR(openImage(test::sharedData("images/camera.png")), "all that a build without libvips reads");
            return;
        }
        QCOMPARE(openImage(test::sharedData("images/camera.png"))->readPage(0).shape(), (std::vector<std::int64_t>{512, 512}));
        QCOMPARE(openImage(test::sharedData("images/ihc.png"))->info().channels, std::int64_t(3));
        const auto retina = openImage(test::sharedData("images/retina.jpg"));
        QCOMPARE(retina->info().format, std::string("JPEG"));
        QCOMPARE(retina->readPage(0).shape(), (std::vector<std::int64_t>{1411, 1411, 3}));
        EXPECT_ERROR(openImage(test::sharedData("images/truncated.jpg")), "truncated.jpg");
    }

    void badInput()
    {
        EXPECT_ERROR(openImage(path("nothing.tif")), "no such file");
        write(path("empty.tif"), "");
        EXPECT_ERROR(openImage(path("empty.tif")), "an empty file");
        write(path("text.png"), "this is no picture");
        EXPECT_ERROR(openImage(path("text.png")), "text.png");
        write(path("text.tif"), "II*");
        EXPECT_ERROR(openImage(path("text.tif")), "text.tif");
        fs::create_directories(path("folder"));
        EXPECT_ERROR(openImage(path("folder")), "a folder without any");
        write(path("folder/notes.txt"), "x");
        EXPECT_ERROR(openImage(path("folder")), "a folder without any");
        EXPECT_ERROR(openImage("/dev/null"), "neither a file nor a folder");
    }
    /// Cut after any byte, a file is refused or gives an error that names it, and never wrong pixels.
    void truncated_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"strips.tif", "tiled.tif", "deflate_big.tif", "tiff_lzw.tif", "imagej_one_directory.tif",
                                 "rgb_planar.tif", "bigtiff_big.tif", "little_uint16.npy", "ome_zyx.ome.tif"})
            QTest::newRow(name) << name;
    }
    void truncated()
    {
        QFETCH(QString, name);
        const std::string bytes = bytesOf(test::source("tests/reference/images/" + name.toStdString()));
        const auto whole = openImage(test::source("tests/reference/images/" + name.toStdString()));
        for (std::size_t n = 0; n < bytes.size(); n += 19) {
            const auto file = path("cut.bin");
            write(file, bytes.substr(0, n));
            try {
                const auto source = openImage(file);
                for (std::int64_t p = 0; p < source->info().pages; ++p)
                    source->readPage(p);
                // What lies behind the last pixel may be missing, but then nothing is wrong.
                QVERIFY(source->info().pages <= whole->info().pages);
            } catch (const Error &e) {
                QVERIFY2(std::string(e.what()).find("cut.bin") != std::string::npos, e.what());
            }
        }
    }
    void absurdSize()
    {
        std::string tiff = bytesOf(test::source("tests/reference/images/deflate_little.tif"));
        const auto set = [&](int tag) {
            for (std::size_t i = 8; i + 12 < tiff.size(); ++i)
                if (static_cast<unsigned char>(tiff[i]) == (tag & 255) && tiff[i + 1] == static_cast<char>(tag >> 8) &&
                    (tiff[i + 2] == 3 || tiff[i + 2] == 4) && tiff[i + 4] == 1) {
                    tiff[i + 2] = 4;
                    tiff.replace(i + 8, 4, std::string("\xf0\xff\xff\x0f", 4));
                    return;
                }
            QFAIL("tag not found");
        };
        set(256);
        set(257);
        write(path("absurd.tif"), tiff);
        EXPECT_ERROR(openImage(path("absurd.tif")), "claimed by a file of");
        write(path("absurd.npy"), std::string("\x93NUMPY\x01\0\x50\0", 10) +
              "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000, 4000000, 4000), }   \n");
        EXPECT_ERROR(openImage(path("absurd.npy")), "truncated");
        write(path("overflow.npy"), std::string("\x93NUMPY\x01\0\x60\0", 10) +
              "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000, 4000000000), }        \n");
        EXPECT_ERROR(openImage(path("overflow.npy")), "overflow.npy");
    }
    void differingPages()
    {
        std::string a = bytesOf(test::source("tests/reference/images/pyramid.tif"));
        // Without its mark as reduced, the small page is one of another size.
        const auto at = a.rfind(std::string("\xfe\x00\x04\x00\x01\x00\x00\x00\x01", 9));
        QVERIFY(at != std::string::npos);
        a[at + 8] = 0;
        write(path("mixed.tif"), a);
        EXPECT_ERROR(openImage(path("mixed.tif")), "page 0 of 8 x 6 and page 1 of 4 x 3");
    }
    void loop()
    {
        std::string a = bytesOf(test::source("tests/reference/images/little_uint8.tif"));
        // Point the end of the last directory back to the first one.
        const auto first = a.substr(4, 4);
        const auto offset = [&](std::size_t at) {
            return static_cast<unsigned char>(a[at]) | static_cast<unsigned char>(a[at + 1]) << 8;
        };
        auto at = static_cast<std::size_t>(offset(4));
        for (;;) {
            const std::size_t next = at + 2 + 12 * static_cast<std::size_t>(offset(at));
            if (offset(next) == 0) {
                a.replace(next, 4, first);
                break;
            }
            at = static_cast<std::size_t>(offset(next));
        }
        write(path("loop.tif"), a);
        EXPECT_ERROR(openImage(path("loop.tif")), "a chain of pages that ends");
    }

    void folderInNaturalOrder()
    {
        fs::create_directories(path("slices"));
        for (const int n : {10, 2, 1, 0}) {
            TiffWriter w(path("slices/s" + std::to_string(n) + ".tif"), 100);
            w.writePage(ramp(4, 5, n));
            w.close();
        }
        write(path("slices/readme.txt"), "no picture");
        write(path("slices/.hidden.tif"), "no picture");
        const auto source = openImage(path("slices"));
        QCOMPARE(source->info().pages, std::int64_t(4));
        QCOMPARE(source->info().format, std::string("folder"));
        for (const auto &[page, start] : {std::pair(0, 0), std::pair(1, 1), std::pair(2, 2), std::pair(3, 10)})
            QVERIFY(source->readPage(page) == ramp(4, 5, start));
        QVERIFY(source->readRegion(3, 1, 2, 1, 1) == Array::of<std::uint8_t>({1, 1}, std::vector<std::uint8_t>{17}));
        for (const int n : {3, 4, 5, 6}) {
            TiffWriter w(path("slices/t" + std::to_string(n) + ".tif"), 100);
            w.writePage(ramp(4, 6, n));
            w.close();
        }
        EXPECT_ERROR(openImage(path("slices")), "\"t3.tif\" of 6 x 4 uint8, \"t4.tif\" of 6 x 4 uint8");
        EXPECT_ERROR(openImage(path("slices")), "and 1 more");
    }

    /// Sparse files of many GB: opened, and pages read from their ends, without reading the rest.
    void largeNumPy()
    {
        const std::int64_t pages = 2000, side = 2048; // 8.4 GB
        std::string header = fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, {}, {}), }}", pages, side, side);
        header.append(117 - header.size(), ' ');
        header += '\n';
        const auto file = path("large.npy");
        write(file, std::string("\x93NUMPY\x01\0\x76\0", 10) + header);
        const auto start = static_cast<std::int64_t>(fs::file_size(file));
        fs::resize_file(file, static_cast<std::uintmax_t>(start + pages * side * side));
        {
            std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
            f.seekp(start + pages * side * side - 1);
            f.put(77);
        }
        const auto source = openImage(file);
        QCOMPARE(source->info().pages, pages);
        QCOMPARE(source->readPage(0).value(0), 0.0);
        QCOMPARE(source->readPage(pages - 1).value(side * side - 1), 77.0);
        fs::remove(file);
    }
    void largeTiff()
    {
        // Two directories of a BigTIFF whose strips are 5 GB each; nothing but the directories is stored.
        const std::uint32_t side = 70000;
        const std::uint64_t plane = std::uint64_t(side) * side;
        std::string bytes("II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0", 16);
        const auto put = [&](std::uint64_t v, int n) {
            for (int i = 0; i < n; ++i)
                bytes += static_cast<char>(v >> (8 * i) & 255);
        };
        const std::uint64_t directory = 8 + 7 * 20 + 8;
        for (int p = 0; p < 2; ++p) {
            put(7, 8);
            const std::pair<int, std::uint64_t> tags[] = {{256, side}, {257, side}, {258, 8}, {259, 1}, {273, 4096 + p * plane},
                                                          {278, side}, {279, plane}};
            for (const auto &[tag, value] : tags) {
                put(tag, 2);
                put(16, 2);
                put(1, 8);
                put(value, 8);
            }
            put(p == 0 ? 16 + directory : 0, 8);
        }
        const auto file = path("large.tif");
        write(file, bytes);
        fs::resize_file(file, 4096 + 2 * plane);
        {
            std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
            f.seekp(static_cast<std::streamoff>(4096 + 2 * plane - 1));
            f.put(55);
        }
        const auto source = openImage(file);
        QCOMPARE(source->info().pages, std::int64_t(2));
        QCOMPARE(source->readRegion(1, side - 100, side - 100, 100, 100).value(9999), 55.0);
        fs::remove(file);
    }

    /// One source read by several threads gives what one thread gets.
    void threads()
    {
        for (const char *name : {"tiled_deflate_big.tif", "rgb_planar_big.tif", "zcyx_fortran.npy"}) {
            const auto source = openImage(test::source(std::string("tests/reference/images/") + name));
            std::vector<Array> pages;
            for (std::int64_t p = 0; p < source->info().pages; ++p)
                pages.push_back(source->readPage(p));
            std::atomic<int> wrong{0};
            std::vector<std::thread> threads;
            for (int t = 0; t < 4; ++t)
                threads.emplace_back([&, t] {
                    for (int i = 0; i < 50; ++i) {
                        const std::int64_t p = (i + t) % source->info().pages;
                        if (!(source->readPage(p) == pages[static_cast<std::size_t>(p)]))
                            ++wrong;
                    }
                });
            for (auto &t : threads)
                t.join();
            QCOMPARE(wrong.load(), 0);
        }
    }
    void memory()
    {
        const auto colours = imageFromArray(Array(DType::UInt8, {2, 4, 5, 3}));
        QCOMPARE(colours->info().channels, std::int64_t(3));
        QCOMPARE(colours->readPage(1).shape(), (std::vector<std::int64_t>{4, 5, 3}));
        const auto source = imageFromArray(Array(DType::Float32, {3, 4, 5}), "x");
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->readRegion(2, 1, 1, 2, 2).shape(), (std::vector<std::int64_t>{2, 2}));
        EXPECT_ERROR(source->readPage(3), "a page from 0 to 2");
        EXPECT_ERROR(source->readRegion(0, 3, 0, 2, 1), "a region inside 5 x 4");
    }

private:
    static bool canReadPng()
    {
        try {
            openImage(test::source("tests/reference/images/l.png"));
            return true;
        } catch (const Error &) {
            return false;
        }
    }
};

RETICLE_TEST(ImageSourceTest)
#include "ImageSourceTest.moc"
