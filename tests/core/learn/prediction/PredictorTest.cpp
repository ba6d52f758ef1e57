#include "learn/prediction/ImagePredictor.h"

#include "learn/Task_p.h"
#include "learn/prediction/Ensemble.h"
#include "project/ModelFiles.h"
#include "support/Recorder.h"
#include "support/SmallStack.h"
#include "support/TemporaryFolder.h"
#include "support/TensorFiles.h"
#include "support/Test.h"

using namespace reticle;
namespace fs = std::filesystem;

namespace {

/// Writes what it was asked for.
class MadePredictor : public Predictor
{
public:
    MadePredictor(const fs::path &runFolder, const PredictOptions &options)
        : m_metadata(modelDescription(runFolder)), m_tile(options.tile)
    {
    }
    Json metadata() const override { return m_metadata; }
    const std::vector<std::string> &notes() const override { return m_notes; }
    void predictFile(const fs::path &input, const fs::path &output, EventSink &events, RunControl &control) override
    {
        if (!control.goOn())
            throw Error(Error::Kind::Cancelled, output.string(), "The prediction was stopped.");
        m_notes.push_back("Made up.");
        events.emit({.kind = Event::Kind::Warning, .text = m_notes.back()});
        test::writeAll(output, test::readAll(input) + " in tiles of " + std::to_string(m_tile));
    }

private:
    Json m_metadata;
    std::int64_t m_tile;
    std::vector<std::string> m_notes;
};

/// Not before a test asks for it: other tests go through every task there is.
void registerTasks()
{
    static const Registration<TaskKind> predicting(
        taskInfo("made", "Made", "Predicts anything."),
        {{}, [](const fs::path &runFolder, const PredictOptions &options) -> std::unique_ptr<Predictor> {
             return std::make_unique<MadePredictor>(runFolder, options);
         }});
    static const Registration<TaskKind> silent(taskInfo("silent", "Silent", "Predicts nothing."), {});
}

/// A model of this task, or of none.
void writeModelOf(const fs::path &folder, const Json &task)
{
    const auto arrays = test::sampleArrays();
    std::vector<TensorView> views;
    for (const auto &[name, array] : arrays)
        views.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
    Json description{{"version", modelfiles::version}, {"weights", 6}};
    if (!task.is_null())
        description["task"] = task;
    writeModel(folder, views, description);
}

bool samePages(const fs::path &one, const fs::path &other)
{
    const auto a = openImage(one), b = openImage(other);
    bool same = a->info().pages == test::SmallStack::pages && b->info().pages == a->info().pages;
    for (std::int64_t page = 0; same && page < a->info().pages; ++page)
        same = a->readPage(page) == b->readPage(page);
    return same;
}

} // namespace

class PredictorTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    fs::path modelOf(const Json &task) const
    {
        const auto folder = m_folder.part();
        writeModelOf(folder, task);
        return folder;
    }

