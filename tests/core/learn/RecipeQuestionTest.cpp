#include "foundation/Error.h"
#include "learn/Models.h"
#include "learn/Task_p.h"
#include "support/DenseNet.h"
#include "support/SmallStack.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

namespace {

const std::vector<std::int64_t> &whole(const Table &table, const char *name)
{
    return std::get<std::vector<std::int64_t>>(table.find(name)->values);
}

const std::vector<std::string> &text(const Table &table, const char *name)
{
    return std::get<std::vector<std::string>>(table.find(name)->values);
}

/// Rows of 64 numbers and their class, with a network and an objective for them. Not before a test asks for it: others go
/// through all that is registered.
void registerRows()
{
    static const Registration<DataKind> rows(SchemaInfo{"test-rows", "Rows of numbers", {}, {}},
                                             {.open = [](const Json &, std::uint64_t) { return std::shared_ptr<Dataset>(); },
                                              .probe =
                                                  [](const Json &) {
                                                      return std::vector<ArraySpec>{
                                                          {"features", DType::Float32, {64}, {}, {}},
                                                          {"class", DType::Int64, {}, {"a", "b", "c"}, {}}};
                                                  },
                                              .tasks = {"test-classes"}});
    static const Registration<ObjectiveFactory> loss(
        SchemaInfo{"test-loss", "Loss of classes", {}, {}},
        {[](const Json &, const std::vector<std::int64_t> &) { return std::make_shared<test::ClassLoss>(); }, "test-classes"});
    static const Registration<TaskKind> task(
        taskInfo("test-classes", "Classes", "A class of each row."),
        {[](TaskInput) { return std::shared_ptr<Task>(); },
         {},
         PixelOutput::None,
         [](const Recipe &recipe, const std::vector<ArraySpec> &specs) -> std::shared_ptr<Task> {
             return std::make_shared<test::FeatureTask>(specs.at(0).shape.at(0),
                                                        recipe.section("train").value("batch", std::int64_t(1)));
         }});
    static const Registration<ModuleFactory> net(
        SchemaInfo{"test-dense", "Dense: fully connected", {}, {}},
        {[](const Json &, const ModuleShape &shape) {
             return std::make_shared<test::DenseNet>(std::vector<std::int64_t>{shape.channels, 32, 16, shape.outputs});
         },
         "features"});
}

} // namespace

class RecipeQuestionTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    test::SmallStack m_stack;

    Recipe recipe(const Json &changed = Json::object()) const
    {
        Json j = m_stack.recipe;
        j.merge_patch(changed);
        return Recipe(j).validated(test::catalog());
    }

