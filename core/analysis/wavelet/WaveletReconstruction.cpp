#include "analysis/wavelet/WaveletSpectrum.h"
#include "files/OutputGuard.h"
#include "files/StackWriter.h"
#include "foundation/Error.h"

#include <algorithm>
#include <filesystem>

namespace reticle {

namespace {

StackPlan planOf(const ImageSets &images, std::int64_t count)
{
    StackPlan plan;
    ImageInfo info;
    info.path = images.path(0);
    info.pages = count;
    info.pixelSizeX = images.pixelSize();
    info.pixelSizeY = images.pixelHeight();
    plan.files = {info};
    const auto stem = std::filesystem::path(info.path).stem().string();
    plan.pages.assign(static_cast<std::size_t>(count), {images.rows(), images.columns(), stem.empty() ? "image" : stem, 0});
    return plan;
}

} // namespace

void requireOutput(const WaveletSpectrumOptions &o, const ImageSets &images)
{
    namespace fs = std::filesystem;
    if (o.output.empty())
        return;
    std::error_code code;
    const auto place = fs::weakly_canonical(fs::absolute(o.output, code), code);
    if (!fs::is_directory(place.parent_path(), code))
        throw Error(Error::Kind::Input, "output",
                    "there is no folder " + place.parent_path().string() + "; make it or choose another.");
    requireFormat(o.output, planOf(images, 1), StackNumbers::Values);
    for (std::size_t k = 0; k < images.size(); ++k) {
        const auto source = fs::weakly_canonical(images.path(k), code);
        if (place == source || place.parent_path() == source)
            throw Error(Error::Kind::Input, "output",
                        "it would write over " + images.path(k) + ", which images are read from; choose another file.");
    }
}

std::int64_t writeReconstruction(const WaveletSpectrumOptions &o, const ImageSets &images, std::int64_t number,
                                 const std::function<bool(std::int64_t)> &goOn)
{
    requireOutput(o, images);
    InputsInUse inputs;
    for (std::size_t k = 0; k < images.size(); ++k)
        inputs.add(images.path(k));
    requireOutput(o.output, stackPlace(o.output));
    const auto &filter = waveletFilter(o.wavelet);
    const auto mode = waveletMode(o.mode);
    std::vector<std::string> notes;
    const int levels = spectrumLevels(o, std::min(images.rows(), images.columns()), notes);
    const auto edit = waveletEdit(o.drop, o.threshold, levels);
    const auto n = static_cast<std::int64_t>(images.places(0).size());
    const std::int64_t begin = number < 0 ? 0 : std::min(number, n - 1), end = number < 0 ? n : begin + 1;
    imagesAtOnce(images.rows(), images.columns(), 7 * 8); // numbers, coefficients twice, two images, float32, scratch
    const auto writer = StackWriter::open(o.output, planOf(images, end - begin), StackNumbers::Values);
    std::int64_t i = begin;
    for (; i < end && (goOn(i - begin) || i == begin); ++i) { // a file has one image at least
        const Array image = images.read(0, static_cast<std::size_t>(i));
        const auto pyramid = decompose(image, filter, mode, levels);
        const auto noise = edit.threshold == WaveletEdit::Threshold::None ? WaveletNoise() : noiseOf(pyramid);
        writer->writePage(withoutDropped(image, pyramid, filter, mode, edit, noise).image.as(DType::Float32));
    }
    writer->close(i < end);
    goOn(i - begin);
    return i - begin;
}

} // namespace reticle
