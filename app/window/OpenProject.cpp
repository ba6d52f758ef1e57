#include "window/OpenProject.h"

#include "base/Error.h"
#include "base/files/ModelFiles.h"
#include "window/RunTitle.h"
#include "window/Text.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace reticle {

namespace {

QString textOf(const Json &object, const char *key)
{
    if (!object.is_object())
        return {};
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? qs(it->get<std::string>()) : QString();
}

QString canonical(const QString &path)
{
    const QString there = QFileInfo(path).canonicalFilePath();
    return there.isEmpty() ? path : there;
}

/// "24 slices, 512 x 512" of what the worker noted of a file.
QString sizeText(const Json &info)
{
    const auto number = [&](const char *key) {
        return info.is_object() && info.contains(key) && info.at(key).is_number_integer() ? info.at(key).get<std::int64_t>() : 0;
    };
    if (number("width") <= 0)
        return {};
    const QString size = QStringLiteral("%1 x %2").arg(number("height")).arg(number("width"));
    return number("pages") > 1 ? QStringLiteral("%1 slices, %2").arg(number("pages")).arg(size) : size;
}

constexpr const char *voxelKey = "voxel-size";

std::array<double, 3> voxelOf(const Json &description)
{
    std::array<double, 3> sides{};
    if (!description.is_object() || !description.contains(voxelKey))
        return sides;
    const Json &told = description.at(voxelKey);
    for (std::size_t i = 0; told.is_array() && i < std::min(sides.size(), told.size()); ++i)
        if (told[i].is_number())
            sides[i] = told[i].get<double>();
    return sides;
}

/// Data that came with a run of the command line: its labels stand in the run's recipe.
void completeFrom(const std::vector<RunInfo> &runs, DataSet &set)
{
    for (const auto &run : runs) {
        if (!run.recipe.is_object() || !run.recipe.contains("data"))
            continue;
        const Json &data = run.recipe.at("data");
        if (canonical(textOf(data, "images")) != canonical(set.images))
            continue;
        if (const QString labels = textOf(data, "labels"); !labels.isEmpty())
            set.labels = labels;
        if (const QString f = textOf(data, "foreground"); !f.isEmpty())
            set.foreground = f;
    }
}

} // namespace

OpenProject::OpenProject(Project project) : m_project(std::move(project))
{
    refresh();
}

std::unique_ptr<OpenProject> OpenProject::open(const QString &folder)
{
    return std::unique_ptr<OpenProject>(new OpenProject(Project::openOrCreate(ss(folder))));
}

QString OpenProject::freeFolder(const QString &parent, const QString &name)
{
    const QDir dir(parent);
    const QString stem = fileName(name);
    QString candidate = stem + QStringLiteral(".reticle");
    for (int i = 2; dir.exists(candidate); ++i)
        candidate = QStringLiteral("%1-%2.reticle").arg(stem).arg(i);
    return dir.filePath(candidate);
}

bool OpenProject::isProject(const QString &path)
{
    return QFileInfo(path).isDir() && QFileInfo::exists(path + QStringLiteral("/project.sqlite"));
}

QString OpenProject::folder() const
{
    return qs(m_project.folder());
}

QString OpenProject::name() const
{
    QString name = QFileInfo(folder()).fileName();
    if (name.endsWith(QStringLiteral(".reticle")))
        name.chop(8);
    return name;
}

const DataSet *OpenProject::dataSet(std::int64_t input) const
{
    const auto it = std::find_if(m_dataSets.begin(), m_dataSets.end(), [&](const DataSet &d) { return d.input == input; });
    return it == m_dataSets.end() ? nullptr : &*it;
}

const DataSet *OpenProject::dataSetOf(const Json &recipe) const
{
    if (!recipe.is_object() || !recipe.contains("data"))
        return nullptr;
    const QString images = canonical(textOf(recipe.at("data"), "images"));
    const auto it =
        std::find_if(m_dataSets.begin(), m_dataSets.end(), [&](const DataSet &d) { return canonical(d.images) == images; });
    return it == m_dataSets.end() ? nullptr : &*it;
}

const RunInfo *OpenProject::run(std::int64_t id) const
{
    const auto it = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunInfo &r) { return r.id == id; });
    return it == m_runs.end() ? nullptr : &*it;
}

QString OpenProject::subjectOf(const Project::ResultInfo &result) const
{
    const auto *of = run(result.run);
    if (!of)
        return {};
    if (result.name == "compare-runs")
        for (const auto &c : m_comparisons)
            if (c.id == of->comparison)
                return qs(c.title);
    return runTitleInText(*of);
}

const Project::ResultInfo *OpenProject::result(std::int64_t id) const
{
    const auto it = std::find_if(m_results.begin(), m_results.end(), [&](const auto &r) { return r.id == id; });
    return it == m_results.end() ? nullptr : &*it;
}

bool OpenProject::hasModel(std::int64_t run) const
{
    return reticle::hasModel(m_project.runFolder(run));
}

QString OpenProject::predictionsFolder(std::int64_t run) const
{
    return qs(m_project.runFolder(run) / "predictions");
}

QStringList OpenProject::predictions(std::int64_t run) const
{
    return QDir(predictionsFolder(run)).entryList({QStringLiteral("*.tif")}, QDir::Files, QDir::Name);
}

