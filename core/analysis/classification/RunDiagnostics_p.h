#pragma once

#include "ablation/TrainingDiagnostics.h"
#include "learn/tasks/Classification_p.h"
#include "project/Project.h"

namespace reticle {

/// What shows why a training went as it did, of a run that classifies.

/// A row for each tensor of weights: its shape, how many values it has, their mean and standard deviation, and the norm of its
/// gradient for one batch. A single bias that a layer's units share has the shape 1.
Table parameterTable(Module &module, const Objective &objective, const Tensors &batch);

/// How often each training example was used in the first `steps` steps, in the order of the training part. Exact, as batches
/// are a function of the step. `goOn` is asked now and then with the part that is done; false ends early with what was counted.
RowUsage rowUsage(const ClassificationTask &task, std::int64_t steps, const std::function<bool(double done)> &goOn);

/// Smallest, largest, mean and sd of each input of these examples as the network gets it; no columns where the first input is
/// not a list of numbers.
Table inputRangeTable(const ClassificationTask &task, const std::vector<std::int64_t> &examples);

/// Seeds that split, first weights, batches and dropout of runs follow from.
Table seedTable(const std::vector<RunInfo> &runs);

/// Loss of training steps and of validations, with the lowest loss that is possible as a dashed line where it is above 0.
/// Without panels where the run has no losses.
Figure lossFigure(const Project &project, std::int64_t run, double floor);

/// What the hidden layers of a network make of a batch: spread before the activation, units that are 0 for all rows, and the mean
/// activation of each unit as small images.
struct HiddenLayers
{
    Table table;   ///< without columns where the network has no such layers (Mlp_p.h)
    Figure figure; ///< name "hidden-layers"
    std::int64_t deadUnits = 0;
    std::string warning; ///< where more than half of the units are dead
};
HiddenLayers hiddenLayers(Module &module, const Tensors &batch);

} // namespace reticle
