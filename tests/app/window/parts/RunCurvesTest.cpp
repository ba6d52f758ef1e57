#include "window/parts/RunCurves.h"
#include "support/Test.h"
#include "window/shell/Text.h"

#include <QDateTime>

#include <cmath>

using namespace reticle;

class RunCurvesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void smoothingIsTheCorrectedExponentialMean();
    void lossFigureHasRawSmoothedAndValidation();
    void logScaleLeavesOutWhatHasNoLogarithm();
    void longCurvesKeepTheirExtremes();
    void severalRunsShareOneFigure();
    void manySettingsHaveOneNameEach();
    void aRunSaysWhichScoresAreFractions();
    void tableShowsOnlySettingsThatDiffer();
    void tableHasOneColumnForAnOptimizer();
    void tableNamesScoresAsRunsDo();
    void wordsForNumbers();
};

void RunCurvesTest::smoothingIsTheCorrectedExponentialMean()
{
    const double nan = std::nan("");
    const auto s = smoothed({{1, 0, 4}, {2, 0, 2}, {3, 0, nan}, {4, 0, 0}}, 0.5);
    // By hand: 2/0.5; (1+1)/0.75; unchanged; (0.5*2+0)/0.875.
    QCOMPARE(s.size(), std::size_t(4));
    QCOMPARE(s[0], 4.0);
    QCOMPARE(s[1], 2.0 / 0.75);
    QCOMPARE(s[2], 2.0 / 0.75);
    QCOMPARE(s[3], 1.0 / 0.875);
    QCOMPARE(smoothed({{1, 0, 3}, {2, 0, 5}}, 0)[1], 5.0);
}

void RunCurvesTest::lossFigureHasRawSmoothedAndValidation()
{
    const Metrics m{
        {"train.loss", {{1, 0.1, 1}, {2, 0.2, 0.5}}}, {"validation.loss", {{2, 0.2, 0.6}}}, {"validation.dice", {{2, 0.2, 0.9}}}};
    const Figure f = lossFigure({{"a", &m}}, {});
    QVERIFY(f.problems().empty());
    const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
    QCOMPARE(panel.series.size(), std::size_t(4)); // raw, smoothed, validation line and its markers
    QVERIFY(panel.series[0].opacity < 0.5);
    QCOMPARE(panel.series[1].name, std::string("training"));
    QCOMPARE(panel.series[2].name, std::string("validation"));
    QCOMPARE(panel.series[2].x, std::vector<double>({2}));
    CurveOptions byTime;
    byTime.byTime = true;
    QCOMPARE(std::get<XYPanel>(lossFigure({{"a", &m}}, byTime).panels[0].content).series[2].x, std::vector<double>({0.2}));
    const Figure scores = scoreFigure({{"a", &m}}, {});
    QCOMPARE(std::get<XYPanel>(scores.panels.at(0).content).series[0].name, std::string("Dice"));
    const Metrics none;
    QVERIFY(scoreFigure({{"a", &none}}, {}).panels.empty());
}

void RunCurvesTest::aRunSaysWhichScoresAreFractions()
{
    const Metrics m{{"validation.gap", {{2, 0.2, 0.3}}}, {"validation.divergence", {{2, 0.2, 25}}}};
    const RunScores scores("latent", "divergence",
                           {{"divergence", "Divergence", "nats", true, false}, {"gap", "Gap", "", false, true}});
    const Figure f = scoreFigure({{"a", &m, -1, scores}}, {});
    const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
    QCOMPARE(panel.series.size(), std::size_t(2)); // one score: its line and its marks
    QCOMPARE(panel.series[0].name, std::string("Gap"));
    // Scores of images have scales of their own, also in runs of before, which say nothing.
    const Metrics images{
        {"validation.mse", {{2, 0.2, 3}}}, {"validation.psnr", {{2, 0.2, 30}}}, {"validation.ssim", {{2, 0.2, 0.9}}}};
    const Figure before = scoreFigure({{"a", &images}}, {});
    QCOMPARE(std::get<XYPanel>(before.panels.at(0).content).series.size(), std::size_t(2));
}

