#include "RunLosses.h"
#include "Worker.h"

#include "project/Project.h"
#include "project/SealedText.h"

#include <algorithm>
#include <set>

using namespace reticle;
using test::losses;
using test::text;
using test::worker;
namespace fs = std::filesystem;

namespace {

constexpr const char *table = "slice;animal;age\r\n0;m1;3\r\n1;m2;3\r\n2;m3;4\r\n3;m1;3\r\n4;m2;3\r\n5;m4;9\r\n";

Json modelOf(const Project &p, std::int64_t run)
{
    return Json::parse(test::readAll(p.runFolder(run) / "model.json"));
}

} // namespace

/// A cross-validation by a table of groups, from the command line to its report.
class GroupedFoldsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path tissue() const { return m_folder / "tissue"; }
    fs::path whole() const { return m_folder / "whole.reticle"; }
    fs::path groups() const { return m_folder / "groups.csv"; }
    QStringList arguments(const fs::path &project, const char *folds = "3") const
    {
        return test::tinyRun(tissue(), project, 7) << "--set" << QString("compare.folds=") + folds << "--set"
                                                   << "data.groups=" + text(groups());
    }
    Json evaluated(const char *name) const
    {
        const auto o = worker({"analyze", "evaluate", "--project", text(whole()), "--run", "2", "--set", "part=folds", "--set",
                               "device=cpu", "--output", text(m_folder / name)});
        Json tables =
            o.status == 0 ? Json::parse(test::readAll(m_folder / name / "result.json"))["tables"] : Json(o.err.toStdString());
        return Json{{"tables", tables}, {"said", o.err.toStdString()}};
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::makeTissue(tissue(), 6));
        test::writeAll(groups(), table);
        const auto o = worker(arguments(whole()));
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("4 groups by the column \"animal\" of groups.csv"), o.out.constData());
    }
    void noAnimalIsInTwoParts()
    {
        const auto p = Project::open(whole());
        const std::vector<std::vector<std::int64_t>> tested{{0, 3}, {1, 4}, {2, 5}};
        const std::vector<std::vector<std::string>> animals{{"m1"}, {"m2"}, {"m3", "m4"}};
        const std::vector<std::string> of{"m1", "m2", "m3", "m1", "m2", "m4"};
        for (std::size_t fold = 0; fold < 3; ++fold) {
            const auto id = static_cast<std::int64_t>(fold + 1);
            const auto run = p.run(id);
            QVERIFY(run.status == RunStatus::Done);
            const Json model = modelOf(p, id);
            QVERIFY2(model["split"]["test"] == Json(tested[fold]), model["split"].dump().c_str());
            std::set<std::string> seen;
            std::size_t count = 0;
            for (const char *part : {"training", "validation", "test"}) {
                std::set<std::string> own;
                for (const auto &slice : model["split"][part])
                    own.insert(of[slice.get<std::size_t>()]);
                QVERIFY(!own.empty());
                QVERIFY(Json(std::vector<std::string>(own.begin(), own.end())) == model["groups"][part]);
                count += own.size();
                seen.merge(own);
            }
            QVERIFY(count == 4 && seen.size() == 4);
            QVERIFY(model["groups"]["column"] == "animal");
            QVERIFY2(run.summary["groups"]["test"] == Json(animals[fold]), run.summary.dump().c_str());
        }
        // The report's table says so too.
        const auto results = p.results();
        QCOMPARE(results.size(), std::size_t(1));
        const Result report = p.result(results[0].id);
        for (const auto &t : report.tables)
            if (t.title == "Runs") {
                const auto *column = t.find("test groups");
                QVERIFY(column);
                QCOMPARE(std::get<std::vector<std::string>>(column->values), (std::vector<std::string>{"m1", "m2", "m3, m4"}));
            }
    }
    void theTableIsAnInputOfEachRun()
    {
        const auto p = Project::open(whole());
        for (const std::int64_t run : {1, 2, 3}) {
            const auto inputs = p.inputsOf(run);
            const auto at = std::find_if(inputs.begin(), inputs.end(), [](const InputInfo &i) { return i.role == "groups"; });
            QVERIFY(at != inputs.end());
            QCOMPARE(at->path, fs::canonical(groups()).string());
            QCOMPARE(at->hash.size(), std::size_t(64));
            QCOMPARE(p.inputState(*at), std::string("unchanged"));
            const Json kept = readSealedFile(p.runFolder(run) / "inputs.json");
            QVERIFY2(
                std::any_of(kept["inputs"].begin(), kept["inputs"].end(), [](const Json &i) { return i["role"] == "groups"; }),
                kept.dump().c_str());
        }
        for (const auto &input : p.inputs())
            if (input.role == "groups")
                QVERIFY((input.description == Json{{"columns", {"slice", "animal", "age"}}, {"rows", 6}}));
    }
    void aKilledFoldGoesOnToEqualLosses()
    {
        const auto project = m_folder / "killed.reticle";
        QProcess run;
        run.start(QString::fromStdString(test::program("reticle-worker")), arguments(project) << "--events");
        QVERIFY(run.waitForStarted());
        QByteArray seen;
        while (seen.count("\"checkpoint\"") < 4 && run.waitForReadyRead(60000)) // within the second fold
            seen += run.readAllStandardOutput();
        run.kill();
        QVERIFY(run.waitForFinished());
        const auto o = worker({"run", "--project", text(project), "--resume", "1"});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(!o.err.contains("has changed since"), o.err.constData());
        const auto p = Project::open(project), expected = Project::open(whole());
        for (int fold = 1; fold <= 3; ++fold) {
            QCOMPARE(losses(p, fold), losses(expected, fold));
            QVERIFY(modelOf(p, fold)["split"] == modelOf(expected, fold)["split"]);
            QVERIFY(p.run(fold).summary["groups"] == expected.run(fold).summary["groups"]);
        }
    }
    void aChangedTableIsTold()
    {
        const Json before = evaluated("before");
        QVERIFY2(before["tables"].is_array(), before.dump().c_str());
        QVERIFY(before["said"].get<std::string>().find("has changed") == std::string::npos);
        // Every animal is another one now.
        test::writeAll(groups(), "slice,animal\n0,x\n1,x\n2,x\n3,y\n4,y\n5,z\n");
        const auto p = Project::open(whole());
        for (const auto &input : p.inputsOf(2))
            if (input.role == "groups")
                QCOMPARE(p.inputState(input), std::string("changed"));
        const auto resumed = worker({"run", "--project", text(whole()), "--resume", "1"});
        QVERIFY2(resumed.status == 0, resumed.err.constData());
        QVERIFY2(resumed.err.contains(
                     "groups.csv has changed since run 1 was started. The resumed run continues with the changed data."),
                 resumed.err.constData());
        // What is tested stays what each net has not seen.
        const Json after = evaluated("after");
        QVERIFY2(after["tables"].is_array(), after.dump().c_str());
        QVERIFY(after["said"].get<std::string>().find("groups.csv has changed since run 2 was started.") != std::string::npos);
        QVERIFY(after["tables"] == before["tables"]);
        test::writeAll(groups(), table);
    }
    void whatCannotBeFoldsIsSaidFirst()
    {
        const auto project = m_folder / "none.reticle";
        const auto many = worker(arguments(project, "5"));
        QCOMPARE(many.status, 2);
        QVERIFY2(
            many.err.contains(
                "data.groups: 5 folds need at least 5 groups, but there are only 4. Lower the number of folds to 4 or fewer."),
            many.err.constData());
        const auto column = worker(arguments(project) << "--set"
                                                      << "data.group-column=cage");
        QCOMPARE(column.status, 2);
        QVERIFY2(column.err.contains("data.group-column: expected one of the columns \"slice\", \"animal\", \"age\""),
                 column.err.constData());
        test::writeAll(groups(), "slice,animal\n0,m1\n");
        const auto missing = worker(arguments(project));
        QCOMPARE(missing.status, 2);
        QVERIFY2(missing.err.contains("groups.csv: expected a group for every slice, found none for slices 1, 2, 3 and 2 more"),
                 missing.err.constData());
        test::writeAll(groups(), table);
        if (fs::exists(project / "project.sqlite"))
            QVERIFY(Project::open(project).runs().empty());
    }
    void anOrdinarySplitIsOfWholeGroupsToo()
    {
        const auto project = m_folder / "one.reticle";
        const auto o = worker(test::tinyRun(tissue(), project, 3) << "--set"
                                                                  << "data.groups=" + text(groups()) << "--set"
                                                                  << "data.test-fraction=0.2"
                                                                  << "--set"
                                                                  << "data.group-column=animal");
        QVERIFY2(o.status == 0, o.err.constData());
        const auto p = Project::open(project);
        const Json model = modelOf(p, 1);
        std::size_t animals = 0;
        for (const char *part : {"training", "validation", "test"}) {
            QVERIFY(!model["split"][part].empty());
            animals += model["groups"][part].size();
        }
        QCOMPARE(animals, std::size_t(4));
        QVERIFY2(o.out.contains("4 groups by the column \"animal\" of groups.csv"), o.out.constData());
    }
};

RETICLE_TEST(GroupedFoldsTest)
#include "GroupedFoldsTest.moc"
