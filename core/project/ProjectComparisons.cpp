#include "documents/JsonText.h"
#include "project/Project_p.h"

#include <algorithm>

namespace reticle {

ComparisonInfo Project::createComparison(const Recipe &recipe)
{
    const std::int64_t id = d->inTransaction([&] {
        SQLite::Statement insert(*d->db, "INSERT INTO comparisons (title, recipe, created) VALUES (?, ?, ?)");
        insert.bind(1, recipe.title());
        insert.bind(2, d->storedDeep(recipe.json()).dump());
        insert.bind(3, timestamp(secondsNow()));
        insert.exec();
        return d->db->getLastInsertRowid();
    });
    return comparison(id);
}

std::vector<ComparisonInfo> Project::comparisons() const
{
    return d->guarded([&] {
        std::vector<ComparisonInfo> all;
        SQLite::Statement rows(*d->db, "SELECT id, title, recipe, created FROM comparisons ORDER BY id");
        while (rows.executeStep()) {
            ComparisonInfo c;
            c.id = rows.getColumn(0).getInt64();
            c.title = rows.getColumn(1).getString();
            c.recipe = d->resolvedDeep(tryJson(rows.getColumn(2).getString()));
            c.created = rows.getColumn(3).getString();
            if (c.title.empty())
                c.title = fmt::format("Comparison {}", c.id);
            all.push_back(std::move(c));
        }
        const auto inputs = all.empty() ? std::vector<StoredInput>() : d->storedInputs();
        for (auto &c : all)
            d->relocate(c.recipe, inputs);
        return all;
    });
}

ComparisonInfo Project::comparison(std::int64_t comparison) const
{
    std::string known;
    for (auto &c : comparisons()) {
        if (c.id == comparison)
            return c;
        known += (known.empty() ? "" : ", ") + std::to_string(c.id);
    }
    throw Error({d->folder.string(),
                 known.empty() ? "a comparison (the project has none yet)" : "one of the comparisons " + known,
                 "comparison " + std::to_string(comparison),
                 {}});
}

std::vector<RunInfo> Project::runsOf(std::int64_t comparison) const
{
    auto all = runs();
    std::erase_if(all, [&](const RunInfo &r) { return r.comparison != comparison; });
    return all;
}

} // namespace reticle
