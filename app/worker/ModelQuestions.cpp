#include "ModelQuestions.h"

#include "Catalog.h"
#include "WorkerTasks.h"
#include "project/ModelFiles.h"
#include "project/Project.h"

namespace reticle {

ModelQuestion questionOfRecipe(const Recipe &recipe, const KnownEnds &known)
{
    const auto whole = recipe.withAbsolutePaths(catalog(), workingFolder()).validated(catalog());
    return questionOf(whole.compares() ? whole.compared().front() : whole, known);
}

ModelQuestion questionOfRun(const std::string &project, std::int64_t run)
{
    const auto opened = Project::open(project);
    const auto info = opened.run(run);
    KnownEnds known;
    try {
        known = endsIn(readModelDescription(opened.runFolder(info.id)));
    } catch (const Error &) {
        // It kept no model yet: its data tell.
    }
    return questionOf(Recipe(info.recipe).validated(catalog()), known);
}

} // namespace reticle
