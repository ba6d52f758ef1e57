#include "window/Session.h"

#include "base/Error.h"
#include "base/documents/JsonText.h"
#include "window/RunTitle.h"
#include "window/SimulateForm.h"
#include "window/Text.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace reticle {

namespace {

/// The recipe that the command line offers too, so that both train the same.
Json sampleRecipe()
{
    QFile file(QStringLiteral(":/recipes/segment-stack.json"));
    if (!file.open(QIODevice::ReadOnly))
        return Json::object();
    Json recipe = tryJson(file.readAll().toStdString());
    return recipe.is_object() ? recipe : Json::object();
}

/// A worker of another version may not know every field: what it does not know is left at its own default.
void keepKnown(Json &section, const SchemaInfo *schema)
{
    if (!schema || !section.is_object())
        return;
    Json known = Json::object();
    for (const auto &[key, value] : section.items())
        if (key == "name" || schema->find(key))
            known[key] = value;
    section = std::move(known);
}

const SchemaInfo *schemaOf(const Catalog &catalog, const std::string &kind, const std::string &name)
{
    if (const auto it = catalog.kinds.find(kind); it != catalog.kinds.end())
        for (const auto &schema : it->second)
            if (schema.name == name)
                return &schema;
    return nullptr;
}

const SchemaInfo *schemaOf(const Catalog &catalog, const std::string &section)
{
    const auto it = catalog.sections.find(section);
    return it == catalog.sections.end() ? nullptr : &it->second;
}

} // namespace

Session::Session(QObject *parent) : QObject(parent), m_service(new WorkerProcess(this))
{
    connect(m_service, &WorkerProcess::errorLine, &m_works, &WorkList::logged);
    // Before any page: pages show what the project says, so it is read again first when work ends.
    connect(&m_works, &WorkList::added, this, &Session::follow);
}

