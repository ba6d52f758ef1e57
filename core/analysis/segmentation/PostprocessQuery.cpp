#include "analysis/LiveQuery.h"
#include "analysis/segmentation/PostprocessAnalysis.h"

#include <optional>

// A prediction cleaned up as the settings say, with its scores before and after, while they are changed.

namespace reticle {

namespace {

class PostprocessQuery : public LiveQuery
{
public:
    Json ask(const LiveParams &params, OpenModel &, const StillWanted &) override
    {
        const Json options = params.options(postprocessPreviewSchema());
        const Array prediction = Array::fromJson(params.object("probability"));
        std::optional<Array> truth;
        if (params.has("truth"))
            truth = Array::fromJson(params.object("truth"));
        const auto preview = previewPostprocess(prediction, truth ? &*truth : nullptr, options);
        return Json{
            {"labels", preview.labels.toJson()}, {"before", preview.before}, {"after", preview.after}, {"steps", preview.steps}};
    }
};

const Registration<LiveQueryFactory> postprocessQueryRegistration(postprocessPreviewSchema(),
                                                                  [] { return std::make_unique<PostprocessQuery>(); });

} // namespace

} // namespace reticle
