#include "Worker.h"

#include "files/ImageSource.h"
#include "foundation/Array.h"
#include "foundation/Json.h"
#include "project/Project.h"

#include <cmath>
#include <fstream>

using namespace reticle;
namespace fs = std::filesystem;

/// Four short trainings give the numbers that tests/reference/golden_runs.py recorded: augmentation, border map, neighboring
/// slices, rare classes, schedules, optimizers, averaging and validation are as they were, whatever became of the code.
class GoldenRunsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    Json m_golden;

    static void same(const std::string &metric, const MetricPoint &now, std::int64_t step, double then)
    {
        QCOMPARE(now.step, step);
        // Cache sizes choose the order of some sums, so other processors differ in the last digits of a float.
        QVERIFY2(std::abs(now.value - then) <= 1e-4 * std::abs(then), qPrintable(QString("%1 at step %2: %3, was %4")
                                                                                     .arg(QString::fromStdString(metric))
                                                                                     .arg(step)
                                                                                     .arg(now.value, 0, 'g', 17)
                                                                                     .arg(then, 0, 'g', 17)));
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/golden.json"));
        m_golden = Json::parse(file);
        const auto o = test::worker({"simulate", "tissue", "--output", QString::fromStdString((m_folder / "tissue").string()),
                                     "--seed", "4", "--set", "slices=8", "--set", "height=64", "--set", "width=56"});
        QVERIFY2(o.status == 0, o.err.constData());
    }

    /// A run that was stopped half-way by the version that these numbers are of goes on to them.
    void theHalfOfBefore()
    {
        const auto project = m_folder / "half.reticle";
        fs::copy(test::source("tests/reference/project-half"), project, fs::copy_options::recursive);
        const QString place = QString::fromStdString(project.string());
        const auto predicted =
            test::worker({"predict", "--project", place, "--run", "1", "--input", place + "/data/tissue-volume.tif", "--output",
                          place + "/now.tif", "--device", "cpu"},
                         QString::fromStdString(m_folder.path().string()));
        QVERIFY2(predicted.status == 0, predicted.err.constData());
        const auto now = openImage(project / "now.tif"), then = openImage(project / "prediction.tif");
        QCOMPARE(now->info().pages, then->info().pages);
        for (std::int64_t page = 0; page < then->info().pages; ++page) {
            const Array a = now->readPage(page), b = then->readPage(page);
            QVERIFY(a.shape() == b.shape());
            for (std::int64_t i = 0; i < b.size(); ++i)
                QVERIFY2(std::abs(a.value(i) - b.value(i)) < 1e-5,
                         qPrintable(QString("%1 and %2").arg(a.value(i)).arg(b.value(i))));
        }
        const auto resumed =
            test::worker({"run", "--project", place, "--resume", "1"}, QString::fromStdString(m_folder.path().string()));
        QVERIFY2(resumed.status == 0, resumed.err.constData());
        const Json reference = Json::parse(test::readAll(test::source("tests/reference/project-half.json")));
        const auto p = Project::open(project);
        QCOMPARE(static_cast<int>(reference["metrics"].size()), 52);
        for (const auto &metric : reference["metrics"]) {
            const auto points = p.metric(1, metric[0].get<std::string>(), metric[1].get<std::int64_t>() - 1);
            QVERIFY2(!points.empty(), metric.dump().c_str());
            same(metric[0].get<std::string>(), points.front(), metric[1].get<std::int64_t>(), metric[2].get<double>());
        }
    }

    void losses_data()
    {
        QTest::addColumn<QString>("recipe");
        for (const auto &[name, metrics] : m_golden.items())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void losses()
    {
        QFETCH(const QString, recipe);
        const std::string name = recipe.toStdString();
        const auto text = [](const fs::path &p) { return QString::fromStdString(p.string()); };
        const auto project = m_folder / (name + ".reticle");
        QStringList command{"run",   text(test::source("tests/reference/golden/" + name + ".json")),  "--project", text(project),
                            "--set", "data.images=" + text(m_folder / "tissue" / "tissue-volume.tif")};
        if (name != "autoencoder")
            command << "--set"
                    << "data.labels=" + text(m_folder / "tissue" / "tissue-labels.tif");
        const auto o = test::worker(command, text(m_folder.path()));
        QVERIFY2(o.status == 0, o.err.constData());

        const auto p = Project::open(project);
        for (const auto &[metric, kept] : m_golden[name].items()) {
            const auto points = p.metric(1, metric);
            QVERIFY2(points.size() == kept.size(), metric.c_str());
            for (std::size_t i = 0; i < points.size(); ++i) {
                same(metric, points[i], kept[i][0].get<std::int64_t>(), kept[i][1].get<double>());
                if (QTest::currentTestFailed())
                    return;
            }
        }
    }
};

RETICLE_TEST(GoldenRunsTest)
#include "GoldenRunsTest.moc"
