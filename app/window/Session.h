#pragma once

#include "base/Recipe.h"
#include "window/OpenProject.h"
#include "window/Work.h"

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

    WorkList *works() { return &m_works; }
    OpenProject *project() const { return m_project.get(); }
    void setProject(std::unique_ptr<OpenProject> project); ///< null closes it
    bool isOpen(const QString &folder) const;              ///< whether the open project is the one in this folder

    /// A recipe for training on this data, with the catalog's defaults.
    Json recipeFor(const DataSet &data) const;
    Work *startTraining(const Json &recipe);
    Work *resumeRun(std::int64_t run);
    Work *startPrediction(std::int64_t run, const DataSet &data, const QString &output);
    /// Makes data in a new folder of the open project, as work that can be stopped, and adds them to the project in the end,
    /// whether it is still open or not.
    Work *startSimulation(const Simulation &simulation);
    /// The data that a simulation has added; 0 where there are none. What keeps them out is logged.
    std::int64_t simulatedData(const Work *work) const;
    /// `what` in words: "Evaluate run 3".
    Work *startAnalysis(const QString &name, const QString &what, std::int64_t run, const Json &options);

Q_SIGNALS:
    void catalogReady();
    void workerFailed(const reticle::Failure &failure);
    void projectChanged(); ///< another one, or none
    /// A training run of the open project has its number (it is in the project now).
    void runStarted(std::int64_t run, reticle::Work *work);

private:
    void follow(Work *work);
    void takeSimulated(Work *work);

    WorkerProcess *m_service;
    WorkList m_works;
    std::optional<Catalog> m_catalog;
    Json m_machine;
    std::map<std::int64_t, std::int64_t> m_simulated; ///< number of the work -> its data
    std::unique_ptr<OpenProject> m_project;
};

} // namespace reticle
