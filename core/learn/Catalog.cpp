#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/prediction/ImagePredictor.h"
#include "learn/training/Training.h"
#include "protocol/CatalogParts.h"

// What this folder adds to the catalog. Its registries are of types that only LibTorch's neighbors see.

namespace reticle {

namespace {

const CatalogKind models("models", [] { return Registry<ModuleFactory>::instance().schemas(); });
const CatalogKind objectives("objectives", [] { return Registry<ObjectiveFactory>::instance().schemas(); });
const CatalogSection train("train", [] { return TrainOptions::schema().info(); });
const CatalogSection predict("predict", [] { return PredictOptions::schema().info(); });

} // namespace

} // namespace reticle
