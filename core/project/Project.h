#pragma once

#include "figure/Figure.h"
#include "project/Recipe.h"
#include "protocol/Event.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace reticle {

enum class RunStatus { Running, Paused, Done, Stopped, Cancelled, Failed, Interrupted };
std::string_view nameOf(RunStatus status);

struct RunInfo
{
    std::int64_t id = 0;
    std::string title;
    RunStatus status = RunStatus::Running;
    Json recipe;
    std::string started; ///< ISO 8601, UTC
    std::string ended;   ///< empty while running
    double seconds = 0;  ///< of work, over all resumptions
    std::int64_t step = 0;
    std::string message;         ///< the error's sentence, or empty
    Json summary;                ///< last and best metrics, weights, device
    std::int64_t comparison = 0; ///< number of the comparison that it belongs to; 0 = none
};

/// Runs of one recipe with a section "compare": a run for each model and seed.
struct ComparisonInfo
{
    std::int64_t id = 0;
    std::string title;
    Json recipe;         ///< with its section "compare"
    std::string created; ///< ISO 8601, UTC
};

struct MetricPoint
{
    std::int64_t step;
    double time;
    double value;
};

/// A raw input, kept by reference with what it took to recognize it again.
struct InputInfo
{
    std::int64_t id = 0;
    std::string path; ///< absolute: where it is now
    std::string role; ///< "images", "labels", "data"
    std::string hash; ///< of content; see Project::addInput
    std::int64_t bytes = 0;
    std::int64_t modified = 0; ///< seconds since 1970
    Json description;          ///< what it was recognized as
    std::string movedFrom;     ///< where it was taken in, if it has been found at `path`, or was said to be there; else empty
};

/// Another program keeps the project locked: nothing was written, and it can be tried again.
class ProjectLocked : public Error
{
    using Error::Error;
};

/// A folder NAME.reticle/ with `project.sqlite` (write-ahead log, versioned with migration) and a folder per run
/// (runs/1, runs/2, …). Writes are transactions; files are written beside and renamed. Many readers and one writer per
/// run may be open at once, also from other processes. One object is for one thread.
/// A project that cannot be written to (a read-only folder or disk, or a full one) opens for reading alone: from a copy of
/// its database in the system's temporary folder, which is made again whenever the database has changed.
/// Data that were moved are found again where they have the same content: at the same place relative to the project, in or
/// beside its folder, or in the folders of its other data. Paths in inputs, recipes of runs and of comparisons are then
/// those, and movedInputs() says so. What is not found is where the user says: see relink() and MissingFiles.h.
/// Every function throws Error (Kind::Input for what is not a project or of a newer version, Kind::Failed for a full
/// disk or an unwritable folder, ProjectLocked where another program holds it).
class Project
{
public:
    /// Version of the database that this program writes; older ones are migrated when opened.
    static constexpr int currentVersion = 4;

    /// Opens the project, making it where nothing is there. Runs that claim to be running but whose worker is gone
    /// become Interrupted.
    static Project openOrCreate(const std::filesystem::path &folder);
    static Project open(const std::filesystem::path &folder);
    ~Project();
    Project(Project &&) noexcept;
    Project &operator=(Project &&) noexcept;

    const std::filesystem::path &folder() const;
    int version() const;
    /// Why nothing can be written to it ("the disk is read-only"); empty where it can.
    const std::string &whyReadOnly() const;
    /// How long a write waits for another program's lock, ms; 10,000 until it is set.
    void setPatience(int milliseconds);

