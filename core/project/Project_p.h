#pragma once

// Private to Project*.cpp and MissingFiles.cpp.

#include "files/SiblingFile.h"
#include "project/Project.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <functional>
#include <map>

namespace reticle {

/// What writing met while the project was opened, which reading may bear.
class ProjectUnwritable : public Error
{
public:
    ProjectUnwritable(const std::string &where, const std::string &sentence, std::string why)
        : Error(Kind::Failed, where, sentence), why(std::move(why))
    {
    }
    std::string why; ///< for Project::whyReadOnly()
};

/// A copy of a project's database in a temporary folder, removed with the object.
class ProjectCopy
{
public:
    explicit ProjectCopy(const std::filesystem::path &project);
    ~ProjectCopy();
    ProjectCopy(const ProjectCopy &) = delete;
    ProjectCopy &operator=(const ProjectCopy &) = delete;
    std::filesystem::path database() const;
    bool outdated() const; ///< the project's own has changed since

private:
    std::filesystem::path m_project, m_folder;
    std::string m_stamp;
};

/// Size, time and content of a file, or of a folder of files; see Project::addInput.
struct TakenInput
{
    std::string hash; ///< empty where the content was not asked for
    std::int64_t bytes = 0, modified = 0;
};
enum class Taken { Size, Parts, Whole };
TakenInput takeInput(const std::filesystem::path &path, Taken what, Project::Reach reach);
/// What an input of `bytes` covers: the files of its folder alone where these are there and have so many bytes.
Project::Reach reachOf(const std::filesystem::path &path, std::int64_t bytes);
/// Whether two hashes of inputs say the same of the parts that every one of them covers.
bool sameParts(const std::string &hash, const std::string &other);
/// Asked between blocks of a long comparison, which ends by ComparisonEnded when it answers false.
using ContinueCheck = std::function<bool()>;
struct ComparisonEnded
{
};
/// `hash` as inputs have it, compared with what is at `path` now: "unchanged", "changed" or "rewritten"; see
/// Project::inputState.
std::string contentState(const std::filesystem::path &path, const std::string &hash, Project::Reach reach,
                         const ContinueCheck &goOn = {});

/// Where the user said that an input is.
struct StoredPlace
{
    std::string path;     ///< absolute
    std::string relative; ///< the same from the project's folder at that time
    std::string hash;     ///< of the content there at that time
    std::int64_t bytes = 0;
};

/// A row of the table of inputs.
struct StoredInput
{
    std::int64_t id = 0;
    std::string path;     ///< absolute, where it was taken in
    std::string relative; ///< the same from the project's folder at that time; empty = not known
    std::string named;    ///< as it was called then, which may be by way of a link
    std::string role, hash;
    std::int64_t bytes = 0, modified = 0;
    Json description;                ///< without the places
    std::vector<StoredPlace> places; ///< other than `path`, newest last

    bool hasPlace(const std::string &where) const;
};
/// In the description of an input the list of its places, so that projects of before read and write it unchanged.
constexpr const char *placesKey = "_places";

struct Project::Private
{
    std::filesystem::path folder;      ///< absolute
    std::unique_ptr<ProjectCopy> copy; ///< of a project that can only be read
    std::unique_ptr<SQLite::Database> db;
    std::string whyReadOnly;
    int patience = 10000; ///< ms

    /// Opens the database, or where that is not to be written a copy of it.
    void open();
    void openCopy(const std::string &why);
    /// Brings the copy up to date where nothing is reading from it.
    void refreshCopy() const;
    struct Reading
    {
        explicit Reading(const Private &p) : p(p)
        {
            if (p.readings++ == 0 && p.copy)
                p.refreshCopy();
        }
        ~Reading() { --p.readings; }
        const Private &p;
    };
    mutable int readings = 0;

