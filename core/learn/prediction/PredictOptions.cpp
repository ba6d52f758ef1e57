#include "learn/prediction/PredictOptions.h"

namespace reticle {

Schema<PredictOptions> PredictOptions::schema()
{
    using O = PredictOptions;
    return Schema<O>("predict", "Prediction", "Overlapping tiles, weighted by a Gaussian (Isensee et al. 2021).")
        .field(&O::output, {.name = "output",
                            .help = "Probability of one class (float32), or labels with the values of the training labels. "
                                    "An autoencoder writes the image that it makes, in the input's units (float32).",
                            .choices = {"probability", "labels"}})
        .field(&O::classIndex, {.name = "class-index",
                                .help = "Class whose probability is written; 1 is the foreground of a mask.",
                                .min = 0,
                                .max = 254})
        .field(&O::threshold,
               {.name = "threshold", .help = "Labels of a mask: foreground where the probability is above.", .min = 0, .max = 1})
        .field(&O::inputRange,
               {.name = "input-range",
                .help = "What the values mean in images of another number type than the training images: auto converts them "
                        "where the meaning is clear, as-is uses them unchanged, and two values such as 0..4095 are black and "
                        "white."})
        .field(&O::tile, {.name = "tile", .help = "Side of a tile.", .unit = "px", .min = 16, .max = 8192, .group = "Tiles"})
        .field(&O::step,
               {.name = "step", .help = "Distance of tiles as a part of their side.", .min = 0.05, .max = 1, .group = "Tiles"})
        .field(&O::flips, {.name = "flips",
                           .help = "Average over 4 flips, or over 8 with quarter turns: as many times slower.",
                           .choices = {"none", "4", "8"},
                           .group = "Tiles"})
        .field(&O::averageProbabilities, {.name = "average-probabilities",
                                          .help = "Average probabilities over tiles instead of logits.",
                                          .group = "Tiles",
                                          .advanced = true})
        .field(&O::padding, {.name = "padding",
                             .help = "Around images that are smaller than a tile.",
                             .choices = {"mirror", "zero"},
                             .group = "Tiles",
                             .advanced = true})
        .field(&O::precision,
               {.name = "precision",
                .help = "Numbers between layers; auto takes float32 where the run was trained so by its own word, else bfloat16 "
                        "where the processor (AMX) or GPU is faster with it.",
                .choices = {"auto", "bfloat16", "float32"},
                .group = "Machine",
                .advanced = true})
        .field(&O::device, {.name = "device", .help = "auto, cpu, cuda or cuda:N.", .group = "Machine", .advanced = true});
}

} // namespace reticle
