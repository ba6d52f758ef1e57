#include "files/ImageWriter.h"
#include "files/SiblingFile.h"
#include "foundation/Array.h"
#include "foundation/FreeMemory.h"
#include "foundation/Random.h"
#include "simulate/Noise_p.h"
#include "simulate/Simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <thread>

// Tissue like that of electron micrographs, procedurally: a partition of the plane into cells whose seeds wander, grow
// and shrink smoothly with depth (an additively weighted Voronoi diagram with a metric of its own for each cell, seen
// through a warp), membranes where two cells meet, organelles inside, stain, blur and noise. Labels come from the same
// distance function as the membranes, so they are exact.

namespace reticle {

namespace {

struct TissueOptions
{
    std::int64_t slices = 24, height = 512, width = 512;
    double cellSize = 158, membrane = 19, noise = 13, pixelSize = 4, sliceDistance = 50;

    static Schema<TissueOptions> schema()
    {
        using O = TissueOptions;
        return Schema<O>("tissue", "Cells with membranes and organelles, as an electron microscope shows them",
                         "A stack of serial sections with exact labels (255 cell interior, 0 membrane) in "
                         "tissue-volume.tif and tissue-labels.tif. Cells are a weighted Voronoi diagram whose seeds "
                         "wander smoothly with depth.")
            .field(&O::slices, {.name = "slices", .title = "Slices", .help = "Number of sections", .min = 1, .max = 10000})
            .field(&O::height,
                   {.name = "height", .title = "Height", .help = "Height of a section", .unit = "px", .min = 8, .max = 16384})
            .field(&O::width,
                   {.name = "width", .title = "Width", .help = "Width of a section", .unit = "px", .min = 8, .max = 16384})
            .field(&O::cellSize, {.name = "cell-size",
                                  .title = "Cell size",
                                  .help = "Typical diameter of a cell's cross-section",
                                  .unit = "nm",
                                  .min = 20,
                                  .max = 20000})
            .field(&O::membrane, {.name = "membrane",
                                  .title = "Membrane thickness",
                                  .help = "Typical thickness of the two membranes between cells",
                                  .unit = "nm",
                                  .min = 2,
                                  .max = 500})
            .field(&O::noise, {.name = "noise",
                               .title = "Noise",
                               .help = "Standard deviation of the noise in gray levels",
                               .min = 0,
                               .max = 100})
            .field(&O::pixelSize,
                   {.name = "pixel-size", .title = "Pixel size", .help = "Side of a pixel", .unit = "nm", .min = 0.5, .max = 100})
            .field(&O::sliceDistance, {.name = "slice-distance",
                                       .title = "Slice distance",
                                       .help = "Distance between sections",
                                       .unit = "nm",
                                       .min = 1,
                                       .max = 1000});
    }
};

// All lengths below are in nm, all depths in gray levels.

constexpr double turn = 2 * std::numbers::pi;

struct Vec
{
    float x = 0, y = 0;
    Vec operator+(Vec b) const { return {x + b.x, y + b.y}; }
    Vec operator-(Vec b) const { return {x - b.x, y - b.y}; }
    Vec operator*(float f) const { return {x * f, y * f}; }
};
float dot(Vec a, Vec b)
{
    return a.x * b.x + a.y * b.y;
}

/// Two sines of random length and phase over depth: a smooth path with mean 0 and values about -1..1.
struct Wander
{
    double k1 = 0, k2 = 0, p1 = 0, p2 = 0;
    static Wander make(Random &r)
    {
        return {turn / r.uniform(1300, 3000), turn / r.uniform(600, 1200), r.uniform(0, turn), r.uniform(0, turn)};
    }
    double at(double z) const { return 0.7 * std::sin(k1 * z + p1) + 0.3 * std::sin(k2 * z + p2); }
    double slope(double z) const { return 0.7 * k1 * std::cos(k1 * z + p1) + 0.3 * k2 * std::cos(k2 * z + p2); }
};

struct Mitochondrion
{
    Vec offset;
    float z, halfLength, a, b, angle, stripes;
};

struct Cell
{
    Vec base;
    float weight, angle, along; ///< `along` < 1 stretches the cell in the direction `angle`
    float gray;
    float vesicles, tubules; ///< how many there are in a section
    Wander x, y, size;
    std::vector<Mitochondrion> mitochondria;
};

/// A cell as it is in one section.
struct Placed
{
    Vec at, drift; ///< drift: nm sideways per nm of depth
    float weight, growth;
    float mxx, mxy, myy; ///< its metric, a symmetric matrix with eigenvalues `along` and 1
    bool present = true; ///< false where a larger neighbor covers it
};

class Tissue
{
public:
    Tissue(const TissueOptions &options, std::uint64_t seed)
        : m_o(options), m_seed(seed), m_pitch(options.cellSize * 1.12), m_stain(seed ^ 0x52),
          m_density(seed ^ 0x53), m_warps{Waves(Random::of(seed, 1), 1.6 * options.cellSize, 900),
                                          Waves(Random::of(seed, 2), 1.6 * options.cellSize, 900),
                                          Waves(Random::of(seed, 3), 0.45 * options.cellSize, 400),
                                          Waves(Random::of(seed, 4), 0.45 * options.cellSize, 400)}
    {
        m_columns = static_cast<std::int64_t>(std::ceil(m_o.width * m_o.pixelSize / m_pitch)) + 2 * margin;
        m_rows = static_cast<std::int64_t>(std::ceil(m_o.height * m_o.pixelSize / m_pitch)) + 2 * margin;
        const double depth = static_cast<double>(m_o.slices) * m_o.sliceDistance;
        for (std::int64_t y = 0; y < m_rows; ++y)
            for (std::int64_t x = 0; x < m_columns; ++x) {
                Random r = Random::of(seed, static_cast<std::uint64_t>(100 + y * m_columns + x));
                m_cells.push_back(makeCell(r, static_cast<double>(x - margin) * m_pitch,
                                           static_cast<double>(y - margin) * m_pitch, m_pitch, depth));
            }
    }

