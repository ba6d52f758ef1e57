#include "files/formats/StoredZip.h"

#include "support/Test.h"
#include "support/TorchArchives.h"

using namespace reticle;

namespace {

std::string readOf(const std::string &bytes, const std::string &name)
{
    const MemoryBytes memory(bytes, "x.pt");
    const StoredZip zip(memory);
    std::string content(static_cast<std::size_t>(zip.sizeOf(name)), '\0');
    zip.read(name, std::as_writable_bytes(std::span(content)));
    return content;
}

const std::string whole = test::zipOf({{"archive/a", "hello"}, {"archive/b", ""}});

} // namespace

class StoredZipTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsStoredEntries()
    {
        QCOMPARE(readOf(whole, "archive/a"), std::string("hello"));
        QCOMPARE(readOf(whole, "archive/b"), std::string());
        const MemoryBytes memory(whole);
        QVERIFY(StoredZip(memory).has("archive/a") && !StoredZip(memory).has("archive/c"));
        QCOMPARE(StoredZip(memory).root(), std::string("archive"));
        EXPECT_ERROR(readOf(whole, "archive/c"), "missing");
        // A comment at the end is none of its business.
        auto commented = whole + "note";
        commented[whole.size() - 2] = 4;
        QCOMPARE(readOf(commented, "archive/a"), std::string("hello"));
    }
    void sizesOf64BitsAreRead()
    {
        // The directory's short fields are full, the true ones follow in the extra field.
        auto zip = whole;
        const auto at = zip.find("PK\x01\x02");
        const std::string field =
            test::bytesOf(1, 2) + test::bytesOf(24, 2) + test::bytesOf(5, 8) + test::bytesOf(5, 8) + test::bytesOf(0, 8);
        zip.replace(at + 20, 8, 8, '\xff');
        zip.replace(at + 42, 4, 4, '\xff');
        zip.replace(at + 30, 2, test::bytesOf(field.size(), 2));
        zip.insert(at + 46 + 9, field);
        const auto end64 = zip.find("PK\x06\x06"), locator = zip.find("PK\x06\x07");
        const auto begin = zip.find("PK\x01\x02");
        zip.replace(end64 + 40, 8, test::bytesOf(end64 - begin, 8));
        zip.replace(locator + 8, 8, test::bytesOf(end64, 8));
        QCOMPARE(readOf(zip, "archive/a"), std::string("hello"));
    }
    void everyFlippedBitIsFoundOrChangesNothing()
    {
        int found = 0;
        for (std::size_t i = 0; i < whole.size(); ++i)
            for (int bit = 0; bit < 8; ++bit) {
                auto bytes = whole;
                bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
                try {
                    QCOMPARE(readOf(bytes, "archive/a"), std::string("hello"));
                } catch (const Error &) {
                    ++found;
                }
            }
        QVERIFY(found > 300);
    }
    void whatIsCutIsRefused()
    {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_ERROR(readOf(whole.substr(0, size), "archive/a"), "damaged");
            QVERIFY(!StoredZip::endsAsArchive(MemoryBytes(std::string_view(whole).substr(0, size))));
        }
        QVERIFY(StoredZip::endsAsArchive(MemoryBytes(whole)));
    }
    void liesAreRefused()
    {
        const auto changed = [](std::size_t offset, const std::string &with) {
            auto bytes = whole;
            bytes.replace(bytes.find("PK\x01\x02") + offset, with.size(), with);
            return bytes;
        };
        EXPECT_ERROR(readOf(changed(10, test::bytesOf(8, 2)), "archive/a"), "compressed");
        EXPECT_ERROR(readOf(changed(8, test::bytesOf(1, 2)), "archive/a"), "encrypted");
        EXPECT_ERROR(readOf(changed(20, std::string(8, '\xee')), "archive/a"), "damaged");
        EXPECT_ERROR(readOf(changed(42, test::bytesOf(0xeeeeeeee, 4)), "archive/a"), "cut short");
        EXPECT_ERROR(readOf(changed(28, test::bytesOf(60000, 2)), "archive/a"), "list of contents");
        auto many = whole;
        many.replace(many.find("PK\x06\x06") + 32, 8, 8, '\xff');
        EXPECT_ERROR(readOf(many, "archive/a"), "list of contents");
        EXPECT_ERROR(readOf(test::zipOf({{"a", "1"}, {"a", "2"}}), "a"), "twice");
    }
};

RETICLE_TEST(StoredZipTest)
#include "StoredZipTest.moc"
