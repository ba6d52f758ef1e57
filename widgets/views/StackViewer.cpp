#include "widgets/views/StackViewer.h"

#include <QHBoxLayout>

namespace reticle {

struct StackViewer::Private
{
    ImageView *first = nullptr, *second = nullptr;
    bool panel = true;
};

StackViewer::StackViewer(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    d->first = new ImageView(this);
    layout->addWidget(d->first);
    connect(d->first, &ImageView::pageChanged, this, &StackViewer::pageChanged);
    connect(d->first, &ImageView::viewChanged, this, &StackViewer::viewChanged);
    connect(d->first, &ImageView::overlaysChanged, this, &StackViewer::overlaysChanged);
}
StackViewer::~StackViewer() = default;
void StackViewer::setSource(std::shared_ptr<ImageSource> source) { d->first->setSource(std::move(source)); }
void StackViewer::setOverlays(std::vector<ImageOverlay> overlays) { d->first->setOverlays(std::move(overlays)); }
const std::vector<ImageOverlay> &StackViewer::overlays() const { return d->first->overlays(); }
std::int64_t StackViewer::page() const { return d->first->page(); }
void StackViewer::setPage(std::int64_t page) { d->first->setPage(page); }
void StackViewer::setErrorText(const QString &sentence) { d->first->setErrorText(sentence); }
void StackViewer::setEmptyText(const QString &text) { d->first->setEmptyText(text); }
ImageView *StackViewer::view() const { return d->first; }
ImageView *StackViewer::secondView() const { return d->second; }
bool StackViewer::isSplit() const { return d->second != nullptr; }
void StackViewer::setSplit(bool) {}
void StackViewer::setSecondSource(std::shared_ptr<ImageSource>, const QString &) {}
void StackViewer::setSecondOverlays(std::vector<ImageOverlay>) {}
void StackViewer::setTitle(const QString &) {}
void StackViewer::setPanelVisible(bool visible) { d->panel = visible; }
bool StackViewer::isPanelVisible() const { return d->panel; }

} // namespace reticle
