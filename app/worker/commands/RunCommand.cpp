#include "worker/commands/Commands.h"

#include "files/OutputGuard.h"
#include "worker/Catalog.h"
#include "worker/EventPrinter.h"
#include "worker/SignalControl.h"
#include "worker/TrainingJob.h"
#include "worker/WorkerTasks.h"

#include <fmt/format.h>

#include <algorithm>

namespace reticle {

namespace {

/// A resumed run keeps its recipe: what else is asked for must say the same.
void requireSame(const RunInfo &run, const Recipe &asked)
{
    // The stored recipe may be older than a field that has been filled in with its default since.
    const auto lines = Recipe::differences(Recipe(run.recipe).validated(catalog()), asked);
    if (!lines.empty())
        throw Error({fmt::format("--resume {}", run.id), "the recipe that the run was started with",
                     fmt::format("{}{}", lines.front(), lines.size() > 1 ? fmt::format(" and {} more", lines.size() - 1) : ""),
                     "leave RECIPE and --set away to go on, or leave --resume away for a new run"});
}

/// The recipe with the places where the project's data are now.
Recipe withPlaces(const Recipe &recipe, const Project &project)
{
    Json json = recipe.json();
    const auto find = [&](Json &content) {
        for (auto &value : content)
            if (value.is_string() && !value.get<std::string>().empty())
                value = project.whereIs(value.get<std::string>());
    };
    find(json["data"]);
    if (!recipe.compares())
        return Recipe(json);
    eachSettingChange(json["compare"], [&](const std::string &path, Json &value) {
        if (path == "data")
            find(value);
        else if (path.rfind("data.", 0) == 0 && value.is_string() && !value.get<std::string>().empty())
            value = project.whereIs(value.get<std::string>());
    });
    if (!json["compare"].contains("axes"))
        return Recipe(json);
    for (auto &[path, values] : json["compare"]["axes"].items()) { // of a validated recipe
        if (path == "data")
            std::for_each(values.begin(), values.end(), find);
        else if (path.rfind("data.", 0) == 0)
            find(values);
    }
    return Recipe(json);
}

} // namespace

int RunCommand::run() const
{
    RunControl control;
    const SignalControl signals([&](int count) { control.end(count == 1 ? RunControl::End::Stop : RunControl::End::Cancel); });
    EventPrinter printer(events, stdout);

    if (recipe.empty() && resume == 0)
        throw Error({"run", "a recipe, or --resume RUN", "neither", {}});
    Recipe asked;
    const auto finish = [&](Recipe r) {
        for (const auto &s : sets) {
            const auto [path, value] = splitSetting(s);
            r.set(path, value, catalog());
        }
        if (!device.empty())
            r.set("device", device, catalog());
        return r.withAbsolutePaths(catalog(), workingFolder()).validated(catalog());
    };
    if (!recipe.empty()) {
        // Everything is checked before the project is made.
        try {
            asked = finish(Recipe::load(recipe));
        } catch (const Error &e) {
            throw e.parts().where.rfind(recipe, 0) == 0 ? e : e.within(recipe);
        }
    }
    if (resume == 0) // an existing project says itself why it cannot be written to
        requireWritableFolder(project);
    Project store = resume > 0 ? Project::open(project) : Project::openOrCreate(project);
    if (resume > 0) {
        RunInfo stored = store.run(resume);
        if (stored.comparison > 0) // it is gone on with as a whole
            stored.recipe = store.comparison(stored.comparison).recipe;
        requireSame(stored, recipe.empty() ? finish(Recipe(stored.recipe)) : withPlaces(asked, store));
    }
    const auto outcome = runRecipe(store, asked, resume, printer, control);
    if (!events) {
        const bool several = outcome.comparison > 0;
        std::printf("%s %lld of %s: %s.\n", several ? "Comparison" : "Run",
                    static_cast<long long>(several ? outcome.comparison : outcome.run.id), project.c_str(),
                    std::string(nameOf(outcome.status)).c_str());
    }
    return outcome.status == RunStatus::Cancelled ? 3 : outcome.status == RunStatus::Failed ? 4 : 0;
}

} // namespace reticle
