#pragma once

#include "project/Recipe.h"
#include "window/session/Job.h"
#include "window/session/OpenProject.h"

#include <QObject>

#include <map>
#include <memory>
#include <optional>

namespace reticle {

struct Simulation;

/// What the parts of the window share: the open project, running work, the service worker that answers small questions
/// (catalog, previews), and the catalog it told. GUI thread.
class Session : public QObject
{
    Q_OBJECT
public:
    explicit Session(QObject *parent = nullptr);

    /// Starts the service worker and asks for the catalog; again after a failure or another compute command.
    void connectToWorker();
    /// Lets the service worker go and starts one anew, as the settings say now. What the old one has not answered fails.
    void restartWorker();
    WorkerProcess *service() { return m_service; }
    const std::optional<Catalog> &catalog() const { return m_catalog; }
    /// Answer of "hello"; null before it came.
    const Json &machine() const { return m_machine; }
    QStringList devices() const;

    JobList *jobs() { return &m_jobs; }
    OpenProject *project() const { return m_project.get(); }
    void setProject(std::unique_ptr<OpenProject> project); ///< null closes it
    bool isOpen(const QString &folder) const;              ///< whether the open project is the one in this folder

    /// A recipe to begin a training on these data with: what their kind suggests, over the catalog's defaults.
    Json recipeFor(const DataSet &data) const;
    Job *startTraining(const Json &recipe);
    Job *resumeRun(std::int64_t run);
    /// `options`: other fields of the request.
    Job *startPrediction(std::int64_t run, const DataSet &data, const QString &output, const Json &options = Json::object());
    /// Makes data in a new folder of the open project, as work that can be stopped, and adds them to the project in the end,
    /// whether it is still open or not.
    Job *startSimulation(const Simulation &simulation);
    /// The data that a simulation has added; 0 where there are none. What keeps them out is logged.
    std::int64_t simulatedData(const Job *job) const;
    /// `what` in words: "Evaluate run 3".
    Job *startAnalysis(const QString &name, const QString &what, std::int64_t run, const Json &options);

Q_SIGNALS:
    void catalogReady();
    void workerFailed(const reticle::Failure &failure);
    void projectChanged(); ///< another one, or none
    /// A training run of the open project has its number (it is in the project now).
    void runStarted(std::int64_t run, reticle::Job *job);

private:
    void follow(Job *job);
    void takeSimulated(Job *job);

    WorkerProcess *m_service;
    JobList m_jobs;
    std::optional<Catalog> m_catalog;
    Json m_machine;
    std::map<std::int64_t, std::int64_t> m_simulated; ///< number of the work -> its data
    std::unique_ptr<OpenProject> m_project;
};

} // namespace reticle
