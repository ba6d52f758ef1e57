#include "learn/tasks/BlankImages_p.h"

#include "learn/tasks/Validation_p.h"

namespace reticle {

namespace {

class PixelLoss : public Objective
{
public:
    std::string task() const override { return "segmentation"; }
    Loss measure(const Tensors &outputs, const Tensors &batch) const override
    {
        const Json section{{"name", outputs.at("output").size(1) == 1 ? "bce" : "cross-entropy"}};
        return makeObjective(section, {})->measure(outputs, batch);
    }
};

} // namespace

Tensors blankImages(const Objective &objective, const PassShape &shape, std::int64_t planes)
{
    const std::vector<std::int64_t> pixels{shape.batch, shape.height, shape.width};
    const auto *maps = dynamic_cast<const MapObjective *>(&objective);
    Tensors batch{{"image", torch::zeros({shape.batch, shape.channels, shape.height, shape.width})}};
    batch["target"] = maps && maps->reconstructs() ? middleSlice(batch.at("image"), planes) : torch::zeros(pixels, torch::kLong);
    if (maps && maps->wantsBorderMap())
        batch["weights"] = torch::zeros(pixels);
    return batch;
}

std::shared_ptr<Objective> pixelLoss()
{
    return std::make_shared<PixelLoss>();
}

} // namespace reticle
