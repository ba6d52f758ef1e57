#include "widgets/views/image/OverlayList.h"

#include "figure/ColorMap.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/LetGo.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/SwatchLegend.h"

#include <QColorDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace reticle {

namespace {

QIcon swatchIcon(const ImageOverlay &o)
{
    QPixmap pixmap(32, 32);
    pixmap.fill(Qt::transparent);
    QPainter p(&pixmap);
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF r(5, 5, 22, 22);
    if (o.kind == ImageOverlay::Kind::Probability) {
        QLinearGradient g(r.topLeft(), r.topRight());
        const auto &t = colorTable(o.colorMap.toStdString());
        for (int i = 0; i <= 8; ++i)
            g.setColorAt(i / 8.0, QColor::fromRgb(t[static_cast<std::size_t>(i * 255 / 8)]));
        p.setBrush(g);
    } else if (o.color.isValid()) {
        p.setBrush(o.color);
    } else {
        QConicalGradient g(r.center(), 0);
        for (int i = 0; i < 6; ++i) {
            g.setColorAt(i / 6.0, QColor::fromRgb(labelColor(i + 1)));
            g.setColorAt((i + 0.98) / 6.0, QColor::fromRgb(labelColor(i + 1)));
        }
        p.setBrush(g);
    }
    p.setPen(Qt::NoPen);
    p.drawRoundedRect(r, 5, 5);
    pixmap.setDevicePixelRatio(2);
    return pixmap;
}

void showEye(QToolButton *eye, bool on)
{
    eye->setIcon(themeIcon(on ? QStringLiteral("eye") : QStringLiteral("eye-off"), on ? ColorRole::Text : ColorRole::TextMuted));
    eye->setToolTip(on ? OverlayList::tr("Hide") : OverlayList::tr("Show"));
}

void showPercent(QLabel *percent, int value)
{
    percent->setText(QStringLiteral("%1 %").arg(value));
}

QToolButton *makeEye(const ImageOverlay &o, QWidget *row)
{
    auto *eye = new QToolButton(row);
    eye->setObjectName(QStringLiteral("visible"));
    eye->setCheckable(true);
    eye->setChecked(o.visible);
    eye->setIconSize({18, 18});
    eye->setAccessibleName(OverlayList::tr("Show %1").arg(o.name));
    return eye;
}

QLabel *makeName(const ImageOverlay &o, QWidget *row)
{
    auto *name = new QLabel(o.name, row);
    name->setTextFormat(Qt::PlainText);
    name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    name->setToolTip(o.name);
    return name;
}

QSlider *makeOpacity(const ImageOverlay &o, QWidget *row)
{
    auto *opacity = new QSlider(Qt::Horizontal, row);
    opacity->setObjectName(QStringLiteral("opacity"));
    opacity->setRange(0, 100);
    opacity->setPageStep(10);
    opacity->setValue(static_cast<int>(std::lround(o.opacity * 100)));
    opacity->setToolTip(OverlayList::tr("Opacity"));
    opacity->setAccessibleName(OverlayList::tr("Opacity of %1").arg(o.name));
    opacity->setFocusPolicy(Qt::StrongFocus);
    return opacity;
}

QLabel *makePercent(QWidget *row)
{
    auto *percent = new QLabel(row);
    percent->setProperty("muted", true);
    percent->setFont(themeFont(FontRole::Small));
    percent->setFixedWidth(QFontMetrics(percent->font()).horizontalAdvance(QStringLiteral("100 %")) + 4);
    percent->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return percent;
}

SwatchLegend *makeLegend(const ImageOverlay &o, QWidget *row)
{
    auto *legend = new SwatchLegend(row);
    std::vector<SwatchLegend::Entry> entries;
    for (std::size_t i = 1; i < o.classNames.size(); ++i)
        entries.push_back({o.color.isValid() ? o.color : QColor::fromRgb(labelColor(static_cast<std::int64_t>(i))),
                           QString::fromStdString(o.classNames[i])});
    legend->setEntries(std::move(entries));
    return legend;
}

} // namespace

OverlayList::OverlayList(QWidget *parent) : QWidget(parent), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(8);
}

void OverlayList::setOverlays(const std::vector<ImageOverlay> &overlays)
{
    m_overlays = overlays;
    letGoOfChildren(this);
    for (std::size_t i = 0; i < m_overlays.size(); ++i)
        addRow(static_cast<int>(i));
}

void OverlayList::change(int index)
{
    Q_EMIT edited(index, m_overlays[static_cast<std::size_t>(index)]);
}

