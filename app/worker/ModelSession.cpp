#include "ModelSession.h"

#include "Params.h"
#include "base/Frame.h"
#include "base/Project.h"

namespace reticle {

Predictor &ModelSession::predictor(const std::string &flips, const std::string &inputRange)
{
    if (m_folder.empty())
        throw Error({"predict-region", "an open model", "none", "ask for open-model first"});
    if (!m_predictor || flips != m_flips || inputRange != m_inputRange) {
        const auto options =
            PredictOptions::schema().read(Json{{"flips", flips}, {"input-range", inputRange}}, "predict-region");
        m_predictor = std::make_unique<Predictor>(m_folder, options);
        m_flips = flips;
        m_inputRange = inputRange;
    }
    return *m_predictor;
}

Json ModelSession::open(const Json &params)
{
    const Params in(params, "open-model");
    const std::string folder = in.text("project");
    const std::int64_t number = in.whole("run");
    const Project project = Project::open(folder);
    const RunInfo run = project.run(number);
    m_predictor.reset();
    m_folder = project.runFolder(run.id);
    try {
        const Predictor &p = predictor(PredictOptions{}.flips, PredictOptions{}.inputRange);
        const Json metadata = p.metadata();
        Json result;
        result["classes"] = p.classes();
        result["class-names"] = p.classNames();
        result["channels"] = p.channels();
        result["target"] = p.reconstructs() ? "image" : "labels";
        result["scale"] = metadata.contains("scaling") ? metadata["scaling"] : Json();
        result["labels"] = metadata.contains("labels") ? metadata["labels"] : Json();
        return result;
    } catch (...) {
        m_folder.clear();
        throw;
    }
}

std::shared_ptr<ImageSource> ModelSession::source(const std::string &path)
{
    std::error_code code;
    const auto modified = std::filesystem::last_write_time(path, code);
    for (auto it = m_sources.begin(); it != m_sources.end(); ++it)
        if (it->path == path && it->modified == modified) {
            const OpenSource found = *it;
            m_sources.erase(it);
            m_sources.push_front(found);
            return found.source;
        }
    auto opened = openImage(path);
    m_sources.push_front({path, modified, opened});
    if (m_sources.size() > 4)
        m_sources.pop_back();
    return opened;
}

Json ModelSession::predictRegion(const Json &params, const std::function<bool(double)> &goOn)
{
    const Params in(params, "predict-region");
    const std::string input = in.text("input");
    Predictor &p = predictor(in.text("flips", PredictOptions{}.flips), in.text("input-range", PredictOptions{}.inputRange));
    const auto image = source(input);
    const ImageInfo &info = image->info();
    const auto page = in.within("page", 0, info.pages - 1, 0);
    const auto y = in.within("y", 0, info.height - 1), x = in.within("x", 0, info.width - 1);
    const auto height = in.within("height", 1, info.height - y), width = in.within("width", 1, info.width - x);
    const double bytes = 4.0 * static_cast<double>(height) * static_cast<double>(width) *
                         static_cast<double>(p.reconstructs() ? p.channels() : p.classes());
    if (bytes > 0.9 * maxFrameBytes)
        throw Error(Error::Kind::Input, "predict-region",
                    "The prediction of " + std::to_string(width) + " x " + std::to_string(height) +
                        " px is too large to be sent. Choose a smaller region.");
    const auto before = p.notes().size();
    Json result{{"probability", p.predictRegion(*image, page, y, x, height, width, goOn).toJson()}};
    if (p.notes().size() > before)
        result["note"] = p.notes().back();
    if (const auto scale = p.scaleOf(*image); !scale.same())
        result["input-scale"] = {{"factor", scale.factor}, {"offset", scale.offset}};
    return result;
}

} // namespace reticle
