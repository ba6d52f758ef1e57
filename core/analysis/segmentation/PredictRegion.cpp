#include "analysis/LiveQuery.h"
#include "learn/prediction/ImagePredictor.h"
#include "protocol/Frame.h"

#include <fmt/format.h>

// What the open model makes of a part of an image: the part that a page shows.

namespace reticle {

namespace {

struct RegionQuestion
{
    std::string input;
    std::int64_t page = 0, y = 0, x = 0, height = 0, width = 0;
    std::string flips = PredictOptions{}.flips, inputRange = PredictOptions{}.inputRange;

    static SchemaInfo schema()
    {
        using R = RegionQuestion;
        // Those of the prediction are its own.
        const SchemaInfo predict = PredictOptions::schema().info();
        const auto &flips = *predict.find("flips"), &range = *predict.find("input-range");
        Schema<R> s("predict-region", "Prediction of a region",
                    "Asks the model that \"open-model\" has opened. The answer holds \"probability\", an array (K, H, W) "
                    "float32 of K classes or, of an autoencoder, the K channels of its image; once \"note\", what was "
                    "assumed of the image's numbers; and \"input-scale\" with \"factor\" and \"offset\" from its numbers to "
                    "those of the training images, where they are not the same.");
        s.field(&R::input, {.name = "input", .help = "Image or stack; it must be given", .path = true})
            .field(&R::page, {.name = "page", .help = "Page of the stack, counted from 0", .min = 0})
            .field(&R::y, {.name = "y", .help = "First row", .unit = "px", .min = 0})
            .field(&R::x, {.name = "x", .help = "First column", .unit = "px", .min = 0})
            .field(&R::height, {.name = "height", .help = "Rows; 0 = to the last", .unit = "px", .min = 0})
            .field(&R::width, {.name = "width", .help = "Columns; 0 = to the last", .unit = "px", .min = 0})
            .field(&R::flips, {.name = flips.name, .help = flips.help, .choices = flips.choices})
            .field(&R::inputRange, {.name = range.name, .help = range.help});
        return s.info();
    }
};

class PredictRegion : public LiveQuery
{
public:
    Json ask(const LiveParams &params, OpenModel &model, const StillWanted &stillWanted) override
    {
        const Json &settings = params.settings();
        const Params in(settings, "predict-region");
        const std::string input = in.text("input");
        if (input.empty())
            throw Error({"predict-region: input", "an image", "none", {}});
        ImagePredictor &p =
            model.predictor({{"flips", settings["flips"]}, {"input-range", settings["input-range"]}}, "predict-region");
        const auto image = model.image(input);
        const ImageInfo &info = image->info();
        const auto page = in.within("page", 0, info.pages - 1);
        const auto y = in.within("y", 0, info.height - 1), x = in.within("x", 0, info.width - 1);
        auto height = in.within("height", 0, info.height - y), width = in.within("width", 0, info.width - x);
        height = height == 0 ? info.height - y : height;
        width = width == 0 ? info.width - x : width;
        const double bytes = 4.0 * static_cast<double>(height) * static_cast<double>(width) *
                             static_cast<double>(p.pixels() == PixelOutput::Values ? p.channels() : p.classes());
        if (bytes > 0.9 * maxFrameBytes)
            throw Error(
                Error::Kind::Input, "predict-region",
                fmt::format("The prediction of {} x {} px is too large to be sent. Choose a smaller region.", width, height));
        const auto before = p.notes().size();
        const auto goOn = [&stillWanted](double) { return stillWanted(); };
        Json result{{"probability", p.predictRegion(*image, page, y, x, height, width, goOn).toJson()}};
        if (p.notes().size() > before)
            result["note"] = p.notes().back();
        if (const auto scale = p.scaleOf(*image); !scale.same())
            result["input-scale"] = {{"factor", scale.factor}, {"offset", scale.offset}};
        return result;
    }
};

const Registration<LiveQueryFactory> predictRegionRegistration(RegionQuestion::schema(),
                                                               [] { return std::make_unique<PredictRegion>(); });

} // namespace

} // namespace reticle
