#include "data/Datasets.h"

#include "base/Error.h"
#include "base/ImageWriter.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

class DatasetTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    /// The "data" section of a recipe on 8 slices and a mask.
    Json section(const Json &more = Json::object()) const
    {
        Array images(DType::UInt8, {8, 6, 5}), labels(DType::UInt8, {8, 6, 5});
        for (std::int64_t i = 0; i < images.size(); ++i) {
            images.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
            labels.data<std::uint8_t>()[i] = i % 2 ? 255 : 0;
        }
        writeNpy(m_folder / "images.npy", images);
        writeNpy(m_folder / "labels.npy", labels);
        Json j{{"images", (m_folder / "images.npy").string()}, {"labels", (m_folder / "labels.npy").string()}};
        j.update(more);
        return j;
    }

private Q_SLOTS:
    /// Asked for again it is the same registry, filled once.
    void holdsSegmentation()
    {
        QVERIFY(datasets().contains("segmentation"));
        QCOMPARE(&datasets(), &Registry<DatasetFactory>::instance());
        QCOMPARE(datasets().names(), (std::vector<std::string>{"images", "segmentation"}));
        QCOMPARE(datasets().names(), (std::vector<std::string>{"images", "segmentation"}));
        EXPECT_ERROR(datasets().get("segmentaton", "data.name"),
                     "data.name: expected one of images, segmentation, found \"segmentaton\"");
    }
    void itsSchemaIsThatOfTheOptions()
    {
        const auto &schema = datasets().get("segmentation").schema;
        QVERIFY(schema.toJson() == SegmentationDataOptions::schema().info().toJson());
    }
    void makesTheDataOfASection()
    {
        const auto data = datasets().get("segmentation").factory(section({{"validation-fraction", 0.25}}), 4);
        QCOMPARE(data->slices(), std::int64_t(8));
        QCOMPARE(data->classes(), std::int64_t(2));
        QCOMPARE(data->split().validation.size(), std::size_t(2));
        // The same seed gives the same split; some other gives another.
        bool other = false;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto again = datasets().get("segmentation").factory(section({{"validation-fraction", 0.25}}), seed);
            QVERIFY(seed != 4 || again->split().validation == data->split().validation);
            other = other || again->split().validation != data->split().validation;
        }
        QVERIFY(other);
    }
    void wrongFieldsAreNamedWithTheirSection()
    {
        const auto make = [&](const Json &options) { datasets().get("segmentation").factory(options, 1); };
        EXPECT_ERROR(make(section({{"imges", "x"}})), "data.imges");
        EXPECT_ERROR(make(section({{"imges", "x"}})), "did you mean \"images\"?");
        EXPECT_ERROR(make(section({{"validation-fraction", 2}})), "data.validation-fraction: expected");
        EXPECT_ERROR(make(section({{"scaling", "wide"}})),
                     "data.scaling: expected one of unit, z-score, min-max, found \"wide\"");
        EXPECT_ERROR(make(section({{"context", 1.5}})), "data.context: expected");
        EXPECT_ERROR(make(section({{"validation-slices", {0, -1}}})), "data.validation-slices");
        EXPECT_ERROR(make(Json::array()), "data");
        EXPECT_ERROR(make(Json::object()), "data.images");
        EXPECT_ERROR(make(section({{"labels", ""}})), "data.labels");
        EXPECT_ERROR(make(section({{"images", "/none/there.tif"}})),
                     "/none/there.tif: expected an image, a stack or a folder of slices, found no such file");
    }
    void partsOfGroupsStayThoseOfTheModel()
    {
        const auto table = m_folder / "groups.csv";
        test::writeAll(table, "slice,animal\n0,a\n1,b\n2,c\n3,a\n4,b\n5,c\n6,a\n7,b\n");
        const Json given = section({{"groups", table.string()}, {"test-fraction", 0.25}, {"validation-fraction", 0.25}, {"scaling", "z-score"}});
        const auto trained = datasets().get("segmentation").factory(given, 4);
        const Json description{{"split", trained->split().toJson()}};
        // The table says something else by now, and then it is gone.
        test::writeAll(table, "slice,animal\n0,a\n1,a\n2,a\n3,b\n4,b\n5,b\n6,c\n7,c\n");
        QVERIFY(datasets().get("segmentation").factory(given, 4)->split().toJson() != trained->split().toJson());
        std::filesystem::remove(table);
        const auto again = datasets().get("segmentation").factory(withKeptParts(given, description), 4);
        QVERIFY(again->split().toJson() == trained->split().toJson());
        QVERIFY(again->scaling().toJson() == trained->scaling().toJson());
        // Nothing is changed where there is no table, or no split was kept.
        QVERIFY(withKeptParts(section(), description) == section());
        QVERIFY(withKeptParts(given, Json::object()) == given && withKeptParts(given, Json()) == given);
    }
    void classesOfAModelAreThoseOfItsLabels()
    {
        std::vector<std::string> notes;
        auto known = files::comparedClasses({{0, 1}, {2, 1}}, true, "x");
        known.owner = "run 4";
        const auto data = dataOfClasses(section(), 1, known, notes);
        QCOMPARE(data->target(0).value(1), 1.0);
        QCOMPARE(notes, (std::vector<std::string>{"Labels: The file has the values 0 and 255, and run 4 has 0 and 2. Reticle treats 255 as 2."}));
        writeNpy(m_folder / "one.npy", Array(DType::UInt8, {8, 6, 5}));
        const auto one = dataOfClasses(section({{"labels", (m_folder / "one.npy").string()}}), 1, {}, notes);
        QCOMPARE(one->target(0).value(1), 0.0);
        QVERIFY(!dataOfClasses({{"name", "images"}, {"images", (m_folder / "images.npy").string()}}, 1, known, notes)->hasLabels());
        EXPECT_ERROR(dataOfClasses({{"name", "imges"}}, 1, known, notes), "images");
    }
};

RETICLE_TEST(DatasetTest)
#include "DatasetTest.moc"
