#include "project/EntryFit.h"

#include <algorithm>

namespace reticle {

namespace {

bool share(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    return a.empty() || b.empty() ||
           std::any_of(a.begin(), a.end(), [&](const auto &name) { return std::find(b.begin(), b.end(), name) != b.end(); });
}

std::string listed(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 < names.size() ? ", " : " and ") + names[i];
    return text;
}

std::vector<std::string> namesIn(const Json &json, const char *key)
{
    std::vector<std::string> names;
    if (json.is_object() && json.contains(key) && json.at(key).is_array())
        for (const auto &name : json.at(key))
            if (name.is_string())
                names.push_back(name.get<std::string>());
    return names;
}

} // namespace

bool EntryFit::has(const std::string &array) const
{
    return share({array}, arrays);
}

std::string EntryFit::refusal(const EntryFit &data) const
{
    if (!share(tasks, data.tasks))
        return "for " + listed(tasks) + ", the data serve " + listed(data.tasks);
    if (!share(arrays, data.arrays))
        return "takes " + listed(arrays) + ", the data have " + listed(data.arrays);
    return {};
}

Json EntryFit::toJson() const
{
    Json j = Json::object();
    if (!tasks.empty())
        j["tasks"] = tasks;
    if (!arrays.empty())
        j["arrays"] = arrays;
    return j;
}

EntryFit EntryFit::fromJson(const Json &json)
{
    return {namesIn(json, "tasks"), namesIn(json, "arrays")};
}

} // namespace reticle
