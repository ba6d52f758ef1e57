#pragma once

#include "foundation/Schema.h"
#include "project/EntryFit.h"

#include <functional>
#include <map>

namespace reticle {

/// All schemas that the worker knows, by kind: what forms, `list` and `describe` show. The window gets it as JSON.
struct Catalog
{
    /// Kinds: "models", "objectives", "datasets", "analyses", "live-queries", "simulators".
    std::map<std::string, std::vector<SchemaInfo>> kinds;
    /// Settings that are the same for every recipe, by section: "augment", "train"; and "predict", which is no section
    /// of a recipe but has a form too.
    std::map<std::string, SchemaInfo> sections;
    /// Which entries go together in a recipe, by kind and name. An older worker says nothing of it.
    std::map<std::string, std::map<std::string, EntryFit>> fits;

    /// Throws Error naming what is known.
    const SchemaInfo &find(const std::string &kind, const std::string &name) const;
    /// What is known of an entry; an empty one, which goes with all, where nothing is.
    EntryFit fitOf(const std::string &kind, const std::string &name) const;
    Json toJson() const;
    static Catalog fromJson(const Json &json);
};

/// A section of a recipe.
struct RecipeSection
{
    const char *name;        ///< "model"
    const char *title;       ///< "Model": heading in a form, to be translated
    const char *kind;        ///< of the catalog whose entry of the section's "name" gives the fields ("models"); "" = the
                             ///< catalog's section of this name does
    const char *defaultName; ///< entry of a section that names none; "" where it must name one
};

/// What to do, as a JSON document:
/// {"recipe": 1, "title": "…", "seed": 1, "device": "auto",
///  "data": {"name": "segmentation", "images": "…", …}, "model": {"name": "unet", …}, "objective": {"name": "bce", …},
///  "augment": {…}, "train": {…}}
/// and where models are compared "compare": {"models": ["fcn", {"name": "unet", …}, …], "weights": 20000, "seeds": [1,
/// 2]}; whatever else varies is an axis, "compare": {"axes": {"train.learning-rate": [0.001, 0.01], "objective": ["bce",
/// {"name": "dice", …}]}}. Settings that are no grid are listed one by one, "compare": {"settings": [{"title": "good
/// without optimizer", "changes": {"train.optimizer": "sgd", "augment.flip": null}}, …]}, where null takes the default; keys
/// of that section that begin with '_' are kept, and "_report" names the analysis that reports the comparison. Sections with a
/// "name" take their fields from that entry of the catalog's kind (data -> datasets, model -> models, objective -> objectives).
class Recipe
{
public:
    static constexpr int version = 1;
    /// What stands beside the sections: title, seed and device.
    static const SchemaInfo &head();
    /// "data", "model", "objective", "augment", "train", in this order.
    static const std::vector<RecipeSection> &sections();
    static const std::vector<std::string> &sectionNames();
    /// Null where there is no section of that name.
    static const RecipeSection *findSection(const std::string &name);

    Recipe() = default;
    explicit Recipe(Json document);
    /// Throws Error (file, line and column of a syntax error).
    static Recipe load(const std::string &path);

    const Json &json() const { return m_json; }
    /// "train.minutes" = "15"; creates the section where absent; the value is read by the field's type.
    /// A section's name may be set too ("model.name" = "fcn"), which drops the fields the new one does not have.
    /// Setting one of the stop rules train.epochs, train.steps, train.minutes puts it in force: the other two become 0.
    /// Throws Error for an unknown path or value.
    void set(const std::string &path, const std::string &value, const Catalog &catalog);
    /// Full document with every default filled in. Throws Error naming section and field.
    Recipe validated(const Catalog &catalog) const;
    /// The same with the relative paths of all sections taken from `base`.
    Recipe withAbsolutePaths(const Catalog &catalog, const std::string &base) const;

    std::string title() const;
    std::uint64_t seed() const;
    std::string device() const;
    const Json &section(const std::string &name) const; ///< an empty object where absent

    /// Whether it has a section "compare".
    bool compares() const;
    /// The fields of "compare" other than "models", "axes" and "settings".
    static const SchemaInfo &compareSchema();
    /// Of a validated recipe that compares: one recipe for each seed, fold, model and value of each axis, or each setting, all
    /// models of the first seed and fold first and the last axis fastest, each with a title of its own and no section "compare".
    std::vector<Recipe> compared() const;
    /// Short names of model sections: "unet", or where a name comes again with the fields that differ, "unet weights
    /// 4000".
    static std::vector<std::string> modelLabels(const std::vector<Json> &models);

    /// Paths that say how a machine goes about it: runs that differ in these alone have the same outcome.
    static const std::vector<std::string> &withoutEffect();

    /// The two documents' differences, as "train.epochs: 10 -> 20" lines, for a person.
    static std::vector<std::string> differences(const Recipe &a, const Recipe &b);

private:
    void setCompared(const std::string &field, const std::string &value, const Catalog &catalog);
    void requireFolds(std::int64_t folds, const Catalog &catalog) const;
    Json validatedCompare(const Catalog &catalog, std::int64_t seed) const;
    /// Models that the axes "model" and "model.name" give, as the list "models" has them.
    Json modelsVaried(const Json &axes, const Catalog &catalog) const;
    /// What a section begins with that the recipe leaves to the comparison; null where that says nothing of it.
    Json startOf(const std::string &section, const Json &compare) const;
    /// The axes of a comparison with every default filled in; `full`: all sections are whole. Throws Error naming axis, or
    /// combination and field.
    Json validatedAxes(const Json &full, const Json &compare, const Catalog &catalog) const;
    /// The section "compare" of listed settings, which are checked by validatedSettings when all sections are whole. `rest`:
    /// what it has other than models, axes and settings. Throws Error.
    Json comparedSettings(const Json &given, Json rest) const;
    /// The settings with what they change under the names of today, every default filled in. Throws Error naming the setting.
    Json validatedSettings(const Json &full, const Json &compare, const Catalog &catalog) const;
    /// What a section begins with that the recipe leaves to the settings.
    static Json startOfSettings(const std::string &section, const Json &compare);
    void makeSettingsAbsolute(const Catalog &catalog, const std::string &base);
    /// The text of a command line as the values of an axis.
    Json axisOf(const std::string &path, const std::string &value, const Catalog &catalog) const;
    void makeAxesAbsolute(const Catalog &catalog, const std::string &base);

    Json m_json = Json::object();
};

/// Whether a section "compare" lists its settings, {"settings": [{"title": "…", "changes": {…}}, …]}.
bool listsSettings(const Json &compare);
/// Calls fn(path, value) for all that the settings change; what is not of that form is passed over.
void eachSettingChange(Json &compare, const std::function<void(const std::string &path, Json &value)> &fn);

} // namespace reticle
