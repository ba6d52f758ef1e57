#include "Commands.h"

#include "Catalogue.h"
#include "Reference.h"
#include "learn/Models.h"

#include <fmt/format.h>

#include <cstdio>

namespace reticle {

namespace {

struct Found
{
    std::string kind; ///< "" for a section of the recipe
    const SchemaInfo *schema = nullptr;
};

Found findSchema(const std::string &name)
{
    const auto slash = name.find('/');
    const std::string kind = slash == std::string::npos ? "" : name.substr(0, slash);
    const std::string plain = slash == std::string::npos ? name : name.substr(slash + 1);
    std::vector<std::string> known;
    for (const auto &[k, schemas] : catalog().kinds)
        for (const auto &s : schemas) {
            if (s.name == plain && (kind.empty() || kind == k))
                return {k, &s};
            known.push_back(s.name);
        }
    for (const auto &[section, schema] : catalog().sections) {
        if (section == plain && kind.empty())
            return {"", &schema};
        known.push_back(section);
    }
    if (plain == "recipe" && kind.empty())
        return {"", &Recipe::head()};
    const auto near = nearestName(plain, known);
    throw Error({"describe", "a name that \"reticle-worker list\" shows", "\"" + name + "\"",
                 near.empty() ? "" : "did you mean \"" + near + "\"?"});
}

std::string aligned(const Table &table)
{
    std::vector<std::vector<std::string>> rows(1);
    for (const auto &c : table.columns)
        rows[0].push_back(c.unit.empty() ? c.name : c.name + " (" + c.unit + ")");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        rows.emplace_back();
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            rows.back().push_back(table.text(r, c));
    }
    return alignedColumns(rows);
}

void printSchema(const SchemaInfo &schema)
{
    std::printf("%s: %s\n", schema.name.c_str(), schema.title.c_str());
    if (!schema.help.empty())
        std::printf("%s\n", schema.help.c_str());
    if (schema.fields.empty())
        return;
    std::vector<std::vector<std::string>> rows{{"field", "default", "range", "meaning"}};
    for (const auto &f : schema.fields)
        rows.push_back({f.name, defaultText(f), rangeText(f), f.help});
    std::printf("\n%s", alignedColumns(rows).c_str());
}

} // namespace

int DescribeCommand::run() const
{
    if (!reference.empty()) {
        for (const auto &[file, text] : referencePages())
            writeReferencePage(reference, file, text);
        return 0;
    }
    const Found found = findSchema(name);
    Json options = Json::object();
    for (const auto &s : sets) {
        const auto [field, value] = splitSetting(s);
        options[field] = found.schema->parse(field, value, found.schema->name);
    }
    Json out = found.schema->toJson();
    if (!json)
        printSchema(*found.schema);
    if (found.kind == "models") {
        Json model = found.schema->validate(options);
        model["name"] = found.schema->name;
        const auto d = describeModel(model, channels, classes <= 2 ? 1 : classes, size, size);
        out["model"] = Json{{"table", d.layers.toJson()}, {"weights", d.weights},  {"macs", d.macs},
                            {"widths", d.widths},         {"summary", d.summary}, {"activation-bytes", d.activationBytes},
                            {"memory", d.memory.table().toJson()}};
        if (!json) {
            std::printf("\n%s\n%s", d.summary.c_str(), aligned(d.layers).c_str());
            std::printf("\nMemory of one image in prediction and in training, without the libraries' code (0.2 to 0.3 GiB)\n%s",
                        aligned(d.memory.table()).c_str());
            for (const std::int64_t gib : {4, 8, 16, 24})
                std::printf("largest batch in %lld GiB: %lld\n", static_cast<long long>(gib),
                            static_cast<long long>(d.memory.batchThatFits(gib << 30)));
        }
    } else if (!options.empty() && !json) {
        std::printf("\nWith these settings: %s\n", found.schema->validate(options).dump().c_str());
    }
    if (json)
        std::printf("%s\n", out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return 0;
}

} // namespace reticle
