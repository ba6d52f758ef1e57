#pragma once

#include "support/FakeImages.h"
#include "support/Pictures.h"
#include "support/Test.h"
#include "support/Volumes.h"
#include "widgets/views/volume/VolumeRenderer.h"
#include "widgets/views/volume/VolumeView.h"

#include <QApplication>
#include <QWheelEvent>

namespace reticle::test {

inline constexpr int patience = 60000;

inline std::shared_ptr<const VolumeData> load(const ImageSource &source, int channel = -1)
{
    return loadVolume(source, VolumeData::Kind::Image, channel, 1 << 22);
}

inline std::shared_ptr<const VolumeData> brightBall()
{
    return load(*imageFromArray(ball<std::uint8_t>(40, 50, 60, 30, 25, 20, 15, 200, 20)));
}

inline VolumeOptions ballOptions()
{
    VolumeOptions o;
    o.threshold = 100;
    o.full = 150;
    o.opacity = 1;
    o.box = o.slice = o.cut = false;
    return o;
}

/// The ball for a picture of that size.
inline VolumeFrame ballFrame(QSizeF size)
{
    VolumeFrame f;
    f.image = brightBall();
    f.options = ballOptions();
    f.camera.lookFrom(VolumeCamera::Preset::Isometric);
    f.camera.fit(extentOf(f), size);
    f.background = Qt::white;
    return f;
}

/// A shown view of the ball with its fine picture.
class Shown
{
public:
    explicit Shown(std::shared_ptr<const VolumeData> data = brightBall(), const VolumeOptions &options = ballOptions())
    {
        view.resize(300, 240);
        view.show();
        view.setOptions(options);
        view.setImage(std::move(data));
        wait();
    }
    void wait()
    {
        if (!QTest::qWaitFor([this] { return view.isReady() || !view.errorText().isEmpty(); }, patience))
            QFAIL("no picture came");
    }
    QImage after()
    {
        wait();
        return view.shown();
    }

    VolumeView view;
};

inline bool isBlank(const QImage &picture)
{
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x)
            if (picture.pixel(x, y) != picture.pixel(0, 0))
                return false;
    return true;
}

inline void turnWheel(VolumeView &view, QPointF at, int steps)
{
    QWheelEvent event(at, view.mapToGlobal(at), {}, {0, 120 * steps}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view, &event);
}

inline void drag(VolumeView &view, QPoint from, QPoint to, Qt::MouseButton button = Qt::LeftButton,
                 Qt::KeyboardModifiers keys = {})
{
    QTest::mousePress(&view, button, keys, from);
    QMouseEvent move(QEvent::MouseMove, QPointF(to), view.mapToGlobal(QPointF(to)), Qt::NoButton, button, keys);
    QApplication::sendEvent(&view, &move);
    QTest::mouseRelease(&view, button, keys, to);
}

} // namespace reticle::test
