#pragma once

#include "figure/Figure.h"

#include <cstdint>
#include <string>
#include <vector>

namespace reticle {

/// Figures of a layer table.

/// What the layers of one block cost together.
struct BlockCost
{
    std::string name;
    std::int64_t weights = 0, macs = 0;
};

/// The block that a layer belongs to: "down0" of "down0_layer3", "e1" of "e1b", "b2" of "b2r4".
std::string blockOf(const std::string &layer);
/// To the block of the layer, which comes last where it is new.
void addToBlock(std::vector<BlockCost> &blocks, const std::string &layer, std::int64_t weights, std::int64_t macs);

/// Bars of weights and of multiplications of each block. `seen`: what the network is given, in words.
Figure blockFigure(const std::vector<BlockCost> &blocks, const std::string &title, const std::string &seen);
/// Memory alive along a training step, its peak labeled. `step`: ModelDescription::step.
Figure stepFigure(const Table &step, const std::string &title, const std::string &seen);

} // namespace reticle
