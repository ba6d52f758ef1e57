#include "learn/Task_p.h"

#include "learn/Tensors_p.h"
#include "learn/memory/ExampleMemory_p.h"
#include "project/Recipe.h"

#include <algorithm>

namespace reticle {

namespace {

/// The objectives of the tasks that data serve.
std::vector<std::string> objectivesOf(const std::vector<std::string> &tasks)
{
    std::vector<std::string> names;
    for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries())
        if (std::find(tasks.begin(), tasks.end(), entry.factory.task) != tasks.end())
            names.push_back(name);
    return names;
}

/// Data that serve the task, by their titles.
std::vector<std::string> dataOf(const std::string &task)
{
    std::vector<std::string> names;
    for (const auto &[name, entry] : Registry<DataKind>::instance().entries())
        if (std::find(entry.factory.tasks.begin(), entry.factory.tasks.end(), task) != entry.factory.tasks.end())
            names.push_back(name);
    return names;
}

/// The task of an objective. Throws Error where data of this kind cannot serve it.
const TaskKind &kindOf(const Json &objective, const std::string &data)
{
    const auto name = objective.is_object() ? objective.value("name", std::string()) : std::string();
    const auto &task = Registry<ObjectiveFactory>::instance().get(name, "objective.name").factory.task;
    const auto &served = Registry<DataKind>::instance().get(data, "data.name").factory.tasks;
    if (std::find(served.begin(), served.end(), task) == served.end())
        throw Error({"objective.name", orList(objectivesOf(served)) + " for data of kind " + data, "\"" + name + "\"",
                     "choose one of these, or data of kind " + orList(dataOf(task))});
    return Registry<TaskKind>::instance().get(task, "objective.name").factory;
}

} // namespace

std::shared_ptr<Task> Task::create(const Recipe &recipe, std::shared_ptr<Dataset> data)
{
    const auto section = recipe.section("objective");
    const auto &kind = kindOf(section, data->kind());
    auto objective = makeObjective(section, data->classCounts());
    return kind.make({recipe, std::move(data), std::move(objective)});
}

std::shared_ptr<Task> Task::sketch(const Recipe &recipe, const std::vector<ArraySpec> &specs)
{
    const auto section = recipe.section("objective");
    const auto &kind = kindOf(section, recipe.section("data").value("name", Recipe::findSection("data")->defaultName));
    if (!kind.sketch)
        throw Error(Error::Kind::Input, "objective.name",
                    "Networks for this objective are described after their training only. Train the recipe first.");
    return kind.sketch(recipe, specs);
}

Tensors Task::tensors(const Batch &batch, const torch::Device &device) const
{
    Tensors t;
    for (const auto &[name, array] : batch.arrays) {
        const auto tensor = tensorOf(array);
        t[name] = tensor.is_floating_point() ? tensor.to(device) : tensor.to(device, torch::kLong);
    }
    return t;
}

MemoryPlan Task::planMemory(Module &module, const StepSettings &settings, bool proves, std::int64_t free) const
{
    return planExamples(module, *this, settings, proves, free);
}

std::string orList(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return text;
}

SchemaInfo taskInfo(const std::string &name, const std::string &title, const std::string &description)
{
    SchemaInfo info;
    info.name = name;
    info.title = title;
    info.help = description;
    return info;
}

} // namespace reticle
