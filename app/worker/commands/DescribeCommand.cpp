#include "worker/commands/Commands.h"

#include "files/OutputGuard.h"
#include "learn/Models.h"
#include "learn/WidthBuilder.h"
#include "learn/modules/ModelInput.h"
#include "learn/training/Training.h"
#include "learn/training/TrainingRecord.h"
#include "project/Project.h"
#include "worker/Apart.h"
#include "worker/Catalog.h"
#include "worker/DescribeModel.h"
#include "worker/EstimateTraining.h"
#include "worker/ModelQuestions.h"
#include "worker/Reference.h"
#include "worker/WorkerTasks.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <utility>

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

/// Cells of a table as they are printed, the header first: whole numbers with thousands separators.
std::vector<std::vector<std::string>> cellsOf(const Table &table)
{
    std::vector<std::vector<std::string>> rows(1);
    for (const auto &c : table.columns)
        rows[0].push_back(c.unit.empty() ? c.name : c.name + " (" + c.unit + ")");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        rows.emplace_back();
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            const auto *whole = std::get_if<std::vector<std::int64_t>>(&table.columns[c].values);
            rows.back().push_back(whole ? withThousands((*whole)[r]) : table.text(r, c));
        }
    }
    return rows;
}

std::vector<bool> numeric(const Table &table)
{
    std::vector<bool> is;
    for (const auto &c : table.columns)
        is.push_back(!std::holds_alternative<std::vector<std::string>>(c.values));
    return is;
}

std::string aligned(const Table &table)
{
    return alignedColumns(cellsOf(table), numeric(table));
}

std::string markdown(const Table &table)
{
    const auto rows = cellsOf(table);
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (const auto &cell : rows[r])
            text += "| " + cell + " ";
        text += "|\n";
        if (r == 0) {
            for (const bool number : numeric(table))
                text += number ? "|---:" : "|---";
            text += "|\n";
        }
    }
    return text;
}

/// "256" or "480x640".
std::pair<std::int64_t, std::int64_t> sizeOf(const std::string &text)
{
    const auto number = [&](const std::string &part) -> std::int64_t {
        const bool digits = !part.empty() && part.size() < 13 && part.find_first_not_of("0123456789") == std::string::npos;
        if (!digits)
            throw Error({"--size", "a side in pixels such as 256, or height and width such as 480x640", "\"" + text + "\"", {}});
        return std::stoll(part);
    };
    const auto cross = text.find('x');
    if (cross == std::string::npos)
        return {number(text), number(text)};
    return {number(text.substr(0, cross)), number(text.substr(cross + 1))};
}

/// The recipe in the file, changed by `sets`: the first training that it asks for.
Recipe recipeOf(const std::string &file, const std::vector<std::string> &sets)
{
    Recipe recipe = Recipe::load(file);
    for (const auto &s : sets) {
        const auto [path, value] = splitSetting(s);
        recipe.set(path, value, catalog());
    }
    recipe = recipe.withAbsolutePaths(catalog(), workingFolder()).validated(catalog());
    return recipe.compares() ? recipe.compared().front() : recipe;
}

/// Throws Error where an option was given that a recipe says itself.
void requireNothingOfRecipes(const DescribeCommand &command)
{
    const DescribeCommand untouched{};
    const std::pair<const char *, bool> options[] = {{"--size", command.size != untouched.size},
                                                     {"--batch", command.batch != untouched.batch},
                                                     {"--objective", command.objective != untouched.objective},
                                                     {"--train", command.train != untouched.train}};
    for (const auto &[option, given] : options)
        if (given)
            throw Error({option, "the name of a model",
                         command.name.empty() ? std::string("a run") : "the recipe \"" + command.name + "\"",
                         command.name.empty() ? "leave it out" : "change the recipe by --set, such as --set train.batch=8"});
}

/// Throws Error where an option was given that would do nothing, as only models have layers.
void requireNothingOfModels(const DescribeCommand &command)
{
    const DescribeCommand untouched{};
    const std::pair<const char *, bool> options[] = {{"--output", command.output != untouched.output},
                                                     {"--markdown", command.markdown != untouched.markdown},
                                                     {"--channels", command.channels != untouched.channels},
                                                     {"--classes", command.classes != untouched.classes},
                                                     {"--size", command.size != untouched.size},
                                                     {"--batch", command.batch != untouched.batch},
                                                     {"--objective", command.objective != untouched.objective},
                                                     {"--train", command.train != untouched.train},
                                                     {"--memory", command.memory != untouched.memory}};
    for (const auto &[option, given] : options)
        if (given)
            throw Error({option, "the name of a model, whose layers it is about", "\"" + command.name + "\"", {}});
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
    for (const auto &f : schema.fields)
        for (const auto &entry : f.entries)
            for (const auto &own : entry.fields)
                rows.push_back({f.name + "." + own.name, defaultText(own), rangeText(own), "Of " + entry.name + ": " + own.help});
    std::printf("\n%s", alignedColumns(rows).c_str());
}

} // namespace

ModelQuestion DescribeCommand::question(const SchemaInfo &schema, const Json &options) const
{
    ModelQuestion q;
    q.model = schema.validate(options);
    q.model["name"] = schema.name;
    if (!objective.empty())
        q.objective = {{"name", objective}};
    const auto training = TrainOptions::schema();
    for (const auto &t : train) {
        const auto [field, value] = splitSetting(t);
        training.info().set(q.train, field, value, "train");
    }
    q.channels = channels;
    q.classes = classes;
    q.batch = batch;
    std::tie(q.height, q.width) = sizeOf(size);
    q.small = !here;
    return q;
}

