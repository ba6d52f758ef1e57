#include "project/RowSeals.h"

#include "foundation/Sha256.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>

#include <sqlite3.h>

namespace reticle {

namespace {

struct Sealed
{
    const char *table, *noun, *key, *columns;
};

/// Of runs not what tells that somebody is working on them.
constexpr std::array<Sealed, 6> tables{{
    {"runs", "run", "id = NEW.id", "id, title, recipe, started, ended, seconds, step, message, summary, removed, comparison"},
    {"inputs", "input", "id = NEW.id", "id, path, role, hash, bytes, modified, description, relative, named"},
    {"metric_names", "metric", "id = NEW.id", "id, run, name"},
    {"results", "result", "id = NEW.id", "id, run, name, summary, created, figures, options"},
    {"comparisons", "comparison", "id = NEW.id", "id, title, recipe, created"},
    {"metrics", "metric", "name = NEW.name AND step = NEW.step", "name, step, time, value"},
}};

/// The first 63 bits of a SHA-256 over the values with their kinds and lengths.
void seal(sqlite3_context *context, int count, sqlite3_value **values)
{
    Sha256 hash;
    const auto add = [&](char kind, const void *bytes, std::size_t size) {
        const std::uint64_t length = size;
        hash.add(std::string_view(&kind, 1));
        hash.add(std::string_view(reinterpret_cast<const char *>(&length), 8));
        hash.add(std::string_view(static_cast<const char *>(bytes), size));
    };
    for (int i = 0; i < count; ++i) {
        const int type = sqlite3_value_type(values[i]);
        if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
            // SQLite stores a real number without a fraction as a whole one: both count the same, and so do both zeros.
            const double number = sqlite3_value_double(values[i]) + 0.0;
            add('n', &number, sizeof number);
        } else if (type == SQLITE_NULL) {
            add('0', "", 0);
        } else {
            const void *bytes = sqlite3_value_blob(values[i]);
            add('t', bytes ? bytes : "", static_cast<std::size_t>(sqlite3_value_bytes(values[i])));
        }
    }
    const auto digits = hash.finish();
    sqlite3_result_int64(context, static_cast<sqlite3_int64>(std::stoull(digits.substr(0, 16), nullptr, 16) >> 1));
}

} // namespace

const char *const metricIsSound = "(m.seal IS reticle_seal(m.name, m.step, m.time, m.value))";

void addSealFunction(SQLite::Database &db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    const int code =
        sqlite3_create_function_v2(db.getHandle(), "reticle_seal", -1, flags, nullptr, seal, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        throw SQLite::Exception(db.getHandle(), code);
}

void sealRows(SQLite::Database &db)
{
    for (const auto &t : tables) {
        const auto renew = fmt::format("UPDATE {} SET seal = reticle_seal({})", t.table, t.columns);
        db.exec(fmt::format("ALTER TABLE {} ADD COLUMN seal INTEGER", t.table));
        db.exec(renew);
        db.exec(fmt::format("CREATE TRIGGER {0}_added AFTER INSERT ON {0} BEGIN {1} WHERE {2}; END", t.table, renew, t.key));
        db.exec(fmt::format("CREATE TRIGGER {0}_changed AFTER UPDATE OF {3} ON {0} BEGIN {1} WHERE {2}; END", t.table, renew,
                            t.key, t.columns));
    }
}

std::string damagedRow(SQLite::Database &db)
{
    for (const auto &t : tables) {
        if (std::string_view(t.table) == "metrics")
            continue;
        SQLite::Statement rows(db,
                               fmt::format("SELECT id FROM {} WHERE seal IS NOT reticle_seal({}) LIMIT 1", t.table, t.columns));
        if (rows.executeStep())
            return fmt::format("{} {}", t.noun, rows.getColumn(0).getInt64());
    }
    return {};
}

} // namespace reticle
