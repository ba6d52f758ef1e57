#pragma once

#include "compare/RecipeSettings.h"
#include "foundation/Nan.h"
#include "project/Project.h"
#include "protocol/RunScores.h"

#include <map>
#include <string>
#include <vector>

namespace reticle {

/// A run as a row of a table of runs: what is shown of it, sorted by and searched in.
struct RunRow
{
    std::int64_t id = 0;
    std::string title; ///< may be empty
    RunStatus status = RunStatus::Running;
    std::string task;    ///< "segmentation"; empty while the run has not said it
    std::string network; ///< "unet"
    std::string data;    ///< the first file or folder of its data, without folder and ending: "cells"
    std::int64_t steps = 0;
    double seconds = 0;                    ///< of work
    std::string started;                   ///< local time, "2026-11-03 14:05"; empty where it is not known
    std::string message;                   ///< the error's sentence, or empty
    std::int64_t comparison = 0;           ///< 0 = none
    ScoreInfo score;                       ///< that the run is judged by: the one that chose its weights
    double best = nan;                     ///< value of that score of the kept weights; NaN where there is none
    std::map<std::string, double> numbers; ///< scores of the kept weights ("dice") and what was measured ("memory-mib")
    RecipeSettings settings;               ///< by their names of today, without title: "train.batch"
    std::size_t recipeHash = 0;            ///< of what the settings were read from

    RunRow() = default;
    /// `before`: the row of the same run as it was, whose settings are taken where the recipe has not changed; may be null.
    explicit RunRow(const RunInfo &run, const RunRow *before = nullptr);

    /// Whether a and b are better in this order, by the run's own score.
    bool isBetter(double a, double b) const { return score.lowerIsBetter ? a < b : a > b; }
};

/// ISO 8601 in UTC as the local time "2026-11-03 14:05"; what is no such time is returned as it is.
std::string localTimeText(const std::string &iso);

/// Paths of settings that the rows do not agree on, in alphabetical order. A field of an entry ("objective.smooth") is only
/// compared between rows that have the same entry there, and a setting that a row does not have is no difference. Left out is
/// what the columns of a row say already (the network, its data) and what has no effect on the outcome.
std::vector<std::string> differingSettings(const std::vector<const RunRow *> &rows);

} // namespace reticle
