#include "learn/modules/ModelInput.h"

#include "learn/Module_p.h"

namespace reticle {

std::string modelInput(const std::string &name)
{
    return Registry<ModuleFactory>::instance().get(name, "model.name").factory.takes;
}

} // namespace reticle
