#pragma once

#include "widgets/views/ImageView.h"

#include <QWidget>

#include <memory>

namespace reticle {

/// An ImageView with its controls: slices by slider, contrast on the histogram, overlays with visibility, opacity and
/// colour, a readout line, and on demand a second view beside it, linked. GUI thread only.
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

    ImageView *view() const;
    /// The view beside it; null unless split. It shows the same source without overlays unless given another.
    ImageView *secondView() const;
    bool isSplit() const;
    void setSplit(bool split);
    void setSecondSource(std::shared_ptr<ImageSource> source, const QString &title = {});
    void setSecondOverlays(std::vector<ImageOverlay> overlays);
    void setTitle(const QString &title); ///< above the first view when split
    /// The panel with histogram and overlays on the right.
    void setPanelVisible(bool visible);
    bool isPanelVisible() const;

Q_SIGNALS:
    void pageChanged(std::int64_t page);
    void viewChanged(const QRect &region);
    void overlaysChanged();
    void splitChanged(bool split);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
