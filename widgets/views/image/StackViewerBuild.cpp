// The parts of the viewer: how they are made, laid out and connected.

#include "widgets/views/Theme.h"
#include "widgets/views/image/HistogramStrip.h"
#include "widgets/views/image/OverlayList.h"
#include "widgets/views/image/StackViewer_p.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

namespace reticle {

void StackViewer::Private::build()
{
    buildLines();
    auto *tools = new QHBoxLayout;
    tools->setContentsMargins(8, 4, 8, 4);
    tools->setSpacing(2);
    buildTools(tools);
    buildPanel();
    buildSlices();
    buildReadout();
    layOut(tools);
    q->setFocusProxy(first.view);
    orderTabs();
    followFirst();
}

StackViewer::Private::Pane StackViewer::Private::makePane(QWidget *parent)
{
    Pane p;
    p.widget = new QWidget(parent);
    auto *layout = new QVBoxLayout(p.widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    p.title = new QLabel(p.widget);
    p.title->setTextFormat(Qt::PlainText);
    p.title->setProperty("muted", true);
    p.title->setContentsMargins(12, 4, 12, 4);
    p.title->hide();
    p.view = new ImageView(p.widget);
    p.view->setReadoutVisible(false);
    layout->addWidget(p.title);
    layout->addWidget(p.view, 1);
    return p;
}

QToolButton *StackViewer::Private::button(const QString &icon, const QString &tip)
{
    auto *b = new QToolButton(q);
    b->setIcon(themeIcon(icon));
    b->setIconSize({18, 18});
    b->setToolTip(tip);
    b->setAccessibleName(tip);
    b->setFocusPolicy(Qt::TabFocus);
    return b;
}

void StackViewer::Private::buildLines()
{
    first = makePane(q);
    splitter = new QSplitter(Qt::Vertical, q);
    splitter->setChildrenCollapsible(false);
    for (auto *&line : lines) {
        line = new QSplitter(Qt::Horizontal, splitter);
        line->setChildrenCollapsible(false);
        splitter->addWidget(line);
    }
    lines[0]->addWidget(first.widget);
    lines[1]->hide();
}

void StackViewer::Private::buildTools(QHBoxLayout *tools)
{
    auto *out = button(QStringLiteral("zoom-out"), tr("Zoom out (−)"));
    auto *in = button(QStringLiteral("zoom-in"), tr("Zoom in (+)"));
    auto *fit = button(QStringLiteral("fit"), tr("Fit (F)"));
    auto *actual = button(QStringLiteral("actual-size"), tr("One image pixel a screen pixel (1)"));
    fit->setObjectName(QStringLiteral("fit"));
    in->setObjectName(QStringLiteral("zoomIn"));
    zoomLabel = new QLabel(q);
    zoomLabel->setProperty("muted", true);
    zoomLabel->setAlignment(Qt::AlignCenter);
    zoomLabel->setMinimumWidth(zoomLabel->fontMetrics().horizontalAdvance(QStringLiteral("10000 %")));
    channel = new QComboBox(q);
    channel->setObjectName(QStringLiteral("channel"));
    channel->setAccessibleName(tr("Channel"));
    channel->setFocusPolicy(Qt::StrongFocus);
    buildSplitButton();
    panelButton = button(QStringLiteral("panel-right"), tr("Contrast and overlays"));
    panelButton->setObjectName(QStringLiteral("panel"));
    panelButton->setCheckable(true);
    panelButton->setChecked(true);
    tools->addWidget(out);
    tools->addWidget(zoomLabel);
    tools->addWidget(in);
    tools->addSpacing(8);
    tools->addWidget(fit);
    tools->addWidget(actual);
    tools->addSpacing(8);
    tools->addWidget(channel);
    tools->addStretch();
    volumeButton = button(QStringLiteral("cube"), tr("3-D view of the stack"));
    volumeButton->setObjectName(QStringLiteral("volume"));
    volumeButton->setCheckable(true);
    volumeButton->hide();
    tools->addWidget(volumeButton);
    tools->addWidget(splitButton);
    tools->addWidget(panelButton);
    toolOrder = {out, in, fit, actual, channel, volumeButton, splitButton, panelButton};
    connect(out, &QToolButton::clicked, q, [this] { first.view->zoomOut(); });
    connect(in, &QToolButton::clicked, q, [this] { first.view->zoomIn(); });
    connect(fit, &QToolButton::clicked, q, [this] { first.view->fit(); });
    connect(actual, &QToolButton::clicked, q, [this] { first.view->showActualSize(); });
    connectTools();
}

void StackViewer::Private::buildSplitButton()
{
    splitButton = button(QStringLiteral("split"), tr("Views side by side"));
    splitButton->setObjectName(QStringLiteral("split"));
    splitButton->setCheckable(true);
    splitButton->setPopupMode(QToolButton::MenuButtonPopup);
    auto *menu = new QMenu(splitButton);
    menu->setObjectName(QStringLiteral("viewsMenu"));
    const QString names[] = {tr("One view"), tr("Two views"), tr("Three views"), tr("Four views")};
    for (int n = 1; n <= StackViewer::mostViews; ++n) {
        auto *action = menu->addAction(names[n - 1], q, [this, n] { q->setViews(n); });
        action->setCheckable(true);
        action->setData(n);
    }
    splitButton->setMenu(menu);
}

void StackViewer::Private::connectTools()
{
    connect(channel, &QComboBox::activated, q, [this](int i) {
        const int k = channel->itemData(i).toInt();
        first.view->setChannel(k);
        for (auto &pane : further)
            pane.view->setChannel(k);
    });
    connect(splitButton, &QToolButton::clicked, q, [this](bool on) { q->setViews(on ? 2 : 1); });
    connect(volumeButton, &QToolButton::clicked, q, &StackViewer::volumeToggled);
    connect(panelButton, &QToolButton::toggled, q, [this](bool on) { q->setPanelVisible(on); });
}

void StackViewer::Private::buildPanel()
{
    panel = new QScrollArea(q);
    panel->setWidgetResizable(true);
    panel->setFrameShape(QFrame::NoFrame);
    panel->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    panel->setFixedWidth(232);
    auto *content = new QFrame;
    content->setProperty("panel", true);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->setSpacing(8);
    auto *heading = new QLabel(tr("Contrast"), content);
    heading->setFont(themeFont(FontRole::Strong));
    automatic = new QPushButton(tr("Auto"), content);
    automatic->setObjectName(QStringLiteral("auto"));
    automatic->setToolTip(tr("Black and white at the 0.35 and 99.65 percentile of this slice (A)"));
    automatic->setProperty("quiet", true);
    auto *top = new QHBoxLayout;
    top->addWidget(heading);
    top->addStretch();
    top->addWidget(automatic);
    layout->addLayout(top);
    histogram = new HistogramStrip(content);
    layout->addWidget(histogram);
    overlayHeading = new QLabel(tr("Overlays"), content);
    overlayHeading->setFont(themeFont(FontRole::Strong));
    overlayHeading->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(overlayHeading);
    overlayList = new OverlayList(content);
    layout->addWidget(overlayList);
    layout->addStretch();
    panel->setWidget(content);
    connectPanel();
}

void StackViewer::Private::connectPanel()
{
    connect(automatic, &QPushButton::clicked, q, [this] { first.view->setAutoContrast(); });
    connect(histogram, &HistogramStrip::resetRequested, q, [this] { first.view->setAutoContrast(); });
    connect(histogram, &HistogramStrip::contrastChanged, q,
            [this](double black, double white) { first.view->setContrast(black, white); });
    connect(overlayList, &OverlayList::edited, q, [this](int index, const ImageOverlay &overlay) {
        fromList = true;
        first.view->setOverlay(index, overlay);
        fromList = false;
    });
}

void StackViewer::Private::buildSlices()
{
    sliceRow = new QWidget(q);
    auto *layout = new QHBoxLayout(sliceRow);
    layout->setContentsMargins(12, 4, 12, 4);
    layout->setSpacing(8);
    auto *label = new QLabel(tr("Slice"), sliceRow);
    label->setProperty("muted", true);
    slice = new QSlider(Qt::Horizontal, sliceRow);
    slice->setObjectName(QStringLiteral("slice"));
    slice->setAccessibleName(tr("Slice"));
    slice->setPageStep(10);
    sliceNumber = new QLineEdit(sliceRow);
    sliceNumber->setObjectName(QStringLiteral("sliceNumber"));
    sliceNumber->setAccessibleName(tr("Slice number"));
    sliceNumber->setAlignment(Qt::AlignRight);
    sliceNumber->setFixedWidth(64);
    sliceTotal = new QLabel(sliceRow);
    sliceTotal->setProperty("muted", true);
    layout->addWidget(label);
    layout->addWidget(slice, 1);
    layout->addWidget(sliceNumber);
    layout->addWidget(sliceTotal);
    connect(slice, &QSlider::valueChanged, q, [this](int v) { first.view->setPage(v); });
    connect(sliceNumber, &QLineEdit::editingFinished, q, [this] {
        bool ok = false;
        const auto wanted = sliceNumber->text().toLongLong(&ok);
        sliceNumber->setModified(false);
        if (ok)
            first.view->setPage(wanted);
        sliceNumber->setText(QString::number(first.view->page()));
    });
}

void StackViewer::Private::buildReadout()
{
    readout = new QLabel(q);
    readout->setObjectName(QStringLiteral("readout"));
    readout->setProperty("muted", true);
    readout->setContentsMargins(12, 2, 12, 4);
    readout->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    readout->setTextFormat(Qt::PlainText);
}

void StackViewer::Private::layOut(QHBoxLayout *tools)
{
    const auto line = [this] {
        auto *l = new QFrame(q);
        l->setProperty("line", true);
        return l;
    };
    auto *left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(splitter, 1);
    left->addWidget(line());
    left->addWidget(sliceRow);
    left->addWidget(readout);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addLayout(left, 1);
    panelLine = new QFrame(q);
    panelLine->setProperty("panelLine", true);
    panelLine->setFixedWidth(1);
    middle->addWidget(panelLine);
    middle->addWidget(panel);
    auto *layout = new QVBoxLayout(q);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(tools);
    layout->addWidget(line());
    layout->addLayout(middle, 1);
}

void StackViewer::Private::orderTabs()
{
    // The picture comes first, so that a fresh page has the keys go to it.
    QWidget *before = first.view;
    auto order = toolOrder;
    order.insert(order.end(), {automatic, histogram, slice, sliceNumber});
    for (auto *w : order) {
        setTabOrder(before, w);
        before = w;
    }
}

void StackViewer::Private::follow(ImageView *view)
{
    connect(view, &ImageView::hovered, q,
            [this, view](std::int64_t x, std::int64_t y, double) { readout->setText(view->readout(x, y)); });
    connect(view, &ImageView::hoverEnded, q, [this] { readout->clear(); });
}

void StackViewer::Private::followFirst()
{
    auto *view = first.view;
    follow(view);
    connect(view, &ImageView::pageChanged, q, [this](std::int64_t page) {
        showSlice();
        Q_EMIT q->pageChanged(page);
    });
    connect(view, &ImageView::pageReady, q, [this, view] {
        histogram->setHistogram(view->histogram());
        showContrast();
    });
    connect(view, &ImageView::sourceChanged, q, [this] {
        showSlice();
        showChannels();
        showContrast();
        showZoom();
        readout->clear();
        for (std::size_t i = 0; i < further.size(); ++i)
            if (!contents[i].source)
                fill(i);
    });
    connect(view, &ImageView::contrastChanged, q, [this] { showContrast(); });
    connect(view, &ImageView::viewChanged, q, [this](const QRect &region) {
        showZoom();
        Q_EMIT q->viewChanged(region);
    });
    connect(view, &ImageView::overlaysChanged, q, [this] {
        showOverlays();
        Q_EMIT q->overlaysChanged();
    });
}

} // namespace reticle
