#include "learn/memory/TrainingMemory_p.h"

#include "foundation/Error.h"
#include "foundation/FreeMemory.h"
#include "learn/memory/PassTooLarge_p.h"
#include "learn/tasks/Validation_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

std::int64_t rounded(double bytes)
{
    return static_cast<std::int64_t>(std::min(std::max(bytes, 0.0), 9e18));
}

std::int64_t cropBytes(const TrainingPlan &plan, const PassShape &s)
{
    const double each = 4.0 * static_cast<double>(s.channels) + 1 + (plan.border ? 4 : 0);
    return rounded(each * static_cast<double>(s.batch) * static_cast<double>(s.height) * static_cast<double>(s.width));
}

/// A forecast for any batch and crop, from the passes of one.
class Forecast
{
public:
    Forecast(ImageModule &module, const TrainingPlan &plan)
        : m_plan(plan), m_use(estimateStep(module, plan.crops, plan.settings, freeMemory() / 4, plan.batch).use)
    {
        if (!plan.proves)
            return;
        auto exact = plan.settings;
        exact.half = false;
        auto shape = plan.crops;
        shape.batch = std::max<std::int64_t>(1, shape.batch / 2);
        m_proof = estimateStep(module, shape, exact, freeMemory() / 4, plan.batch).use.totalTraining();
    }

    TrainingMemory of(const PassShape &s, std::int64_t tile, std::int64_t ahead) const
    {
        TrainingMemory m;
        const auto resident = m_use.weights + m_use.statistics + m_use.objective;
        m.libraries = trainingLibraries;
        const auto slice = static_cast<double>(m_plan.slice), channels = static_cast<double>(s.channels);
        m.data = m_plan.data + rounded(slice * (4 * channels + 8));
        m.crops = (ahead + 2) * cropBytes(m_plan, s);
        // Pixels are in proportion to the crops measured.
        const double part =
            static_cast<double>(s.height * s.width) / static_cast<double>(m_plan.crops.height * m_plan.crops.width);
        const auto fixed = static_cast<double>(m_use.fixed());
        const auto scaled = [&](std::int64_t bytes) {
            return rounded(fixed + std::max(0.0, static_cast<double>(bytes) - fixed) * part);
        };
        const double share = static_cast<double>(s.batch) / static_cast<double>(m_plan.crops.batch);
        m.step =
            std::max(scaled(m_use.trainingOf(s.batch)), scaled(rounded(static_cast<double>(m_proof) * std::min(1.0, share)))) -
            resident;
        if (m_plan.validates) {
            const double measured = static_cast<double>(m_plan.crops.batch * m_plan.crops.height * m_plan.crops.width);
            const double whole = tile > 0 ? std::min(slice, static_cast<double>(tile * tile))
                                 : slice <= static_cast<double>(largestWholeSlice)
                                     ? slice
                                     : static_cast<double>(validationTile * validationTile);
            const double pass = static_cast<double>(m_use.prediction + m_use.input) / measured * whole;
            // Input, logits and their mean, targets, the border map and what is counted of them.
            const double arrays = slice * (8 * channels + 12 * static_cast<double>(m_plan.outputs) + 28);
            m.validation = m_use.withSlack(rounded(fixed + pass + arrays)) - resident;
        }
        m.checkpoint = std::max<std::int64_t>(0, m_use.checkpointing() - resident);
        return m;
    }

private:
    const TrainingPlan &m_plan;
    MemoryUse m_use;
    std::int64_t m_proof = 0;
};

} // namespace

TrainingMemory trainingMemory(ImageModule &module, const TrainingPlan &plan)
{
    return Forecast(module, plan).of(plan.crops, plan.tile, plan.ahead);
}

