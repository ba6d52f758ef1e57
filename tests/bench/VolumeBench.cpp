// Repaints a second of the 3-D view on a stack of 256 x 256 x 64, moving and at rest: reticle_volume_bench [WIDTH HEIGHT]
// First VolumeScene alone, then the widget as a hand turns it. Exit status 1 where the widget falls short of its goal.

#include "support/Volumes.h"
#include "widgets/views/Theme.h"
#include "widgets/views/volume/VolumeView.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace reticle;

namespace {

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Knots with a little noise: neither empty nor solid.
Array stack()
{
    Array a(DType::UInt8, {64, 256, 256});
    auto *out = a.data<std::uint8_t>();
    unsigned noise = 1;
    for (int z = 0; z < 64; ++z)
        for (int y = 0; y < 256; ++y)
            for (int x = 0; x < 256; ++x) {
                noise = noise * 1664525U + 1013904223U;
                const double v = std::sin(x * 0.09 + 0.02 * z) + std::sin(y * 0.11) + std::sin(z * 0.25);
                *out++ = static_cast<std::uint8_t>(std::clamp(110 + 40 * v + static_cast<double>(noise >> 29), 0.0, 255.0));
            }
    return a;
}

void measure(const char *name, VolumeScene &scene, VolumeFrame frame, bool moving, int frames)
{
    const std::atomic<bool> never{false};
    frame.moving = moving;
    const auto turn = [&] {
        frame.camera.turn(0.05, 0.01);
        return scene.render(frame, never);
    };
    const int warm = moving ? 20 : 1; // the coarseness finds its place
    for (int i = 0; i < warm; ++i)
        turn();
    std::vector<double> times;
    for (int i = 0; i < frames; ++i) {
        const double start = now();
        turn();
        times.push_back(now() - start);
    }
    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2], worst = times[times.size() * 95 / 100];
    std::printf("%-28s %-7s %6.1f ms median  %6.1f ms at the 95th percentile  %5.1f a second  (rays every %.1f px)\n", name,
                moving ? "moving" : "rest", median * 1e3, worst * 1e3, 1 / median, moving ? scene.coarseness() : 1.0);
}

constexpr double goal = 12; // repaints a second while moving, the median

/// Drags with the mouse, a few pixels a move, and counts the pictures that are painted anew: from the move to the paint
/// event that shows what came of it. Returns repaints a second.
double drag(const char *name, VolumeView &view, int moves)
{
    const auto send = [&](QEvent::Type type, QPointF at, Qt::MouseButton button) {
        QMouseEvent event(type, at, view.mapToGlobal(at), button, Qt::LeftButton, {});
        QCoreApplication::sendEvent(&view, &event);
    };
    const auto painted = [&] {
        const qint64 before = view.shown().cacheKey();
        QElapsedTimer patience;
        patience.start();
        while (view.shown().cacheKey() == before && patience.elapsed() < 20000)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        QCoreApplication::sendPostedEvents(&view, QEvent::UpdateRequest);
        view.grab(); // what the paint event costs, whatever the platform does with it
    };
    while (!view.isReady() && view.errorText().isEmpty())
        QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
    const QPointF middle(view.width() / 2.0, view.height() / 2.0);
    send(QEvent::MouseButtonPress, middle, Qt::LeftButton);
    std::vector<double> times;
    constexpr int warm = 20; // the coarseness finds its place
    for (int i = 0; i < warm + moves; ++i) {
        const double angle = i * 0.12, start = now();
        send(QEvent::MouseMove, middle + QPointF(90 * std::cos(angle), 60 * std::sin(angle)), Qt::NoButton);
        painted();
        if (i >= warm)
            times.push_back(now() - start);
    }
    send(QEvent::MouseButtonRelease, middle, Qt::LeftButton);
    const double released = now();
    while (!view.isReady() && view.errorText().isEmpty())
        QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
    const double fine = now() - released;
    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2], worst = times[times.size() * 95 / 100];
    std::printf("%-28s widget  %6.1f ms median  %6.1f ms at the 95th percentile  %5.1f a second (goal %.0f)  fine %.2f s after "
                "the hand rests\n",
                name, median * 1e3, worst * 1e3, 1 / median, goal, fine);
    return 1 / median;
}

} // namespace

int main(int argc, char **argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    VolumeFrame f;
    f.size = QSize(argc > 2 ? std::atoi(argv[1]) : 900, argc > 2 ? std::atoi(argv[2]) : 700);
    f.image = loadVolume(*imageFromArray(stack()), VolumeData::Kind::Image, -1, 1 << 24);
    f.options.threshold = f.image->otsu();
    f.options.full = f.image->percentile(0.9965);
    f.black = f.image->minimum;
    f.white = f.image->maximum;
    f.background = Qt::white;
    f.edges = Qt::gray;
    f.voxel = {1, 1, 4};
    f.camera.lookFrom(VolumeCamera::Preset::Isometric);
    f.camera.fit(extentOf(f), f.size);
    VolumeScene scene;
    std::printf("%d x %d on %s\n", f.size.width(), f.size.height(), scene.renderer().c_str());
    measure("volume, shaded", scene, f, true, 60);
    measure("volume, shaded", scene, f, false, 5);
    f.options.shading = false;
    measure("volume, plain", scene, f, true, 60);
    measure("volume, plain", scene, f, false, 5);
    f.options.shading = true;
    f.options.cut = f.options.slice = f.options.across = true;
    f.at = {128, 128, 20};
    measure("volume cut, three slices", scene, f, true, 60);
    measure("volume cut, three slices", scene, f, false, 5);
    SurfaceRequest request;
    request.level = f.options.threshold;
    double start = now();
    f.surface = surfacesOf(*f.image, request);
    std::printf("%zu triangles found in %.1f s\n", f.surface->triangleCount(), now() - start);
    f.coarse = coarseSurfacesOf(*f.image, request, *f.surface);
    f.options.image = "hidden";
    measure("surfaces and three slices", scene, f, true, 60);
    measure("surfaces and three slices", scene, f, false, 5);

    applyTheme(app, Theme::Light);
    VolumeView view;
    view.resize(f.size);
    view.show();
    VolumeOptions options = f.options;
    options.pixelSize = 4;
    options.sliceDistance = 16;
    options.image = "volume";
    options.cut = options.across = false;
    view.setOptions(options);
    view.setImage(f.image);
    double slowest = drag("volume, shaded", view, 60);
    options.cut = options.across = true;
    view.setOptions(options);
    view.setSlice(20);
    slowest = std::min(slowest, drag("volume cut, three slices", view, 60));
    options.image = "hidden";
    options.cut = false;
    view.setOptions(options);
    view.setSurface(f.surface, f.coarse);
    slowest = std::min(slowest, drag("surfaces and three slices", view, 60));
    std::printf("%.1f repaints a second at the least; goal %.0f: %s\n", slowest, goal, slowest >= goal ? "reached" : "missed");
    return slowest >= goal ? 0 : 1;
}
