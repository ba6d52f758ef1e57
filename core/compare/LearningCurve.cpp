#include "compare/LearningCurve.h"

#include "foundation/Nan.h"
#include "foundation/Random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace reticle {

namespace {

constexpr double oneBudget = 1.05;    // times within this factor are one budget
constexpr std::size_t exponents = 80; // on the grid
constexpr int parameters = 3;
constexpr int draws = 2000;
constexpr std::uint64_t seed = 2017;

/// Errors with the sums that every line through them needs.
struct Errors
{
    explicit Errors(std::vector<double> values) : e(std::move(values))
    {
        for (const double v : e)
            mean += v / static_cast<double>(e.size());
        for (const double v : e) {
            centered += (v - mean) * (v - mean);
            whole += v * v;
        }
    }
    std::vector<double> e;
    double mean = 0, centered = 0, whole = 0;
};

/// Powers of the times with one exponent, about their mean.
struct Powers
{
    Powers(const std::vector<double> &times, double exponent) : c(exponent)
    {
        for (const double t : times) {
            x.push_back(std::pow(t, -c));
            mean += x.back() / static_cast<double>(times.size());
        }
        for (double &v : x) {
            whole += v * v;
            v -= mean;
            centered += v * v;
        }
    }
    std::vector<double> x;
    double c, mean = 0, centered = 0, whole = 0;
};

struct Line
{
    double a, b, squares;
};

/// Least squares of e = a + b x with a, b >= 0: the free line, or the better one of those along the two bounds.
Line boundedLine(const Powers &p, const Errors &errors)
{
    double product = 0;
    for (std::size_t i = 0; i < p.x.size(); ++i)
        product += p.x[i] * errors.e[i];
    if (p.centered > 0) {
        const double b = product / p.centered, a = errors.mean - b * p.mean;
        if (a >= 0 && b >= 0)
            return {a, b, std::max(0.0, errors.centered - b * product)};
    }
    const auto n = static_cast<double>(p.x.size());
    const double level = std::max(0.0, errors.mean), off = errors.mean - level;
    const Line flat{level, 0, errors.centered + n * off * off};
    const double slope = std::max(0.0, (product + n * p.mean * errors.mean) / p.whole);
    const Line steep{0, slope, std::max(0.0, errors.whole - slope * slope * p.whole)};
    return steep.squares < flat.squares ? steep : flat;
}

/// The exponents that are tried, with the powers of the times: the same for every set of errors.
class Grid
{
public:
    explicit Grid(const std::vector<double> &times) : m_times(times)
    {
        const double step = std::log(LearningCurve::steepest / LearningCurve::flattest) / (exponents - 1);
        for (std::size_t k = 0; k < exponents; ++k)
            m_powers.emplace_back(times, k + 1 == exponents ? LearningCurve::steepest
                                                            : LearningCurve::flattest * std::exp(step * static_cast<double>(k)));
    }

    /// For a given c the best a and b follow in closed form (variable projection, Golub and Pereyra 1973), so that the
    /// search is along c alone and the lowest of all minima is found. `fine`: between the points of the grid too.
    std::array<double, 3> fit(const Errors &errors, bool fine) const
    {
        std::size_t best = 0;
        Line line = boundedLine(m_powers[0], errors);
        for (std::size_t k = 1; k < exponents; ++k)
            if (const Line other = boundedLine(m_powers[k], errors); other.squares < line.squares) {
                line = other;
                best = k;
            }
        double c = m_powers[best].c;
        if (fine && line.b > 0) {
            // Golden sections of the logarithm between the neighbors.
            constexpr double ratio = 0.6180339887498949;
            double low = std::log(m_powers[best > 0 ? best - 1 : 0].c);
            double high = std::log(m_powers[std::min(best + 1, exponents - 1)].c);
            const auto at = [&](double logarithm) { return boundedLine(Powers(m_times, std::exp(logarithm)), errors); };
            double left = high - ratio * (high - low), right = low + ratio * (high - low);
            Line ofLeft = at(left), ofRight = at(right);
            while (high - low > 1e-10) {
                if (ofLeft.squares <= ofRight.squares) {
                    high = right;
                    right = left;
                    ofRight = ofLeft;
                    left = high - ratio * (high - low);
                    ofLeft = at(left);
                } else {
                    low = left;
                    left = right;
                    ofLeft = ofRight;
                    right = low + ratio * (high - low);
                    ofRight = at(right);
                }
            }
            const bool first = ofLeft.squares <= ofRight.squares;
            if (const Line &found = first ? ofLeft : ofRight; found.squares < line.squares) {
                line = found;
                c = std::exp(first ? left : right);
            }
        }
        return {line.a, line.b, line.b > 0 ? c : 1}; // a level has no exponent
    }

private:
    const std::vector<double> &m_times;
    std::vector<Powers> m_powers;
};

double quantile(std::vector<double> &values, double p)
{
    const double at = p * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(below), values.end());
    const double low = values[below];
    if (below + 1 >= values.size())
        return low;
    const double high = *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(below) + 1, values.end());
    return low + (at - static_cast<double>(below)) * (high - low);
}

} // namespace

