#include "Reference.h"

#include "Catalog.h"
#include "files/SiblingFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

std::string numberText(double v)
{
    return v == std::floor(v) && std::abs(v) < 1e15 ? fmt::format("{}", static_cast<long long>(v)) : fmt::format("{}", v);
}

std::string typeText(const Field &f)
{
    switch (f.type) {
    case Field::Type::Bool: return "true or false";
    case Field::Type::Integer: return "whole number";
    case Field::Type::Real: return "number";
    case Field::Type::Text: return "text";
    case Field::Type::Choice: return "one of";
    case Field::Type::Path: return "path";
    case Field::Type::IntegerList: return "whole numbers";
    case Field::Type::RealList: return "numbers";
    }
    return "text";
}

/// Columns on a terminal: code points, since all our words are of single-width letters.
std::size_t widthOf(const std::string &s)
{
    return static_cast<std::size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string cell(std::string s)
{
    for (std::size_t i = 0; (i = s.find('|', i)) != std::string::npos; i += 2)
        s.replace(i, 1, "\\|");
    return s;
}

/// Help as a sentence, whether or not its author ended it with a full stop.
std::string sentence(std::string s)
{
    if (!s.empty() && s.back() != '.')
        s += '.';
    return s;
}

std::string fieldTable(const SchemaInfo &schema)
{
    std::string text = "| field | type | default | range | meaning |\n|---|---|---|---|---|\n";
    for (const auto &f : schema.fields)
        text += fmt::format("| `{}` | {} | {} | {} | {} |\n", f.name, typeText(f), cell(defaultText(f)), cell(rangeText(f)),
                            cell(sentence(f.help)));
    return text + "\n";
}

/// What a field chooses: each with the fields that it has of its own.
std::string entriesText(const Field &f, const std::string &section, const std::string &heading)
{
    std::string text = heading + " " + section + "." + f.name + "\n\n" +
                       "A name, or an object with the name and fields of its own, of which those that are left out have their "
                       "defaults.";
    for (const auto &entry : f.entries)
        if (!entry.fields.empty()) {
            const auto &own = entry.fields.front();
            text += fmt::format(" So `\"{0}\": {{\"name\": \"{1}\", \"{2}\": {3}}}`; on the command line `--set {4}.{0}={1}` "
                                "and then `--set {4}.{0}.{2}={5}`.",
                                f.name, entry.name, own.name, own.defaultValue.dump(), section, defaultText(own));
            break;
        }
    text += "\n\n";
    for (const auto &entry : f.entries) {
        text += fmt::format("`{}`: {}. {}\n\n", entry.name, entry.title, sentence(entry.help));
        if (!entry.fields.empty())
            text += fieldTable(entry);
    }
    return text;
}

std::string schemaText(const SchemaInfo &schema, const std::string &heading)
{
    std::string text = heading + " " + schema.name + "\n\n" + sentence(schema.title) + "\n\n";
    if (!schema.help.empty())
        text += sentence(schema.help) + "\n\n";
    if (schema.fields.empty())
        return text + "It has no settings.\n\n";
    text += fieldTable(schema);
    for (const auto &f : schema.fields)
        if (!f.entries.empty())
            text += entriesText(f, schema.name, heading + "#");
    return text;
}

constexpr const char *generated = "This page is written from the program's own declarations by "
                                  "`reticle-worker describe --reference docs/reference`; edit those instead.\n\n";

std::string kindPage(const std::string &kind, const std::string &title, const std::string &introduction)
{
    std::string text = "# " + title + "\n\n" + generated + introduction + "\n\n";
    for (const auto &schema : catalog().kinds.at(kind))
        text += schemaText(schema, "##");
    text.pop_back();
    return text;
}

std::string recipePage()
{
    std::string text =
        std::string("# Recipe\n\n") + generated +
        "A recipe is a JSON document that says what to do: "
        "`{\"recipe\": 1, \"title\": …, \"seed\": …, \"device\": …, \"data\": {…}, \"model\": {…}, "
        "\"objective\": {…}, \"augment\": {…}, \"train\": {…}}`, and `\"compare\": {…}` where models are compared. "
        "What is left out has its default; an unknown or out-of-range field is refused. Keys that begin "
        "with `_` are remarks. The sections `data`, `model` and `objective` choose by `name` an entry of "
        "[datasets](datasets.md), [models](models.md) and [objectives](objectives.md) and hold its fields.\n\n"
        "On the command line `--set section.field=value` changes one field, from left to right. Setting "
        "`model.name` (or `data.name`, `objective.name`) keeps the fields that the new entry has too. "
        "Setting one of the stop rules `train.epochs`, `train.steps` and `train.minutes` puts it in force: "
        "the other two become 0. Relative paths on the command line and in the file are taken from the "
        "current folder.\n\n";
    text += schemaText(Recipe::head(), "##");
    for (const auto &section : Recipe::sections())
        if (!*section.kind)
            text += schemaText(catalog().sections.at(section.name), "##");
    text +=
        schemaText(Recipe::compareSchema(), "##") +
        "| field | type | default | range | meaning |\n|---|---|---|---|---|\n"
        "| `models` | list | none | at least one | Names, or model sections with fields of their own: "
        "`[\"fcn\", {\"name\": \"unet\", \"form\": \"classic\"}]`; `--set compare.models=fcn,unet`. |\n"
        "| `axes` | object of lists | none | at most 1000 runs | What else varies, by path: "
        "`{\"train.learning-rate\": [0.001, 0.01], \"objective\": [\"bce\", \"dice\"]}`; "
        "`--set compare.axes.train.learning-rate=0.001,0.01`. |\n"
        "| `settings` | list | none | at most 1000 runs | Settings one by one, in place of models and axes: "
        "`[{\"title\": \"smaller\", \"changes\": {\"model.width\": 8, \"train.optimizer\": \"sgd\"}}]`. |\n\n"
        "A recipe with this section makes a run for each seed and model, the models of the first seed first, in one "
        "comparison of the project. The section `model` may then be left away. `run --resume RUN` with any of its runs "
        "continues the whole comparison.\n\n"
        "With axes there is a run for each combination of model, values, fold and seed; without models it is the recipe's own "
        "model that is trained. A path is a field, `train.crop`, or a section, `objective`, whose values are names or objects: "
        "one with a name takes the section's place, fields alone are laid over the recipe's. Every combination is checked "
        "before the first run.\n\n"
        "Listed settings are trained in their order, each with the recipe and its own changes, under its title. Paths and "
        "values of changes are as in axes, `train.optimizer.momentum` reaches into an entry, and `null` takes the default. Two "
        "settings that make the same recipe are refused. Keys of this section that begin with `_` are kept with the "
        "comparison; `_report` names the analysis that reports it.\n\n";
    text.pop_back();
    return text;
}

std::string predictPage()
{
    std::string text = std::string("# Prediction\n\n") + generated +
                       "Each field is an option of `reticle-worker predict`: field `tile` is `--tile 256`. "
                       "Only `output`, which says what is written, is `--output-kind`, for `--output` names the file.\n\n"
                       "The ending of `--output` decides the format: `.tif` (with the axes of an ImageJ hyperstack where there "
                       "are time points), `.ome.tif`, `.npy` (pages, height, width), or `.png` for one page: labels in 8 bit, "
                       "probabilities in 16 bit with 65535 for 1. A folder, or a name without an ending, gets a TIFF for each "
                       "image of a folder, named after it, or for each page of a stack. Images of several sizes need a "
                       "folder. Nothing is in its place before all of it is written.\n\n" +
                       schemaText(catalog().sections.at("predict"), "##");
    text.pop_back();
    return text;
}

} // namespace

