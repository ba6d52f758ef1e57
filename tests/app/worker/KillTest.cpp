#include "Worker.h"

#include "project/ModelFiles.h"
#include "project/Project.h"

#include <csignal>

using namespace reticle;

namespace {

constexpr int steps = 14;

std::vector<std::pair<std::int64_t, double>> losses(const std::filesystem::path &project)
{
    const Project p = Project::open(project);
    std::vector<std::pair<std::int64_t, double>> all;
    for (const std::string &name : p.metricNames(1))
        if (name == "train.loss" || name.rfind("validation.", 0) == 0)
            for (const auto &point : p.metric(1, name))
                all.emplace_back(point.step, point.value);
    return all;
}

/// Runs the worker until it has said `lines` events, then kills it; true when it was killed and had not ended before.
bool killedAfter(const QStringList &arguments, int lines)
{
    QProcess p;
    p.start(QString::fromStdString(test::program("reticle-worker")), arguments);
    int seen = 0;
    while (seen < lines && p.waitForReadyRead(120000))
        seen += static_cast<int>(p.readAllStandardOutput().count('\n'));
    p.kill();
    p.waitForFinished();
    return p.exitStatus() == QProcess::CrashExit;
}

} // namespace

/// A run that is killed and resumed ends with the losses of one that never was: to the last digit.
class KillTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::vector<std::pair<std::int64_t, double>> m_whole;

    QStringList arguments(const std::filesystem::path &project) const
    {
        return test::tinyRun(m_folder / "tissue", project, steps) << "--events";
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::makeTissue(m_folder / "tissue"));
        QCOMPARE(test::worker(arguments(m_folder / "whole")).status, 0);
        m_whole = losses(m_folder / "whole");
        QVERIFY(m_whole.size() > steps);
    }
    void resumesExactly_data()
    {
        QTest::addColumn<QList<int>>("moments"); // events read before each kill
        QTest::newRow("at the start") << QList<int>{1};
        QTest::newRow("before a checkpoint") << QList<int>{3};
        QTest::newRow("in the middle") << QList<int>{12};
        QTest::newRow("late") << QList<int>{30};
        QTest::newRow("again and again") << QList<int>{5, 2, 9, 1, 4};
    }
    void resumesExactly()
    {
        QFETCH(QList<int>, moments);
        const auto project = m_folder / QTest::currentDataTag();
        bool begun = false;
        for (const int moment : moments) {
            killedAfter(
                begun ? QStringList{"run", "--project", QString::fromStdString(project.string()), "--resume", "1", "--events"}
                      : arguments(project),
                moment);
            begun = true;
            const Project p = Project::open(project);
            QVERIFY(p.run(1).status == RunStatus::Interrupted || p.run(1).status == RunStatus::Done);
        }
        const auto o = test::worker({"run", "--project", QString::fromStdString(project.string()), "--resume", "1"});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY(Project::open(project).run(1).status == RunStatus::Done);
        const auto resumed = losses(project);
        QCOMPARE(resumed.size(), m_whole.size());
        for (std::size_t i = 0; i < m_whole.size(); ++i) {
            QCOMPARE(resumed[i].first, m_whole[i].first);
            QVERIFY2(resumed[i].second == m_whole[i].second, qPrintable(QString("step %1: %2 and %3")
                                                                            .arg(resumed[i].first)
                                                                            .arg(resumed[i].second, 0, 'g', 17)
                                                                            .arg(m_whole[i].second, 0, 'g', 17)));
        }
        QCOMPARE(test::readAll(Project::open(project).runFolder(1) / modelfiles::model).size(),
                 test::readAll(Project::open(m_folder / "whole").runFolder(1) / modelfiles::model).size());
    }
};

RETICLE_TEST(KillTest)
#include "KillTest.moc"
