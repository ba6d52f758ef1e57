#pragma once

#include "widgets/views/image/ImageRaster.h"
#include "widgets/views/image/ImageView.h"

#include <QImage>
#include <QPointer>
#include <QTimer>

namespace reticle {

struct ImageView::Private
{
    explicit Private(ImageView *view) : q(view) {}

    ImageView *q;
    std::shared_ptr<ImageSource> source;
    ImageTiles *tiles = nullptr;
    std::vector<ImageOverlay> overlays;
    std::vector<std::unique_ptr<ImageTiles>> overlayTiles; ///< null for overlays given as values
    QString emptyText, errorText;

    std::int64_t page = 0;
    int direction = 1; ///< of the last change of page: where to read ahead
    QPointF center{0.5, 0.5};
    double zoom = 1;
    bool fitted = true;

    std::vector<PageHistogram::Range> ranges; ///< of each channel
    bool automatic = true, perPage = false, contrastKnown = false;
    double gamma = 1;
    std::string map = "gray";
    int channel = -1;
    PageHistogram histogram;
    std::int64_t histogramPage = -1;

    /// What is drawn, gathered by refresh(): image planes from coarse to fine, then those of each overlay.
    std::vector<Plane> planes;
    std::vector<std::vector<Plane>> overlayPlanes;
    std::shared_ptr<const ImageTiles::Page> shown; ///< the last page that was there; stays until the next one comes
    std::int64_t readyPage = -1;                   ///< announced with pageReady
    bool ready = false;
    bool waitingShown = false;
    QTimer waiting; ///< only a read that takes longer than a glance is mentioned

    QImage picture;
    bool dirty = true;
    ContrastTable table;
    std::array<ContrastTable, 3> tables;

    bool scaleBar = true, readoutChip = true, keyboardFocus = false;
    bool dragging = false, pressed = false;
    QPointF pressAt, lastAt;
    std::optional<QPoint> hover; ///< image pixel under the cursor
    std::optional<QPoint> ghost; ///< the same of the linked view
    std::optional<QPoint> mark;  ///< set from outside
    double pixelSize = 0;        ///< nm, set from outside; 0 = as the source says
    int wheelRest = 0;
    std::vector<QPointer<ImageView>> others; ///< all that are linked with this one
    /// Calls f with each linked view; what f moves there does not come back.
    template <class F> void withOthers(F &&f)
    {
        for (const auto &other : std::vector(others))
            if (other && !other->d->syncing) {
                other->d->syncing = true;
                f(other.data());
                other->d->syncing = false;
            }
    }
    bool syncing = false, announcing = false;

    std::int64_t width() const { return source ? source->info().width : 0; }
    std::int64_t height() const { return source ? source->info().height : 0; }
    std::int64_t channels() const { return source ? std::max<std::int64_t>(1, source->info().channels) : 0; }
    bool isColor() const { return channel < 0 && (channels() == 3 || channels() == 4); }
    int shownChannel() const { return std::max(0, channel); }

    Mapping mapping(double ratio) const;
    /// Asks for what is in sight, gathers what is there, announces a page that has become ready, repaints.
    void refresh();
    void gatherPage();
    void gatherTiles(ImageTiles &from, std::vector<Plane> &to, bool &complete) const;
    void takeHistogram(const PageHistogram &h);
    void applyAutomatic();
    /// After pan, zoom or resize: clamps, tells the linked view, announces.
    void viewMoved();
    void fitNow();
    double fitZoom() const;
    void announceView();
    void compose(double ratio);
    /// The image of these planes with the overlays; borders of labels are `thickness` pixels wide.
    void draw(QImage &picture, const Mapping &mapping, const std::vector<Plane> &planes, int thickness);
    void paintMessage(QPainter &painter, const QString &title, const QString &text, bool problem) const;
    void paintScaleBar(QPainter &painter) const;
    void paintMark(QPainter &painter) const;
    void paintChip(QPainter &painter, QPointF corner, const QString &text, bool right) const;
    void setHover(std::optional<QPoint> at);
};

/// The largest of 1, 2, 5 x 10^k not above `maximum`.
double niceLength(double maximum);
/// "500 nm", "2 µm", "1.5 mm" for nanometres.
QString lengthText(double nanometres);
/// A pixel's value as short as it can be without loss that matters: whole numbers whole, others with 5 digits.
QString valueText(double value);

} // namespace reticle
