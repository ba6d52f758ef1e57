#pragma once

#include "foundation/Json.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace reticle::test {

/// What stands in a document where something else belongs: a value of each type, numbers at the edge of theirs, text that
/// is empty, long, cut by a zero character or not UTF-8, and lists inside one another.
inline std::vector<Json> wrongValues()
{
    Json deep = 1;
    for (int i = 0; i < 90; ++i)
        deep = Json::array({std::move(deep)});
    return {Json(),
            true,
            -1,
            0,
            3.5,
            1e300,
            std::numeric_limits<double>::infinity(),
            std::numeric_limits<double>::quiet_NaN(),
            std::numeric_limits<std::uint64_t>::max(),
            std::numeric_limits<std::int64_t>::min(),
            "",
            "1",
            std::string("\0x", 2),
            "caf\xe9",
            std::string(100000, 'x'),
            Json::array(),
            Json::array({Json()}),
            Json::array({1, "a", Json::object()}),
            Json::object(),
            Json{{"name", 3}},
            Json::binary({1, 2, 3}),
            deep};
}

/// Calls f with `document` in which one value after the other, the whole of it too, is replaced by `value`; the second
/// argument says which ("/model/widths/0").
inline void eachPlace(const Json &document, const Json &value, const std::function<void(const Json &, const std::string &)> &f)
{
    std::vector<Json::json_pointer> places{Json::json_pointer()};
    const std::function<void(const Json &, const Json::json_pointer &)> walk = [&](const Json &j, const Json::json_pointer &at) {
        if (j.is_object())
            for (const auto &[key, child] : j.items()) {
                places.push_back(at / key);
                walk(child, at / key);
            }
        else if (j.is_array())
            for (std::size_t i = 0; i < std::min<std::size_t>(j.size(), 3); ++i) { // the others are like these
                places.push_back(at / i);
                walk(j[i], at / i);
            }
    };
    walk(document, Json::json_pointer());
    for (const auto &place : places) {
        Json changed = document;
        changed[place] = value;
        f(changed, place.to_string());
    }
}

} // namespace reticle::test
