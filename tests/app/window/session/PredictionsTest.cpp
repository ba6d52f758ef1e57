#include "window/session/Predictions.h"
#include "window/session/ImageData.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using test::TemporaryFolder;

/// Which file a prediction goes to, and back.
class PredictionsTest : public QObject
{
    Q_OBJECT
private:
    static void add(OpenProject &project, const std::filesystem::path &path)
    {
        std::filesystem::create_directories(path.parent_path());
        test::writeAll(path, path.string());
        project.addData(imageSection(QString::fromStdString(path.string()), {}), {});
    }

private Q_SLOTS:
    void dataOfOneTitleHaveFilesOfTheirOwn()
    {
        const TemporaryFolder folder;
        const auto project = OpenProject::open(QString::fromStdString((folder / "P").string()));
        const RunInfo run;
        add(*project, folder / "exp1" / "images.tif");
        // One alone is called by its title.
        QCOMPARE(predictionFile(*project, run, project->dataSets()[0]), QStringLiteral("images-probability.tif"));
        QCOMPARE(predictedData(*project, 0, QStringLiteral("images-probability.tif")), &project->dataSets()[0]);
        add(*project, folder / "exp2" / "images.tif");
        add(*project, folder / "exp2" / "images-2.tif"); // as the second would be called
        const auto &sets = project->dataSets();
        QCOMPARE(sets.size(), std::size_t(3));
        QCOMPARE(sets[1].input, std::int64_t(2));
        QStringList files;
        for (const auto &set : sets) {
            const QString file = predictionFile(*project, run, set);
            QVERIFY2(!files.contains(file), qPrintable(file));
            files << file;
            QCOMPARE(predictedData(*project, 0, file), &set);
        }
        QCOMPARE(files.first(), QStringLiteral("images-1-probability.tif"));
        QCOMPARE(files.last(), QStringLiteral("images-2-probability.tif"));
        // What was written while there was one is still of that one.
        QCOMPARE(predictedData(*project, 0, QStringLiteral("images-probability.tif")), &sets[0]);
        QVERIFY(!predictedData(*project, 0, QStringLiteral("others-probability.tif")));
    }
    void outputsOfAutoencodersAreCalledSo()
    {
        const TemporaryFolder folder;
        const auto project = OpenProject::open(QString::fromStdString((folder / "P").string()));
        add(*project, folder / "images.tif");
        RunInfo run;
        run.summary = {{"target", "image"}};
        QCOMPARE(predictionFile(*project, run, project->dataSets()[0]), QStringLiteral("images-output.tif"));
    }
};

RETICLE_TEST(PredictionsTest)
#include "PredictionsTest.moc"
