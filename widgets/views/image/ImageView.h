#pragma once

#include "figure/Figure.h"
#include "files/ImageSource.h"
#include "foundation/Array.h"
#include "widgets/views/image/ImageTiles.h"

#include <QColor>
#include <QPointF>
#include <QRect>
#include <QString>
#include <QWidget>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace reticle {

/// Labels or a probability drawn over the pages of an ImageView.
struct ImageOverlay
{
    enum class Kind {
        Labels,      ///< integer values, 0 = nothing drawn, by labelColor
        Outlines,    ///< borders of the labels
        Probability, ///< 0..1 through a color map
    };

    QString name;
    Kind kind = Kind::Labels;
    /// One page for each page of the image, of the same size. Either this or `values`.
    std::shared_ptr<ImageSource> source;
    /// (H, W) values of page `page` (-1: of every page), their top left corner at `offset` in image pixels: a part of
    /// the page will do.
    Array values;
    std::int64_t page = -1;
    QPoint offset;
    QString colorMap = QStringLiteral("viridis"); ///< Probability
    QColor color;                                 ///< Labels, Outlines: this one for every label; invalid = by label
    double opacity = 0.5;                         ///< 0..1
    double threshold = 0;                         ///< Probability: values below it stay clear
    double scale = 1;                             ///< Probability: the value that counts as 1, e.g. 255 for an 8-bit probability
    bool visible = true;
    std::vector<std::string> classNames; ///< name of label 0, 1, …; may be empty
};

/// An image or stack of any size, page by page: pan by dragging, zoom at the cursor with Ctrl + wheel or pinch, slices by
/// wheel, PageUp/PageDown and arrows; + - zoom, 0 or F fit, 1 = one image pixel a screen pixel, A automatic contrast.
/// Every repaint maps screen pixels back to source pixels, so its cost does not depend on the image's size. Pages are
/// read on a thread of the view, the newest request first, and a few are kept; the GUI thread never waits for a file.
/// All methods are for the GUI thread.
class ImageView : public QWidget
{
    Q_OBJECT
public:
    explicit ImageView(QWidget *parent = nullptr);
    ~ImageView() override;

    /// Shares the source. Null shows the empty state. Page 0, fitted, contrast as setAutoContrast says. With `keepView` the
    /// page, region and contrast stay where the new source is of the same size.
    void setSource(std::shared_ptr<ImageSource> source, bool keepView = false);
    const std::shared_ptr<ImageSource> &source() const;
    /// What is said while there is no source, and the sentence shown in its place when opening failed.
    void setEmptyText(const QString &text);
    void setErrorText(const QString &sentence);
    QString errorText() const; ///< of the source or of the page on show; empty = none

    std::int64_t page() const;
    std::int64_t pages() const;      ///< 0 without a source
    void setPage(std::int64_t page); ///< clamped
    /// The page on show is read and drawn (and its overlays); false while it is on its way.
    bool isReady() const;

    /// Values shown as black and white, of the chosen channel or of all. Switches automatic contrast off.
    void setContrast(double black, double white);
    std::pair<double, double> contrast() const;
    /// Black and white at the 0.35 and 99.65 percentile of the page on show; with `perPage` of each page anew. So it is
    /// at first, but for 8-bit RGB, which is shown as it is.
    void setAutoContrast(bool perPage = false);
    bool isAutoContrast() const;
    void setGamma(double gamma); ///< 0.1..10; 1 = linear
    double gamma() const;
    const PageHistogram &histogram() const;
    /// One channel (0, 1, …) in gray; -1 = RGB where there are 3 or 4 channels, else channel 0.
    void setChannel(int channel);
    int channel() const;
    int channels() const;
    void setColorMap(const QString &name); ///< of a gray image; "gray" at first
    QString colorMap() const;

    void setOverlays(std::vector<ImageOverlay> overlays);
    const std::vector<ImageOverlay> &overlays() const;
    void setOverlay(int index, const ImageOverlay &overlay);

    double zoom() const;    ///< logical screen pixels an image pixel
    QPointF center() const; ///< image position in the middle of the view; pixel (0, 0) covers 0..1
    void setView(QPointF center, double zoom);
    void fit(); ///< and stay fitted when resized, until zoomed or panned
    bool isFitted() const;
    void zoomBy(double factor, QPointF anchor); ///< anchor in widget coordinates stays put
    void zoomIn();
    void zoomOut();
    void showActualSize(); ///< one image pixel on one screen (device) pixel
    QPointF toImage(QPointF widget) const;
    QPointF fromImage(QPointF image) const;
    /// Whole image pixels in sight: x, y, width, height.
    QRect visibleImageRect() const;

    void setScaleBarVisible(bool visible);
    /// Of the scale bar: nm a pixel is wide; 0 = as the source says. Another source does not change it.
    void setPixelSize(double nm);
    double pixelSize() const; ///< that of the scale bar; 0 = not known
    /// A crosshair over the whole image through this pixel, on every page, in all that are linked; nothing takes it away.
    void setMark(std::optional<QPoint> pixel);
    std::optional<QPoint> mark() const;
    void setReadoutVisible(bool visible);

    /// From now on both, and all that are linked with this one, show the same region and page (each its own contrast), in
    /// every direction. Null takes this one out.
    void link(ImageView *other);
    ImageView *linked() const; ///< one of them

    /// What is in sight, as a panel of a figure: the page's own values in this contrast and color map with its overlays, colors
    /// and gamma as they are drawn, scale bar and all. Of large regions every step-th pixel, at most so many. Nothing before
    /// isReady().
    std::optional<ImagePanel> panel(std::int64_t mostPixels = 4'000'000) const;

    /// The value of the shown page at pixel (x, y) of the channel, NaN outside or while it is not read.
    double valueAt(std::int64_t x, std::int64_t y, int channel = 0) const;
    /// Value of an overlay, NaN outside, where it is hidden or not read.
    double overlayValueAt(int overlay, std::int64_t x, std::int64_t y) const;
    /// What the readout says of pixel (x, y): "x 12  y 7  z 3  value 141  membrane".
    QString readout(std::int64_t x, std::int64_t y) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// The cursor is over image pixel (x, y); value of the first (or chosen) channel.
    void hovered(std::int64_t x, std::int64_t y, double value);
    void hoverEnded();
    void clicked(std::int64_t x, std::int64_t y, Qt::MouseButton button);
    void sourceChanged();
    void pageChanged(std::int64_t page);
    void pageReady(std::int64_t page); ///< read and drawn; histogram() is of this page
    void pageFailed(std::int64_t page, const QString &sentence);
    void channelChanged(int channel); ///< before the contrast of that channel is announced
    void contrastChanged(double black, double white);
    void overlaysChanged();
    /// Pan, zoom, resize, another page: visibleImageRect(). At most once a turn of the event loop.
    void viewChanged(const QRect &region);

protected:
    void paintEvent(QPaintEvent *) override;
    void resizeEvent(QResizeEvent *) override;
    void mousePressEvent(QMouseEvent *) override;
    void mouseMoveEvent(QMouseEvent *) override;
    void mouseReleaseEvent(QMouseEvent *) override;
    void mouseDoubleClickEvent(QMouseEvent *) override;
    void wheelEvent(QWheelEvent *) override;
    void keyPressEvent(QKeyEvent *) override;
    void leaveEvent(QEvent *) override;
    void focusInEvent(QFocusEvent *) override;
    void focusOutEvent(QFocusEvent *) override;
    bool event(QEvent *) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
