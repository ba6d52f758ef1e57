#pragma once

#include <cstdint>
#include <vector>

namespace reticle {

/// Streaming counts of predicted against true class. Pixels of target 255 are left out. Scores are NaN where they are
/// not defined (no pixels; for Dice and IoU neither predicted nor true pixels of the class).
class Confusion
{
public:
    explicit Confusion(std::int64_t classes);
    void add(const std::uint8_t *predicted, const std::uint8_t *target, std::int64_t n);
    std::int64_t pixels() const;
    double pixelError() const;         ///< mismatches / N
    double dice(std::int64_t c) const; ///< 2 tp / (2 tp + fp + fn)
    double iou(std::int64_t c) const;  ///< tp / (tp + fp + fn)
    /// Of two classes the foreground's (class 1), otherwise the mean over those that are defined.
    double dice() const;
    double iou() const;

private:
    double mean(double (Confusion::*score)(std::int64_t) const) const;
    std::int64_t at(std::int64_t target, std::int64_t predicted) const { return m_counts[target * m_classes + predicted]; }

    std::int64_t m_classes;
    std::vector<std::int64_t> m_counts;
};

} // namespace reticle
