#include "files/formats/TiffIndex.h"

#include "support/MadeTiff.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::files;
using test::MadeTiff;

namespace {

/// 3 x 2 gray pixels a page, `pages` of them.
MadeTiff stackOf(int pages, bool bigEndian = false, bool bigTiff = false)
{
    MadeTiff made(bigEndian, bigTiff);
    const auto pixels = made.add("abcdef");
    for (int p = 0; p < pages; ++p)
        made.directory(MadeTiff::gray(3, 2, pixels, 6));
    return made;
}

} // namespace

class TiffIndexTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    /// A file of these bytes, to be read.
    std::unique_ptr<RandomFile> file(const std::string &bytes) const
    {
        test::writeAll(m_folder / "made.tif", bytes);
        return std::make_unique<RandomFile>(m_folder / "made.tif");
    }
    std::int64_t pagesOf(const std::string &bytes) const
    {
        const auto made = file(bytes);
        return TiffIndex(*made).count();
    }

private Q_SLOTS:
    void pagesStayWhereTheyAreAsMoreAreFound()
    {
        const auto made = file(stackOf(300).bytes);
        TiffIndex index(*made);
        const auto *first = index.page(0);
        QCOMPARE(index.count(), std::int64_t(300));
        QCOMPARE(index.page(0), first);
        QCOMPARE(first->width, std::int64_t(3));
    }
    void tellsTiffsByTheirHeader()
    {
        for (const char *begin : {"II*", "II+"})
            QVERIFY(TiffIndex::isTiff(*file(std::string(begin) + '\0')));
        QVERIFY(TiffIndex::isTiff(*file(std::string("MM\0*", 4))));
        QVERIFY(TiffIndex::isTiff(*file(std::string("MM\0+", 4))));
        for (const auto &begin : {std::string("II*"), std::string("MM*\0", 4), std::string("II\0*", 4), std::string("IM*\0", 4),
                                  std::string("II,\0", 4), std::string("\x89PNG", 4)})
            QVERIFY(!TiffIndex::isTiff(*file(begin)));
    }

    void readsBothByteOrdersAndOffsetsOfEitherSize_data()
    {
        QTest::addColumn<bool>("bigEndian");
        QTest::addColumn<bool>("bigTiff");
        for (const bool e : {false, true})
            for (const bool b : {false, true})
                QTest::addRow("%s %s", e ? "MM" : "II", b ? "BigTIFF" : "TIFF") << e << b;
    }
    void readsBothByteOrdersAndOffsetsOfEitherSize()
    {
        QFETCH(bool, bigEndian);
        QFETCH(bool, bigTiff);
        MadeTiff made(bigEndian, bigTiff);
        auto tags = MadeTiff::gray(70000, 2, 8, 6, 16);
        tags[257] = {MadeTiff::Short, {513}};
        tags[277] = {MadeTiff::Short, {1}};
        tags[339] = {MadeTiff::Short, {2}};
        const auto first = made.directory(tags);
        const auto second = made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.bigEndian(), bigEndian);
        QCOMPARE(index.bigTiff(), bigTiff);
        const TiffDirectory *d = index.page(0);
        QVERIFY(d);
        QCOMPARE(d->offset, first);
        QCOMPARE(d->next, second);
        QCOMPARE(d->width, std::int64_t(70000));
        QCOMPARE(d->height, std::int64_t(513));
        QCOMPARE(d->bits, 16);
        QCOMPARE(d->format, 2);
        QCOMPARE(d->samples, std::int64_t(1));
        QVERIFY(!d->reduced);
        QCOMPARE(index.count(), std::int64_t(2));
        QVERIFY(!index.page(2));
        QCOMPARE(index.page(1)->next, std::uint64_t(0));
    }
    void samplesToldOneByOneAreNotLookedUp()
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(3, 2, 8, 6);
        tags[258] = {MadeTiff::Short, {8, 8, 8}};
        tags[277] = {MadeTiff::Short, {3}};
        made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.page(0)->bits, 0);
        QCOMPARE(index.page(0)->samples, std::int64_t(3));
    }
    /// Private tags by the hundred: more than the first read of a directory holds.
    void longDirectoriesAreReadWhole()
    {
        MadeTiff made(true);
        auto tags = MadeTiff::gray(3, 2, 8, 6);
        for (int i = 0; i < 300; ++i)
            tags[60000 + i] = {MadeTiff::Long, {7}};
        const auto first = made.directory(tags);
        made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.page(0)->offset, first);
        QCOMPARE(index.count(), std::int64_t(2));
    }

    void thumbnailsAndMasksAreNoPages()
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(8, 6, 8, 48), small = MadeTiff::gray(4, 3, 8, 12);
        made.directory(tags);
        for (const int kind : {1, 4, 5}) {
            small[254] = {MadeTiff::Long, {static_cast<std::uint64_t>(kind)}};
            made.directory(small);
        }
        tags[254] = {MadeTiff::Long, {2}}; // a page of several
        const auto second = made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.count(), std::int64_t(2));
        QCOMPARE(index.page(1)->offset, second);
        // One that comes first is passed over too, but where it is all there is to show.
        MadeTiff only;
        only.directory(small);
        QCOMPARE(pagesOf(only.bytes), std::int64_t(1));
        only.directory(small);
        QCOMPARE(pagesOf(only.bytes), std::int64_t(1));
        only.directory(MadeTiff::gray(8, 6, 8, 48));
        const auto later = this->file(only.bytes);
        TiffIndex afterwards(*later);
        QCOMPARE(afterwards.count(), std::int64_t(1));
        QCOMPARE(afterwards.page(0)->width, std::int64_t(8));
        QCOMPARE(afterwards.page(0)->ordinal, std::int64_t(2));
    }
    void pagesThatDifferAreRefused()
    {
        const auto withSecond = [](const MadeTiff::Tags &tags) {
            MadeTiff made;
            made.directory(MadeTiff::gray(8, 6, 8, 48));
            made.directory(tags);
            return made.bytes;
        };
        const auto refused = [&](const MadeTiff::Tags &tags, const char *sentence) {
            const auto file = this->file(withSecond(tags));
            TiffIndex index(*file);
            QVERIFY(index.page(0));
            EXPECT_ERROR(index.count(), sentence);
        };
        refused(MadeTiff::gray(4, 6, 8, 48),
                "made.tif: expected pages of one size, found page 0 of 8 x 6 and page 1 of 4 x 6; save");
        refused(MadeTiff::gray(8, 6, 8, 48, 16), "page 1 with another number type or other channels than page 0");
        auto tags = MadeTiff::gray(8, 6, 8, 48);
        tags[339] = {MadeTiff::Short, {2}};
        refused(tags, "expected pages of one kind");
        tags = MadeTiff::gray(8, 6, 8, 48);
        tags[277] = {MadeTiff::Short, {3}};
        refused(tags, "expected pages of one kind");
    }

    /// Pages are compared as they are seen: a page stored sideways is as large as one that is not.
    void orientationsAreRead()
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(8, 6, 8, 48), sideways = MadeTiff::gray(6, 8, 8, 48);
        made.directory(tags);
        for (const int o : {5, 6, 7, 8}) {
            sideways[274] = {MadeTiff::Short, {static_cast<std::uint64_t>(o)}};
            made.directory(sideways);
        }
        tags[274] = {MadeTiff::Short, {3}};
        made.directory(tags);
        tags[274] = {MadeTiff::Short, {9}}; // means nothing
        made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.count(), std::int64_t(7));
        QCOMPARE(index.page(2)->orientation, 6);
        QCOMPARE(index.page(2)->uprightWidth(), std::int64_t(8));
        QCOMPARE(index.page(5)->orientation, 3);
        QCOMPARE(index.page(6)->orientation, 1);
        made.directory(sideways); // 8 x 6 again
        sideways[274] = {MadeTiff::Short, {1}};
        made.directory(sideways);
        EXPECT_ERROR(pagesOf(made.bytes), "page 0 of 8 x 6 and page 8 of 6 x 8");
    }

    void onlyWhatIsAskedForIsRead()
    {
        // After 3,000 pages the chain leads out of the file.
        MadeTiff made = stackOf(3000);
        made.linkTo(1u << 30);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QVERIFY(index.page(2999));
        QCOMPARE(index.page(2999)->width, std::int64_t(3));
        EXPECT_ERROR(index.page(3000),
                     "made.tif: expected the directory of page 3000 at byte 1073741824, found a file that ends");
        EXPECT_ERROR(index.count(), "it is truncated or damaged");
        QVERIFY(index.page(17)); // what was read stays
    }
    void thousandsOfPagesAreCounted() { QCOMPARE(pagesOf(stackOf(5000, true).bytes), std::int64_t(5000)); }
    void chainsWithoutEndAreSeen()
    {
        // Back to the first, to itself, and into the middle of a long chain.
        for (const auto &[pages, target] : {std::pair(3, 0), std::pair(1, 0), std::pair(400, 399), std::pair(400, 123)}) {
            MadeTiff made = stackOf(pages);
            const auto whole = this->file(made.bytes);
            made.linkTo(TiffIndex(*whole).page(0)->offset + static_cast<std::uint64_t>(target) * (2 + 8 * 12 + 4));
            EXPECT_ERROR(pagesOf(made.bytes), "made.tif: expected a chain of pages that ends");
        }
    }
    void brokenDirectoriesAreRefused()
    {
        EXPECT_ERROR(pagesOf("II*"), "expected a TIFF header at byte 0, found a file that ends at byte 3");
        EXPECT_ERROR(pagesOf(std::string("II+\0\x08\0\0\0\x10", 9)), "a BigTIFF header");
        EXPECT_ERROR(pagesOf(std::string("II*\0\0\0\0\0", 8)), "expected a TIFF with at least one page, found none");
        EXPECT_ERROR(pagesOf(std::string("II*\0\x63\0\0\0", 8)), "the directory of page 0 at byte 99");
        EXPECT_ERROR(pagesOf(std::string("II*\0\x08\0\0\0\0\0", 10)), "expected the directory of page 0, found 0 entries");
        EXPECT_ERROR(pagesOf(std::string("II*\0\x08\0\0\0\x09\0", 10)), "the directory of page 0 at byte 8");
        std::string big("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", 16);
        big += std::string("\0\0\x01\0\0\0\0\0", 8);
        EXPECT_ERROR(pagesOf(big), "found 65536 entries; the file is damaged");
        std::string whole = stackOf(1).bytes;
        whole.pop_back(); // into the link to the next directory
        EXPECT_ERROR(pagesOf(whole), "it is truncated or damaged");
        EXPECT_ERROR(file(""), "made.tif: expected an image or a stack, found an empty file");
    }
    void entriesOfOtherTypesArePassedOver()
    {
        MadeTiff made;
        auto tags = MadeTiff::gray(8, 6, 8, 48);
        tags[256] = {MadeTiff::Rational, {8, 1}}; // no type for a width
        tags[257] = {MadeTiff::Long, {}};         // of no values
        made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.page(0)->width, std::int64_t(0));
        QCOMPARE(index.page(0)->height, std::int64_t(0));
    }
};

RETICLE_TEST(TiffIndexTest)
#include "TiffIndexTest.moc"
