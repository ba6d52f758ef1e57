#pragma once

#include "base/Json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reticle {

/// What the command line said. Each command gives the exit status; what goes wrong it throws as Error.

struct ListCommand
{
    std::string kind; ///< empty = all
    bool json = false;
    int run() const;
};

struct DescribeCommand
{
    std::string name; ///< "unet", or with its kind "models/unet"
    bool json = false;
    std::vector<std::string> sets;
    std::int64_t channels = 1, classes = 2, size = 256; ///< of the layer table
    std::string reference;                              ///< folder that the reference pages are written to
    int run() const;
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
