#include "ablation/AblationStudy.h"
#include "documents/JsonText.h"
#include "files/OutputGuard.h"
#include "foundation/AtomicFile.h"
#include "worker/Catalog.h"
#include "worker/WorkerTasks.h"
#include "worker/commands/CommandRegistry.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

// Writes the recipe of a study, which `run` then trains as any comparison.

namespace reticle {

namespace {

struct StudyCommand
{
    std::string good, bad, output;
    std::vector<std::int64_t> seeds{1, 2, 3};
    std::vector<std::string> joined; ///< "train.optimizer,train.learning-rate"
    std::int64_t budget = usualAblationBudget, folds = 0;

    int run() const
    {
        const auto load = [](const std::string &path) {
            try {
                return Recipe::load(path).withAbsolutePaths(catalog(), workingFolder());
            } catch (const Error &e) {
                throw e.parts().where.rfind(path, 0) == 0 ? e : e.within(path);
            }
        };
        const auto titled = [](const Recipe &recipe, const std::string &path) {
            return recipe.title().empty() ? std::filesystem::path(path).stem().string() : recipe.title();
        };
        const Recipe g = load(good), b = load(bad);
        StudyOptions options;
        options.seeds = seeds;
        options.folds = folds;
        options.budget = budget;
        options.good = titled(g, good);
        options.bad = titled(b, bad);
        for (const auto &group : joined) {
            auto &paths = options.joined.emplace_back();
            for (std::size_t at = 0; at <= group.size();) {
                const auto end = std::min(group.find(',', at), group.size());
                paths.push_back(group.substr(at, end - at));
                at = end + 1;
            }
        }
        const auto study = AblationStudy::planned(g, b, catalog(), options);
        InputsInUse inputs; // neither recipe is written over
        inputs.add(good);
        inputs.add(bad);
        requireOutput(output, Place::File);
        writeFileAtomically(output, study.recipe().json().dump(2) + "\n");
        std::printf("%s\nWritten to %s. Train it with: reticle-worker run %s --project NAME.reticle\n", study.text().c_str(),
                    output.c_str(), output.c_str());
        return 0;
    }
};

const CommandRegistration studyCommandRegistration(
    {"study", "Plan a study of which differences between two recipes matter, by knockouts and rescues", [](CLI::App &app) {
         auto command = std::make_shared<StudyCommand>();
         app.add_option("good", command->good, "Recipe (JSON) that trains well")->required();
         app.add_option("bad", command->bad, "Recipe (JSON) that trains badly")->required();
         app.add_option("--seeds", command->seeds, "Each recipe is trained with each of these seeds, such as 1,2,3")
             ->delimiter(',')
             ->allow_extra_args(false)
             ->check(CLI::NonNegativeNumber);
         app.add_option("--folds", command->folds, "Folds of a cross-validation with each seed")->check(CLI::NonNegativeNumber);
         app.add_option("--budget", command->budget, "Largest number of runs for a factorial design")->check(CLI::PositiveNumber);
         app.add_option("--join", command->joined, "Settings that change as one, such as train.optimizer,train.learning-rate")
             ->type_name("PATH,PATH")
             ->allow_extra_args(false);
         app.add_option("-o,--output", command->output, "Recipe to write (JSON)")->required();
         return [command] { return command->run(); };
     }});

} // namespace

} // namespace reticle
