// Drives the window from a drop to the exported figure on files that are given, by mouse, wheel, keys and a drop alone,
// with the real worker; keeps a picture of each stage and prints a line a step and the scores that the window shows.
// Needs no display.
//   reticle-window-run FOLDER --images A.tif --labels B.tif --minutes 15 [--set data.split=slices]...
//                      [--every 3] [--theme light|dark] [--size 1440x900]
// The project stays in FOLDER/projects, the figures in FOLDER.

#include "support/Person.h"
#include "support/Stage.h"
#include "widgets/views/FigureView.h"
#include "window/pages/ImagePage.h"
#include "window/pages/ResultPage.h"
#include "window/pages/TrainingPage.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QCommandLineParser>
#include <QDialog>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QTreeView>

#include <cstdio>

using namespace reticle;

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addPositionalArgument("folder", "where pictures, project and figures go");
    parser.addOption({"images", "that are dropped", "file"});
    parser.addOption({"labels", "dropped with them", "file"});
    parser.addOption({"minutes", "of training", "minutes", "15"});
    parser.addOption({"set", "a field of the form, as it would be typed: data.split=slices", "path=value"});
    parser.addOption({"every", "minutes between pictures of the training", "minutes", "3"});
    test::Stage::addOptions(parser);
    parser.addHelpOption();
    parser.process(app);
    const QString folder = QFileInfo(parser.positionalArguments().value(0)).absoluteFilePath();
    if (parser.positionalArguments().size() != 1 || !parser.isSet("images"))
        parser.showHelp(2);
    QDir().mkpath(folder);
    const double minutes = parser.value("minutes").toDouble(), every = std::max(0.05, parser.value("every").toDouble());
    QStringList files;
    for (const auto &name : {parser.value("images"), parser.value("labels")})
        if (!name.isEmpty())
            files << QFileInfo(name).absoluteFilePath();

    test::Stage stage(app, parser, QDir(folder).filePath("projects"));
    MainWindow &window = stage.window();
    window.activateWindow();
    const test::Person person(&window);
    QElapsedTimer clock;
    clock.start();
    int number = 0;
    const auto say = [&](const QString &line) {
        std::printf("%7.1f s  %s\n", clock.elapsed() / 1000.0, qPrintable(line));
        std::fflush(stdout);
    };
    const auto keep = [&](const QString &name, QWidget *what = nullptr) {
        person.rest(700);
        const QString file = QDir(folder).filePath(QStringLiteral("%1-%2.png").arg(++number, 2, 10, QChar('0')).arg(name));
        (what ? what : &window)->grab().save(file);
        say(QStringLiteral("picture %1").arg(QFileInfo(file).fileName()));
    };
    const auto current = [&](auto *type) {
        return qobject_cast<std::remove_pointer_t<decltype(type)> *>(window.tabs() ? window.tabs()->currentPage() : nullptr);
    };
    const auto button = [&](const char *name) { return person.shown<QPushButton>(name); };
    const auto pressWhenReady = [&](const char *name, double seconds = 60) {
        person.waitFor(
            QStringLiteral("the button %1").arg(name), [&] { return button(name) && button(name)->isEnabled(); }, seconds);
        say(QStringLiteral("click %1").arg(button(name)->text()));
        person.click(button(name));
    };
    try {
        person.waitFor("the worker", [&] { return window.session()->catalog().has_value(); });
        keep("start");
        say(QStringLiteral("drop %1").arg(files.join(" and ")));
        person.drop(files);
        person.waitFor("recognition", [&] { return button("trainSegmentation") && button("trainSegmentation")->isEnabled(); });
        say(person.need<QLabel>("sentence")->text());
        keep("dropped");
        pressWhenReady("trainSegmentation");
        person.waitFor("the form", [&] { return button("train") && button("train")->isEnabled(); });

        QStringList fields = parser.values("set");
        fields.prepend(QStringLiteral("train.minutes=%1").arg(minutes));
        for (const auto &field : fields) {
            const auto equals = field.indexOf('=');
            say(QStringLiteral("type %1").arg(field));
            person.set(person.need<QWidget>("trainForm"), field.left(equals), field.mid(equals + 1));
        }
        keep("form");
        pressWhenReady("train");
        person.waitFor(
            "the training page", [&] { return current(static_cast<TrainingPage *>(nullptr)) != nullptr; }, 120);
        auto *training = current(static_cast<TrainingPage *>(nullptr));
        const auto *job = window.session()->jobs()->all().front(); // looked at, never steered
        for (double next = every * 60000; job->isActive();) {
            const qint64 began = clock.elapsed();
            person.waitFor(
                "training", [&] { return !job->isActive() || clock.elapsed() - began >= next; }, minutes * 180 + 600);
            if (job->isActive()) {
                say(QStringLiteral("step %1, loss %2, best validation %3, %4 left")
                        .arg(training->keyNumber("step"), training->keyNumber("training"), training->keyNumber("best"),
                             training->keyNumber("left")));
                keep("training");
            }
        }
        say(QStringLiteral("training: %1; step %2, best validation %3")
                .arg(job->statusText(), training->keyNumber("step"), training->keyNumber("best")));
        keep("trained");
        if (job->failure())
            throw std::runtime_error(job->failure()->message.toStdString());

        pressWhenReady("seePrediction");
        auto *image = current(static_cast<ImagePage *>(nullptr));
        person.waitFor("the prediction over the image", [&] { return image->hasPrediction(); });
        keep("prediction");
        pressWhenReady("predictStack");
        person.waitFor(
            "the predicted stack", [&] { return window.tabs()->currentKey().kind == ItemKey::Kind::Prediction; }, 300);
        keep("predicted-stack");
        auto *tree = person.need<QTreeView>("projectTree");
        say("click the data in the tree");
        person.clickItem(tree, QFileInfo(files.first()).completeBaseName(), false, "DATA");
        person.waitFor("the image", [&] { return current(static_cast<ImagePage *>(nullptr)) == image; });
        pressWhenReady("evaluate");
        person.waitFor(
            "the evaluation", [&] { return current(static_cast<ResultPage *>(nullptr)) != nullptr; }, 300);
        auto *result = current(static_cast<ResultPage *>(nullptr));
        keep("result");
        say("the window shows:");
        for (auto *label : result->findChildren<QLabel *>())
            if (label->objectName() == "summary")
                say(label->text());
        for (auto *label : result->findChildren<QLabel *>())
            if (label->objectName().startsWith("value-"))
                say(QStringLiteral("    %1 %2").arg(label->objectName().mid(6), label->text()));

        const auto figures = [&](const QModelIndex &at, const auto &self) -> QString {
            for (int i = 0; i < tree->model()->rowCount(at); ++i) {
                const auto index = tree->model()->index(i, 0, at);
                if (at.parent().isValid() && at.parent().data().toString() == "RESULTS")
                    return index.data().toString();
                if (const auto below = self(index, self); !below.isEmpty())
                    return below;
            }
            return {};
        };
        const QString figure = figures({}, figures);
        say(QStringLiteral("double-click the figure \"%1\" in the tree").arg(figure));
        person.clickItem(tree, figure, true, "RESULTS");
        person.waitFor("the figure", [&] { return current(static_cast<FigurePage *>(nullptr)) != nullptr; });
        auto *view = current(static_cast<FigurePage *>(nullptr))->view();
        keep("figure");
        for (const QString ending : {"pdf", "svg"}) {
            const QString path = QDir(folder).filePath("figure." + ending);
            QFile::remove(path);
            say(QStringLiteral("Ctrl+E, %1, save as %2").arg(ending.toUpper(), path));
            person.click(view);
            person.throughDialogs([&] { person.key(Qt::Key_E, Qt::ControlModifier); },
                                  {[&] {
                                       auto *dialog = QApplication::activeModalWidget();
                                       if (!dialog || !dialog->isVisible())
                                           return false;
                                       auto *format = person.need<QComboBox>("format", dialog);
                                       for (int i = 0; i < format->count(); ++i)
                                           if (format->itemText(i).startsWith(ending, Qt::CaseInsensitive))
                                               person.choose(format, format->itemText(i));
                                       keep("export", dialog);
                                       person.click(person.need<QPushButton>("export", dialog));
                                       return true;
                                   },
                                   [&] { return person.typePath(path); }});
            person.waitFor("the file", [&] { return QFileInfo(path).size() > 0; });
            say(QStringLiteral("%1: %2 bytes").arg(path).arg(QFileInfo(path).size()));
        }
        keep("exported");
    } catch (const std::exception &e) {
        say(QString::fromUtf8(e.what()));
        if (window.message() && !window.message()->text().isEmpty())
            say(window.message()->text());
        keep("gave-up");
        return 1;
    }
    return 0;
}
