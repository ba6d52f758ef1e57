#include "files/ImageWriter.h"

#include "files/ImageSource.h"
#include "foundation/Error.h"
#include "support/Test.h"
#include "support/Vips.h"

#include <QProcess>
#include <QTemporaryDir>

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <tiffio.h>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Array numbers(DType dtype, std::vector<std::int64_t> shape, double start)
{
    Array a(DType::Float64, std::move(shape));
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<double>()[i] = start + static_cast<double>(i * 37 % 101);
    return a.as(dtype);
}

/// For as long as it lives files of this process cannot grow beyond `bytes`: writes fail as they do on a full disk.
struct SmallDisk
{
    explicit SmallDisk(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &old);
        const rlimit now{bytes, old.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~SmallDisk() { setrlimit(RLIMIT_FSIZE, &old); }
    rlimit old{};
};

} // namespace

class ImageWriterTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    fs::path path(const std::string &name) const { return fs::path(m_dir.path().toStdString()) / name; }
    std::size_t files() const
    {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path("")), fs::directory_iterator()));
    }

private Q_SLOTS:
    void cleanup()
    {
        for (const auto &e : fs::directory_iterator(path("")))
            fs::remove_all(e.path());
    }
    void anyChangedBitOfAPixelIsFound()
    {
        const auto file = path("prediction.tif");
        Array page(DType::Float32, {40, 30});
        for (std::int64_t i = 0; i < page.size(); ++i)
            page.data<float>()[i] = static_cast<float>((i * 7919) % 1000) / 1000;
        {
            TiffWriter w(file, 1000);
            w.writePage(page);
            w.close();
        }
        std::ifstream in(file, std::ios::binary);
        const std::string whole((std::istreambuf_iterator<char>(in)), {});
        TIFF *t = TIFFOpen(file.c_str(), "r");
        QVERIFY(t);
        const auto from = TIFFGetStrileOffset(t, 0), count = TIFFGetStrileByteCount(t, 0);
        TIFFClose(t);
        QVERIFY(from > 0 && count > 500 && from + count <= whole.size());
        // The strip's own checksum, which is that of RFC 1950. A few bits say nothing of a pixel: how hard the writer has
        // tried, and what fills the last byte.
        std::uint64_t found = 0;
        for (auto i = from; i < from + count; ++i) {
            auto changed = whole;
            changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
            std::ofstream(file, std::ios::binary) << changed;
            try {
                QVERIFY2(openImage(file)->readPage(0) == page, qPrintable(QString("byte %1 of %2").arg(i - from).arg(count)));
            } catch (const Error &e) {
                QVERIFY2(QString(e.what()).contains("prediction.tif"), e.what());
                ++found;
            }
        }
        QVERIFY2(found + 4 >= count, qPrintable(QString("%1 of %2").arg(found).arg(count)));
    }
    void tiff_data()
    {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<qint64>("expected");
        for (const auto d : {DType::UInt8, DType::UInt16, DType::UInt32, DType::Int32, DType::Float32})
            for (const qint64 bytes : {qint64(1000), qint64(5) << 30})
                QTest::addRow("%s %lld", std::string(nameOf(d)).c_str(), bytes) << static_cast<int>(d) << bytes;
    }
    void tiff()
    {
        QFETCH(int, dtype);
        QFETCH(qint64, expected);
        const auto d = static_cast<DType>(dtype);
        const auto file = path("stack.tif");
        {
            TiffWriter w(file, expected, 4, 50);
            for (int p = 0; p < 3; ++p)
                w.writePage(numbers(d, {300, 257}, p));
            QVERIFY(!fs::exists(file));
            w.close();
        }
        QCOMPARE(files(), std::size_t(1));
        std::ifstream in(file, std::ios::binary);
        char head[4] = {};
        in.read(head, 4);
        QCOMPARE(static_cast<int>(head[2]), expected > 4000000000 ? 43 : 42);
        const auto source = openImage(file);
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->info().dtype, d);
        QCOMPARE(source->info().pixelSizeX, 4.0);
        QCOMPARE(source->info().pixelSizeY, 4.0);
        QCOMPARE(source->info().pixelSizeZ, 50.0);
        for (int p = 0; p < 3; ++p)
            QVERIFY(source->readPage(p) == numbers(d, {300, 257}, p));
    }
    void pixelsNeedNotBeSquare()
    {
        TiffWriter w(path("tall.tif"), 1000, 4, 50, 16);
        w.writePage(numbers(DType::UInt8, {5, 6}, 1));
        w.close();
        const auto info = openImage(path("tall.tif"))->info();
        QCOMPARE(info.pixelSizeX, 4.0);
        QCOMPARE(info.pixelSizeY, 16.0);
        QCOMPARE(info.pixelSizeZ, 50.0);
    }
    void color()
    {
        TiffWriter w(path("rgb.tif"), 1000);
        w.writePage(numbers(DType::UInt8, {5, 6, 3}, 1));
        w.close();
        QVERIFY(openImage(path("rgb.tif"))->readPage(0) == numbers(DType::UInt8, {5, 6, 3}, 1));
        for (const std::int64_t channels : {2, 4, 7}) {
            const auto file = path(std::to_string(channels) + "-channels.tif");
            TiffWriter many(file, 1000);
            for (int page = 0; page < 2; ++page)
                many.writePage(numbers(DType::Float32, {5, 6, channels}, page));
            many.close();
            const auto source = openImage(file);
            QCOMPARE(source->info().pages, std::int64_t(2));
            QCOMPARE(source->info().channels, channels);
            QVERIFY(!source->info().alpha);
            QVERIFY(source->readPage(1) == numbers(DType::Float32, {5, 6, channels}, 1));
        }
    }
    /// tifffile reads what is written.
    void readByTifffile()
    {
        TiffWriter w(path("p.tif"), 1000, 4, 50);
        w.writePage(numbers(DType::Float32, {20, 30}, 0));
        w.writePage(numbers(DType::Float32, {20, 30}, 7));
        w.close();
        QProcess python;
        python.start("/usr/bin/python3",
                     {"-c", "import tifffile, sys; a = tifffile.imread(sys.argv[1]); print(a.dtype, a.shape, a.sum())",
                      QString::fromStdString(path("p.tif").string())});
        QVERIFY2(python.waitForFinished(), "install python3: /usr/bin/python3 does not run");
        QVERIFY2(python.exitStatus() == QProcess::NormalExit && python.exitCode() == 0,
                 "install python3-tifffile: " + python.readAllStandardError());
        double sum = 0;
        for (const int start : {0, 7}) {
            const Array page = numbers(DType::Float32, {20, 30}, start);
            for (const float v : page.span<float>())
                sum += v;
        }
        QCOMPARE(python.readAllStandardOutput().trimmed(), QByteArray("float32 (2, 20, 30) ") + QByteArray::number(sum, 'f', 1));
    }
    void abandoned()
    {
        std::ofstream(path("old.tif")) << "kept";
        {
            TiffWriter w(path("old.tif"), 1000);
            w.writePage(numbers(DType::UInt8, {50, 60}, 0));
        }
        QCOMPARE(files(), std::size_t(1));
        QCOMPARE(fs::file_size(path("old.tif")), std::uintmax_t(4));
        TiffWriter w(path("none.tif"), 1000);
        EXPECT_ERROR(w.close(), "at least one page");
    }
    void wrongPages()
    {
        TiffWriter w(path("x.tif"), 1000);
        EXPECT_ERROR(w.writePage(numbers(DType::Float64, {5, 6}, 0)), "found float64");
        EXPECT_ERROR(w.writePage(numbers(DType::UInt8, {5, 6, 2, 2}, 0)), "(H, W, C)");
        EXPECT_ERROR(w.writePage(Array()), "an image");
    }
    void unwritableFolder()
    {
        try {
            TiffWriter w(path("no/such/folder/x.tif"), 1000);
            QFAIL("no error");
        } catch (const Error &e) {
            QCOMPARE(e.kind(), Error::Kind::Failed);
            QVERIFY2(std::string(e.what()).find("no/such/folder/x.tif: it cannot be written") != std::string::npos, e.what());
        }
        EXPECT_ERROR(writeNpy(path("no/x.npy"), numbers(DType::UInt8, {2, 2}, 0)), "it cannot be written");
    }
    void fullDisk()
    {
        const auto random = [] {
            Array a(DType::UInt8, {512, 512});
            std::uint32_t s = 1;
            for (auto &v : a.span<std::uint8_t>())
                v = static_cast<std::uint8_t>((s = s * 1664525 + 1013904223) >> 24);
            return a;
        }();
        const SmallDisk small(100000);
        EXPECT_ERROR(({
                         TiffWriter w(path("full.tif"), 1000);
                         w.writePage(random);
                         w.close();
                     }),
                     "it cannot be written");
        EXPECT_ERROR(writeNpy(path("full.npy"), random), "it cannot be written");
        QCOMPARE(files(), std::size_t(0));
    }
    void npy()
    {
        const std::pair<DType, std::vector<std::int64_t>> cases[] = {
            {DType::UInt8, {2, 3, 4}}, {DType::Int8, {3, 4}},       {DType::Int16, {3, 4}},
            {DType::UInt16, {5, 7}},   {DType::UInt32, {5, 7}},     {DType::Int32, {5, 7}},
            {DType::Int64, {5, 7}},    {DType::Float32, {2, 5, 7}}, {DType::Float64, {9, 9}}};
        for (const auto &[dtype, shape] : cases) {
            const Array a = numbers(dtype, shape, -3);
            writeNpy(path("a.npy"), a);
            const auto source = openImage(path("a.npy"));
            const Array page = source->readPage(source->info().pages - 1);
            QVERIFY(page == (a.rank() == 3 ? a.at(a.dim(0) - 1).clone() : a));
            QCOMPARE(fs::file_size(path("a.npy")) % 64, a.bytes() % 64);
        }
        writeNpy(path("v.npy"), numbers(DType::Float32, {5}, 0));
        std::ifstream in(path("v.npy"), std::ios::binary);
        const std::string head{std::istreambuf_iterator<char>(in), {}};
        QVERIFY(head.find("'shape': (5, )") != std::string::npos);
    }
    void npyPieceByPiece()
    {
        for (const std::int64_t count : {1, 3, 1200}) {
            NpyWriter w(path("p.npy"), count);
            Array all(DType::Float32, count > 1 ? std::vector<std::int64_t>{count, 4, 5} : std::vector<std::int64_t>{4, 5});
            for (std::int64_t i = 0; i < count; ++i) {
                const Array one = numbers(DType::Float32, {4, 5}, static_cast<int>(i));
                std::copy_n(one.data<float>(), 20, all.data<float>() + 20 * i);
                w.write(one);
            }
            w.close();
            writeNpy(path("w.npy"), all);
            const auto bytes = [&](const char *name) {
                std::ifstream in(path(name), std::ios::binary);
                return std::string(std::istreambuf_iterator<char>(in), {});
            };
            QVERIFY(bytes("p.npy") == bytes("w.npy"));
        }
        NpyWriter w(path("q.npy"), 3);
        w.write(numbers(DType::Float32, {4, 5}, 0));
        EXPECT_ERROR(w.write(numbers(DType::Float32, {5, 4}, 0)), "one size");
        EXPECT_ERROR(w.close(), "1 of its 3 pages");
        QVERIFY(!fs::exists(path("q.npy")));
    }
    void png()
    {
        const auto gray = numbers(DType::UInt8, {6, 7}, 0), rgb = numbers(DType::UInt8, {6, 7, 3}, 0),
                   rgba = numbers(DType::UInt8, {6, 7, 4}, 0);
        if (!test::withVips) {
            EXPECT_ERROR(writePng(path("grey.png"), gray),
                         "grey.png: this build has no libvips and cannot write PNG; write TIFF or .npy");
            QCOMPARE(files(), std::size_t(0));
            return;
        }
        writePng(path("grey.png"), gray);
        writePng(path("rgb.png"), rgb);
        writePng(path("rgba.png"), rgba);
        QVERIFY(openImage(path("grey.png"))->readPage(0) == gray);
        QVERIFY(openImage(path("rgb.png"))->readPage(0) == rgb);
        QVERIFY(openImage(path("rgba.png"))->readPage(0) == rgba);
        EXPECT_ERROR(writePng(path("x.png"), numbers(DType::UInt16, {6, 7, 3}, 0)), "uint8");
        EXPECT_ERROR(writePng(path("x.png"), numbers(DType::Float32, {6, 7}, 0)), "uint8");
        QCOMPARE(files(), std::size_t(3));
        Array deep(DType::UInt16, {5, 9}); // both bytes of its numbers
        for (std::int64_t i = 0; i < deep.size(); ++i)
            deep.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(1489 * i);
        writePng(path("deep.png"), deep);
        QVERIFY(openImage(path("deep.png"))->readPage(0) == deep);
    }
};

RETICLE_TEST(ImageWriterTest)
#include "ImageWriterTest.moc"
