#include "worker/commands/Commands.h"

#include "worker/Catalog.h"

#include <algorithm>
#include <cstdio>

namespace reticle {

std::pair<std::string, std::string> splitSetting(const std::string &setting)
{
    const auto sign = setting.find('=');
    if (sign == std::string::npos || sign == 0)
        throw Error({"--set", "path=value", "\"" + setting + "\"", {}});
    return {setting.substr(0, sign), setting.substr(sign + 1)};
}

int ListCommand::run() const
{
    const Catalog &all = catalog();
    std::vector<std::string> kinds;
    for (const auto &[name, schemas] : all.kinds)
        kinds.push_back(name);
    if (!kind.empty() && !all.kinds.count(kind)) {
        const auto near = nearestName(kind, kinds);
        std::string known;
        for (const auto &k : kinds)
            known += (known.empty() ? "" : ", ") + k;
        throw Error({"list", "one of " + known, "\"" + kind + "\"", near.empty() ? "" : "did you mean \"" + near + "\"?"});
    }
    Json json = Json::object();
    for (const auto &[name, schemas] : all.kinds) {
        if (!kind.empty() && name != kind)
            continue;
        std::size_t width = 0;
        for (const auto &s : schemas)
            width = std::max(width, s.name.size());
        if (!this->json)
            std::printf("%s\n", name.c_str());
        json[name] = Json::array();
        for (const auto &s : schemas) {
            if (!this->json)
                std::printf("  %-*s  %s\n", static_cast<int>(width), s.name.c_str(), s.title.c_str());
            json[name].push_back(Json{{"name", s.name}, {"title", s.title}});
        }
    }
    if (this->json)
        std::printf("%s\n", json.dump(2).c_str());
    return 0;
}

} // namespace reticle
