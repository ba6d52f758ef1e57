#pragma once

#include "foundation/Array.h"
#include "foundation/Json.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace reticle {

/// NaN and infinities as "nan", "inf", "-inf": JSON has no numbers for them.
Json numberToJson(double value);
Json numbersToJson(const std::vector<double> &values);

/// The number, or what numberToJson made of it; nothing where it is neither.
std::optional<double> numberFromJson(const Json &json);

/// What stands where something else was expected, for a sentence: "an object", "a list" or the value itself, long ones
/// cut. Bytes that are no text are replaced, so that the sentence can be sent on.
std::string foundText(const Json &json);

/// A whole number, also one written as 3.0; nothing for what is no number, has a fraction or lies beyond 64 bits.
std::optional<std::int64_t> wholeNumber(const Json &json);

/// Reads an object of a document field by field; a refusal names the path to the field: "figure x: panel 2: content:
/// series 1: y: expected …, found …". Keeps a reference to the JSON.
class JsonReader
{
public:
    /// Throws Error when `json` is no object.
    JsonReader(const Json &json, std::string where);

    bool has(const char *key) const;
    /// Throws Error when it is missing.
    void need(const char *key) const;
    /// Throws Error naming the first field that is not known, with the nearest known name.
    void only(std::initializer_list<const char *> known) const;
    /// The field `key` must hold `version` or an earlier one.
    void version(const char *key, int version) const;
    [[noreturn]] void refuse(const std::string &key, const std::string &expected, const std::string &found) const;

    // Absent fields leave the value as it is; a wrong type throws Error.
    void read(const char *key, std::string &value) const;
    void read(const char *key, double &value) const;
    void read(const char *key, std::optional<double> &value) const;
    void read(const char *key, int &value) const;
    void read(const char *key, std::int64_t &value) const;
    void read(const char *key, bool &value) const;
    void read(const char *key, std::vector<double> &values) const;
    void read(const char *key, std::vector<std::string> &values) const;
    void read(const char *key, Array &value) const;

    /// Calls f with a reader of each object of the list `key`, named "panel 1", "panel 2" … (`key` without its s).
    void each(const char *key, const std::function<void(const JsonReader &)> &f) const;
    void child(const char *key, const std::function<void(const JsonReader &)> &f) const;
    /// Calls f with the JSON of the field; errors that f throws get the path put before them.
    void within(const char *key, const std::function<void(const Json &)> &f) const;

    /// The same object, not seeing `key`.
    JsonReader without(const char *key) const;
    JsonReader renamed(std::string where) const;

private:
    const Json *m_json;
    std::string m_where;
    std::string m_hidden;
};

} // namespace reticle
