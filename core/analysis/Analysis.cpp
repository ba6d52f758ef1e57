#include "analysis/Analysis.h"

#include "files/StackWriter.h"
#include "protocol/CatalogParts.h"

#include <sstream>

namespace reticle {

namespace {

const CatalogKind analyses("analyses", [] { return Registry<AnalysisFactory>::instance().schemas(); });

/// A path, or several separated by ';' where no file has that whole name.
std::vector<std::string> pathsOf(const std::string &text)
{
    std::error_code code;
    if (text.find(';') == std::string::npos || std::filesystem::exists(text, code))
        return {text};
    std::vector<std::string> all;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ';');) {
        const auto begin = part.find_first_not_of(' '), end = part.find_last_not_of(' ');
        if (begin != std::string::npos)
            all.push_back(part.substr(begin, end - begin + 1));
    }
    return all;
}

} // namespace

bool isOutput(const Field &field)
{
    return field.type == Field::Type::Path && (field.name == "output" || field.name.starts_with("output-"));
}

InputsInUse inputsOf(const SchemaInfo &schema, const Json &options)
{
    InputsInUse inputs;
    for (const auto &field : schema.fields)
        if (field.type == Field::Type::Path && !isOutput(field) && options.contains(field.name))
            for (const auto &path : pathsOf(options.at(field.name).get<std::string>()))
                inputs.add(path);
    return inputs;
}

void requireOutputs(const SchemaInfo &schema, const Json &options)
{
    for (const auto &field : schema.fields) {
        if (!isOutput(field) || !options.contains(field.name))
            continue;
        const auto path = options.at(field.name).get<std::string>();
        if (path.empty())
            continue;
        Place place = Place::File;
        try {
            place = stackPlace(path);
        } catch (const Error &e) {
            throw e.within(field.name);
        }
        try {
            requireOutput(path, place);
        } catch (const Error &e) {
            throw Error(e.kind(), field.name, e.parts().found);
        }
    }
}

void requireApart(const SchemaInfo &schema, const Json &options, const std::filesystem::path &folder)
{
    namespace fs = std::filesystem;
    std::error_code code;
    const auto place = fs::weakly_canonical(fs::absolute(folder, code), code);
    for (const auto &field : schema.fields) {
        if (!isOutput(field) || !options.contains(field.name) || options.at(field.name).get<std::string>().empty())
            continue;
        const fs::path path = options.at(field.name).get<std::string>();
        const auto name = path.filename().string();
        const bool saved = name == "result.json" || name.ends_with(".csv") || name.ends_with(".figure.json");
        if (saved && fs::weakly_canonical(fs::absolute(path, code), code).parent_path() == place)
            throw Error(Error::Kind::Input, field.name,
                        "the tables and figures that go to " + folder.string() + " have such names; choose another name.");
    }
}

Result analyze(const std::string &name, const AnalysisInput &input, EventSink &events, RunControl &control)
{
    const auto &entry = Registry<AnalysisFactory>::instance().get(name, "analysis");
    const Json options = entry.schema.validate(input.options, name);
    // As long as the analysis is at work, and checked again when a finished file gets its name.
    const InputsInUse files = inputsOf(entry.schema, options);
    InputsInUse ofProject;
    if (input.project)
        protectProject(ofProject, *input.project);
    requireOutputs(entry.schema, options);
    return entry.factory(options)->run(input, events, control);
}

void protectProject(InputsInUse &inputs, const Project &project)
{
    inputs.addProject(project.folder());
    for (const auto &input : project.inputs())
        inputs.add(input.path);
}

} // namespace reticle
