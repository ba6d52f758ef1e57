#include "data/ImageInputs.h"

#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "project/Recipe.h"
#include "support/OpenData.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>

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
    /// Each registered by its own file; "numbers" by DataKindTest.cpp.
    void holdsTheKindsOfImages()
    {
        const auto &kinds = Registry<DataKind>::instance();
        QCOMPARE(kinds.names(), (std::vector<std::string>{"images", "numbers", "segmentation", "table"}));
        EXPECT_ERROR(openDataset(Recipe(Json{{"data", {{"name", "segmentaton"}}}})),
                     "data.name: expected one of images, numbers, segmentation, table, found \"segmentaton\"");
        QCOMPARE(kinds.get("images").factory.tasks, (std::vector<std::string>{"reconstruction"}));
        QCOMPARE(kinds.get("segmentation").factory.tasks, (std::vector<std::string>{"segmentation", "reconstruction"}));
    }
    void itsSchemaIsThatOfTheOptions()
    {
        const auto &schema = Registry<DataKind>::instance().get("segmentation").schema;
        QVERIFY(schema.toJson() == SegmentationDataOptions::schema().info().toJson());
    }
    /// Recipes of old have data without a name.
    void dataWithoutANameAreASegmentation()
    {
        const auto data = openDataset(Recipe(Json{{"seed", 4}, {"data", section()}}));
        QCOMPARE(data->kind(), std::string("segmentation"));
        QVERIFY(data->split().toJson() == test::openData("segmentation", section(), 4)->split().toJson());
        QVERIFY(imagesOf(data)->hasLabels());
    }
    void examplesAreNamedArrays()
    {
        const auto data = openDataset(Recipe(Json{{"data", section({{"context", 1}})}}));
        QCOMPARE(data->size(), std::int64_t(8));
        QCOMPARE(data->exampleNoun(), std::string("slice"));
        QVERIFY(data->nameOf(3).find("labels.npy") != std::string::npos);
        const auto &specs = data->specs();
        QCOMPARE(specs.size(), std::size_t(2));
        QVERIFY(specs[0].name == "image" && specs[0].dtype == DType::Float32);
        QCOMPARE(specs[0].shape, (std::vector<std::int64_t>{3, 6, 5}));
        QVERIFY(specs[1].name == "labels" && specs[1].dtype == DType::UInt8);
        QCOMPARE(specs[1].shape, (std::vector<std::int64_t>{6, 5}));
        QCOMPARE(specs[1].categories, imagesOf(data)->classNames());
        const auto example = data->example(3);
        QCOMPARE(example.size(), std::size_t(2));
        for (const auto &spec : specs)
            QVERIFY(example.at(spec.name).shape() == spec.shape && example.at(spec.name).dtype() == spec.dtype);
        QVERIFY(example.at("image") == imagesOf(data)->image(3) && example.at("labels") == imagesOf(data)->target(3));
        const Json preparation = data->preparation();
        QVERIFY(preparation.at("scaling") == imagesOf(data)->scalingWithSpan().toJson());
        QVERIFY(preparation.at("labels") == imagesOf(data)->labelClasses().toJson());
        const auto alone =
            openDataset(Recipe(Json{{"data", {{"name", "images"}, {"images", (m_folder / "images.npy").string()}}}}));
        QCOMPARE(alone->kind(), std::string("images"));
        QVERIFY(alone->specs().size() == 1 && alone->example(0).size() == 1 && !alone->preparation().contains("labels"));
    }
    /// What a form needs to know before anything is read.
    void headersSayWhatExamplesHold()
    {
        const auto &kinds = Registry<DataKind>::instance();
        const auto same = [](const std::vector<ArraySpec> &a, const std::vector<ArraySpec> &b) {
            return std::ranges::equal(a, b, [](const ArraySpec &x, const ArraySpec &y) {
                return x.name == y.name && x.dtype == y.dtype && x.shape == y.shape;
            });
        };
        const Json labeled = section({{"context", 2}}), alone{{"images", labeled.at("images")}};
        QVERIFY(same(kinds.get("segmentation").factory.probe(labeled), test::openData("segmentation", labeled, 1)->specs()));
        QVERIFY(same(kinds.get("images").factory.probe(alone), test::openData("images", alone, 1)->specs()));
        EXPECT_ERROR(kinds.get("images").factory.probe({{"images", "/none/there.tif"}}), "/none/there.tif");
    }
    void inputsAreDescribedByTheirKind()
    {
        const Json data = section();
        const auto &describe = Registry<DataKind>::instance().get("segmentation").factory.describeInput;
        const auto images = describe("images", data.at("images"));
        QVERIFY(images.description.is_object() && !images.subfolders);
        test::writeAll(m_folder / "table.csv", "slice,animal\n0,a\n1,b\n");
        QVERIFY(describe("groups", (m_folder / "table.csv").string()).description == groupTableInfo(m_folder / "table.csv"));
        EXPECT_ERROR(describe("labels", "/none/there.tif"), "/none/there.tif");
    }
    void makesTheDataOfASection()
    {
        const auto data = test::openData("segmentation", section({{"validation-fraction", 0.25}}), 4);
        QCOMPARE(data->slices(), std::int64_t(8));
        QCOMPARE(data->classes(), std::int64_t(2));
        QCOMPARE(data->split().validation.size(), std::size_t(2));
        // The same seed gives the same split; some other gives another.
        bool other = false;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto again = test::openData("segmentation", section({{"validation-fraction", 0.25}}), seed);
            QVERIFY(seed != 4 || again->split().validation == data->split().validation);
            other = other || again->split().validation != data->split().validation;
        }
        QVERIFY(other);
    }
    void wrongFieldsAreNamedWithTheirSection()
    {
        const auto make = [&](const Json &options) { test::openData("segmentation", options, 1); };
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
        const Json given =
            section({{"groups", table.string()}, {"test-fraction", 0.25}, {"validation-fraction", 0.25}, {"scaling", "z-score"}});
        const auto trained = test::openData("segmentation", given, 4);
        const Json description{{"split", trained->split().toJson()}};
        // The table says something else by now, and then it is gone.
        test::writeAll(table, "slice,animal\n0,a\n1,a\n2,a\n3,b\n4,b\n5,b\n6,c\n7,c\n");
        QVERIFY(test::openData("segmentation", given, 4)->split().toJson() != trained->split().toJson());
        std::filesystem::remove(table);
        const auto again = test::openData("segmentation", withKeptParts(given, description), 4);
        std::vector<std::string> notes;
        QVERIFY(
            imagesOf(openDataset(Recipe(Json{{"seed", 4}, {"data", given}}), {description, "run 1"}, notes))->split().toJson() ==
            trained->split().toJson());
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
        const Json description{{"labels", known.toJson()}};
        const auto open = [&](const Json &data, const Json &described) {
            return imagesOf(openDataset(Recipe(Json{{"data", data}}), {described, "run 4"}, notes));
        };
        const auto data = open(section(), description);
        QCOMPARE(data->target(0).value(1), 1.0);
        QCOMPARE(notes, (std::vector<std::string>{
                            "Labels: The file has the values 0 and 255, and run 4 has 0 and 2. Reticle treats 255 as 2."}));
        writeNpy(m_folder / "one.npy", Array(DType::UInt8, {8, 6, 5}));
        const auto one = open(section({{"labels", (m_folder / "one.npy").string()}}), Json::object());
        QCOMPARE(one->target(0).value(1), 0.0);
        QVERIFY(!open({{"name", "images"}, {"images", (m_folder / "images.npy").string()}}, description)->hasLabels());
        EXPECT_ERROR(open({{"name", "imges"}}, description), "images");
    }
};

RETICLE_TEST(DatasetTest)
#include "DatasetTest.moc"
