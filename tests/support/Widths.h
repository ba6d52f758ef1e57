#pragma once

#include "learn/Module_p.h"

namespace reticle::test {

/// "count: widths" of the module that this section of a recipe makes, as "3964: 3 6 12 12 6 3 3".
inline std::string built(const Json &section, ModuleShape shape = {})
{
    const auto module = makeModule(section, shape);
    auto text = std::to_string(countWeights(*module)) + ":";
    for (const auto width : module->widths()) {
        text += ' ';
        text += std::to_string(width);
    }
    return text;
}

} // namespace reticle::test
