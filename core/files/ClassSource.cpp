#include "files/ClassSource.h"

#include "files/LabelValues.h"
#include "files/Reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace reticle {

namespace {

constexpr std::int64_t mostPixels = 64 << 20; // of a page that is read at once

class ClassSource : public ImageSource
{
public:
    ClassSource(std::shared_ptr<ImageSource> labels, files::LabelClasses classes, std::uint8_t ignored)
        : m_labels(std::move(labels)), m_index(std::move(classes.index)), m_threshold(classes.threshold), m_ignored(ignored),
          m_info(m_labels->info())
    {
        m_info.dtype = DType::UInt8;
        m_info.channels = 1;
        m_info.alpha = false;
    }

    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override { return classes(m_labels->readPage(page)); }
    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
    {
        return classes(m_labels->readRegion(page, y, x, height, width));
    }

private:
    template <class T> std::uint8_t classOf(T value) const
    {
        if constexpr (std::is_floating_point_v<T>)
            if (!(std::abs(value) < T(1e15)))
                return m_ignored;
        const auto it = m_index.find(static_cast<std::int64_t>(value));
        return it == m_index.end() || it->second == files::ignoredClass ? m_ignored : it->second;
    }

    Array classes(Array page) const
    {
        if (m_threshold > 0) // as training reads them, colors and NaN refused
            page = files::plainLabels(page, m_labels->info().alpha, m_threshold, m_info.path);
        const std::int64_t channels = page.rank() > 2 ? page.dim(2) : 1;
        Array out(DType::UInt8, {page.dim(0), page.dim(1)});
        Array::visit(page.dtype(), [&](auto t) {
            using T = decltype(t);
            const T *in = page.data<T>();
            T last = in[0];
            std::uint8_t index = classOf(last);
            for (auto &to : out.span<std::uint8_t>()) { // neighbors are mostly equal
                if (*in != last) {
                    last = *in;
                    index = classOf(last);
                }
                to = index;
                in += channels;
            }
        });
        return out;
    }

    std::shared_ptr<ImageSource> m_labels;
    std::map<std::int64_t, std::uint8_t> m_index;
    double m_threshold;
    std::uint8_t m_ignored;
    ImageInfo m_info;
};

std::map<std::int64_t, std::int64_t> countsOf(const std::vector<std::int64_t> &values)
{
    std::map<std::int64_t, std::int64_t> counts;
    for (const auto value : values)
        counts[value] = 1;
    return counts;
}

} // namespace

std::vector<std::int64_t> labelValues(const ImageSource &labels)
{
    const auto &info = labels.info();
    std::set<std::int64_t> values;
    const std::int64_t rows = std::clamp<std::int64_t>(mostPixels / info.width, 1, info.height);
    for (std::int64_t page = 0; page < info.pages; ++page)
        for (std::int64_t y = 0; y < info.height; y += rows) {
            const auto height = std::min(rows, info.height - y);
            const auto where = info.pages > 1 ? files::pageName(info.path, page) : info.path;
            const Array part = height == info.height ? labels.readPage(page) : labels.readRegion(page, y, 0, height, info.width);
            for (const auto &[value, n] : files::countLabels(files::plainLabels(part, info.alpha, 0, where), where))
                values.insert(value);
        }
    return {values.begin(), values.end()};
}

std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, const std::vector<std::int64_t> &values,
                                       bool darkForeground, std::uint8_t ignored)
{
    const auto counts = countsOf(values);
    const auto &path = labels->info().path;
    if (values.empty() || values.front() < 0)
        files::classesOf(counts, !darkForeground, path); // says what is wrong
    auto classes = files::comparedClasses(counts, !darkForeground, path);
    return std::make_shared<ClassSource>(std::move(labels), std::move(classes), ignored);
}

std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, const std::vector<std::int64_t> &values,
                                       const files::LabelClasses &known, std::string &note, std::uint8_t ignored)
{
    auto counts = countsOf(known.threshold > 0 ? std::vector<std::int64_t>{0, 255} : values);
    note.clear();
    auto classes = known.fitting(counts, note);
    std::erase_if(counts, [&](const auto &one) { return classes.index.count(one.first) > 0; });
    if (!counts.empty())
        note = fmt::format("The labels have values that belong to no class of {} ({}): {}. These pixels are not compared.",
                           known.owner.empty() ? "the model" : known.owner, known.classText(), files::valuesText(counts));
    return std::make_shared<ClassSource>(std::move(labels), std::move(classes), ignored);
}

} // namespace reticle