private Q_SLOTS:
    void initTestCase() { m_stack.write(m_folder.path()); }

    /// The same numbers as by channels, classes and size.
    void imagesAreDescribedFromTheirHeaders()
    {
        const auto q = questionOf(recipe());
        QVERIFY(q.task != nullptr);
        QCOMPARE(q.channels, std::int64_t(1));
        QCOMPARE(q.outputs, std::int64_t(1));
        QCOMPARE(q.classes, std::int64_t(2));
        QCOMPARE(q.batch, std::int64_t(2));
        QVERIFY(q.height == 32 && q.width == 32);
        const auto told = describeModel(q);
        ModelQuestion plain;
        plain.model = q.model;
        plain.objective = q.objective;
        plain.train = q.train;
        plain.batch = 2;
        plain.height = plain.width = 32;
        const auto expected = describeModel(plain);
        QCOMPARE(told.weights, expected.weights);
        QCOMPARE(told.summary, expected.summary);
        QCOMPARE(told.noun, std::string("image"));
        QVERIFY(told.layers.toJson() == expected.layers.toJson());
        QVERIFY(told.step.toJson() == expected.step.toJson());
        QVERIFY(told.memory.table().toJson() == expected.memory.table().toJson());
        QCOMPARE(told.memory.labels, std::int64_t(8 * 2 * 32 * 32));
    }

    void neighborsAndClassesDecideTheEnds()
    {
        const auto mse = questionOf(recipe({{"data", {{"context", 1}}}, {"objective", {{"name", "mse"}}}}));
        QCOMPARE(mse.channels, std::int64_t(3));
        QCOMPARE(mse.planes, std::int64_t(3));
        QCOMPARE(mse.outputs, std::int64_t(1));
        const auto described = describeModel(mse);
        QCOMPARE(described.memory.labels, std::int64_t(0)); // the target is a part of the image
        QCOMPARE(described.memory.input, std::int64_t(4 * 2 * 3 * 32 * 32));
        const Json five{{"objective", {{"name", "cross-entropy"}, {"class-weights", "balanced"}}}};
        QCOMPARE(questionOf(recipe(five), {.classes = 5}).outputs, std::int64_t(5));
        QCOMPARE(questionOf(recipe(five)).outputs, std::int64_t(2));
        const auto model = endsIn(Json{{"channels", 4}, {"classes", 3}, {"outputs", 3}});
        QVERIFY(model.ofModel && model.channels == 4 && model.classes == 3);
        QCOMPARE(questionOf(recipe(five), model).channels, std::int64_t(4));
        QCOMPARE(questionOf(recipe(five), model).outputs, std::int64_t(3));
        for (const Json &wrong : {Json(), Json(3), Json{{"channels", "x"}}, Json{{"classes", -7}}}) {
            const auto ends = endsIn(wrong);
            QVERIFY(ends.channels == 0 && ends.classes == 0);
        }
    }

    void dataThatCannotBeReadLeaveTheNetwork()
    {
        const Json nowhere{{"data", {{"images", (m_folder / "absent.tif").string()}, {"context", 1}}}};
        QCOMPARE(questionOf(recipe(nowhere)).channels, std::int64_t(3));
        QCOMPARE(questionOf(recipe(nowhere), {.channels = 9}).channels, std::int64_t(9));
        QVERIFY(describeModel(questionOf(recipe(nowhere))).weights > 0);
    }

    void whatCannotBeTrainedIsRefused()
    {
        const Json images{{"data", {{"name", "images"}, {"labels", nullptr}}}};
        EXPECT_ERROR(questionOf(recipe(images)), "objective.name: expected");
        EXPECT_ERROR(
            describeModel(questionOf(recipe(
                {{"model", {{"name", "fc-densenet"}, {"strict-size", true}, {"weights", nullptr}}}, {"train", {{"crop", 48}}}}))),
            "height 48 is not a multiple of 32");
    }

    void otherDataAreDescribedAsTheyAre()
    {
        registerRows();
        const Json rows{{"recipe", 1},
                        {"data", {{"name", "test-rows"}}},
                        {"model", {{"name", "test-dense"}}},
                        {"objective", {{"name", "test-loss"}}},
                        {"train", {{"batch", 8}, {"precision", "float32"}}}};
        const auto q = questionOf(Recipe(rows).validated(test::catalog()));
        QCOMPARE(q.batch, std::int64_t(8));
        const auto d = describeModel(q);
        QCOMPARE(text(d.layers, "input"), (std::vector<std::string>{"64", "32", "16", ""}));
        QCOMPARE(text(d.layers, "output"), (std::vector<std::string>{"32", "16", "10", ""}));
        QCOMPARE(whole(d.layers, "MACs"), (std::vector<std::int64_t>{8 * 2048, 8 * 512, 8 * 160, 8 * 2720}));
        QCOMPARE(whole(d.layers, "weights").back(), std::int64_t(64 * 32 + 32 + 32 * 16 + 16 + 16 * 10 + 10));
        QCOMPARE(d.summary, std::string("Dense, 2,778 weights, 21,760 multiplications for 8 \u00d7 64"));
        QCOMPARE(d.noun, std::string("example"));
        QCOMPARE(d.memory.input, std::int64_t(4 * 8 * 64));
        QCOMPARE(d.memory.labels, std::int64_t(8 * 8));
        QVERIFY(d.result().warnings.front().find("whole slices") == std::string::npos);
        for (const auto &f : d.figures)
            QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems().front().c_str());
        const auto fits = d.memory.batchThatFits(std::int64_t(8) << 30);
        QVERIFY2(fits > 1000000, qPrintable(QString::number(fits))); // some 500 bytes a row

        Json unet = rows;
        unet["model"] = {{"name", "unet"}};
        EXPECT_ERROR(describeModel(questionOf(Recipe(unet).validated(test::catalog()))), "a batch with images");
        Json bce = rows;
        bce["objective"] = {{"name", "bce"}};
        EXPECT_ERROR(questionOf(Recipe(bce).validated(test::catalog())), "test-loss");
    }
};

RETICLE_TEST(RecipeQuestionTest)
#include "RecipeQuestionTest.moc"
