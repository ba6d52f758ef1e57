#pragma once

#include "analysis/Analysis.h"
#include "files/ImageWriter.h"
#include "foundation/Random.h"
#include "support/Test.h"

#include <QTemporaryDir>

namespace reticle::test {

/// A stack with labels and a prediction of them, as files in a folder of its own.
class AnalysisFiles
{
public:
    /// Discs on a grid, 4 slices of 48 x 64. The prediction is 0.9 inside and 0.1 outside, but for a speck of three
    /// pixels and, in slice 1, a hole of one.
    AnalysisFiles()
    {
        for (int z = 0; z < slices; ++z) {
            Array l(DType::UInt8, {height, width}), p(DType::Float32, {height, width}), v(DType::UInt8, {height, width});
            for (int y = 0; y < height; ++y)
                for (int x = 0; x < width; ++x) {
                    const int i = y * width + x;
                    const int dy = y % 16 - 8, dx = x % 16 - 8;
                    const bool in = dy * dy + dx * dx <= (6 - z % 2) * (6 - z % 2);
                    l.data<std::uint8_t>()[i] = in ? 255 : 0;
                    p.data<float>()[i] = in ? 0.9f : 0.1f;
                    v.data<std::uint8_t>()[i] = in ? 180 : 60;
                }
            for (int x = 0; x < 3; ++x)
                p.data<float>()[width * 16 + 16 + x] = 0.75f;
            if (z == 1)
                p.data<float>()[width * 8 + 8] = 0.2f;
            m_labels.push_back(l);
            m_predictions.push_back(p);
            m_images.push_back(v);
        }
        write("labels.tif", m_labels);
        write("prediction.tif", m_predictions);
        write("images.tif", m_images);
    }

    static constexpr int slices = 4, height = 48, width = 64;

    std::string path(const std::string &name) const
    {
        return (std::filesystem::path(m_folder.path().toStdString()) / name).string();
    }
    std::string write(const std::string &name, const std::vector<Array> &pages, double pixelSize = 4,
                      double pixelHeight = 0) const
    {
        TiffWriter w(path(name), 0, pixelSize, 0, pixelHeight);
        for (const auto &p : pages)
            w.writePage(p);
        w.close();
        return path(name);
    }
    /// 3 slices of noise, 48 x 64, uint8.
    std::string writeNoise(const std::string &name) const
    {
        Random random(5);
        std::vector<Array> noise(3, Array());
        for (auto &page : noise) {
            page = Array(DType::UInt8, {height, width});
            for (auto &v : page.span<std::uint8_t>())
                v = static_cast<std::uint8_t>(random.below(256));
        }
        return write(name, noise);
    }
    const std::vector<Array> &labels() const { return m_labels; }
    const std::vector<Array> &predictions() const { return m_predictions; }
    Json options(Json more = Json::object()) const
    {
        Json o = {{"prediction", path("prediction.tif")}, {"labels", path("labels.tif")}, {"images", path("images.tif")}};
        o.update(more);
        return o;
    }

private:
    QTemporaryDir m_folder;
    std::vector<Array> m_labels, m_predictions, m_images;
};

struct Events : EventSink
{
    std::vector<Event> all;
    std::function<void(const Event &)> also;
    void emit(const Event &e) override
    {
        all.push_back(e);
        if (also)
            also(e);
    }
};

inline Result analyzed(const std::string &name, const Json &options)
{
    Events events;
    RunControl control;
    return analyze(name, {nullptr, 0, options}, events, control);
}

/// The number of a table's column at a row.
/// What is wrong with the figures, one after the other; empty = all are fit to draw and have a caption.
inline std::string problemsOf(const std::vector<Figure> &figures)
{
    std::string all;
    for (const auto &f : figures) {
        for (const auto &problem : f.problems())
            all += f.name + ": " + problem + "\n";
        if (f.caption.empty())
            all += f.name + ": no caption\n";
    }
    return all;
}

inline double cell(const Table &t, const std::string &column, std::size_t row)
{
    for (std::size_t c = 0; c < t.columns.size(); ++c)
        if (t.columns[c].name == column)
            return t.number(row, c);
    return std::numeric_limits<double>::quiet_NaN();
}

} // namespace reticle::test
