#include "data/Split.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <algorithm>

namespace reticle {

Json Split::toJson() const
{
    return Json{{"training", training}, {"validation", validation}, {"test", test}};
}

Split Split::fromJson(const Json &json)
{
    const auto part = [&](const char *name) {
        if (!json.is_object() || !json.contains(name) || !json[name].is_array())
            throw Error({"split", "lists training, validation and test", foundText(json), {}});
        std::vector<std::int64_t> slices;
        for (const auto &one : json[name]) {
            const auto slice = wholeNumber(one);
            if (!slice || *slice < 0)
                throw Error({std::string("split.") + name, "slices as whole numbers from 0", foundText(one), {}});
            slices.push_back(*slice);
        }
        return slices;
    };
    return {part("training"), part("validation"), part("test")};
}

std::vector<std::int64_t> Split::all() const
{
    std::vector<std::int64_t> slices;
    for (const auto *part : {&training, &validation, &test})
        slices.insert(slices.end(), part->begin(), part->end());
    std::sort(slices.begin(), slices.end());
    return slices;
}

} // namespace reticle
