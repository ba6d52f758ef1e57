// The tables of a comparison: its runs, its models, the paired tests of a score.

#include "compare/Comparison.h"
#include "project/ModelFiles.h"
#include "protocol/RunScores.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "window/pages/ComparisonPage.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

/// What the runs say of their scores; nothing where they are of before.
RunScores scoresSaid(const std::vector<RunInfo> &runs)
{
    for (const auto &r : runs)
        if (r.summary.is_object() && r.summary.contains("scores"))
            return RunScores::of(r.summary);
    return {};
}

/// A row a run: what it is, how it stands and what came of it. All else is alike, or in the recipe.
Table shortTable(const std::vector<RunInfo> &runs, const ComparisonPlan &plan)
{
    const bool axes = !plan.axes.empty();
    std::vector<std::int64_t> run, seed, fold, steps;
    bool folds = false, grouped = false;
    std::vector<std::string> model, state, groups;
    std::vector<double> minutes;
    std::map<std::string, std::vector<double>> scores;
    const auto best = [](const RunInfo &r) {
        return r.summary.is_object() ? r.summary.value("best", Json::object()) : Json::object();
    };
    for (const auto &r : runs) {
        const Json b = best(r);
        for (const auto &[name, value] : b.items())
            if (value.is_number() && name != "step")
                scores[name];
    }
    scores.erase("score"); // one of the others
    const RunScores described = scoresSaid(runs);
    for (const auto &r : runs) {
        run.push_back(r.id);
        seed.push_back(repeatOf(r).seed);
        fold.push_back(repeatOf(r).fold);
        folds = folds || fold.back() > 0;
        groups.push_back(testGroupsOf(r));
        grouped = grouped || !groups.back().empty();
        const auto setting = axes ? plan.settingOf(r.recipe) : 0;
        model.push_back(!axes                            ? Recipe(r.recipe).section("model").value("name", std::string())
                        : setting < plan.settings.size() ? plan.settings[setting].label
                                                         : std::string());
        state.push_back(ss(titleOf(r.status)));
        steps.push_back(r.step);
        minutes.push_back(r.seconds / 60);
        for (auto &[name, column] : scores) {
            const Json b = best(r);
            column.push_back(b.contains(name) && b.at(name).is_number() ? b.at(name).get<double>()
                                                                        : std::numeric_limits<double>::quiet_NaN());
        }
    }
    Table t;
    t.title = "Runs";
    t.columns = {{"run", "", run},     {axes ? "setting" : "model", "", model},
                 {"seed", "", seed},   {"state", "", state},
                 {"steps", "", steps}, {"time", "min", minutes, 1}};
    if (grouped)
        t.columns.insert(t.columns.begin() + 3, {"test groups", "", std::move(groups)});
    if (folds)
        t.columns.insert(t.columns.begin() + 3, {"fold", "", fold});
    for (auto &[name, column] : scores)
        t.columns.push_back({described.has(name) ? described.info(name).title : scoreTitle(name),
                             described.has(name) ? described.info(name).unit : scoreUnit(name), std::move(column), 5});
    return t;
}

/// As high as its rows.
void fitHeight(TableView *table)
{
    const int rows = static_cast<int>(table->table().rows());
    table->setFixedHeight(std::min(320, 34 + 28 * std::max(1, rows) + 14));
}

} // namespace

/// What runs of this kind have, and of images what the report alone finds.
void ComparisonPage::offerScores(const std::vector<RunInfo> &infos)
{
    const RunInfo *known = nullptr;
    for (const auto &r : infos)
        if (!known && r.summary.is_object() && (r.summary.contains("best") || r.summary.contains("scores")))
            known = &r;
    m_score->setEnabled(known);
    if (m_score->count() > 0 || !known)
        return;
    if (const RunScores described = scoresSaid(infos); !described.scores().empty()) {
        std::vector<ScoreInfo> offered = described.scores();
        // What chooses the weights first, and what the report alone finds after it.
        const auto chosen = described.selectedScore().name;
        std::stable_partition(offered.begin(), offered.end(), [&](const ScoreInfo &s) { return s.name == chosen; });
        if (taskOf(known->summary) == "segmentation")
            for (const char *name : {"v-rand", "v-info"})
                offered.push_back({name, scoreTitle(name), scoreUnit(name)});
        if (taskOf(known->summary) == "reconstruction") // the report has the error in the units of the image
            for (auto &s : offered)
                if (s.name == "mse")
                    s = {"rmse", scoreTitle("rmse"), scoreUnit("rmse")};
        if (!described.has("loss"))
            offered.push_back({"loss", scoreTitle("loss"), {}});
        for (const auto &score : offered)
            m_score->addItem(qs(score.title), qs(score.name));
        return;
    }
    // Of runs of before.
    const auto names = taskOf(known->summary) == "reconstruction"
                           ? std::vector<const char *>{"loss", "rmse", "psnr", "ssim"}
                           : std::vector<const char *>{"dice", "iou", "pixel-error", "v-rand", "v-info", "loss"};
    for (const char *name : names)
        m_score->addItem(qs(scoreTitle(name)), QString::fromLatin1(name));
}

void ComparisonPage::showModels(const std::vector<RunInfo> &infos)
{
    if (!m_whole)
        m_models->setTable(plannedModelTable(m_plan, infos, score() == "auto" ? "loss" : score()));
    fitHeight(m_models);
}

void ComparisonPage::showScores()
{
    auto *project = m_session->project();
    if (!project)
        return;
    takeKept();
    const auto infos = this->infos();
    const auto done = static_cast<std::size_t>(
        std::count_if(infos.begin(), infos.end(), [](const RunInfo &r) { return r.status == RunStatus::Done; }));
    m_whole = done >= m_plan.runs;
    offerScores(infos);
    m_table->setTable(shortTable(infos, m_plan));
    fitHeight(m_table);
    m_report->setEnabled(done > 0);
    m_csv->setEnabled(done > 0);
    m_result->setVisible(done > 0);
    QStringList notes;
    for (const auto &note : m_recipeNotes)
        notes << qs(note);
    if (done > 0) {
        try {
            const auto compared = compareRuns(infos, 0, score(), "validation", &m_plan);
            m_summary->setText(qs(comparisonText(compared)));
            if (m_whole)
                m_models->setTable(modelTable(compared));
            m_tests->setTable(pairTable(compared));
            m_figure->setFigure(comparisonFigure(compared));
            fitHeight(m_tests);
            for (const auto &warning : compared.warnings)
                notes << qs(warning);
            notes << qs(sharedSlicesWarning(compared));
            m_figure->show();
            m_tests->show();
        } catch (const std::exception &e) {
            const bool regions = score() == "v-rand" || score() == "v-info";
            m_summary->setText(regions ? tr("%1 takes a prediction of every run: make the report, then it shows here too.")
                                             .arg(qs(scoreTitle(score())))
                                       : QString::fromUtf8(e.what()));
            m_whole = false; // the table tells what there is
            m_figure->hide();
            m_tests->hide();
        }
    }
    showModels(infos);
    m_notes->setText(notes.join(QLatin1Char('\n')));
    m_notes->setVisible(!notes.isEmpty());
}

} // namespace reticle
