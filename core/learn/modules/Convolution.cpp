#include "learn/modules/Kernels_p.h"
#include "learn/modules/Winograd_p.h"

#include <array>
#include <bit>

namespace reticle {

namespace {

winograd::Shape shapeOf(const torch::Tensor &x, const torch::Tensor &weight)
{
    return {x.size(0), x.size(2), x.size(3), x.size(1), weight.size(0)};
}

torch::Tensor channelsLast(const torch::Tensor &t)
{
    return t.contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor emptyImages(const torch::Tensor &x, std::int64_t channels)
{
    return torch::empty({x.size(0), channels, x.size(2), x.size(3)}, x.options(), torch::MemoryFormat::ChannelsLast);
}

const float *dataOf(const torch::Tensor &t)
{
    return t.defined() && t.numel() ? t.data_ptr<float>() : nullptr;
}

class Convolve : public torch::autograd::Function<Convolve>
{
public:
    static torch::Tensor forward(torch::autograd::AutogradContext *context, const torch::Tensor &input,
                                 const torch::Tensor &weights, const torch::Tensor &bias, double slope)
    {
        const auto x = channelsLast(input), w = channelsLast(weights);
        auto y = emptyImages(x, w.size(0));
        winograd::forward(shapeOf(x, w), dataOf(x), dataOf(w), y.data_ptr<float>(),
                          {nullptr, dataOf(bias), static_cast<float>(slope)});
        // With a slope above 0 the sign of the result is that of the sum, so nothing else need be kept.
        context->save_for_backward({x, w, slope == 1 ? torch::Tensor() : y});
        context->saved_data["slope"] = slope;
        context->saved_data["bias"] = bias.numel() > 0;
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0], &w = saved[1];
        const double slope = context->saved_data["slope"].toDouble();
        auto g = channelsLast(gradients[0]);
        if (slope != 1)
            g = torch::leaky_relu_backward(g, saved[2], slope, true);
        const auto shape = shapeOf(x, w);
        torch::Tensor dx, dw, db;
        if (context->needs_input_grad(0)) {
            dx = emptyImages(x, x.size(1));
            winograd::inputGradient(shape, dataOf(g), dataOf(w), dx.data_ptr<float>());
        }
        if (context->needs_input_grad(1)) {
            dw = torch::empty_like(w);
            winograd::weightGradient(shape, dataOf(x), dataOf(g), dw.data_ptr<float>());
        }
        if (context->saved_data["bias"].toBool() && context->needs_input_grad(2))
            db = g.sum(std::vector<std::int64_t>{0, 2, 3});
        return {dx, dw, db, torch::Tensor()};
    }
};

bool suitsWinograd(const torch::Tensor &x, const torch::Tensor &weight, std::int64_t dilation)
{
    return dilation == 1 && weight.size(2) == 3 && weight.size(3) == 3 && x.is_cpu() && x.scalar_type() == torch::kFloat &&
           weight.scalar_type() == torch::kFloat && winograd::suits(shapeOf(x, weight));
}

/// Whether oneDNN's bfloat16 kernels for the gradient by the weights of a 3 x 3 convolution are right for such images.
/// They take as many rows at once as fit a part of the cache; where that is a single row, which has its padding above or
/// below it, they read beyond it (2.6.3, AMX and AVX-512): wrong or not finite numbers from 225 columns on, depending on the
/// divisors of the height, and no end from about 750 on. Found by comparing every width and height up to 700 with
/// gradients that are known in closed form.
bool soundWeightGradient(std::int64_t height, std::int64_t width)
{
    return width <= 224 || (width <= 256 && std::has_single_bit(static_cast<std::uint64_t>(height)));
}

/// A 3 x 3 convolution in bfloat16 whose gradient by the weights is summed over strips of columns.
class ConvolveInStrips : public torch::autograd::Function<ConvolveInStrips>
{
public:
    static torch::Tensor forward(torch::autograd::AutogradContext *context, const torch::Tensor &x, const torch::Tensor &w,
                                 const torch::Tensor &bias)
    {
        context->save_for_backward({x, w});
        const bool biased = bias.numel() > 0;
        context->saved_data["bias"] = biased;
        return torch::conv2d(x, w, biased ? bias : torch::Tensor(), 1, 1);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0], &w = saved[1];
        const auto g = channelsLast(gradients[0]);
        torch::Tensor dx, dw, db;
        if (context->needs_input_grad(0))
            dx = std::get<0>(passBack(g, x, w, {1, 1}, {true, false, false}));
        if (context->needs_input_grad(1)) {
            constexpr std::int64_t strip = 192;
            const auto width = x.size(3);
            auto sum = torch::zeros(w.sizes(), w.options().dtype(torch::kFloat));
            for (std::int64_t from = 0; from < width; from += strip) {
                const auto n = std::min(strip, width - from);
                // One column more on either side, of zeros beyond the image.
                const auto first = std::max<std::int64_t>(0, from - 1), end = std::min(width, from + n + 1);
                const auto part =
                    torch::constant_pad_nd(x.narrow(3, first, end - first), {first - (from - 1), from + n + 1 - end}, 0);
                sum += std::get<1>(
                    passBack(channelsLast(g.narrow(3, from, n)), channelsLast(part), w, {1, 0}, {false, true, false}));
            }
            dw = sum.to(w.scalar_type(), false, false, w.suggest_memory_format());
        }
        if (context->saved_data["bias"].toBool() && context->needs_input_grad(2))
            db = g.sum(std::vector<std::int64_t>{0, 2, 3});
        return {dx, dw, db};
    }

private:
    static std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> passBack(const torch::Tensor &g, const torch::Tensor &x,
                                                                            const torch::Tensor &w,
                                                                            std::array<std::int64_t, 2> padding,
                                                                            std::array<bool, 3> wanted)
    {
        return at::convolution_backward(g, x, w, c10::nullopt, {1, 1}, padding, {1, 1}, false, {0, 0}, 1, wanted);
    }
};

torch::Tensor directly(const torch::Tensor &x, const torch::Tensor &weight, const torch::Tensor &bias, std::int64_t dilation)
{
    const auto kernel = weight.size(2);
    if (kernel == 3 && dilation == 1 && x.is_cpu() && x.scalar_type() == torch::kBFloat16 && torch::GradMode::is_enabled() &&
        weight.requires_grad() && !soundWeightGradient(x.size(2), x.size(3)))
        return ConvolveInStrips::apply(channelsLast(x), channelsLast(weight),
                                       bias.defined() ? bias : torch::empty({0}, x.options()));
    if (kernel == 1 && x.is_cpu() && x.scalar_type() == torch::kFloat) // a product of matrices: twice as fast there
        return torch::linear(x.permute({0, 2, 3, 1}), weight.flatten(1), bias).permute({0, 3, 1, 2});
    return torch::conv2d(x, weight, bias, 1, dilation * (kernel / 2), dilation);
}

} // namespace

