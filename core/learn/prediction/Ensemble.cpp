#include "learn/prediction/Ensemble.h"

#include "files/LabelValues.h"
#include "imaging/Scaling.h"
#include "learn/Objective_p.h"
#include "learn/prediction/Ensemble_p.h"
#include "learn/prediction/Predictor.h"
#include "project/ModelFiles.h"

#include <numeric>

namespace reticle {

namespace {

constexpr const char *membersKey = "members"; // of a description: [{"run", "model", "scale", "shift"}, ...]

class Ensemble : public ImageModule
{
public:
    Ensemble(const Json &members, bool images, ModuleShape shape) : m_images(images)
    {
        for (const auto &member : members) {
            const auto name = "members_" + std::to_string(m_members.size());
            m_members.push_back({register_module(name, makeModule(member.at("model"), shape)), member.at("scale").get<double>(),
                                 member.at("shift").get<double>()});
            m_multiple = std::lcm(m_multiple, m_members.back().module->multiple());
        }
    }
    std::int64_t multiple() const override { return m_multiple; }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        torch::Tensor sum;
        for (const auto &member : m_members) {
            const bool same = member.scale == 1 && member.shift == 0;
            const auto z = member.module->forward(same ? x : x.to(torch::kFloat) * member.scale + member.shift);
            const auto one = m_images ? z : z.size(1) == 1 ? torch::sigmoid(z) : torch::softmax(z, 1);
            sum = sum.defined() ? sum + one : one;
        }
        const auto mean = sum / static_cast<double>(m_members.size());
        if (m_images)
            return mean;
        // What sigmoid or softmax makes the mean of again. Members that are all certain to the last digit of float32 leave
        // no logit.
        const auto p = mean.clamp(1e-7, 1 - 1e-7);
        return p.size(1) == 1 ? torch::log(p) - torch::log1p(-p) : torch::log(p);
    }

private:
    struct Member
    {
        std::shared_ptr<ImageModule> module;
        double scale, shift; ///< of the numbers that the first one sees
    };
    std::vector<Member> m_members;
    bool m_images;
    std::int64_t m_multiple = 1;
};

/// What members must have in common.
Json common(const Json &description)
{
    Json c = Json::object();
    for (const char *key : {"channels", "outputs", "classes", "classNames", "labels"})
        c[key] = description.value(key, Json());
    c["task"] = taskOf(description);
    const Json recipe = description.value("recipe", Json::object());
    c["context"] = recipe.value("data", Json::object()).value("context", std::int64_t(0));
    return c;
}

} // namespace

std::shared_ptr<ImageModule> moduleOf(const Json &description, ModuleShape shape)
{
    if (!description.contains(membersKey))
        return makeModule(description.at("recipe").at("model"), shape);
    const Json &members = description.at(membersKey);
    if (!members.is_array() || members.empty())
        throw Error({"members", "the members of an ensemble", "something else", "make the ensemble again"});
    return std::make_shared<Ensemble>(members, pixelOutputOf(description) == PixelOutput::Values, shape);
}

std::shared_ptr<Module> anyModuleOf(const Json &description, ModuleShape shape)
{
    if (description.contains(membersKey))
        return moduleOf(description, shape);
    return makeAnyModule(description.at("recipe").at("model"), shape);
}

std::vector<std::int64_t> ensembleMembers(const RunInfo &run)
{
    const Json members = run.summary.is_object() ? run.summary.value(membersKey, Json()) : Json();
    return members.is_array() ? members.get<std::vector<std::int64_t>>() : std::vector<std::int64_t>();
}

RunInfo makeEnsemble(Project &project, const std::vector<std::int64_t> &runs, const std::string &title)
{
    if (runs.size() < 2)
        throw Error({"ensemble", "two runs or more", std::to_string(runs.size()), {}});
    std::vector<TrainedModel> models;
    std::vector<TensorView> views;
    Json description, members = Json::array();
    Scaling first;
    std::int64_t weights = 0;
    for (const auto id : runs) {
        models.push_back(readModel(project.runFolder(id)));
        const Json &info = models.back().file.info;
        const auto where = "run " + std::to_string(id);
        try {
            if (info.contains(membersKey))
                throw Error({where, "a run that was trained", "an ensemble", "choose its members"});
            if (pixelOutputOf(info) == PixelOutput::None)
                throw Error({where, "a run whose model makes an image", "one of the task " + taskOf(info),
                             "choose runs that segment images, or autoencoders"});
            const auto scaling = Scaling::fromJson(info.at("scaling"));
            if (members.empty()) {
                description = info;
                first = scaling;
            } else {
                const Json mine = common(info), theirs = common(description);
                for (const auto &[key, value] : mine.items())
                    if (value != theirs.at(key))
                        throw Error({where, key + " as in run " + std::to_string(runs.front()), value.dump(),
                                     "put together runs of one kind of data"});
            }
            // v = x / f0 + o0, and the member sees (v - o) f.
            members.push_back({{"run", id},
                               {"model", info.at("recipe").at("model")},
                               {"scale", scaling.factor / first.factor},
                               {"shift", (first.offset - scaling.offset) * scaling.factor}});
            if (info.value("precision", std::string()) == "float32")
                description["precision"] = "float32";
            weights += info.value("weights", std::int64_t(0));
        } catch (const Json::exception &) {
            throw Error({models.back().path.string(), "the description of a model", "something else", "train the run again"});
        }
    }
    for (std::size_t i = 0; i < models.size(); ++i)
        for (const auto &[name, array] : models[i].file.tensors)
            views.push_back(
                {"members_" + std::to_string(i) + "." + name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
    for (const char *key : {"scores", "step", "split", "groups"})
        description.erase(key);
    description[membersKey] = members;
    description["weights"] = weights;

    Json recipe = description.at("recipe");
    recipe["title"] = title;
    RunInfo run = project.createRun(Recipe(recipe));
    run.summary = {{"weights", weights}, {membersKey, runs}};
    project.updateRun(run); // killed from here on, it is no run to train
    writeModel(project.runFolder(run.id), std::move(views), description);
    run.status = RunStatus::Done;
    project.updateRun(run);
    return project.run(run.id);
}

} // namespace reticle
