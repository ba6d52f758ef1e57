#pragma once

#include "project/Recipe.h"
#include "protocol/Capabilities.h"

#include <QString>

#include <functional>

class QMenu;

namespace reticle {

class Session;
struct RunInfo;

/// What an analysis is asked of.
struct AskedSubject
{
    /// Of Capabilities::optionsFor: a run of a comparison is asked first as that, {"comparison", "run"}.
    std::vector<std::string> kinds;
    Json made;    ///< of Capabilities::refusal
    QString none; ///< what the menu says where no analysis can be asked of it

    static AskedSubject ofRun(const RunInfo &run);
    static AskedSubject ofData(const Json &section); ///< of a recipe: {"name": "segmentation", "images": …}
};

/// What the worker said can be asked of what; of an older worker, that all can be asked of runs.
Capabilities capabilitiesOf(const Session &session);
/// The options that must be given where the analysis is asked of the subject; nothing where it cannot be asked of it.
std::optional<std::vector<std::string>> optionsThatMustBeGiven(const Session &session, const std::string &analysis,
                                                               const AskedSubject &subject);
/// Fills the menu anew with the analyses of the catalog that can be asked of such a subject, each an action of the analysis'
/// name. One that cannot be asked of this very subject says why and is disabled. Empty without a catalog.
void fillAskMenu(QMenu *menu, const Session &session, const AskedSubject &subject,
                 const std::function<void(const QString &analysis)> &chosen);

/// Of the options that an analysis is asked with, what data say: their files, and choices of the same name that are the same
/// ones ("foreground"). Other fields of the same name mean something else ("threshold").
Json optionsOfData(const SchemaInfo &analysis, const SchemaInfo &dataset, const Json &section);
/// The file or folder that names the data, the first that the section gives; empty where it gives none.
QString pathOfData(const SchemaInfo &dataset, const Json &section);
/// The title of a field as forms show it.
QString fieldTitle(const SchemaInfo &schema, const std::string &field);

} // namespace reticle
