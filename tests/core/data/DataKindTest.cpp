#include "data/Dataset.h"
#include "data/SegmentationData.h"
#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "project/Recipe.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct NumbersOptions
{
    std::string file;
    std::int64_t count = 3;
};

/// Examples that are one number each: their index.
class Numbers : public Dataset
{
public:
    explicit Numbers(std::int64_t count) : m_count(count)
    {
        for (std::int64_t i = 0; i < count; ++i)
            m_split.training.push_back(i);
    }
    const std::string &kind() const override
    {
        static const std::string name = "numbers";
        return name;
    }
    std::int64_t size() const override { return m_count; }
    const Split &split() const override { return m_split; }
    const std::vector<ArraySpec> &specs() const override
    {
        static const std::vector<ArraySpec> specs{{"x", DType::Float64, {1}, {}, {}}};
        return specs;
    }
    NamedArrays example(std::int64_t index) const override
    {
        const double x = static_cast<double>(index);
        return {{"x", Array::of<double>({1}, {&x, 1})}};
    }
    std::string nameOf(std::int64_t index) const override { return "number " + std::to_string(index); }
    std::string exampleNoun() const override { return "number"; }
    Json preparation() const override { return Json::object(); }
    std::string description() const override { return std::to_string(m_count) + " numbers"; }

private:
    std::int64_t m_count;
    Split m_split;
};

Schema<NumbersOptions> schema()
{
    return Schema<NumbersOptions>("numbers", "Numbers")
        .field(&NumbersOptions::file, {.name = "file", .help = "File", .path = true})
        .field(&NumbersOptions::count, {.name = "count", .help = "Count", .min = 1});
}

Detection detectNumbers(const std::vector<std::string> &paths)
{
    Detection d;
    if (paths.size() == 1 && paths[0].ends_with(".numbers"))
        d = {.data = {{"name", "numbers"}, {"file", paths[0]}}, .confidence = 1, .path = paths[0], .sentence = "Numbers."};
    return d;
}

/// All that a kind of data needs is this.
const Registration<DataKind> numbers(schema().info(),
                                     {.open = [](const Json &options, std::uint64_t) -> std::shared_ptr<Dataset> {
                                          return std::make_shared<Numbers>(schema().read(options, "data").count);
                                      },
                                      .detect = detectNumbers});

} // namespace

class DataKindTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isOpenedByItsName()
    {
        const auto data = openDataset(Recipe(Json{{"data", {{"name", "numbers"}, {"count", 5}}}}));
        QCOMPARE(data->description(), std::string("5 numbers"));
        QCOMPARE(data->example(4).at("x").value(0), 4.0);
        EXPECT_ERROR(openDataset(Recipe(Json{{"data", {{"name", "numbers"}, {"count", 0}}}})), "data.count");
        EXPECT_ERROR(imagesOf(data), "data.name: expected images, with labels or alone, found \"numbers\"");
        // Without a way of its own to open them for a model they are opened as ever.
        std::vector<std::string> notes;
        QCOMPARE(openDataset(Recipe(Json{{"data", {{"name", "numbers"}}}}), {Json::object(), "run 1"}, notes)->size(),
                 std::int64_t(3));
    }
    /// The kind that is surest gets a drop.
    void isDetectedByTheRegistry()
    {
        const test::TemporaryFolder folder;
        const auto file = (folder / "a.numbers").string();
        test::writeAll(file, "1 2 3");
        const auto found = detectData({file});
        QCOMPARE(found.data.at("name").get<std::string>(), std::string("numbers"));
        QCOMPARE(found.path, file);
        QVERIFY(found.problems.empty());
        // What is none of them is told by the kind that has something to say.
        const auto none = detectData({(folder / "nothing").string()});
        QVERIFY(none.data.is_null() && none.confidence == 0 && none.problems.size() == 1);
        QCOMPARE(none.sentence, std::string("Nothing that can be opened."));
        QCOMPARE(detectData({}).problems.size(), std::size_t(1));
    }
    void imagesAreDetectedWithAndWithoutLabels()
    {
        const test::TemporaryFolder folder;
        const Array page = Array(DType::UInt8, {4, 8, 8});
        Array labels(DType::UInt8, {4, 8, 8});
        for (std::int64_t i = 0; i < labels.size(); ++i)
            labels.data<std::uint8_t>()[i] = i % 2 ? 255 : 0;
        writeNpy(folder / "cells.npy", page);
        const auto alone = detectData({(folder / "cells.npy").string()});
        QVERIFY((alone.data == Json{{"name", "images"}, {"images", (folder / "cells.npy").string()}}));
        writeNpy(folder / "cells_mask.npy", labels);
        const auto pair = detectData({(folder / "cells.npy").string()});
        QVERIFY((pair.data == Json{{"name", "segmentation"},
                                   {"images", (folder / "cells.npy").string()},
                                   {"labels", (folder / "cells_mask.npy").string()}}));
        QVERIFY(pair.confidence > alone.confidence && alone.confidence > 0);
        QVERIFY(pair.sentence.find("two classes") != std::string::npos);
    }
    void suggestsARecipe()
    {
        const auto &kinds = Registry<DataKind>::instance();
        const Json alone = kinds.get("images").factory.suggestRecipe({{"name", "images"}, {"images", "a.tif"}});
        QVERIFY(alone.at("objective") == Json({{"name", "mse"}}) && alone.at("augment").at("blur") == 0);
        const test::TemporaryFolder folder;
        const Json section{{"name", "segmentation"}, {"images", folder.part().string()}, {"labels", "b"}};
        QVERIFY(kinds.get("segmentation").factory.suggestRecipe(section).at("data").at("context") == 0);
    }
    /// The window and the command line begin with the same recipe.
    void suggestsTheRecipeOfTheCommandLine()
    {
        Json file = Json::parse(test::readAll(test::source("resources/recipes/segment-stack.json")));
        for (const char *key : {"recipe", "_what", "title", "seed", "device"})
            file.erase(key);
        file["data"]["images"] = "a.tif";
        file["data"]["labels"] = "b.tif";
        const Json section{{"name", "segmentation"}, {"images", "a.tif"}, {"labels", "b.tif"}};
        const auto &kinds = Registry<DataKind>::instance();
        const auto ordered = [](const Json &json) { return nlohmann::json::parse(json.dump()).dump(2); };
        QCOMPARE(ordered(kinds.get("segmentation").factory.suggestRecipe(section)), ordered(file));
        // What was chosen for the data stays.
        Json chosen = section;
        chosen["context"] = 2;
        chosen["split"] = "first";
        const Json data = kinds.get("segmentation").factory.suggestRecipe(chosen).at("data");
        QVERIFY(data.at("context") == 2 && data.at("split") == "first" && data.at("scaling") == "unit");
    }
    void labelsOfMoreThanTwoClassesAskForCrossEntropy()
    {
        const test::TemporaryFolder folder;
        Array page(DType::UInt8, {4, 8, 8}), labels(DType::UInt8, {4, 8, 8});
        for (std::int64_t i = 0; i < labels.size(); ++i)
            labels.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 3);
        writeNpy(folder / "cells.npy", page);
        writeNpy(folder / "cells_mask.npy", labels);
        const auto three = detectData({(folder / "cells.npy").string()});
        QVERIFY((three.recipe == Json{{"objective", {{"name", "cross-entropy"}}}}));
        for (std::int64_t i = 0; i < labels.size(); ++i)
            labels.data<std::uint8_t>()[i] = i % 2 ? 255 : 0;
        writeNpy(folder / "cells_mask.npy", labels);
        QVERIFY(detectData({(folder / "cells.npy").string()}).recipe.is_null());
    }
};

RETICLE_TEST(DataKindTest)
#include "DataKindTest.moc"
