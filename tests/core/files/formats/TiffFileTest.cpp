#include "files/formats/TiffFile.h"

#include "foundation/Random.h"
#include "support/MadeTiff.h"
#include "support/ReferenceImages.h"
#include "support/TiffPages.h"
#include "support/Vips.h"

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;
using test::MadeTiff;

namespace {

/// As PackBits stores it: so many bytes that stand for themselves.
std::string packed(const std::string &pixels)
{
    return static_cast<char>(pixels.size() - 1) + pixels;
}

Array chars(std::vector<std::int64_t> shape, const std::string &text)
{
    Array a(DType::UInt8, std::move(shape));
    std::copy(text.begin(), text.end(), a.data<std::uint8_t>());
    return a;
}

/// Numbers of so many bits.
Array noise(std::int64_t height, std::int64_t width, int bits, std::int64_t channels = 1)
{
    Random random = Random::of(static_cast<std::uint64_t>(bits), static_cast<std::uint64_t>(channels));
    Array a(DType::Float64, channels > 1 ? std::vector{height, width, channels} : std::vector{height, width});
    for (auto &v : a.span<double>())
        v = static_cast<double>(random.next() >> (64 - bits));
    return a.as(bits <= 8 ? DType::UInt8 : bits <= 16 ? DType::UInt16 : DType::UInt32);
}
/// A smooth image, which JPEG hardly changes.
Array smooth(std::int64_t height, std::int64_t width, std::int64_t channels)
{
    Array a(DType::UInt8, channels > 1 ? std::vector{height, width, channels} : std::vector{height, width});
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            for (std::int64_t c = 0; c < channels; ++c)
                a.data<std::uint8_t>()[(y * width + x) * channels + c] = static_cast<std::uint8_t>(60 + 30 * c + y / 2 + x / 3);
    return a;
}
double largestDifference(const Array &a, const Array &b)
{
    if (a.shape() != b.shape() || a.dtype() != b.dtype())
        return 1e9;
    double maximum = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        maximum = std::max(maximum, std::abs(a.value(i) - b.value(i)));
    return maximum;
}
Array cut(const Array &page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width)
{
    return imageFromArray(page.rank() > 2 ? page.reshaped({1, page.dim(0), page.dim(1), page.dim(2)}) : page)
        ->readRegion(0, y, x, height, width);
}

} // namespace

class TiffFileTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    fs::path path(const std::string &name) const { return m_folder / name; }
    std::shared_ptr<ImageSource> open(const std::string &bytes) const
    {
        test::writeAll(path("made.tif"), bytes);
        return openTiff(path("made.tif"));
    }

