#pragma once

#include <torch/torch.h>

namespace reticle {

/// LibTorch has one generator for all threads. While one of these lives, its thread alone draws: a training, whose numbers
/// follow from its seed, and what is asked of models beside it. Threads have their turns in the order in which they asked; one
/// thread may hold several at once.
class RandomTurn
{
public:
    RandomTurn();
    ~RandomTurn();
    RandomTurn(const RandomTurn &) = delete;
    RandomTurn &operator=(const RandomTurn &) = delete;
};

/// A turn whose random numbers are given back at its end: of everything but a training.
class SameRandom
{
public:
    SameRandom();
    ~SameRandom();
    SameRandom(const SameRandom &) = delete;
    SameRandom &operator=(const SameRandom &) = delete;

private:
    RandomTurn m_turn; ///< begins before and ends after the state is kept
    torch::Tensor m_state;
};

} // namespace reticle
