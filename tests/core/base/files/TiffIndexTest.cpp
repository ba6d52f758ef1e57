#include "base/files/TiffIndex.h"

#include "support/MadeTiff.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <limits>

using namespace reticle;
using namespace reticle::files;
using test::MadeTiff;
using Kind = TiffDescription::Kind;

namespace {

/// 3 x 2 grey pixels a page, `pages` of them.
MadeTiff stackOf(int pages, bool bigEndian = false, bool bigTiff = false)
{
    MadeTiff made(bigEndian, bigTiff);
    const auto pixels = made.add("abcdef");
    for (int p = 0; p < pages; ++p)
        made.directory(MadeTiff::grey(3, 2, pixels, 6));
    return made;
}

std::string ome(const std::string &pixels, const std::string &inside = {})
{
    return "<?xml version=\"1.0\"?><OME><Image ID=\"Image:0\"><Pixels ID=\"P\" " + pixels + ">" + inside +
           "</Pixels></Image></OME>";
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
    void tellsTiffsByTheirHeader()
    {
        for (const char *begin : {"II*", "II+"})
            QVERIFY(TiffIndex::isTiff(*file(std::string(begin) + '\0')));
        QVERIFY(TiffIndex::isTiff(*file(std::string("MM\0*", 4))));
        QVERIFY(TiffIndex::isTiff(*file(std::string("MM\0+", 4))));
        for (const auto &begin : {std::string("II*"), std::string("MM*\0", 4), std::string("II\0*", 4),
                                  std::string("IM*\0", 4), std::string("II,\0", 4), std::string("\x89PNG", 4)})
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
        auto tags = MadeTiff::grey(70000, 2, 8, 6, 16);
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
        auto tags = MadeTiff::grey(3, 2, 8, 6);
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
        auto tags = MadeTiff::grey(3, 2, 8, 6);
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
        auto tags = MadeTiff::grey(8, 6, 8, 48), small = MadeTiff::grey(4, 3, 8, 12);
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
        // One that comes first is all there is to show.
        MadeTiff only;
        only.directory(small);
        QCOMPARE(pagesOf(only.bytes), std::int64_t(1));
    }
    void pagesThatDifferAreRefused()
    {
        const auto withSecond = [](const MadeTiff::Tags &tags) {
            MadeTiff made;
            made.directory(MadeTiff::grey(8, 6, 8, 48));
            made.directory(tags);
            return made.bytes;
        };
        const auto refused = [&](const MadeTiff::Tags &tags, const char *sentence) {
            const auto file = this->file(withSecond(tags));
            TiffIndex index(*file);
            QVERIFY(index.page(0));
            EXPECT_ERROR(index.count(), sentence);
        };
        refused(MadeTiff::grey(4, 6, 8, 48),
                "made.tif: expected pages of one size, found page 0 of 8 x 6 and page 1 of 4 x 6; save");
        refused(MadeTiff::grey(8, 6, 8, 48, 16), "page 1 with another number type or other channels than page 0");
        auto tags = MadeTiff::grey(8, 6, 8, 48);
        tags[339] = {MadeTiff::Short, {2}};
        refused(tags, "expected pages of one kind");
        tags = MadeTiff::grey(8, 6, 8, 48);
        tags[277] = {MadeTiff::Short, {3}};
        refused(tags, "expected pages of one kind");
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
    void thousandsOfPagesAreCounted()
    {
        QCOMPARE(pagesOf(stackOf(5000, true).bytes), std::int64_t(5000));
    }
    void chainsWithoutEndAreSeen()
    {
        // Back to the first, to itself, and into the middle of a long chain.
        for (const auto &[pages, target] :
             {std::pair(3, 0), std::pair(1, 0), std::pair(400, 399), std::pair(400, 123)}) {
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
        EXPECT_ERROR(pagesOf(std::string("II*\0\x08\0\0\0\0\0", 10)),
                     "expected the directory of page 0, found 0 entries");
        EXPECT_ERROR(pagesOf(std::string("II*\0\x08\0\0\0\x09\0", 10)), "the directory of page 0 at byte 8");
        std::string big("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", 16);
        big += std::string("\0\0\x01\0\0\0\0\0", 8);
        EXPECT_ERROR(pagesOf(big), "found 65536 entries; the file is damaged");
        std::string whole = stackOf(1).bytes;
        whole.pop_back(); // into the link to the next directory
        EXPECT_ERROR(pagesOf(whole), "it is truncated or damaged");
        EXPECT_ERROR(file(""), "made.tif: expected a picture or a stack, found an empty file");
    }
    void entriesOfOtherTypesArePassedOver()
    {
        MadeTiff made;
        auto tags = MadeTiff::grey(8, 6, 8, 48);
        tags[256] = {MadeTiff::Rational, {8, 1}}; // no type for a width
        tags[257] = {MadeTiff::Long, {}};         // of no values
        made.directory(tags);
        const auto file = this->file(made.bytes);
        TiffIndex index(*file);
        QCOMPARE(index.page(0)->width, std::int64_t(0));
        QCOMPARE(index.page(0)->height, std::int64_t(0));
    }

    void knowsUnitsOfLength()
    {
        QCOMPARE(nanometres("nm"), 1.0);
        QCOMPARE(nanometres("um"), 1e3);
        QCOMPARE(nanometres("\xc2\xb5m"), 1e3);  // micro sign
        QCOMPARE(nanometres("\xce\xbcm"), 1e3);  // Greek mu
        QCOMPARE(nanometres("\\u00B5m"), 1e3);   // as ImageJ writes it
        QCOMPARE(nanometres("micron"), 1e3);
        QCOMPARE(nanometres("mm"), 1e6);
        QCOMPARE(nanometres("inch"), 2.54e7);
        QCOMPARE(nanometres("\xc3\x85"), 0.1);
        QCOMPARE(nanometres("pixel"), 0.0);
        QCOMPARE(nanometres(""), 0.0);
    }
    void readsImageJ()
    {
        const auto d = readDescription(
            "ImageJ=1.53\nimages=24\nchannels=2\nslices=3\nframes=4\nunit=um\nspacing=0.05\nloop=false\n", 1);
        QVERIFY(d.kind == Kind::ImageJ);
        QCOMPARE(d.images, std::int64_t(24));
        QCOMPARE(d.sizeC, std::int64_t(2));
        QCOMPARE(d.sizeZ, std::int64_t(3));
        QCOMPARE(d.sizeT, std::int64_t(4));
        QCOMPARE(d.order, std::string("CZT"));
        QCOMPARE(d.pixelZ, 50.0);
        QCOMPARE(d.unit, 1e3);
        // Numbers that do not fit one another: so many slices.
        for (const char *text :
             {"ImageJ=1\nimages=24\nchannels=5\nslices=5\n", "ImageJ=1\nimages=24\nchannels=9999999999\n",
              "ImageJ=1\nimages=24\nslices=-24\nchannels=0\n", "ImageJ=1\nimages=24"}) {
            const auto odd = readDescription(text, 1);
            QCOMPARE(odd.images, std::int64_t(24));
            QCOMPARE(odd.sizeC * odd.sizeT, std::int64_t(1));
            QCOMPARE(odd.sizeZ, std::int64_t(24));
        }
        QCOMPARE(readDescription("ImageJ=1\nimages=many\nspacing=inf\nunit=um", 1).images, std::int64_t(0));
        QCOMPARE(readDescription("ImageJ=1\nspacing=inf\nunit=um", 1).pixelZ, 0.0);
        // Units that differ from axis to axis.
        const auto units = readDescription("ImageJ=1\nunit=um\nyunit=nm\nzunit=mm\nspacing=0.002", 1);
        QCOMPARE(units.unit, 1e3);
        QCOMPARE(units.unitY, 1.0);
        QCOMPARE(units.pixelZ, 2000.0);
    }
    void readsOme()
    {
        const auto d = readDescription(
            ome("DimensionOrder=\"XYZTC\" SizeC='2' SizeT=\"3\" SizeZ=\"4\" PhysicalSizeX=\"8\" "
                "PhysicalSizeXUnit=\"nm\" PhysicalSizeY=\"0.016\" PhysicalSizeZ=\"0.1\" PhysicalSizeZUnit=\"&#181;m\""),
            1);
        QVERIFY(d.kind == Kind::Ome);
        QCOMPARE(d.images, std::int64_t(24));
        QCOMPARE(d.order, std::string("ZTC"));
        QCOMPARE(d.pixelX, 8.0);
        QCOMPARE(d.pixelY, 16.0); // µm where no unit is said
        QCOMPARE(d.pixelZ, 100.0);
        QVERIFY(d.directory.empty());
        // Colours of one directory are counted in SizeC.
        QCOMPARE(readDescription(ome("SizeC=\"3\" SizeT=\"1\" SizeZ=\"4\""), 3).sizeC, std::int64_t(1));
    }
    /// A sign says in which direction slices run; sizes that nothing has are not known.
    void sizesArePlausible()
    {
        QCOMPARE(plausibleSize(-50), 50.0);
        QCOMPARE(plausibleSize(1e9), 1e9);
        QCOMPARE(plausibleSize(1.001e9), 0.0);
        QCOMPARE(plausibleSize(1e-7), 0.0);
        QCOMPARE(plausibleSize(std::numeric_limits<double>::quiet_NaN()), 0.0);
        QCOMPARE(readDescription("ImageJ=1\nspacing=-50\nunit=nm", 1).pixelZ, 50.0);
        QCOMPARE(readDescription("ImageJ=1\nspacing=2\nunit=m", 1).pixelZ, 0.0);
        const std::string sizes = "SizeC='1' SizeT='1' SizeZ='2' ";
        const auto d = readDescription(ome(sizes + "PhysicalSizeX='4' PhysicalSizeY='-5' PhysicalSizeZ='-0.05'"), 1);
        QCOMPARE(d.pixelX, 4000.0);
        QCOMPARE(d.pixelY, 5000.0);
        QCOMPARE(d.pixelZ, 50.0);
        QCOMPARE(readDescription(ome(sizes + "PhysicalSizeZ='1e7'"), 1).pixelZ, 0.0);
        // One side alone: pixels are square.
        const auto square = readDescription(ome(sizes + "PhysicalSizeX='4'"), 1);
        QCOMPARE(square.pixelX, 4000.0);
        QCOMPARE(square.pixelY, 4000.0);
    }
    void readsWhereOmePlanesLie()
    {
        const std::string sizes = "DimensionOrder=\"XYCZT\" SizeC=\"2\" SizeT=\"1\" SizeZ=\"2\"";
        using Directories = std::vector<std::int64_t>;
        QCOMPARE(readDescription(ome(sizes, "<TiffData IFD=\"0\" PlaneCount=\"4\"/>"), 1).directory,
                 (Directories{0, 1, 2, 3}));
        QCOMPARE(readDescription(ome(sizes, "<TiffData IFD=\"2\" FirstC=\"0\" FirstZ=\"0\" PlaneCount=\"2\"/>"
                                            "<TiffData IFD=\"0\" FirstC=\"0\" FirstZ=\"1\" PlaneCount=\"2\"/>"),
                                 1)
                     .directory,
                 (Directories{2, 3, 0, 1}));
        QCOMPARE(readDescription(ome(sizes, "<TiffData/>"), 1).directory, (Directories{0, 1, 2, 3}));
        // A plane that no element tells of: none is believed.
        QVERIFY(readDescription(ome(sizes, "<TiffData IFD=\"1\"/>"), 1).directory.empty());
        // Planes beyond the sizes are passed over.
        QVERIFY(
            readDescription(ome(sizes, "<TiffData IFD=\"0\" FirstZ=\"7\" PlaneCount=\"4\"/>"), 1).directory.empty());
        // Elements behind the first image's are another image's.
        const auto two = readDescription(ome(sizes, "<TiffData IFD=\"0\" PlaneCount=\"4\"/>") +
                                             ome(sizes, "<TiffData IFD=\"4\" PlaneCount=\"4\"/>"),
                                         1);
        QCOMPARE(two.directory, (Directories{0, 1, 2, 3}));
    }
    void nonsenseInDescriptionsIsPassedOver()
    {
        // Only the three axes, once each, are an order.
        for (const char *order : {"XYQQQ", "XYZZT", "XYC", "", "CZTXY"})
            QCOMPARE(
                readDescription(ome("DimensionOrder=\"" + std::string(order) + "\" SizeT=\"2\" SizeZ=\"2\""), 1).order,
                std::string("CZT"));
        const auto huge = readDescription(ome("SizeC=\"70000\" SizeT=\"2000000000\" SizeZ=\"2000000000\""), 1);
        QCOMPARE(huge.sizeC * huge.sizeZ * huge.sizeT, std::int64_t(1));
        QCOMPARE(huge.images, std::int64_t(0));
        QVERIFY(readDescription("<OME><Pixels SizeZ=\"3", 1).kind == Kind::Ome); // without an end
        QVERIFY(readDescription("<OME>", 1).kind == Kind::None);
        QVERIFY(readDescription("", 1).kind == Kind::None);
        QVERIFY(readDescription("a note of mine: ImageJ=1.53", 1).kind == Kind::None);
    }
    void readsShapes()
    {
        QCOMPARE(readDescription("{\"shape\": [7, 5, 6]}", 1).images, std::int64_t(7));
        QVERIFY(readDescription("{\"shape\": [7, 5, 6]}", 1).kind == Kind::Shaped);
        QCOMPARE(readDescription("{\"shape\": [5, 6]}", 1).images, std::int64_t(0));
        QCOMPARE(readDescription("{\"shape\": [-7, 5, 6]}", 1).images, std::int64_t(0));
        QVERIFY(readDescription("{\"shape\": [7, 5", 1).kind == Kind::None);
    }
};

RETICLE_TEST(TiffIndexTest)
#include "TiffIndexTest.moc"
