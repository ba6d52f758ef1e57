#include "window/session/OpenProject.h"

#include "foundation/Error.h"
#include "project/ModelFiles.h"
#include "window/parts/RunTitle.h"
#include "window/session/ImageData.h"
#include "window/shell/Text.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <optional>

namespace reticle {

namespace {

QString qTextOf(const Json &object, const char *key)
{
    if (!object.is_object())
        return {};
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? qs(it->get<std::string>()) : QString();
}

QString canonical(const QString &path)
{
    const QString found = QFileInfo(path).canonicalFilePath();
    return found.isEmpty() ? path : found;
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

/// What description of an input is the section of its data under.
constexpr const char *sectionKey = "data";

/// The section "data" of the last run that was trained on this file or folder, where it names more than `files` files. Data
/// that came with a run of the command line are known from it alone.
Json sectionOfRuns(const std::vector<RunInfo> &runs, const QString &path, std::size_t files)
{
    Json section;
    for (const auto &run : runs) {
        if (!run.recipe.is_object() || !run.recipe.contains("data"))
            continue;
        const auto paths = pathsOf(run.recipe.at("data"));
        if (paths.size() > files && canonical(paths.front().second) == canonical(path))
            section = run.recipe.at("data");
    }
    return section;
}

/// Whether it was added to the project as data, and not only named by a run.
bool describedAsData(const InputInfo &input)
{
    return input.description.is_object() && input.description.contains(sectionKey);
}

/// What the project knows of an input as data; nothing where it belongs to other data.
std::optional<DataSet> dataOf(const InputInfo &input, const std::vector<RunInfo> &runs, const std::vector<MissingFile> &missing)
{
    DataSet set;
    set.input = input.id;
    if (input.description.is_object())
        set.notes = input.description;
    const QString path = qs(input.path);
    if (set.notes.contains(sectionKey) && set.notes.at(sectionKey).is_object()) {
        for (const auto &[field, value] : set.notes.at(sectionKey).items())
            if (!value.is_null())
                set.section[field] = value;
        if (auto paths = pathsOf(set.section); !paths.empty())
            set.section[paths.front().first] = input.path; // where it is now
    } else if (auto before = imagesOfBefore(input)) {
        set.section = std::move(before->first);
        set.notes.update(before->second);
    }
    // Images that were added alone may have been trained with labels since.
    const auto named = pathsOf(set.section).size();
    if (Json of = named < 2 ? sectionOfRuns(runs, path, named) : Json(); of.is_object()) {
        // A run of the command line has taken in all its files; those of another role belong to the first.
        if (pathsOf(of).front().first != input.role)
            return std::nullopt;
        set.section = std::move(of);
    }
    if (pathsOf(set.section).empty())
        return std::nullopt;
    set.title = qTextOf(set.notes, "title");
    if (set.title.isEmpty())
        set.title = QFileInfo(path).completeBaseName();
    set.sentence = qTextOf(set.notes, "sentence");
    if (set.sentence.isEmpty())
        set.sentence = sizeText(set.notes);
    for (const char *own : {sectionKey, "title", "sentence"})
        set.notes.erase(own);
    for (const auto &named : pathsOf(set.section))
        for (const auto &lost : missing)
            if (const std::string file = ss(named.second);
                (file == lost.lastPlace || file == lost.path) && !set.missing.contains(named.second))
                set.missing << named.second;
    set.state = QFileInfo::exists(path) && set.missing.isEmpty() ? QStringLiteral("unchanged") : QStringLiteral("missing");
    return set;
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

QString OpenProject::projectOf(const QString &path)
{
    if (isProject(path))
        return path;
    const QFileInfo file(path);
    if (file.isFile() && file.fileName() == QStringLiteral("project.sqlite"))
        return file.absolutePath();
    return {};
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
    const auto paths = pathsOf(recipe.at("data"));
    if (paths.empty())
        return nullptr;
    const QString path = canonical(paths.front().second), kind = qTextOf(recipe.at("data"), "name");
    const DataSet *found = nullptr;
    for (const auto &set : m_dataSets) // one file may be data of several kinds
        if (canonical(set.path()) == path && (!found || (set.kind() == kind && found->kind() != kind)))
            found = &set;
    return found;
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

std::int64_t OpenProject::addData(const Json &section, const QString &sentence, const Json &notes)
{
    Json absolute = section;
    auto paths = pathsOf(section);
    if (paths.empty())
        throw Error({"data", "a file or folder", "none", "choose one"});
    for (auto &[field, path] : paths) {
        path = QFileInfo(path).absoluteFilePath();
        absolute[field] = ss(path);
    }
    // What is described is added to what was known of the same file: a field that is gone is said to be so.
    for (const auto &set : m_dataSets)
        if (canonical(set.path()) == canonical(paths.front().second))
            for (const auto &[field, value] : set.section.items())
                if (!absolute.contains(field))
                    absolute[field] = nullptr;
    Json description = notes.is_object() ? notes : Json::object();
    description["title"] = ss(QFileInfo(paths.front().second).completeBaseName());
    description["sentence"] = ss(sentence);
    description[sectionKey] = std::move(absolute);
    // By the names that a training takes them in under. The window does not wait for gigabytes to be read: a training compares
    // the whole content.
    std::int64_t first = 0;
    for (const auto &[field, path] : paths) {
        const auto info = m_project.addInput(ss(path), field, first ? Json::object() : description, Project::Compared::Parts);
        first = first ? first : info.id;
    }
    refresh();
    return first;
}

void OpenProject::describeData(std::int64_t input, const Json &notes)
{
    m_project.describeInput(input, notes);
    for (auto &set : m_dataSets)
        if (set.input == input)
            set.notes.update(notes);
}

void OpenProject::setSection(std::int64_t input, const Json &section)
{
    Json changed = section;
    if (const auto *set = dataSet(input))
        for (const auto &[field, value] : set->section.items())
            if (!changed.contains(field))
                changed[field] = nullptr;
    m_project.describeInput(input, {{sectionKey, std::move(changed)}});
    refresh();
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
        const auto inputs = m_project.inputs();
        m_missing = missingFiles(inputs);
        std::vector<DataSet> sets;
        QStringList movedHere; // data that were found or are replaced by another file, which a run may have taken in as well
        for (const auto &input : inputs) {
            auto set = dataOf(input, m_runs, m_missing);
            if (!set || (input.movedFrom.empty() && !describedAsData(input) && movedHere.contains(set->kind() + set->path())))
                continue;
            if (!input.movedFrom.empty())
                movedHere << set->kind() + set->path();
            sets.push_back(std::move(*set));
        }
        m_dataSets = std::move(sets);
        InputsInUse inUse;
        for (const auto &input : inputs)
            inUse.add(input.path);
        m_inputs = std::move(inUse);
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
