#include "base/Error.h"
#include "base/ImageSource.h"
#include "support/Mutate.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fstream>
#include <iterator>

using namespace reticle;
namespace fs = std::filesystem;

/// Damaged files give an Error or pixels, nothing else. The long form of this is tests/fuzz.
class MutationTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void damagedFiles()
    {
        QTemporaryDir dir;
        const fs::path file = fs::path(dir.path().toStdString()) / "damaged.bin";
        std::vector<std::string> seeds;
        for (const char *name : {"little_uint16.tif", "big_float32.tif", "bigtiff_big.tif", "tiled_deflate_little.tif", "strips.tif",
                                 "rgb_planar.tif", "tiff_lzw.tif", "packbits_rgb.tif", "ome_shuffled.ome.tif", "imagej_one_directory.tif",
                                 "big_fortran_float64.npy", "zyxc.npy", "version2.npy"}) {
            std::ifstream in(test::source(std::string("tests/reference/images/") + name), std::ios::binary);
            seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
            QVERIFY(!seeds.back().empty());
        }
        int errors = 0, read = 0;
        for (std::size_t k = 0; k < 600; ++k) {
            std::string bytes = test::mutated(seeds[k % seeds.size()], seeds[(k + 1) % seeds.size()], k);
            // What is no TIFF or NumPy any more goes to libvips' many loaders, which are not ours to test.
            bytes.resize(std::max<std::size_t>(bytes.size(), 8));
            bytes.replace(0, 4, seeds[k % seeds.size()], 0, 4);
            std::ofstream(file, std::ios::binary) << bytes;
            try {
                const auto source = openImage(file);
                QVERIFY(source->info().pages > 0 && source->info().width > 0 && source->info().height > 0);
                source->readRegion(source->info().pages - 1, source->info().height - 1, 0, 1, std::min<std::int64_t>(4, source->info().width));
                ++read;
            } catch (const Error &e) {
                QVERIFY2(std::string(e.what()).find("damaged.bin") != std::string::npos, e.what());
                ++errors;
            }
        }
        QVERIFY(errors > 50 && read > 50);
    }
};

RETICLE_TEST(MutationTest)
#include "MutationTest.moc"