LearningCurve::LearningCurve(std::vector<CurvePoint> points, ScoreScale scale) : m_scale(scale), m_points(std::move(points))
{
    std::erase_if(m_points,
                  [](const CurvePoint &p) { return !std::isfinite(p.score) || !std::isfinite(p.minutes) || !(p.minutes > 0); });
    std::sort(m_points.begin(), m_points.end(), [](const CurvePoint &p, const CurvePoint &q) {
        return std::tie(p.minutes, p.score) < std::tie(q.minutes, q.score);
    });
    double first = 0, sum = 0;
    std::size_t count = 0;
    for (const auto &p : m_points) {
        if (count == 0 || p.minutes > oneBudget * first) {
            if (count > 0)
                m_budgets.push_back(sum / static_cast<double>(count));
            first = p.minutes;
            sum = 0;
            count = 0;
        }
        sum += p.minutes;
        ++count;
    }
    if (count > 0)
        m_budgets.push_back(sum / static_cast<double>(count));
    m_scatter = nan;
    if (!isKnown())
        return;

    // About 1 in the middle, so that no power overflows.
    double logarithms = 0;
    for (const auto &p : m_points)
        logarithms += std::log(p.minutes) / static_cast<double>(m_points.size());
    const double middle = std::exp(logarithms);
    std::vector<double> times, errors;
    for (const auto &p : m_points) {
        times.push_back(p.minutes / middle);
        errors.push_back(m_scale.error(p.score));
    }
    const Grid grid(times);
    const auto fit = grid.fit(Errors(errors), true);
    const auto ofMinutes = [middle](std::array<double, 3> f) {
        f[1] *= std::pow(middle, f[2]);
        return f;
    };
    m_fit = ofMinutes(fit);
    std::vector<double> fitted;
    for (std::size_t i = 0; i < times.size(); ++i) {
        fitted.push_back(fit[0] + fit[1] * std::pow(times[i], -fit[2]));
        m_squares += (errors[i] - fitted[i]) * (errors[i] - fitted[i]);
    }
    const auto freedom = static_cast<int>(m_points.size()) - parameters;
    if (freedom < 1)
        return;
    m_scatter = std::sqrt(m_squares / freedom);

    // The spread: a parametric bootstrap. Scores are drawn about the fitted curve and fitted again within the same bounds;
    // a new training scatters about each of these curves. The variance is drawn too, from its distribution given so few
    // residuals (squares / chi-squared), so that four trainings give a wide interval and twelve a narrow one. The runs
    // themselves are not drawn with replacement: of four or five runs many such draws lack a budget, and the others repeat
    // residuals that are too small, so that intervals for 90 % held 74 % (simulated with four budgets). The delta method
    // holds its level but has no answer where a parameter is at its bound, and its intervals were two thirds wider.
    Random random(seed);
    m_draws.reserve(draws);
    for (int k = 0; k < draws; ++k) {
        double chi = 0;
        for (int i = 0; i < freedom; ++i) {
            const double z = random.normal();
            chi += z * z;
        }
        const double sd = m_squares > 0 ? std::sqrt(m_squares / std::max(chi, 1e-12)) : 0;
        std::vector<double> drawn;
        for (const double f : fitted)
            drawn.push_back(f + sd * random.normal());
        const double noise = sd * random.normal();
        m_draws.push_back({ofMinutes(sd > 0 ? grid.fit(Errors(std::move(drawn)), false) : fit), noise});
    }
}

double LearningCurve::error(const std::array<double, 3> &fit, double minutes) const
{
    return fit[0] + fit[1] * std::pow(minutes, -fit[2]);
}

Expected LearningCurve::spread(double middle, std::vector<double> drawn) const
{
    if (drawn.empty())
        return {middle, nan, nan};
    const double low = quantile(drawn, (1 - level) / 2), high = quantile(drawn, (1 + level) / 2);
    return {middle, std::min(low, middle), std::max(high, middle)};
}