private Q_SLOTS:
    void aSizeThatIsSaidTwiceIsRefused()
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(13, 7, made.add(std::string(91, 'x')), 91);
        tags[274] = {MadeTiff::Short, {3}}; // upside down: places are counted from the other end
        made.directory(tags);
        // The number of bits becomes a second width, of 8 pixels.
        const auto at = made.bytes.find(made.numbers({258, MadeTiff::Short}, 2));
        QVERIFY(at != std::string::npos);
        made.bytes.replace(at, 4, made.numbers({256, MadeTiff::Short}, 2));
        try {
            const auto page = open(made.bytes)->readPage(0); // where both readers take the same of the two
            QVERIFY(page.dim(1) == 13 || page.dim(1) == 8);
        } catch (const Error &e) {
            QVERIFY2(QString(e.what()).contains("one size"), e.what());
        }
    }
    /// Tiled pyramids with JPEG inside are read as those with LZW: one image, its colors, its pixel size.
    void pyramids_data()
    {
        QTest::addColumn<int>("compression");
        QTest::addColumn<int>("photometric");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("subsampling");
        QTest::addColumn<bool>("inside");
        for (const bool inside : {false, true}) {
            const char *where = inside ? "SubIFDs" : "reduced";
            QTest::addRow("LZW RGB, %s", where) << COMPRESSION_LZW << PHOTOMETRIC_RGB << 3 << 1 << inside;
            QTest::addRow("JPEG RGB, %s", where) << COMPRESSION_JPEG << PHOTOMETRIC_RGB << 3 << 1 << inside;
            QTest::addRow("JPEG YCbCr, %s", where) << COMPRESSION_JPEG << PHOTOMETRIC_YCBCR << 3 << 1 << inside;
            QTest::addRow("JPEG YCbCr 4:2:0, %s", where) << COMPRESSION_JPEG << PHOTOMETRIC_YCBCR << 3 << 2 << inside;
            QTest::addRow("JPEG gray, %s", where) << COMPRESSION_JPEG << PHOTOMETRIC_MINISBLACK << 1 << 1 << inside;
        }
    }
    void pyramids()
    {
        QFETCH(int, compression);
        QFETCH(int, photometric);
        QFETCH(int, channels);
        QFETCH(int, subsampling);
        QFETCH(bool, inside);
        std::vector<test::TiffPage> levels;
        for (int k = 0; k < 4; ++k)
            levels.push_back({.pixels = smooth(80 >> k, 120 >> k, channels),
                              .compression = compression,
                              .photometric = photometric,
                              .tile = 32,
                              .reduced = k > 0,
                              .subsampling = subsampling,
                              .perCentimetre = k == 0 ? 40000.0 : 0});
        levels[0].levels = inside ? 3 : 0;
        test::writeTiff(path("pyramid.tif"), levels);
        const auto source = openImage(path("pyramid.tif"));
        const ImageInfo &i = source->info();
        QCOMPARE(i.pages, std::int64_t(1));
        QCOMPARE(i.width, std::int64_t(120));
        QCOMPARE(i.height, std::int64_t(80));
        QCOMPARE(i.channels, std::int64_t(channels));
        QCOMPARE(i.axes, std::string(channels > 1 ? "YXC" : "YX"));
        QVERIFY(std::abs(i.pixelSizeX - 250) < 1e-3 && std::abs(i.pixelSizeY - 250) < 1e-3);
        const Array page = source->readPage(0);
        const double off = largestDifference(page, levels[0].pixels);
        QVERIFY2(off <= (compression == COMPRESSION_JPEG ? 6 : 0), std::to_string(off).c_str());
        for (const auto &[y, x, h, w] :
             {std::array<std::int64_t, 4>{0, 0, 80, 120}, {31, 30, 3, 40}, {79, 119, 1, 1}, {64, 96, 16, 24}})
            QVERIFY(source->readRegion(0, y, x, h, w) == cut(page, y, x, h, w));
    }
    void stripsWithJpeg()
    {
        for (const int photometric : {PHOTOMETRIC_RGB, PHOTOMETRIC_YCBCR})
            for (const int rows : {0, 16}) {
                const Array pixels = smooth(45, 33, 3);
                test::writeTiff(
                    path("strips.tif"),
                    {{.pixels = pixels, .compression = COMPRESSION_JPEG, .photometric = photometric, .rowsPerStrip = rows}});
                const auto source = openImage(path("strips.tif"));
                const Array page = source->readPage(0);
                QVERIFY(largestDifference(page, pixels) <= 6);
                QVERIFY(source->readRegion(0, 20, 7, 11, 19) == cut(page, 20, 7, 11, 19));
            }
    }
    /// Luma and chroma without JPEG: white, black, gray, and red (76, 85, 255 after Rec. 601) in two rows of two.
    void lumaAndChroma()
    {
        const Array stored =
            Array::of<std::uint8_t>({2, 2, 3}, std::vector<std::uint8_t>{255, 128, 128, 0, 128, 128, 100, 128, 128, 76, 85, 255});
        for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW})
            for (const int orientation : {1, 6}) {
                MadeTiff made;
                std::string pixels(reinterpret_cast<const char *>(stored.raw()), 12);
                if (compression == COMPRESSION_LZW) { // 9-bit codes: clear, twelve bytes, end
                    std::string bits = "100000000";
                    const auto put = [&](int code) {
                        for (int b = 8; b >= 0; --b)
                            bits += code >> b & 1 ? '1' : '0';
                    };
                    for (const unsigned char c : pixels)
                        put(c);
                    put(257);
                    bits.resize((bits.size() + 7) / 8 * 8, '0');
                    pixels.clear();
                    for (std::size_t i = 0; i < bits.size(); i += 8)
                        pixels += static_cast<char>(std::stoi(bits.substr(i, 8), nullptr, 2));
                }
                auto tags = MadeTiff::gray(2, 2, made.add(pixels), pixels.size());
                tags[258] = {MadeTiff::Short, {8, 8, 8}};
                tags[259] = {MadeTiff::Short, {static_cast<std::uint64_t>(compression)}};
                tags[262] = {MadeTiff::Short, {6}};
                tags[274] = {MadeTiff::Short, {static_cast<std::uint64_t>(orientation)}};
                tags[277] = {MadeTiff::Short, {3}};
                tags[530] = {MadeTiff::Short, {1, 1}};
                made.directory(tags);
                const auto source = open(made.bytes);
                QCOMPARE(source->info().channels, std::int64_t(3));
                const Array expected =
                    turnedUpright(Array::of<std::uint8_t>(
                                      {2, 2, 3}, std::vector<std::uint8_t>{255, 255, 255, 0, 0, 0, 100, 100, 100, 254, 0, 0}),
                                  orientation);
                QVERIFY(largestDifference(source->readPage(0), expected) <= 2);
                QVERIFY(source->readRegion(0, 1, 0, 1, 2) == cut(source->readPage(0), 1, 0, 1, 2));
            }
    }
    /// Slides of Aperio do not mark their smaller copies, their label and the whole slide.
    void slidesOfAperioAreOneImage()
    {
        std::vector<test::TiffPage> levels;
        for (int k = 0; k < 3; ++k)
            levels.push_back({.pixels = smooth(64 >> k, 96 >> k, 3),
                              .compression = COMPRESSION_JPEG,
                              .photometric = PHOTOMETRIC_YCBCR,
                              .tile = 32,
                              .description = k == 0 ? "Aperio Image Library v11.2.1" : ""});
        test::writeTiff(path("slide.svs"), levels);
        const auto source = openImage(path("slide.svs"));
        QCOMPARE(source->info().pages, std::int64_t(1));
        QCOMPARE(source->info().width, std::int64_t(96));
        // Otherwise pages of several sizes are no stack.
        levels[0].description.clear();
        test::writeTiff(path("levels.tif"), levels);
        EXPECT_ERROR(
            openImage(path("levels.tif")),
            "levels.tif: expected pages of one size, found page 0 of 96 x 64 and page 1 of 48 x 32; save them as single images");
    }
    /// What libvips decodes keeps pages, levels and sizes.
    void pagesThatLibvipsDecodes()
    {
        if (!test::withVips) {
            test::writeAll(path("left.png"), "\x89PNG\r\n\x1a\n and more that is left to libvips");
            EXPECT_ERROR(openImage(path("left.png")), test::refusalWithoutVips);
            return;
        }
        Array cmyk(DType::UInt8, {12, 16, 4});
        std::vector<test::TiffPage> pages;
        for (int p = 0; p < 3; ++p) {
            for (std::int64_t i = 0; i < cmyk.size(); ++i)
                cmyk.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 - 60 * p : 0); // black of three kinds
            pages.push_back({.pixels = cmyk.clone(), .photometric = PHOTOMETRIC_SEPARATED, .perCentimetre = 40000});
            pages.push_back({.pixels = Array(DType::UInt8, {6, 8, 4}), .photometric = PHOTOMETRIC_SEPARATED, .reduced = true});
        }
        test::writeTiff(path("print.tif"), pages);
        const auto source = openImage(path("print.tif"));
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->info().channels, std::int64_t(3));
        QVERIFY(std::abs(source->info().pixelSizeX - 250) < 1e-3);
        double last = -1;
        for (std::int64_t p = 0; p < 3; ++p) {
            const double value = source->readPage(p).value(0);
            QVERIFY2(value > last, std::to_string(value).c_str());
            last = value;
            QCOMPARE(source->readRegion(p, 3, 2, 4, 5).shape(), (std::vector<std::int64_t>{4, 5, 3}));
        }
    }

    /// Whole numbers of any number of bits, as cameras and scanners pack them, are read exactly.
    void packedNumbers_data()
    {
        QTest::addColumn<int>("bits");
        for (const int bits : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 20, 31})
            QTest::newRow(std::to_string(bits).c_str()) << bits;
    }
    void packedNumbers()
    {
        QFETCH(int, bits);
        const bool spread = bits == 1 || bits == 2 || bits == 4;
        for (const std::int64_t channels : {1, 3})
            for (const char *mode : {"wl", "wb", "w8"})
                for (int kind = 0; kind < 5; ++kind) {
                    const Array numbers = noise(7, 13, bits, channels);
                    test::TiffPage page{
                        .pixels = numbers, .photometric = channels > 1 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK, .bits = bits};
                    page.rowsPerStrip = kind == 1 ? 2 : 0;
                    page.tile = kind == 2 ? 16 : 0;
                    page.compression = kind == 3 ? COMPRESSION_LZW : COMPRESSION_NONE;
                    page.separate = kind == 4;
                    test::writeTiff(path("packed.tif"), {page, page}, mode);
                    const auto labels = openLabels(path("packed.tif")), image = openImage(path("packed.tif"));
                    QCOMPARE(labels->info().pages, std::int64_t(2));
                    QCOMPARE(labels->info().bits, bits);
                    QCOMPARE(image->info().bits, spread ? 0 : bits);
                    QVERIFY(labels->readPage(1) == numbers);
                    QVERIFY(labels->readRegion(0, 2, 5, 4, 7) == cut(numbers, 2, 5, 4, 7));
                    QVERIFY(labels->readRegion(0, 6, 12, 1, 1) == cut(numbers, 6, 12, 1, 1));
                    Array seen = numbers.clone();
                    if (spread)
                        for (auto &v : seen.span<std::uint8_t>())
                            v = static_cast<std::uint8_t>(v * (255 / ((1 << bits) - 1)));
                    QVERIFY(image->readPage(0) == seen);
                }
    }
    void bitsThatMetadataSpeaksOf()
    {
        const auto bitsOf = [&](const std::string &said) {
            test::writeTiff(path("ome.tif"), {{.pixels = noise(3, 4, 12),
                                               .description = "<OME><Image><Pixels SizeC='1' SizeT='1' SizeZ='1' " + said +
                                                              "><TiffData/></Pixels></Image></OME>"}});
            return openImage(path("ome.tif"))->info().bits;
        };
        QCOMPARE(bitsOf("SignificantBits='12'"), 12);
        QCOMPARE(bitsOf("SignificantBits='16'"), 0);
        QCOMPARE(bitsOf("SignificantBits='99'"), 0);
        QCOMPARE(bitsOf(""), 0);
    }
    /// 1, -2, 65504 and 0.000061 as IEEE halves in both byte orders, raw and compressed.
    void halves()
    {
        for (const bool big : {false, true}) {
            MadeTiff made(big);
            auto tags = MadeTiff::gray(2, 2, made.add(made.numbers({0x3c00, 0xc000, 0x7bff, 0x0400}, 2)), 8, 16);
            tags[339] = {MadeTiff::Short, {3}};
            made.directory(tags);
            tags = MadeTiff::gray(2, 2, made.add(packed(made.numbers({0x3c00, 0xc000, 0x7bff, 0x0400}, 2))), 9, 16);
            tags[339] = {MadeTiff::Short, {3}};
            tags[259] = {MadeTiff::Short, {32773}};
            made.directory(tags);
            const auto source = open(made.bytes);
            QCOMPARE(source->info().dtype, DType::Float32);
            for (const std::int64_t p : {0, 1})
                QVERIFY(source->readPage(p) == Array::of<float>({2, 2}, std::vector<float>{1, -2, 65504, 0x1p-14f}));
        }
    }
    void realsOf24Bits()
    {
        for (const bool big : {false, true}) {
            MadeTiff made(big);
            auto tags = MadeTiff::gray(2, 1, made.add(made.numbers({0x3f0000, 0xc08000}, 3)), 6, 24);
            tags[339] = {MadeTiff::Short, {3}};
            made.directory(tags);
            QVERIFY(open(made.bytes)->readPage(0) == Array::of<float>({1, 2}, std::vector<float>{1, -3}));
        }
    }

    /// Tables of colors: the numbers as labels; as an image what the table is for.
    void palettes_data()
    {
        QTest::addColumn<int>("bits");
        for (const int bits : {1, 2, 4, 8, 16})
            QTest::newRow(std::to_string(bits).c_str()) << bits;
    }
    void palettes()
    {
        QFETCH(int, bits);
        const std::size_t n = std::size_t{1} << bits;
        const Array numbers = noise(7, 13, bits);
        test::TiffPage page{.pixels = numbers, .photometric = PHOTOMETRIC_PALETTE, .bits = bits};
        Random random(static_cast<std::uint64_t>(bits));
        for (auto *c : {&page.red, &page.green, &page.blue})
            for (std::size_t i = 0; i < n; ++i)
                c->push_back(static_cast<std::uint16_t>(257 * random.below(256)));
        const auto images = [&] {
            test::writeTiff(path("palette.tif"), {page, page});
            const auto labels = openLabels(path("palette.tif"));
            if (!(labels->readPage(1) == numbers) || labels->info().pages != 2)
                throw Error({"palette.tif", "the numbers", "others", {}});
            return openImage(path("palette.tif"));
        };
        auto source = images();
        if (bits == 16) {
            QVERIFY(source->readPage(0) == numbers);
        } else {
            const Array seen = source->readPage(1);
            QCOMPARE(seen.shape(), (std::vector<std::int64_t>{7, 13, 3}));
            for (std::int64_t i = 0; i < numbers.size(); ++i)
                QCOMPARE(seen.value(3 * i + 1), double(page.green[static_cast<std::size_t>(numbers.value(i))] >> 8));
            QVERIFY(source->readRegion(0, 2, 3, 4, 5) == cut(seen, 2, 3, 4, 5));
        }
        page.description = "ImageJ=1.53\nimages=2\nslices=2\n";
        source = images();
        QVERIFY(source->readPage(0) == numbers);
        QCOMPARE(source->info().channels, std::int64_t(1));
        page.description.clear();
        if (bits == 16)
            return;
        // Grays only, and written with 8 bits of the 16.
        for (std::size_t i = 0; i < n; ++i)
            page.red[i] = page.green[i] = page.blue[i] = static_cast<std::uint16_t>(255 - i * 255 / (n - 1));
        source = images();
        QCOMPARE(source->info().channels, std::int64_t(1));
        const Array gray = source->readPage(0);
        for (std::int64_t i = 0; i < numbers.size(); ++i)
            QCOMPARE(gray.value(i), double(page.red[static_cast<std::size_t>(numbers.value(i))]));
    }
    void falseColorsLeaveTheNumbers()
    {
        const Array numbers = noise(7, 13, 8);
        test::TiffPage page{.pixels = numbers, .photometric = PHOTOMETRIC_PALETTE};
        for (int i = 0; i < 256; ++i) {
            page.red.push_back(static_cast<std::uint16_t>(257 * i));
            page.green.push_back(static_cast<std::uint16_t>(257 * (255 - i)));
            page.blue.push_back(7 * 257);
        }
        test::writeTiff(path("false.tif"), {page});
        QVERIFY(openImage(path("false.tif"))->readPage(0) == numbers);
    }

    /// Images are turned upright, whole and in parts, and their pixel sizes with them.
    void orientations_data()
    {
        QTest::addColumn<int>("orientation");
        for (int o = 1; o <= 8; ++o)
            QTest::newRow(std::to_string(o).c_str()) << o;
    }
    void orientations()
    {
        QFETCH(int, orientation);
        for (const std::int64_t channels : {1, 3})
            for (const int tile : {0, 16})
                for (const bool separate : {false, true}) {
                    const Array stored = noise(9, 21, 8, channels), upright = turnedUpright(stored, orientation);
                    test::writeTiff(path("turned.tif"), {{.pixels = stored,
                                                          .photometric = channels > 1 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK,
                                                          .tile = tile,
                                                          .rowsPerStrip = 4,
                                                          .orientation = orientation,
                                                          .separate = separate}});
                    for (const auto &source : {openImage(path("turned.tif")), openLabels(path("turned.tif"))}) {
                        QCOMPARE(source->info().height, upright.dim(0));
                        QCOMPARE(source->info().width, upright.dim(1));
                        QVERIFY(source->readPage(0) == upright);
                        QVERIFY(source->readRegion(0, 3, 2, 5, 6) == cut(upright, 3, 2, 5, 6));
                    }
                }
        MadeTiff made;
        auto tags = MadeTiff::gray(3, 2, made.add("abcdef"), 6);
        tags[274] = {MadeTiff::Short, {static_cast<std::uint64_t>(orientation)}};
        tags[282] = {MadeTiff::Rational, {1000000, 1}};
        tags[283] = {MadeTiff::Rational, {500000, 1}};
        tags[296] = {MadeTiff::Short, {3}};
        made.directory(tags);
        const auto sizes = open(made.bytes);
        QCOMPARE(sizes->info().pixelSizeX, orientation >= 5 ? 20.0 : 10.0);
        QCOMPARE(sizes->info().pixelSizeY, orientation >= 5 ? 10.0 : 20.0);
    }
    /// Pages of a file need not be stored the same way.
    void pagesOfSeveralOrientations()
    {
        std::vector<test::TiffPage> pages;
        std::vector<Array> upright;
        for (int o = 1; o <= 8; ++o) {
            const Array stored = noise(o >= 5 ? 5 : 9, o >= 5 ? 9 : 5, 8);
            pages.push_back({.pixels = stored, .orientation = o});
            upright.push_back(turnedUpright(stored, o));
        }
        test::writeTiff(path("turned.tif"), pages);
        const auto source = openImage(path("turned.tif"));
        QCOMPARE(source->info().pages, std::int64_t(8));
        for (const std::int64_t p : {7, 0, 5, 3, 4, 1, 2, 6})
            QVERIFY(source->readPage(p) == upright[static_cast<std::size_t>(p)]);
        pages[1].orientation = 6; // on its side, it is of another size
        test::writeTiff(path("turned.tif"), pages);
        EXPECT_ERROR(openImage(path("turned.tif")), "found page 0 of 5 x 9 and page 1 of 9 x 5");
    }
    /// As labels the numbers stay, whatever color 0 is shown in; beyond 16 bits they always do.
    void whiteIsZeroInLabels()
    {
        for (const int bits : {1, 2, 4, 6, 8, 12, 16, 32}) {
            const Array numbers = noise(7, 13, bits);
            test::TiffPage page{.pixels = numbers, .photometric = PHOTOMETRIC_MINISWHITE, .bits = bits};
            test::writeTiff(path("white.tif"), {page});
            QVERIFY(openLabels(path("white.tif"))->readPage(0) == numbers);
            const double maximum = std::pow(2, bits) - 1, factor = bits < 5 ? 255 / maximum : 1;
            const Array image = openImage(path("white.tif"))->readPage(0);
            for (std::int64_t i = 0; i < image.size(); ++i)
                QCOMPARE(image.value(i), bits > 16 ? numbers.value(i) : (maximum - numbers.value(i)) * factor);
        }
    }
    /// As tifffile writes it with truncate=True.
    void planesOfAShapeLieBehindOneDirectory()
    {
        const auto stack = [&](const std::string &shape, std::uint64_t samples, std::uint64_t planar, const std::string &pixels) {
            MadeTiff made;
            auto tags = MadeTiff::gray(2, 1, made.add(pixels), 2 * samples);
            tags[258] = {MadeTiff::Short, std::vector<std::uint64_t>(samples, 8)};
            tags[277] = {MadeTiff::Short, {samples}};
            tags[284] = {MadeTiff::Short, {planar}};
            if (samples == 3)
                tags[262] = {MadeTiff::Short, {2}};
            if (planar == 2) {
                const auto at = tags[273].values[0];
                tags[273] = {MadeTiff::Long, {at, at + 2, at + 4}};
                tags[279] = {MadeTiff::Long, {2, 2, 2}};
            }
            // Planes reach to the end of the file, as tifffile puts the tags before them.
            tags[270] = MadeTiff::text("{\"truncated\": true, \"shape\": " + shape + "}");
            made.directory(tags);
            return open(made.bytes);
        };
        const auto gray = stack("[2, 2, 1, 2]", 1, 1, "abcdefgh");
        QCOMPARE(gray->info().pages, std::int64_t(4));
        QCOMPARE(gray->info().axes, std::string("ZYX"));
        QVERIFY(gray->info().notes.empty());
        QVERIFY(gray->readPage(3) == chars({1, 2}, "gh"));
        for (const auto &[planar, shape, pixels] :
             {std::tuple(1, "[2, 1, 2, 3]", "abcdefghijkl"), std::tuple(2, "[2, 3, 1, 2]", "adbecfgjhkil")}) {
            const auto colors = stack(shape, 3, static_cast<std::uint64_t>(planar), pixels);
            QCOMPARE(colors->info().pages, std::int64_t(2));
            QCOMPARE(colors->info().channels, std::int64_t(3));
            QVERIFY(colors->readPage(1) == chars({1, 2, 3}, "ghijkl"));
            QVERIFY(colors->readRegion(1, 0, 1, 1, 1) == chars({1, 1, 3}, "jkl"));
        }
        // Behind a description by the user, which has the same tag. The one before it is made to have that number.
        MadeTiff made;
        auto tags = MadeTiff::gray(2, 1, made.add("abcdef"), 2);
        tags[269] = MadeTiff::text("by the user");
        tags[270] = MadeTiff::text("{\"shape\": [3, 1, 2], \"truncated\": true}");
        made.directory(tags);
        const auto at = made.bytes.find(made.numbers({269, MadeTiff::Ascii}, 2));
        QVERIFY(at != std::string::npos);
        made.bytes.replace(at, 2, made.numbers({270}, 2));
        QCOMPARE(open(made.bytes)->info().pages, std::int64_t(3));
        QVERIFY(open(made.bytes)->readPage(2) == chars({1, 2}, "ef"));
        const auto cut = stack("[900, 1, 2]", 1, 1, "abcd");
        QCOMPARE(cut->info().pages, std::int64_t(1));
        QCOMPARE(cut->info().notes.size(), std::size_t(1));
        QVERIFY(cut->info().notes[0].starts_with("The description of \"made.tif\" announces 900 pages, but only 1 can be read."));
    }
    /// The numbers of a directory as they are stored, but upright.
    void numbersAsTheyAreStored()
    {
        const Array numbers = noise(5, 7, 4);
        test::writeTiff(
            path("raw.tif"),
            {{.pixels = numbers, .photometric = PHOTOMETRIC_MINISWHITE, .orientation = 8, .bits = 4, .description = "words"}});
        const TiffFile file(path("raw.tif"));
        QCOMPARE(file.description(), std::string("words"));
        QCOMPARE(file.dtype(), DType::UInt8);
        QCOMPARE(file.samples(), std::int64_t(1));
        QVERIFY(!file.decodedByOthers() && !file.alpha() && file.palette().empty());
        const auto page = file.read(0, {0, 0, 7, 5}, "here");
        QVERIFY(page.numbers == turnedUpright(numbers, 8));
        QCOMPARE(page.photometric, PHOTOMETRIC_MINISWHITE);
        EXPECT_ERROR(file.read(1, {0, 0, 7, 5}, "here"),
                     "here: expected directory 1 of the file, found the end of its chain of directories");
    }
};

RETICLE_TEST(TiffFileTest)
#include "TiffFileTest.moc"
