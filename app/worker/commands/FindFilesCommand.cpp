// find-files: missing files of a project are searched in a folder.

#include "foundation/Error.h"
#include "project/MissingFiles.h"
#include "worker/SignalControl.h"
#include "worker/commands/CommandRegistry.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <memory>

namespace reticle {

namespace {

struct FindFilesCommand
{
    std::string project, folder;
    bool apply = false, otherContent = false;

    int run() const
    {
        Project store = Project::open(project);
        const auto missing = missingFiles(store);
        if (missing.empty()) {
            std::printf("No file of this project is missing.\n");
            return 0;
        }
        std::atomic<bool> ended{false};
        const SignalControl signals([&](int) { ended = true; });
        const auto search = searchFolder(missing, folder, [&](std::size_t) { return !ended; });
        if (ended) {
            std::fprintf(stderr, "reticle-worker: The search was ended. Nothing was changed.\n");
            return 3;
        }
        const auto print = [](const std::string &line) { std::printf("%s\n", line.c_str()); };
        for (const auto &f : search.found)
            print(fmt::format("Found: {} is at {}.", f.missing.lastPlace, f.place));
        for (const auto &f : search.sameName)
            print(fmt::format("Other content: {} has the name of {}, but other content.", f.place, f.missing.lastPlace));
        for (const auto &m : search.notFound)
            print(fmt::format("Not found: {}", m.lastPlace));
        for (const auto &f : search.unreadable)
            std::fprintf(stderr, "reticle-worker: %s cannot be read and was passed over.\n", f.c_str());
        if (!search.complete)
            std::fprintf(stderr,
                         "reticle-worker: The folder is too large to search all of it. Give a subfolder that is nearer to "
                         "the files.\n");
        auto used = search.found;
        if (otherContent)
            used.insert(used.end(), search.sameName.begin(), search.sameName.end());
        if (used.empty())
            return 0;
        if (!apply) {
            print("Nothing was changed. Add --apply to use what was found.");
            return 0;
        }
        store.relink(newPlaces(used));
        print(used.size() == 1 ? "The project uses 1 file at its new place."
                               : fmt::format("The project uses {} files at their new places.", used.size()));
        return 0;
    }
};

const CommandRegistration findFilesCommandRegistration(
    {"find-files", "Find missing files of a project in a folder", [](CLI::App &app) {
         auto command = std::make_shared<FindFilesCommand>();
         app.add_option("project", command->project, "Project folder")->required();
         app.add_option("folder", command->folder, "Folder to search, with its subfolders")->required();
         app.add_flag("--apply", command->apply, "Use the files that have the same content; without it they are only listed");
         app.add_flag("--other-content", command->otherContent,
                      "With --apply: use files of the same name too whose content is different");
         return [command] { return command->run(); };
     }});

} // namespace

} // namespace reticle
