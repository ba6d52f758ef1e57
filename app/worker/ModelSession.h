#pragma once

#include "base/ImageSource.h"
#include "learn/Inference.h"

#include <deque>

namespace reticle {

/// One trained model kept warm, with the pictures last asked about. One thread.
class ModelSession
{
public:
    /// Parameters and answers as base/Protocol.h has them. Throws Error.
    Json open(const Json &params);
    /// Throws Error; Kind::Cancelled when `goOn` says no.
    Json predictRegion(const Json &params, const std::function<bool(double)> &goOn);

private:
    Predictor &predictor(const std::string &flips, const std::string &inputRange);
    std::shared_ptr<ImageSource> source(const std::string &path);

    std::filesystem::path m_folder;
    std::string m_flips, m_inputRange; ///< of the predictor at hand
    std::unique_ptr<Predictor> m_predictor;
    struct OpenSource
    {
        std::string path;
        std::filesystem::file_time_type modified;
        std::shared_ptr<ImageSource> source;
    };
    std::deque<OpenSource> m_sources; ///< newest first
};

} // namespace reticle
