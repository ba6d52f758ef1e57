#include "window/pages/PageOpener.h"

#include "widgets/views/Theme.h"
#include "window/parts/FormPreviews.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"
#include "window/shell/Text.h"

namespace reticle {

namespace {

/// Whether a page of `thing` has nothing to show once `gone` is gone.
bool goesWith(const OpenProject &project, const ItemKey &thing, const ItemKey &gone)
{
    using Kind = ItemKey::Kind;
    // Results of a run go and come with it.
    const auto *result = thing.kind == Kind::Result || thing.kind == Kind::Figure ? project.result(thing.id) : nullptr;
    switch (gone.kind) {
    case Kind::Data:
    case Kind::Comparison: return thing.kind == gone.kind && thing.id == gone.id;
    case Kind::Run:
        return ((thing.kind == Kind::Run || thing.kind == Kind::Prediction) && thing.id == gone.id) ||
               (result && result->run == gone.id) ||
               (thing.kind == Kind::Compare && thing.detail.split(',').contains(QString::number(gone.id)));
    case Kind::Result:
    case Kind::Figure: return thing == gone || (result && thing.id == gone.id);
    default: return thing == gone;
    }
}

} // namespace

PageOpener::PageOpener(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent)
    : QObject(parent), m_session(session), m_tabs(tabs), m_side(side), m_message(message)
{
    auto *previews = new FormPreviews(session, tabs, side, message, this);
    connect(m_tabs, &TabArea::currentChanged, this, &PageOpener::showFormOf);
    connect(m_side->trainForm(), &TrainForm::trainRequested, this, &PageOpener::train);
    connect(m_side->trainForm(), &TrainForm::augmentPreviewRequested, previews, &FormPreviews::showAugmentation);
    connect(m_side->trainForm(), &TrainForm::layerTableRequested, previews,
            [previews](const Json &recipe) { previews->showLayers(recipe); });
    connect(m_side->runForm(), &RunForm::againRequested, this, &PageOpener::trainAgain);
    connect(m_side->runForm(), &RunForm::resumeRequested, this, &PageOpener::resume);
    connect(m_side->runForm(), &RunForm::layerTableRequested, previews, [this, previews](std::int64_t run) {
        if (const auto *info = m_session->project()->run(run))
            previews->showLayers(info->recipe, run);
    });
    connect(m_side->runForm(), &RunForm::pageRequested, this, [this](const ItemKey &page) { open(page); });
    connect(m_side->runForm(), &RunForm::analysisRequested, this,
            [this](const QString &name, std::int64_t run) { m_side->showAnalysis(name, run); });
    connect(m_side->analysisForm(), &AnalysisForm::startRequested, this, &PageOpener::analyze);
    connect(m_session, &Session::runStarted, this, [this](std::int64_t run, Job *job) {
        const auto *info = m_session->project()->run(run);
        ItemKey page{ItemKey::Kind::Run, run, {}};
        if (info && info->comparison > 0) {
            if (!m_comparing.insert(job->id()).second) // its first run has come; the others are on the page then
                return;
            page = {ItemKey::Kind::Comparison, info->comparison, {}};
        }
        // Its page follows the click that asked for it, unless one has gone on to something else meanwhile.
        const auto asked = m_startedAt.find(job->id());
        if (asked == m_startedAt.end() || asked->second == m_tabs->currentKey())
            open(page);
        else
            m_message->say(MessageBar::Level::Info, tr("%1 has started.").arg(job->title()),
                           {{tr("Show it"), [this, page] { open(page); }}});
    });
    connect(m_session, &Session::catalogReady, this, [this] {
        if (m_session->project())
            showFormOf(m_tabs->currentKey());
    });
}

PageContext PageOpener::context()
{
    PageContext c;
    c.session = m_session;
    c.message = m_message;
    c.receiver = this;
    c.open = [this](const ItemKey &key) { return open(key); };
    c.close = [this](const ItemKey &key) { m_tabs->close(key); };
    c.remove = [this](const std::vector<ItemKey> &keys) { Q_EMIT removeRequested(keys); };
    c.offer = [this](Job *job, const ItemKey &made, const QString &sentence) { offer(job, made, sentence); };
    c.trainOn = [this](std::int64_t input) { trainOn(input); };
    c.resume = [this](std::int64_t run) { resume(run); };
    c.lookAtRun = [this](std::int64_t run) { lookAtRun(run); };
    c.findFile = [this](const QString &path) { Q_EMIT findRequested(path); };
    c.analyze = [this](const QString &name, std::int64_t run, const Json &options) { analyze(name, run, options); };
    c.analyzeOn = [this](const QString &name, std::int64_t run, const Json &options, const QString &of) {
        analyze(name, run, options, of);
    };
    c.showAnalysisForm = [this](const QString &name, std::int64_t run, const Json &options, const QString &of) {
        m_side->showAnalysis(name, run, options, of);
    };
    return c;
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
        const auto &pages = Pages::instance();
        const bool named = key.kind == ItemKey::Kind::Page;
        const ItemKey of = key.thing();
        const PageKind *kind = named ? pages.find(key.pageName()) : pages.main(*project, of);
        if (!kind || (named && !(kind->of == of.kind && kind->fits(*project, of))))
            return false;
        QWidget *page = kind->make(context(), of);
        if (!page)
            return false;
        Q_EMIT pageMade(key, page);
        m_tabs->add(key, page->windowTitle(), themeIcon(QLatin1String(kind->icon)), page, beside);
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        return false;
    }
    Q_EMIT opened(key);
    return true;
}

