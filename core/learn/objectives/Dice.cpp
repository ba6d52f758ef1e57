#include "learn/objectives/Losses_p.h"
#include "protocol/Capabilities.h"

namespace reticle {

namespace {

struct MaskDiceOptions : DiceOptions
{
    static const Schema<MaskDiceOptions> &schema()
    {
        static const auto s = [] {
            Schema<MaskDiceOptions> s("dice", "Soft Dice",
                                      "1 - (2 \u03a3 p y + s) / (\u03a3 p + \u03a3 y + s) of the foreground (Milletari 2016).");
            addDiceFields(s);
            return s;
        }();
        return s;
    }
};

class Dice : public MapObjective
{
public:
    explicit Dice(DiceOptions options) : m_options(std::move(options)) {}

    std::int64_t outputs(std::int64_t) const override { return 1; }
    /// Pixel weights have no meaning for an overlap and are passed over.
    torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &) const override
    {
        return softDice(torch::sigmoid(maskLogits(logits)) * seen(target), foreground(target), m_options.smooth,
                        m_options.over == "image");
    }

private:
    DiceOptions m_options;
};

const ProvidesCapability diceClasses("objective", "dice", "classes");
const Registration<ObjectiveFactory> diceRegistration(MaskDiceOptions::schema().info(), [](const Json &json,
                                                                                           const std::vector<std::int64_t> &) {
    return std::make_shared<Dice>(MaskDiceOptions::schema().read(json, "objective"));
});

} // namespace

} // namespace reticle
