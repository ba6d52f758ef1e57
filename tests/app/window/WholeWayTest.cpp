#include "support/WindowSandbox.h"
#include "widgets/export/FigureExport.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/StackViewer.h"
#include "widgets/views/TableView.h"
#include "window/ImagePage.h"
#include "window/MainWindow.h"
#include "window/MessageBar.h"
#include "window/PageOpener.h"
#include "window/PostprocessPage.h"
#include "window/ProjectTree.h"
#include "window/ResultPage.h"
#include "window/SidePanel.h"
#include "window/TabArea.h"
#include "window/TrainingPage.h"

#include <QPushButton>

#include <csignal>
#include <memory>

using namespace reticle;
using test::dropOn;
using test::shown;

/// The whole way with the real worker: drop, train, see, evaluate, take the figure; and a worker killed midway.
class WholeWayTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fromDropToExportedFigure();
    void killedAndResumed();

private:
    static constexpr int patience = 60000; // ms; a loaded machine starts LibTorch slowly

    void start(test::WindowSandbox &box, const Json &train)
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->catalog().has_value(), patience);
        dropOn(m_window.get(), {box.makeStack("cells", 6, 64).first()});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "trainSegmentation"), Qt::LeftButton);
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        auto *form = m_window->side()->trainForm();
        Json recipe = form->recipe();
        recipe["device"] = "cpu";
        recipe["model"]["weights"] = 4000;
        for (const auto &[key, value] : train.items())
            recipe["train"][key] = value;
        form->form()->setRecipe(recipe);
        QVERIFY2(form->form()->isValid(), qPrintable(form->form()->problems().join('\n')));
        QTest::mouseClick(form->trainButton(), Qt::LeftButton);
    }
    Work *work() { return m_window->session()->works()->all().front(); }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }

    std::unique_ptr<MainWindow> m_window;
};

void WholeWayTest::fromDropToExportedFigure()
{
    test::WindowSandbox box("reticle-worker");
    start(box, {{"minutes", 0}, {"epochs", 0}, {"steps", 4}, {"batch", 2}, {"crop", 32}, {"validate-steps", 2}, {"threads", 1}});
    QTRY_VERIFY_WITH_TIMEOUT(page<TrainingPage>(), patience);
    QTRY_VERIFY_WITH_TIMEOUT(!work()->isActive(), patience);
    QVERIFY2(work()->state() == Work::State::Done, qPrintable(work()->statusText()));
    auto *training = page<TrainingPage>();
    const auto &series = std::get<XYPanel>(training->curves()->figure().panels.at(0).content).series;
    QVERIFY(!series.empty());
    QCOMPARE(series.front().x, std::vector<double>({1, 2, 3, 4}));

    QTest::mouseClick(shown<QPushButton>(training, "seePrediction"), Qt::LeftButton);
    auto *image = page<ImagePage>();
    QVERIFY(image);
    QTRY_VERIFY_WITH_TIMEOUT(image->hasPrediction(), patience);
    const Array values = image->viewer()->overlays().front().values;
    QVERIFY((values.shape() == std::vector<std::int64_t>{64, 64}));
    for (std::int64_t i = 0; i < values.size(); ++i)
        QVERIFY(values.value(i) >= 0 && values.value(i) <= 1);

    // Cleaning up shows its scores against the labels at once.
    QTest::mouseClick(shown<QPushButton>(image, "postprocess"), Qt::LeftButton);
    auto *cleaning = page<PostprocessPage>();
    QVERIFY(cleaning);
    QTRY_VERIFY_WITH_TIMEOUT(cleaning->scores()->table().find("after"), patience);
    const auto &names = std::get<std::vector<std::string>>(cleaning->scores()->table().find("score")->values);
    QVERIFY(std::find(names.begin(), names.end(), "Dice") != names.end());
    m_window->tabs()->show({ItemKey::Kind::Data, 1});

    QTest::mouseClick(shown<QPushButton>(image, "evaluate"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(page<ResultPage>(), patience);
    auto *result = page<ResultPage>();
    QVERIFY(!result->figures().empty());
    QVERIFY(!result->tables().empty());
    const QString pdf = box.path("scores.pdf");
    exportFigure(result->figures().front()->figure(), pdf.toStdString());
    QFile file(pdf);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.read(5) == "%PDF-");
    QVERIFY(file.size() > 1000);
    m_window.reset();
}

void WholeWayTest::killedAndResumed()
{
    test::WindowSandbox box("reticle-worker");
    start(box, {{"minutes", 0}, {"epochs", 0}, {"steps", 100000}, {"batch", 1}, {"crop", 16}, {"validate-steps", 50000},
                {"checkpoint-steps", 3}, {"threads", 1}});
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session()->works()->all().empty(), patience);
    auto *first = work();
    bool checkpoint = false;
    connect(first, &Work::events, this, [&](const std::vector<Event> &events) {
        for (const auto &e : events)
            checkpoint = checkpoint || e.kind == Event::Kind::Checkpoint;
    });
    QTRY_VERIFY_WITH_TIMEOUT(checkpoint, patience);
    ::kill(static_cast<pid_t>(first->processId()), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(first->state(), Work::State::Lost, patience);
    QTRY_VERIFY(page<TrainingPage>());
    QVERIFY2(page<TrainingPage>()->message()->text().contains("killed"), qPrintable(page<TrainingPage>()->message()->text()));
    QTRY_COMPARE(m_window->session()->project()->run(1)->status, RunStatus::Interrupted);
    m_window->pages()->resume(1);
    const std::int64_t before = first->step();
    auto *second = work();
    QVERIFY(second != first);
    QTRY_VERIFY_WITH_TIMEOUT(second->step() > before, patience);
    second->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!second->isActive(), patience);
    QVERIFY2(second->state() == Work::State::Stopped, qPrintable(second->statusText()));
    QTRY_COMPARE(m_window->session()->project()->run(1)->status, RunStatus::Stopped);
    QVERIFY(m_window->session()->project()->hasModel(1));
    m_window.reset();
}

RETICLE_TEST(WholeWayTest)
#include "WholeWayTest.moc"
