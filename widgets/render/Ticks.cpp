#include "widgets/render/Ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace reticle {

namespace {

constexpr const char *minusSign = "\u2212";
constexpr const char *thinSpace = "\u2009";

std::string superscript(int number)
{
    static const std::array<const char *, 10> digits{"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                                     "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    std::string s = number < 0 ? "\u207b" : "";
    for (const char c : std::to_string(std::abs(number)))
        s += digits[static_cast<std::size_t>(c - '0')];
    return s;
}

struct Step
{
    double size;
    int exponent;  ///< of the power of ten
    double factor; ///< 1, 2, 2.5, 5
};

Step niceStep(double range, int wanted)
{
    const double rough = range / std::max(1, wanted);
    const int exponent = static_cast<int>(std::floor(std::log10(rough)));
    const double base = std::pow(10.0, exponent);
    for (const double f : {1.0, 2.0, 2.5, 5.0})
        if (f * base >= rough * 0.8)
            return {f * base, exponent, f};
    return {10 * base, exponent + 1, 1};
}

/// Labels of equally written numbers: all with the same decimals, or all as mantissa and power of ten when very large or small.
std::vector<std::string> labelsFor(const std::vector<double> &values, const Step &step)
{
    std::vector<std::string> labels;
    double largest = 0;
    for (const double v : values)
        largest = std::max(largest, std::abs(v));
    const int decimals = std::max(0, -step.exponent + (step.factor == 2.5 ? 1 : 0));
    if (largest < 1e6 && (decimals <= 4 || largest >= 1e-3)) {
        for (const double v : values)
            labels.push_back(formatNumber(v, decimals));
        return labels;
    }
    const int power = static_cast<int>(std::floor(std::log10(largest)));
    const int digits = std::max(0, power - step.exponent + (step.factor == 2.5 ? 1 : 0));
    for (const double v : values) {
        if (v == 0)
            labels.emplace_back("0");
        else
            labels.push_back(formatNumber(v / std::pow(10.0, power), digits) + "\u00d7" + powerOfTen(power));
    }
    return labels;
}

} // namespace

std::string powerOfTen(int exponent)
{
    return "10" + superscript(exponent);
}

std::string formatNumber(double value, int decimals)
{
    if (std::isnan(value))
        return "n/a";
    if (std::isinf(value))
        return std::string(value < 0 ? minusSign : "") + "\u221e";
    std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
    const bool zero = digits.find_first_not_of("0.") == std::string::npos;
    auto point = digits.find('.');
    if (point == std::string::npos)
        point = digits.size();
    if (point >= 5)
        for (auto i = point; i > 3; i -= 3)
            digits.insert(i - 3, thinSpace);
    if (digits.rfind(thinSpace, 0) == 0)
        digits.erase(0, std::char_traits<char>::length(thinSpace));
    return (value < 0 && !zero ? minusSign : "") + digits;
}

std::string formatShort(double value, int digits)
{
    if (!std::isfinite(value) || value == 0)
        return formatNumber(value, 0);
    const int power = static_cast<int>(std::floor(std::log10(std::abs(value))));
    const auto trimmed = [](std::string s) {
        if (s.find('.') != std::string::npos) {
            s.erase(s.find_last_not_of('0') + 1);
            if (s.back() == '.')
                s.pop_back();
        }
        return s;
    };
    if (power >= 6 || power < -4)
        return trimmed(formatNumber(value / std::pow(10.0, power), digits - 1)) + "\u00d7" + powerOfTen(power);
    return trimmed(formatNumber(value, std::clamp(digits - 1 - power, 0, 12)));
}

Ticks linearTicks(double low, double high, int wanted, bool whole)
{
    Ticks ticks;
    if (!(low < high) || !std::isfinite(high - low))
        return ticks;
    // Two numbers next to one another: counting in steps between them would never arrive.
    if (high - low < 1e-12 * std::max(std::abs(low), std::abs(high))) {
        ticks.major = {low};
        ticks.labels = {formatShort(low)};
        return ticks;
    }
    Step step = niceStep(high - low, wanted);
    const auto count = [&](const Step &s) { return std::floor(high / s.size + 1e-9) - std::ceil(low / s.size - 1e-9) + 1; };
    if (count(step) < 2 && wanted < 12) // a range that holds one multiple only
        step = niceStep(high - low, std::max(2, 2 * wanted));
    if (whole && step.size != std::floor(step.size))
        step = step.size < 1 ? Step{1, 0, 1} : Step{5 * std::pow(10.0, step.exponent), step.exponent, 5}; // 2.5 -> 5
    const double first = std::ceil(low / step.size - 1e-9), last = std::floor(high / step.size + 1e-9);
    for (double k = first; k <= last; ++k)
        ticks.major.push_back(k * step.size + 0.0);
    ticks.labels = labelsFor(ticks.major, step);
    const int parts = step.factor == 2 ? 4 : 5;
    const double minor = step.size / parts;
    if (whole && minor != std::floor(minor))
        return ticks;
    for (double k = std::ceil(low / minor - 1e-9); k <= std::floor(high / minor + 1e-9); ++k)
        if (std::fmod(k, parts) != 0)
            ticks.minor.push_back(k * minor);
    return ticks;
}

Ticks logTicks(double low, double high, int wanted)
{
    Ticks ticks;
    if (!(low < high) || !std::isfinite(high - low))
        return ticks;
    constexpr double eps = 1e-9;
    if (high - low < 0.5) { // round values, as on a linear axis
        const Ticks linear = linearTicks(std::pow(10.0, low), std::pow(10.0, high), wanted);
        for (std::size_t i = 0; i < linear.major.size(); ++i) {
            ticks.major.push_back(std::log10(linear.major[i]));
            ticks.labels.push_back(linear.labels[i]);
        }
        for (const double m : linear.minor)
            ticks.minor.push_back(std::log10(m));
        return ticks;
    }
    const int first = static_cast<int>(std::ceil(low - eps)), last = static_cast<int>(std::floor(high + eps));
    const int decades = last - first + 1;
    const bool detailed = high - low < 2;
    // Plain numbers read better than powers while they are short.
    const bool plain = low >= -3 - eps && high <= 4 + eps;
    const auto label = [&](double value, int exponent, int factor) {
        if (plain)
            return formatNumber(value, std::max(0, -exponent));
        return (factor == 1 ? std::string() : std::to_string(factor) + "\u00d7") + powerOfTen(exponent);
    };
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / std::max(2.0, double(wanted)))));
    for (int e = static_cast<int>(std::floor(low)); e <= static_cast<int>(std::floor(high)); ++e)
        for (int f = 1; f <= 9; ++f) {
            const double at = e + std::log10(f);
            if (at < low - eps || at > high + eps)
                continue;
            const bool major = f == 1 ? (e - first) % stride == 0 : detailed && (f == 2 || f == 5);
            if (major) {
                ticks.major.push_back(at);
                ticks.labels.push_back(label(f * std::pow(10.0, e), e, f));
            } else if (stride == 1 || f == 1) {
                ticks.minor.push_back(at);
            }
        }
    return ticks;
}

} // namespace reticle