void OverlayList::askColor(int index)
{
    if (static_cast<std::size_t>(index) >= m_overlays.size())
        return; // the list was set again while the menu was open
    const auto &o = m_overlays[static_cast<std::size_t>(index)];
    auto *dialog = new QColorDialog(o.color, window());
    // By name: the list may be set again while the dialog is open, as when a prediction arrives.
    connect(dialog, &QColorDialog::colorSelected, this, [this, name = o.name](const QColor &color) {
        for (std::size_t i = 0; i < m_overlays.size(); ++i) {
            if (m_overlays[i].name != name)
                continue;
            m_overlays[i].color = color;
            if (auto *row = findChild<QWidget *>(QStringLiteral("overlay%1").arg(i)))
                row->findChild<QToolButton *>(QStringLiteral("style"))->setIcon(swatchIcon(m_overlays[i]));
            change(static_cast<int>(i));
            return;
        }
    });
    openDialog(dialog, this);
}

void OverlayList::addRow(int index)
{
    const auto &o = m_overlays[static_cast<std::size_t>(index)];
    auto *row = new QWidget(this);
    row->setObjectName(QStringLiteral("overlay%1").arg(index));
    auto *layout = new QVBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    auto *eye = makeEye(o, row);
    auto *name = makeName(o, row);
    auto *style = makeStyle(index, row);
    auto *top = new QHBoxLayout;
    top->setSpacing(4);
    top->addWidget(eye);
    top->addWidget(name, 1);
    top->addWidget(style);
    layout->addLayout(top);
    auto *opacity = makeOpacity(o, row);
    auto *percent = makePercent(row);
    showPercent(percent, opacity->value());
    auto *line = new QHBoxLayout;
    line->setContentsMargins(4, 0, 4, 0);
    line->addWidget(opacity);
    line->addWidget(percent);
    layout->addLayout(line);
    showEye(eye, o.visible);
    opacity->setEnabled(o.visible);
    connect(eye, &QToolButton::toggled, this, [this, index, eye, opacity](bool on) {
        showEye(eye, on);
        opacity->setEnabled(on);
        m_overlays[static_cast<std::size_t>(index)].visible = on;
        change(index);
    });
    connect(opacity, &QSlider::valueChanged, this, [this, index, percent](int v) {
        showPercent(percent, v);
        m_overlays[static_cast<std::size_t>(index)].opacity = v / 100.0;
        change(index);
    });
    if (o.kind != ImageOverlay::Kind::Probability && o.classNames.size() > 1)
        layout->addWidget(makeLegend(o, row));
    m_layout->addWidget(row);
}

QToolButton *OverlayList::makeStyle(int index, QWidget *row)
{
    const auto &o = m_overlays[static_cast<std::size_t>(index)];
    auto *style = new QToolButton(row);
    style->setObjectName(QStringLiteral("style"));
    style->setIcon(swatchIcon(o));
    style->setIconSize({16, 16});
    style->setPopupMode(QToolButton::InstantPopup);
    style->setToolTip(tr("Color and style"));
    style->setAccessibleName(tr("Color and style of %1").arg(o.name));
    auto *menu = new QMenu(style);
    const auto set = [this, index, style](auto &&edit) {
        auto &overlay = m_overlays[static_cast<std::size_t>(index)];
        edit(overlay);
        style->setIcon(swatchIcon(overlay));
        change(index);
    };
    if (o.kind == ImageOverlay::Kind::Probability) {
        for (const auto &map : colorMapNames())
            menu->addAction(QString::fromStdString(map), this,
                            [set, map] { set([&](ImageOverlay &x) { x.colorMap = QString::fromStdString(map); }); });
    } else {
        menu->addAction(tr("Filled"), this, [set] { set([](ImageOverlay &x) { x.kind = ImageOverlay::Kind::Labels; }); });
        menu->addAction(tr("Outlines"), this, [set] { set([](ImageOverlay &x) { x.kind = ImageOverlay::Kind::Outlines; }); });
        menu->addSeparator();
        menu->addAction(tr("A color for each label"), this, [set] { set([](ImageOverlay &x) { x.color = QColor(); }); });
        for (int i = 1; i < paletteSize(); ++i) {
            QPixmap pixmap(14, 14);
            const QColor c = QColor::fromRgb(paletteColor(i));
            pixmap.fill(c);
            menu->addAction(QIcon(pixmap), c.name(), this, [set, c] { set([&](ImageOverlay &x) { x.color = c; }); });
        }
        menu->addAction(tr("Other…"), this, [this, index] { askColor(index); });
    }
    style->setMenu(menu);
    return style;
}

} // namespace reticle
