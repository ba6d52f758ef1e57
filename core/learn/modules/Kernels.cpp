#include "learn/modules/Kernels_p.h"

#include "foundation/Clones_p.h"

#include <ATen/Parallel.h>

#include <bit>
#include <cstdint>

#define CLONED RETICLE_CLONES("avx512f", "avx2", "default")

namespace reticle {

namespace {

using Bf16 = std::uint16_t;

// ---- flat loops over rows, compiled for several instruction sets -------------------------------------------------------

CLONED void widen(const Bf16 *x, float *y, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i)
        y[i] = std::bit_cast<float>(static_cast<std::uint32_t>(x[i]) << 16);
}

CLONED void narrow(const float *x, Bf16 *y, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const auto u = std::bit_cast<std::uint32_t>(x[i]);
        const std::uint32_t nearest = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
        y[i] = static_cast<Bf16>((u & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : nearest);
    }
}

CLONED void addMoments(const float *x, float *sum, float *square, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        sum[i] += x[i];
        square[i] += x[i] * x[i];
    }
}

CLONED void scaleShiftActivate(const float *x, const float *scale, const float *shift, float slope, float *y, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const float z = x[i] * scale[i] + shift[i];
        y[i] = z > 0 ? z : z * slope;
    }
}

CLONED void addGradients(const float *x, const float *g, const float *scale, const float *shift, float slope, float *sum,
                         float *product, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const float z = x[i] * scale[i] + shift[i];
        const float d = z > 0 ? g[i] : g[i] * slope;
        sum[i] += d;
        product[i] += d * x[i];
    }
}

/// g of z times a, plus x times b, plus c.
CLONED void backThrough(const float *x, const float *g, const float *scale, const float *shift, float slope, const float *a,
                        const float *b, const float *c, float *y, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i) {
        const float z = x[i] * scale[i] + shift[i];
        const float d = z > 0 ? g[i] : g[i] * slope;
        y[i] = a[i] * d + b[i] * x[i] + c[i];
    }
}

CLONED void mix(const float *near, const float *far, float *y, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i)
        y[i] = 0.75f * near[i] + 0.25f * far[i];
}

/// 0.75 (a + b) + 0.25 (c + d)
CLONED void mixFour(const float *a, const float *b, const float *c, const float *d, float *y, std::int64_t n)
{
    for (std::int64_t i = 0; i < n; ++i)
        y[i] = 0.75f * (a[i] + b[i]) + 0.25f * (c[i] + d[i]);
}

/// A row of w pixels of c values between which w pixels are put, with s values of `skip` behind each.
CLONED void doubleRow(const float *x, const float *skip, float *y, std::int64_t w, std::int64_t c, std::int64_t s)
{
    for (std::int64_t j = 0; j < 2 * w; ++j) {
        const std::int64_t side = j % 2 ? j / 2 + 1 : j / 2 - 1;
        const float *near = x + j / 2 * c, *far = x + (side < 0 ? 0 : side < w ? side : w - 1) * c;
        for (std::int64_t i = 0; i < c; ++i)
            y[i] = 0.75f * near[i] + 0.25f * far[i];
        y += c;
        for (std::int64_t i = 0; i < s; ++i)
            y[i] = skip[i];
        y += s;
        skip += s;
    }
}

// ---- one row in float32, wherever it comes from ------------------------------------------------------------------------

const float *row(const float *x, float *, std::int64_t)
{
    return x;
}

const float *row(const Bf16 *x, float *buffer, std::int64_t n)
{
    widen(x, buffer, n);
    return buffer;
}

/// Calls `write(float *)` for a row of n values at y.
template <class Write> void store(float *y, float *, std::int64_t, const Write &write)
{
    write(y);
}

template <class Write> void store(Bf16 *y, float *buffer, std::int64_t n, const Write &write)
{
    write(buffer);
    narrow(buffer, y, n);
}

template <class T> T *kernelData(const torch::Tensor &t)
{
    return static_cast<T *>(t.data_ptr());
}

template <class Work> void forType(const torch::Tensor &t, const Work &work)
{
    if (t.scalar_type() == torch::kBFloat16)
        work(Bf16{});
    else
        work(float{});
}

bool fast(const torch::Tensor &t)
{
    return t.is_cpu() && (t.scalar_type() == torch::kFloat || t.scalar_type() == torch::kBFloat16);
}

torch::Tensor kernelLast(const torch::Tensor &t)
{
    return t.contiguous(torch::MemoryFormat::ChannelsLast);
}