private Q_SLOTS:
    void initTestCase() { registerTasks(); }

    void theTaskOfTheModelPredicts()
    {
        const auto folder = modelOf("made");
        PredictOptions options;
        options.tile = 48;
        const auto predictor = Predictor::open(folder, options);
        QVERIFY(predictor->metadata() == modelDescription(folder));
        test::writeAll(folder / "in.txt", "Rows");
        test::Recorder events;
        RunControl control;
        predictor->predictFile(folder / "in.txt", folder / "out.txt", events, control);
        QCOMPARE(test::readAll(folder / "out.txt"), std::string("Rows in tiles of 48"));
        QCOMPARE(predictor->notes(), std::vector<std::string>{"Made up."});
        QCOMPARE(events.count(Event::Kind::Warning), 1);
        control.end(RunControl::End::Cancel);
        EXPECT_ERROR(predictor->predictFile(folder / "in.txt", folder / "none.txt", events, control), "was stopped");
        QVERIFY(!fs::exists(folder / "none.txt"));
    }
    void aTaskWithoutPredictorIsRefused()
    {
        const auto folder = modelOf("silent");
        EXPECT_ERROR(Predictor::open(folder, {}), "A model of the task silent cannot predict files. Choose a run");
        EXPECT_ERROR(Predictor::open(folder, {}), folder.string());
    }
    void anUnknownTaskIsRefused()
    {
        const auto folder = modelOf("latnet");
        EXPECT_ERROR(Predictor::open(folder, {}), "latnet");
        EXPECT_ERROR(Predictor::open(folder, {}), "segmentation");
        EXPECT_ERROR(Predictor::open(folder, {}), modelfiles::description);
        EXPECT_ERROR(Predictor::open(modelOf(3), {}), "\"3\"");
        EXPECT_ERROR(Predictor::open(m_folder.part(), {}), modelfiles::model);
    }
    void whatTasksMakeOfPixels()
    {
        QVERIFY(pixelOutputOf({{"target", "image"}}) == PixelOutput::Values);
        QVERIFY(pixelOutputOf({{"target", "labels"}}) == PixelOutput::Classes);
        QVERIFY(pixelOutputOf(Json::object()) == PixelOutput::Classes);
        QVERIFY(pixelOutputOf({{"task", "reconstruction"}}) == PixelOutput::Values);
        QVERIFY(pixelOutputOf({{"task", "made"}}) == PixelOutput::None);
        EXPECT_ERROR(pixelOutputOf({{"task", "latnet"}}), "latnet");
    }
    void modelsOfOtherTasksMakeNoImage()
    {
        test::SmallStack stack;
        stack.write(m_folder.part());
        auto recipe = stack.recipe;
        recipe["train"]["steps"] = 1;
        const auto run = stack.trained("P", recipe);
        auto model = readModel(run);
        std::vector<TensorView> views;
        for (const auto &[name, array] : model.file.tensors)
            views.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
        model.file.info["task"] = "made";
        writeModel(run, views, model.file.info);
        EXPECT_ERROR(ImagePredictor(run, {}), "This model does not make an image: its task is made.");
        auto project = Project::open(stack.folder / "P.reticle");
        stack.trained("P", recipe);
        EXPECT_ERROR(makeEnsemble(project, {2, 1}, ""), "run 1: expected a run whose model makes an image");
        EXPECT_ERROR(makeEnsemble(project, {1, 2}, ""), "one of the task made");
        QCOMPARE(project.runs().size(), std::size_t(2)); // nothing is left of it
    }
    /// By the task alone, as ImagePredictor::predictStack does it; both of a model that says its task and of one of before.
    void imagesAreOneOfTheTasks()
    {
        test::SmallStack stack;
        stack.write(m_folder.part());
        const auto run = stack.trained("P", stack.recipe);
        PredictOptions options;
        options.tile = 64;
        options.device = "cpu";
        test::EventCounter events;
        RunControl control;
        const auto images = stack.folder / "images.tif";
        ImagePredictor(run, options).predictStack(*openImage(images), stack.folder / "stack.tif", events, control);
        Predictor::open(run, options)->predictFile(images, stack.folder / "file.tif", events, control);
        QVERIFY(samePages(stack.folder / "file.tif", stack.folder / "stack.tif"));
        auto model = readModel(run);
        std::vector<TensorView> views;
        for (const auto &[name, array] : model.file.tensors)
            views.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
        model.file.info["task"] = "segmentation";
        model.file.info.erase("target");
        writeModel(run, views, model.file.info);
        Predictor::open(run, options)->predictFile(images, stack.folder / "named.tif", events, control);
        QVERIFY(samePages(stack.folder / "named.tif", stack.folder / "stack.tif"));
        EXPECT_ERROR(
            Predictor::open(run, options)->predictFile(stack.folder / "none.tif", stack.folder / "x.tif", events, control),
            "none.tif");
        QVERIFY(!fs::exists(stack.folder / "x.tif"));
    }
};

RETICLE_TEST(PredictorTest)
#include "PredictorTest.moc"
