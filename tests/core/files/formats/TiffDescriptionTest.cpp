#include "files/formats/TiffDescription.h"

#include "support/Test.h"

#include <limits>

using namespace reticle;
using namespace reticle::files;
using Kind = TiffDescription::Kind;
using Place = TiffDescription::Place;

namespace {

std::string ome(const std::string &pixels, const std::string &inside = {})
{
    return "<?xml version=\"1.0\"?><OME><Image ID=\"Image:0\"><Pixels ID=\"P\" " + pixels + ">" + inside +
           "</Pixels></Image></OME>";
}

/// A TiffData element of one plane in a named file.
std::string in(const std::string &file, int t, int ifd = 0, const std::string &uuid = "urn:uuid:x")
{
    return "<TiffData FirstT=\"" + std::to_string(t) + "\" IFD=\"" + std::to_string(ifd) +
           "\" PlaneCount=\"1\"><UUID FileName=\"" + file + "\">" + uuid + "</UUID></TiffData>";
}

} // namespace

class TiffDescriptionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsUnitsOfLength()
    {
        QCOMPARE(nanometres("nm"), 1.0);
        QCOMPARE(nanometres("um"), 1e3);
        QCOMPARE(nanometres("\xc2\xb5m"), 1e3); // micro sign
        QCOMPARE(nanometres("\xce\xbcm"), 1e3); // Greek mu
        QCOMPARE(nanometres("\\u00B5m"), 1e3);  // as ImageJ writes it
        QCOMPARE(nanometres("micron"), 1e3);
        QCOMPARE(nanometres("mm"), 1e6);
        QCOMPARE(nanometres("inch"), 2.54e7);
        QCOMPARE(nanometres("\xc3\x85"), 0.1);
        QCOMPARE(nanometres("pixel"), 0.0);
        QCOMPARE(nanometres(""), 0.0);
    }
    void readsImageJ()
    {
        const auto d =
            readDescription("ImageJ=1.53\nimages=24\nchannels=2\nslices=3\nframes=4\nunit=um\nspacing=0.05\nloop=false\n", 1);
        QVERIFY(d.kind == Kind::ImageJ);
        QCOMPARE(d.images, std::int64_t(24));
        QCOMPARE(d.sizeC, std::int64_t(2));
        QCOMPARE(d.sizeZ, std::int64_t(3));
        QCOMPARE(d.sizeT, std::int64_t(4));
        QCOMPARE(d.order, std::string("CZT"));
        QCOMPARE(d.pixelZ, 50.0);
        QCOMPARE(d.unit, 1e3);
        // Numbers that do not fit one another: so many slices.
        for (const char *text : {"ImageJ=1\nimages=24\nchannels=5\nslices=5\n", "ImageJ=1\nimages=24\nchannels=9999999999\n",
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
        QVERIFY(d.places.empty());
        // Colors of one directory are counted in SizeC.
        QCOMPARE(readDescription(ome("SizeC=\"3\" SizeT=\"1\" SizeZ=\"4\""), 3).sizeC, std::int64_t(1));
    }
    void readsWhoseProbabilityItIs()
    {
        const std::string key = std::string("ImageJ=1\n") + probabilityClassKey + "=";
        QCOMPARE(readDescription(key + "0\n", 1).probabilityClass, std::int64_t(0));
        QCOMPARE(readDescription(key + "254", 1).probabilityClass, std::int64_t(254));
        for (const char *other : {"", "-1", "255", "1.5", "1 ", "one"})
            QCOMPARE(readDescription(key + other, 1).probabilityClass, std::int64_t(-1));
        const auto annotated = [](const std::string &nameSpace, const std::string &value) {
            return "<OME><Image><Pixels SizeC='1' SizeZ='2' SizeT='1'/></Image><StructuredAnnotations><LongAnnotation ID='A' "
                   "Namespace='" +
                   nameSpace + "'><Value>" + value +
                   "</Value></LongAnnotation><LongAnnotation ID='B' Namespace='other'><Value>7</Value>"
                   "</LongAnnotation></StructuredAnnotations></OME>";
        };
        const auto d = readDescription(annotated(probabilityClassNamespace, "2"), 1);
        QCOMPARE(d.probabilityClass, std::int64_t(2));
        QCOMPARE(d.sizeZ, std::int64_t(2));
        QCOMPARE(readDescription(annotated(probabilityClassNamespace, "many"), 1).probabilityClass, std::int64_t(-1));
        QCOMPARE(readDescription(annotated("another", "2"), 1).probabilityClass, std::int64_t(-1));
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
        const auto directories = [](const TiffDescription &d) {
            Directories all;
            for (const auto &p : d.places)
                all.push_back(p.file == 0 ? p.directory : -1);
            return all;
        };
        QCOMPARE(directories(readDescription(ome(sizes, "<TiffData IFD=\"0\" PlaneCount=\"4\"/>"), 1)),
                 (Directories{0, 1, 2, 3}));
        QCOMPARE(directories(readDescription(ome(sizes, "<TiffData IFD=\"0\" NumPlanes=\"4\"/>"), 1)), (Directories{0, 1, 2, 3}));
        QCOMPARE(directories(readDescription(ome(sizes, "<TiffData IFD=\"2\" FirstC=\"0\" FirstZ=\"0\" PlaneCount=\"2\"/>"
                                                        "<TiffData IFD=\"0\" FirstC=\"0\" FirstZ=\"1\" PlaneCount=\"2\"/>"),
                                             1)),
                 (Directories{2, 3, 0, 1}));
        QCOMPARE(directories(readDescription(ome(sizes, "<TiffData/>"), 1)), (Directories{0, 1, 2, 3}));
        // A plane that no element tells of: none is believed.
        QVERIFY(readDescription(ome(sizes, "<TiffData IFD=\"1\"/>"), 1).places.empty());
        // Planes beyond the sizes are passed over.
        QVERIFY(readDescription(ome(sizes, "<TiffData IFD=\"0\" FirstZ=\"7\" PlaneCount=\"4\"/>"), 1).places.empty());
        // Elements behind the first image's are another image's.
        const auto two = readDescription(
            ome(sizes, "<TiffData IFD=\"0\" PlaneCount=\"4\"/>") + ome(sizes, "<TiffData IFD=\"4\" PlaneCount=\"4\"/>"), 1);
        QCOMPARE(directories(two), (Directories{0, 1, 2, 3}));
        QCOMPARE(two.series, std::int64_t(2));
    }
    void nonsenseInDescriptionsIsPassedOver()
    {
        // Only the three axes, once each, are an order.
        for (const char *order : {"XYQQQ", "XYZZT", "XYC", "", "CZTXY"})
            QCOMPARE(readDescription(ome("DimensionOrder=\"" + std::string(order) + "\" SizeT=\"2\" SizeZ=\"2\""), 1).order,
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
    /// All axes before those of a page count pages, wherever "shape" is among the other keys.
    void shapesOfAnyKind()
    {
        const auto pages = [](const char *shape, std::int64_t samples) {
            const auto d =
                readDescription(std::string("{\"axes\": \"?\", \"truncated\": true, \"shape\": ") + shape + "}", samples);
            return d.kind == Kind::Shaped ? d.images : -1;
        };
        QCOMPARE(pages("[3, 37, 53]", 1), std::int64_t(3));
        QCOMPARE(pages("[2, 3, 37, 53]", 1), std::int64_t(6));
        QCOMPARE(pages("[4, 37, 53, 1]", 1), std::int64_t(4));
        QCOMPARE(pages("[4, 37, 53, 3]", 3), std::int64_t(4));
        QCOMPARE(pages("[2, 4, 3, 37, 53]", 3), std::int64_t(8));
        // One page, and shapes that are not of such pages.
        QCOMPARE(pages("[37, 53]", 1), std::int64_t(0));
        QCOMPARE(pages("[1, 37, 53]", 1), std::int64_t(0));
        QCOMPARE(pages("[37, 53, 3]", 3), std::int64_t(0));
        QCOMPARE(pages("[4, 37, 53, 5]", 3), std::int64_t(0));
        QCOMPARE(pages("[0, 37, 53]", 1), std::int64_t(0));
        QCOMPARE(pages("[2.5, 37, 53]", 1), std::int64_t(0));
        QCOMPARE(pages("[65536, 65536, 37, 53]", 1), std::int64_t(0));
        QCOMPARE(pages("[18446744073709551615, 3, 37, 53]", 1), std::int64_t(0));
        QCOMPARE(pages("\"3, 37, 53\"", 1), std::int64_t(-1));
    }
    void readsWhichFileAPlaneIsIn()
    {
        const std::string sizes = "DimensionOrder=\"XYCZT\" SizeC=\"1\" SizeT=\"3\" SizeZ=\"1\"";
        const auto xml = ome(sizes, in("t0.ome.tif", 0) + in("t1.ome.tif", 1) + in("t2.ome.tif", 2));
        const auto d = readDescription(xml, 1, "t1.ome.tif");
        QCOMPARE(d.files, (std::vector<std::string>{"", "t0.ome.tif", "t2.ome.tif"}));
        QVERIFY((d.places == std::vector<Place>{{1, 0}, {0, 0}, {2, 0}}));
        // Of the file alone.
        const auto alone = d.ofThisFileAlone();
        QVERIFY((alone.places == std::vector<Place>{{0, 0}}));
        QCOMPARE(alone.sizeT * alone.sizeZ * alone.sizeC, std::int64_t(1));
        QCOMPARE(alone.images, std::int64_t(1));
        // Two planes of one place: the metadata says nothing that could be used.
        QVERIFY(readDescription(ome(sizes, in("a", 0) + in("a", 1) + in("b", 2)), 1, "a").places.empty());
        QVERIFY(!readDescription(ome(sizes, in("a", 0) + in("a", 1, 1) + in("b", 2)), 1, "a").places.empty());
        // No plane here, as in a file of metadata only.
        QVERIFY((readDescription(xml, 1, "other.tif").places == std::vector<Place>{{1, 0}, {2, 0}, {3, 0}}));
        QVERIFY(readDescription(xml, 1, "other.tif").ofThisFileAlone().places.empty());
    }
    void aFileIsKnownByItsUuidUnderAnotherName()
    {
        const std::string sizes = "SizeC=\"1\" SizeT=\"2\" SizeZ=\"1\"";
        const auto pixels = in("old.tif", 0, 0, "urn:uuid:1") + in("b.tif", 1, 0, "urn:uuid:2");
        auto xml = ome(sizes, pixels);
        xml.replace(xml.find("<OME>"), 5, "<OME UUID=\"urn:uuid:1\">");
        QVERIFY((readDescription(xml, 1, "new.tif").places == std::vector<Place>{{0, 0}, {1, 0}}));
        QCOMPARE(uuidOf(xml), std::string("urn:uuid:1"));
        // The name counts for more: a copy in which the UUID was kept.
        QVERIFY((readDescription(xml, 1, "b.tif").places == std::vector<Place>{{1, 0}, {0, 0}}));
        // In metadata of a companion, by the UUID that the file itself states.
        QVERIFY((readDescription(ome(sizes, pixels), 1, "new.tif", "urn:uuid:2").places == std::vector<Place>{{1, 0}, {0, 0}}));
    }
    /// Metadata leads to no other folder.
    void foldersInNamesAreLeftOut()
    {
        const std::string sizes = "SizeC=\"1\" SizeT=\"4\" SizeZ=\"1\"";
        const auto d = readDescription(
            ome(sizes, in("/etc/a.tif", 0) + in("../b.tif", 1) + in("C:\\data\\c.tif", 2) + in("..", 3)), 1, "b.tif");
        QCOMPARE(d.files, (std::vector<std::string>{"", "a.tif", "c.tif", "urn:uuid:x"}));
        const auto companion = readDescription("<OME><BinaryOnly MetadataFile=\"../../x.companion.ome\" UUID=\"u\"/></OME>", 1);
        QCOMPARE(companion.metadataFile, std::string("x.companion.ome"));
        QVERIFY(companion.kind == Kind::Ome && companion.images == 0);
    }
    /// Elements without a number of planes reach to the next one, in whatever order they come.
    void piecesReachAsFarAsTheyMay()
    {
        const std::string sizes = "DimensionOrder=\"XYZCT\" SizeC=\"1\" SizeT=\"2\" SizeZ=\"3\"";
        const std::string first = "<TiffData FirstT=\"0\"><UUID FileName=\"a\">1</UUID></TiffData>",
                          second = "<TiffData FirstT=\"1\"><UUID FileName=\"b\">2</UUID></TiffData>";
        for (const auto &pieces : {first + second, second + first}) {
            const auto d = readDescription(ome(sizes, pieces), 1, "a");
            QVERIFY((d.places == std::vector<Place>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
        }
        // Alone, its axes stay.
        const auto alone = readDescription(ome(sizes, first + second), 1, "b").ofThisFileAlone();
        QCOMPARE(alone.sizeZ, std::int64_t(3));
        QCOMPARE(alone.sizeT, std::int64_t(1));
        QVERIFY((alone.places == std::vector<Place>{{0, 0}, {0, 1}, {0, 2}}));
    }
    void planesThatFillNoBoxAreOneAfterTheOther()
    {
        const std::string sizes = "DimensionOrder=\"XYZCT\" SizeC=\"1\" SizeT=\"2\" SizeZ=\"2\"";
        const auto piece = [](int z, int t, int ifd, const char *file) {
            return "<TiffData FirstZ=\"" + std::to_string(z) + "\" FirstT=\"" + std::to_string(t) + "\" IFD=\"" +
                   std::to_string(ifd) + "\"><UUID FileName=\"" + file + "\"/></TiffData>";
        };
        const auto d = readDescription(
            ome(sizes, piece(0, 0, 0, "a") + piece(1, 0, 0, "b") + piece(0, 1, 1, "b") + piece(1, 1, 1, "a")), 1, "a");
        QCOMPARE(d.places.size(), std::size_t(4));
        const auto alone = d.ofThisFileAlone();
        QCOMPARE(alone.sizeZ, std::int64_t(2));
        QCOMPARE(alone.sizeT, std::int64_t(1));
        QVERIFY((alone.places == std::vector<Place>{{0, 0}, {0, 1}}));
    }
    /// Sets of several files repeat the metadata of all in each.
    void theImageInThisFileIsMeant()
    {
        const auto image = [](const char *file, int z) {
            return "<Image><Pixels SizeC='1' SizeT='1' SizeZ='" + std::to_string(z) + "'><TiffData><UUID FileName='" + file +
                   "'/></TiffData></Pixels></Image>";
        };
        const auto xml = "<OME>" + image("a.tif", 2) + image("b.tif", 5) + "</OME>";
        QCOMPARE(readDescription(xml, 1, "a.tif").sizeZ, std::int64_t(2));
        QCOMPARE(readDescription(xml, 1, "b.tif").sizeZ, std::int64_t(5));
        QCOMPARE(readDescription(xml, 1, "c.tif").sizeZ, std::int64_t(2));
        QCOMPARE(readDescription(xml, 1, "b.tif").series, std::int64_t(2));
    }
    void significantBits()
    {
        QCOMPARE(readDescription(ome("SizeC='1' SizeT='1' SizeZ='1' SignificantBits='12'"), 1).significantBits, 12);
        QCOMPARE(readDescription(ome("SizeC='1' SizeT='1' SizeZ='1' SignificantBits='many'"), 1).significantBits, 0);
    }
    void slidesOfAperioAreKnown()
    {
        QVERIFY(readDescription("Aperio Image Library v11.2.1\r\n46000x32914 [0,100 46000x32814]", 3).kind == Kind::Aperio);
    }
    /// Broken tags by the thousand are read in one pass; what they announce is not believed.
    void metadataWithoutEndTakesNoTime()
    {
        const std::string sizes = "SizeC='1' SizeT='1000' SizeZ='1000'";
        for (const std::string &one : {"<TiffData PlaneCount='1000000' IFD='0'/>", "<TiffData ", "<TiffData a=", "<UUID>",
                                       "<a:", "< ", "<TiffData a='", "</"}) {
            std::string all;
            while (all.size() < 300000)
                all += one;
            readDescription(ome(sizes, all), 1);
        }
        QVERIFY(readDescription(ome("SizeC='1' SizeT='4000' SizeZ='2000'", "<TiffData/>"), 1).places.empty());
    }
};

RETICLE_TEST(TiffDescriptionTest)
#include "TiffDescriptionTest.moc"
