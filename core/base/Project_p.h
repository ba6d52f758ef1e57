#pragma once

// Private to Project*.cpp.

#include "base/Project.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

namespace reticle {

struct Project::Private
{
    std::filesystem::path folder; ///< absolute
    std::unique_ptr<SQLite::Database> db;

    /// SQLite's and the file system's failures as sentences.
    [[noreturn]] void fail(const SQLite::Exception &e) const;
    template <class F> auto guarded(F &&f) const -> decltype(f())
    {
        try {
            return f();
        } catch (const SQLite::Exception &e) {
            fail(e);
        } catch (const std::filesystem::filesystem_error &e) {
            throw Error(Error::Kind::Failed, e.path1().string(), e.code().message() + ".");
        }
    }
    /// f inside one write transaction; nothing of it stays when it throws.
    template <class F> auto inTransaction(F &&f) const -> decltype(f())
    {
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
    RunInfo runOf(SQLite::Statement &row) const;
    /// All runs that are not removed, or one. Those whose writer is gone are marked as interrupted first.
    std::vector<RunInfo> readRuns(std::int64_t only = 0) const;
    /// Throws Error naming the runs there are.
    void requireRun(std::int64_t run) const;

    /// Paths below the project's folder are kept relative to it, so that the folder can be moved: in "${project}/…".
    std::string stored(const std::string &path) const;
    std::string resolved(const std::string &path) const;
    Json storedDeep(Json json) const;
    Json resolvedDeep(Json json) const;
};

/// Now, as 2024-05-31T12:00:00Z.
std::string timestamp(std::int64_t secondsSince1970);
std::int64_t secondsNow();

} // namespace reticle
