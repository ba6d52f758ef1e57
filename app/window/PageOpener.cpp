#include "window/PageOpener.h"

#include "base/ClassSource.h"
#include "base/Comparison.h"
#include "base/Error.h"
#include "base/ImageSource.h"
#include "base/Pictures.h"
#include "data/SegmentationData.h"
#include "base/files/ModelFiles.h"
#include "widgets/views/Background.h"
#include "widgets/views/ExampleStrip.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/Theme.h"
#include "window/ComparisonPage.h"
#include "window/ImagePage.h"
#include "window/MessageBar.h"
#include "window/PanelParts.h"
#include "window/PostprocessPage.h"
#include "window/Predictions.h"
#include "window/ResultPage.h"
#include "window/Session.h"
#include "window/SidePanel.h"
#include "window/TabArea.h"
#include "window/Text.h"
#include "window/TrainingPage.h"
#include "window/WaveletPage.h"

#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QPointer>

#include <algorithm>

namespace reticle {

namespace {

QString runTitle(const RunInfo &run)
{
    return run.title.empty() ? PageOpener::tr("Run %1").arg(run.id)
                             : QStringLiteral("%1 %2").arg(run.id).arg(qs(run.title));
}

/// What the worker tells of a model's layers; of an older worker without figures, or without memory.
Result layersOf(const Json &answer)
{
    if (answer.contains("result"))
        return Result::fromJson(answer.at("result"));
    Result r;
    r.summary = answer.value("summary", std::string());
    r.tables.push_back(Table::fromJson(answer.at("table")));
    r.tables.back().title = "Layers";
    if (answer.contains("memory"))
        r.tables.push_back(Table::fromJson(answer.at("memory")));
    return r;
}

/// What a network takes in and tells apart.
struct NetworkEnds
{
    std::int64_t channels = 0, classes = 0; ///< channels of a slice and its neighbours together
    QString problem;                        ///< why they are not known
};

/// As training has written it beside the weights; all 0 where it has not.
NetworkEnds endsOfModel(const std::filesystem::path &runFolder)
{
    try {
        const Json model = readModelDescription(runFolder);
        return {model.at("channels").get<std::int64_t>(), model.at("classes").get<std::int64_t>(), {}};
    } catch (const Json::exception &) {
        return {};
    } catch (const Error &) {
        return {};
    }
}

/// Channels of a page: colours, without what is see-through.
std::int64_t channelsOf(const ImageInfo &info)
{
    return info.channels - (info.alpha ? 1 : 0);
}

/// As training would find it. `classes`: where they are known. Labels are read for them otherwise; without labels there
/// are none to tell apart.
NetworkEnds endsOfData(const std::string &images, const std::string &labels, std::int64_t planes, std::int64_t classes)
{
    try {
        NetworkEnds ends{channelsOf(openPictures(images)->info()) * planes, classes, {}};
        if (ends.classes < 2 && !labels.empty()) {
            const auto values = labelValues(*openLabels(labels));
            const bool ignores = values.size() > 2 && values.back() == SegmentationData::ignore;
            ends.classes = static_cast<std::int64_t>(values.size()) - (ignores ? 1 : 0);
        }
        ends.classes = std::max<std::int64_t>(2, ends.classes);
        return ends;
    } catch (const std::exception &e) {
        return {0, 0, QString::fromUtf8(e.what())};
    }
}

/// A scrolled page of one widget under a heading.
QWidget *plainPage(const QString &title, const QString &text, QWidget *content)
{
    auto *page = new QWidget;
    auto *column = scrolledColumn(page);
    column->addLayout(pageHead(new QLabel(title), new QLabel(text)));
    column->addWidget(content, 1);
    return page;
}

} // namespace

PageOpener::PageOpener(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_tabs(tabs)
    , m_side(side)
    , m_message(message)
{
    connect(m_tabs, &TabArea::currentChanged, this, &PageOpener::showFormOf);
    connect(m_side->trainForm(), &TrainForm::trainRequested, this, &PageOpener::train);
    connect(m_side->trainForm(), &TrainForm::augmentPreviewRequested, this, &PageOpener::previewAugmentation);
    connect(m_side->trainForm(), &TrainForm::layerTableRequested, this,
            [this](const Json &recipe) { showLayers(recipe); });
    connect(m_side->runForm(), &RunForm::againRequested, this, &PageOpener::trainAgain);
    connect(m_side->runForm(), &RunForm::resumeRequested, this, &PageOpener::resume);
    connect(m_side->runForm(), &RunForm::layerTableRequested, this, [this](std::int64_t run) {
        if (const auto *info = m_session->project()->run(run))
            showLayers(info->recipe, run);
    });
    connect(m_side->runForm(), &RunForm::analysisRequested, this,
            [this](const QString &name, std::int64_t run) { m_side->showAnalysis(name, run); });
    connect(m_side->analysisForm(), &AnalysisForm::startRequested, this,
            [this](const QString &name, std::int64_t run, const Json &options) { analyse(name, run, options); });
    connect(m_session, &Session::runStarted, this, [this](std::int64_t run, Work *work) {
        const auto *info = m_session->project()->run(run);
        if (!info || info->comparison == 0)
            open({ItemKey::Kind::Run, run, {}});
        else if (m_comparing.insert(work->id()).second) // its first run; the others are on the page then
            openComparison(info->comparison);
    });
    connect(m_session, &Session::projectChanged, this, &PageOpener::forgetLayers);
    connect(m_session, &Session::catalogReady, this, [this] {
        if (m_session->project())
            showFormOf(m_tabs->currentKey());
    });
}

void PageOpener::addData(const DataSet &data, bool beside)
{
    auto *page = new ImagePage(m_session, data);
    connect(page, &ImagePage::predictRequested, this, &PageOpener::predict);
    connect(page, &ImagePage::evaluateRequested, this, &PageOpener::evaluate);
    connect(page, &ImagePage::postprocessRequested, this, &PageOpener::postprocess);
    connect(page, &ImagePage::instancesRequested, this,
            [this](std::int64_t run) { m_side->showAnalysis(QStringLiteral("instances"), run); });
    m_tabs->add({ItemKey::Kind::Data, data.input, {}}, data.title, themeIcon(QStringLiteral("image")), page, beside);
}

void PageOpener::addRun(std::int64_t run, bool beside)
{
    auto *page = new TrainingPage(m_session, {run});
    connect(page, &TrainingPage::resumeRequested, this, &PageOpener::resume);
    connect(page, &TrainingPage::lookRequested, this, &PageOpener::lookAtRun);
    connect(page, &TrainingPage::evaluateRequested, this, &PageOpener::evaluate);
    connect(page, &TrainingPage::compareRequested, this, &PageOpener::compare);
    m_tabs->add({ItemKey::Kind::Run, run, {}}, runTitle(*m_session->project()->run(run)),
                themeIcon(QStringLiteral("run")), page, beside);
}

void PageOpener::addComparison(std::int64_t comparison, bool beside)
{
    auto *page = new ComparisonPage(m_session, comparison);
    connect(page, &ComparisonPage::resumeRequested, this, &PageOpener::resume);
    connect(page, &ComparisonPage::runRequested, this, [this](std::int64_t run) {
        open({ItemKey::Kind::Run, run, {}});
    });
    connect(page, &ComparisonPage::reportRequested, this,
            [this](std::int64_t run, const std::string &score) {
                analyse(QStringLiteral("compare-runs"), run, {{"score", score}});
            });
    m_tabs->add({ItemKey::Kind::Comparison, comparison, {}},
                tr("Comparison %1").arg(qs(m_session->project()->store().comparison(comparison).title)),
                themeIcon(QStringLiteral("chart")), page, beside);
}

void PageOpener::openComparison(std::int64_t comparison)
{
    open({ItemKey::Kind::Comparison, comparison, {}});
}

bool PageOpener::addResult(std::int64_t id, bool beside)
{
    auto *project = m_session->project();
    const auto *info = project->result(id);
    if (!info)
        return false;
    const Result result = project->store().result(id);
    QString title = qs(info->name);
    title.replace('-', ' ');
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    if (const auto *run = project->run(info->run))
        title += QStringLiteral(" · ") + (info->name == "compare-runs" ? project->subjectOf(*info) : runTitle(*run));
    auto *page = new ResultPage;
    page->setResult(result, title);
    m_tabs->add({ItemKey::Kind::Result, id, {}}, title, themeIcon(QStringLiteral("table")), page, beside);
    return true;
}

bool PageOpener::open(const ItemKey &key, bool beside)
{
    auto *project = m_session->project();
    if (!project)
        return false;
    if (m_tabs->show(key)) {
        Q_EMIT opened(key);
        return true;
    }
    try {
        switch (key.kind) {
        case ItemKey::Kind::Data: {
            const auto *data = project->dataSet(key.id);
            if (!data)
                return false;
            addData(*data, beside);
            break;
        }
        case ItemKey::Kind::Run:
            if (!project->run(key.id))
                return false;
            addRun(key.id, beside);
            break;
        case ItemKey::Kind::Prediction: {
            const QString file = QDir(project->predictionsFolder(key.id)).filePath(key.detail);
            if (!QFileInfo::exists(file))
                return false;
            const auto *run = project->run(key.id);
            const DataSet *data = predictedData(*project, key.id, key.detail);
            if (run && makesImages(*run))
                data = nullptr; // a picture of its own, nothing to lay over another
            auto *page = new ImagePage(m_session, file, data);
            m_tabs->add(key, key.detail, themeIcon(QStringLiteral("layers")), page, beside);
            break;
        }
        case ItemKey::Kind::Result:
            if (!addResult(key.id, beside))
                return false;
            break;
        case ItemKey::Kind::Figure: {
            const Result result = project->store().result(key.id);
            const auto index = key.detail.toULongLong();
            if (index >= result.figures.size())
                return false;
            const Figure &figure = result.figures[index];
            auto *page = new FigurePage(figure);
            connect(page, &FigurePage::exported, this, [this](const QString &path) {
                m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path));
            });
            m_tabs->add(key, qs(figure.title.empty() ? figure.name : figure.title),
                        themeIcon(QStringLiteral("chart")), page, beside);
            break;
        }
        case ItemKey::Kind::Comparison: addComparison(key.id, beside); break;
        case ItemKey::Kind::Compare: {
            std::vector<std::int64_t> runs;
            for (const auto &word : key.detail.split(','))
                if (project->run(word.toLongLong()))
                    runs.push_back(word.toLongLong());
            if (runs.empty())
                return false;
            m_tabs->add(key, tr("Comparison"), themeIcon(QStringLiteral("chart")), new TrainingPage(m_session, runs),
                        beside);
            break;
        }
        default: return false;
        }
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        return false;
    }
    Q_EMIT opened(key);
    return true;
}

