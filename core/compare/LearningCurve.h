#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace reticle {

/// One training: how long it had, and the score that came of it.
struct CurvePoint
{
    double minutes = 0;
    double score = 0;
};

/// How a score runs. Its distance from `perfect` is the error that the curve describes.
struct ScoreScale
{
    double perfect = 1;    ///< score of a model without error
    double worst = 0;      ///< the other end; infinite where there is none
    bool smallest = false; ///< whether less is better

    double error(double score) const { return smallest ? score - perfect : perfect - score; }
    double score(double error) const { return smallest ? perfect + error : perfect - error; }
};

/// A score with its interval; low and high are NaN where nothing says how wide it is.
struct Expected
{
    double score, low, high;
};

/// What trainings of several budgets say about other budgets: the error a + b t^-c of a training of t minutes, with a >= 0,
/// b >= 0 and `flattest` <= c <= `steepest`. Power laws with a floor are what errors of deep networks follow over data and
/// computation (Hestness et al. 2017, arXiv:1712.00409); of the forms compared by Viering and Loog (2022,
/// doi:10.1109/TPAMI.2022.3220744) they are among those that extrapolate best, and three numbers are as many as a handful
/// of trainings can bear.
class LearningCurve
{
public:
    static constexpr std::size_t leastBudgets = 3;
    static constexpr double flattest = 0.05, steepest = 3;
    /// Part of like trainings that an interval is to hold.
    static constexpr double level = 0.9;

    LearningCurve() = default;
    /// Least squares; points without a finite score or with no time are passed over. The same points in any order give the
    /// same curve on every machine.
    explicit LearningCurve(std::vector<CurvePoint> points, ScoreScale scale = {});

    /// Whether there is a curve: fewer than `leastBudgets` different budgets say nothing of others.
    bool isKnown() const { return m_budgets.size() >= leastBudgets; }
    /// Mean minutes of each budget, rising. Times within 5 % of one another are one budget.
    const std::vector<double> &budgets() const { return m_budgets; }
    std::size_t points() const { return m_points.size(); }

    double a() const { return m_fit[0]; }
    double b() const { return m_fit[1]; } ///< of minutes
    double c() const { return m_fit[2]; }
    /// Standard deviation of trainings about the curve, NaN where there are too few of them to say (three for its numbers, and
    /// one more).
    double scatter() const { return m_scatter; }
    double squares() const { return m_squares; } ///< sum of squared residuals

    /// Of one more training of that many minutes, with the interval that holds it with probability `level`.
    Expected at(double minutes) const;
    /// By how much the expected score is better after `to` minutes than after `from`, never below 0, with its interval.
    Expected gain(double from, double to) const;

private:
    struct Draw ///< a curve that might as well be the true one, and a training about it
    {
        std::array<double, 3> fit;
        double noise;
    };
    double error(const std::array<double, 3> &fit, double minutes) const;
    Expected spread(double middle, std::vector<double> drawn) const;

    ScoreScale m_scale;
    std::vector<CurvePoint> m_points;
    std::vector<double> m_budgets;
    std::array<double, 3> m_fit{};
    double m_scatter = 0, m_squares = 0;
    std::vector<Draw> m_draws;
};

/// "30 minutes instead of 15 would probably raise Dice from 0.931 to 0.936 (0.930 to 0.941)." or that more would hardly
/// help, or what is missing to tell. `title`: of the score, as it stands within a sentence.
std::string moreMinutesText(const LearningCurve &curve, const ScoreScale &scale, const std::string &title, double minutes,
                            double more);
/// "15 minutes", "1 minute", "30 seconds".
std::string minutesText(double minutes);
/// "5 to 15 minutes".
std::string minutesText(double from, double to);
/// "0.936 (0.930 to 0.941)", without the interval where it is not known.
std::string expectedText(const Expected &expected);
/// Digits after the point of a score: three that count.
int scoreDigits(double score);

} // namespace reticle