void PageOpener::openFromTree(const ItemKey &key)
{
    if (key.kind != ItemKey::Kind::RunGroup || !m_session->project()) {
        open(key);
        return;
    }
    if (const auto offered = Pages::instance().offered(*m_session->project(), key); !offered.empty())
        open(ItemKey::page(QLatin1String(offered.front()->name), key));
}

void PageOpener::closeTabsOf(const ItemKey &gone)
{
    for (const auto &key : m_tabs->keys())
        if (goesWith(*m_session->project(), key.thing(), gone))
            m_tabs->close(key);
}

void PageOpener::showFormOf(const ItemKey &key)
{
    auto *project = m_session->project();
    if (!project)
        return m_side->showNothing();
    if (auto *page = dynamic_cast<HasSidePanel *>(m_tabs->page(key)); page && m_tabs->currentKey() == key)
        return m_side->showLent(page->sidePanel());
    const ItemKey of = key.thing();
    if (key.kind == ItemKey::Kind::Page && of.kind == ItemKey::Kind::None)
        return m_side->keep(); // it belongs to the form that is there
    switch (of.kind) {
    case ItemKey::Kind::Data:
        if (const auto *data = project->dataSet(of.id)) {
            // What was typed for this data stays while one looks at something else.
            const auto typed = pathsOf(m_side->trainForm()->recipe().value("data", Json()));
            if (!typed.empty() && typed.front().second == data->path())
                m_side->showTraining();
            else
                m_side->showTraining(m_session->recipeFor(*data), tr("Train on %1").arg(data->title));
            return;
        }
        break;
    case ItemKey::Kind::Run:
    case ItemKey::Kind::Prediction:
        if (project->run(of.id))
            return m_side->showRun(of.id);
        break;
    case ItemKey::Kind::Result:
    case ItemKey::Kind::Figure:
        if (const auto *result = project->result(of.id))
            return m_side->showResult(*result);
        break;
    default: break;
    }
    m_side->showNothing();
}

void PageOpener::compare(std::vector<std::int64_t> runs)
{
    open(ItemKey::ofRuns(std::move(runs)));
}

void PageOpener::openComparison(std::int64_t comparison)
{
    open({ItemKey::Kind::Comparison, comparison, {}});
}

void PageOpener::openJob(Job *job)
{
    if (!m_session->project() || job->project() != m_session->project()->folder())
        return;
    if (job->outcome().kind != ItemKey::Kind::None) {
        open(job->outcome());
        return;
    }
    if (job->kind() != Job::Kind::Train || job->run() == 0)
        return;
    if (const auto *info = m_session->project()->run(job->run()); info && info->comparison > 0)
        openComparison(info->comparison);
    else
        open({ItemKey::Kind::Run, job->run(), {}});
}

void PageOpener::offer(Job *job, const ItemKey &key, const QString &sentence)
{
    job->setOutcome(key);
    Q_EMIT made(key);
    m_message->say(MessageBar::Level::Positive, sentence, {{tr("Open"), [this, key] { open(key); }}});
}

} // namespace reticle