void PageOpener::showFormOf(const ItemKey &key)
{
    auto *project = m_session->project();
    if (!project)
        return m_side->showNothing();
    if (auto *page = dynamic_cast<HasSidePanel *>(m_tabs->page(key)); page && m_tabs->currentKey() == key)
        return m_side->showLent(page->sidePanel());
    switch (key.kind) {
    case ItemKey::Kind::Data:
        if (const auto *data = project->dataSet(key.id)) {
            // What was typed for this data stays while one looks at something else.
            const Json recipe = m_side->trainForm()->recipe();
            const bool same = recipe.is_object() && recipe.contains("data") && recipe.at("data").is_object()
                && recipe.at("data").value("images", std::string()) == ss(data->images);
            if (same)
                m_side->showTraining();
            else
                m_side->showTraining(m_session->recipeFor(*data), tr("Train on %1").arg(data->title));
            return;
        }
        break;
    case ItemKey::Kind::Run:
    case ItemKey::Kind::Prediction:
        if (project->run(key.id))
            return m_side->showRun(key.id);
        break;
    case ItemKey::Kind::Result:
    case ItemKey::Kind::Figure:
        if (const auto *result = project->result(key.id))
            return m_side->showResult(*result);
        break;
    case ItemKey::Kind::Tool: return m_side->keep(); // layers, augmentation: they belong to the form that is there
    default: break;
    }
    m_side->showNothing();
}