TrainingPlan planWithin(ImageModule &module, TrainingPlan plan, std::int64_t free, std::string &note)
{
    const auto allowed = free > std::int64_t(1) << 60 ? free : free + free / 20;
    // One pass tells where there is so much memory that nothing need be measured.
    const auto arrays = static_cast<double>(plan.data) +
                        static_cast<double>(plan.slice) * static_cast<double>(20 * plan.crops.channels + 12 * plan.outputs + 64) +
                        static_cast<double>(6 * cropBytes(plan, plan.crops));
    auto validated = plan.crops;
    validated.batch = 1;
    validated.height = validated.width =
        static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(std::min(plan.slice, largestWholeSlice)))));
    const auto rough = std::max(roughStep(module, plan.crops, plan.settings, plan.batch),
                                plan.validates && plan.slice > 0 ? roughStep(module, validated, plan.settings, plan.batch) : 0.0);
    if (rough + arrays + static_cast<double>(trainingLibraries) < static_cast<double>(free) / 2)
        return plan;

    const auto forecast = [&] {
        try {
            return Forecast(module, plan);
        } catch (const PassTooLarge &) { // a pass of a few pixels takes a quarter of what is free
            throw Error(Error::Kind::Failed, "memory",
                        fmt::format("This training needs more than the {} that are free. Choose a model with fewer or narrower "
                                    "layers or fewer halvings of the resolution, or raise the memory limit.",
                                    memoryText(free)));
        }
    }();
    const auto need = [&](const PassShape &s, std::int64_t tile, std::int64_t ahead) {
        return forecast.of(s, tile, ahead).total();
    };
    const auto asked = need(plan.crops, plan.tile, plan.ahead);
    if (asked <= allowed)
        return plan;
    std::vector<std::int64_t> tiles{plan.tile};
    for (const std::int64_t tile : {512, 256, 128, 64})
        if (plan.validates && (plan.tile == 0 || tile < plan.tile) && plan.slice > tile * tile &&
            (!module.strictSize || tile % module.multiple() == 0))
            tiles.push_back(tile);
    for (const auto tile : tiles)
        if (need(plan.crops, tile, 1) <= allowed) {
            plan.ahead = 1;
            if (tile != plan.tile)
                note = fmt::format("Memory is short ({} free): validation predicts tiles of {} px. Scores may differ in the last "
                                   "digits from those of whole slices.",
                                   memoryText(free), tile);
            plan.tile = tile;
            return plan;
        }

    // What is offered is asked for again when it is chosen, and forecast from passes of its own then: so it is here.
    const auto tile = tiles.back();
    const auto ownNeed = [&](const PassShape &s) {
        auto offered = plan;
        offered.crops = s;
        try {
            return Forecast(module, offered).of(s, tile, 1).total();
        } catch (const PassTooLarge &) {
            return std::numeric_limits<std::int64_t>::max();
        }
    };
    // The passes of what was asked for tell which are not worth passes of their own.
    const auto fits = [&](const PassShape &s) { return need(s, tile, 1) <= free && ownNeed(s) <= free; };
    std::string offers;
    const auto offer = [&](const std::string &what, const PassShape &s) {
        offers += fmt::format("{} {} (needs about {})", offers.empty() ? "Set" : " or set", what, memoryText(ownNeed(s)));
    };
    auto fewer = plan.crops;
    for (fewer.batch = plan.crops.batch - 1; fewer.batch > 0 && !fits(fewer);)
        --fewer.batch;
    if (fewer.batch > 0)
        offer(fmt::format("train.batch to {}", fewer.batch), fewer);
    const auto grid = std::max<std::int64_t>(32, module.multiple());
    const auto smallerCrop = [&](PassShape s) {
        for (s.height = (plan.crops.height - 1) / grid * grid; s.height > 0; s.height -= grid) {
            s.width = s.height;
            if (fits(s))
                break;
        }
        return s;
    };
    auto smaller = smallerCrop(plan.crops);
    if (smaller.height > 0)
        offer(fmt::format("train.crop to {}", smaller.height), smaller);
    auto minimum = plan.crops;
    minimum.batch = 1;
    if (offers.empty() && plan.crops.batch > 1) {
        smaller = smallerCrop(minimum);
        if (smaller.height > 0)
            offer(fmt::format("train.batch to 1 and train.crop to {}", smaller.height), smaller);
    }
    if (offers.empty()) {
        minimum.height = minimum.width = std::min(plan.crops.height, grid);
        const bool isSmaller = minimum.batch < plan.crops.batch || minimum.height < plan.crops.height;
        const auto its = ownNeed(minimum);
        if (isSmaller && its <= free) {
            offer(fmt::format("train.batch to 1 and train.crop to {}", minimum.height), minimum);
        } else {
            if (isSmaller && its < std::numeric_limits<std::int64_t>::max())
                offers = fmt::format("No smaller batch or crop fits: one crop of {} px needs about {}. ", minimum.height,
                                     memoryText(its));
            offers += "Choose a model with fewer weights, smaller images or a smaller data.context, or raise the memory limit";
        }
    }
    throw Error(Error::Kind::Failed, "memory",
                fmt::format("This training needs about {}, and {} are free. {}.", memoryText(asked), memoryText(free), offers));
}

} // namespace reticle
