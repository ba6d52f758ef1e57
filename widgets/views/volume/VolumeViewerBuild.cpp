#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Theme.h"
#include "widgets/views/volume/VolumeViewer_p.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <tuple>

namespace reticle {

QToolButton *VolumeViewer::Private::textButton(const QString &text, const QString &tip, const char *name)
{
    auto *b = new QToolButton(q);
    b->setText(text);
    b->setToolTip(tip);
    b->setAccessibleName(tip);
    b->setObjectName(QLatin1String(name));
    b->setFocusPolicy(Qt::TabFocus);
    return b;
}

QToolButton *VolumeViewer::Private::iconButton(const QString &icon, const QString &tip, const char *name)
{
    auto *b = textButton({}, tip, name);
    b->setIcon(themeIcon(icon));
    b->setIconSize({18, 18});
    return b;
}

QSlider *VolumeViewer::Private::slider(const QString &name, QLabel *&value, const char *objectName, QHBoxLayout *row)
{
    auto *label = new QLabel(name, sliders);
    label->setProperty("muted", true);
    auto *s = new QSlider(Qt::Horizontal, sliders);
    s->setObjectName(QLatin1String(objectName));
    s->setAccessibleName(name);
    s->setRange(0, sliderSteps);
    s->setMinimumWidth(48);
    value = new QLabel(sliders);
    value->setProperty("muted", true);
    value->setMinimumWidth(value->fontMetrics().horizontalAdvance(QStringLiteral("12345")));
    row->addWidget(label);
    row->addWidget(s, 1);
    row->addWidget(value);
    return s;
}

void VolumeViewer::Private::build()
{
    auto *tools = buildTools();
    buildSliders();
    buildPanel();
    layOut(tools);
    connectControls();
}

QHBoxLayout *VolumeViewer::Private::buildTools()
{
    auto *tools = new QHBoxLayout;
    tools->setContentsMargins(8, 4, 8, 4);
    tools->setSpacing(2);
    auto *fit = iconButton(QStringLiteral("fit"), tr("Fit (F)"), "fit3d");
    tools->addWidget(fit);
    connect(fit, &QToolButton::clicked, q, [this] { view->fit(); });
    addLooks(tools);
    tools->addWidget(buildOpposite());
    tools->addStretch(1);
    surfaceButton = iconButton(QStringLiteral("export"), tr("Save the surfaces as STL, PLY or OBJ…"), "exportSurface");
    pictureButton = iconButton(QStringLiteral("image"), {}, "exportPicture");
    showPictureButton();
    panelButton = iconButton(QStringLiteral("panel-right"), tr("Settings of the 3-D view"), "panel3d");
    panelButton->setCheckable(true);
    panelButton->setChecked(true);
    for (auto *b : {pictureButton, surfaceButton, panelButton})
        tools->addWidget(b);
    return tools;
}

void VolumeViewer::Private::addLooks(QHBoxLayout *tools)
{
    using Preset = VolumeCamera::Preset;
    const std::tuple<QString, QString, const char *, Preset> looks[] = {
        {tr("Top"), tr("From above, as the slices are seen (1)"), "lookTop", Preset::Top},
        {tr("Front"), tr("From the last row (2)"), "lookFront", Preset::Front},
        {tr("Side"), tr("From the last column (3)"), "lookSide", Preset::Side},
        {tr("3-D"), tr("Askew from above (4)"), "lookIsometric", Preset::Isometric}};
    for (const auto &[text, tip, name, preset] : looks) {
        auto *b = textButton(text, tip, name);
        tools->addWidget(b);
        connect(b, &QToolButton::clicked, q, [this, preset = preset] { view->lookFrom(preset); });
    }
}

QToolButton *VolumeViewer::Private::buildOpposite()
{
    using Preset = VolumeCamera::Preset;
    auto *opposite = iconButton(QStringLiteral("chevron-down"), tr("From the other sides"), "lookOpposite");
    opposite->setPopupMode(QToolButton::InstantPopup);
    opposite->setMenu(new QMenu(opposite));
    const std::tuple<QString, Preset, int> others[] = {{tr("From below"), Preset::Bottom, Qt::Key_5},
                                                       {tr("From the back"), Preset::Back, Qt::Key_6},
                                                       {tr("From the other side"), Preset::OtherSide, Qt::Key_7}};
    for (const auto &[text, preset, key] : others) {
        auto *action = opposite->menu()->addAction(text, q, [this, preset = preset] { view->lookFrom(preset); });
        action->setShortcut(QKeySequence(key)); // shown; the view itself answers to it
        action->setShortcutContext(Qt::WidgetShortcut);
    }
    return opposite;
}

void VolumeViewer::Private::buildSliders()
{
    sliders = new QWidget(q);
    auto *row = new QHBoxLayout(sliders);
    row->setContentsMargins(12, 4, 12, 4);
    row->setSpacing(8);
    threshold = slider(tr("Threshold"), thresholdValue, "threshold3d", row);
    opacity = slider(tr("Opacity"), opacityValue, "opacity3d", row);
    status = new QLabel(q);
    status->setObjectName(QStringLiteral("status3d"));
    status->setProperty("muted", true);
    status->setContentsMargins(12, 2, 12, 4);
    status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    status->setTextFormat(Qt::PlainText);
}

void VolumeViewer::Private::buildPanel()
{
    form = new SchemaForm;
    form->setObjectName(QStringLiteral("form3d"));
    auto *content = new QFrame;
    content->setProperty("panel", true);
    auto *contentLayout = new QVBoxLayout(content);
    contentLayout->setContentsMargins(12, 8, 12, 12);
    contentLayout->addWidget(form);
    contentLayout->addStretch(1);
    panel = new QScrollArea(q);
    panel->setWidgetResizable(true);
    panel->setFrameShape(QFrame::NoFrame);
    panel->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    panel->setFixedWidth(270);
    panel->setWidget(content);
}

void VolumeViewer::Private::layOut(QHBoxLayout *tools)
{
    const auto line = [this] {
        auto *l = new QFrame(q);
        l->setProperty("line", true);
        return l;
    };
    auto *left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(view, 1);
    left->addWidget(line());
    left->addWidget(sliders);
    left->addWidget(status);
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
    q->setFocusProxy(view);
}

void VolumeViewer::Private::connectControls()
{
    connect(panelButton, &QToolButton::toggled, q, [this](bool on) { q->setPanelVisible(on); });
    connect(surfaceButton, &QToolButton::clicked, q, [this] { exportSurfaceAs(); });
    connect(pictureButton, &QToolButton::clicked, q, [this] {
        if (pictureFiles.empty())
            exportPictureAs();
        else
            view->cancelPictures();
    });
    connect(threshold, &QSlider::valueChanged, q, [this](int v) {
        if (const auto &image = view->image())
            set("threshold", image->minimum + (image->maximum - image->minimum) * v / sliderSteps);
    });
    connect(opacity, &QSlider::valueChanged, q, [this](int v) { set("opacity", static_cast<double>(v) / sliderSteps); });
    connect(form, &SchemaForm::changed, q, [this] { changed(); });
}

} // namespace reticle
