#include "files/ImageSource.h"
#include "foundation/Error.h"
#include "support/ImageSeeds.h"
#include "support/Mutate.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/Vips.h"

using namespace reticle;
namespace fs = std::filesystem;

/// Damaged files give an Error or pixels, nothing else. The long form of this is tests/fuzz.
class MutationTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    int m_errors = 0, m_read = 0;

    static std::vector<std::string> seedsOf(const std::vector<const char *> &names)
    {
        std::vector<std::string> seeds;
        for (const char *name : names)
            seeds.push_back(test::readAll(test::source(std::string("tests/reference/images/") + name)));
        return seeds;
    }
    /// Opens the file and reads a little of it; says what was neither pixels nor an Error that names it.
    std::string outcome(const std::string &bytes, bool labels = false)
    {
        const fs::path file = m_folder / "damaged.bin";
        fs::remove(file); // some file systems flush what is written over an old file at once, which takes its time
        test::writeAll(file, bytes);
        try {
            const auto source = labels ? openLabels(file) : openImage(file);
            const ImageInfo &i = source->info();
            if (i.pages < 1 || i.width < 1 || i.height < 1 || i.channels < 1)
                return i.toJson().dump();
            const Array part = source->readRegion(i.pages - 1, i.height - 1, 0, 1, std::min<std::int64_t>(4, i.width));
            if (part.dtype() != i.dtype || part.size() != std::min<std::int64_t>(4, i.width) * i.channels)
                return "a part of another size: " + i.toJson().dump();
            ++m_read;
        } catch (const Error &e) {
            ++m_errors;
            if (std::string(e.what()).find("damaged.bin") == std::string::npos)
                return e.what();
        }
        return {};
    }

private Q_SLOTS:
    void init() { m_errors = m_read = 0; }

    void damagedStacks()
    {
        const auto seeds = seedsOf({"little_uint16.tif", "big_float32.tif", "bigtiff_big.tif", "tiled_deflate_little.tif",
                                    "strips.tif", "rgb_planar.tif", "tiff_lzw.tif", "packbits_rgb.tif", "ome_shuffled.ome.tif",
                                    "imagej_one_directory.tif", "big_fortran_float64.npy", "zyxc.npy", "version2.npy"});
        for (std::size_t k = 0; k < 600; ++k) {
            const std::string &seed = seeds[k % seeds.size()];
            std::string bytes = test::mutated(seed, seeds[(k + 1) % seeds.size()], k);
            // What is no TIFF or NumPy any more goes to libvips' many loaders, which are not ours to test.
            bytes.resize(std::max<std::size_t>(bytes.size(), 8));
            bytes.replace(0, 4, seed, 0, 4);
            const auto wrong = outcome(bytes);
            QVERIFY2(wrong.empty(), (std::to_string(k) + ": " + wrong).c_str());
        }
        QVERIFY(m_errors > 50 && m_read > 50);
    }
    /// Every kind of file that the readers know, as images and as labels.
    void damagedFilesOfEveryKind()
    {
        auto seeds = test::imageSeeds();
        const std::size_t ours = seeds.size();
        if (test::withVips)
            for (auto &png : test::pngSeeds())
                seeds.push_back(std::move(png));
        for (const auto &seed : seeds)
            for (const bool labels : {false, true}) {
                const auto wrong = outcome(seed, labels);
                QVERIFY2(wrong.empty(), wrong.c_str());
            }
        QVERIFY(m_read > static_cast<int>(seeds.size()));
        for (std::size_t k = 0; k < 3000; ++k) {
            // libvips takes a hundred times as long.
            const std::size_t n = k % 20 ? k % ours : k / 20 % seeds.size();
            const std::string &seed = seeds[n];
            std::string bytes = test::mutated(seed, seeds[(n + 1) % ours], k);
            const std::size_t magic = n < ours ? 4 : 8;
            bytes.resize(std::max<std::size_t>(bytes.size(), magic));
            bytes.replace(0, magic, seed, 0, magic);
            const auto wrong = outcome(n < ours ? bytes : test::withCheckSums(bytes), k % 2);
            QVERIFY2(wrong.empty(), (std::to_string(k) + ": " + wrong).c_str());
        }
    }
    void damagedPictures_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"l.png", "la.png", "rgb.png", "rgba.png", "grey16.png", "one_bit.png", "grey.jpg", "rgb.jpg"})
            QTest::newRow(name) << name;
    }
    void damagedPictures()
    {
        QFETCH(QString, name);
        const bool png = name.endsWith("png");
        const std::string seed = seedsOf({qPrintable(name)})[0], other = seedsOf({png ? "rgba.png" : "rgb.jpg"})[0];
        const std::size_t magic = png ? 8 : 3;
        for (std::size_t k = 0; k < 80; ++k) {
            std::string bytes = test::mutated(seed, other, 1000 + k);
            bytes.resize(std::max(bytes.size(), magic));
            bytes.replace(0, magic, seed, 0, magic); // so that it is its own loader that sees the damage
            // Every other PNG with check sums that fit: else hardly any of it would be looked at.
            const auto wrong = outcome(png && k % 2 ? test::withCheckSums(bytes) : bytes);
            QVERIFY2(wrong.empty(), (std::to_string(k) + ": " + wrong).c_str());
        }
        // Without libvips all of them are refused.
        QVERIFY2(m_errors > (test::withVips ? 10 : 79), std::to_string(m_errors).c_str());
        QVERIFY2(test::withVips ? m_read > 0 : m_read == 0, std::to_string(m_read).c_str());
    }
    /// A damaged picture leaves nothing behind that the next one could stumble over.
    void whatFollowsIsReadAsBefore()
    {
        if (!test::withVips) {
            EXPECT_ERROR(openImage(test::source("tests/reference/images/rgb.jpg")), test::refusalWithoutVips);
            return;
        }
        const auto file = test::source("tests/reference/images/rgb.jpg");
        const Array before = openImage(file)->readPage(0);
        const std::string seed = seedsOf({"rgb.jpg"})[0];
        for (std::size_t k = 0; k < 20; ++k) {
            std::string bytes = test::mutated(seed, seed, 5000 + k);
            bytes.resize(std::max<std::size_t>(bytes.size(), 3));
            bytes.replace(0, 3, seed, 0, 3);
            const auto wrong = outcome(bytes);
            QVERIFY2(wrong.empty(), wrong.c_str());
            QVERIFY(openImage(file)->readPage(0) == before);
        }
    }
};

RETICLE_TEST(MutationTest)
#include "MutationTest.moc"
