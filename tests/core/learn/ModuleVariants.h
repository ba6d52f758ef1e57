#pragma once

#include "learn/Module_p.h"

#include <map>

namespace reticle::test {

/// Every registered module of images and the variants of the U-Net, small.
inline const std::map<std::string, Json> &variants()
{
    static const std::map<std::string, Json> v = [] {
        std::map<std::string, Json> all;
        for (const auto &[name, entry] : Registry<ModuleFactory>::instance().entries())
            if (entry.factory.takes == "image")
                all[name] = Json{{"name", name}};
        all["unet"]["weights"] = all["fcn"]["weights"] = all["atrous"]["weights"] = 4000;
        all["fc-densenet"] =
            Json{{"name", "fc-densenet"}, {"variant", "own"}, {"growth", 4}, {"blocks", {2, 2, 3, 2, 2}}, {"first-width", 8}};
        all["fc-densenet last"] = all["fc-densenet"];
        all["fc-densenet last"].update(
            {{"alignment", "last"}, {"whole-last", false}, {"bias", false}, {"normalization", "group"}});
        all["unet without"] = Json{{"name", "unet"}, {"weights", 4000}, {"without-skips", {0, 2}}};
        all["fc-densenet without"] = all["fc-densenet"];
        all["fc-densenet without"]["without-skips"] = Json{1};
        all["six-layer"] = Json{{"name", "four-layer"}, {"layers", 6}};
        all["unet add"] = Json{{"name", "unet"}, {"weights", 20000}, {"skips", "add"}};
        for (const char *kind : {"batch", "instance", "group"})
            all[std::string("unet ") + kind] = Json{{"name", "unet"},    {"weights", 20000}, {"form", "classic"},
                                                    {"convolutions", 2}, {"depth", 2},       {"normalization", kind}};
        all["unet transposed"] = Json{{"name", "unet"},   {"weights", 20000},           {"form", "classic"},
                                      {"pooling", "max"}, {"upsampling", "transposed"}, {"skips", "add"}};
        return all;
    }();
    return v;
}

} // namespace reticle::test
