#include "compare/RunFilter.h"

#include "support/Test.h"

using namespace reticle;

namespace {

RunInfo runOf(std::int64_t id, const char *title, const char *network, int batch, double dice, RunStatus status = RunStatus::Done)
{
    RunInfo run;
    run.id = id;
    run.title = title;
    run.status = status;
    run.step = 100 * id;
    run.seconds = 600.0 * static_cast<double>(id);
    run.started = "2026-11-0" + std::to_string(id) + "T12:00:00Z";
    run.recipe = {{"recipe", 1},
                  {"title", title},
                  {"seed", 1},
                  {"data", {{"name", "segmentation"}, {"images", "/data/Cells.ome.tif"}, {"labels", "/data/truth.tif"}}},
                  {"model", {{"name", network}, {"weights", 4000}, {"widths", {16, 32}}}},
                  {"augment", {{"flip", true}}},
                  {"train", {{"batch", batch}, {"learning-rate", 0.001}, {"optimizer", "adamw"}}}};
    run.summary = {{"task", "segmentation"},
                   {"score", "dice"},
                   {"scores", {{{"name", "dice"}, {"title", "Dice"}}, {{"name", "pixel-error"}, {"title", "Pixel error"}}}},
                   {"memory-mib", 512.25},
                   {"best", {{"step", 20}, {"loss", 1 - dice}, {"dice", dice}, {"pixel-error", 0.071}}}};
    return run;
}

std::vector<RunRow> someRuns()
{
    std::vector<RunRow> rows;
    rows.emplace_back(runOf(1, "Good cells", "unet", 4, 0.9123));
    rows.emplace_back(runOf(2, "Bad cells", "unet", 2, 0.61));
    rows.emplace_back(runOf(3, "", "fcn", 4, 0.8));
    auto failed = runOf(4, "ÖL", "fcn", 16, 0.5, RunStatus::Failed);
    failed.message = "The machine is out of memory.";
    failed.summary = Json();
    rows.emplace_back(failed);
    return rows;
}

std::vector<const RunRow *> pointersTo(const std::vector<RunRow> &rows)
{
    std::vector<const RunRow *> all;
    for (const auto &row : rows)
        all.push_back(&row);
    return all;
}

/// Numbers of the runs that match: "1 3".
QString found(const char *text)
{
    const RunFilter filter{std::string(text)};
    QStringList ids;
    for (const auto &row : someRuns())
        if (filter.matches(row))
            ids << QString::number(row.id);
    return ids.join(' ');
}

QString problemOf(const char *text)
{
    const RunFilter filter{std::string(text)};
    return filter.problems().size() == 1 ? QString::fromStdString(filter.problems().front())
                                         : QStringLiteral("%1 problems").arg(filter.problems().size());
}

QString remarkOf(const char *text)
{
    const auto rows = someRuns();
    const auto remarks = RunFilter{std::string(text)}.remarks(pointersTo(rows));
    return remarks.size() == 1 ? QString::fromStdString(remarks.front()) : QStringLiteral("%1 remarks").arg(remarks.size());
}

} // namespace

class RunFilterTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingTypedShowsAll()
    {
        for (const char *text : {"", "   ", "\"\"", "\t"}) {
            QVERIFY2(RunFilter{std::string(text)}.isEmpty(), text);
            QCOMPARE(found(text), QString("1 2 3 4"));
        }
        QVERIFY(RunFilter().isEmpty());
    }
    void wordsAreFoundInColumnsAndSettings_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("runs");
        QTest::newRow("name") << "good"
                              << "1";
        QTest::newRow("case") << "CELLS GOOD"
                              << "1";
        QTest::newRow("state") << "failed"
                               << "4";
        QTest::newRow("network") << "fcn"
                                 << "3 4";
        QTest::newRow("a run without a name") << "\"run 3\""
                                              << "3";
        QTest::newRow("phrase") << "\"bad cells\""
                                << "2";
        QTest::newRow("phrase that is being typed") << "\"bad ce"
                                                    << "2";
        QTest::newRow("message") << "memory"
                                 << "4";
        QTest::newRow("setting") << "adamw"
                                 << "1 2 3 4";
        QTest::newRow("file") << "truth"
                              << "1 2 3 4";
        QTest::newRow("folder of all files") << "/data"
                                             << "";
        QTest::newRow("date") << "2026-11-02"
                              << "2";
        QTest::newRow("number, not part of a number") << "16"
                                                      << "1 2 3 4";
        QTest::newRow("part of a number") << "400"
                                          << "";
        QTest::newRow("letters beyond ASCII") << "öl"
                                              << "4";
        QTest::newRow("name of a setting is no value") << "flip"
                                                       << "";
        QTest::newRow("excluded") << "cells -bad -fcn"
                                  << "1";
        QTest::newRow("excluded phrase") << "-\"good cells\" unet"
                                         << "2";
    }
    void wordsAreFoundInColumnsAndSettings()
    {
        QFETCH(QString, text);
        QFETCH(QString, runs);
        QCOMPARE(found(text.toUtf8().constData()), runs);
    }
    void namedValuesAreCompared_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("runs");
        QTest::newRow("score above") << "dice>0.7"
                                     << "1 3";
        QTest::newRow("spaces") << "dice > 0.7"
                                << "1 3";
        QTest::newRow("title of a score") << "\"Pixel error\"<=0.071"
                                          << "1 2 3";
        QTest::newRow("score by its column") << "score<0.7"
                                             << "2";
        QTest::newRow("rounds to what is typed") << "dice=0.91"
                                                 << "1";
        QTest::newRow("does not round to it") << "dice=0.92"
                                              << "";
        QTest::newRow("measured") << "memory-mib>=512"
                                  << "1 2 3";
        QTest::newRow("setting by its end") << "batch=4"
                                            << "1 3";
        QTest::newRow("setting by its path") << "train.batch>4"
                                             << "4";
        QTest::newRow("a setting does not round") << "learning-rate=0.00"
                                                  << "";
        QTest::newRow("another way to write it") << "learning-rate=1e-3"
                                                 << "1 2 3 4";
        QTest::newRow("unequal") << "batch!=4"
                                 << "2 4";
        QTest::newRow("unequal, another way") << "batch<>4"
                                              << "2 4";
        QTest::newRow("element of a list") << "widths=16"
                                           << "1 2 3 4";
        QTest::newRow("whole list") << "widths=16,32"
                                    << "1 2 3 4";
        QTest::newRow("list with brackets") << "widths=[16,32]"
                                            << "1 2 3 4";
        QTest::newRow("another list") << "widths=32,16"
                                      << "";
        QTest::newRow("switch") << "flip=yes"
                                << "1 2 3 4";
        QTest::newRow("switch off") << "flip=off"
                                    << "";
        QTest::newRow("file") << "images=cells.ome.tif"
                              << "1 2 3 4";
        QTest::newRow("data") << "data=cells.ome"
                              << "1 2 3 4";
        QTest::newRow("column") << "network=FCN"
                                << "3 4";
        QTest::newRow("its other name") << "model=fcn"
                                        << "3 4";
        QTest::newRow("equal is not contained") << "name=cells"
                                                << "";
        QTest::newRow("any letters") << "name=*CELLS"
                                     << "1 2";
        QTest::newRow("several stars") << "name=b*d*s"
                                       << "2";
        QTest::newRow("state") << "state=failed"
                               << "4";
        QTest::newRow("number") << "run>=3"
                                << "3 4";
        QTest::newRow("steps") << "steps<200"
                               << "1";
        QTest::newRow("minutes") << "time>15"
                                 << "2 3 4";
        QTest::newRow("unit") << "time>=0.5h"
                              << "3 4";
        QTest::newRow("about a time") << "time=20min"
                                      << "2";
        QTest::newRow("day") << "started=2026-11-03"
                             << "3";
        QTest::newRow("after a day") << "started>2026-11-02"
                                     << "3 4";
        QTest::newRow("month") << "date=2026-11"
                               << "1 2 3 4";
        QTest::newRow("before a month") << "started<2026-11"
                                        << "";
        QTest::newRow("excluded, also where it is missing") << "-dice>0.7"
                                                            << "2 4";
        QTest::newRow("missing values do not match") << "dice!=0.8"
                                                     << "1 2";
        QTest::newRow("all parts") << "network=unet batch=4 dice>0.7"
                                   << "1";
    }
    void namedValuesAreCompared()
    {
        QFETCH(QString, text);
        QFETCH(QString, runs);
        QCOMPARE(found(text.toUtf8().constData()), runs);
        QVERIFY(RunFilter{text.toStdString()}.problems().empty());
    }
    void badInputIsSaidPlainly()
    {
        QCOMPARE(problemOf("dice>"), QString("Write a value after \"dice>\"."));
        QCOMPARE(problemOf(">0.9"), QString("Write a name before \">0.9\", for example dice>0.9."));
        QCOMPARE(problemOf("dice=!0.9"), QString("\"=!\" is not a comparison. Use =, !=, <, <=, > or >=."));
        QCOMPARE(problemOf("dice>high"), QString("Write a number after \"dice>\", not \"high\"."));
        QCOMPARE(problemOf("dice>0,9"), QString("Write a number after \"dice>\", not \"0,9\". Decimals follow a point: 0.9."));
        QCOMPARE(problemOf("dice>nan"), QString("Write a number after \"dice>\", not \"nan\"."));
        QCOMPARE(problemOf("time>10parsecs"),
                 QString("Write a time such as 10min, 2h or 90s after \"time>\", not \"10parsecs\"."));
        QCOMPARE(problemOf("started>yesterday"),
                 QString("Write a date such as 2026-11-03 after \"started>\", not \"yesterday\"."));
        // What is understood counts all the same.
        QCOMPARE(found("fcn dice>"), QString("3 4"));
        QCOMPARE(problemOf("a< b>"), QString("Write a number after \"a<\", not \"b>\"."));
    }
    void namesThatNoRunHasAreSaid()
    {
        QCOMPARE(remarkOf("dics>0.9"), QString("No run has anything called \"dics\". Did you mean \"dice\"?"));
        QCOMPARE(remarkOf("bach=4"), QString("No run has anything called \"bach\". Did you mean \"batch\"?"));
        QVERIFY2(remarkOf("zzzzzzzzzzzz=1").startsWith("No run has anything called \"zzzzzzzzzzzz\". Write the name of a column"),
                 qPrintable(remarkOf("zzzzzzzzzzzz=1")));
        QCOMPARE(remarkOf("network>3"), QString("\"network\" is text, which has no size. Use = or != with it."));
        QCOMPARE(remarkOf("optimizer<1"), QString("\"optimizer\" is text, which has no size. Use = or != with it."));
        for (const char *fine : {"dice>0.9", "comparison=3", "unknown word", "started>2020", "batch=999"})
            QCOMPARE(remarkOf(fine), QString("0 remarks"));
        QVERIFY(RunFilter("dics>0.9").remarks({}).empty());
        QCOMPARE(found("dics>0.9"), QString());
    }
    void nothingThatIsTypedFails()
    {
        const auto rows = someRuns();
        const std::string letters = "a\"=<>!-* 0.9e[,]/\t\xc3\x96";
        std::uint32_t state = 7;
        for (int i = 0; i < 3000; ++i) {
            std::string text;
            for (int k = 0; k < 12; ++k) {
                state = state * 1664525u + 1013904223u;
                text += letters[(state >> 16) % letters.size()];
            }
            const RunFilter filter(text);
            std::size_t matching = 0;
            for (const auto &row : rows)
                matching += filter.matches(row);
            QVERIFY(!filter.isEmpty() || matching == rows.size());
            for (const auto &problem : filter.problems())
                QVERIFY(problem.back() == '.');
            QVERIFY(filter.remarks(pointersTo(rows)).size() <= text.size());
        }
    }
};

RETICLE_TEST(RunFilterTest)
#include "RunFilterTest.moc"
