// Drives the window through the sample's whole way with the real worker and keeps a picture of each stage: how the
// pictures of the README are made and how the window is looked at. Needs no display.
//   reticle-screenshots FOLDER [--theme light|dark] [--size 1440x900] [--seconds 60] [--analyses NAME,NAME | --compare | --pages]

#include "support/Stage.h"
#include "widgets/export/ExportDialog.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/PostprocessPage.h"
#include "window/pages/ResultPage.h"
#include "window/pages/StartPage.h"
#include "window/pages/TrainingPage.h"
#include "window/pages/WaveletPage.h"
#include "window/shell/MainWindow.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>

#include <cmath>
#include <cstdio>
#include <functional>

using namespace reticle;
using test::waitFor;

namespace {

void settle()
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 700)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

template <class T> T *visible(QWidget *parent, const char *name)
{
    for (auto *w : parent->findChildren<T *>(QLatin1String(name)))
        if (w->isVisible())
            return w;
    return nullptr;
}

} // namespace

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addPositionalArgument("folder", "where the pictures go");
    test::Stage::addOptions(parser);
    parser.addOption({"seconds", "of training", "seconds", "60"});
    parser.addOption({"compare", "three models of two seeds in place of one, looked at while they train"});
    parser.addOption({"pages", "the pages of levels of detail and of layers, of a small autoencoder"});
    parser.addOption({"analyses", "asked of the trained model in place of what follows the prediction", "names"});
    parser.process(app);
    const QString folder = parser.positionalArguments().value(0, ".");
    QDir().mkpath(folder);
    const double seconds = parser.value("seconds").toDouble();

    test::Stage stage(app, parser);
    MainWindow &window = stage.window();
    int number = 0;
    const auto keep = [&](const QString &name) {
        settle();
        const QString file = QDir(folder).filePath(QStringLiteral("%1-%2.png").arg(++number, 2, 10, QChar('0')).arg(name));
        window.grab().save(file);
        std::printf("%s\n", qPrintable(file));
        std::fflush(stdout);
    };
    const auto need = [&](const char *what, const std::function<bool()> &condition, int limit = 60) {
        if (waitFor(condition, limit))
            return;
        std::fprintf(stderr, "gave up waiting for %s\n", what);
        keep("gave-up");
        std::exit(1);
    };
    need("the catalog", [&] { return window.session()->catalog().has_value(); });
    keep("start");
    visible<QAbstractButton>(&window, "sampleTissue")->click();
    need("the sample", [&] { return !window.showsStart(); });
    need("the train button",
         [&] { return visible<QPushButton>(&window, "train") && visible<QPushButton>(&window, "train")->isEnabled(); });
    keep("data");

    window.commands()->trigger("project.close");
    window.openPaths({stage.projects() + "/Tissue.reticle/data"});
    need("recognition", [&] { return !window.startPage()->card()->isLooking(); });
    keep("dropped");
    window.openProject(stage.projects() + "/Tissue.reticle");
    need("the train button",
         [&] { return visible<QPushButton>(&window, "train") && visible<QPushButton>(&window, "train")->isEnabled(); });

    Json recipe = window.side()->trainForm()->recipe();
    recipe["title"] = "U-Net on tissue";
    recipe["train"]["minutes"] = seconds / 60;
    recipe["train"]["validate-every"] = std::max(2.0, seconds / 10);
    recipe["train"]["crop"] = 128;
    window.side()->trainForm()->form()->setRecipe(recipe);
    const auto below = [&](const QString &name) { // the page from top to bottom
        keep(name);
        auto *bar = window.tabs()->currentPage()->findChild<QScrollArea *>()->verticalScrollBar();
        for (int at = bar->pageStep(); at < bar->maximum() + bar->pageStep(); at += bar->pageStep()) {
            bar->setValue(at);
            keep(name + "-below");
        }
        bar->setValue(0);
    };
    const auto job = [&] { return window.session()->jobs()->all().front(); };
    if (parser.isSet("compare")) {
        recipe["title"] = "Three models";
        recipe["data"]["context"] = 0;
        recipe["train"]["minutes"] = seconds / 360;
        recipe["compare"] = {{"models", {"fcn", "atrous", "unet"}}, {"weights", 4000}, {"seeds", {1, 2}}};
        window.side()->trainForm()->form()->setRecipe(recipe);
        keep("compare-form");
        visible<QPushButton>(&window, "train")->click();
        for (const double part : {0.1, 0.45, 0.8}) {
            need(
                "the comparison",
                [&] { return !window.session()->jobs()->all().empty() && (job()->fraction() > part || !job()->isActive()); },
                90 + 2 * static_cast<int>(seconds));
            below(QStringLiteral("compared-%1").arg(std::lround(100 * part)));
        }
        need(
            "the end", [&] { return !job()->isActive(); }, 180 + 3 * static_cast<int>(seconds));
        below("compared");
        return job()->failure() ? 1 : 0;
    }
    if (parser.isSet("pages")) {
        recipe["title"] = "Autoencoder";
        recipe["objective"] = {{"name", "mse"}};
        recipe["data"]["context"] = 0;
        recipe["model"] = {{"name", "fcn"}, {"weights", 4000}};
        window.side()->trainForm()->form()->setRecipe(recipe);
        visible<QPushButton>(&window, "layerTable")->click();
        need("the layer table", [&] { return qobject_cast<ResultPage *>(window.tabs()->currentPage()); });
        below("layers");
        visible<QPushButton>(&window, "train")->click();
        need(
            "the training", [&] { return !window.session()->jobs()->all().empty() && !job()->isActive(); },
            90 + 2 * static_cast<int>(seconds));
        const auto data = window.session()->project()->dataSets().front();
        window.pages()->open(ItemKey::page("wavelets", {ItemKey::Kind::Data, data.input}));
        auto *page = qobject_cast<WaveletPage *>(window.tabs()->currentPage());
        need("the levels", [&] { return visible<QAbstractButton>(page, "level1"); });
        keep("wavelets");
        auto *others = visible<QListWidget>(&window, "waveletComparisons");
        if (others && others->count()) {
            others->item(0)->setCheckState(Qt::Checked);
            need(
                "the outputs", [&] { return job()->kind() == Job::Kind::Predict && !job()->isActive(); }, 120);
            keep("wavelets-compared");
        }
        for (const char *level : {"level1", "level-2", "level-4"})
            if (auto *button = visible<QAbstractButton>(page, level)) {
                button->click();
                keep(QStringLiteral("wavelets-") + level);
            }
        if (auto *box = visible<QAbstractButton>(page, "keep1H")) {
            box->click();
            visible<QAbstractButton>(page, "level-3")->click();
            keep("wavelets-rebuilt");
        }
        return 0;
    }
    visible<QPushButton>(&window, "train")->click();
    need(
        "training", [&] { return !window.session()->jobs()->all().empty() && (job()->fraction() > 0.6 || !job()->isActive()); },
        90 + 2 * static_cast<int>(seconds));
    keep("training");
    need(
        "the end of training", [&] { return !job()->isActive(); }, 90 + 3 * static_cast<int>(seconds));
    keep("trained");
    if (job()->failure())
        return 1;
    window.pages()->lookAtRun(1);
    const auto *image = qobject_cast<ImagePage *>(window.tabs()->currentPage());
    need("the prediction", [&] { return image->hasPrediction(); });
    keep("prediction");
    // Each through the menu of the run, its form and Start, with the page from top to bottom.
    for (const QString &name : parser.value("analyses").split(',', Qt::SkipEmptyParts)) {
        window.pages()->open({ItemKey::Kind::Run, 1, {}});
        auto *ask = visible<QPushButton>(&window, "askModel");
        Q_EMIT ask->menu()->aboutToShow();
        const auto title = QString::fromStdString(window.session()->catalog()->find("analyses", name.toStdString()).title);
        for (auto *action : ask->menu()->actions())
            if (action->text() == title)
                action->trigger();
        keep(name + "-form");
        auto *before = window.tabs()->currentPage();
        visible<QPushButton>(&window, "startAnalysis")->click();
        need(
            "the analysis",
            [&] { return window.tabs()->currentPage() != before && qobject_cast<ResultPage *>(window.tabs()->currentPage()); },
            300);
        below(name);
    }
    if (parser.isSet("analyses"))
        return 0;
    image->viewer()->setViews(4);
    keep("four-views");
    image->viewer()->setViews(1);
    window.pages()->evaluate(1);
    need(
        "the evaluation", [&] { return qobject_cast<ResultPage *>(window.tabs()->currentPage()) != nullptr; }, 180);
    keep("result");
    {
        ExportDialog dialog(qobject_cast<ResultPage *>(window.tabs()->currentPage())->figures().front()->figure());
        dialog.show();
        settle();
        const QString file = QDir(folder).filePath("export.png");
        dialog.grab().save(file);
        std::printf("%s\n", qPrintable(file));
    }
    window.pages()->open(ItemKey::page("postprocess", {ItemKey::Kind::Run, 1}));
    auto *cleaning = qobject_cast<PostprocessPage *>(window.tabs()->currentPage());
    bool previewed = false;
    QObject::connect(cleaning, &PostprocessPage::previewed, [&] { previewed = true; });
    need("the preview", [&] { return previewed; });
    keep("clean-up");
    recipe["title"] = "Smaller";
    recipe["seed"] = 2;
    recipe["train"]["minutes"] = seconds / 180;
    window.session()->startTraining(recipe);
    need(
        "the second run", [&] { return job()->kind() == Job::Kind::Train && !job()->isActive(); },
        90 + static_cast<int>(seconds));
    window.pages()->compare({1, 2});
    keep("comparison");
    window.tabs()->show({ItemKey::Kind::Data, window.session()->project()->dataSets().front().input});
    window.tabs()->moveToSide({ItemKey::Kind::Run, 1}, true);
    keep("side-by-side");
    window.commands()->trigger("help");
    keep("help");
    return 0;
}
