#include "Catalogue.h"

#include "analysis/Analysis.h"
#include "base/Augment.h"
#include "base/Dataset.h"
#include "learn/Inference.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/Training.h"
#include "simulate/Simulator.h"

namespace reticle {

namespace {

template <class Factory> std::vector<SchemaInfo> schemasOf(const Registry<Factory> &registry)
{
    std::vector<SchemaInfo> schemas;
    for (const auto &[name, entry] : registry.entries())
        schemas.push_back(entry.schema);
    return schemas;
}

} // namespace

const Catalog &catalog()
{
    static const Catalog all = [] {
        Catalog c;
        c.kinds["models"] = schemasOf(Registry<ModuleFactory>::instance());
        c.kinds["objectives"] = schemasOf(Registry<ObjectiveFactory>::instance());
        c.kinds["datasets"] = schemasOf(Registry<DataKind>::instance());
        c.kinds["analyses"] = schemasOf(Registry<AnalysisFactory>::instance());
        c.kinds["simulators"] = schemasOf(Registry<SimulatorFactory>::instance());
        c.sections["augment"] = AugmentOptions::schema().info();
        c.sections["train"] = TrainOptions::schema().info();
        c.sections["predict"] = PredictOptions::schema().info();
        return c;
    }();
    return all;
}

} // namespace reticle
