#include "widgets/views/image/HistogramStrip.h"
#include "widgets/views/image/OverlayList.h"
#include "widgets/views/image/StackViewer_p.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QToolButton>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace reticle {

void StackViewer::Private::showSlice()
{
    const auto pages = first.view->pages();
    sliceRow->setVisible(pages > 1);
    const QSignalBlocker block(slice);
    // Counted from 0, as recipes and readers count slices.
    slice->setRange(0, static_cast<int>(std::max<std::int64_t>(1, pages) - 1));
    slice->setValue(static_cast<int>(first.view->page()));
    if (!sliceNumber->hasFocus() || !sliceNumber->isModified())
        sliceNumber->setText(QString::number(first.view->page()));
    sliceTotal->setText(QStringLiteral("/ %1").arg(pages - 1));
}

void StackViewer::Private::showContrast()
{
    const auto [black, white] = first.view->contrast();
    histogram->setContrast(black, white);
    automatic->setEnabled(first.view->source() != nullptr);
}

void StackViewer::Private::showZoom()
{
    const double percent = first.view->zoom() * q->devicePixelRatioF() * 100;
    zoomLabel->setText(first.view->source() ? QStringLiteral("%1 %").arg(percent < 10 ? QString::number(percent, 'g', 2)
                                                                                      : QString::number(std::lround(percent)))
                                            : QString());
}

void StackViewer::Private::showChannels()
{
    const int n = first.view->channels();
    const QSignalBlocker block(channel);
    channel->clear();
    if (n == 3 || n == 4) {
        channel->addItem(tr("RGB"), -1);
        const QString names[] = {tr("Red"), tr("Green"), tr("Blue"), tr("Alpha")};
        for (int k = 0; k < n; ++k)
            channel->addItem(names[k], k);
    } else {
        for (int k = 0; k < n; ++k)
            channel->addItem(tr("Channel %1").arg(k + 1), k);
    }
    channel->setVisible(n > 1);
}

void StackViewer::Private::showTitles()
{
    bool any = !title.isEmpty();
    for (std::size_t i = 0; i < further.size(); ++i)
        any = any || !contents[i].title.isEmpty();
    any = any && !further.empty();
    first.title->setText(title);
    first.title->setVisible(any);
    for (std::size_t i = 0; i < further.size(); ++i) {
        further[i].title->setText(contents[i].title);
        further[i].title->setVisible(any);
    }
}

void StackViewer::Private::arrange()
{
    const std::size_t upper = further.size() + 1 == 4 ? 2 : further.size() + 1;
    for (std::size_t i = 0; i < further.size(); ++i)
        lines[i + 1 < upper ? 0 : 1]->addWidget(further[i].widget);
    lines[1]->setVisible(upper <= further.size());
    for (auto *line : lines)
        line->setSizes(QList<int>(std::max(1, line->count()), 1000));
    splitter->setSizes({1000, 1000});
}

void StackViewer::Private::showViewsButton()
{
    splitButton->setChecked(!further.empty());
    for (auto *action : splitButton->menu()->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(further.size()) + 1);
}

void StackViewer::Private::showOverlays()
{
    const bool any = !first.view->overlays().empty();
    overlayHeading->setVisible(any);
    overlayList->setVisible(any);
    if (!fromList)
        overlayList->setOverlays(first.view->overlays());
}

void StackViewer::Private::fill(std::size_t i)
{
    if (i >= further.size())
        return;
    further[i].view->setSource(contents[i].source ? contents[i].source : first.view->source(), true);
    further[i].view->setOverlays(contents[i].overlays);
}

StackViewer::StackViewer(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>(this))
{
    d->build();
    d->showSlice();
    d->showChannels();
    d->showContrast();
    d->showOverlays();
}

StackViewer::~StackViewer() = default;

void StackViewer::setSource(std::shared_ptr<ImageSource> source, bool keepView)
{
    d->first.view->setSource(std::move(source), keepView);
    if (d->first.view->histogram().total > 0)
        d->histogram->setHistogram(d->first.view->histogram());
    else
        d->histogram->setHistogram({});
}

void StackViewer::setOverlays(std::vector<ImageOverlay> overlays)
{
    d->first.view->setOverlays(std::move(overlays));
}

const std::vector<ImageOverlay> &StackViewer::overlays() const
{
    return d->first.view->overlays();
}

std::int64_t StackViewer::page() const
{
    return d->first.view->page();
}

void StackViewer::setPage(std::int64_t page)
{
    d->first.view->setPage(page);
}

void StackViewer::setErrorText(const QString &sentence)
{
    d->first.view->setErrorText(sentence);
}

void StackViewer::setEmptyText(const QString &text)
{
    d->first.view->setEmptyText(text);
}

ImageView *StackViewer::view() const
{
    return d->first.view;
}

int StackViewer::views() const
{
    return static_cast<int>(d->further.size()) + 1;
}

ImageView *StackViewer::viewAt(int index) const
{
    return index == 0                     ? d->first.view
           : index > 0 && index < views() ? d->further[static_cast<std::size_t>(index - 1)].view
                                          : nullptr;
}

void StackViewer::setViews(int wanted)
{
    wanted = std::clamp(wanted, 1, mostViews);
    if (wanted == views())
        return d->showViewsButton();
    const bool fitted = d->first.view->isFitted();
    while (views() > wanted) {
        d->further.back().view->link(nullptr);
        delete d->further.back().widget;
        d->further.pop_back();
    }
    while (views() < wanted) {
        const auto i = d->further.size();
        d->further.push_back(Private::makePane(this));
        d->follow(d->further.back().view);
        d->fill(i);
        d->first.view->link(d->further.back().view);
    }
    d->arrange();
    for (auto &pane : d->further)
        pane.widget->show();
    if (fitted)
        d->first.view->fit();
    d->showTitles();
    d->showViewsButton();
    Q_EMIT viewsChanged(wanted);
}

void StackViewer::setSourceAt(int index, std::shared_ptr<ImageSource> source, const QString &title)
{
    assert(index >= 1 && index < mostViews);
    const auto i = static_cast<std::size_t>(index - 1);
    d->contents[i].source = std::move(source);
    d->contents[i].title = title;
    d->fill(i);
    d->showTitles();
}

void StackViewer::setOverlaysAt(int index, std::vector<ImageOverlay> overlays)
{
    assert(index >= 1 && index < mostViews);
    const auto i = static_cast<std::size_t>(index - 1);
    d->contents[i].overlays = std::move(overlays);
    if (i < d->further.size())
        d->further[i].view->setOverlays(d->contents[i].overlays);
}

void StackViewer::setTitle(const QString &title)
{
    d->title = title;
    d->showTitles();
}

QString StackViewer::titleAt(int index) const
{
    return index == 0 ? d->title : d->contents.at(static_cast<std::size_t>(index - 1)).title;
}

void StackViewer::setPanelVisible(bool visible)
{
    d->panel->setVisible(visible);
    d->panelLine->setVisible(visible);
    const QSignalBlocker block(d->panelButton);
    d->panelButton->setChecked(visible);
}

void StackViewer::setVolumeButtonVisible(bool visible)
{
    d->volumeButton->setVisible(visible);
}

void StackViewer::setVolumeShown(bool shown)
{
    d->volumeButton->setChecked(shown);
}

bool StackViewer::isPanelVisible() const
{
    return !d->panel->isHidden();
}

} // namespace reticle
