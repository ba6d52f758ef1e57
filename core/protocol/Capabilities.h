#pragma once

#include "foundation/Json.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reticle {

/// Which analyses can be asked of what. A capability is of a model, an objective, a task or a kind of data, and is declared
/// with its sentence by whoever owns it; entries of a registry provide it, analyses require it. All of it is declared next to
/// registrations (Capability, ProvidesCapability, RequiresCapability, AskedOf) and sent to the window as JSON.
/// Threads: filled before main, read-only after.
class Capabilities
{
public:
    /// Those of this program.
    static Capabilities &instance();

    /// `of`: what has it, "model", "objective", "task" or "data". `text` follows the title of an analysis: "needs a network
    /// with skip connections".
    void declare(const std::string &capability, const std::string &of, const std::string &text);
    /// That entry `name` ("unet") of the models, objectives, tasks or kinds of data has it.
    void provide(const std::string &of, const std::string &name, const std::string &capability);
    void require(const std::string &analysis, const std::string &capability);
    /// That an analysis can be asked of a "run", of "data" or of a "comparison". `options` are those that must be given then,
    /// such as the files that take the place of a run. An analysis of which nothing is said can be asked of a run.
    void askOf(const std::string &analysis, const std::string &subject, const std::vector<std::string> &options);

    bool isProvided(const std::string &of, const std::string &name, const std::string &capability) const;
    bool isRequired(const std::string &analysis, const std::string &capability) const;
    /// The options that must be given where `analysis` is asked of a `subject`; nothing where it cannot be asked of one.
    std::optional<std::vector<std::string>> optionsFor(const std::string &analysis, const std::string &subject) const;
    /// Why `subject` cannot be asked, in a few words that can stand behind the analysis' title: "needs a network with skip
    /// connections (model unet), not fcn". Empty where it can, and where that is not known. A subject names what it is made
    /// of as a recipe does: {"model": {"name": "fcn"}, "task": {"name": "segmentation"}}; what it does not name is not
    /// required of it.
    std::string refusal(const std::string &analysis, const Json &subject) const;

    /// {"gives": {"model": {"unet": ["skips"]}}, "needs": {"skip-study": ["skips"]},
    ///  "capabilities": {"skips": {"of": "model", "text": "needs …"}}, "asked-of": {"skip-study": {"run": []}}}
    Json toJson() const;
    /// What is not of that form is passed over: another worker may be of another version. One of before sends no sentences,
    /// and its capabilities are known by name alone.
    static Capabilities fromJson(const Json &json);

private:
    struct Declared
    {
        std::string of, text;
    };

    std::map<std::string, Declared> m_declared;
    std::map<std::string, std::map<std::string, std::vector<std::string>>> m_provided; ///< of what -> entry -> capabilities
    std::map<std::string, std::vector<std::string>> m_required;                        ///< by analysis
    std::map<std::string, std::map<std::string, std::vector<std::string>>> m_askedOf;  ///< analysis -> subject -> options
};

/// `const Capability skips("skips", "model", "needs a network with skip connections");` at namespace scope, once in the
/// program.
struct Capability
{
    Capability(const char *name, const char *of, const char *text) { Capabilities::instance().declare(name, of, text); }
};

/// `const ProvidesCapability skips("model", "unet", "skips");` at namespace scope.
struct ProvidesCapability
{
    ProvidesCapability(const char *of, const char *name, const char *capability)
    {
        Capabilities::instance().provide(of, name, capability);
    }
};

/// `const RequiresCapability skips("skip-study", "skips");` at namespace scope.
struct RequiresCapability
{
    RequiresCapability(const char *analysis, const char *capability) { Capabilities::instance().require(analysis, capability); }
};

/// `const AskedOf files("evaluate", "data", {"prediction", "labels"});` at namespace scope. Where an analysis can be asked of
/// a run as well, that is said too.
struct AskedOf
{
    AskedOf(const char *analysis, const char *subject, const std::vector<std::string> &options = {})
    {
        Capabilities::instance().askOf(analysis, subject, options);
    }
};

} // namespace reticle