void Session::connectToWorker()
{
    const auto failed = [this, asked = m_service](const Failure &failure) {
        if (asked == m_service) // else it was replaced, and the new one is asked the same
            Q_EMIT workerFailed(failure);
    };
    m_service->request(
        QStringLiteral("catalog"), Json::object(), this,
        [this](const Json &result) {
            try {
                m_catalog = Catalog::fromJson(result);
                Q_EMIT catalogReady();
            } catch (const std::exception &e) {
                Q_EMIT workerFailed({QStringLiteral("failed"), QString::fromUtf8(e.what()), {}, {}});
            }
        },
        failed);
    m_service->request(QStringLiteral("hello"), Json::object(), this, [this](const Json &result) {
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
    auto *old = std::exchange(m_service, new WorkerProcess(this));
    connect(m_service, &WorkerProcess::errorLine, &m_works, &WorkList::logged);
    connectToWorker();
    old->giveUp({QStringLiteral("failed"), tr("The worker was restarted before it answered. Try again."), {}, {}});
    delete old;
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
    Json recipe = sampleRecipe();
    recipe.erase("_what");
    recipe["title"] = ss(data.title);
    recipe["data"]["images"] = ss(data.images);
    recipe["data"]["labels"] = ss(data.labels);
    recipe["data"]["foreground"] = ss(data.foreground);
    if (QFileInfo(data.images).isDir())
        recipe["data"]["context"] = 0; // pictures of a folder may be independent of each other
    if (!m_catalog)
        return recipe;
    if (data.classes > 2 && schemaOf(*m_catalog, "objectives", "cross-entropy"))
        recipe["objective"] = {{"name", "cross-entropy"}};
    const auto *images = schemaOf(*m_catalog, "datasets", "images");
    const bool alone = data.labels.isEmpty() && images && schemaOf(*m_catalog, "objectives", "mse");
    if (alone) {
        // Without labels the target is the image itself, which only flips and turns leave as it is.
        recipe["data"]["name"] = "images";
        recipe["objective"] = {{"name", "mse"}};
        recipe["augment"] = {{"enabled", true}};
        for (const char *name :
             {"rotate", "scale", "elastic", "noise", "blur", "brightness", "contrast", "low-resolution", "defocus", "gamma"})
            recipe["augment"][name] = 0;
    }
    keepKnown(recipe["data"], alone ? images : schemaOf(*m_catalog, "datasets", "segmentation"));
    keepKnown(recipe["model"], schemaOf(*m_catalog, "models", "unet"));
    keepKnown(recipe["augment"], schemaOf(*m_catalog, "augment"));
    keepKnown(recipe["train"], schemaOf(*m_catalog, "train"));
    return recipe;
}

bool Session::isOpen(const QString &folder) const
{
    return m_project && m_project->folder() == folder;
}

void Session::follow(Work *work)
{
    connect(work, &Work::runKnown, this, [this, work](std::int64_t run) {
        if (!isOpen(work->project()))
            return; // closed meanwhile; another project has other runs of these numbers
        m_project->refresh();
        if (work->kind() == Work::Kind::Train)
            Q_EMIT runStarted(run, work);
    });
    connect(work, &Work::finished, this, [this, work] {
        if (isOpen(work->project()))
            m_project->refresh();
    });
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
    return m_works.start(std::move(order));
}

Work *Session::resumeRun(std::int64_t run)
{
    if (auto *work = m_works.activeOn(m_project->folder(), run))
        return work;
    Work::Order order;
    order.kind = Work::Kind::Train;
    const auto *info = m_project->run(run);
    order.title = tr("Train %1").arg(info ? runTitleInText(*info) : tr("run %1").arg(run));
    order.method = QStringLiteral("run");
    order.project = m_project->folder();
    order.run = run;
    order.params = {{"project", ss(order.project)}, {"resume", run}};
    auto *work = m_works.start(std::move(order));
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
    order.params = {{"project", ss(order.project)}, {"run", run}, {"input", ss(data.images)}, {"output", ss(output)}};
    if (!data.inputRange.isEmpty())
        order.params["input-range"] = ss(data.inputRange);
    return m_works.start(std::move(order));
}

Work *Session::startSimulation(const Simulation &simulation)
{
    Work::Order order;
    order.kind = Work::Kind::Simulate;
    order.title = tr("Simulate %1").arg(simulation.title);
    order.method = QStringLiteral("simulate");
    order.project = m_project->folder();
    // What an earlier one has made is never replaced. Made at once, so that another one gets a folder of its own.
    QString data = order.project + QStringLiteral("/data");
    for (int i = 2; QFileInfo::exists(data); ++i)
        data = QStringLiteral("%1/data-%2").arg(order.project).arg(i);
    QDir().mkpath(data);
    order.params = {
        {"name", ss(simulation.name)}, {"output", ss(data)}, {"seed", simulation.seed}, {"options", simulation.options}};
    auto *work = m_works.start(std::move(order));
    // Before whoever follows the work that is returned.
    connect(work, &Work::finished, this, [this, work, data] {
        if (work->state() == Work::State::Done)
            takeSimulated(work);
        else
            QDir().rmdir(data); // where it is empty
    });
    return work;
}

void Session::takeSimulated(Work *work)
{
    QStringList files;
    const Json &result = work->result();
    if (result.is_object() && result.contains("files") && result.at("files").is_array())
        for (const auto &file : result.at("files"))
            if (file.is_string())
                files << qs(file.get<std::string>());
    try {
        if (files.isEmpty())
            return;
        // The data first, then what belongs to it.
        const auto other = isOpen(work->project()) ? nullptr : OpenProject::open(work->project());
        auto &project = other ? *other : *m_project;
        m_simulated[work->id()] =
            project.addData(files.value(0), files.value(1), QStringLiteral("bright"),
                            files.size() > 1 ? tr("Simulated data with exact labels") : tr("Simulated data"));
    } catch (const std::exception &e) {
        Q_EMIT m_works.logged(
            tr("%1: the data were made, but not added to the project. %2").arg(work->title(), QString::fromUtf8(e.what())));
    }
}

std::int64_t Session::simulatedData(const Work *work) const
{
    const auto it = m_simulated.find(work->id());
    return it == m_simulated.end() ? 0 : it->second;
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
    return m_works.start(std::move(order));
}

} // namespace reticle