/// The values of a channels-last tensor in blocks that are whole pixels, shared out in parts that do not depend on the
/// number of threads.
struct Blocks
{
    Blocks(std::int64_t channels, std::int64_t pixels)
        : length(channels * std::clamp<std::int64_t>(2048 / channels, 1, pixels)), total(channels * pixels),
          count((total + length - 1) / length), parts(std::min<std::int64_t>(count, 16))
    {
    }
    std::int64_t length, total, count, parts;

    template <class Work> void each(const Work &work) const
    {
        at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
            for (auto part = begin; part < end; ++part)
                for (auto block = part * count / parts; block < (part + 1) * count / parts; ++block)
                    work(part, block * length, std::min(length, total - block * length));
        });
    }
};

/// `values` per channel, repeated to a block's length.
std::vector<float> repeated(const std::vector<double> &values, std::int64_t length)
{
    std::vector<float> r(static_cast<std::size_t>(length));
    for (std::size_t i = 0; i < r.size(); ++i)
        r[i] = static_cast<float>(values[i % values.size()]);
    return r;
}

/// Sum over parts and pixels of a block of what `parts` blocks have gathered.
std::vector<double> gathered(const std::vector<float> &sums, std::int64_t channels)
{
    std::vector<double> total(static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < sums.size(); ++i)
        total[i % total.size()] += sums[i];
    return total;
}

std::vector<double> values(const torch::Tensor &t)
{
    const auto d = t.detach().to(torch::kDouble).contiguous();
    return {d.data_ptr<double>(), d.data_ptr<double>() + d.numel()};
}

torch::Tensor tensorOf(const std::vector<double> &v)
{
    return torch::tensor(v, torch::kDouble).to(torch::kFloat);
}

class NormalizeAndActivate : public torch::autograd::Function<NormalizeAndActivate>
{
public:
    static torch::Tensor forward(torch::autograd::AutogradContext *context, const torch::Tensor &input, const torch::Tensor &gain,
                                 const torch::Tensor &shift, torch::Tensor runningMean, torch::Tensor runningVar, bool training,
                                 double slope, double momentum, double eps)
    {
        const auto x = kernelLast(input);
        const auto channels = x.size(1), pixels = x.numel() / channels;
        const Blocks blocks(channels, pixels);
        std::vector<double> mean, inverse(static_cast<std::size_t>(channels));
        if (training) {
            std::vector<float> sum(static_cast<std::size_t>(blocks.parts * blocks.length)), square = sum;
            forType(x, [&](auto zero) {
                using T = decltype(zero);
                blocks.each([&](std::int64_t part, std::int64_t start, std::int64_t n) {
                    static thread_local std::vector<float> buffer;
                    buffer.resize(static_cast<std::size_t>(blocks.length));
                    addMoments(row(kernelData<T>(x) + start, buffer.data(), n), &sum[part * blocks.length],
                               &square[part * blocks.length], n);
                });
            });
            mean = gathered(sum, channels);
            auto variance = gathered(square, channels);
            for (std::int64_t c = 0; c < channels; ++c) {
                mean[c] /= static_cast<double>(pixels);
                variance[c] = std::max(0.0, variance[c] / static_cast<double>(pixels) - mean[c] * mean[c]);
                inverse[c] = 1 / std::sqrt(variance[c] + eps);
            }
            auto unbiased =
                tensorOf(variance) * (static_cast<double>(pixels) / std::max<double>(1, static_cast<double>(pixels - 1)));
            runningMean.mul_(1 - momentum).add_(tensorOf(mean), momentum);
            runningVar.mul_(1 - momentum).add_(unbiased, momentum);
        } else {
            mean = values(runningMean);
            const auto variance = values(runningVar);
            for (std::int64_t c = 0; c < channels; ++c)
                inverse[c] = 1 / std::sqrt(variance[c] + eps);
        }

        auto scale = values(gain), offset = values(shift);
        for (std::int64_t c = 0; c < channels; ++c) {
            scale[c] *= inverse[c];
            offset[c] -= mean[c] * scale[c];
        }
        const auto a = repeated(scale, blocks.length), b = repeated(offset, blocks.length);
        auto y = torch::empty_like(x);
        forType(x, [&](auto zero) {
            using T = decltype(zero);
            blocks.each([&](std::int64_t, std::int64_t start, std::int64_t n) {
                static thread_local std::vector<float> in, out;
                in.resize(static_cast<std::size_t>(blocks.length));
                out.resize(in.size());
                const auto *r = row(kernelData<T>(x) + start, in.data(), n);
                store(kernelData<T>(y) + start, out.data(), n,
                      [&](float *target) { scaleShiftActivate(r, a.data(), b.data(), static_cast<float>(slope), target, n); });
            });
        });
        context->save_for_backward({x, gain, tensorOf(mean), tensorOf(inverse), tensorOf(scale), tensorOf(offset)});
        context->saved_data["slope"] = slope;
        context->saved_data["training"] = training;
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0];
        const auto g = kernelLast(gradients[0]);
        const auto slope = static_cast<float>(context->saved_data["slope"].toDouble());
        const bool training = context->saved_data["training"].toBool();
        const auto mean = values(saved[2]), inverse = values(saved[3]), scale = values(saved[4]), offset = values(saved[5]);
        const auto channels = x.size(1), pixels = x.numel() / channels;
        const Blocks blocks(channels, pixels);
        const auto rowScale = repeated(scale, blocks.length), rowOffset = repeated(offset, blocks.length);

