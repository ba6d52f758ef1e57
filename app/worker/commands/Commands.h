#pragma once

#include "foundation/Json.h"
#include "foundation/Schema.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reticle {

class Recipe;
struct ModelDescription;
struct ModelQuestion;

/// What the command line said. New commands register themselves instead: see CommandRegistry.h. Each command gives the exit
/// status; what goes wrong it throws as Error.

struct ListCommand
{
    std::string kind; ///< empty = all
    bool json = false;
    int run() const;
};

struct DescribeCommand
{
    std::string name;           ///< "unet", or with its kind "models/unet"; or a recipe's file; empty with a run
    std::string project;        ///< folder, for
    std::int64_t runNumber = 0; ///< the network of a run
    bool json = false;
    std::vector<std::string> sets;
    std::int64_t channels = 1, classes = 2, batch = 1; ///< of the layer table
    std::string size = "256";                          ///< a side, or HxW
    std::string objective;                             ///< name; empty: one output for two classes, else one for each
    std::vector<std::string> train;                    ///< fields of the recipe's training that memory depends on
    double memory = 0;                                 ///< GiB that the batch shall fit
    std::string output;                                ///< folder for tables and figures
    bool markdown = false;
    bool here = false;                  ///< also what would better be described by a process of its own
    std::vector<std::string> arguments; ///< of the command line, for that process
    std::string reference;              ///< folder that the reference pages are written to
    int run() const;

private:
    ModelQuestion question(const SchemaInfo &schema, const Json &options) const;
    ModelQuestion question(const Recipe &recipe) const;
    Json estimate(const ModelQuestion &question, const ModelDescription &description, const Recipe *recipe) const;
    void printLayers(const ModelQuestion &question, const ModelDescription &description, const Json &estimated, Json &out) const;
};

struct RunCommand
{
    std::string recipe, project, device;
    std::vector<std::string> sets;
    std::int64_t resume = 0;
    bool events = false;
    int run() const;
};

struct PredictCommand
{
    std::string project, input, output;
    std::int64_t run_ = 0;
    std::map<std::string, std::string> options; ///< fields of PredictOptions
    bool events = false;
    int run() const;
};

struct AnalyzeCommand
{
    std::string name, project, output;
    std::int64_t run_ = 0;
    std::vector<std::string> sets;
    bool events = false;
    int run() const;
};

struct SimulateCommand
{
    std::string name, output;
    std::uint64_t seed = 1;
    std::vector<std::string> sets;
    int run() const;
};

struct ServeCommand
{
    int run() const;
};

/// "path=value" in two. Throws Error where there is no '='.
std::pair<std::string, std::string> splitSetting(const std::string &setting);

} // namespace reticle
