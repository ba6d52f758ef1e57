#pragma once

#include "files/ImageSource.h"
#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

namespace reticle::test {

inline std::filesystem::path referenceImage(const std::string &name)
{
    return source("tests/reference/images/" + name);
}

/// What tests/reference/images.py says of each file that tifffile, Pillow or NumPy has written.
inline const Json &referenceImages()
{
    static const Json all = Json::parse(readAll(source("tests/reference/images.json")));
    return all;
}

/// Sum, and sum weighted by position, as tests/reference/images.py has them.
inline std::pair<double, double> sumsOf(const Array &page)
{
    double sum = 0, weighted = 0;
    for (std::int64_t i = 0; i < page.size(); ++i) {
        sum += page.value(i);
        weighted += page.value(i) * static_cast<double>(i % 251 + 1);
    }
    return {sum, weighted};
}

/// Compares what is read of a reference file, to the pixel, with what is stated of it; says what differs, "" = nothing.
inline std::string differenceFromReference(const std::string &name)
{
    const auto near = [](double a, double b, double tolerance) {
        return std::abs(a - b) <= tolerance + 1e-9 * std::max(std::abs(a), std::abs(b));
    };
    const Json &e = referenceImages().at(name);
    const auto source = openImage(referenceImage(name));
    const ImageInfo &i = source->info();
    const auto pixel = e.value("pixel-size-nm", std::vector<double>{0, 0, 0});
    const bool same = nameOf(i.dtype) == e.at("dtype").get<std::string>() && i.pages == e.at("pages").get<std::int64_t>() &&
                      i.height == e.at("height").get<std::int64_t>() && i.width == e.at("width").get<std::int64_t>() &&
                      i.channels == e.at("channels").get<std::int64_t>() && i.axes == e.at("axes").get<std::string>() &&
                      i.alpha == e.value("alpha", false) && i.format == e.value("format", i.format) &&
                      near(i.pixelSizeX, pixel[0], 1e-3) && near(i.pixelSizeY, pixel[1], 1e-3) &&
                      near(i.pixelSizeZ, pixel[2], 1e-3);
    if (!same)
        return i.toJson().dump() + " instead of " + e.dump();
    if (!e.contains("sums"))
        return source->readPage(0).shape().size() == (i.channels > 1 ? 3u : 2u) ? "" : "a page of another shape";
    // Last page first: no page depends on another having been read.
    for (std::int64_t p = i.pages - 1; p >= 0; --p) {
        const Array page = source->readPage(p);
        const auto [sum, weighted] = sumsOf(page);
        const double tolerance = e.value("tolerance", 0.0) * static_cast<double>(page.size());
        const auto &want = e.at("sums").at(static_cast<std::size_t>(p));
        if (!near(sum, want[0].get<double>(), tolerance) || !near(weighted, want[1].get<double>(), 130 * tolerance))
            return fmt::format("page {}: sums {} and {} instead of {}", p, sum, weighted, want.dump());
        // A part equals the part of the whole.
        const std::int64_t y = i.height / 3, x = i.width / 2, h = i.height - y - 1, w = i.width - x - 1;
        const Array part = source->readRegion(p, y, x, h, w);
        for (std::int64_t r = 0; r < h; ++r)
            for (std::int64_t c = 0; c < w * i.channels; ++c)
                if (part.value(r * w * i.channels + c) != page.value(((r + y) * i.width + x) * i.channels + c))
                    return fmt::format("page {}: its part differs in row {}", p, r);
    }
    return {};
}

/// Reads a reference file cut after every 19th byte: each is refused, or gives an error that names it, or has all of
/// the whole file's pixels, for what lies behind the last one may be missing. Says what was otherwise, "" = nothing.
inline std::string whatACutFileGives(const std::string &name, const std::filesystem::path &scratch)
{
    const std::string bytes = readAll(referenceImage(name));
    const auto whole = openImage(referenceImage(name));
    int refused = 0;
    for (std::size_t n = 0; n < bytes.size(); n += 19) {
        std::filesystem::remove(scratch); // a new file: some file systems flush at once what is written over an old one
        writeAll(scratch, bytes.substr(0, n));
        try {
            const auto source = openImage(scratch);
            if (source->info().pages > whole->info().pages)
                return fmt::format("{} bytes: {} pages", n, source->info().pages);
            for (std::int64_t p = 0; p < source->info().pages; ++p)
                if (!(source->readPage(p) == whole->readPage(p)))
                    return fmt::format("{} bytes: other pixels in page {}", n, p);
        } catch (const Error &e) {
            ++refused;
            if (std::string(e.what()).find(scratch.filename().string()) == std::string::npos)
                return fmt::format("{} bytes: {}", n, e.what());
        }
    }
    return refused > 0 ? "" : "nothing was refused";
}

/// Four threads read one source page by page at a time, each from another page on: how many pages came out otherwise
/// than read by one.
inline int wrongPagesOfThreads(const ImageSource &source)
{
    std::vector<Array> pages;
    for (std::int64_t p = 0; p < source.info().pages; ++p)
        pages.push_back(source.readPage(p));
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const std::int64_t p = (i + t) % source.info().pages;
                if (!(source.readPage(p) == pages[static_cast<std::size_t>(p)]))
                    ++wrong;
            }
        });
    for (auto &t : threads)
        t.join();
    return wrong;
}

} // namespace reticle::test
