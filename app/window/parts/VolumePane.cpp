#include "window/parts/VolumePane.h"

#include "widgets/views/image/StackViewer.h"
#include "window/shell/MessageBar.h"

#include <QResizeEvent>

#include <utility>

namespace reticle {

VolumePane::VolumePane(StackViewer *viewer, MessageBar *message, QWidget *parent)
    : QSplitter(parent), m_stack(viewer), m_message(message)
{
    setChildrenCollapsible(false);
    addWidget(viewer);
    connect(viewer, &StackViewer::volumeToggled, this, &VolumePane::setShown);
    connect(viewer, &StackViewer::viewsChanged, this, &VolumePane::followViews);
}

void VolumePane::setSource(std::shared_ptr<ImageSource> source)
{
    m_source = std::move(source);
    m_stack->setVolumeButtonVisible(m_source != nullptr);
    if (m_volume && isShown())
        m_volume->setSource(m_source, m_stack->view()->channel());
}

void VolumePane::setSurfaces(std::vector<SurfaceSource> surfaces)
{
    m_surfaces = std::move(surfaces);
    if (m_volume)
        m_volume->setSurfaces(m_surfaces);
}

bool VolumePane::isShown() const
{
    return m_volume && !m_volume->isHidden();
}

void VolumePane::make()
{
    m_volume = new VolumeViewer(this);
    m_volume->setSurfaces(m_surfaces);
    m_volume->setVoxelSize(m_voxel[0], m_voxel[1], m_voxel[2]);
    auto *view = m_stack->view();
    connect(m_stack, &StackViewer::pageChanged, m_volume, &VolumeViewer::setSlice);
    connect(m_volume, &VolumeViewer::sliceRequested, m_stack, &StackViewer::setPage);
    connect(m_volume, &VolumeViewer::picked, this, [this](std::int64_t x, std::int64_t y, std::int64_t) { pointAt(x, y); });
    connect(m_volume, &VolumeViewer::unpicked, this, [this] { m_stack->view()->setMark({}); });
    followViews();
    connect(view, &ImageView::channelChanged, this, [this](int channel) {
        if (isShown())
            m_volume->setSource(m_source, channel);
    });
    connect(m_volume, &VolumeViewer::voxelSizeChanged, this, [this](double x) {
        m_stack->view()->setPixelSize(x);
        for (int i = 1; i < m_stack->views(); ++i)
            m_stack->viewAt(i)->setPixelSize(x);
        const auto typed = m_volume->typedVoxelSize();
        if (typed != std::exchange(m_voxel, typed))
            Q_EMIT voxelSizeTyped(typed[0], typed[1], typed[2]);
    });
    const auto contrast = [this] {
        // Colors as they are have no black and white.
        if (m_stack->view()->channels() < 3 || m_stack->view()->channel() >= 0)
            m_volume->setContrast(m_stack->view()->contrast().first, m_stack->view()->contrast().second);
    };
    connect(view, &ImageView::contrastChanged, m_volume, contrast);
    connect(m_volume, &VolumeViewer::loaded, this, contrast);
    connect(m_volume, &VolumeViewer::loaded, this, [this] { m_volume->setSlice(m_stack->page()); });
    connect(m_volume, &VolumeViewer::failed, this,
            [this](const QString &sentence) { m_message->say(MessageBar::Level::Error, sentence); });
    connect(m_volume, &VolumeViewer::said, this,
            [this](const QString &sentence) { m_message->say(MessageBar::Level::Positive, sentence); });
}

/// A click in any of the views sets the crosshair.
void VolumePane::followViews()
{
    if (!m_volume)
        return;
    for (int i = 0; i < m_stack->views(); ++i)
        connect(m_stack->viewAt(i), &ImageView::clicked, this, &VolumePane::takeClick, Qt::UniqueConnection);
}

void VolumePane::takeClick(std::int64_t x, std::int64_t y, Qt::MouseButton button)
{
    if (button == Qt::LeftButton && isShown())
        pointAt(x, y);
}

void VolumePane::setVoxelSize(double x, double y, double z)
{
    m_voxel = {x, y, z};
    m_stack->view()->setPixelSize(x);
}

void VolumePane::setShown(bool shown)
{
    m_stack->setVolumeShown(shown);
    if (shown == isShown())
        return;
    if (!shown) {
        m_volume->hide();
        m_stack->view()->setMark({});
        m_stack->setPanelVisible(m_panelBefore);
        return;
    }
    m_panelBefore = m_stack->isPanelVisible();
    if (!m_volume)
        make();
    m_room = -1;
    arrange();
    m_volume->show();
    m_volume->setSlice(m_stack->page());
    m_volume->setSource(m_source, m_stack->view()->channel());
}

/// Two views and a panel want their room: what there is too little of is folded away, and can be unfolded.
void VolumePane::arrange()
{
    constexpr int besideEachOther = 560, oneWithPanel = 900, bothWithPanel = 1150;
    const int room = (width() >= besideEachOther) + (width() >= oneWithPanel) + (width() >= bothWithPanel);
    if (room == m_room)
        return; // what was folded or unfolded by hand stays so
    m_room = room;
    setOrientation(room > 0 ? Qt::Horizontal : Qt::Vertical);
    m_stack->setPanelVisible(room > 2 && m_panelBefore);
    m_volume->setPanelVisible(room > 1);
    setSizes({1000, room == 2 ? 1500 : 1000});
}

void VolumePane::resizeEvent(QResizeEvent *event)
{
    QSplitter::resizeEvent(event);
    if (isShown())
        arrange();
}

void VolumePane::pointAt(std::int64_t x, std::int64_t y)
{
    m_stack->view()->setMark(QPoint(static_cast<int>(x), static_cast<int>(y)));
    m_volume->setCrosshair(x, y);
}

} // namespace reticle