void PageOpener::trainOn(std::int64_t input)
{
    const auto *data = m_session->project() ? m_session->project()->dataSet(input) : nullptr;
    if (!data)
        return;
    open({ItemKey::Kind::Data, input, {}});
    m_side->showTraining(m_session->recipeFor(*data), tr("Train on %1").arg(data->title));
}

void PageOpener::trainAgain(std::int64_t run)
{
    if (const auto *info = m_session->project()->run(run))
        m_side->showTraining(info->recipe, tr("Train again, from run %1").arg(runTitle(*info)));
}

void PageOpener::train(const Json &recipe)
{
    auto *work = m_session->startTraining(recipe);
    connect(work, &Work::finished, this, [this, work] {
        // A recipe that was refused has made no run: the sentence goes to the form.
        const bool refused = work->run() == 0 && work->failure() && work->state() != Work::State::Cancelled;
        if (refused && m_session->isOpen(work->project())) {
            m_side->trainForm()->showFailure(*work->failure());
            m_side->showTraining();
        }
    });
}

void PageOpener::resume(std::int64_t run)
{
    auto *work = m_session->resumeRun(run);
    connect(work, &Work::finished, this, [this, work] {
        if (work->failure() && work->state() == Work::State::Failed)
            m_message->sayFailure(*work->failure());
    });
}

