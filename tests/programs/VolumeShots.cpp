// Pictures of the window with the 3-D view of a stack that is given, to be looked at. Needs no display.
//   reticle-volume-shots FOLDER IMAGES [LABELS] [--theme light|dark] [--size 1440x900]

#include "support/Stage.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/image/StackViewer.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/parts/VolumePane.h"
#include "window/session/ImageData.h"
#include "window/shell/TabArea.h"

#include <QDir>
#include <QToolButton>

#include <cstdio>

using namespace reticle;
using test::waitFor;

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addPositionalArgument("folder", "where the pictures go");
    parser.addPositionalArgument("images", "a stack");
    parser.addPositionalArgument("labels", "its labels");
    test::Stage::addOptions(parser);
    parser.process(app);
    const auto arguments = parser.positionalArguments();
    const QString folder = arguments.value(0, ".");
    QDir().mkpath(folder);

    test::Stage stage(app, parser);
    MainWindow &window = stage.window();
    const QString path = stage.projects() + "/Stack.reticle";
    auto project = OpenProject::open(path);
    const auto input = project->addData(
        imageSection(QDir().absoluteFilePath(arguments.value(1)),
                     arguments.value(2).isEmpty() ? QString() : QDir().absoluteFilePath(arguments.value(2)), "dark"),
        "a stack");
    project.reset();
    window.openProject(path);
    window.pages()->open({ItemKey::Kind::Data, input});
    auto *page = qobject_cast<ImagePage *>(window.tabs()->currentPage());
    if (!page || !waitFor([&] { return page->viewer()->view()->isReady(); })) {
        std::fprintf(stderr, "the slices did not come\n");
        return 1;
    }
    page->viewer()->findChild<QToolButton *>(QStringLiteral("volume"))->click();
    auto *volume = page->volume()->viewer();
    int number = 0;
    const auto keep = [&](const char *name) {
        if (!volume->form()->isValid())
            std::fprintf(stderr, "%s: the form says %s\n", name, qPrintable(volume->form()->problems().join(QLatin1Char(' '))));
        if (!waitFor([&] { return volume->isIdle() && (volume->view()->isReady() || !volume->view()->errorText().isEmpty()); },
                     120))
            std::fprintf(stderr, "%s did not come to rest\n", name);
        const QString file = QDir(folder).filePath(QStringLiteral("%1-%2.png").arg(++number, 2, 10, QChar('0')).arg(name));
        window.grab().save(file);
        std::printf("%s\n", qPrintable(file));
        std::fflush(stdout);
    };
    keep("opened");
    volume->form()->setValues({{"pixel-size", 4.0}, {"slice-distance", 50.0}});
    keep("sized");
    page->viewer()->setPage(12);
    volume->form()->setValues({{"solid", "dark"}, {"threshold", 90.0}, {"opacity", 0.9}});
    keep("dark-cut");
    volume->form()->setValues({{"across", true}, {"image", "hidden"}});
    volume->setCrosshair(200, 300);
    page->viewer()->view()->setMark(QPoint(200, 300));
    keep("planes");
    volume->form()->setValues({{"surfaces", arguments.size() > 2 ? "labels" : "image"}, {"across", false}});
    keep("labels");
    volume->view()->lookFrom(VolumeCamera::Preset::Top);
    keep("top");
    volume->view()->lookFrom(VolumeCamera::Preset::Front);
    keep("front");
    return 0;
}