std::int64_t OpenProject::addData(const QString &images, const QString &labels, const QString &foreground,
                                  const QString &sentence, int classes)
{
    const QString absolute = QFileInfo(images).absoluteFilePath();
    Json description = Json::object();
    description["title"] = ss(QFileInfo(absolute).completeBaseName());
    description["labels"] = labels.isEmpty() ? std::string() : ss(QFileInfo(labels).absoluteFilePath());
    description["foreground"] = ss(foreground);
    description["sentence"] = ss(sentence);
    description["classes"] = classes;
    // The window does not wait for gigabytes to be read: a training compares the whole content.
    const auto info = m_project.addInput(ss(absolute), "images", description, Project::Compared::Parts);
    if (!labels.isEmpty())
        m_project.addInput(ss(QFileInfo(labels).absoluteFilePath()), "labels", Json::object(), Project::Compared::Parts);
    refresh();
    return info.id;
}

void OpenProject::setVoxelSize(std::int64_t input, const std::array<double, 3> &sides)
{
    m_project.describeInput(input, {{voxelKey, sides}});
    for (auto &set : m_dataSets)
        if (set.input == input)
            set.voxel = sides;
}

void OpenProject::removeData(std::int64_t input)
{
    m_project.removeInput(input);
    refresh();
}

QString OpenProject::removePrediction(std::int64_t run, const QString &file)
{
    const QDir trash(folder() + QStringLiteral("/trash/predictions"));
    if (!QDir().mkpath(trash.path()))
        throw Error(Error::Kind::Failed, ss(trash.path()), "cannot be made; check that the project may be written to");
    QString target;
    for (int i = 1; target.isEmpty() || QFileInfo::exists(target); ++i)
        target = trash.filePath(QStringLiteral("%1-%2-%3").arg(run).arg(i).arg(file));
    const QString source = QDir(predictionsFolder(run)).filePath(file);
    if (!QFile::rename(source, target))
        throw Error(Error::Kind::Failed, ss(source), "cannot be moved to the project's trash");
    refresh();
    return target;
}

void OpenProject::restorePrediction(std::int64_t run, const QString &file, const QString &trashed)
{
    const QString target = QDir(predictionsFolder(run)).filePath(file);
    if (QFileInfo::exists(target))
        throw Error({ss(target), "no file of that name", "a newer prediction", "rename one of them"});
    if (!QFile::rename(trashed, target))
        throw Error(Error::Kind::Failed, ss(trashed), "cannot be moved back from the project's trash");
    refresh();
}

QStringList OpenProject::notes() const
{
    QStringList notes;
    if (!m_project.whyReadOnly().empty())
        notes << tr("This project can be viewed but not changed, because %1.").arg(qs(m_project.whyReadOnly()));
    try {
        for (const auto &sentence : m_project.movedInputs(0))
            notes << qs(sentence);
    } catch (const std::exception &e) {
        notes << QString::fromUtf8(e.what());
    }
    return notes;
}

void OpenProject::refresh()
{
    m_problem.clear();
    try {
        m_runs = m_project.runs();
        m_comparisons = m_project.comparisons();
        m_results = m_project.results();
        std::vector<DataSet> sets;
        for (const auto &input : m_project.inputs()) {
            if (input.role != "images")
                continue;
            DataSet set;
            set.input = input.id;
            set.images = qs(input.path);
            set.title = textOf(input.description, "title");
            if (set.title.isEmpty())
                set.title = QFileInfo(set.images).completeBaseName();
            set.labels = textOf(input.description, "labels");
            set.sentence = textOf(input.description, "sentence");
            if (input.description.is_object() && input.description.contains("classes") &&
                input.description.at("classes").is_number_integer())
                set.classes = input.description.at("classes").get<int>();
            if (const QString f = textOf(input.description, "foreground"); !f.isEmpty())
                set.foreground = f;
            set.voxel = voxelOf(input.description);
            if (set.sentence.isEmpty())
                set.sentence = sizeText(input.description);
            if (set.labels.isEmpty())
                completeFrom(m_runs, set);
            set.state = QFileInfo::exists(set.images) ? QStringLiteral("unchanged") : QStringLiteral("missing");
            sets.push_back(std::move(set));
        }
        m_dataSets = std::move(sets);
        InputsInUse inputs;
        for (const auto &input : m_project.inputs())
            inputs.add(input.path);
        m_inputs = std::move(inputs);
    } catch (const std::exception &e) {
        m_problem = QString::fromUtf8(e.what());
    }
    Q_EMIT changed();
}

QString titleOf(RunStatus status)
{
    switch (status) {
    case RunStatus::Running: return QStringLiteral("Running");
    case RunStatus::Paused: return QStringLiteral("Paused");
    case RunStatus::Done: return QStringLiteral("Done");
    case RunStatus::Stopped: return QStringLiteral("Stopped");
    case RunStatus::Cancelled: return QStringLiteral("Cancelled");
    case RunStatus::Failed: return QStringLiteral("Failed");
    case RunStatus::Interrupted: return QStringLiteral("Interrupted");
    }
    return {};
}

} // namespace reticle