void RunCurvesTest::logScaleLeavesOutWhatHasNoLogarithm()
{
    const Metrics m{{"train.loss", {{1, 0.1, 1}, {2, 0.2, 0}, {3, 0.3, std::nan("")}, {4, 0.4, 0.25}}}};
    CurveOptions o;
    o.logScale = true;
    o.smoothing = 0;
    const Figure f = lossFigure({{"a", &m}}, o);
    QVERIFY(f.problems().empty());
    const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
    QCOMPARE(panel.series.at(0).x, std::vector<double>({1, 4}));
}

void RunCurvesTest::longCurvesKeepTheirExtremes()
{
    std::vector<MetricPoint> points;
    for (int i = 0; i < 100000; ++i)
        points.push_back({i, i * 0.01, i == 70001 ? 9.0 : i == 20002 ? 0.01 : 1.0});
    const Metrics m{{"train.loss", points}};
    const Figure f = lossFigure({{"a", &m}}, {});
    const auto &raw = std::get<XYPanel>(f.panels.at(0).content).series.at(0);
    QVERIFY(raw.x.size() <= 3000);
    QVERIFY(std::find(raw.y.begin(), raw.y.end(), 9.0) != raw.y.end());
    QVERIFY(std::find(raw.y.begin(), raw.y.end(), 0.01) != raw.y.end());
    QVERIFY(std::is_sorted(raw.x.begin(), raw.x.end()));
}

void RunCurvesTest::severalRunsShareOneFigure()
{
    const Metrics a{{"train.loss", {{1, 0, 1}}}, {"validation.loss", {{1, 0, 1}}}}, b{{"train.loss", {{1, 0, 2}}}};
    const Figure f = lossFigure({{"1 a", &a}, {"2 b", &b}}, {});
    const auto &series = std::get<XYPanel>(f.panels.at(0).content).series;
    std::vector<std::string> names;
    for (const auto &s : series)
        if (!s.name.empty())
            names.push_back(s.name);
    QVERIFY((names == std::vector<std::string>{"1 a: training", "1 a: validation", "2 b: training"}));
    QVERIFY(series.front().color != series.back().color);
}

