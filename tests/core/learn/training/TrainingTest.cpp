#include "learn/training/Training.h"
#include "learn/tasks/AugmentPreview.h"

#include "learn/prediction/ImagePredictor.h"
#include "support/SmallStack.h"
#include "support/Test.h"

#include <QTemporaryDir>

using namespace reticle;
using test::catalog;

/// From files on disk to a run in a project.
class TrainingTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    test::SmallStack m_stack;
    static constexpr int pages = test::SmallStack::pages, height = test::SmallStack::height, width = test::SmallStack::width;

private Q_SLOTS:
    void initTestCase() { m_stack.write(m_dir.path().toStdString()); }
    void moreClassesThanTheObjectiveTellsApartAreRefused()
    {
        TiffWriter labels(m_stack.folder / "seven.tif", pages * height * width);
        for (int page = 0; page < pages; ++page) {
            Array label(DType::UInt8, {height, width});
            for (int i = 0; i < height * width; ++i)
                label.data<std::uint8_t>()[i] = page == 3 && i > 5000 ? 7 : i % 2;
            labels.writePage(label);
        }
        labels.close();
        auto project = Project::openOrCreate(m_stack.folder / "Seven.reticle");
        Json recipe = m_stack.recipe;
        recipe["data"]["labels"] = (m_stack.folder / "seven.tif").string();
        recipe["data"]["split"] = "first";
        recipe["train"]["steps"] = 2;
        test::EventCounter events;
        RunControl control;
        for (const char *objective : {"bce", "dice"}) {
            recipe["objective"] = {{"name", objective}};
            const auto run = project.createRun(Recipe(recipe).validated(catalog()));
            EXPECT_ERROR(train(project, run, catalog(), events, control),
                         "seven.tif: page 3: expected class indices from 0 to 1");
            EXPECT_ERROR(train(project, run, catalog(), events, control), "found class 2 (label 7)");
        }
        recipe["objective"] = {{"name", "cross-entropy"}};
        const auto run = project.createRun(Recipe(recipe).validated(catalog()));
        QVERIFY(train(project, run, catalog(), events, control).status == RunStatus::Done);
        QCOMPARE(ImagePredictor(project.runFolder(run.id), {}).classes(), std::int64_t(3));
    }
    void keepsWhatHappened()
    {
        auto project = Project::openOrCreate(m_stack.folder / "P.reticle");
        const auto run = project.createRun(Recipe(m_stack.recipe).validated(catalog()));
        test::EventCounter events;
        RunControl control;
        const auto outcome = train(project, run, catalog(), events, control);
        QVERIFY(outcome.status == RunStatus::Done);
        QCOMPARE(events.counts[Event::Kind::Done], 1);
        const auto kept = project.run(run.id);
        QVERIFY(kept.status == RunStatus::Done && kept.step == 60 && kept.seconds > 0);
        QCOMPARE(project.metric(run.id, "train.loss").size(), std::size_t(60));
        QVERIFY(project.metric(run.id, "validation.dice").size() >= 20);
    }
    void previewsTheCropsThatTrainingSees()
    {
        const auto recipe = Recipe(m_stack.recipe).validated(catalog());
        const auto a = augmentPreview(recipe, 5), b = augmentPreview(recipe, 5);
        QVERIFY(a == b);
        QCOMPARE(a["images"].size(), std::size_t(5));
        QCOMPARE(Array::fromJson(a["images"][4]).shape(), (std::vector<std::int64_t>{1, 32, 32}));
        QCOMPARE(Array::fromJson(a["targets"][4]).shape(), (std::vector<std::int64_t>{32, 32}));
        // With neighbors it is the slice itself: without augmentation, a part of one of the stack.
        Json neighbors = m_stack.recipe;
        neighbors["data"]["context"] = 1;
        neighbors["augment"] = {{"enabled", false}};
        const auto c = augmentPreview(Recipe(neighbors).validated(catalog()), 3);
        neighbors["data"].erase("context");
        const auto alone = augmentPreview(Recipe(neighbors).validated(catalog()), 3);
        QVERIFY(c == alone);
        QCOMPARE(Array::fromJson(c["images"][2]).shape(), (std::vector<std::int64_t>{1, 32, 32}));
    }
    void previewsColors()
    {
        TiffWriter images(m_stack.folder / "colors.tif", 0);
        for (int page = 0; page < pages; ++page) {
            Array image(DType::UInt8, {height, width, 3});
            for (std::int64_t i = 0; i < image.size(); ++i)
                image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 3 == 0 ? 200 : i % 3 == 1 ? 100 : 40 + page);
            images.writePage(image);
        }
        images.close();
        Json recipe = m_stack.recipe;
        recipe["data"]["images"] = (m_stack.folder / "colors.tif").string();
        recipe["augment"] = {{"enabled", false}};
        for (const int context : {0, 2}) {
            recipe["data"]["context"] = context;
            const auto first = Array::fromJson(augmentPreview(Recipe(recipe).validated(catalog()), 1)["images"][0]);
            QCOMPARE(first.shape(), (std::vector<std::int64_t>{32, 32, 3}));
            QVERIFY(std::abs(first.value(0) - 200 / 255.0) < 1e-6 && std::abs(first.value(1) - 100 / 255.0) < 1e-6);
            QVERIFY(first.value(2) < 50 / 255.0);
        }
    }
};

RETICLE_TEST(TrainingTest)
#include "TrainingTest.moc"
