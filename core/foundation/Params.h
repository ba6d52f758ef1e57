#pragma once

#include "foundation/Schema.h"

#include <cstdint>
#include <optional>
#include <string>

namespace reticle {

/// The parameters of a request (protocol/Protocol.h), read by their types: what is missing or of another type is an Error
/// that names the method and the parameter, what was expected and what was found.
class Params
{
public:
    /// `params`: an object; null stands for an empty one. Kept by reference.
    Params(const Json &params, std::string method);

    bool has(const char *key) const; ///< there and not null
    /// Text without a zero character, which would end a path early. Without `otherwise` it must be there.
    std::string text(const char *key, std::optional<std::string> otherwise = {}) const;
    std::int64_t whole(const char *key, std::optional<std::int64_t> otherwise = {}) const;
    /// From low to high.
    std::int64_t within(const char *key, std::int64_t low, std::int64_t high, std::optional<std::int64_t> otherwise = {}) const;
    Json object(const char *key, std::optional<Json> otherwise = {}) const;
    /// All of them, for what reads the rest by a schema.
    const Json &all() const { return *m_params; }

private:
    /// Null where it is absent and `needed` does not say that it must be there.
    const Json *find(const char *key, bool needed, const char *expected) const;
    [[noreturn]] void refuse(const std::string &key, const std::string &expected, const std::string &found) const;

    const Json *m_params;
    std::string m_method;
};

/// The parameters of a live query (analysis/LiveQuery.h). Its settings, the fields of its schema, stand among them or in
/// their object "options"; arrays and what else a schema cannot say stand beside them.
class LiveParams : public Params
{
public:
    /// Throws Error naming "METHOD.FIELD" for a setting of another type or out of its range. What is neither a setting nor
    /// read is passed over.
    LiveParams(const Json &params, const SchemaInfo &schema);

    /// The settings with defaults for those that are absent, by the names of the schema's fields.
    const Json &settings() const { return m_settings; }
    /// "options" as they came, with the settings that are fields of `schema`: for what has further fields of its own, and
    /// refuses those that it does not know.
    Json options(const SchemaInfo &schema) const;

private:
    Json m_given; ///< "options", an empty object where there are none
    Json m_settings;
};

} // namespace reticle
