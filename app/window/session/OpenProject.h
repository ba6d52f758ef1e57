#pragma once

#include "files/OutputGuard.h"
#include "project/MissingFiles.h"
#include "window/session/DataSet.h"

#include <QObject>
#include <QStringList>

#include <memory>

namespace reticle {

/// The project that the window shows: a reader of its database, with what people call data, runs and results.
/// Short writes of the window (inputs, titles, removing) go through it too. GUI thread.
class OpenProject : public QObject
{
    Q_OBJECT
public:
    /// Makes the project where there is none. Throws Error.
    static std::unique_ptr<OpenProject> open(const QString &folder);
    /// A folder for a new project called after `name`, not there yet.
    static QString freeFolder(const QString &parent, const QString &name);
    static bool isProject(const QString &path);
    /// The project's folder for the folder itself and for the database in it, which file managers open by its type; empty for
    /// anything else.
    static QString projectOf(const QString &path);

    QString folder() const;
    QString name() const;
    Project &store() { return m_project; }
    const Project &store() const { return m_project; }

    const std::vector<DataSet> &dataSets() const { return m_dataSets; }
    /// Files and folders of the project that were not there when it was read last.
    const std::vector<MissingFile> &missing() const { return m_missing; }
    const DataSet *dataSet(std::int64_t input) const;
    /// The data set that a run of this recipe was trained on, or nothing.
    const DataSet *dataSetOf(const Json &recipe) const;
    const std::vector<RunInfo> &runs() const { return m_runs; } ///< oldest first
    const RunInfo *run(std::int64_t id) const;
    const std::vector<Project::ResultInfo> &results() const { return m_results; }
    const Project::ResultInfo *result(std::int64_t id) const;
    const std::vector<ComparisonInfo> &comparisons() const { return m_comparisons; }
    /// What a result is of: the title of its run, or of the comparison; empty where it is of neither.
    QString subjectOf(const Project::ResultInfo &result) const;
    bool hasModel(std::int64_t run) const;
    /// TIFF files in the run's predictions/ folder, by name.
    QStringList predictions(std::int64_t run) const;
    QString predictionsFolder(std::int64_t run) const;

    /// Data of a section of a recipe, which names at least one file or folder. `notes`: what else is to be remembered of them.
    /// Throws Error.
    std::int64_t addData(const Json &section, const QString &sentence, const Json &notes = Json::object());
    void removeData(std::int64_t input);
    /// Keeps notes with the data, whose files are not read. Does not emit changed(). Throws Error, as for data that are in the
    /// project no more.
    void describeData(std::int64_t input, const Json &notes);
    /// Other settings of the same files; emits changed(). Throws Error as describeData.
    void setSection(std::int64_t input, const Json &section);
    /// Moves the stack to the project's trash/ and returns its path there. Throws Error.
    QString removePrediction(std::int64_t run, const QString &file);
    void restorePrediction(std::int64_t run, const QString &file, const QString &trashed);

    /// What should be known of a project that was just opened: data that were found elsewhere, and that it is read-only.
    QStringList notes() const;

    /// Reads everything anew; emits changed(). Errors are kept in problem().
    void refresh();
    QString problem() const { return m_problem; }

Q_SIGNALS:
    void changed();

private:
    explicit OpenProject(Project project);

    Project m_project;
    InputsInUse m_inputs; ///< no export of the window replaces the data of the project
    std::vector<DataSet> m_dataSets;
    std::vector<MissingFile> m_missing;
    std::vector<RunInfo> m_runs;
    std::vector<ComparisonInfo> m_comparisons;
    std::vector<Project::ResultInfo> m_results;
    QString m_problem;
};

/// "Done", "Running", ... for a person.
QString titleOf(RunStatus status);

} // namespace reticle
