#include "protocol/RunScores.h"

#include "compare/Comparison.h"
#include "project/ModelFiles.h"

#include <algorithm>

namespace reticle {

namespace {

bool isTrue(const Json &object, const char *key)
{
    return object.contains(key) && object[key].is_boolean() && object[key].get<bool>();
}

/// Of runs of before, whose worker said nothing.
ScoreInfo knownScore(const std::string &name)
{
    const auto has = [&name](const char *word) { return name.find(word) != std::string::npos; };
    const bool ofImages = name == "mse" || name == "rmse" || name == "psnr"; // errors and decibels have scales of their own
    return {name, name == "loss" ? "loss" : scoreTitle(name), scoreUnit(name),
            has("loss") || has("error") || name == "mse" || name == "rmse", !has("loss") && !ofImages};
}

} // namespace

RunScores::RunScores(std::string task, std::string selection, std::vector<ScoreInfo> scores)
    : m_task(std::move(task)), m_selection(std::move(selection)), m_scores(std::move(scores))
{
}

RunScores RunScores::of(const Json &described)
{
    RunScores r;
    if (!described.is_object())
        return r;
    r.m_task = textOf(described, "task");
    r.m_selection = textOf(described, "score");
    if (const Json list = described.value("scores", Json()); list.is_array())
        for (const auto &s : list)
            if (const auto name = textOf(s, "name"); !name.empty()) {
                const auto title = textOf(s, "title");
                r.m_scores.push_back(
                    {name, title.empty() ? name : title, textOf(s, "unit"), isTrue(s, "lowerIsBetter"), isTrue(s, "isFraction")});
            }
    if (r.m_selection.empty() && taskOf(described) == "reconstruction")
        r.m_selection = "loss"; // of before: the loss alone chose the weights
    return r;
}

Json RunScores::toJson() const
{
    Json list = Json::array();
    for (const auto &s : m_scores)
        list.push_back({{"name", s.name},
                        {"title", s.title},
                        {"unit", s.unit},
                        {"lowerIsBetter", s.lowerIsBetter},
                        {"isFraction", s.isFraction}});
    return {{"task", m_task}, {"score", m_selection}, {"scores", std::move(list)}};
}

std::vector<std::string> RunScores::selection() const
{
    if (m_selection.empty())
        return {"dice", "loss"};
    return m_selection == "loss" ? std::vector<std::string>{"loss"} : std::vector<std::string>{m_selection, "loss"};
}

bool RunScores::has(const std::string &name) const
{
    return std::ranges::find(m_scores, name, &ScoreInfo::name) != m_scores.end();
}

ScoreInfo RunScores::info(const std::string &name) const
{
    const auto it = std::ranges::find(m_scores, name, &ScoreInfo::name);
    return it == m_scores.end() ? knownScore(name) : *it;
}

} // namespace reticle
