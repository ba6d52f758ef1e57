#pragma once

#include <string>

namespace SQLite {
class Database;
}

namespace reticle {

// Checksums of the rows of a project's database: SQLite finds a damaged structure by itself, but not a damaged number.
// Each row keeps a number made of its other columns, and triggers renew it with every change. Left out is only what tells
// which process works on a run. Rows of earlier versions are sealed when they are migrated.

/// Makes reticle_seal(...), which the triggers and the checks call, known to this connection. Throws SQLite::Exception.
void addSealFunction(SQLite::Database &db);

/// Adds columns and triggers and seals what is there. Throws SQLite::Exception.
void sealRows(SQLite::Database &db);

/// "run 3" where a row's seal does not match, the first found; empty where all do. Metrics are not among them: they are
/// checked as they are read (metricIsSound), as there may be millions. Throws SQLite::Exception.
std::string damagedRow(SQLite::Database &db);

/// SQL that is 1 for a sound row of metrics, called `m`.
extern const char *const metricIsSound;

} // namespace reticle