std::string defaultText(const Field &f)
{
    const Json &v = f.defaultValue;
    if (v.is_string())
        return v.get<std::string>().empty() ? "none" : v.get<std::string>();
    if (v.is_array() && v.empty())
        return "none";
    if (v.is_array()) {
        std::string s;
        for (const auto &e : v)
            s += fmt::format("{}{}", s.empty() ? "" : ",", e.dump());
        return s;
    }
    std::string s = v.is_number_float() ? numberText(v.get<double>()) : v.dump();
    return f.unit.empty() || v.is_boolean() ? s : s + " " + f.unit;
}

std::string rangeText(const Field &f)
{
    if (!f.choices.empty()) {
        std::string s;
        for (std::size_t i = 0; i < f.choices.size(); ++i)
            s += (i == 0 ? "" : i + 1 == f.choices.size() ? " or " : ", ") + f.choices[i];
        return s;
    }
    if (f.type == Field::Type::Bool)
        return "true or false";
    if (f.min && f.max)
        return numberText(*f.min) + " to " + numberText(*f.max);
    if (f.min)
        return "at least " + numberText(*f.min);
    return f.max ? "at most " + numberText(*f.max) : std::string();
}

std::string alignedColumns(const std::vector<std::vector<std::string>> &rows, const std::vector<bool> &right)
{
    std::vector<std::size_t> widths;
    for (const auto &row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t c = 0; c < row.size(); ++c)
            widths[c] = std::max(widths[c], widthOf(row[c]));
    }
    std::string text;
    for (const auto &row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string room(widths[c] - widthOf(row[c]), ' ');
            const bool behind = c < right.size() && right[c];
            line += behind ? room + row[c] : row[c] + room;
            if (c + 1 < row.size())
                line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::map<std::string, std::string> referencePages()
{
    return {
        {"models.md", kindPage("models", "Models",
                               "Networks. `reticle-worker describe NAME` also prints, of one for images, the "
                               "layers with their shapes, weights and multiplications.")},
        {"objectives.md", kindPage("objectives", "Objectives", "What training makes small.")},
        {"datasets.md", kindPage("datasets", "Data sets", "What a model learns from.")},
        {"analyses.md", kindPage("analyses", "Analyses",
                                 "Questions asked of a model or of data: "
                                 "`reticle-worker analyze NAME`.")},
        {"live-queries.md", kindPage("live-queries", "Live queries",
                                     "Questions that a page of the window asks while it is open, answered in "
                                     "milliseconds: methods of `reticle-worker serve` (`core/protocol/Protocol.h`). "
                                     "The settings stand in the parameters, or in their object `options`.")},
        {"simulators.md", kindPage("simulators", "Simulators",
                                   "Data made to order, the same for the same seed: "
                                   "`reticle-worker simulate NAME`.")},
        {"recipe.md", recipePage()},
        {"predict.md", predictPage()},
        {"figure.md", figurePage(generated)},
        {"result.md", resultPage(generated)},
        {"events.md", eventPage(generated)},
    };
}

void writeReferencePage(const std::string &folder, const std::string &file, const std::string &text)
{
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    files::writeResultFile(std::filesystem::path(folder) / file, text);
}

} // namespace reticle
