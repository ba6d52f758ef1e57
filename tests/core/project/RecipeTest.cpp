#include "project/Recipe.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Train
{
    std::int64_t epochs = 0, steps = 0;
    double minutes = 15, rate = 0.5;
};
struct Data
{
    std::string images;
    double part = 0.15;
};
struct Deep
{
    std::int64_t weights = 1000;
    std::int64_t width = 4;
};
struct Flat
{
    std::int64_t weights = 2000;
    bool odd = false;
};
struct Nothing
{
};

/// A catalog made up for this test: recipes know no section's content.
Catalog made()
{
    Catalog c;
    c.kinds["datasets"] = {Schema<Data>("pictures", "Pictures")
                               .field(&Data::images, {.name = "images", .help = "Pictures", .path = true})
                               .field(&Data::part, {.name = "part", .help = "Part", .min = 0, .max = 1})
                               .info()};
    c.kinds["models"] = {Schema<Deep>("deep", "Deep")
                             .field(&Deep::weights, {.name = "weights", .help = "Weights", .min = 1})
                             .field(&Deep::width, {.name = "width", .help = "Width", .min = 1})
                             .info(),
                         Schema<Flat>("flat", "Flat")
                             .field(&Flat::weights, {.name = "weights", .help = "Weights", .min = 1})
                             .field(&Flat::odd, {.name = "odd", .help = "Odd"})
                             .info()};
    c.kinds["objectives"] = {Schema<Nothing>("loss", "Loss").info()};
    c.sections["augment"] = Schema<Nothing>("augment", "Augment").info();
    c.sections["train"] = Schema<Train>("train", "Train")
                              .field(&Train::epochs, {.name = "epochs", .help = "Epochs", .min = 0})
                              .field(&Train::steps, {.name = "steps", .help = "Steps", .min = 0})
                              .field(&Train::minutes, {.name = "minutes", .help = "Minutes", .unit = "min", .min = 0})
                              .field(&Train::rate, {.name = "rate", .help = "Rate", .min = 0, .max = 1})
                              .info();
    return c;
}

Recipe recipe(const char *text)
{
    return Recipe(Json::parse(text));
}

} // namespace

class RecipeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fillsInDefaults()
    {
        const Recipe r = recipe(R"({"model": {"name": "deep"}})").validated(made());
        QCOMPARE(r.json().dump(),
                 std::string(R"({"recipe":1,"title":"","seed":1,"device":"auto","data":{"name":"pictures","images":"",)"
                             R"("part":0.15},"model":{"name":"deep","weights":1000,"width":4},)"
                             R"("objective":{"name":"loss"},"augment":{},)"
                             R"("train":{"epochs":0,"steps":0,"minutes":15.0,"rate":0.5}})"));
        QVERIFY(r.validated(made()).json() == r.json());
        QCOMPARE(r.seed(), std::uint64_t(1));
        QCOMPARE(r.device(), std::string("auto"));
    }
    void namesSectionAndField()
    {
        const Catalog c = made();
        EXPECT_ERROR(recipe(R"({"model": {"name": "deep", "wdth": 3}})").validated(c), "model.wdth");
        EXPECT_ERROR(recipe(R"({"model": {"name": "deep", "wdth": 3}})").validated(c), "did you mean \"width\"?");
        EXPECT_ERROR(recipe(R"({"model": {"name": "deep"}, "train": {"rate": 2}})").validated(c),
                     "train.rate: expected a number between 0 and 1, found 2");
        EXPECT_ERROR(recipe(R"({"model": {"name": "flt"}})").validated(c), "did you mean \"flat\"?");
        EXPECT_ERROR(recipe(R"({"model": {}})").validated(c), "model.name: expected one of deep, flat, found none");
        EXPECT_ERROR(recipe(R"({"modle": {"name": "deep"}})").validated(c), "did you mean \"model\"?");
        EXPECT_ERROR(recipe(R"({"model": 5})").validated(c), "model: expected an object");
        EXPECT_ERROR(recipe(R"({"model": {"name": 5}})").validated(c), "model.name: expected text");
        EXPECT_ERROR(recipe(R"({"recipe": 2, "model": {"name": "deep"}})").validated(c), "newer Reticle");
        EXPECT_ERROR(recipe(R"({"recipe": "x", "model": {"name": "deep"}})").validated(c), "version number");
        EXPECT_ERROR(recipe(R"({"seed": -1, "model": {"name": "deep"}})").validated(c), "seed");
        EXPECT_ERROR(Recipe(Json::array()), "JSON object");
    }
    void remarksArePassedOver()
    {
        const Recipe r = recipe(R"({"_why": "a try", "model": {"name": "deep", "_note": 1}})").validated(made());
        QVERIFY(!r.json().contains("_why"));
    }
    void setsFieldsByPath()
    {
        const Catalog c = made();
        Recipe r = recipe(R"({"model": {"name": "deep", "weights": 5, "width": 9}})");
        r.set("train.rate", "0.25", c);
        r.set("seed", "7", c);
        r.set("data.images", "a=b.tif", c);
        r.set("title", "15", c); // text stays text
        QCOMPARE(r.section("train")["rate"].get<double>(), 0.25);
        QCOMPARE(r.seed(), std::uint64_t(7));
        QCOMPARE(r.section("data")["images"].get<std::string>(), std::string("a=b.tif"));
        QCOMPARE(r.title(), std::string("15"));
        r.set("model.name", "flat", c); // keeps weights, drops width
        QCOMPARE(r.section("model").dump(), std::string(R"({"name":"flat","weights":5})"));
        EXPECT_ERROR(r.set("model.width", "3", c), "model.width");
        EXPECT_ERROR(r.set("train.rate", "0,5", c), "train.rate");
        EXPECT_ERROR(r.set("tran.rate", "0.5", c), "did you mean \"train\"?");
        EXPECT_ERROR(r.set("sed", "1", c), "sed");
        EXPECT_ERROR(r.set("model.name", "none", c), "model.name");
    }
    void aWholeSectionIsNoKey()
    {
        const Catalog c = made();
        Recipe r = recipe(R"({"model": {"name": "deep"}})");
        const std::string text = "This is a whole section of the recipe, not a value. Set one of its keys, such as ";
        EXPECT_ERROR(r.set("train", "5", c), "train: " + text + "train.epochs.");
        EXPECT_ERROR(r.set("train.", "5", c), "train.: " + text + "train.epochs.");
        EXPECT_ERROR(r.set("data", "x", c), "data: " + text + "data.images.");
        EXPECT_ERROR(r.set("model", "7", c), "model: " + text + "model.weights.");
        EXPECT_ERROR(r.set("model", "flat", c), "model: " + text + "model.name=flat.");
        EXPECT_ERROR(r.set("compare", "3", c), "compare: " + text + "compare.seeds.");
        Recipe none(Json::object());
        EXPECT_ERROR(none.set("model", "7", c), "model: " + text + "model.name.");
        QCOMPARE(QString::fromStdString(r.json().dump()), QStringLiteral(R"({"model":{"name":"deep"}})"));
    }
    void aStopRuleThatIsSetIsInForce()
    {
        const Catalog c = made();
        Recipe r = recipe(R"({"model": {"name": "deep"}, "train": {"minutes": 15}})");
        r.set("train.steps", "50", c);
        Recipe full = r.validated(c);
        QCOMPARE(full.section("train")["steps"].get<int>(), 50);
        QCOMPARE(full.section("train")["minutes"].get<double>(), 0.0);
        r.set("train.minutes", "2", c); // the last one counts
        full = r.validated(c);
        QCOMPARE(full.section("train")["steps"].get<int>(), 0);
        QCOMPARE(full.section("train")["minutes"].get<double>(), 2.0);
        r.set("train.steps", "0", c); // taking one out of force leaves the others
        QCOMPARE(r.validated(c).section("train")["minutes"].get<double>(), 2.0);
    }
    void makesPathsAbsolute()
    {
        const Catalog c = made();
        const Recipe r = recipe(R"({"data": {"images": "b/../a.tif"}})").withAbsolutePaths(c, "/here");
        QCOMPARE(r.section("data")["images"].get<std::string>(), std::string("/here/a.tif"));
        QVERIFY(recipe(R"({"data": {"images": "/x/a.tif"}})").withAbsolutePaths(c, "/here").section("data")["images"] ==
                "/x/a.tif");
        // A working folder that is gone is missed by relative paths alone.
        QVERIFY(recipe(R"({"data": {"images": "/x/a.tif"}})").withAbsolutePaths(c, "").section("data")["images"] == "/x/a.tif");
        EXPECT_ERROR(recipe(R"({"data": {"images": "a.tif"}})").withAbsolutePaths(c, ""),
                     "data.images: expected an absolute path");
        QVERIFY(recipe(R"({"data": {"images": ""}})").withAbsolutePaths(c, "/here").section("data")["images"] == "");
    }
    /// Weights to begin with in "model", a teacher in "objective", a table in "train": wherever the schema says path.
    void makesPathsOfEverySectionAbsolute()
    {
        struct Begun
        {
            std::string from;
            std::string note = "n.txt"; ///< text that looks like a path
        };
        Catalog c = made();
        const auto begun = [](const char *name) {
            return Schema<Begun>(name, "Begun")
                .field(&Begun::from, {.name = "from", .help = "From", .path = true})
                .field(&Begun::note, {.name = "note", .help = "Note"})
                .info();
        };
        c.kinds["models"].push_back(begun("begun"));
        c.kinds["objectives"].push_back(begun("taught"));
        c.sections["train"] = begun("train");
        const Recipe r = recipe(R"({"data": {"images": "a"}, "model": {"name": "begun", "from": "m/../w", "note": "x/y"},
                                    "objective": {"name": "taught", "from": "/t"}, "train": {"from": "s"},
                                    "compare": {"models": ["deep", {"name": "begun", "from": "v"}]}})");
        const Recipe whole = r.withAbsolutePaths(c, "/here");
        QVERIFY(whole.section("data")["images"] == "/here/a");
        QVERIFY(whole.section("model")["from"] == "/here/w" && whole.section("model")["note"] == "x/y");
        QVERIFY(whole.section("objective")["from"] == "/t");
        QVERIFY(whole.section("train")["from"] == "/here/s");
        QVERIFY(whole.section("compare")["models"] == Json::parse(R"(["deep", {"name": "begun", "from": "/here/v"}])"));
        EXPECT_ERROR(recipe(R"({"model": {"name": "begun", "from": "w"}})").withAbsolutePaths(c, ""),
                     "model.from: expected an absolute path");
        // What names no entry is told by validated().
        const Recipe wrong = recipe(R"({"model": {"name": "depe", "from": "w"}, "objective": 5})");
        QVERIFY(wrong.withAbsolutePaths(c, "/here").json() == wrong.json());
    }
    void sectionsAreOneList()
    {
        QCOMPARE(Recipe::sectionNames(), (std::vector<std::string>{"data", "model", "objective", "augment", "train"}));
        QCOMPARE(Recipe::sections().size(), Recipe::sectionNames().size());
        QVERIFY(!Recipe::findSection("compare"));
        QCOMPARE(std::string(Recipe::findSection("data")->defaultName), std::string("segmentation"));
        QCOMPARE(std::string(Recipe::findSection("train")->kind), std::string());
    }
    void loadsAndPointsAtMistakes()
    {
        const test::TemporaryFolder folder;
        const auto file = (folder / "r.json").string();
        test::writeAll(file, "{\"seed\": 3,\n \"model\": {\"name\": \"deep\"},\n oops}");
        EXPECT_ERROR(Recipe::load(file), "r.json: line 3, column 2");
        test::writeAll(file, "{\"seed\": 3");
        EXPECT_ERROR(Recipe::load(file), "the end of the file");
        test::writeAll(file, " \n");
        EXPECT_ERROR(Recipe::load(file), "an empty file");
        test::writeAll(file, "[1]");
        EXPECT_ERROR(Recipe::load(file), "JSON object");
        test::writeAll(file, std::string(100000, '['));
        EXPECT_ERROR(Recipe::load(file), "levels of nesting");
        test::writeAll(file, std::string("\x00\xff\xfe", 3));
        EXPECT_ERROR(Recipe::load(file), "r.json");
        EXPECT_ERROR(Recipe::load((folder / "none.json").string()), "no file");
        EXPECT_ERROR(Recipe::load(folder.path().string()), "a folder");
        test::writeAll(file, "{\"seed\": 3}");
        QCOMPARE(Recipe::load(file).seed(), std::uint64_t(3));
    }
    void saysDifferences()
    {
        const auto lines = Recipe::differences(recipe(R"({"seed": 1, "train": {"steps": 10}, "title": "a"})"),
                                               recipe(R"({"seed": 1, "train": {"steps": 20}, "device": "cpu"})"));
        QCOMPARE(lines.size(), size_t(3));
        QCOMPARE(lines[0], std::string("title: \"a\" -> nothing"));
        QCOMPARE(lines[1], std::string("train.steps: 10 -> 20"));
        QCOMPARE(lines[2], std::string("device: nothing -> \"cpu\""));
    }
    void catalogSurvivesJson()
    {
        const Json j = made().toJson();
        QVERIFY(Catalog::fromJson(j).toJson() == j);
        EXPECT_ERROR(made().find("models", "deap"), "did you mean \"deep\"?");
        EXPECT_ERROR(Catalog::fromJson(Json{{"kinds", 3}}), "catalog");
    }
};

RETICLE_TEST(RecipeTest)
#include "RecipeTest.moc"