torch::Tensor convolveAndActivate(const torch::Tensor &x, const torch::Tensor &weight, const torch::Tensor &bias, double slope,
                                  std::int64_t dilation)
{
    if (suitsWinograd(x, weight, dilation) && slope >= 0)
        return Convolve::apply(x, weight, bias.defined() ? bias : torch::empty({0}, x.options()), slope);
    auto y = directly(x, weight, bias, dilation);
    return slope == 1 ? y : torch::leaky_relu_(y, slope);
}

torch::Tensor convolveNormalizeActivate(const torch::Tensor &input, const torch::Tensor &weight, const torch::Tensor &gain,
                                        const torch::Tensor &shift, const torch::Tensor &mean, const torch::Tensor &var,
                                        double slope, std::int64_t dilation, double eps)
{
    if (!suitsWinograd(input, weight, dilation) || torch::GradMode::is_enabled())
        return normalizeAndActivate(convolveAndActivate(input, weight, {}, 1, dilation), gain, shift, mean, var, false, slope,
                                    0.1, eps);
    const auto x = channelsLast(input), w = channelsLast(weight);
    const auto scale = (gain * torch::rsqrt(var + eps)).contiguous(), offset = (shift - mean * scale).contiguous();
    auto y = emptyImages(x, w.size(0));
    winograd::forward(shapeOf(x, w), dataOf(x), dataOf(w), y.data_ptr<float>(),
                      {dataOf(scale), dataOf(offset), static_cast<float>(slope)});
    return y;
}

} // namespace reticle