    struct Section
    {
        Array image, labels; ///< (H, W) uint8
    };
    Section section(std::int64_t slice) const;

private:
    /// A section in the making.
    struct Canvas
    {
        std::int64_t h, w;
        double z;
        Random random;
        std::vector<Placed> placed;
        std::vector<float> fine, coarse; ///< noise of two grains
        std::vector<float> gray, edge;   ///< edge: nm to the middle of the nearest membrane
        std::vector<int> owner;          ///< which cell
        std::vector<std::uint8_t> inside;
    };
    void drawCells(Canvas &canvas) const;
    void drawOrganelles(Canvas &canvas) const;
    /// The microscope: focus, stain that varies over the field and from section to section, noise of electrons.
    Array expose(Canvas &canvas) const;
    static Cell makeCell(Random &r, double x, double y, double pitch, double depth);
    std::vector<Placed> place(double z) const;
    /// Calls f(index) for all cells that can matter at p.
    template <class F> void forNear(Vec p, F &&f) const
    {
        constexpr std::int64_t reach = 8;
        const std::int64_t cx = std::llround(p.x / m_pitch) + margin, cy = std::llround(p.y / m_pitch) + margin;
        for (auto y = std::max<std::int64_t>(0, cy - reach); y <= std::min<std::int64_t>(m_rows - 1, cy + reach); ++y)
            for (auto x = std::max<std::int64_t>(0, cx - reach); x <= std::min<std::int64_t>(m_columns - 1, cx + reach); ++x)
                f(static_cast<int>(y * m_columns + x));
    }
    std::vector<int> near(const std::vector<Placed> &placed, Vec center, float radius) const;

