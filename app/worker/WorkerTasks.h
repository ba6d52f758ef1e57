#pragma once

#include "project/Project.h"

namespace reticle {

/// Long work that the command line and `serve` share.

/// A warning for each input of the run that is still where it was, but has changed: "FILE has changed since run N was
/// started. CONSEQUENCE".
void warnOfChangedInputs(const Project &project, const RunInfo &run, const std::string &consequence, EventSink &events);
/// Where relative paths begin; empty where that folder is no longer there.
std::string workingFolder();

struct PredictTask
{
    std::string project;
    std::int64_t run = 0;
    std::string input, output;
    Json options = Json::object(); ///< fields of PredictOptions
};
/// Throws Error where the prediction may not be written to its place (files/OutputGuard.h).
void requirePredictionOutput(const PredictTask &task);
/// Writes the prediction: of images that of every page, else as Predictor::predictFile(). Throws Error.
void predictToFile(const PredictTask &task, EventSink &events, RunControl &control);

struct AnalyzeTask
{
    std::string name;
    std::string project; ///< empty = none: the result is kept in `output` only
    std::int64_t run = 0;
    Json options = Json::object();
    std::string output; ///< empty = kept in the project only
};
/// Runs the analysis and keeps its result; second = its number in the project, 0 without one. Throws Error.
std::pair<Result, std::int64_t> analyzeToFolder(const AnalyzeTask &task, EventSink &events, RunControl &control);

struct SimulateTask
{
    std::string name, output;
    Json options = Json::object();
    std::uint64_t seed = 1;
};
/// Makes the data and reports how far it is; returns the files. Throws Error.
std::vector<std::filesystem::path> simulateToFolder(const SimulateTask &task, EventSink &events, RunControl &control);

} // namespace reticle