void PageOpener::lookAtRun(std::int64_t run)
{
    auto *project = m_session->project();
    const auto *info = project->run(run);
    const auto *data = info ? project->dataSetOf(info->recipe) : nullptr;
    if (!data) {
        m_message->say(MessageBar::Level::Warning, tr("The data of this run are not in the project any more."));
        return;
    }
    const ItemKey key{ItemKey::Kind::Data, data->input, {}};
    open(key);
    if (auto *page = qobject_cast<ImagePage *>(m_tabs->page(key)))
        page->setShownRun(run);
}

void PageOpener::evaluate(std::int64_t run)
{
    analyse(QStringLiteral("evaluate"), run, Json::object());
}

void PageOpener::analyse(const QString &name, std::int64_t run, const Json &options)
{
    auto *project = m_session->project();
    const auto *info = project->run(run);
    QString title = name;
    title.replace('-', ' ');
    title[0] = title[0].toUpper();
    std::int64_t before = 0;
    for (const auto &r : project->results())
        before = std::max(before, r.id);
    auto *work = m_session->startAnalysis(name, info ? title + QStringLiteral(" · ") + runTitle(*info) : title, run, options);
    connect(work, &Work::finished, this, [this, work, before, title] {
        if (!m_session->isOpen(work->project()))
            return;
        if (work->failure()) {
            if (work->state() != Work::State::Cancelled)
                m_message->sayFailure(*work->failure());
            return;
        }
        m_session->project()->refresh();
        std::int64_t newest = 0;
        for (const auto &r : m_session->project()->results())
            newest = std::max(newest, r.id);
        if (newest > before)
            open({ItemKey::Kind::Result, newest, {}});
        else if (const auto &why = m_session->project()->store().whyReadOnly(); !why.empty())
            m_message->say(MessageBar::Level::Warning,
                           tr("%1 The result was not saved, because this project cannot be changed: %2.")
                               .arg(qs(work->result().value("summary", std::string())), qs(why)));
        else
            m_message->say(MessageBar::Level::Warning, tr("%1 ended without a result.").arg(title));
    });
}

void PageOpener::predict(std::int64_t run, const DataSet &data)
{
    predictInto(m_session, m_message, run, data, this, [this, run](const QString &file) {
        if (file.isEmpty())
            return;
        const ItemKey key{ItemKey::Kind::Prediction, run, file};
        m_tabs->close(key); // an older one of the same name shows the old file
        open(key);
    });
}

void PageOpener::postprocess(std::int64_t run, const DataSet &data)
{
    const ItemKey key{ItemKey::Kind::Tool, run, QStringLiteral("postprocess")};
    if (m_tabs->show(key))
        return;
    auto *page = new PostprocessPage(m_session, run, data);
    connect(page, &PostprocessPage::applyRequested, this,
            [this](std::int64_t r, const Json &options) { analyse(QStringLiteral("postprocess"), r, options); });
    m_tabs->add(key, tr("Clean up run %1").arg(run), themeIcon(QStringLiteral("filter")), page);
}

void PageOpener::wavelets(std::int64_t input)
{
    const auto *data = m_session->project() ? m_session->project()->dataSet(input) : nullptr;
    const ItemKey key{ItemKey::Kind::Tool, input, QStringLiteral("wavelets")};
    if (!data || m_tabs->show(key))
        return;
    auto *page = new WaveletPage(m_session, *data);
    connect(page, &WaveletPage::measureRequested, this,
            [this](const Json &options) { analyse(QStringLiteral("wavelet-spectrum"), 0, options); });
    connect(page, &WaveletPage::predictionRequested, this, [this, page, set = *data](std::int64_t run) {
        predictInto(m_session, m_message, run, set, page, [this, page, run](const QString &file) {
            page->predicted(run, file.isEmpty() ? file : QDir(m_session->project()->predictionsFolder(run)).filePath(file));
        });
    });
    m_tabs->add(key, tr("Detail of %1").arg(data->title), themeIcon(QStringLiteral("chart")), page);
}

void PageOpener::compare(std::vector<std::int64_t> runs)
{
    std::sort(runs.begin(), runs.end());
    QStringList words;
    for (const auto run : runs)
        words << QString::number(run);
    open({ItemKey::Kind::Compare, 0, words.join(',')});
}

void PageOpener::openWork(Work *work)
{
    if (!m_session->project() || work->project() != m_session->project()->folder())
        return;
    if (work->kind() != Work::Kind::Train || work->run() == 0)
        return;
    if (const auto *info = m_session->project()->run(work->run()); info && info->comparison > 0)
        openComparison(info->comparison);
    else
        open({ItemKey::Kind::Run, work->run(), {}});
}

