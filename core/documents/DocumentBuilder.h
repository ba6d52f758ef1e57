#pragma once

#include "foundation/Json.h"

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

namespace reticle {

/// What a document may hold, whoever wrote it. The limits are far above what Reticle writes and keep memory, time and
/// the stack of everything that reads the value bounded.
struct DocumentLimits
{
    static constexpr std::size_t depth = 100;         ///< lists and objects inside one another
    static constexpr std::size_t values = 20'000'000; ///< of all kinds, together
    static constexpr std::size_t fields = 65'536;     ///< of one object
};

/// Builds a Json value from the events of a parser (the SAX interface of nlohmann::json) within DocumentLimits. An
/// object that has a field twice is refused, since readers disagree about which of the two counts. Text that is not
/// UTF-8 is mended with U+FFFD.
class DocumentBuilder
{
public:
    explicit DocumentBuilder(Json &root, std::size_t depth = DocumentLimits::depth) : m_root(root), m_depth(depth) {}
    /// What was found where the document was refused ("more than 100 levels of nesting"); empty before.
    const std::string &refusal() const { return m_refusal; }
    /// Byte from 1 of a syntax error of JSON text; 0 = none.
    std::size_t errorByte() const { return m_errorByte; }

    // Events; false ends the parsing.
    bool null() { return add(Json()); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(Json::number_integer_t value) { return add(value); }
    bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
    bool number_float(Json::number_float_t value, const std::string & = {}) { return add(value); }
    bool string(std::string &value);
    bool binary(Json::binary_t &value) { return add(Json(std::move(value))); }
    bool start_object(std::size_t = 0) { return open(Json::object()); }
    bool key(std::string &name);
    bool end_object() { return close(); }
    bool start_array(std::size_t = 0) { return open(Json::array()); }
    bool end_array() { return close(); }
    bool parse_error(std::size_t byte, const std::string &token, const nlohmann::detail::exception &e);

    bool refuse(std::string found);

private:
    /// A list or object that is being filled.
    struct Level
    {
        Json *value;
        std::unordered_set<std::string> names; ///< of an object's fields, once there are many
    };
    bool add(Json value);
    bool place(Json &&value, Json **where);
    bool open(Json value);
    bool close();

    Json &m_root;
    std::size_t m_depth; ///< lists and objects inside one another that are allowed
    std::vector<Level> m_levels;
    std::size_t m_values = 0;
    std::string m_refusal;
    std::size_t m_errorByte = 0;
};

} // namespace reticle
