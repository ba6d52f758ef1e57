#pragma once

#include "analysis/wavelet/RadialSpectrum.h"
#include "analysis/wavelet/WaveletSpectrum.h"
#include "core/analysis/GoldenPictures.h"

namespace reticle::test {

struct NamedImages
{
    std::string name;
    std::vector<Array> images; ///< float64, all of one size
};

/// What the analysis "wavelet-spectrum" would have measured of these images, without files and ranges.
inline WaveletMeasurement measurementOf(const std::vector<NamedImages> &sets, WaveletSpectrumOptions options = {})
{
    if (options.levels == 0)
        options.levels = 4;
    WaveletMeasurement m;
    m.options = options;
    for (const auto &[name, images] : sets) {
        const RadialSpectrum radial(images[0].dim(0), images[0].dim(1));
        m.frequencies = radial.frequencies();
        MeasuredSet s;
        s.name = name;
        s.fourier.assign(m.frequencies.size(), 0);
        for (const auto &image : images) {
            const auto p =
                decompose(image, waveletFilter(options.wavelet), waveletMode(options.mode), static_cast<int>(options.levels));
            m.layout = p.layout;
            s.images.push_back(sumsOf(p.layout, p.coefficients.data<double>()));
            const auto power = radial.power(image);
            for (std::size_t i = 0; i < power.size(); ++i)
                s.fourier[i] += power[i] / static_cast<double>(images.size());
        }
        m.sets.push_back(std::move(s));
    }
    return m;
}

/// T alone, or with `compared` beside its box mean S; the specification's golden example.
inline WaveletMeasurement goldenMeasurement(bool compared = true, const WaveletSpectrumOptions &options = {})
{
    const Array t = goldenPicture();
    std::vector<NamedImages> sets{{"T", {t}}};
    if (compared)
        sets.push_back({"S", {boxMean(t)}});
    return measurementOf(sets, options);
}

} // namespace reticle::test