        std::vector<float> sum(static_cast<std::size_t>(blocks.parts * blocks.length)), product = sum;
        forType(x, [&](auto zero) {
            using T = decltype(zero);
            blocks.each([&](std::int64_t part, std::int64_t start, std::int64_t n) {
                static thread_local std::vector<float> first, second;
                first.resize(static_cast<std::size_t>(blocks.length));
                second.resize(first.size());
                addGradients(row(kernelData<T>(x) + start, first.data(), n), row(kernelData<T>(g) + start, second.data(), n),
                             rowScale.data(), rowOffset.data(), slope, &sum[part * blocks.length], &product[part * blocks.length],
                             n);
            });
        });
        const auto dShift = gathered(sum, channels);
        auto dGain = gathered(product, channels);
        // With h = (x - mean) inverse: dx = gain inverse (d - mean(d) - h mean(d h)) = scale d + b x + c.
        std::vector<double> b(static_cast<std::size_t>(channels)), c = b;
        for (std::int64_t i = 0; i < channels; ++i) {
            dGain[i] = (dGain[i] - mean[i] * dShift[i]) * inverse[i];
            if (training) {
                b[i] = -scale[i] * inverse[i] * dGain[i] / static_cast<double>(pixels);
                c[i] = -scale[i] * dShift[i] / static_cast<double>(pixels) - b[i] * mean[i];
            }
        }
        const auto rowB = repeated(b, blocks.length), rowC = repeated(c, blocks.length);
        auto dx = torch::empty_like(x);
        forType(x, [&](auto zero) {
            using T = decltype(zero);
            blocks.each([&](std::int64_t, std::int64_t start, std::int64_t n) {
                static thread_local std::vector<float> first, second, out;
                first.resize(static_cast<std::size_t>(blocks.length));
                second.resize(first.size());
                out.resize(first.size());
                const auto *r = row(kernelData<T>(x) + start, first.data(), n);
                const auto *d = row(kernelData<T>(g) + start, second.data(), n);
                store(kernelData<T>(dx) + start, out.data(), n, [&](float *target) {
                    backThrough(r, d, rowScale.data(), rowOffset.data(), slope, rowScale.data(), rowB.data(), rowC.data(), target,
                                n);
                });
            });
        });
        const torch::Tensor none;
        return {dx, tensorOf(dGain), tensorOf(dShift), none, none, none, none, none, none};
    }
};

