#pragma once

#include "learn/Module_p.h"

namespace reticle {

/// The network of a model's description (files/ModelFiles.h): that of its recipe, or of an ensemble all members as one,
/// whose logits are those of the mean probability. Throws Error and JSON exceptions as makeModule() does.
std::shared_ptr<ImageModule> moduleOf(const Json &description, ModuleShape shape);

/// The same of a network of any kind.
std::shared_ptr<Module> anyModuleOf(const Json &description, ModuleShape shape);

} // namespace reticle
