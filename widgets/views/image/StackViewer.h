#pragma once

#include "widgets/views/image/ImageView.h"

#include <QWidget>

#include <memory>

namespace reticle {

/// An ImageView with its controls: slices by slider, contrast on the histogram, overlays with visibility, opacity and
/// color, a readout line, and on demand one to three more views beside it, all linked. GUI thread only.
class StackViewer : public QWidget
{
    Q_OBJECT
public:
    explicit StackViewer(QWidget *parent = nullptr);
    ~StackViewer() override;

    /// With `keepView` page, region and contrast stay where the new source is of the same size.
    void setSource(std::shared_ptr<ImageSource> source, bool keepView = false);
    void setOverlays(std::vector<ImageOverlay> overlays);
    const std::vector<ImageOverlay> &overlays() const;
    std::int64_t page() const;
    void setPage(std::int64_t page);
    void setErrorText(const QString &sentence);
    void setEmptyText(const QString &text);

    static constexpr int mostViews = 4;
    ImageView *view() const;
    /// 1 to 4: side by side, four as two by two.
    int views() const;
    void setViews(int views);
    /// View 0 (the first) to 3; null where it is not on show.
    ImageView *viewAt(int index) const;
    /// What view 1 to 3 shows: the same source without overlays unless given another (null = the same). Kept while the
    /// view is not on show.
    void setSourceAt(int index, std::shared_ptr<ImageSource> source, const QString &title = {});
    void setOverlaysAt(int index, std::vector<ImageOverlay> overlays);
    void setTitle(const QString &title); ///< above the first view when split
    QString titleAt(int index) const;    ///< of view 0 (the first) to 3
    /// The panel with histogram and overlays on the right.
    void setPanelVisible(bool visible);
    bool isPanelVisible() const;
    /// A button for a 3-D view that somebody else shows; there is none unless asked for.
    void setVolumeButtonVisible(bool visible);
    void setVolumeShown(bool shown);

Q_SIGNALS:
    void pageChanged(std::int64_t page);
    void viewChanged(const QRect &region);
    void overlaysChanged();
    void viewsChanged(int views);
    void volumeToggled(bool shown); ///< by the user

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