Expected LearningCurve::at(double minutes) const
{
    if (!isKnown() || !(minutes > 0) || !std::isfinite(minutes))
        return {nan, nan, nan};
    const double worst = std::abs(m_scale.worst - m_scale.perfect);
    const auto possible = [&](double e) { return std::clamp(e, 0.0, worst); };
    std::vector<double> drawn;
    for (const auto &d : m_draws)
        drawn.push_back(possible(error(d.fit, minutes) + d.noise));
    const auto [middle, low, high] = spread(possible(error(m_fit, minutes)), std::move(drawn));
    const double ofLow = m_scale.score(low), ofHigh = m_scale.score(high);
    return {m_scale.score(middle), std::min(ofLow, ofHigh), std::max(ofLow, ofHigh)};
}

Expected LearningCurve::gain(double from, double to) const
{
    if (!isKnown() || !(from > 0) || !(to > 0) || !std::isfinite(from) || !std::isfinite(to))
        return {nan, nan, nan};
    std::vector<double> drawn;
    for (const auto &d : m_draws)
        drawn.push_back(error(d.fit, from) - error(d.fit, to));
    return spread(error(m_fit, from) - error(m_fit, to), std::move(drawn));
}

namespace {

/// "Dice", "the validation loss".
std::string within(const std::string &title)
{
    return !title.empty() && title[0] >= 'a' && title[0] <= 'z' ? "the " + title : title;
}

} // namespace

int scoreDigits(double score)
{
    return std::isfinite(score) && score != 0 ? std::clamp(2 - static_cast<int>(std::floor(std::log10(std::abs(score)))), 0, 9)
                                              : 3;
}

std::string minutesText(double minutes)
{
    const auto text = [](double value, const char *one) {
        const auto number = fmt::format("{:.3g}", value);
        return number + " " + one + (number == "1" ? "" : "s");
    };
    return minutes < 1      ? text(60 * minutes, "second")
           : minutes < 1000 ? text(minutes, "minute")
                            : fmt::format("{:.0f} minutes", minutes);
}

std::string minutesText(double from, double to)
{
    const auto end = minutesText(to);
    if (minutesText(from) == end)
        return end;
    return from < 1 ? minutesText(from) + " to " + end : fmt::format("{:.{}g} to {}", from, from < 1000 ? 3 : 6, end);
}

std::string expectedText(const Expected &expected)
{
    const int digits = scoreDigits(expected.score);
    if (std::isnan(expected.low))
        return fmt::format("{:.{}f}", expected.score, digits);
    return fmt::format("{:.{}f} ({:.{}f} to {:.{}f})", expected.score, digits, expected.low, digits, expected.high, digits);
}

std::string moreMinutesText(const LearningCurve &curve, const ScoreScale &scale, const std::string &title, double minutes,
                            double more)
{
    if (!curve.isKnown()) {
        const auto budgets = curve.budgets().size();
        return fmt::format("Whether more minutes would help cannot be told yet: {}, and {} different times are needed. Train the "
                           "same recipe with another train.minutes.",
                           budgets == 0   ? "no run with a score has finished"
                           : budgets == 1 ? fmt::format("all finished runs took {}", minutesText(curve.budgets().front()))
                                          : fmt::format("the finished runs took {} or {}", minutesText(curve.budgets().front()),
                                                        minutesText(curve.budgets().back())),
                           LearningCurve::leastBudgets);
    }
    // Less than two runs of one recipe differ, or than a hundredth of what there is to win, is not worth the wait.
    const auto now = curve.at(minutes), then = curve.at(more);
    const double gain = curve.gain(minutes, more).score, error = scale.error(now.score);
    const bool drowned = gain <= curve.scatter();
    const auto change = minutes < 1 ? fmt::format("{} instead of {}", minutesText(more), minutesText(minutes))
                                    : fmt::format("{} instead of {:.3g}", minutesText(more), minutes);
    if (!(gain > 0.01 * error) || drowned) {
        const int digits = scoreDigits(std::max(gain, 1e-6));
        const std::string reason = !(gain > 0)
                                       ? fmt::format("{} no longer improves", within(title))
                                       : fmt::format("{} are expected to {} {} by {:.{}f}{}", change,
                                                     scale.smallest ? "lower" : "raise", within(title), gain, std::min(digits, 6),
                                                     drowned ? fmt::format(", and equal runs differ by {:.{}f}", curve.scatter(),
                                                                           scoreDigits(curve.scatter()))
                                                             : "");
        return "More minutes would hardly help: " + reason + ".";
    }
    const int digits = std::max(scoreDigits(now.score), scoreDigits(then.score));
    return fmt::format("{} would probably {} {} from {:.{}f} to {}.{}", change, scale.smallest ? "lower" : "raise", within(title),
                       now.score, digits, expectedText(then),
                       std::isnan(curve.scatter())
                           ? " How sure this is cannot be told from so few runs. Train one of them again with another seed."
                           : "");
}

} // namespace reticle