/// Of ten settings with two seeds: a name each, one score, and what cannot be told apart by color in the background.
void RunCurvesTest::manySettingsHaveOneNameEach()
{
    const Metrics m{{"train.loss", {{1, 0, 1}, {2, 1, 0.5}}},
                    {"validation.loss", {{2, 1, 1}}},
                    {"validation.dice", {{2, 1, 0.5}}},
                    {"validation.iou", {{2, 1, 0.4}}}};
    std::vector<RunMetrics> runs;
    for (int seed = 0; seed < 2; ++seed)
        for (int i = 0; i < 10; ++i)
            runs.push_back({"s" + std::to_string(i), &m, i, {}, i < 8 ? 0 : 2});
    CurveOptions options;
    options.score = "iou";
    const auto names = [](const Figure &f) {
        std::vector<std::string> all;
        for (const auto &s : std::get<XYPanel>(f.panels.at(0).content).series)
            if (!s.name.empty())
                all.push_back(s.name);
        return all;
    };
    const std::vector<std::string> expected{"2 others", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"};
    QCOMPARE(names(lossFigure(runs, options)), expected);
    const Figure scores = scoreFigure(runs, options);
    QCOMPARE(names(scores), expected);
    const auto &panel = std::get<XYPanel>(scores.panels.at(0).content);
    QCOMPARE(panel.y.label, std::string("IoU"));
    for (const auto &s : panel.series)
        QCOMPARE(s.y, std::vector<double>{0.4});
    QCOMPARE(panel.series.front().color, std::string("#9aa0a6"));
    // A score with a scale of its own is not drawn here: the first fraction is.
    options.score = "log-loss";
    QCOMPARE(std::get<XYPanel>(scoreFigure(runs, options).panels.at(0).content).series.back().y, std::vector<double>{0.5});
}

void RunCurvesTest::tableShowsOnlySettingsThatDiffer()
{
    RunInfo a, b;
    a.id = 1;
    b.id = 2;
    a.recipe = {{"title", "x"}, {"model", {{"name", "unet"}, {"weights", 4000}}}, {"train", {{"batch", 4}}}};
    b.recipe = {{"title", "y"}, {"model", {{"name", "fcn"}, {"weights", 4000}}}, {"train", {{"batch", 4}}}};
    a.summary = {{"weights", 3964}, {"best", {{"validation.dice", 0.91}}}};
    b.summary = {{"weights", 3996}};
    const Table t = runTable({a, b});
    QVERIFY(t.find("model.name"));
    QVERIFY(!t.find("model.weights"));
    QVERIFY(!t.find("train.batch"));
    QCOMPARE(std::get<std::vector<double>>(t.find("weights")->values)[1], 3996.0);
    const auto *best = t.find("best.validation.dice");
    QVERIFY(best);
    QCOMPARE(std::get<std::vector<double>>(best->values)[0], 0.91);
    QVERIFY(std::isnan(std::get<std::vector<double>>(best->values)[1]));
}

/// An optimizer with settings of its own and one without are one column.
void RunCurvesTest::tableHasOneColumnForAnOptimizer()
{
    RunInfo a, b;
    a.id = 1;
    b.id = 2;
    a.recipe = {{"train", {{"optimizer", "sgd"}}}};
    b.recipe = {{"train", {{"optimizer", {{"name", "adam"}, {"betas", {0.5, 0.9}}}}}}};
    const Table t = runTable({a, b});
    QVERIFY(t.find("train.optimizer"));
    QVERIFY((std::get<std::vector<std::string>>(t.find("train.optimizer")->values) == std::vector<std::string>{"sgd", "adam"}));
    QVERIFY(!t.find("train.optimizer.name"));
}

void RunCurvesTest::tableNamesScoresAsRunsDo()
{
    RunInfo a;
    a.id = 1;
    a.summary = RunScores("regression", "r2", {{"r2", "Explained variance"}, {"mae", "Mean error", "mm", true}}).toJson();
    a.summary["best"] = {{"r2", 0.75}, {"mae", 1.5}, {"other", 3}};
    const Table t = runTable({a});
    QVERIFY(t.find("Explained variance") && t.find("Mean error") && t.find("best.other"));
    QCOMPARE(t.find("Mean error")->unit, std::string("mm"));
    QCOMPARE(std::get<std::vector<double>>(t.find("Explained variance")->values)[0], 0.75);
}

void RunCurvesTest::wordsForNumbers()
{
    QCOMPARE(durationText(7.4), QString("7 s"));
    QCOMPARE(durationText(80), QString("1 min 20 s"));
    QCOMPARE(durationText(3660), QString("1 h 1 min"));
    QCOMPARE(durationText(std::nan("")), QString());
    QCOMPARE(countText(-12345), QString::fromUtf8("\u221212,345"));
    QCOMPARE(scoreText(0.07123), QString("0.07123"));
    QCOMPARE(scoreText(0.5), QString("0.5"));
    QCOMPARE(scoreText(0.000012), QString::fromUtf8("1.20 \u00d7 10\u207b\u2075"));
    QCOMPARE(scoreText(std::nan("")), QString("n/a"));
    QCOMPARE(fileName(" ../a/b "), QString("-a-b"));
    QCOMPARE(fileName("..."), QString("untitled"));
    QCOMPARE(agoText(QDateTime::currentDateTimeUtc().addSecs(-300).toString(Qt::ISODate)), QString("5 min ago"));
}

RETICLE_TEST(RunCurvesTest)
#include "RunCurvesTest.moc"