void PageOpener::previewAugmentation(const Json &recipe)
{
    constexpr int examples = 8;
    m_session->service()->request(
        QStringLiteral("augment-preview"), {{"recipe", recipe}, {"count", examples}}, this,
        [this](const Json &result) {
            try {
                std::vector<std::vector<Array>> rows;
                const Json &images = result.at("images"), &targets = result.at("targets");
                for (std::size_t i = 0; i < images.size(); ++i)
                    rows.push_back(targets.empty() ? std::vector{Array::fromJson(images[i])} // it is its own target
                                                   : std::vector{Array::fromJson(images[i]), Array::fromJson(targets.at(i))});
                auto *strip = new ExampleStrip;
                strip->setRows(std::move(rows), {tr("Input"), tr("Target")});
                const ItemKey key{ItemKey::Kind::Tool, 0, QStringLiteral("augmentation")};
                m_tabs->close(key);
                m_tabs->add(key, tr("Augmentation"), themeIcon(QStringLiteral("grid")),
                            plainPage(tr("Augmented examples"),
                                      tr("Crops of the training slices as the network will see them."), strip));
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
            }
        },
        [this](const Failure &failure) { m_side->trainForm()->showFailure(failure); });
}

void PageOpener::showLayers(const Json &recipe, std::int64_t run)
{
    const Json data = recipe.value("data", Json::object()), train = recipe.value("train", Json::object());
    const auto *project = m_session->project();
    const auto *set = project ? project->dataSetOf(recipe) : nullptr;
    const std::int64_t side = train.value("crop", std::int64_t(256));
    const std::int64_t planes = 2 * data.value("context", std::int64_t(0)) + 1;
    const Json params = {{"model", recipe.at("model")},
                         {"objective", recipe.value("objective", Json())},
                         {"train", train},
                         {"planes", planes},
                         {"height", side},
                         {"width", side},
                         {"batch", train.value("batch", std::int64_t(1))}};
    forgetLayers();
    inBackground(
        this,
        [images = data.value("images", std::string()), labels = data.value("labels", std::string()), planes,
         classes = data.value("threshold", 0.0) > 0 ? std::int64_t(2) : std::int64_t(set ? set->classes : 0), run,
         folder = run > 0 && project ? project->store().runFolder(run) : std::filesystem::path()]() -> NetworkEnds {
            if (run > 0) {
                const auto trained = endsOfModel(folder);
                return trained.channels > 0 ? trained : endsOfData(images, labels, planes, classes);
            }
            // A recipe is still being made: what is wrong with its data is said when it is trained.
            const auto seen = endsOfData(images, {}, planes, classes);
            return seen.channels > 0 ? seen : NetworkEnds{planes, std::max<std::int64_t>(2, classes), {}};
        },
        [this, params, run, wish = m_layersWish](const NetworkEnds &ends) {
            if (wish != m_layersWish)
                return;
            if (ends.channels < 1) {
                m_message->say(MessageBar::Level::Warning,
                               tr("Which channels and classes run %1 has is not known: it has kept no model, and its data "
                                  "tell nothing. %2").arg(run).arg(ends.problem));
                return;
            }
            Json all = params;
            all["channels"] = ends.channels;
            all["classes"] = ends.classes;
            describe(std::move(all), run);
        });
}

void PageOpener::describe(Json params, std::int64_t run)
{
    // In a channel of their own, so that the worker does not begin with tables that have been replaced by then.
    m_session->service()->request(
        QStringLiteral("describe-model"), std::move(params), this,
        [this, run, wish = m_layersWish](const Json &result) {
            if (wish != m_layersWish)
                return;
            try {
                auto *page = new ResultPage;
                const auto *info = run > 0 && m_session->project() ? m_session->project()->run(run) : nullptr;
                page->setResult(layersOf(result), info ? tr("Layer table of run %1").arg(runTitle(*info)) : tr("Layer table"));
                const ItemKey key{ItemKey::Kind::Tool, run, QStringLiteral("layers")};
                m_tabs->close(key);
                m_tabs->add(key, info ? tr("Layers of run %1").arg(run) : tr("Layers"), themeIcon(QStringLiteral("model")), page);
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
            }
        },
        [this, run, wish = m_layersWish](const Failure &failure) {
            if (wish != m_layersWish)
                return;
            if (run > 0)
                m_message->sayFailure(failure);
            else
                m_side->trainForm()->showFailure(failure);
        },
        QStringLiteral("layers"));
}

} // namespace reticle
