#include "WorkerModelSession.h"

#include "foundation/Params.h"
#include "project/Project.h"

namespace reticle {

ImagePredictor &WorkerModelSession::predictor(const Json &options, const std::string &who)
{
    if (m_folder.empty())
        throw Error({who, "an open model", "none", "ask for open-model first"});
    const auto schema = PredictOptions::schema();
    const Json valid = schema.info().validate(options, who);
    if (!m_predictor || valid != m_options) {
        m_predictor = std::make_unique<ImagePredictor>(m_folder, schema.read(valid, who));
        m_options = valid;
    }
    return *m_predictor;
}

Json WorkerModelSession::open(const Json &params)
{
    const Params in(params, "open-model");
    const std::string folder = in.text("project");
    const std::int64_t number = in.whole("run");
    const Project project = Project::open(folder);
    const RunInfo run = project.run(number);
    m_predictor.reset();
    m_folder = project.runFolder(run.id);
    try {
        const ImagePredictor &p = predictor(Json::object(), "open-model");
        const Json metadata = p.metadata();
        Json result;
        result["classes"] = p.classes();
        result["class-names"] = p.classNames();
        result["channels"] = p.channels();
        result["output"] = p.pixels() == PixelOutput::Values ? "values" : "classes";
        result["scale"] = metadata.contains("scaling") ? metadata["scaling"] : Json();
        result["labels"] = metadata.contains("labels") ? metadata["labels"] : Json();
        return result;
    } catch (...) {
        m_folder.clear();
        throw;
    }
}

std::shared_ptr<ImageSource> WorkerModelSession::image(const std::string &path)
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

} // namespace reticle
