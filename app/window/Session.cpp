#include "window/Session.h"

#include "base/Error.h"
#include "window/Text.h"

#include <QFileInfo>

namespace reticle {

namespace {

constexpr double defaultMinutes = 15;

bool has(const Catalog &catalog, const std::string &kind, const std::string &name)
{
    const auto it = catalog.kinds.find(kind);
    if (it == catalog.kinds.end())
        return false;
    for (const auto &schema : it->second)
        if (schema.name == name)
            return true;
    return false;
}

} // namespace

Session::Session(QObject *parent)
    : QObject(parent)
    , m_service(new WorkerProcess(this))
{
    connect(m_service, &WorkerProcess::errorLine, &m_works, &WorkList::logged);
}

void Session::connectToWorker()
{
    const auto failed = [this](const Failure &failure) { Q_EMIT workerFailed(failure); };
    m_service->request(
        QStringLiteral("catalog"), Json::object(),
        [this](const Json &result) {
            try {
                m_catalog = Catalog::fromJson(result);
                Q_EMIT catalogReady();
            } catch (const std::exception &e) {
                Q_EMIT workerFailed({QStringLiteral("failed"), QString::fromUtf8(e.what()), {}, {}});
            }
        },
        failed);
    m_service->request(QStringLiteral("hello"), Json::object(), [this](const Json &result) {
        m_machine = result;
        if (result.is_object() && result.contains("warnings"))
            for (const auto &warning : result.at("warnings"))
                if (warning.is_string())
                    Q_EMIT m_works.logged(qs(warning.get<std::string>()));
        Q_EMIT catalogReady();
    });
}

void Session::restartWorker()
{
    delete std::exchange(m_service, new WorkerProcess(this));
    connect(m_service, &WorkerProcess::errorLine, &m_works, &WorkList::logged);
    connectToWorker();
}

QStringList Session::devices() const
{
    QStringList names;
    if (m_machine.is_object() && m_machine.contains("devices"))
        for (const auto &d : m_machine.at("devices")) {
            if (d.is_string())
                names << qs(d.get<std::string>());
            else if (d.is_object() && d.contains("name") && d.at("name").is_string())
                names << qs(d.at("name").get<std::string>());
        }
    return names;
}

void Session::setProject(std::unique_ptr<OpenProject> project)
{
    // Pages let go of the old one first.
    const auto old = std::exchange(m_project, std::move(project));
    Q_EMIT projectChanged();
}

Json Session::recipeFor(const DataSet &data) const
{
    Json recipe = Json::object();
    recipe["recipe"] = 1;
    recipe["title"] = ss(data.title);
    recipe["seed"] = 1;
    recipe["device"] = "auto";
    recipe["data"] = {{"name", "segmentation"},
                      {"images", ss(data.images)},
                      {"labels", ss(data.labels)},
                      {"foreground", ss(data.foreground)}};
    recipe["model"] = {{"name", "unet"}};
    const bool many = data.classes > 2 && m_catalog && has(*m_catalog, "objectives", "cross-entropy");
    recipe["objective"] = {{"name", many ? "cross-entropy" : "bce"}};
    recipe["augment"] = Json::object();
    recipe["train"] = {{"minutes", defaultMinutes}};
    return recipe;
}

Work *Session::begin(Work::Order order)
{
    auto *work = m_works.start(std::move(order));
    const QString folder = work->project();
    const auto refresh = [this, folder] {
        if (m_project && m_project->folder() == folder)
            m_project->refresh();
    };
    connect(work, &Work::runKnown, this, [this, work, refresh](std::int64_t run) {
        refresh();
        if (work->kind() == Work::Kind::Train)
            Q_EMIT runStarted(run, work);
    });
    connect(work, &Work::finished, this, refresh);
    return work;
}

Work *Session::startTraining(const Json &recipe)
{
    Work::Order order;
    order.kind = Work::Kind::Train;
    const std::string title = Recipe(recipe).title();
    order.title = tr("Train %1").arg(title.empty() ? tr("a model") : qs(title));
    order.method = QStringLiteral("run");
    order.project = m_project->folder();
    order.params = {{"project", ss(order.project)}, {"recipe", recipe}};
    return begin(std::move(order));
}

Work *Session::resumeRun(std::int64_t run)
{
    if (auto *work = m_works.activeOn(m_project->folder(), run))
        return work;
    Work::Order order;
    order.kind = Work::Kind::Train;
    const auto *info = m_project->run(run);
    order.title = tr("Train %1").arg(info && !info->title.empty() ? qs(info->title) : tr("run %1").arg(run));
    order.method = QStringLiteral("run");
    order.project = m_project->folder();
    order.run = run;
    order.params = {{"project", ss(order.project)}, {"resume", run}};
    auto *work = begin(std::move(order));
    Q_EMIT runStarted(run, work);
    return work;
}

Work *Session::startPrediction(std::int64_t run, const DataSet &data, const QString &output)
{
    Work::Order order;
    order.kind = Work::Kind::Predict;
    order.title = tr("Predict %1").arg(data.title);
    order.method = QStringLiteral("predict");
    order.project = m_project->folder();
    order.run = run;
    order.params = {{"project", ss(order.project)},
                    {"run", run},
                    {"input", ss(data.images)},
                    {"output", ss(output)}};
    return begin(std::move(order));
}

Work *Session::startAnalysis(const QString &name, const QString &what, std::int64_t run, const Json &options)
{
    Work::Order order;
    order.kind = Work::Kind::Analyze;
    order.title = what;
    order.method = QStringLiteral("analyze");
    order.project = m_project->folder();
    order.run = run;
    order.params = {{"name", ss(name)}, {"project", ss(order.project)}, {"run", run}, {"options", options}};
    return begin(std::move(order));
}

} // namespace reticle
