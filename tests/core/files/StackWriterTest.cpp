#include "files/StackWriter.h"

#include "figure/Figure.h"
#include "files/ImageWriter.h"
#include "files/Pictures.h"
#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/Vips.h"

#include <QProcess>

#include <set>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Array page(DType type, std::int64_t height, std::int64_t width, int start)
{
    Array a(DType::Float64, {height, width});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<double>()[i] = static_cast<double>(start + i % 50);
    return a.as(type);
}

/// A source in memory with time points and planes.
class Film : public ImageSource
{
public:
    Film(std::int64_t times, std::int64_t slices, std::int64_t planes, std::string path = "/somewhere/film.tif")
    {
        m_info.path = std::move(path);
        m_info.pages = times * slices * planes;
        m_info.times = times;
        m_info.planes = planes;
        m_info.height = 6;
        m_info.width = 8;
        m_info.pixelSizeX = 4;
        m_info.pixelSizeY = 5;
        m_info.pixelSizeZ = 50;
    }
    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t p) const override { return page(DType::UInt8, 6, 8, static_cast<int>(p)); }

private:
    ImageInfo m_info;
};

/// What tifffile says of a file: shape, axes, and the first number of each page.
QString tifffile(const fs::path &file)
{
    QProcess python;
    python.start("/usr/bin/python3",
                 {"-c",
                  "import tifffile, sys\n"
                  "with tifffile.TiffFile(sys.argv[1]) as t:\n"
                  "    s = t.series[0]\n"
                  "    a = s.asarray()\n"
                  "    print(a.dtype, s.axes, a.shape, len(t.series), a.reshape(-1, *a.shape[-2:])[:, 0, 0].tolist())",
                  QString::fromStdString(file.string())});
    if (!python.waitForFinished())
        return "install python3: /usr/bin/python3 does not run";
    if (python.exitCode() != 0)
        return "install python3-tifffile: " + python.readAllStandardError();
    return python.readAllStandardOutput().trimmed();
}

} // namespace

class StackWriterTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::TemporaryFolder> m_folder;
    fs::path path(const std::string &name) const { return *m_folder / name; }

    std::set<std::string> names(const std::string &folder = ".") const
    {
        std::set<std::string> all;
        for (const auto &entry : fs::directory_iterator(path(folder)))
            all.insert(entry.path().filename().string());
        return all;
    }
    void write(const std::string &name, const StackPlan &plan, StackNumbers numbers, DType type) const
    {
        const auto writer = StackWriter::open(path(name), plan, numbers);
        for (std::size_t p = 0; p < plan.pages.size(); ++p)
            writer->writePage(page(type, plan.pages[p].height, plan.pages[p].width, static_cast<int>(p)));
        writer->close();
    }
    /// Folders of images of several sizes.
    void images(const std::string &folder, const std::vector<std::tuple<std::string, int, int, int>> &files) const
    {
        fs::create_directories(path(folder));
        for (const auto &[name, pages, height, width] : files) {
            TiffWriter w(path(folder + "/" + name), 0, 4, 50, 5);
            for (int p = 0; p < pages; ++p)
                w.writePage(page(DType::UInt8, height, width, p));
            w.close();
        }
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<test::TemporaryFolder>(); }

    void theEndingDecides()
    {
        using F = StackFormat;
        for (const auto &[name, format] : {std::pair{"a.tif", F::Tiff},
                                           {"a.TIFF", F::Tiff},
                                           {"a.b.btf", F::Tiff},
                                           {"x.tf8", F::Tiff},
                                           {"a.ome.tif", F::OmeTiff},
                                           {"A.OME.TIFF", F::OmeTiff},
                                           {"a.png", F::Png},
                                           {"a.PNG", F::Png},
                                           {"a.npy", F::Npy},
                                           {"a", F::Folder},
                                           {"out/", F::Folder},
                                           {"out/a", F::Folder}})
            QVERIFY2(stackFormat(path(name)) == format, name);
        fs::create_directories(path("there.tif"));
        QVERIFY(stackFormat(path("there.tif")) == F::Folder);
        for (const char *name : {"a.jpg", "a.tif.gz", "a.zarr", "run.1", "a.ome", "a.bmp", "a.h5"})
            EXPECT_ERROR(stackFormat(path(name)),
                         "expected a name that ends in .tif, .tiff, .ome.tif, .png or .npy, or a folder");
        EXPECT_ERROR(stackFormat(""), "found none");
    }
    void axesAreKept_data()
    {
        QTest::addColumn<int>("times");
        QTest::addColumn<int>("slices");
        QTest::addColumn<int>("planes");
        QTest::addColumn<QString>("imageJ");
        QTest::addColumn<QString>("ome");
        QTest::newRow("frames") << 4 << 1 << 1 << "TYX (4, 6, 8)"
                                << "TYX (4, 6, 8)";
        QTest::newRow("frames of a stack") << 3 << 2 << 1 << "TZYX (3, 2, 6, 8)"
                                           << "TZYX (3, 2, 6, 8)";
        QTest::newRow("channels") << 1 << 1 << 17 << "CYX (17, 6, 8)"
                                  << "CYX (17, 6, 8)";
        QTest::newRow("all of them") << 2 << 3 << 17 << "TZCYX (2, 3, 17, 6, 8)"
                                     << "TZCYX (2, 3, 17, 6, 8)";
        QTest::newRow("slices") << 1 << 5 << 1 << ""
                                << "ZYX (5, 6, 8)";
        QTest::newRow("one") << 1 << 1 << 1 << ""
                             << "YX (6, 8)";
    }
    void axesAreKept()
    {
        QFETCH(int, times);
        QFETCH(int, slices);
        QFETCH(int, planes);
        QFETCH(QString, imageJ);
        QFETCH(QString, ome);
        const Film film(times, slices, planes);
        QString first;
        for (int p = 0; p < times * slices * planes; ++p)
            first += (p ? ", " : "") + QString::number(p) + ".0";
        for (const auto &[name, axes] : {std::pair{"f.tif", imageJ}, {"f.ome.tif", ome}}) {
            write(name, StackPlan::of(film), StackNumbers::Probability, DType::Float32);
            if (!axes.isEmpty())
                QCOMPARE(tifffile(path(name)), "float32 " + axes + " 1 [" + first + "]");
            const auto source = openImage(path(name));
            const auto &info = source->info();
            QCOMPARE(info.pages, std::int64_t(times * slices * planes));
            QCOMPARE(info.times, std::int64_t(times));
            QCOMPARE(info.planes, std::int64_t(planes));
            QVERIFY(std::abs(info.pixelSizeX - 4) < 1e-5 && std::abs(info.pixelSizeY - 5) < 1e-5);
            QVERIFY(std::abs(info.pixelSizeZ - 50) < 1e-5);
            for (std::int64_t p = 0; p < info.pages; ++p)
                QVERIFY(source->readPage(p) == page(DType::Float32, 6, 8, static_cast<int>(p)));
        }
    }
    void oneArray()
    {
        write("a.npy", StackPlan::of(Film(2, 3, 1)), StackNumbers::Values, DType::Float32);
        const auto source = openImage(path("a.npy"));
        QCOMPARE(source->info().pages, std::int64_t(6));
        QVERIFY(source->info().dtype == DType::Float32);
        for (int p = 0; p < 6; ++p)
            QVERIFY(source->readPage(p) == page(DType::Float32, 6, 8, p));
        QVERIFY(test::readAll(path("a.npy")).find("'shape': (6, 6, 8)") != std::string::npos);
        write("one.npy", StackPlan::of(Film(1, 1, 1)), StackNumbers::Whole, DType::UInt16);
        QVERIFY(test::readAll(path("one.npy")).find("'descr': '<u2', 'fortran_order': False, 'shape': (6, 8)") !=
                std::string::npos);
    }
    void onePage()
    {
        const auto plan = StackPlan::of(Film(1, 1, 1));
        if (!test::withVips) {
            EXPECT_ERROR(write("a.png", plan, StackNumbers::Whole, DType::UInt8), "no libvips");
            return;
        }
        write("a.png", plan, StackNumbers::Whole, DType::UInt8);
        QVERIFY(openImage(path("a.png"))->readPage(0) == page(DType::UInt8, 6, 8, 0));
        write("a.png", plan, StackNumbers::Whole, DType::UInt16);
        QVERIFY(openImage(path("a.png"))->readPage(0) == page(DType::UInt16, 6, 8, 0));
        Array p(DType::Float32, {6, 8});
        for (int i = 0; i < 48; ++i)
            p.data<float>()[i] = static_cast<float>(i) / 47;
        const auto writer = StackWriter::open(path("p.png"), plan, StackNumbers::Probability);
        writer->writePage(p);
        writer->close();
        const Array read = openImage(path("p.png"))->readPage(0);
        QVERIFY(read.dtype() == DType::UInt16);
        QCOMPARE(read.value(47), 65535.0);
        for (int i = 0; i < 48; ++i)
            QVERIFY(std::abs(read.value(i) / 65535 - i / 47.0) <= 0.5 / 65535 + 1e-7);
        QVERIFY(formatNote(path("p.png"), StackNumbers::Probability).find("65535 is probability 1") != std::string::npos);
        QVERIFY(formatNote(path("p.png"), StackNumbers::Whole).empty());
        QVERIFY(formatNote(path("p.tif"), StackNumbers::Probability).empty());
        EXPECT_ERROR(write("b.png", plan, StackNumbers::Whole, DType::UInt32), "up to 65535");
        EXPECT_ERROR(write("b.png", plan, StackNumbers::Values, DType::Float32), "choose a name that ends in .tif or .npy");
        EXPECT_ERROR(write("b.png", StackPlan::of(Film(1, 2, 1)), StackNumbers::Whole, DType::UInt8),
                     "expected one page for a PNG, found 2 pages; choose a name that ends in .tif, or a folder");
        QCOMPARE(names(), (std::set<std::string>{"a.png", "p.png"}));
    }
    void probabilitiesSayOfWhichClassTheyAre()
    {
        auto plan = StackPlan::of(Film(1, 1, 1));
        for (const std::int64_t k : {-1, 0, 3}) {
            plan.probabilityClass = k;
            for (const char *name : {"a.tif", "a.ome.tif", "a"}) {
                write(name, plan, StackNumbers::Probability, DType::Float32);
                const auto source = openPictures(path(name), PictureKind::Predictions);
                QCOMPARE(pageInfo(*source, 0).probabilityClass, k);
                QVERIFY(source->readPage(0) == page(DType::Float32, 6, 8, 0));
                QVERIFY(std::abs(source->info().pixelSizeX - 4) < 1e-5);
            }
            if (test::withVips) {
                write("a.png", plan, StackNumbers::Probability, DType::Float32);
                QCOMPARE(openImage(path("a.png"))->info().probabilityClass, k);
            }
            write("a.npy", plan, StackNumbers::Probability, DType::Float32);
            QCOMPARE(openImage(path("a.npy"))->info().probabilityClass, std::int64_t(-1));
        }
        // Without sizes of pixels a TIFF has no other description.
        plan.files.front().pixelSizeX = plan.files.front().pixelSizeY = plan.files.front().pixelSizeZ = 0;
        write("plain.tif", plan, StackNumbers::Probability, DType::Float32);
        QCOMPARE(openImage(path("plain.tif"))->info().probabilityClass, std::int64_t(3));
        QCOMPARE(openImage(path("plain.tif"))->info().pixelSizeX, 0.0);
        // What a .npy cannot say is said where it would be read wrongly.
        QVERIFY(
            formatNote(path("a.npy"), StackNumbers::Probability, 0).find("cannot say that it holds the probability of class 0") !=
            std::string::npos);
        QVERIFY(formatNote(path("a.npy"), StackNumbers::Probability, 1).empty());
        QVERIFY(formatNote(path("a.npy"), StackNumbers::Whole, 0).empty());
        QVERIFY(formatNote(path("a.tif"), StackNumbers::Probability, 0).empty());
    }
    void aFolderHasTheNamesOfTheInput()
    {
        images("in", {{"img_b.tif", 1, 6, 8}, {"cell_2.tif", 3, 9, 4}, {"cell_10.tif", 1, 5, 5}});
        const auto source = openPictures(path("in"));
        const auto plan = StackPlan::of(*source);
        QVERIFY(!plan.oneSize());
        for (const char *name : {"a.tif", "a.ome.tif", "a.npy", "a.png"})
            EXPECT_ERROR(requireFormat(path(name), plan, StackNumbers::Whole),
                         "found \"cell_2\" of 4 x 9 and \"cell_10\" of 5 x 5; choose a folder");
        write("out", plan, StackNumbers::Probability, DType::Float32);
        QCOMPARE(names("out"), (std::set<std::string>{"cell_2.tif", "cell_10.tif", "img_b.tif"}));
        const auto written = openPictures(path("out"));
        QCOMPARE(written->info().pages, source->info().pages);
        for (std::int64_t p = 0; p < 5; ++p) {
            const auto &info = pageInfo(*source, p);
            QVERIFY(written->readPage(p) == page(DType::Float32, info.height, info.width, static_cast<int>(p)));
            QCOMPARE(pageInfo(*written, p).pixelSizeX, 4.0);
            QVERIFY(std::abs(pageInfo(*written, p).pixelSizeY - 5) < 1e-5);
        }
        // Of some pages, those files only.
        write("some", StackPlan::of(*source, {0, 2, 4}), StackNumbers::Whole, DType::UInt8);
        QCOMPARE(names("some"), (std::set<std::string>{"cell_2.tif", "img_b.tif"}));
        QCOMPARE(openImage(path("some/cell_2.tif"))->info().pages, std::int64_t(2));
    }
    void namesAreWithoutTheEndingOfTheInput()
    {
        images("in", {{"a.ome.tif", 1, 6, 8}, {"b.c.tiff", 1, 6, 8}});
        write("out", StackPlan::of(*openPictures(path("in"))), StackNumbers::Whole, DType::UInt8);
        QCOMPARE(names("out"), (std::set<std::string>{"a.tif", "b.c.tif"}));
    }
    void filesOfOneNameStayApart()
    {
        images("in", {{"a.tif", 1, 6, 8}, {"A.tiff", 1, 6, 8}});
        write("out", StackPlan::of(*openPictures(path("in"))), StackNumbers::Whole, DType::UInt8);
        QCOMPARE(names("out").size(), std::size_t(2));
    }
    void pagesOfAStackAreNumbered()
    {
        write("z", StackPlan::of(Film(1, 12, 1)), StackNumbers::Whole, DType::UInt8);
        QCOMPARE(names("z").size(), std::size_t(12));
        QVERIFY(names("z").count("film-00.tif") && names("z").count("film-11.tif"));
        write("t", StackPlan::of(Film(2, 3, 1)), StackNumbers::Whole, DType::UInt8);
        QVERIFY(names("t").count("film-t0-z0.tif") && names("t").count("film-t1-z2.tif"));
        write("times", StackPlan::of(Film(11, 1, 1)), StackNumbers::Whole, DType::UInt8);
        QVERIFY(names("times").count("film-t00.tif") && names("times").count("film-t10.tif"));
        const auto source = openImage(path("t"));
        for (std::int64_t p = 0; p < 6; ++p) // in order
            QCOMPARE(source->readPage(p).value(0), static_cast<double>(p));
        write("one", StackPlan::of(Film(1, 1, 1)), StackNumbers::Whole, DType::UInt8);
        QCOMPARE(names("one"), std::set<std::string>{"film.tif"});
    }
    void aFolderThatIsThereKeepsItsOtherFiles()
    {
        fs::create_directories(path("out"));
        test::writeAll(path("out/notes.txt"), "mine");
        test::writeAll(path("out/film-1.tif"), "of before");
        {
            const auto writer = StackWriter::open(path("out"), StackPlan::of(Film(1, 2, 1)), StackNumbers::Whole);
            for (int p = 0; p < 2; ++p)
                writer->writePage(page(DType::UInt8, 6, 8, p));
        } // not closed
        QCOMPARE(test::readAll(path("out/film-1.tif")), std::string("of before"));
        QCOMPARE(names("out").size(), std::size_t(2));
        QCOMPARE(names(), std::set<std::string>{"out"});
        write("out", StackPlan::of(Film(1, 2, 1)), StackNumbers::Whole, DType::UInt8);
        QCOMPARE(names("out"), (std::set<std::string>{"film-0.tif", "film-1.tif", "notes.txt"}));
        QCOMPARE(openImage(path("out/film-1.tif"))->readPage(0).value(0), 1.0);
    }
    void filesOfAProjectsLinkedFolderStay()
    {
        fs::create_directories(path("P"));
        fs::create_directories(path("disk"));
        test::writeAll(path("P/project.sqlite"), "");
        test::writeAll(path("disk/film-1.tif"), "the project's");
        fs::create_directory_symlink(path("disk"), path("P/data"));
        EXPECT_ERROR(StackWriter::open(path("P/data"), StackPlan::of(Film(1, 2, 1)), StackNumbers::Whole),
                     "a file of the project");
        QCOMPARE(names("disk"), std::set<std::string>{"film-1.tif"});
        Result result;
        test::writeAll(path("disk/result.json"), "the project's");
        EXPECT_ERROR(result.save(path("P/data").string()), "a file of the project");
        QCOMPARE(test::readAll(path("disk/result.json")), std::string("the project's"));
    }
    void nothingIsLeftOfWhatWasNotFinished()
    {
        for (const char *name : {"a.tif", "a.ome.tif", "a.npy", "a.png", "a"}) {
            const auto plan = StackPlan::of(Film(1, std::string(name) == "a.png" ? 1 : 3, 1));
            {
                const auto writer = StackWriter::open(path(name), plan, StackNumbers::Whole);
                writer->writePage(page(DType::UInt8, 6, 8, 0));
                if (plan.pages.size() > 1)
                    EXPECT_ERROR(writer->close(), "of its 3 pages were written");
            }
            QVERIFY2(names().empty(), name);
        }
        EXPECT_ERROR(StackWriter::open(path("no/such/a.tif"), StackPlan::of(Film(1, 1, 1)), StackNumbers::Whole),
                     "cannot be written");
        EXPECT_ERROR(StackWriter::open(path("no/such/a"), StackPlan::of(Film(1, 1, 1)), StackNumbers::Whole),
                     "cannot be written");
    }
    void stoppedEarly()
    {
        for (const char *name : {"a.tif", "a.npy", "a"}) {
            const auto writer = StackWriter::open(path(name), StackPlan::of(Film(1, 1200, 1)), StackNumbers::Values);
            for (int p = 0; p < 3; ++p)
                writer->writePage(page(DType::Float32, 6, 8, p));
            writer->close(true);
            const auto source = openImage(path(name));
            QCOMPARE(source->info().pages, std::int64_t(3));
            QVERIFY(source->readPage(2) == page(DType::Float32, 6, 8, 2));
        }
        EXPECT_ERROR(StackWriter::open(path("b.npy"), StackPlan::of(Film(1, 5, 1)), StackNumbers::Values)->close(true),
                     "0 of its 5 pages");
    }
};

RETICLE_TEST(StackWriterTest)
#include "StackWriterTest.moc"
