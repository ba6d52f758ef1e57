#pragma once

#include "files/ImageSource.h"
#include "foundation/Error.h"

#include <atomic>
#include <functional>
#include <mutex>

namespace reticle::test {

/// A stack whose values are computed when they are asked for: as large as wanted, slow or broken on demand.
class FakeImages : public ImageSource
{
public:
    FakeImages(std::int64_t pages, std::int64_t height, std::int64_t width, DType dtype = DType::UInt8, std::int64_t channels = 1)
    {
        m_info.path = "fake.tif";
        m_info.format = "TIFF";
        m_info.pages = pages;
        m_info.height = height;
        m_info.width = width;
        m_info.channels = channels;
        m_info.dtype = dtype;
    }
    const ImageInfo &info() const override { return m_info; }
    ImageInfo &info() { return m_info; }

    /// value(page, y, x, channel)
    std::function<double(std::int64_t, std::int64_t, std::int64_t, std::int64_t)> value = [](std::int64_t page, std::int64_t y,
                                                                                             std::int64_t x, std::int64_t c) {
        return static_cast<double>((page * 31 + y * 7 + x * 3 + c * 50) % 256);
    };
    std::int64_t brokenPage = -1;
    std::mutex gate; ///< held by a test to keep the reader waiting
    mutable std::atomic<int> reads{0};
    mutable std::atomic<std::int64_t> lastPage{-1}, mostPixels{0};

    Array readPage(std::int64_t page) const override { return readRegion(page, 0, 0, m_info.height, m_info.width); }
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
    {
        const std::lock_guard lock(const_cast<std::mutex &>(gate));
        ++reads;
        lastPage = page;
        mostPixels = std::max<std::int64_t>(mostPixels, height * width);
        if (page == brokenPage)
            throw Error({m_info.path + ": page " + std::to_string(page + 1), "a picture", "a truncated strip", {}});
        Array a(m_info.dtype, m_info.channels > 1 ? std::vector{height, width, m_info.channels} : std::vector{height, width});
        Array::visit(m_info.dtype, [&](auto t) {
            using T = decltype(t);
            T *out = a.data<T>();
            for (std::int64_t i = 0; i < height; ++i)
                for (std::int64_t j = 0; j < width; ++j)
                    for (std::int64_t c = 0; c < m_info.channels; ++c)
                        *out++ = static_cast<T>(value(page, y + i, x + j, c));
        });
        return a;
    }

private:
    ImageInfo m_info;
};

} // namespace reticle::test
