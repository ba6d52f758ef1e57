#pragma once

#include "files/ImageWriter.h"
#include "foundation/Random.h"
#include "support/Catalog.h"

#include <cmath>
#include <filesystem>

namespace reticle::test {

struct EventCounter : EventSink
{
    std::map<Event::Kind, int> counts;
    void emit(const Event &e) override { ++counts[e.kind]; }
};

/// images.tif and labels.tif (0 and 255), six pages of noisy blobs, and a recipe that learns them in seconds.
struct SmallStack
{
    static constexpr int pages = 6, height = 70, width = 90;
    std::filesystem::path folder;
    Json recipe;

    void write(const std::filesystem::path &where)
    {
        folder = where;
        TiffWriter images(folder / "images.tif", pages * height * width), labels(folder / "labels.tif", pages * height * width);
        Random random(1);
        for (int page = 0; page < pages; ++page) {
            Array image(DType::UInt8, {height, width}), label(DType::UInt8, {height, width});
            for (int i = 0; i < height * width; ++i) {
                const bool in = std::sin((i / width + 9 * page) / 6.0) * std::cos((i % width) / 7.0) > -0.2;
                label.data<std::uint8_t>()[i] = in ? 255 : 0;
                image.data<std::uint8_t>()[i] =
                    static_cast<std::uint8_t>(std::clamp(80 + 90 * in + 15 * random.normal(), 0.0, 255.0));
            }
            images.writePage(image);
            labels.writePage(label);
        }
        images.close();
        labels.close();
        recipe = {{"recipe", 1},
                  {"title", "Probe"},
                  {"seed", 5},
                  {"device", "cpu"},
                  {"data",
                   {{"name", "segmentation"},
                    {"images", (folder / "images.tif").string()},
                    {"labels", (folder / "labels.tif").string()}}},
                  {"model", {{"name", "unet"}, {"weights", 4000}}},
                  {"objective", {{"name", "bce"}}},
                  {"train", {{"steps", 60}, {"batch", 2}, {"crop", 32}, {"threads", 1}, {"learning-rate", 0.01}}}};
    }

    /// The folder of a run that has been trained with `changed` in a project of that name. Throws Error.
    std::filesystem::path trained(const std::string &name, const Json &changed) const
    {
        auto project = Project::openOrCreate(folder / (name + ".reticle"));
        const auto run = project.createRun(Recipe(changed).validated(catalog()));
        EventCounter events;
        RunControl control;
        train(project, run, catalog(), events, control);
        return project.runFolder(run.id);
    }
};

} // namespace reticle::test
