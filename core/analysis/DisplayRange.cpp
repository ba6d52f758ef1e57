#include "analysis/DisplayRange.h"

#include <algorithm>
#include <cmath>

namespace reticle {

double quantile(std::vector<double> v, double share)
{
    const auto at = v.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(v.size() - 1));
    std::nth_element(v.begin(), at, v.end());
    return *at;
}

std::pair<double, double> grayRange(const Array &image)
{
    std::vector<double> v;
    for (std::int64_t i = 0; i < image.size(); ++i)
        v.push_back(image.value(i));
    const double black = quantile(v, 0.0035), white = quantile(std::move(v), 0.9965);
    return {black, white > black ? white : black + 1};
}

double detailLimit(std::vector<double> sizes, double nothing)
{
    const double maximum = *std::ranges::max_element(sizes);
    if (maximum <= nothing)
        return 0;
    const double limit = quantile(std::move(sizes), 0.995);
    return limit > nothing ? limit : maximum;
}

double detailLimit(const Array &details, double nothing)
{
    std::vector<double> sizes;
    for (std::int64_t i = 0; i < details.size(); ++i)
        sizes.push_back(std::abs(details.value(i)));
    return detailLimit(std::move(sizes), nothing);
}

} // namespace reticle