    /// SQLite's and the file system's failures as sentences.
    [[noreturn]] void fail(const SQLite::Exception &e) const;
    template <class F> auto guarded(F &&f) const -> decltype(f())
    {
        const Reading reading(*this);
        try {
            return f();
        } catch (const SQLite::Exception &e) {
            fail(e);
        } catch (const std::filesystem::filesystem_error &e) {
            throw Error(Error::Kind::Failed, e.path1().string(), files::writeProblem(e.code().value()));
        }
    }
    /// f inside one write transaction; nothing of it stays when it throws.
    template <class F> auto inTransaction(F &&f) const -> decltype(f())
    {
        if (!whyReadOnly.empty())
            throw Error(Error::Kind::Failed, folder.string(), "the project cannot be changed: " + whyReadOnly + ".");
        return guarded([&] {
            SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
            if constexpr (std::is_void_v<decltype(f())>) {
                f();
                transaction.commit();
            } else {
                auto result = f();
                transaction.commit();
                return result;
            }
        });
    }

    /// Makes or migrates the tables; refuses what is no project or newer.
    void prepare();
    /// Puts back results whose exchange for a changed one was cut off.
    void restoreCutOff();
    /// Removes what writers that have ended left half-written in the project's folders.
    void removeLeftFiles() const;
    RunInfo runOf(SQLite::Statement &row) const;
    /// All runs that are not removed, or one. Those whose writer is gone are marked as interrupted first.
    std::vector<RunInfo> readRuns(std::int64_t only = 0) const;
    /// Throws Error naming the runs there are.
    void requireRun(std::int64_t run) const;

    /// Paths below the project's folder are kept relative to it, so that the folder can be moved: in "${project}/…".
    std::string stored(const std::string &path) const;
    std::string resolved(const std::string &path) const;
    Json storedDeep(Json json) const;
    /// Nothing where it is nested more deeply than any document may be.
    Json resolvedDeep(Json json, std::size_t depth = 0) const;

    /// Keeps which contents the data of a new run have, next to its recipe.
    void keepSeen(std::int64_t run, const Recipe &recipe) const;
    std::filesystem::path seenFile(std::int64_t run) const;
    std::vector<StoredInput> storedInputs() const;
    /// The places in a stored description, which are taken out of it.
    std::vector<StoredPlace> takePlaces(Json &description) const;
    /// A place as it is kept, with the content that is there now of an input of `bytes`.
    Json placeToKeep(const std::filesystem::path &path, std::int64_t bytes) const;
    /// The list of places in the row of an input, as it is kept; an empty one removes it. Inside a transaction.
    Json placesOf(std::int64_t id) const;
    void setPlaces(std::int64_t id, const Json &list) const;
    /// Where the input is now: where it was taken in, where the user said, or another place with the same content. Where it is
    /// at none of them the last place that was said, or else where it was taken in.
    std::string whereIsNow(const StoredInput &input, const std::vector<StoredInput> &all) const;
    /// The input of this content that was taken in elsewhere and is at `path` now, as the user said.
    std::optional<StoredInput> inputNowAt(const std::string &path, const std::string &role, const TakenInput &taken,
                                          Compared compared) const;
    /// The input that a recipe's field `role` calls `path`; null where there is none.
    const StoredInput *calledBy(const std::string &path, const std::string &role, const std::vector<StoredInput> &all) const;
    /// A recipe with the places where its data are now.
    void relocate(Json &recipe, const std::vector<StoredInput> &all) const;

    struct Hashed
    {
        std::int64_t bytes, modified;
        std::string hash;
    };
    mutable std::map<std::string, Hashed> hashes; ///< of candidates that were met, by path
    struct Place
    {
        std::string path;
        std::int64_t at; ///< steady milliseconds
    };
    mutable std::map<std::int64_t, Place> places; ///< of inputs that are not where they were taken in

private:
    bool hasContent(const std::filesystem::path &file, const std::string &hash, std::int64_t bytes) const;
    bool hasContent(const std::filesystem::path &file, const StoredInput &input) const;
    /// The last of the places that the user chose that is there; empty where none is.
    std::string placeThatIsThere(const StoredInput &input) const;
    std::string search(const StoredInput &input, const std::vector<StoredInput> &all) const;
};

/// Now, as 2024-05-31T12:00:00Z.
std::string timestamp(std::int64_t secondsSince1970);
std::int64_t secondsNow();

} // namespace reticle
