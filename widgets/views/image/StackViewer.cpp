#include "widgets/views/image/StackViewer.h"

#include "widgets/views/Theme.h"
#include "widgets/views/image/HistogramStrip.h"
#include "widgets/views/image/OverlayList.h"

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

#include <array>
#include <cassert>
#include <cmath>

namespace reticle {

namespace {

/// A view with the line of text above it that says what it shows.
struct Pane
{
    QWidget *widget = nullptr;
    QLabel *title = nullptr;
    ImageView *view = nullptr;
};

/// What a further view shows, whether it is there or not.
struct Content
{
    std::shared_ptr<ImageSource> source; ///< null = the first's
    std::vector<ImageOverlay> overlays;
    QString title;
};

Pane makePane(QWidget *parent)
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

} // namespace

struct StackViewer::Private
{
    StackViewer *q;
    Pane first;
    std::vector<Pane> further;
    std::array<Content, StackViewer::mostViews - 1> contents; ///< of the further ones
    QSplitter *splitter = nullptr;                            ///< one row of views, or two of them one above the other
    std::array<QSplitter *, 2> lines{};                       ///< the rows
    QString title;
    QScrollArea *panel = nullptr;
    QFrame *panelLine = nullptr;
    HistogramStrip *histogram = nullptr;
    QPushButton *automatic = nullptr;
    OverlayList *overlayList = nullptr;
    QLabel *overlayHeading = nullptr, *zoomLabel = nullptr, *readout = nullptr, *sliceTotal = nullptr;
    QComboBox *channel = nullptr;
    QWidget *sliceRow = nullptr;
    QSlider *slice = nullptr;
    QLineEdit *sliceNumber = nullptr;
    QToolButton *splitButton = nullptr, *panelButton = nullptr, *volumeButton = nullptr;
    std::vector<QWidget *> toolOrder;
    bool fromList = false;

    QToolButton *button(const QString &icon, const QString &tip)
    {
        auto *b = new QToolButton(q);
        b->setIcon(themeIcon(icon));
        b->setIconSize({18, 18});
        b->setToolTip(tip);
        b->setAccessibleName(tip);
        b->setFocusPolicy(Qt::TabFocus);
        return b;
    }

    void showSlice()
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

    void showContrast()
    {
        const auto [black, white] = first.view->contrast();
        histogram->setContrast(black, white);
        automatic->setEnabled(first.view->source() != nullptr);
    }

    void showZoom()
    {
        const double percent = first.view->zoom() * q->devicePixelRatioF() * 100;
        zoomLabel->setText(first.view->source() ? QStringLiteral("%1 %").arg(percent < 10 ? QString::number(percent, 'g', 2)
                                                                                          : QString::number(std::lround(percent)))
                                                : QString());
    }

    void showChannels()
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

    void showTitles()
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

    /// Two and three stand in a row, four in two rows.
    void arrange()
    {
        const std::size_t upper = further.size() + 1 == 4 ? 2 : further.size() + 1;
        for (std::size_t i = 0; i < further.size(); ++i)
            lines[i + 1 < upper ? 0 : 1]->addWidget(further[i].widget);
        lines[1]->setVisible(upper <= further.size());
        for (auto *line : lines)
            line->setSizes(QList<int>(std::max(1, line->count()), 1000));
        splitter->setSizes({1000, 1000});
    }

    void showViewsButton()
    {
        splitButton->setChecked(!further.empty());
        for (auto *action : splitButton->menu()->actions())
            action->setChecked(action->data().toInt() == static_cast<int>(further.size()) + 1);
    }

    void showOverlays()
    {
        const bool any = !first.view->overlays().empty();
        overlayHeading->setVisible(any);
        overlayList->setVisible(any);
        if (!fromList)
            overlayList->setOverlays(first.view->overlays());
    }

    void follow(ImageView *view)
    {
        connect(view, &ImageView::hovered, q,
                [this, view](std::int64_t x, std::int64_t y, double) { readout->setText(view->readout(x, y)); });
        connect(view, &ImageView::hoverEnded, q, [this] { readout->clear(); });
    }

    void fill(std::size_t i)
    {
        if (i >= further.size())
            return;
        further[i].view->setSource(contents[i].source ? contents[i].source : first.view->source(), true);
        further[i].view->setOverlays(contents[i].overlays);
    }

    void buildTools(QHBoxLayout *tools)
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

    void buildPanel()
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

    void buildSlices()
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
};

StackViewer::StackViewer(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->first = makePane(this);
    d->splitter = new QSplitter(Qt::Vertical, this);
    d->splitter->setChildrenCollapsible(false);
    for (auto *&line : d->lines) {
        line = new QSplitter(Qt::Horizontal, d->splitter);
        line->setChildrenCollapsible(false);
        d->splitter->addWidget(line);
    }
    d->lines[0]->addWidget(d->first.widget);
    d->lines[1]->hide();
    auto *tools = new QHBoxLayout;
    tools->setContentsMargins(8, 4, 8, 4);
    tools->setSpacing(2);
    d->buildTools(tools);
    d->buildPanel();
    d->buildSlices();
    d->readout = new QLabel(this);
    d->readout->setObjectName(QStringLiteral("readout"));
    d->readout->setProperty("muted", true);
    d->readout->setContentsMargins(12, 2, 12, 4);
    d->readout->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    d->readout->setTextFormat(Qt::PlainText);
    const auto line = [this] {
        auto *l = new QFrame(this);
        l->setProperty("line", true);
        return l;
    };
    auto *left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(d->splitter, 1);
    left->addWidget(line());
    left->addWidget(d->sliceRow);
    left->addWidget(d->readout);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addLayout(left, 1);
    d->panelLine = new QFrame(this);
    d->panelLine->setProperty("panelLine", true);
    d->panelLine->setFixedWidth(1);
    middle->addWidget(d->panelLine);
    middle->addWidget(d->panel);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(tools);
    layout->addWidget(line());
    layout->addLayout(middle, 1);

    auto *view = d->first.view;
    setFocusProxy(view);
    // The picture comes first, so that a fresh page has the keys go to it.
    QWidget *before = view;
    auto order = d->toolOrder;
    order.insert(order.end(), {d->automatic, d->histogram, d->slice, d->sliceNumber});
    for (auto *w : order) {
        setTabOrder(before, w);
        before = w;
    }
    d->follow(view);
    connect(view, &ImageView::pageChanged, this, [this](std::int64_t page) {
        d->showSlice();
        Q_EMIT pageChanged(page);
    });
    connect(view, &ImageView::pageReady, this, [this, view] {
        d->histogram->setHistogram(view->histogram());
        d->showContrast();
    });
    connect(view, &ImageView::sourceChanged, this, [this] {
        d->showSlice();
        d->showChannels();
        d->showContrast();
        d->showZoom();
        d->readout->clear();
        for (std::size_t i = 0; i < d->further.size(); ++i)
            if (!d->contents[i].source)
                d->fill(i);
    });
    connect(view, &ImageView::contrastChanged, this, [this] { d->showContrast(); });
    connect(view, &ImageView::viewChanged, this, [this](const QRect &region) {
        d->showZoom();
        Q_EMIT viewChanged(region);
    });
    connect(view, &ImageView::overlaysChanged, this, [this] {
        d->showOverlays();
        Q_EMIT overlaysChanged();
    });
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
        d->further.push_back(makePane(this));
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
