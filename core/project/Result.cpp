#include "figure/Figure.h"
#include "files/OutputGuard.h"
#include "files/SiblingFile.h"
#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"
#include "project/SealedText.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace reticle {

namespace {

constexpr int resultVersion = 2; // 2: long arrays of figures are packed
constexpr std::size_t longestName = 100;

/// A file name from a title: letters, digits and dashes, cut where it is long.
std::string fileName(const std::string &title, const std::string &otherwise, std::set<std::string> &taken)
{
    std::string name;
    for (const char c : title) {
        if (std::isalnum(static_cast<unsigned char>(c)))
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    name.resize(std::min(name.size(), longestName));
    while (!name.empty() && name.back() == '-')
        name.pop_back();
    if (name.empty())
        name = otherwise;
    std::string unique = name;
    for (int i = 2; !taken.insert(unique).second; ++i)
        unique = name + "-" + std::to_string(i);
    return unique;
}

/// Names of files may hold bytes that are no text; JSON may not.
std::string dumped(const Json &json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Indented, but lists of plain values on one line: pictures would otherwise take a line a pixel.
void write(const Json &json, std::string &text, int depth)
{
    const auto plain = [](const Json &j) { return !j.is_structured(); };
    if (!json.is_structured() || json.empty() || (json.is_array() && std::all_of(json.begin(), json.end(), plain))) {
        text += dumped(json);
        return;
    }
    const bool list = json.is_array();
    text += list ? '[' : '{';
    bool first = true;
    for (const auto &[key, value] : json.items()) {
        text += first ? "\n" : ",\n";
        first = false;
        text.append(static_cast<std::size_t>(depth) + 1, ' ');
        if (!list)
            text += dumped(key) + ": ";
        write(value, text, depth + 1);
    }
    text += '\n';
    text.append(static_cast<std::size_t>(depth), ' ');
    text += list ? ']' : '}';
}

std::string readable(const Json &json)
{
    std::string text;
    write(json, text, 0);
    return text + "\n";
}

} // namespace

Json Result::toJson(bool text) const
{
    Json json = {{"result", resultVersion}, {"name", name}, {"summary", summary}, {"values", values}, {"tables", Json::array()},
                 {"figures", Json::array()}};
    for (const auto &t : tables)
        json["tables"].push_back(t.toJson());
    for (const auto &f : figures)
        json["figures"].push_back(f.toJson(text));
    json["warnings"] = warnings;
    return json;
}

Result Result::fromJson(const Json &json)
{
    const JsonReader in(json, "result");
    in.version("result", resultVersion);
    in.only({"result", "name", "summary", "values", "tables", "figures", "warnings", "sha256"});
    Result r;
    in.read("name", r.name);
    in.read("summary", r.summary);
    in.within("values", [&](const Json &v) {
        if (!v.is_object())
            throw Error({.where = "", .expected = "an object", .found = foundText(v), .wayOut = ""});
        r.values = v;
    });
    const auto list = [&](const char *key, const auto &add) {
        in.within(key, [&](const Json &items) {
            if (!items.is_array())
                throw Error({.where = "", .expected = "a list", .found = foundText(items), .wayOut = ""});
            for (std::size_t i = 0; i < items.size(); ++i)
                try {
                    add(items[i]);
                } catch (const Error &e) {
                    throw e.within(std::to_string(i + 1));
                }
        });
    };
    list("tables", [&](const Json &t) { r.tables.push_back(Table::fromJson(t)); });
    list("figures", [&](const Json &f) { r.figures.push_back(Figure::fromJson(f)); });
    in.read("warnings", r.warnings);
    return r;
}

void Result::save(const std::string &folder) const
{
    const std::filesystem::path path = requireOutput(folder, Place::Folder);
    std::error_code failure;
    std::vector<std::filesystem::path> changed; // folders that get a new one
    for (auto at = path; !std::filesystem::exists(at, failure) && at.has_relative_path(); at = at.parent_path())
        changed.push_back(at.parent_path());
    std::filesystem::create_directories(path, failure);
    if (failure)
        throw Error(Error::Kind::Failed, folder, "the folder cannot be made: " + files::writeProblem(failure.value()));
    for (const auto &at : changed)
        files::syncFolder(at);
    // By the name that was asked for: a link in it may lead through a project.
    const std::filesystem::path place = folder;
    // A table and a figure may have one name: comparison.csv, comparison.figure.json.
    std::set<std::string> tableNames{"result"}, figureNames{"result"};
    for (const auto &t : tables)
        files::writeResultFile(place / (fileName(t.title, "table", tableNames) + ".csv"), t.toCsv());
    for (const auto &f : figures)
        files::writeResultFile(place / (fileName(f.name, "figure", figureNames) + ".figure.json"), sealed(readable(f.toJson())));
    // Last: a folder with a result.json is complete.
    files::writeResultFile(place / "result.json", sealed(readable(toJson())));
}

} // namespace reticle
