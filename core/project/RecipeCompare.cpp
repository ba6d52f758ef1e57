#include "compare/Comparison_p.h"
#include "documents/JsonText.h"
#include "foundation/JsonReader_p.h"
#include "project/Recipe_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reticle {

namespace {

struct CompareOptions
{
    std::int64_t weights = 0;
    std::vector<std::int64_t> seeds;
    std::int64_t folds = 0;
};

/// "a,b" or ["a", "b"] or a list of model sections.
Json modelsOf(const std::string &value)
{
    if (const Json json = tryJson(value); json.is_array())
        return json;
    return commaParts(value);
}

Json axesOf(const std::string &value)
{
    Json axes = tryJson(value);
    if (!axes.is_object())
        throw Error({"compare.axes", "an object of lists, such as {\"train.learning-rate\": [0.001, 0.01]}", "\"" + value + "\"",
                     "or set one axis, such as compare.axes.train.learning-rate=0.001,0.01"});
    return axes;
}

Json settingsOf(const std::string &value)
{
    Json settings = tryJson(value);
    if (!settings.is_array())
        throw Error({"compare.settings",
                     "a list such as [{\"title\": \"larger\", \"changes\": {\"model.width\": 64}}]",
                     "\"" + value + "\"",
                     {}});
    return settings;
}

std::string plain(const Json &value)
{
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::vector<std::string> commaParts(const std::string &text)
{
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        auto part = text.substr(at, end - at);
        part.erase(0, part.find_first_not_of(' '));
        part.erase(part.find_last_not_of(' ') + 1);
        if (!part.empty())
            parts.push_back(std::move(part));
        at = end + 1;
    }
    return parts;
}

bool Recipe::compares() const
{
    return m_json.contains("compare") && !m_json["compare"].is_null();
}

const SchemaInfo &Recipe::compareSchema()
{
    using O = CompareOptions;
    static const SchemaInfo info =
        Schema<O>("compare", "Models trained one after another",
                  "A run for each of \"models\", each seed and each fold, alike in everything else: a list of names, or of model "
                  "sections with fields of their own; with folds, none means the recipe's own model")
            .field(&O::weights, {.name = "weights",
                                 .help = "Number of weights that the widths of each model are chosen for, where its own section "
                                         "gives none; 0 = each model's default",
                                 .min = 0,
                                 .max = 1e10})
            .field(&O::seeds, {.name = "seeds",
                               .help = "Seeds that each model is trained with, several for a spread and a test; empty = the "
                                       "recipe's seed",
                               .min = 0,
                               .max = 9007199254740991.0})
            .field(&O::folds,
                   {.name = "folds",
                    .help = "Cross-validation: each model is trained so many times with each seed, each time another fold "
                            "being the test: neighboring slices, or whole groups where data.groups names a table; 0 = one "
                            "split for all",
                    .min = 0,
                    .max = 1000})
            .info();
    return info;
}

void Recipe::setCompared(const std::string &field, const std::string &value, const Catalog &catalog)
{
    static const std::string axis = "axes.";
    Json section = compares() && m_json["compare"].is_object() ? m_json["compare"] : Json::object();
    if (field == "models")
        section["models"] = modelsOf(value);
    else if (field == "settings")
        section["settings"] = settingsOf(value);
    else if (field == "axes")
        section["axes"] = axesOf(value);
    else if (field.rfind(axis, 0) == 0) {
        const auto path = field.substr(axis.size());
        Json axes = section.value("axes", Json());
        if (!axes.is_object())
            axes = Json::object();
        axes[path] = axisOf(path, value, catalog);
        section["axes"] = std::move(axes);
    } else
        section[field] = compareSchema().parse(field, value, "compare");
    m_json["compare"] = std::move(section);
}

Json Recipe::validatedCompare(const Catalog &catalog, std::int64_t seed) const
{
    Json given = m_json.at("compare");
    if (!given.is_object())
        throw Error({"compare", "an object", foundText(given), {}});
    const Json whole = given;
    Json models = given.value("models", Json::array());
    given.erase("models");
    given.erase("settings");
    Json axes = given.value("axes", Json());
    given.erase("axes");
    if (axes.is_null())
        axes = Json::object();
    if (!axes.is_object())
        throw Error(
            {"compare.axes", "an object of lists, such as {\"train.learning-rate\": [0.001, 0.01]}", foundText(axes), {}});
    Json valid = compareSchema().validate(given, "compare");
    std::string listed = "compare.models";
    const bool ownList = listsSettings(whole);
    if (ownList) {
        models = Json::array({section("model")}); // of the recipe that the settings change
    } else if (Json varied = modelsVaried(axes, catalog); !varied.empty()) {
        if (models != Json::array())
            throw Error({"compare.axes.model", "one list of models", "compare.models too", "give one of them"});
        models = std::move(varied);
        listed = axes.contains("model") ? "compare.axes.model" : "compare.axes.model.name";
        axes.erase("model");
        axes.erase("model.name");
    } else if (!axes.empty() && models == Json::array()) {
        Json own = section("model");
        if (!own.contains("name"))
            own["name"] = schemaOf("model", own, catalog).name;
        models = Json::array({own});
    }
    if (valid.at("folds") == 0) {
        valid.erase("folds"); // a comparison of before there were folds is what it was
    } else {
        if (!ownList) // else each setting may have other data
            requireFolds(valid.at("folds"), catalog);
        if (models == Json::array())
            models = {section("model")};
    }
    if (valid.at("seeds").empty())
        valid["seeds"] = {seed};
    std::set<std::int64_t> seeds;
    for (const auto &s : valid.at("seeds"))
        if (!seeds.insert(s.get<std::int64_t>()).second)
            throw Error({"compare.seeds", "each seed once", s.dump() + " twice", {}});
    if (ownList)
        return comparedSettings(whole, std::move(valid));

    if (!models.is_array() || models.empty())
        throw Error({"compare.models",
                     "a list of models, such as [\"fcn\", \"unet\"]",
                     models.is_array() ? "none" : foundText(models),
                     {}});
    Json all = Json::array();
    for (std::size_t i = 0; i < models.size(); ++i) {
        const auto where = fmt::format("{}[{}]", listed, i);
        Json model = models[i].is_string() ? Json{{"name", models[i]}} : models[i];
        if (!model.is_object() || !model.contains("name") || !model["name"].is_string())
            throw Error({where, "a model's name, or an object with a name", foundText(models[i]), {}});
        const SchemaInfo *schema = nullptr;
        try {
            schema = &catalog.find("models", model["name"].get<std::string>());
        } catch (const Error &e) {
            throw Error({where, e.parts().expected, e.parts().found, e.parts().wayOut});
        }
        if (const auto weights = valid.at("weights"); weights != 0 && !model.contains("weights") && schema->find("weights"))
            model["weights"] = weights;
        Json whole = Json::object();
        whole["name"] = schema->name;
        const Json checked = schema->validate(model, where);
        for (const auto &[key, value] : checked.items())
            whole[key] = value;
        for (const auto &other : all)
            if (other == whole)
                throw Error({where, "a model that is not in the list yet", "\"" + schema->name + "\" again", {}});
        all.push_back(std::move(whole));
    }
    Json ordered = Json::object();
    ordered["models"] = std::move(all);
    if (!axes.empty())
        ordered["axes"] = std::move(axes);
    for (const auto &[key, value] : valid.items())
        ordered[key] = value;
    return ordered;
}

void Recipe::requireFolds(std::int64_t folds, const Catalog &catalog) const
{
    const Json &data = section("data");
    if (folds < 2)
        throw Error({"compare.folds", "two or more, or 0 for none", std::to_string(folds), {}});
    const auto &datasets = catalog.kinds.at("datasets");
    const auto name = data.value("name", datasets.empty() ? std::string() : datasets.front().name);
    const auto *field = catalog.find("datasets", name).find("split");
    if (!field || std::find(field->choices.begin(), field->choices.end(), "folds") == field->choices.end())
        throw Error({"compare.folds", "a data set that can be split into folds", "\"" + name + "\"", {}});
    for (const auto &[what, taken] : {std::pair("data.test-fraction", data.value("test-fraction", 0.0) > 0),
                                      std::pair("data.split", data.value("split", std::string()) == "slices")})
        if (taken)
            throw Error({what, "its default with compare.folds, where each fold is the test once",
                         data.at(std::string(what).substr(5)).dump(), "leave it away, or leave compare.folds away"});
}

std::vector<Recipe> Recipe::compared() const
{
    const Json &compare = m_json.at("compare");
    const auto settings = combinationsOf(m_json);
    const auto labels = settingLabels(m_json, settings);
    const auto folds = compare.value("folds", std::int64_t(0));
    std::vector<Recipe> all;
    for (const auto &seed : compare.at("seeds"))
        for (std::int64_t fold = folds > 0 ? 1 : 0; fold <= folds; ++fold)
            for (std::size_t i = 0; i < settings.size(); ++i) {
                Json one = settings[i];
                one["seed"] = seed;
                if (fold > 0) {
                    one["data"]["split"] = "folds";
                    one["data"]["folds"] = folds;
                    one["data"]["fold"] = fold;
                }
                // What tells the runs apart, with the least that does.
                one["title"] = fmt::format("{}{}{}{}{}", title(), title().empty() ? "" : ": ", labels[i],
                                           fold == 0 || compare.at("seeds").size() > 1 ? ", seed " + seed.dump() : "",
                                           fold > 0 ? fmt::format(", fold {} of {}", fold, folds) : "");
                all.push_back(Recipe(std::move(one)));
            }
    return all;
}

std::vector<std::string> Recipe::modelLabels(const std::vector<Json> &models)
{
    std::vector<std::string> labels;
    for (const auto &model : models) {
        std::string label = model.value("name", std::string("model"));
        std::set<std::string> differing;
        for (const auto &other : models)
            if (other.value("name", std::string("model")) == label)
                for (const auto &[key, value] : model.items())
                    if (!other.contains(key) || other.at(key) != value)
                        differing.insert(key);
        for (const auto &[key, value] : model.items())
            if (differing.count(key))
                label += " " + key + " " + plain(value);
        labels.push_back(label);
    }
    return labels;
}

} // namespace reticle
