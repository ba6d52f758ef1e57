#include "window/ForegroundSource.h"

#include <algorithm>

namespace reticle {

namespace {

class ClassSource : public ImageSource
{
public:
    ClassSource(std::shared_ptr<ImageSource> labels, bool dark)
        : m_labels(std::move(labels))
        , m_dark(dark)
        , m_info(m_labels->info())
    {
        m_info.dtype = DType::UInt8;
        m_info.channels = 1;
    }

    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override { return classes(m_labels->readPage(page)); }
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                     std::int64_t width) const override
    {
        return classes(m_labels->readRegion(page, y, x, height, width));
    }

private:
    Array classes(const Array &page) const
    {
        const std::int64_t height = page.dim(0), width = page.dim(1), channels = page.rank() > 2 ? page.dim(2) : 1;
        const Array bytes = page.as(DType::UInt8);
        const auto values = bytes.span<std::uint8_t>();
        Array out(DType::UInt8, {height, width});
        auto classes = out.span<std::uint8_t>();
        bool mask = true;
        for (std::int64_t i = 0; i < height * width; ++i) {
            classes[i] = values[i * channels];
            mask = mask && (classes[i] == 0 || classes[i] == 255);
        }
        const std::uint8_t foreground = m_dark ? 0 : 255;
        for (auto &value : classes)
            value = mask ? value == foreground : value == 255 ? 0 : value;
        return out;
    }

    std::shared_ptr<ImageSource> m_labels;
    bool m_dark;
    ImageInfo m_info;
};

} // namespace

std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, bool darkForeground)
{
    return std::make_shared<ClassSource>(std::move(labels), darkForeground);
}

} // namespace reticle