/// The network that the recipe would train, or the run's.
ModelQuestion DescribeCommand::question(const Recipe &recipe) const
{
    auto q = runNumber > 0 ? questionOfRun(project, runNumber) : questionOf(recipe, {.channels = channels, .classes = classes});
    q.small = !here;
    return q;
}

/// What trainings of this network on this machine say about one more; null where the settings do not fit this machine.
Json DescribeCommand::estimate(const ModelQuestion &q, const ModelDescription &d, const Recipe *recipe) const
{
    if (recipe)
        try {
            return trainingEstimate(*recipe, 0, 0);
        } catch (const Error &) {
            return {};
        }
    Json training = TrainOptions::schema().info().validate(q.train, "train");
    training["batch"] = q.batch;
    if (q.height == q.width)
        training["crop"] = q.height;
    try {
        auto asked = trainingQuestion(Recipe(Json{{"model", q.model}, {"train", training}}), q.channels, q.classes);
        asked.like.weights = d.weights;
        asked.like.data.clear(); // of none in particular
        asked.like.recipe.clear();
        if (q.height != q.width)
            asked.like.crop = -1; // crops are square
        return estimateTraining(TrainingHistory().read(), asked).toJson();
    } catch (const Error &) {
        return {};
    }
}

void DescribeCommand::printLayers(const ModelQuestion &q, const ModelDescription &d, const Json &estimated, Json &out) const
{
    auto memories = memoryOfThisMachine();
    if (memory > 0)
        memories.insert(memories.begin(), {fmt::format("{:g} GiB", memory), static_cast<std::int64_t>(memory * 1073741824)});
    const auto fits = d.fits(memories);
    out["model"] = Json{{"table", d.layers.toJson()},
                        {"weights", d.weights},
                        {"macs", d.macs},
                        {"widths", d.widths},
                        {"summary", d.summary},
                        {"activation-bytes", d.activationBytes},
                        {"memory", d.memory.table().toJson()},
                        {"fits", fits.toJson()}};
    if (!estimated.is_null())
        out["model"]["estimate"] = estimated;
    if (!output.empty())
        d.result(memories).save(output);
    if (json)
        return;
    if (markdown) {
        std::printf("%s\n\n%s", d.summary.c_str(), reticle::markdown(d.layers).c_str());
        return;
    }
    std::printf("\n%s\n%s", d.summary.c_str(), aligned(d.layers).c_str());
    std::printf("\nMemory of %s in prediction and in training, without the libraries' code (0.2 to 0.3 GiB)\n%s",
                q.batch == 1 ? ("one " + d.noun).c_str() : fmt::format("{} {}s", q.batch, d.noun).c_str(),
                aligned(d.memory.table()).c_str());
    std::printf("\nLargest batch that can be trained in %s\n%s", d.precision.c_str(), aligned(fits).c_str());
    if (!estimated.is_null())
        std::printf("\nTraining time\n%s\n", estimated["text"].get<std::string>().c_str());
}

int DescribeCommand::run() const
{
    if (!reference.empty()) {
        for (const auto &[file, text] : referencePages())
            writeReferencePage(reference, file, text);
        return 0;
    }
    std::optional<Recipe> recipe;
    if (name.ends_with(".json")) {
        requireNothingOfRecipes(*this);
        recipe = recipeOf(name, sets);
    } else if (runNumber > 0) {
        requireNothingOfRecipes(*this);
        if (!name.empty() || !sets.empty())
            throw Error({"describe", "a run alone", name.empty() ? "a run with --set" : "a run and \"" + name + "\"",
                         "leave out --run to describe another network"});
        recipe = Recipe(Project::open(project).run(runNumber).recipe).validated(catalog());
    }
    const Found found = findSchema(recipe ? "models/" + recipe->section("model").value("name", std::string()) : name);
    Json options = recipe ? recipe->section("model") : Json::object();
    for (const auto &s : recipe ? std::vector<std::string>() : sets) {
        const auto [field, value] = splitSetting(s);
        options[field] = found.schema->parse(field, value, found.schema->name);
    }
    if (found.kind != "models")
        requireNothingOfModels(*this);
    if (!output.empty())
        requireOutput(output, Place::Folder);
    std::optional<ModelDescription> layers; // before anything is printed: it may be refused
    ModelQuestion asked;
    Json estimated;
    if (here) {
        endWithParent();
        goFirstWhereMemoryRunsOut();
    }
    const bool ofOtherData = found.kind == "models" && !recipe && modelInput(found.schema->name) != "image";
    if (ofOtherData && !output.empty())
        throw Error({"--output", "a recipe, as the layers of this model depend on its data", "\"" + name + "\"",
                     "describe a recipe that uses it"});
    if (found.kind == "models" && !ofOtherData)
        try {
            asked = recipe ? question(*recipe) : question(*found.schema, options);
            layers = describeModel(asked);
            estimated = estimate(asked, *layers, recipe ? &*recipe : nullptr);
        } catch (const TooLargeForASession &) {
            return describeApart(arguments);
        }
    Json out = found.schema->toJson();
    if (!json && !markdown)
        printSchema(*found.schema);
    if (layers) {
        printLayers(asked, *layers, estimated, out);
    } else if (!json) {
        if (!options.empty())
            std::printf("\nWith these settings: %s\n", found.schema->validate(options).dump().c_str());
        if (ofOtherData)
            std::printf("\nThe layers of this model depend on its data. Describe a recipe that uses it: reticle-worker describe "
                        "RECIPE.json\n");
    }
    if (json)
        std::printf("%s\n", out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return 0;
}

} // namespace reticle
