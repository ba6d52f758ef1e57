#include "window/session/Session.h"

#include "data/Dataset.h"
#include "foundation/Error.h"
#include "window/parts/RunTitle.h"
#include "window/parts/SimulateForm.h"
#include "window/shell/Text.h"

#include <QDir>
#include <QFileInfo>

namespace reticle {

namespace {

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

/// A worker of another version may not know every field or entry: what it does not know is left at its own default.
void keepKnown(Json &recipe, const Catalog &catalog)
{
    for (const auto &section : Recipe::sections()) {
        if (!recipe.contains(section.name) || !recipe.at(section.name).is_object())
            continue;
        const Json given = recipe.at(section.name);
        const auto *schema = *section.kind
                                 ? schemaOf(catalog, section.kind, given.value("name", std::string(section.defaultName)))
                                 : schemaOf(catalog, section.name);
        if (!schema) {
            if (std::string(section.name) != "data") // what is trained on is said all the same
                recipe.erase(section.name);
            continue;
        }
        Json known = Json::object();
        for (const auto &[key, value] : given.items())
            if (key == "name" || schema->find(key))
                known[key] = value;
        recipe[section.name] = std::move(known);
    }
}

/// Puts the sections of `over` in place: what names another entry as a whole, else field by field.
void layOver(Json &recipe, const Json &over)
{
    if (!over.is_object())
        return;
    for (const auto &[name, section] : over.items()) {
        const bool same = recipe.contains(name) && recipe.at(name).is_object() && section.is_object() &&
                          (!section.contains("name") || section.at("name") == recipe.at(name).value("name", Json()));
        if (same)
            recipe[name].update(section);
        else
            recipe[name] = section;
    }
}

} // namespace

Session::Session(QObject *parent) : QObject(parent), m_service(new WorkerProcess(this))
{
    connect(m_service, &WorkerProcess::errorLine, &m_jobs, &JobList::logged);
    // Before any page: pages show what the project says, so it is read again first when work ends.
    connect(&m_jobs, &JobList::added, this, &Session::follow);
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
                    Q_EMIT m_jobs.logged(qs(warning.get<std::string>()));
        Q_EMIT catalogReady();
    });
}

void Session::restartWorker()
{
    auto *old = std::exchange(m_service, new WorkerProcess(this));
    connect(m_service, &WorkerProcess::errorLine, &m_jobs, &JobList::logged);
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
    Json recipe{{"recipe", Recipe::version}, {"title", ss(data.title)}, {"seed", 1}, {"device", "auto"}, {"data", data.section}};
    const auto &kinds = Registry<DataKind>::instance();
    if (const auto name = ss(data.kind()); kinds.contains(name) && kinds.get(name).factory.suggestRecipe)
        layOver(recipe, kinds.get(name).factory.suggestRecipe(data.section));
    if (m_catalog && data.notes.is_object() && data.notes.contains("recipe")) {
        // Over the others only as far as this worker has it.
        Json files = data.notes.at("recipe");
        keepKnown(files, *m_catalog);
        layOver(recipe, files);
    }
    if (m_catalog)
        keepKnown(recipe, *m_catalog);
    return recipe;
}

bool Session::isOpen(const QString &folder) const
{
    return m_project && m_project->folder() == folder;
}

void Session::follow(Job *job)
{
    connect(job, &Job::runKnown, this, [this, job](std::int64_t run) {
        if (!isOpen(job->project()))
            return; // closed meanwhile; another project has other runs of these numbers
        m_project->refresh();
        if (job->kind() == Job::Kind::Train)
            Q_EMIT runStarted(run, job);
    });
    connect(job, &Job::finished, this, [this, job] {
        if (isOpen(job->project()))
            m_project->refresh();
    });
}

Job *Session::startTraining(const Json &recipe)
{
    Job::Request asked;
    asked.kind = Job::Kind::Train;
    const std::string title = Recipe(recipe).title();
    asked.title = tr("Train %1").arg(title.empty() ? tr("a model") : qs(title));
    asked.method = QStringLiteral("run");
    asked.project = m_project->folder();
    asked.params = {{"project", ss(asked.project)}, {"recipe", recipe}};
    return m_jobs.start(std::move(asked));
}

