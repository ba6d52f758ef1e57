#include "files/ImageSource.h"

#include "files/Reader.h"
#include "support/ReferenceImages.h"

using namespace reticle;
using namespace reticle::files;
namespace fs = std::filesystem;

class ImageSourceTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    fs::path path(const std::string &name) const { return m_folder / name; }

private Q_SLOTS:
    void badInput()
    {
        EXPECT_ERROR(openImage(path("nothing.tif")),
                     "nothing.tif: expected an image, a stack or a folder of slices, found no such file");
        EXPECT_ERROR(openImage(""), "found no such file");
        EXPECT_ERROR(openLabels(path("nothing.tif")), "found no such file");
        test::writeAll(path("empty.tif"), "");
        EXPECT_ERROR(openImage(path("empty.tif")), "an empty file");
        test::writeAll(path("text.tif"), "II*");
        EXPECT_ERROR(openImage(path("text.tif")), "text.tif");
        EXPECT_ERROR(openImage("/dev/null"), "neither a file nor a folder");
    }
    /// What a file is, its first bytes say, not its name.
    void namesDoNotMatter()
    {
        for (const auto &[name, format] : {std::pair("little_uint16.npy", "NumPy"), std::pair("little_uint16.tif", "TIFF"),
                                           std::pair("ome_zyx.ome.tif", "OME-TIFF")}) {
            fs::copy_file(test::referenceImage(name), path("picture.png"), fs::copy_options::overwrite_existing);
            QCOMPARE(openImage(path("picture.png"))->info().format, std::string(format));
        }
    }
    void isDescribedInJson()
    {
        const Json j = openImage(test::referenceImage("ome_zyx.ome.tif"))->info().toJson();
        QCOMPARE(j.at("path").get<std::string>(), test::referenceImage("ome_zyx.ome.tif").string());
        QCOMPARE(j.at("format").get<std::string>(), std::string("OME-TIFF"));
        QCOMPARE(j.at("dtype").get<std::string>(), std::string("uint8"));
        QCOMPARE(j.at("axes").get<std::string>(), std::string("ZYX"));
        QVERIFY(j.at("pages") == 3 && j.at("height") == 6 && j.at("width") == 8 && j.at("channels") == 1 &&
                j.at("alpha") == false);
        QVERIFY(j.at("pixel-size-nm") == Json({4.0, 4.0, 50.0}));
    }
    void imagesAndLabelsOfOneFolder()
    {
        for (const auto &[name, from] : {std::pair("a.npy", "byte_uint8.npy"), std::pair("a_mask.npy", "byte_bool.npy")})
            fs::copy_file(test::referenceImage(from), path(name));
        fs::create_directories(path("both"));
        fs::rename(path("a.npy"), path("both/a.npy"));
        fs::rename(path("a_mask.npy"), path("both/a_mask.npy"));
        const Array image = openImage(path("both"))->readPage(1), mask = openLabels(path("both"))->readPage(1);
        QVERIFY(image == openImage(test::referenceImage("byte_uint8.npy"))->readPage(1));
        QVERIFY(mask == openImage(test::referenceImage("byte_bool.npy"))->readPage(1));
    }
    void memory()
    {
        const auto colors = imageFromArray(Array(DType::UInt8, {2, 4, 5, 3}));
        QCOMPARE(colors->info().channels, std::int64_t(3));
        QCOMPARE(colors->info().axes, std::string("ZYXC"));
        QCOMPARE(colors->readPage(1).shape(), (std::vector<std::int64_t>{4, 5, 3}));
        const auto source = imageFromArray(Array(DType::Float32, {3, 4, 5}), "x");
        QCOMPARE(source->info().path, std::string("x"));
        QCOMPARE(source->info().pages, std::int64_t(3));
        QCOMPARE(source->readRegion(2, 1, 1, 2, 2).shape(), (std::vector<std::int64_t>{2, 2}));
        QCOMPARE(imageFromArray(Array(DType::Float32, {4, 5}))->info().axes, std::string("YX"));
        EXPECT_ERROR(source->readPage(3), "a page from 0 to 2");
        EXPECT_ERROR(source->readRegion(0, 3, 0, 2, 1), "a region inside 5 x 4");
    }
    /// The region of a source that reads pages only.
    void regionsAreCutFromPages()
    {
        Array stack(DType::UInt16, {2, 4, 5, 3});
        for (std::int64_t i = 0; i < stack.size(); ++i)
            stack.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(i * 300);
        const Array part = imageFromArray(stack)->readRegion(1, 1, 2, 3, 2);
        QCOMPARE(part.shape(), (std::vector<std::int64_t>{3, 2, 3}));
        for (int y = 0; y < 3; ++y)
            for (int x = 0; x < 2; ++x)
                for (int c = 0; c < 3; ++c)
                    QCOMPARE(part.value((y * 2 + x) * 3 + c), stack.value((((4 + y + 1) * 5) + x + 2) * 3 + c));
    }

    void filesAreReadAtGivenPlaces()
    {
        test::writeAll(path("f"), "0123456789");
        const RandomFile file(path("f"));
        QCOMPARE(file.size(), std::uint64_t(10));
        char to[16] = {};
        QCOMPARE(file.readSome(8, to, 5), std::size_t(2));
        QCOMPARE(std::string(to), std::string("89"));
        QCOMPARE(file.readSome(10, to, 5), std::size_t(0));
        QCOMPARE(file.readSome(~std::uint64_t(0), to, 5), std::size_t(0));
        file.read(7, to, 3, "the end");
        EXPECT_ERROR(file.read(8, to, 3, "a table"),
                     "f: expected a table at byte 8, found a file that ends at byte 10; it is truncated or damaged");
        EXPECT_ERROR(file.read(~std::uint64_t(0), to, 3, "a table"), "a table at byte 18446744073709551615");
        EXPECT_ERROR(RandomFile(m_folder.path()), "something that is not a file");
    }
    void bytesAreSwapped()
    {
        for (const auto &[size, swapped] :
             {std::pair(1, "abcdefgh"), std::pair(2, "badcfehg"), std::pair(4, "dcbahgfe"), std::pair(8, "hgfedcba")}) {
            std::string bytes = "abcdefgh";
            swapBytes(bytes.data(), bytes.size() / static_cast<std::size_t>(size), static_cast<std::size_t>(size));
            QCOMPARE(bytes, std::string(swapped));
        }
    }
    void claimsBeyondTheFileAreRefused()
    {
        ImageInfo info;
        info.path = "x.png";
        info.width = info.height = 20000; // 400 MB
        EXPECT_ERROR(checkClaim(info, 300000, 1000), "x.png: expected an image whose size fits its file, found 20000 "
                                                     "x 20000 pixels claimed by a file of 300000 bytes");
        checkClaim(info, 500000, 1000);
        checkClaim(info, 1, 0); // nothing is known of the compression
        info.width = info.height = 8000;
        checkClaim(info, 1, 1000); // small enough to try
    }
    void pagesBeyondTheMemoryAreRefused()
    {
        ImageInfo info;
        info.path = "x.tif";
        info.width = info.height = std::int64_t(1) << 24;
        try {
            checkMemory(info, 3, info.height, info.width);
            QFAIL("no error");
        } catch (const Error &e) {
            QCOMPARE(e.kind(), Error::Kind::Failed);
            QVERIFY2(std::string(e.what()).find("x.tif: page 3: 16777216 x 16777216 pixels need 281474 GB, more than "
                                                "half of this machine's memory") != std::string::npos,
                     e.what());
        }
        checkMemory(info, 3, 100, 100);
    }
};

RETICLE_TEST(ImageSourceTest)
#include "ImageSourceTest.moc"
