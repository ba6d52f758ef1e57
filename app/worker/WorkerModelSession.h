#pragma once

#include "analysis/LiveQuery.h"
#include "learn/prediction/ImagePredictor.h"

#include <deque>
#include <filesystem>

namespace reticle {

/// One trained model kept ready, with the images last asked about. One thread.
class WorkerModelSession : public OpenModel
{
public:
    /// "open-model": parameters and answer as protocol/Protocol.h has them. Throws Error.
    Json open(const Json &params);

    ImagePredictor &predictor(const Json &options, const std::string &who) override;
    std::shared_ptr<ImageSource> image(const std::string &path) override;

private:
    std::filesystem::path m_folder; ///< of the run; empty = no model is open
    Json m_options;                 ///< of the predictor at hand
    std::unique_ptr<ImagePredictor> m_predictor;
    struct OpenSource
    {
        std::string path;
        std::filesystem::file_time_type modified;
        std::shared_ptr<ImageSource> source;
    };
    std::deque<OpenSource> m_sources; ///< newest first
};

} // namespace reticle
