#pragma once

#include "data/Dataset.h"
#include "foundation/Random.h"
#include "learn/Module_p.h"

#include <algorithm>

namespace reticle::test {

/// Rows of numbers with a class each, in memory: "features" (F) float32 and "target" () int64.
class MadeRows : public Dataset
{
public:
    MadeRows(std::int64_t columns, std::vector<float> values, std::vector<std::int64_t> classes, std::vector<std::string> names)
        : m_columns(columns), m_values(std::move(values)),
          m_classes(std::move(classes)), made{{"features", DType::Float32, {columns}, {}, {}},
                                              {"target", DType::Int64, {}, names, {}}}
    {
    }
    const std::string &kind() const override
    {
        static const std::string name = "made-rows";
        return name;
    }
    std::int64_t size() const override { return static_cast<std::int64_t>(m_classes.size()); }
    const Split &split() const override { return parts; }
    const std::vector<ArraySpec> &specs() const override { return made; }
    NamedArrays example(std::int64_t i) const override
    {
        const auto row = static_cast<std::size_t>(i), columns = static_cast<std::size_t>(m_columns);
        return {{"features", Array::of<float>({m_columns}, {m_values.data() + row * columns, columns})},
                {"target", Array::of<std::int64_t>({}, {m_classes.data() + row, 1})}};
    }
    std::string nameOf(std::int64_t i) const override { return "made row " + std::to_string(i); }
    std::string exampleNoun() const override { return "row"; }
    Json preparation() const override { return {{"made", true}}; }
    std::vector<std::int64_t> classCounts() const override
    {
        std::vector<std::int64_t> counts(static_cast<std::size_t>(1 + *std::ranges::max_element(m_classes)), 0);
        for (const auto i : parts.training)
            ++counts[static_cast<std::size_t>(m_classes[static_cast<std::size_t>(i)])];
        return counts;
    }
    std::string description() const override { return "made rows"; }
    const std::vector<std::int64_t> &classes() const { return m_classes; }

    Split parts;

private:
    std::int64_t m_columns;
    std::vector<float> m_values;
    std::vector<std::int64_t> m_classes;

public:
    std::vector<ArraySpec> made; ///< its specs
};

/// Rows 0, 1, 2, … of classes 0, 1, 2, 0, … in the plane, around three places; a fifth validates, a fifth tests.
inline std::shared_ptr<MadeRows> threeHeaps(std::int64_t rows = 60)
{
    std::vector<float> values;
    std::vector<std::int64_t> classes;
    auto random = Random::of(3, 1);
    for (std::int64_t i = 0; i < rows; ++i) {
        const auto c = i % 3;
        values.push_back(static_cast<float>((c == 1 ? 2.0 : c == 2 ? -2.0 : 0.0) + 0.5 * random.normal()));
        values.push_back(static_cast<float>((c == 0 ? 2.0 : 0.0) + 0.5 * random.normal()));
        classes.push_back(c);
    }
    auto data = std::make_shared<MadeRows>(2, std::move(values), std::move(classes), std::vector<std::string>{"a", "b", "c"});
    for (std::int64_t i = 0; i < rows; ++i)
        (i % 5 == 3 ? data->parts.validation : i % 5 == 4 ? data->parts.test : data->parts.training).push_back(i);
    return data;
}

/// "features" as they are, scaled by a weight that is 1: logits that a test chooses.
class SameAsInput : public Module
{
public:
    SameAsInput() { m_weight = register_parameter("weight", torch::ones({1})); }
    Tensors run(const Tensors &in) override { return {{"output", in.at("features") * m_weight}}; }

private:
    torch::Tensor m_weight;
};

/// Two linear maps with a hidden layer of 8 units, as model "made-layers"; not before a test asks for it.
inline void registerMadeLayers()
{
    class MadeLayers : public Module
    {
    public:
        explicit MadeLayers(const ModuleShape &shape)
        {
            m_hidden = register_parameter("hidden", torch::randn({8, shape.channels}) * 0.5);
            m_out = register_parameter("out", torch::randn({shape.outputs, 8}) * 0.5);
        }
        Tensors run(const Tensors &in) override
        {
            return {{"output", torch::relu(in.at("features").matmul(m_hidden.t())).matmul(m_out.t())}};
        }

    private:
        torch::Tensor m_hidden, m_out;
    };
    static const Registration<ModuleFactory> layers(
        SchemaInfo{"made-layers", "Two layers", {}, {}},
        ModuleFactory([](const Json &, const ModuleShape &shape) { return std::make_shared<MadeLayers>(shape); }, "features"));
}

} // namespace reticle::test
