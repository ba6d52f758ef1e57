#include "files/formats/TensorFile.h"

#include "foundation/FreeMemory.h"
#include "support/TemporaryFolder.h"
#include "support/TensorFiles.h"
#include "support/Test.h"

using namespace reticle;

namespace {

TensorFile readBytes(const std::string &bytes)
{
    return readTensorFile(MemoryBytes(bytes, "x.safetensors"));
}

const Json info{{"step", 5}, {"text", "µ"}, {"list", {1, 2.5, nullptr}}};

/// A file with this header (a place for the checksum is put in) and so many bytes of data, its checksum fitting.
std::string withHeader(const std::string &rest, std::size_t data)
{
    std::string header =
        R"({"__metadata__":{"sha256":")" + std::string(64, '0') + R"(","format":"reticle 1","info":"{}"})" + rest;
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; ++i)
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(header.size() >> (8 * i));
    return test::withFittingChecksums(bytes + header + std::string(data, '\1'));
}

} // namespace

class TensorFileTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

private Q_SLOTS:
    void survivesTheDisk()
    {
        std::vector<TensorView> views;
        const auto arrays = test::sampleArrays();
        for (const auto &[name, array] : arrays)
            views.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
        const auto sha256 = writeTensorFile(m_folder / "x.safetensors", views, info);
        const auto file = readTensorFile(RegularFile(m_folder / "x.safetensors"));
        QCOMPARE(file.sha256, sha256);
        QVERIFY(file.info == info);
        QCOMPARE(file.tensors.size(), arrays.size());
        for (const auto &[name, array] : arrays)
            QVERIFY2(file.tensors.at(name) == array, name.c_str());
        QVERIFY(readTensorFileInfo(RegularFile(m_folder / "x.safetensors")) == info);
        QVERIFY(test::readAll(m_folder / "x.safetensors") == test::tensorFile(arrays, info));
    }
    /// The rules of the format's own readers: an object, offsets without gaps in the order of the data, all of it used.
    void otherProgramsCanReadIt()
    {
        const auto bytes = test::tensorFile(test::sampleArrays(), info);
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), 8);
        QCOMPARE(length % 8, std::uint64_t(0));
        const Json header = Json::parse(bytes.substr(8, length));
        std::map<std::uint64_t, std::uint64_t> parts;
        for (const auto &[name, value] : header.items()) {
            if (name == "__metadata__") {
                for (const auto &text : value)
                    QVERIFY(text.is_string());
                continue;
            }
            const auto begin = value["data_offsets"][0].get<std::uint64_t>();
            const auto wide = value["dtype"] == "I64" ? 8u : value["dtype"] == "U8" ? 1u : 4u;
            QCOMPARE((8 + length + begin) % wide, std::uint64_t(0));
            auto &end = parts[begin];
            end = std::max(end, value["data_offsets"][1].get<std::uint64_t>());
        }
        std::uint64_t at = 0;
        while (parts.count(at) && parts[at] != at)
            at = parts[at];
        QCOMPARE(8 + length + at, std::uint64_t(bytes.size()));
        const auto from = header["a.weight"]["data_offsets"][0].get<std::size_t>();
        float second = 0;
        std::memcpy(&second, bytes.data() + 8 + length + from + 4, 4);
        QCOMPARE(second, -1.5f);
    }
    void everyFlippedBitIsFound()
    {
        const auto whole = test::tensorFile(test::sampleArrays(), info);
        for (std::size_t i = 0; i < whole.size(); ++i)
            for (int bit = 0; bit < 8; ++bit) {
                auto bytes = whole;
                bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
                EXPECT_ERROR(readBytes(bytes), "x.safetensors");
                EXPECT_ERROR(readTensorFileInfo(MemoryBytes(bytes, "x.safetensors")), "x.safetensors");
            }
    }
    void everyLossAndGainOfBytesIsFound()
    {
        const auto whole = test::tensorFile(test::sampleArrays(), info);
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_ERROR(readBytes(whole.substr(0, size)), "damaged");
        EXPECT_ERROR(readBytes(whole + '\0'), "longer");
    }
    void sizesThatLieAreRefused_data()
    {
        QTest::addColumn<QString>("rest");
        QTest::addColumn<QString>("says");
        const auto one = [](const char *dtype, const char *shape, const char *offsets) {
            return QString(R"(,"a":{"dtype":"%1","shape":[%2],"data_offsets":[%3]}})").arg(dtype, shape, offsets);
        };
        QTest::newRow("more elements than bytes") << one("F32", "3", "0,8") << "contradict";
        QTest::newRow("product beyond 64 bits") << one("F32", "4294967296,4294967296", "0,8") << "contradict";
        QTest::newRow("bytes beyond 64 bits") << one("F64", "2305843009213693953", "0,8") << "contradict";
        QTest::newRow("beyond the file") << one("F32", "250000000000", "0,1000000000000") << "cut short";
        QTest::newRow("less than the file") << one("F32", "1", "0,4") << "longer";
        QTest::newRow("a gap") << one("F32", "1", "4,8") << "gaps";
        QTest::newRow("end before begin") << one("F32", "1", "8,4") << "contradict";
        QTest::newRow("negative") << one("F32", "-2", "0,8") << "header";
        QTest::newRow("not whole") << one("F32", "2.0", "0,8") << "header";
        QTest::newRow("unknown type") << one("F8_E4M3", "8", "0,8") << "type";
        QTest::newRow("overlap") << R"(,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                    R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"
                                 << "overlap";
        QTest::newRow("one name twice") << R"(,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                           R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"
                                        << "twice";
        QTest::newRow("no object") << R"(,"a":7})"
                                   << "header";
        QTest::newRow("nested too deeply") << QString(",\"a\":") + QString(5000, '[') + QString(5000, ']') + '}' << "deeply";
        QTest::newRow("cut off") << R"(,"a":)"
                                 << "JSON";
    }
    void sizesThatLieAreRefused()
    {
        QFETCH(QString, rest);
        QFETCH(QString, says);
        EXPECT_ERROR(readBytes(withHeader(rest.toStdString(), 8)), says.toStdString());
        // The same header is right where the sizes are.
        QCOMPARE(readBytes(withHeader(R"(,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)).tensors.size(),
                 std::size_t(1));
    }
    void anObjectOfTooManyFieldsIsRefusedAtOnce()
    {
        std::string rest = ",\"a\":{\"0\":0";
        for (int i = 1; i < 200000; ++i)
            rest += ",\"" + std::to_string(i) + "\":0";
        EXPECT_ERROR(readBytes(withHeader(rest + "}}", 0)), "more than 65536 fields");
    }
    /// Nearly all of a file may be a hole in the disk, which costs its maker nothing.
    void aFileLargerThanTheMemoryIsNotReadThrough()
    {
        const auto bytes = withHeader(R"(,"a":{"dtype":"U8","shape":[100000],"data_offsets":[0,100000]}})", 100000);
        QVERIFY(readTensorFileInfo(MemoryBytes(bytes)).empty());
        const AssumedFreeMemory little(50000);
        EXPECT_ERROR(readTensorFileInfo(MemoryBytes(bytes)), "not enough memory");
        EXPECT_ERROR(readBytes(bytes), "not enough memory");
    }
    void aHeaderThatIsTooLongIsRefused()
    {
        auto bytes = test::tensorFile(test::sampleArrays(), info);
        const std::uint64_t length = ~std::uint64_t(0);
        std::memcpy(bytes.data(), &length, 8);
        EXPECT_ERROR(readBytes(bytes), "header");
    }
    void otherFilesAreRefused()
    {
        EXPECT_ERROR(readBytes("PK\x03\x04" + std::string(500, 'x')), "archive");
        EXPECT_ERROR(readBytes(std::string(500, 'x')), "damaged");
        EXPECT_ERROR(writeTensorFile(m_folder / "no" / "such" / "x", {}, info), "cannot be written");
    }
};

RETICLE_TEST(TensorFileTest)
#include "TensorFileTest.moc"