Job *Session::resumeRun(std::int64_t run)
{
    if (auto *job = m_jobs.activeOn(m_project->folder(), run))
        return job;
    Job::Request asked;
    asked.kind = Job::Kind::Train;
    const auto *info = m_project->run(run);
    asked.title = tr("Train %1").arg(info ? runTitleInText(*info) : tr("run %1").arg(run));
    asked.method = QStringLiteral("run");
    asked.project = m_project->folder();
    asked.run = run;
    asked.params = {{"project", ss(asked.project)}, {"resume", run}};
    auto *job = m_jobs.start(std::move(asked));
    Q_EMIT runStarted(run, job);
    return job;
}

Job *Session::startPrediction(std::int64_t run, const DataSet &data, const QString &output, const Json &options)
{
    Job::Request asked;
    asked.kind = Job::Kind::Predict;
    asked.title = tr("Predict %1").arg(data.title);
    asked.method = QStringLiteral("predict");
    asked.project = m_project->folder();
    asked.run = run;
    asked.params = options.is_object() ? options : Json::object();
    asked.params.update({{"project", ss(asked.project)}, {"run", run}, {"input", ss(data.path())}, {"output", ss(output)}});
    return m_jobs.start(std::move(asked));
}

Job *Session::startSimulation(const Simulation &simulation)
{
    Job::Request asked;
    asked.kind = Job::Kind::Simulate;
    asked.title = tr("Simulate %1").arg(simulation.title);
    asked.method = QStringLiteral("simulate");
    asked.project = m_project->folder();
    // What an earlier one has made is never replaced. Made at once, so that another one gets a folder of its own.
    QString data = asked.project + QStringLiteral("/data");
    for (int i = 2; QFileInfo::exists(data); ++i)
        data = QStringLiteral("%1/data-%2").arg(asked.project).arg(i);
    QDir().mkpath(data);
    asked.params = {
        {"name", ss(simulation.name)}, {"output", ss(data)}, {"seed", simulation.seed}, {"options", simulation.options}};
    auto *job = m_jobs.start(std::move(asked));
    // Before whoever follows the work that is returned.
    connect(job, &Job::finished, this, [this, job, data] {
        if (job->state() == Job::State::Done)
            takeSimulated(job);
        else
            QDir().rmdir(data); // where it is empty
    });
    return job;
}

void Session::takeSimulated(Job *job)
{
    QStringList files;
    const Json &result = job->result();
    if (result.is_object() && result.contains("files") && result.at("files").is_array())
        for (const auto &file : result.at("files"))
            if (file.is_string())
                files << qs(file.get<std::string>());
    try {
        if (files.isEmpty())
            return;
        // The data first, then what belongs to it.
        const auto other = isOpen(job->project()) ? nullptr : OpenProject::open(job->project());
        auto &project = other ? *other : *m_project;
        std::vector<std::string> paths;
        for (const auto &file : files)
            paths.push_back(ss(file));
        // By the data alone where what belongs to them is no part of any kind.
        auto found = detectData(paths);
        if (!(found.confidence > 0))
            found = detectData({paths.front()});
        if (!(found.confidence > 0))
            throw Error(Error::Kind::Failed, paths.front(), "Reticle cannot read this file as data.");
        m_simulated[job->id()] = project.addData(
            found.data, files.size() > 1 ? tr("Simulated data with exact labels") : tr("Simulated data"), notesOf(found));
    } catch (const std::exception &e) {
        Q_EMIT m_jobs.logged(
            tr("%1: the data were made, but not added to the project. %2").arg(job->title(), QString::fromUtf8(e.what())));
    }
}

std::int64_t Session::simulatedData(const Job *job) const
{
    const auto it = m_simulated.find(job->id());
    return it == m_simulated.end() ? 0 : it->second;
}

Job *Session::startAnalysis(const QString &name, const QString &what, std::int64_t run, const Json &options)
{
    Job::Request asked;
    asked.kind = Job::Kind::Analyze;
    asked.title = what;
    asked.method = QStringLiteral("analyze");
    asked.project = m_project->folder();
    asked.run = run;
    asked.params = {{"name", ss(name)}, {"project", ss(asked.project)}, {"run", run}, {"options", options}};
    return m_jobs.start(std::move(asked));
}

} // namespace reticle
