#pragma once

#include "compare/LearningCurve.h"
#include "history/TrainingHistory.h"
#include "project/Recipe.h"

namespace reticle {

/// A training that is to come.
struct TrainingQuestion
{
    /// What it has in common with trainings like it; what is 0 or empty is not known, and not compared.
    PastTraining like;
    double minutes = 0;     ///< that it is to take; 0 = steps or epochs end it
    std::int64_t steps = 0; ///< that it is to make; 0 = minutes or epochs end it
};

/// Digests, network, crop, batch and times of a validated recipe for one run, with absolute paths.
TrainingQuestion questionOf(const Recipe &recipe);

/// What finished trainings like it on this machine say about a training that is to come.
struct TrainingEstimate
{
    enum class Source {
        None,
        Curve,     ///< a learning curve over like trainings on the same data
        Range,     ///< what like trainings on the same data reached
        OtherData, ///< what like trainings on other data reached
    };

    std::size_t timed = 0; ///< like trainings, which say how fast steps go; 0 = nothing is known
    Expected steps{};      ///< that fit into the minutes, or those that are asked for; least and most by the timed ones
    Expected minutes{};    ///< that they take
    std::size_t scored = 0;
    Source source = Source::None;
    std::string score, scoreTitle;
    Expected expected{};     ///< of Range and OtherData the middle and both ends
    double from = 0, to = 0; ///< minutes of the scored trainings
    std::string text;        ///< all of it, in sentences

    /// {"text", "trainings", "steps": {"expected", "low", "high"}, "minutes": …, "score": {"name", "title", "source",
    /// "trainings", …}}; without what is not known.
    Json toJson() const;
};

/// Of `past`, like are those with the same network, crop, batch, precision, kind of data and machine.
TrainingEstimate estimateTraining(const std::vector<PastTraining> &past, const TrainingQuestion &question);

} // namespace reticle
