#pragma once

#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/Task_p.h"
#include "learn/memory/LayerTrace_p.h"

namespace reticle::test {

/// Fully connected layers, each but the last with a ReLU behind it: "features" (N, F) to "output" (N, K). With `tells` the
/// layers tell a LayerTrace of themselves.
class DenseNet : public Module
{
public:
    explicit DenseNet(std::vector<std::int64_t> widths, bool tells = true) : m_widths(std::move(widths)), m_tells(tells)
    {
        for (std::size_t i = 0; i + 1 < m_widths.size(); ++i) {
            const auto name = "d" + std::to_string(i);
            m_weights.push_back(register_parameter(name + "_weight", 0.1 * torch::randn({m_widths[i + 1], m_widths[i]})));
            m_biases.push_back(register_parameter(name + "_bias", torch::zeros({m_widths[i + 1]})));
        }
    }
    Tensors run(const Tensors &in) override
    {
        auto x = in.at("features");
        for (std::size_t i = 0; i < m_weights.size(); ++i) {
            auto y = torch::linear(x, m_weights[i], m_biases[i]);
            if (i + 1 < m_weights.size())
                y = torch::relu(y);
            if (m_tells)
                LayerTrace::note({.module = this,
                                  .type = "fully connected",
                                  .input = x,
                                  .output = y,
                                  .macsPerValue = m_widths[i],
                                  .weights = {m_weights[i], m_biases[i]}});
            x = y;
        }
        return {{"output", x}};
    }

private:
    std::vector<std::int64_t> m_widths;
    bool m_tells;
    std::vector<torch::Tensor> m_weights, m_biases;
};

/// Cross-entropy of one class an example: "output" (N, K) with "class" (N) int64.
class ClassLoss : public Objective
{
public:
    std::string task() const override { return "test-classes"; }
    Loss measure(const Tensors &outputs, const Tensors &batch) const override
    {
        return {torch::nll_loss(torch::log_softmax(outputs.at("output"), 1), batch.at("class"))};
    }
};

/// A task of which only what memory is forecast from answers.
class FeatureTask : public Task
{
public:
    FeatureTask(std::int64_t features, std::int64_t batch)
        : Task(std::make_shared<ClassLoss>()), m_features(features), m_batch(batch)
    {
    }
    ModuleShape shape() const override { return {m_features, 10}; }
    void checkCompatible(Module &) const override {}
    std::int64_t examples() const override { return 1000; }
    std::shared_ptr<const BatchSource> batches() const override { return {}; }
    Tensors dummyBatch(std::int64_t n, double = 1) const override
    {
        return {{"features", torch::zeros({n, m_features})}, {"class", torch::zeros({n}, torch::kLong)}};
    }
    std::int64_t batchSize() const override { return m_batch; }
    std::string batchText() const override { return std::to_string(m_batch) + " rows"; }
    bool has(const std::string &part) const override { return part == "validation"; }
    Evaluation evaluate(const EvaluationInput &, const std::string &) const override { return {}; }
    RunScores scores() const override { return {}; }
    Json description() const override { return Json::object(); }

private:
    std::int64_t m_features, m_batch;
};

} // namespace reticle::test
