#include "documents/DocumentBuilder.h"

#include "documents/PlainText.h"

#include <algorithm>

namespace reticle {

namespace {

constexpr std::size_t fewFields = 24; ///< up to so many a look through the list is quicker than a set

} // namespace

bool DocumentBuilder::refuse(std::string found)
{
    if (m_refusal.empty())
        m_refusal = std::move(found);
    return false;
}

bool DocumentBuilder::string(std::string &value)
{
    return add(validUtf8(value));
}

bool DocumentBuilder::key(std::string &name)
{
    Level &level = m_levels.back();
    auto &fields = level.value->get_ref<Json::object_t &>();
    std::string text = validUtf8(name);
    bool twice = false;
    if (fields.size() < fewFields) {
        twice = std::any_of(fields.begin(), fields.end(), [&](const auto &field) { return field.first == text; });
    } else {
        if (level.names.empty())
            for (const auto &field : fields)
                level.names.insert(field.first);
        twice = !level.names.insert(text).second;
    }
    if (twice)
        return refuse("the field \"" + shortened(text, 60) + "\" twice in one object");
    if (fields.size() >= DocumentLimits::fields)
        return refuse("an object of more than " + std::to_string(DocumentLimits::fields) + " fields");
    fields.emplace_back(std::move(text), Json());
    return true;
}

bool DocumentBuilder::place(Json &&value, Json **where)
{
    if (++m_values > DocumentLimits::values)
        return refuse("more than " + std::to_string(DocumentLimits::values) + " values");
    if (m_levels.empty()) {
        m_root = std::move(value);
        *where = &m_root;
        return true;
    }
    Json &parent = *m_levels.back().value;
    if (parent.is_array()) {
        parent.get_ref<Json::array_t &>().push_back(std::move(value));
        *where = &parent.get_ref<Json::array_t &>().back();
    } else {
        Json &field = parent.get_ref<Json::object_t &>().back().second;
        field = std::move(value);
        *where = &field;
    }
    return true;
}

bool DocumentBuilder::add(Json value)
{
    Json *where = nullptr;
    return place(std::move(value), &where);
}

bool DocumentBuilder::open(Json value)
{
    if (m_levels.size() >= m_depth)
        return refuse("more than " + std::to_string(m_depth) + " levels of nesting");
    Json *where = nullptr;
    if (!place(std::move(value), &where))
        return false;
    m_levels.push_back({where, {}});
    return true;
}

bool DocumentBuilder::close()
{
    m_levels.pop_back();
    return true;
}

bool DocumentBuilder::parse_error(std::size_t byte, const std::string &token, const nlohmann::detail::exception &e)
{
    m_errorByte = std::max<std::size_t>(byte, 1);
    const std::string why = e.what();
    if (e.id == 406)
        return refuse("the number " + shortened(printable(token), 40) + ", which is too large");
    if (why.find("UTF-8") != std::string::npos)
        return refuse("a byte that is not UTF-8");
    return refuse("a syntax error");
}

} // namespace reticle
