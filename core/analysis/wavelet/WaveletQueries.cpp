#include "analysis/LiveQuery.h"
#include "analysis/wavelet/WaveletPreview.h"
#include "analysis/wavelet/WaveletSpectrum.h"

// One image by its levels of detail, as a page shows them, and what a page saves of it. Both work on the same sets of
// images, which are read and decomposed once a session.

namespace reticle {

namespace {

struct LevelPlace
{
    std::int64_t image = 0, level = WaveletPreview::image;
};

/// Fields of the analysis with those of the question.
SchemaInfo with(Schema<LevelPlace> question)
{
    SchemaInfo schema = question.info();
    const auto own = std::move(schema.fields);
    schema.fields = WaveletSpectrumOptions::schema().info().fields;
    schema.fields.insert(schema.fields.end(), own.begin(), own.end());
    return schema;
}

Schema<LevelPlace> &addImage(Schema<LevelPlace> &s)
{
    return s.field(&LevelPlace::image, {.name = "image", .help = "Number of the image among those of the sets, counted from 0"});
}

SchemaInfo waveletsSchema()
{
    Schema<LevelPlace> s(
        "wavelets", "Levels of detail of an image",
        "The settings are those of the analysis \"wavelet-spectrum\", for one image of each set. The answer holds "
        "\"names\" of the sets, \"levels\" from the coarsest to \"1\", \"images\", how many can be chosen, "
        "\"pictures\", an array (H, W) float32 or (H, W, 3) uint8 of each of the first four sets, their range "
        "\"black\" to \"white\", whether they are \"diverging\" about 0, \"pixel-size\" in nm, \"bands\" of all "
        "coefficients, \"left-out\" by the settings (\"A\", [H, V, D] of each level, \"text\"), \"figure\" and "
        "\"notes\".");
    addImage(s).field(&LevelPlace::level,
                      {.name = "level",
                       .help = "What is shown: 0 = the approximation, 1 and up = a level, -1 = the image, -2 = all "
                               "coefficients, -3 = the image without what the settings leave out, -4 = that",
                       .min = WaveletPreview::residual});
    return with(std::move(s));
}

SchemaInfo saveSchema()
{
    Schema<LevelPlace> s(
        "save-wavelets", "Save an image without some of its detail",
        "Writes one image, rebuilt without what the settings leave out, to the file \"output\". The settings are "
        "those of the analysis \"wavelet-spectrum\"; the answer is empty.");
    addImage(s);
    return with(std::move(s));
}

Json optionsOf(const LiveParams &params)
{
    return params.options(WaveletSpectrumOptions::schema().info());
}

class Wavelets : public LiveQuery
{
public:
    Json ask(const LiveParams &params, OpenModel &model, const StillWanted &) override
    {
        const Json &settings = params.settings();
        return model.kept<WaveletPreviews>()
            .show(optionsOf(params), settings["image"].get<std::int64_t>(), settings["level"].get<std::int64_t>())
            .toJson();
    }
};

class SaveWavelets : public LiveQuery
{
public:
    Json ask(const LiveParams &params, OpenModel &model, const StillWanted &) override
    {
        model.kept<WaveletPreviews>().save(optionsOf(params), params.settings()["image"].get<std::int64_t>());
        return Json::object();
    }
};

const Registration<LiveQueryFactory> waveletQueriesWavelets(waveletsSchema(), [] { return std::make_unique<Wavelets>(); });
const Registration<LiveQueryFactory> waveletQueriesSave(saveSchema(), [] { return std::make_unique<SaveWavelets>(); });

} // namespace

} // namespace reticle
