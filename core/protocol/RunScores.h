#pragma once

#include "foundation/Json.h"

#include <string>
#include <vector>

namespace reticle {

/// A number that a run is judged by.
struct ScoreInfo
{
    std::string name;  ///< "dice"; as a metric "validation.dice"
    std::string title; ///< "Dice"
    std::string unit;  ///< empty = none
    bool lowerIsBetter = false;
    bool isFraction = false; ///< from 0 to 1, so that it is drawn with others of that range
};

/// What a run says of its scores, in its summary and in the data of its Started event:
/// {"task": "segmentation", "score": "dice", "scores": [{"name", "title", "unit", "lowerIsBetter", "isFraction"}, …]}.
/// Pages and reports read that and know no score by name. A run of before says nothing: its scores are the known ones.
class RunScores
{
public:
    /// Of a run of before.
    RunScores() = default;
    /// `selection`: the score that chooses the weights to keep, one of `scores`.
    RunScores(std::string task, std::string selection, std::vector<ScoreInfo> scores);
    /// What is not of that form is passed over.
    static RunScores of(const Json &described);
    Json toJson() const;

    const std::string &task() const { return m_task; } ///< empty of a run of before
    /// Names of the scores that stand for the run in short, the one that chooses its weights first.
    std::vector<std::string> selection() const;
    /// The first of them.
    ScoreInfo selectedScore() const { return info(selection().front()); }
    const std::vector<ScoreInfo> &scores() const & { return m_scores; } ///< none of a run of before
    std::vector<ScoreInfo> scores() && { return std::move(m_scores); }
    bool has(const std::string &name) const; ///< whether a score of this name is described
    /// Of a score that is not described: as its name says.
    ScoreInfo info(const std::string &name) const;

private:
    std::string m_task, m_selection;
    std::vector<ScoreInfo> m_scores;
};

} // namespace reticle