    static constexpr std::int64_t margin = 4; ///< seeds beyond the border, in pitches
    TissueOptions m_o;
    std::uint64_t m_seed;
    double m_pitch;
    Lattice m_stain, m_density;
    std::array<Waves, 4> m_warps;
    std::int64_t m_columns = 0, m_rows = 0;
    std::vector<Cell> m_cells; ///< (rows, columns) of a jittered grid
};

Cell Tissue::makeCell(Random &r, double x, double y, double pitch, double depth)
{
    Cell c;
    c.base = {static_cast<float>(x + pitch * r.uniform(-0.45, 0.45)), static_cast<float>(y + pitch * r.uniform(-0.45, 0.45))};
    // Most cross-sections are small, a few are large.
    c.weight = static_cast<float>(pitch * std::min(1.5, 0.28 * std::exp(0.75 * r.normal())));
    c.angle = static_cast<float>(r.uniform(0, turn / 2));
    c.along = static_cast<float>(r.uniform(0.5, 1));
    c.gray = static_cast<float>(9 * r.normal());
    c.x = Wander::make(r);
    c.y = Wander::make(r);
    c.size = Wander::make(r);
    const double size = c.weight / pitch;
    c.vesicles = r.chance(0.22) ? static_cast<float>(size * r.uniform(20, 75)) : static_cast<float>(3 * size * r.uniform());
    c.tubules = static_cast<float>(r.uniform(0, 7) * (0.25 + size));
    const int count = size > 0.2 && r.chance(0.6) ? 1 + static_cast<int>(r.below(size > 0.6 ? 4 : 2)) : 0;
    for (int i = 0; i < count; ++i) {
        Mitochondrion m;
        const double angle = r.uniform(0, turn), away = c.weight * r.uniform(0, 0.8);
        m.offset = {static_cast<float>(away * std::cos(angle)), static_cast<float>(away * std::sin(angle))};
        m.z = static_cast<float>(r.uniform(-200, depth + 200));
        m.halfLength = static_cast<float>(r.uniform(300, 1500));
        m.b = static_cast<float>(r.uniform(45, 80));
        m.a = static_cast<float>(m.b * r.uniform(1.0, 2.1));
        m.angle = static_cast<float>(r.uniform(0, turn / 2));
        m.stripes = static_cast<float>(r.uniform(0, turn / 2));
        c.mitochondria.push_back(m);
    }
    return c;
}

/// Distance function of a cell, f = |M (p - at)| - weight, which nowhere changes faster than p.
float distanceTo(const Placed &c, Vec p, Vec *gradient = nullptr)
{
    const Vec d = p - c.at;
    const Vec m{c.mxx * d.x + c.mxy * d.y, c.mxy * d.x + c.myy * d.y};
    const float length = std::sqrt(dot(m, m)) + 1e-6f;
    if (gradient)
        *gradient = Vec{c.mxx * m.x + c.mxy * m.y, c.mxy * m.x + c.myy * m.y} * (1 / length);
    return length - c.weight;
}

std::vector<Placed> Tissue::place(double z) const
{
    std::vector<Placed> placed;
    placed.reserve(m_cells.size());
    const double reach = 0.8 * m_o.cellSize;
    for (const auto &c : m_cells) {
        Placed p;
        p.at = {c.base.x + static_cast<float>(reach * c.x.at(z)), c.base.y + static_cast<float>(reach * c.y.at(z))};
        p.drift = {static_cast<float>(reach * c.x.slope(z)), static_cast<float>(reach * c.y.slope(z))};
        p.weight = c.weight * static_cast<float>(1 + 0.35 * c.size.at(z));
        p.growth = c.weight * static_cast<float>(0.35 * c.size.slope(z));
        const float cosine = std::cos(c.angle), sine = std::sin(c.angle);
        p.mxx = c.along * cosine * cosine + sine * sine;
        p.myy = c.along * sine * sine + cosine * cosine;
        p.mxy = (c.along - 1) * cosine * sine;
        placed.push_back(p);
    }
    // A seed that its neighbors cover, or nearly so, would leave a speck.
    std::vector<std::uint8_t> covered(placed.size());
    for (std::size_t i = 0; i < placed.size(); ++i)
        forNear(placed[i].at, [&](int j) {
            covered[i] |= j != static_cast<int>(i) &&
                          distanceTo(placed[j], placed[i].at) < 0.9f * static_cast<float>(m_o.membrane) - placed[i].weight;
        });
    for (std::size_t i = 0; i < placed.size(); ++i)
        placed[i].present = !covered[i];
    return placed;
}

/// Cells that can be nearest, or next to the nearest, somewhere within `radius` of `center`.
std::vector<int> Tissue::near(const std::vector<Placed> &placed, Vec center, float radius) const
{
    std::vector<std::pair<float, int>> all;
    float first = 1e30f, second = 1e30f;
    forNear(center, [&](int i) {
        if (!placed[i].present)
            return;
        const float f = distanceTo(placed[i], center);
        all.emplace_back(f, i);
        if (f < first)
            second = std::exchange(first, f);
        else if (f < second)
            second = f;
    });
    std::vector<int> out;
    for (const auto &[f, i] : all)
        if (f <= second + 2 * radius)
            out.push_back(i);
    return out;
}

float bell(float x)
{
    return std::exp(-x * x);
}

void Tissue::drawCells(Canvas &c) const
{
    const std::int64_t h = c.h, w = c.w;
    const double z = c.z;
    const auto px = static_cast<float>(m_o.pixelSize);
    const auto thickness = static_cast<float>(m_o.membrane);
    const auto cutDepth = static_cast<float>(std::min(m_o.sliceDistance, 60.0)); // what one section shows in projection
    const auto granules = grain(c.random, h, w, 7.0 / px);                       // ribosomes and filaments: dark, and only some

    // The warp bends at two scales; it is smooth, so every fourth pixel is enough.
    const auto warped = [&](double x, double y) {
        const double large = 0.16 * m_o.cellSize, small = 0.03 * m_o.cellSize;
        return Vec{static_cast<float>(x + large * m_warps[0].at(x, y, z) + small * m_warps[2].at(x, y, z)),
                   static_cast<float>(y + large * m_warps[1].at(x, y, z) + small * m_warps[3].at(x, y, z))};
    };

    constexpr std::int64_t block = 16, step = 4;
    for (std::int64_t by = 0; by < h; by += block) {
        for (std::int64_t bx = 0; bx < w; bx += block) {
            Vec grid[block / step + 1][block / step + 1];
            Vec low{1e30f, 1e30f}, high{-1e30f, -1e30f};
            for (std::int64_t j = 0; j <= block / step; ++j)
                for (std::int64_t i = 0; i <= block / step; ++i) {
                    const Vec p = grid[j][i] = warped((bx + i * step) * px, (by + j * step) * px);
                    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
                    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
                }
            const Vec middle = (low + high) * 0.5f, half = (high - low) * 0.5f;
            const auto candidates = near(c.placed, middle, std::sqrt(dot(half, half)) + 40);
            for (std::int64_t y = by; y < std::min(by + block, h); ++y) {
                for (std::int64_t x = bx; x < std::min(bx + block, w); ++x) {
                    const std::int64_t gx = (x - bx) / step, gy = (y - by) / step;
                    const float u = static_cast<float>((x - bx) % step) / step, v = static_cast<float>((y - by) % step) / step;
                    const Vec p = (grid[gy][gx] * (1 - u) + grid[gy][gx + 1] * u) * (1 - v) +
                                  (grid[gy + 1][gx] * (1 - u) + grid[gy + 1][gx + 1] * u) * v;
                    int own = -1;
                    float nearest = 1e30f;
                    for (const int i : candidates) {
                        const float f = distanceTo(c.placed[i], p);
                        if (f < nearest) {
                            nearest = f;
                            own = i;
                        }
                    }
                    Vec g;
                    distanceTo(c.placed[own], p, &g);
                    const float zOwn = -dot(g, c.placed[own].drift) - c.placed[own].growth;
                    // To each neighbor: distance to the common boundary, and how obliquely the section cuts it.
                    float d1 = 1e30f, d2 = 1e30f, slope = 0;
                    int other = own;
                    for (const int i : candidates) {
                        if (i == own)
                            continue;
                        Vec gi;
                        const float f = distanceTo(c.placed[i], p, &gi) - nearest;
                        const Vec across = gi - g;
                        const float steep = std::max(0.45f, std::sqrt(dot(across, across)));
                        const float d = f / steep;
                        if (d < d1) {
                            d2 = d1;
                            d1 = d;
                            other = i;
                            slope = std::abs(-dot(gi, c.placed[i].drift) - c.placed[i].growth - zOwn) / steep;
                        } else if (d < d2) {
                            d2 = d;
                        }
                    }
                    // Corners are rounded, as if three cells left a little room between them.
                    const float round = 0.9f * thickness;
                    const float blend = std::max(0.f, round - (d2 - d1)) / round;
                    const float d = std::max(0.f, d1 - blend * blend * round * 0.25f);

                    const std::int64_t k = y * w + x;
                    const auto pair = static_cast<double>(std::min(own, other) * 7919 + std::max(own, other) * 104729 % 100003);
                    const float local = m_density.at(x * px / 260.0, y * px / 260.0, z / 400 + 0.37 * pair);
                    const float smear = std::min(slope * cutDepth * 0.5f, 1.1f * thickness);
                    const float synapse = local > 0.52f ? std::min(1.f, (local - 0.52f) * 8) : 0;
                    const float halfWidth = 0.5f * thickness * (1 + 0.22f * local + 0.35f * synapse) + 0.42f * smear;
                    const float sharp = 0.5f * thickness / (0.5f * thickness + 0.5f * smear);
                    const float depth = (106 + 12 * local) * (0.42f + 0.58f * sharp) + 26 * synapse;
                    const float across = d / (0.92f * halfWidth);
                    // Two membranes with a narrow gap: a little lighter in the middle where they are cut upright.
                    const float gap = 13 * sharp * sharp * (1 - synapse) * bell(d / (0.16f * thickness));
                    c.gray[k] = 156 + m_cells[own].gray + 15 * c.fine[k] + 8 * c.coarse[k] -
                                26 * std::max(0.f, granules[k] - 0.7f) - depth * bell(across * across * 0.9f) + gap;
                    c.owner[k] = own;
                    c.edge[k] = d;
                    c.inside[k] = d > halfWidth;
                }
            }
        }
    }
}

/// Drawn into the pixels of their own cell, away from its membrane.
void Tissue::drawOrganelles(Canvas &c) const
{
    const std::int64_t h = c.h, w = c.w;
    const double z = c.z;
    const auto px = static_cast<float>(m_o.pixelSize);
    const auto thickness = static_cast<float>(m_o.membrane);
    const auto paint = [&](Vec center, float radius, int own, auto &&shade) {
        const auto x0 = std::max<std::int64_t>(0, std::llround((center.x - radius) / px)),
                   x1 = std::min<std::int64_t>(w - 1, std::llround((center.x + radius) / px));
        const auto y0 = std::max<std::int64_t>(0, std::llround((center.y - radius) / px)),
                   y1 = std::min<std::int64_t>(h - 1, std::llround((center.y + radius) / px));
        for (std::int64_t y = y0; y <= y1; ++y)
            for (std::int64_t x = x0; x <= x1; ++x) {
                const std::int64_t k = y * w + x;
                if (c.owner[k] == own && c.inside[k])
                    shade(k, Vec{x * px - center.x, y * px - center.y});
            }
    };
    std::vector<std::uint8_t> taken(h * w);
    for (int i = 0; i < static_cast<int>(m_cells.size()); ++i) {
        const Cell &cell = m_cells[i];
        for (const auto &m : cell.mitochondria) {
            const double t = (z - m.z) / m.halfLength;
            if (std::abs(t) >= 1)
                continue;
            const auto size = static_cast<float>(std::sqrt(1 - t * t));
            const float a = m.a * size, b = m.b * (0.5f + 0.5f * size);
            const float turned = m.angle + 0.4f * static_cast<float>(t);
            const float cosine = std::cos(turned), sine = std::sin(turned);
            const float sc = std::cos(m.stripes), ss = std::sin(m.stripes);
            std::vector<std::int64_t> mine; // no other organelle goes there
            paint(c.placed[i].at + m.offset, std::max(a, b) * 1.25f + 8, i, [&](std::int64_t k, Vec d) {
                const float bend = 9 * c.coarse[k];
                const float ex = (d.x * cosine + d.y * sine) / a, ey = (d.y * cosine - d.x * sine) / b;
                const float n = std::sqrt(ex * ex + ey * ey) + 1e-6f;
                const float g = std::sqrt(ex * ex / (a * a) + ey * ey / (b * b)) + 1e-6f;
                const float wobble = 5 * m_density.at((d.x + m.z) / 70, d.y / 70, z / 300 + m.z);
                const float deep = std::min(n * (1 - n) / g + wobble, c.edge[k] - thickness * 0.95f); // nm inside its skin
                if (deep < -7 || taken[k])
                    return;
                if (deep > -4)
                    mine.push_back(k);
                const float stripe =
                    std::sin((d.x * sc + d.y * ss + bend * 0.6f + 0.05f * (d.y * sc - d.x * ss)) * static_cast<float>(turn / 27));
                const float body = std::clamp((deep - 12) / 6, 0.f, 1.f);
                c.gray[k] -= 82 * bell(deep / 4.5f) + 44 * bell((deep - 15) / 5) +
                             body * (38 + 30 * std::max(-0.5f, stripe) + 5 * c.fine[k]);
            });
            for (const auto k : mine)
                taken[k] = 1;
        }
        const auto somewhere = [&] {
            const double angle = c.random.uniform(0, turn),
                         away = (0.25 * m_o.cellSize + cell.weight) * std::sqrt(c.random.uniform());
            return c.placed[i].at + Vec{static_cast<float>(away * std::cos(angle)), static_cast<float>(away * std::sin(angle))};
        };
        const auto ring = [&](Vec center, float a, float b, float angle, float depth, float core) {
            const float cosine = std::cos(angle), sine = std::sin(angle);
            paint(center, a + 10, i, [&](std::int64_t k, Vec d) {
                if (taken[k] || c.edge[k] < thickness)
                    return;
                const float ex = (d.x * cosine + d.y * sine) / a, ey = (d.y * cosine - d.x * sine) / b;
                const float n = std::sqrt(ex * ex + ey * ey) + 1e-6f;
                const float g = std::sqrt(ex * ex / (a * a) + ey * ey / (b * b)) + 1e-6f;
                const float deep = n * (1 - n) / g;
                c.gray[k] += -depth * bell(deep / 5.5f) + core * std::clamp((deep - 4) / 6, 0.f, 1.f);
            });
        };
        for (int n = static_cast<int>(cell.vesicles); n > 0; --n) {
            const auto radius = static_cast<float>(c.random.uniform(15, 22));
            ring(somewhere(), radius, radius, 0, static_cast<float>(c.random.uniform(42, 70)), 12);
        }
        for (int n = static_cast<int>(cell.tubules); n > 0; --n) {
            const auto b = static_cast<float>(c.random.uniform(8, 16));
            const auto a = static_cast<float>(b * c.random.uniform(1.2, 4.5));
            ring(somewhere(), a, b, static_cast<float>(c.random.uniform(0, turn)), static_cast<float>(c.random.uniform(35, 65)),
                 6);
        }
    }
}

Array Tissue::expose(Canvas &c) const
{
    const std::int64_t h = c.h, w = c.w;
    const double z = c.z;
    const auto px = static_cast<float>(m_o.pixelSize);
    blur(c.gray, h, w, 0.85);
    const auto gain = static_cast<float>(1 + 0.05 * c.random.normal()), offset = static_cast<float>(5 * c.random.normal());
    const auto grained = grain(c.random, h, w, 0.75);
    Array out(DType::UInt8, {h, w});
    auto *image = out.data<std::uint8_t>();
    for (std::int64_t y = 0; y < h; ++y) {
        for (std::int64_t x = 0; x < w; ++x) {
            const std::int64_t k = y * w + x;
            const float stain = 13 * m_stain.at(x * px / 700.0, y * px / 700.0, z / 250) +
                                7 * m_stain.at(x * px / 210.0, y * px / 210.0, 50 + z / 100);
            const float clean = gain * (c.gray[k] - 126) + 126 + offset + stain;
            const auto shot = static_cast<float>(m_o.noise) * std::sqrt(std::clamp(clean, 20.f, 255.f) / 128);
            image[k] = static_cast<std::uint8_t>(
                std::clamp(std::nearbyint(clean + shot * (0.8f * grained[k] + 0.6f * quickNormal(c.random))), 0.f, 255.f));
        }
    }
    return out;
}

Tissue::Section Tissue::section(std::int64_t slice) const
{
    const std::int64_t h = m_o.height, w = m_o.width;
    const double z = static_cast<double>(slice) * m_o.sliceDistance;
    Canvas c{h, w, z, Random::of(m_seed, 0x7155000000ULL + static_cast<std::uint64_t>(slice)), place(z), {}, {}, {}, {}, {}, {}};
    c.fine = grain(c.random, h, w, 4.5 / m_o.pixelSize);
    c.coarse = grain(c.random, h, w, 16.0 / m_o.pixelSize);
    c.gray.resize(h * w);
    c.edge.resize(h * w);
    c.owner.resize(h * w);
    c.inside.resize(h * w);
    drawCells(c);
    drawOrganelles(c);
    Section out{expose(c), Array(DType::UInt8, {h, w})};
    for (std::int64_t k = 0; k < h * w; ++k)
        out.labels.data<std::uint8_t>()[k] = c.inside[k] ? 255 : 0;
    return out;
}

/// Sections that are made at once: as many as there are cores and memory for. Their number changes no result. Throws Error
/// where there is no memory for one.
std::int64_t sectionsAtOnce(const TissueOptions &o)
{
    // Of each pixel: two grains, a third one with its blurred copies, gray value, distance and cell as 4 bytes each, three
    // flags, and the two pages that wait to be written.
    constexpr double eachPixel = 9 * 4 + 5;
    const double pitch = o.cellSize * 1.12;
    const auto along = [&](std::int64_t n) { return std::ceil(static_cast<double>(n) * o.pixelSize / pitch) + 8; };
    const double cells = along(o.height) * along(o.width);
    const double shared = cells * (sizeof(Cell) + 3 * sizeof(Mitochondrion)) + 32.0 * (1 << 20);
    const double pixels = static_cast<double>(o.height) * static_cast<double>(o.width);
    const double each = pixels * eachPixel + cells * sizeof(Placed);
    const auto free = static_cast<double>(freeMemory()) * 0.9;
    if (shared + each > free) {
        const double part = std::sqrt(std::max(0.0, free - 32.0 * (1 << 20)) / (shared - 32.0 * (1 << 20) + each));
        const auto fits = [&](std::int64_t side) {
            return std::max<std::int64_t>(0, static_cast<std::int64_t>(static_cast<double>(side) * part) / 16 * 16);
        };
        const auto wayOut =
            fits(o.height) >= 8 && fits(o.width) >= 8
                ? fmt::format("Set width to {} and height to {}, or a larger cell-size.", fits(o.width), fits(o.height))
                : std::string("Close other programs, or raise the memory limit.");
        throw Error(Error::Kind::Failed, "tissue",
                    fmt::format("A section of {} x {} px with {:.0f} cells needs about {}, and {} are free. {}", o.width,
                                o.height, cells, memoryText(static_cast<std::int64_t>(std::min(shared + each, 9e18))),
                                memoryText(freeMemory()), wayOut));
    }
    const auto maximum = static_cast<std::int64_t>(std::min((free - shared) / each, 16.0));
    const std::int64_t cores = std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, 16);
    return std::clamp<std::int64_t>(maximum, 1, cores);
}

std::vector<std::filesystem::path> makeTissue(const Json &json, std::uint64_t seed, const std::filesystem::path &output,
                                              const SimulationProgress &progress)
{
    const auto o = TissueOptions::schema().read(json, "tissue");
    const auto volumePath = output / "tissue-volume.tif", labelsPath = output / "tissue-labels.tif";
    const auto threads = sectionsAtOnce(o);
    std::error_code failed;
    std::filesystem::create_directories(output, failed);
    if (failed)
        throw Error(Error::Kind::Failed, output.string(), "the folder cannot be made: " + files::writeProblem(failed.value()));
    for (const auto &file : {volumePath, labelsPath})
        requireNewOutput(file);
    const Tissue tissue(o, seed);
    const std::int64_t bytes = o.slices * o.height * o.width;
    TiffWriter volume(volumePath, bytes, o.pixelSize, o.sliceDistance, 0, true),
        labels(labelsPath, bytes, o.pixelSize, o.sliceDistance, 0, true);
    for (std::int64_t first = 0; first < o.slices; first += threads) {
        if (!progress(first, o.slices))
            throw Error(Error::Kind::Cancelled, output.string(),
                        fmt::format("The simulation was cancelled after {} of {} "
                                    "sections. No files were written.",
                                    first, o.slices));
        std::vector<std::future<Tissue::Section>> sections;
        for (std::int64_t z = first; z < std::min(first + threads, o.slices); ++z)
            sections.push_back(std::async(std::launch::async, [&tissue, z] { return tissue.section(z); }));
        for (auto &s : sections) {
            const auto section = s.get();
            volume.writePage(section.image);
            labels.writePage(section.labels);
        }
    }
    volume.close();
    try {
        labels.close();
    } catch (...) {
        std::filesystem::remove(volumePath, failed); // images without their labels would be in the way of the next try
        throw;
    }
    return {volumePath, labelsPath};
}

const Registration<SimulatorFactory> tissueRegistration(TissueOptions::schema().info(), makeTissue);

} // namespace
} // namespace reticle
