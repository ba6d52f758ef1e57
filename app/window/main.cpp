#include "files/StandardStreams.h"
#include "widgets/views/Theme.h"
#include "window/session/Settings.h"
#include "window/shell/MainWindow.h"
#include "window/shell/RenderCommand.h"

#include <QApplication>
#include <QIcon>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <unistd.h>

namespace {

/// Milliseconds since this process was started (exec), to a clock tick (10 ms); -1 where /proc says nothing.
double sinceStart()
{
    std::FILE *file = std::fopen("/proc/self/stat", "r");
    if (!file)
        return -1;
    char text[2048] = {};
    const std::size_t n = std::fread(text, 1, sizeof text - 1, file);
    std::fclose(file);
    text[n] = 0;
    // The name in brackets may hold anything; fields are counted from the last bracket, where field 3 begins.
    const char *p = std::strrchr(text, ')');
    for (int field = 2; p && field < 22; ++field)
        p = std::strchr(p + 1, ' ');
    if (!p)
        return -1;
    const double started = std::strtod(p + 1, nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (static_cast<double>(now.tv_sec) + now.tv_nsec * 1e-9 - started) * 1000;
}

} // namespace

int main(int argc, char **argv)
{
    reticle::files::secureStandardStreams();
    const auto printed = [](int status) {
        const auto problem = reticle::files::standardOutputProblem();
        if (problem.empty())
            return status;
        std::fprintf(stderr, "%s\n", problem.c_str());
        return 4;
    };
    if (argc > 1 && std::strcmp(argv[1], "render") == 0)
        return printed(reticle::renderCommand(argc, argv));
    if (argc > 1 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0)) {
        std::puts("reticle [PROJECT|FILES...]     opens the window\n"
                  "reticle --sample tissue        opens it on a sample made on the spot: tissue or fine-tissue\n"
                  "reticle render FIGURE.json --output FILE.{svg,pdf,png,tiff,csv} [--width-mm W] [--dpi N]\n"
                  "reticle --measure-start        prints the milliseconds from start to the first painted window");
        return printed(0);
    }
    if (argc > 1 && std::strcmp(argv[1], "--version") == 0) {
        std::puts(RETICLE_VERSION);
        return printed(0);
    }
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("Reticle"));
    QApplication::setOrganizationName(QStringLiteral("Reticle"));
    QApplication::setApplicationVersion(QStringLiteral(RETICLE_VERSION));
    // A desktop finds the name and the icon of a window by the name of its menu entry, packaging/linux/reticle.desktop.
    QApplication::setDesktopFileName(QStringLiteral("reticle"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/app/reticle.svg")));
    const QString theme = reticle::Settings::theme();
    reticle::applyTheme(app, theme == QStringLiteral("dark")    ? reticle::Theme::Dark
                             : theme == QStringLiteral("light") ? reticle::Theme::Light
                                                                : reticle::Theme::System);
    QStringList paths = QApplication::arguments().mid(1);
    const bool measure = paths.removeAll(QStringLiteral("--measure-start")) > 0;

    QString sample;
    if (const auto i = paths.indexOf(QStringLiteral("--sample")); i >= 0) {
        sample = paths.value(i + 1, QStringLiteral("tissue"));
        paths.remove(i, std::min<qsizetype>(2, paths.size() - i));
    }

    reticle::MainWindow window;
    QObject::connect(&window, &reticle::MainWindow::firstPainted, &window, [&] {
        if (measure) {
            std::printf("%.0f\n", sinceStart());
            std::fflush(stdout);
            _exit(0);
        }
        if (!sample.isEmpty())
            window.makeSample(reticle::sampleCalled(sample));
        else
            window.openPaths(paths);
    });
    window.show();
    return QApplication::exec();
}
