#pragma once

#include "files/ImageSource.h"
#include "foundation/Array.h"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace reticle {

/// Counts of the shown page's values, of each channel; what contrast is chosen by.
struct PageHistogram
{
    struct Range
    {
        double black = 0, white = 1;
    };
    static constexpr int bins = 256; ///< at most

    double low = 0, high = 1;                      ///< of the finite values; bin i of n covers low + i (high - low) / n
    std::vector<std::vector<std::int64_t>> counts; ///< channel, bin
    std::vector<Range> stretch;                    ///< 0.35 and 99.65 percentile of each channel
    Range all;                                     ///< the same over the color channels (without alpha)
    std::int64_t finite = 0, total = 0;            ///< values looked at (a large page is sampled)
};

/// Of pages (H, W) or (H, W, C) taken together. At most about a million pixels are looked at, evenly spread.
PageHistogram histogramOf(const std::vector<Array> &parts);

/// Half the size (rounded up): each value the mean of the 2 x 2 (at an odd edge 2 or 1) above it, whole numbers rounded.
Array halved(const Array &image);

/// Reads pages or, of large pages, tiles on a thread of its own, newest request first, and keeps the latest within a
/// budget of bytes. Ask again at every repaint: what is not there is fetched, and arrived() says when to repaint.
/// Requests of an older round (see newRound) that nobody repeated are dropped. For the GUI thread.
class ImageTiles : public QObject
{
    Q_OBJECT
public:
    static constexpr std::int64_t tileSide = 512;
    /// Pages of at most this many bytes are read whole.
    static constexpr std::int64_t wholePageBytes = std::int64_t(128) << 20;

    explicit ImageTiles(QObject *parent = nullptr);
    /// Does not wait for a read that is under way.
    ~ImageTiles() override;

    /// Drops everything kept. `average`: coarser levels are means (intensities); else only level 0 is used (labels).
    void setSource(std::shared_ptr<ImageSource> source, bool average);
    bool isTiled() const; ///< too large to be read whole
    int levels() const;   ///< of a tiled source: level l is 2^l times smaller; the last fits in one tile

    struct Page
    {
        std::vector<Array> levels; ///< 0 = full size; each next half the size
        PageHistogram histogram;
    };
    struct Tile
    {
        Array data;
        std::int64_t x = 0, y = 0; ///< top left corner in image pixels
        int level = 0;
    };

    /// Null while it is fetched or when it failed.
    std::shared_ptr<const Page> page(std::int64_t page);
    /// Null likewise. Tile (tx, ty) of `level` covers tileSide * 2^level image pixels a side.
    std::shared_ptr<const Tile> tile(std::int64_t page, int level, std::int64_t tx, std::int64_t ty);
    /// The same, without fetching it.
    std::shared_ptr<const Tile> keptTile(std::int64_t page, int level, std::int64_t tx, std::int64_t ty) const;
    /// Histogram of a page that is read in tiles, from patches spread over it.
    std::shared_ptr<const PageHistogram> histogram(std::int64_t page);
    /// Fetches a page when there is nothing else to do.
    void prefetch(std::int64_t page);
    /// Why the page, or any part of it, could not be read; empty while nothing failed.
    QString failure(std::int64_t page) const;
    /// Another page or region is wanted: what is still waiting and is not asked for again is dropped.
    void newRound();

    std::int64_t bytesKept() const;
    void setBudget(std::int64_t bytes); ///< 384 MiB at first; the newest entry is kept whatever its size

Q_SIGNALS:
    void arrived(std::int64_t page);
    void failed(std::int64_t page, const QString &sentence);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
