#include "learn/TrainOptions.h"

#include "foundation/FormerNames.h"
#include "learn/Optimizer_p.h"
#include "learn/Schedule.h"

namespace reticle {

namespace {

template <class Factory> std::vector<SchemaInfo> entriesOf(const Registry<Factory> &registry)
{
    std::vector<SchemaInfo> entries;
    for (const auto &[name, entry] : registry.entries())
        entries.push_back(entry.schema);
    return entries;
}

const FormerNamesOf formerNames("train", [] { return TrainOptions::schema().info(); });

} // namespace

Schema<TrainOptions> TrainOptions::schema()
{
    using O = TrainOptions;
    return Schema<O>("train", "Training",
                     "When to stop, and how the weights are found. Of steps, epochs and minutes the first above 0 is in "
                     "force, and the learning rate's schedule follows it.")
        .field(&O::minutes, {.name = "minutes",
                             .help = "Stop after this much work; used when neither steps nor epochs are set.",
                             .unit = "min",
                             .min = 0,
                             .max = 100000})
        .field(&O::steps, {.name = "steps", .help = "Stop after this many steps; 0 = not in force.", .min = 0, .max = 1e9})
        .field(&O::epochs,
               {.name = "epochs",
                .help = "Stop after this many epochs (as many crops as cover the training slices once); 0 = not in force.",
                .min = 0,
                .max = 1e7})
        .field(&O::batch, {.name = "batch", .help = "Crops in one step.", .min = 1, .max = 4096})
        .field(&O::crop,
               {.name = "crop", .help = "Side of a training crop.", .unit = "px", .min = 8, .max = 4096, .about = "image"})
        .field(&O::foregroundOversampling, {.name = "foreground-oversampling",
                                            .help = "Part of the crops that are centered on a pixel of a rarer class.",
                                            .min = 0,
                                            .max = 1,
                                            .group = "Crops",
                                            .advanced = true,
                                            .about = "image"})
        .field(&O::optimizer, {.name = "optimizer",
                               .help = "How weights follow their gradients.",
                               .group = "Optimizer",
                               .formerly = {"optimiser"},
                               .entries = entriesOf(Registry<OptimizerFactory>::instance())})
        .field(&O::learningRate, {.name = "learning-rate",
                                  .help = "Highest learning rate; 0.001 suits Adam and RMSprop, 0.01 SGD, 1 Adadelta.",
                                  .min = 1e-9,
                                  .max = 10,
                                  .group = "Optimizer"})
        .field(&O::weightDecay, {.name = "weight-decay",
                                 .help = "Pull of the weights towards 0.",
                                 .min = 0,
                                 .max = 1,
                                 .group = "Optimizer",
                                 .advanced = true})
        .field(&O::gradientClip, {.name = "gradient-clip",
                                  .help = "Largest length of the gradient; longer ones are shortened. 0 = off.",
                                  .min = 0,
                                  .max = 1e6,
                                  .group = "Optimizer",
                                  .advanced = true})
        .field(&O::schedule, {.name = "schedule",
                              .help = "How the learning rate falls over the training.",
                              .group = "Optimizer",
                              .entries = entriesOf(Registry<ScheduleFactory>::instance())})
        .field(&O::warmup, {.name = "warmup",
                            .help = "Part of the training in which the learning rate rises.",
                            .min = 0,
                            .max = 0.5,
                            .group = "Optimizer",
                            .advanced = true})
        .field(&O::averaging, {.name = "averaging",
                               .help = "Decay of the running mean of the weights (and of batch statistics) that is validated and "
                                       "kept (Polyak and Juditsky 1992); 0 = the last weights.",
                               .min = 0,
                               .max = 0.99999,
                               .group = "Optimizer",
                               .advanced = true})
        .field(&O::patience, {.name = "patience",
                              .help = "Stop early after this many validations without a better one; 0 = off.",
                              .min = 0,
                              .max = 100000,
                              .group = "Validation"})
        .field(&O::validateEvery, {.name = "validate-every",
                                   .help = "Time between validations when training by minutes.",
                                   .unit = "s",
                                   .min = 0.1,
                                   .max = 86400,
                                   .group = "Validation",
                                   .advanced = true})
        .field(&O::validateSteps, {.name = "validate-steps",
                                   .help = "Steps between validations; 0 = by time, or a twentieth of the training (500 at most) "
                                           "when training by steps or epochs.",
                                   .min = 0,
                                   .max = 1e9,
                                   .group = "Validation",
                                   .advanced = true})
        .field(&O::checkpointEvery, {.name = "checkpoint-every",
                                     .help = "Time between checkpoints.",
                                     .unit = "s",
                                     .min = 0.1,
                                     .max = 86400,
                                     .group = "Checkpoints",
                                     .advanced = true})
        .field(&O::checkpointSteps, {.name = "checkpoint-steps",
                                     .help = "Steps between checkpoints; 0 = by time.",
                                     .min = 0,
                                     .max = 1e9,
                                     .group = "Checkpoints",
                                     .advanced = true})
        .field(&O::precision, {.name = "precision",
                               .help = "Numbers between layers; weights stay float32. auto takes bfloat16 where the processor "
                                       "(AMX) or GPU is faster with it.",
                               .choices = {"auto", "bfloat16", "float32"},
                               .group = "Machine"})
        .field(&O::threads, {.name = "threads",
                             .help = "Processor cores to use; 0 = all. The result depends on it in the last digits.",
                             .min = 0,
                             .max = 1024,
                             .group = "Machine",
                             .advanced = true});
}

} // namespace reticle