    /// How much of an input is read when it is added. Parts: sizes and names, first, middle and last MiB; of a folder
    /// those of three files. This takes a moment for any size. Whole: everything up to 4 GiB; of larger folders parts of
    /// every file, of a larger file the parts.
    enum class Compared { Parts, Whole };
    /// What counts of a folder: its own files, as of a folder of slices, or also those of its subfolders, as of one folder
    /// for each class. A folder without files of its own counts with its subfolders either way. Hidden subfolders, links to
    /// folders, projects and what may not be read are passed over.
    enum class Reach { Files, Subfolders };
    /// Kept once per path and content. The hash is a SHA-256 of the parts, followed by one of the whole where they are
    /// not all and the whole was asked for. A file that was added by its parts and has not been written since keeps its
    /// number when it is added as a whole.
    /// What is described of an input that is there already is added to what was known of it.
    InputInfo addInput(const std::filesystem::path &path, const std::string &role, Json description,
                       Compared compared = Compared::Whole, Reach reach = Reach::Files);
    std::vector<InputInfo> inputs() const;
    /// The data of a run with the contents that they had when it was created, where they are now. Of a run of an older
    /// program the contents that were added last.
    std::vector<InputInfo> inputsOf(std::int64_t run) const;
    /// "unchanged", "changed", "missing", or "rewritten": written again since, with the same size, and only parts could be
    /// compared, which are the same. Reads the file only when its size or time differ.
    std::string inputState(const InputInfo &input) const;
    /// Adds to what is known of an input; its file is not looked at. Throws Error where it is gone.
    void describeInput(std::int64_t id, const Json &description);
    void removeInput(std::int64_t id); ///< forgets the reference; the file stays
    /// Where data that were taken in at `path` are now; `path` itself where nothing better is known.
    std::string whereIs(const std::string &path) const;
    /// A sentence for each of the run's data that was found elsewhere, or that the user replaced by other content; for run 0 of
    /// all inputs that were found elsewhere.
    std::vector<std::string> movedInputs(std::int64_t run) const;
    /// A file or folder of the project and where it is from now on, both absolute.
    struct NewPlace
    {
        std::string path, place;
    };
    /// All inputs at these paths are at the new places from now on, in one transaction. `path` may be where an input was taken
    /// in or any place that it has had. All of these are remembered, and an input that comes back to where it was taken in is
    /// used there again. Returns what undoRelink() takes. Throws Error, and changes nothing, where a place is not there or a
    /// path is not known.
    Json relink(const std::vector<NewPlace> &places);
    /// Puts the places back as they were before that relink().
    void undoRelink(const Json &before);

    /// A new run with the next number, its folder made, marked with this process as its writer.
    RunInfo createRun(const Recipe &recipe, std::int64_t comparison = 0);
    /// A new comparison, whose runs are made as they begin.
    ComparisonInfo createComparison(const Recipe &recipe);
    std::vector<ComparisonInfo> comparisons() const;            ///< by number
    ComparisonInfo comparison(std::int64_t comparison) const;   ///< throws Error naming those there are
    std::vector<RunInfo> runsOf(std::int64_t comparison) const; ///< by number
    /// Takes the run up again for this process: Running, no end, no message. Until updateRun() says that work has begun,
    /// giveBackRun(), or this process' end, puts back how it had ended before. Throws Error when another live process
    /// writes it.
    RunInfo claimRun(std::int64_t run);
    /// Status, end and message as before claimRun(), where no work has begun since. Says whether that was so.
    bool giveBackRun(std::int64_t run);
    /// By number. A run that claims to be running but whose worker is gone reads as Interrupted.
    std::vector<RunInfo> runs() const;
    RunInfo run(std::int64_t run) const; ///< throws Error naming the runs there are
    std::filesystem::path runFolder(std::int64_t run) const;
    /// Keeps status, seconds, step, message and summary; a status that is an end sets `ended` and frees the run.
    void updateRun(const RunInfo &info);
    /// A sign of life of the run's writer. Does nothing where another process writes the run, or it has ended.
    void beat(std::int64_t run);
    void renameRun(std::int64_t run, const std::string &title);
    /// Moves the run to the project's trash/ folder, metrics and all. Throws Error for a run that is at work.
    void removeRun(std::int64_t run);
    void restoreRun(std::int64_t run); ///< takes a removed run back

    /// Metrics of steps beyond `step` are dropped: what a killed run had reported past its last checkpoint.
    void truncateMetrics(std::int64_t run, std::int64_t step);
    /// One transaction: give it what has gathered, a few times a second at most. A point of the same name and step is
    /// replaced. Points without a finite value are kept as NaN.
    void addMetrics(std::int64_t run, const std::vector<Event> &metrics);
    std::vector<std::string> metricNames(std::int64_t run) const;
    std::vector<MetricPoint> metric(std::int64_t run, const std::string &name, std::int64_t afterStep = -1) const;

    /// Keeps a result with its figures (in results/ID/). `run` may be 0. Returns its number.
    std::int64_t addResult(std::int64_t run, const Result &result, const Json &options);
    struct ResultInfo
    {
        std::int64_t id, run;
        std::string name, summary, created;
        Json options;
        std::vector<std::string> figures; ///< names
    };
    std::vector<ResultInfo> results() const;
    Result result(std::int64_t id) const;
    /// Moves the result to the project's trash/ folder; results() passes it over from then on.
    void removeResult(std::int64_t id);
    void restoreResult(std::int64_t id); ///< takes a removed result back
    /// Takes one figure out of a result; what the result was before is kept in trash/.
    void removeFigure(std::int64_t id, std::size_t figure);
    /// Puts the figure back where it was.
    void restoreFigure(std::int64_t id, std::size_t figure, const Figure &content);

private:
    struct Private;
    explicit Project(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

} // namespace reticle