class DoubleAndJoin : public torch::autograd::Function<DoubleAndJoin>
{
public:
    static torch::Tensor forward(torch::autograd::AutogradContext *context, const torch::Tensor &input,
                                 const torch::Tensor &skipInput)
    {
        const auto x = kernelLast(input);
        const bool joins = skipInput.numel() > 0;
        const auto skip = joins ? kernelLast(skipInput) : torch::Tensor();
        const auto n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3), s = joins ? skip.size(1) : 0;
        auto y = torch::empty({n, c + s, 2 * h, 2 * w}, x.options(), torch::MemoryFormat::ChannelsLast);
        forType(x, [&](auto zero) {
            using T = decltype(zero);
            at::parallel_for(0, n * 2 * h, 4, [&](std::int64_t begin, std::int64_t end) {
                std::vector<float> near(w * c), far(w * c), middle(w * c), pixel(c);
                for (auto line = begin; line < end; ++line) {
                    const auto image = line / (2 * h), i = line % (2 * h);
                    const auto other = std::clamp<std::int64_t>(i % 2 ? i / 2 + 1 : i / 2 - 1, 0, h - 1);
                    const auto *base = kernelData<T>(x) + image * h * w * c;
                    const auto *a = row(base + (i / 2) * w * c, near.data(), w * c);
                    const auto *b = row(base + other * w * c, far.data(), w * c);
                    mix(a, b, middle.data(), w * c);
                    auto *target = kernelData<T>(y) + line * 2 * w * (c + s);
                    const auto *from = joins ? kernelData<T>(skip) + line * 2 * w * s : nullptr;
                    if constexpr (std::is_same_v<T, float>) {
                        doubleRow(middle.data(), from, target, w, c, s);
                        continue;
                    }
                    for (std::int64_t j = 0; j < 2 * w; ++j) {
                        const auto side = std::clamp<std::int64_t>(j % 2 ? j / 2 + 1 : j / 2 - 1, 0, w - 1);
                        store(target, pixel.data(), c, [&](float *t) { mix(&middle[(j / 2) * c], &middle[side * c], t, c); });
                        if (s)
                            std::copy_n(from + j * s, s, target + c);
                        target += c + s;
                    }
                }
            });
        });
        context->saved_data["channels"] = c;
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto g = kernelLast(gradients[0]);
        const auto c = context->saved_data["channels"].toInt();
        const auto n = g.size(0), s = g.size(1) - c, h = g.size(2) / 2, w = g.size(3) / 2;
        auto dx = torch::empty({n, c, h, w}, g.options(), torch::MemoryFormat::ChannelsLast);
        auto ds = s ? torch::empty({n, s, 2 * h, 2 * w}, g.options(), torch::MemoryFormat::ChannelsLast) : torch::Tensor();
        forType(g, [&](auto zero) {
            using T = decltype(zero);
            const auto all = 2 * w * (c + s);
            at::parallel_for(0, n * h, 4, [&](std::int64_t begin, std::int64_t end) {
                std::vector<float> buffers(4 * 2 * w * c), middle((2 * w + 2) * c), out(w * c);
                std::vector<T> plain(2 * w * c);
                for (auto line = begin; line < end; ++line) {
                    const auto image = line / h, i = line % h;
                    // Rows 2 i and 2 i + 1 took three quarters from row i; 2 i - 1 and 2 i + 2, or at an edge the edge
                    // row itself, one quarter.
                    const std::int64_t lines[4] = {2 * i, 2 * i + 1, i == 0 ? 0 : 2 * i - 1, i == h - 1 ? 2 * h - 1 : 2 * i + 2};
                    const float *rows[4];
                    for (int k = 0; k < 4; ++k) {
                        const auto *from = kernelData<T>(g) + (image * 2 * h + lines[k]) * all;
                        auto *buffer = buffers.data() + k * 2 * w * c;
                        if (s == 0) {
                            rows[k] = row(from, buffer, 2 * w * c);
                            continue;
                        }
                        for (std::int64_t j = 0; j < 2 * w; ++j)
                            std::copy_n(from + j * (c + s), c, plain.data() + j * c);
                        if (k < 2) {
                            auto *to = kernelData<T>(ds) + (image * 2 * h + lines[k]) * 2 * w * s;
                            for (std::int64_t j = 0; j < 2 * w; ++j)
                                std::copy_n(from + j * (c + s) + c, s, to + j * s);
                        }
                        if constexpr (std::is_same_v<T, float>)
                            std::copy(plain.begin(), plain.end(), buffer);
                        else
                            widen(plain.data(), buffer, 2 * w * c);
                        rows[k] = buffer;
                    }
                    auto *inner = middle.data() + c;
                    mixFour(rows[0], rows[1], rows[2], rows[3], inner, 2 * w * c);
                    // Beyond the edges lies the edge pixel itself.
                    std::copy_n(inner, c, middle.data());
                    std::copy_n(inner + (2 * w - 1) * c, c, inner + 2 * w * c);
                    store(kernelData<T>(dx) + line * w * c, out.data(), w * c, [&](float *target) {
                        for (std::int64_t j = 0; j < w; ++j) {
                            const auto *p = inner + 2 * j * c;
                            mixFour(p, p + c, p - c, p + 2 * c, target + j * c, c);
                        }
                    });
                }
            });
        });
        return {dx, ds};
    }
};

} // namespace

torch::Tensor normalizeAndActivate(const torch::Tensor &x, const torch::Tensor &gain, const torch::Tensor &shift,
                                   const torch::Tensor &runningMean, const torch::Tensor &runningVar, bool training, double slope,
                                   double momentum, double eps)
{
    if (fast(x))
        return NormalizeAndActivate::apply(x, gain, shift, runningMean, runningVar, training, slope, momentum, eps);
    return torch::leaky_relu(torch::batch_norm(x, gain, shift, runningMean, runningVar, training, momentum, eps, true), slope);
}

torch::Tensor doubleAndJoin(const torch::Tensor &x, const torch::Tensor &skip)
{
    if (fast(x))
        return DoubleAndJoin::apply(x, skip.defined() ? skip : torch::empty({0}, x.options()));
    const auto y = torch::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, false);
    return skip.defined() ? torch::cat({y, skip}, 1) : y;
}

} // namespace reticle
