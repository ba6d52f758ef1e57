#pragma once

#include "foundation/Error.h"
#include "foundation/Json.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace reticle {

struct SchemaInfo;

/// What an editor, a command line and a reference page need to know of one setting.
struct Field
{
    enum class Type { Bool, Integer, Real, Text, Choice, Path, IntegerList, RealList };

    std::string name;  ///< key in a recipe and on the command line: lower-case words joined by '-'
    std::string title; ///< label in a form; from the name where empty
    Type type = Type::Text;
    Json defaultValue;
    std::optional<double> min, max; ///< inclusive; for lists they hold for each entry
    std::string unit;               ///< "px", "nm", "min", ...; empty where there is none
    std::string help;               ///< one sentence
    std::vector<std::string> choices;
    std::string group;     ///< heading in a form; empty = main
    bool advanced = false; ///< folded away in a form
    /// The array of an example that it is about, "image" of the side of a crop; a form shows it where the data have one.
    /// Empty: it means something to all data.
    std::string about;
    std::size_t length = 0; ///< of a list: so many values; 0 = any number of them
    /// What it was called before, which still reads. "../momentum" in an entry's field: it once stood beside the field that
    /// chooses the entry, under that name.
    std::vector<std::string> formerly;
    /// Of a Choice whose choices have fields of their own: all of them, in the order of `choices`. A value is then a name,
    /// or an object with the name and the fields that are not at their defaults: "adam", {"name": "adam", "betas": [0.5,
    /// 0.9]}.
    std::vector<SchemaInfo> entries;

    const SchemaInfo *entry(std::string_view name) const; ///< null where there is none
    Json toJson() const;
    static Field fromJson(const Json &json);
};

/// An entry of several that have fields of their own, as a setting: written as its name alone where `fields` is empty. What
/// `fields` leaves out has the entry's default.
struct EntryOptions
{
    std::string name;
    Json fields = Json::object();

    EntryOptions() = default;
    EntryOptions(std::string chosen, Json own = Json::object()) : name(std::move(chosen)), fields(std::move(own)) {}
    EntryOptions(const char *chosen) : name(chosen) {}
    bool operator==(const EntryOptions &) const = default;
};
void to_json(Json &json, const EntryOptions &options);
void from_json(const Json &json, EntryOptions &options);

/// The settings of one thing, as data: what a form is built from. Sent to the window as JSON.
struct SchemaInfo
{
    std::string name;  ///< "unet"
    std::string title; ///< one line: "U-Net with skip connections"
    std::string help;  ///< a paragraph with the source; may be empty
    std::vector<Field> fields;

    const Field *find(std::string_view name) const;
    /// The field that was called so before; null where none was, or where a field of today has that name.
    const Field *findFormer(std::string_view name) const;
    Json defaults() const;
    /// Checks names, types, ranges and choices of `options`; keys beginning with '_' and the key "name" are passed over.
    /// Returns the options under the names of today, with defaults filled in and integers given as 3.0 turned into 3.
    /// `where` is put before field names. Throws Error.
    Json validate(const Json &options, const std::string &where = {}) const;
    /// Turns the text of a command line (`value`) into the JSON of field `name`. Throws Error.
    Json parse(const std::string &name, const std::string &value, const std::string &where = {}) const;
    /// Sets one field of `options` from the text of a command line. `path`: a field's name of today or of before, or
    /// "optimizer.betas" of the entry that is chosen. Another entry begins with its own defaults. Throws Error.
    void set(Json &options, const std::string &path, const std::string &value, const std::string &where = {}) const;

    bool hasFormerNames() const;
    /// `options` under the names of today, whether they are valid or not. Of a field given under both names, or of anything
    /// that is no object, nothing is changed.
    Json current(const Json &options) const;
    /// The other way: validated options as they were written when each field had the first name it was given.
    Json former(const Json &options) const;

    Json toJson() const;
    static SchemaInfo fromJson(const Json &json);

private:
    Json renamed(const Json &options) const;
};

/// What a field's declaration may say beside its name.
struct FieldSpec
{
    std::string name = {};
    std::string title = {};
    std::string help = {};
    std::string unit = {};
    std::optional<double> min = {}, max = {};
    std::vector<std::string> choices = {}; ///< makes a std::string field a Choice
    bool path = false;                     ///< makes a std::string field a Path
    std::string group = {};
    bool advanced = false;
    std::string about = {};
    std::size_t length = 0;
    std::vector<std::string> formerly = {};
    std::vector<SchemaInfo> entries = {}; ///< of an EntryOptions field: what can be chosen
};

/// Settings as a typed struct with its declaration: field(&Options::bins, {.name = "bins", ...}).
/// Defaults are those of a default-constructed Options.
template <class Options> class Schema
{
public:
    Schema(std::string name, std::string title, std::string help = {})
    {
        m_info.name = std::move(name);
        m_info.title = std::move(title);
        m_info.help = std::move(help);
    }

    template <class T> Schema &field(T Options::*member, FieldSpec spec)
    {
        Field f;
        f.name = spec.name;
        f.title = spec.title;
        f.type = typeOf<T>(spec);
        f.defaultValue = Options{}.*member;
        f.min = spec.min;
        f.max = spec.max;
        f.unit = spec.unit;
        f.help = spec.help;
        f.choices = spec.choices;
        f.group = spec.group;
        f.advanced = spec.advanced;
        f.about = spec.about;
        f.length = spec.length;
        f.formerly = spec.formerly;
        f.entries = spec.entries;
        for (const auto &entry : spec.entries)
            f.choices.push_back(entry.name);
        m_info.fields.push_back(std::move(f));
        m_read.push_back([member, name = spec.name](Options &o, const Json &j) { o.*member = j.at(name).get<T>(); });
        m_write.push_back([member, name = spec.name](const Options &o, Json &j) { j[name] = o.*member; });
        return *this;
    }

    /// All fields so far are about this array (Field::about).
    Schema &about(const std::string &array)
    {
        for (auto &f : m_info.fields)
            f.about = array;
        return *this;
    }

    const SchemaInfo &info() const { return m_info; }

    /// Validates and converts; throws Error naming the field.
    Options read(const Json &json, const std::string &where = {}) const
    {
        const Json valid = m_info.validate(json, where);
        Options o;
        for (const auto &read : m_read)
            read(o, valid);
        return o;
    }

    Json write(const Options &options) const
    {
        Json j = Json::object();
        for (const auto &write : m_write)
            write(options, j);
        return j;
    }

private:
    template <class T> static Field::Type typeOf(const FieldSpec &spec)
    {
        if constexpr (std::is_same_v<T, bool>)
            return Field::Type::Bool;
        else if constexpr (std::is_same_v<T, EntryOptions>)
            return Field::Type::Choice;
        else if constexpr (std::is_integral_v<T>)
            return Field::Type::Integer;
        else if constexpr (std::is_floating_point_v<T>)
            return Field::Type::Real;
        else if constexpr (std::is_same_v<T, std::string>)
            return spec.path ? Field::Type::Path : spec.choices.empty() ? Field::Type::Text : Field::Type::Choice;
        else if constexpr (std::is_integral_v<typename T::value_type>)
            return Field::Type::IntegerList;
        else
            return Field::Type::RealList;
    }

    SchemaInfo m_info;
    std::vector<std::function<void(Options &, const Json &)>> m_read;
    std::vector<std::function<void(const Options &, Json &)>> m_write;
};

} // namespace reticle
