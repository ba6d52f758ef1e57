#include "base/Array.h"
#include "base/Augment.h"
#include "base/Error.h"
#include "base/Event.h"
#include "base/Figure.h"
#include "base/Frame.h"
#include "base/Recipe.h"
#include "base/SegmentationData.h"
#include "base/Table.h"

using namespace reticle;

namespace {

Figure oneOfEach()
{
    const Array values = Array(DType::Float64, {2, 3});
    Series line{.name = "loss", .x = {1, 2, 3}, .y = {0.5, 0.25, NAN}, .colour = "#0072b2"};
    Series band{.name = "spread", .kind = SeriesKind::Band, .x = {1, 2}, .lower = {0, 0}, .upper = {1, 2}};
    ImagePanel image{.image = Array(DType::UInt8, {4, 5}), .black = 0.0, .pixelSize = 4};
    image.overlays.push_back({.values = Array(DType::UInt8, {4, 5}), .classNames = {"a", "b"}});
    Figure f;
    f.name = "each";
    f.title = "One of each";
    const Axis x{.label = "time", .unit = "s", .scale = Axis::Scale::Log, .min = 0.1};
    f.panels = {{.letter = "a", .content = XYPanel{.x = x, .series = {line, band}, .references = {{'y', 0.5, "half"}}}},
                {.row = 1, .content = HeatMapPanel{.values = values, .colour = {.label = "p"}}},
                {.row = 2, .content = image},
                {.row = 3, .content = ImageGridPanel{.columns = 2, .cells = {image, image}, .columnTitles = {"x", "y"}}},
                {.row = 4, .content = HistogramPanel{.histograms = {{.name = "h", .edges = {0, 1, 2}, .counts = {3, 4}}}}}};
    return f;
}

template <class F> void tried(F f)
{
    try {
        f();
    } catch (const Error &) {
    }
}

} // namespace

std::vector<std::string> builtInSeeds();
std::vector<std::string> builtInSeeds()
{
    Result result;
    result.name = "scores";
    result.figures = {oneOfEach()};
    const Json recipe{{"recipe", 1},
                      {"title", "a"},
                      {"seed", 1},
                      {"data", {{"name", "segmentation"}, {"images", "a.tif"}, {"labels", "b.tif"}, {"validation-slices", {1, 2}}}},
                      {"augment", AugmentOptions::schema().write({})}};
    std::vector<std::string> seeds;
    for (const Json &j : {oneOfEach().toJson(), result.toJson(), recipe, SegmentationDataOptions::schema().info().toJson(),
                          Array(DType::Float32, {2, 3}).toJson(true)})
        seeds.push_back(j.dump());
    for (const Json &j : {oneOfEach().toJson(false), Array(DType::Int16, {2, 3}).toJson(), recipe}) {
        const auto frame = encodeFrame(j);
        seeds.emplace_back(frame.begin(), frame.end());
    }
    return seeds;
}

/// Frames of the protocol, and everything that is read from JSON. Anything but an Error is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    std::vector<Json> documents;
    tried([&] {
        FrameReader reader;
        reader.append({data, size});
        while (auto message = reader.next())
            documents.push_back(*message);
    });
    documents.push_back(Json::parse(data, data + size, nullptr, false));
    tried([&] {
        // The same bytes as one frame, whatever length they state.
        std::vector<std::uint8_t> frame(data, data + size);
        for (std::size_t i = 0; i < 4 && size >= 4; ++i)
            frame[i] = static_cast<std::uint8_t>((size - 4) >> (8 * i));
        FrameReader reader;
        reader.append(frame);
        if (auto message = reader.next())
            documents.push_back(*message);
    });

    static const Catalog catalog = [] {
        Catalog c;
        c.kinds["datasets"] = {SegmentationDataOptions::schema().info()};
        c.sections["augment"] = AugmentOptions::schema().info();
        return c;
    }();
    for (const Json &j : documents) {
        if (j.is_discarded())
            continue;
        tried([&] { Array::fromJson(j).toJson(true); });
        tried([&] { Table::fromJson(j); });
        tried([&] {
            const Figure f = Figure::fromJson(j);
            f.problems();
            f.toJson();
        });
        tried([&] { Result::fromJson(j).toJson(); });
        tried([&] { Event::fromJson(j); });
        tried([&] { SchemaInfo::fromJson(j); });
        tried([&] { Catalog::fromJson(j); });
        tried([&] { Split::fromJson(j); });
        tried([&] { Scaling::fromJson(j); });
        tried([&] { Recipe(j).validated(catalog); });
        tried([&] { SegmentationDataOptions::schema().read(j); });
        tried([&] {
            const auto frame = encodeFrame(j);
            FrameReader reader;
            reader.append(frame);
            reader.next();
        });
    }
    return 0;
}
