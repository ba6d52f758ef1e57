#pragma once

#include "base/Json.h"

#include <map>
#include <string>
#include <vector>

namespace reticle {

/// Which analyses can be asked of which runs: what an analysis needs of a run, and which models and objectives give it.
/// What is needed: "skips" (a network with named skip connections) and "classes" (a run that segments). Declared beside
/// registrations (Gives, Needs), sent to the window as JSON. Threads: filled before main, read-only after.
class Asking
{
public:
    /// That of this program.
    static Asking &instance();

    void addGives(const std::string &section, const std::string &name, const std::string &what);
    void addNeeds(const std::string &analysis, const std::string &what);
    /// Whether entry `name` of a recipe's section ("model", "objective") gives it.
    bool gives(const std::string &section, const std::string &name, const std::string &what) const;
    bool needs(const std::string &analysis, const std::string &what) const;
    /// Why a run of `recipe` cannot be asked, in a few words that can stand behind the analysis' title: "needs a
    /// network with skip connections (model unet), not fcn". Empty where it can, and where that is not known.
    std::string refusal(const std::string &analysis, const Json &recipe) const;

    /// {"gives": {"model": {"unet": ["skips"]}}, "needs": {"skip-study": ["skips"]}}
    Json toJson() const;
    /// What is not of that form is passed over: another worker may be of another version.
    static Asking fromJson(const Json &json);

private:
    std::map<std::string, std::map<std::string, std::vector<std::string>>> m_gives;
    std::map<std::string, std::vector<std::string>> m_needs;
};

/// `const Gives skips("model", "unet", "skips");` at namespace scope.
struct Gives
{
    Gives(const char *section, const char *name, const char *what) { Asking::instance().addGives(section, name, what); }
};

/// `const Needs skips("skip-study", "skips");` at namespace scope.
struct Needs
{
    Needs(const char *analysis, const char *what) { Asking::instance().addNeeds(analysis, what); }
};

} // namespace reticle
