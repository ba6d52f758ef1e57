#include "support/Person.h"
#include "support/WindowSandbox.h"
#include "widgets/export/FigureExport.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/PostprocessPage.h"
#include "window/pages/ResultPage.h"
#include "window/pages/TrainingPage.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QProcess>
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
    void windowAndCommandLineTrainAlike();

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
        recipe["model"]["weights"] = 4050; // what the family reaches with three channels
        for (const auto &[key, value] : train.items())
            recipe["train"][key] = value;
        form->form()->setRecipe(recipe);
        QVERIFY2(form->form()->isValid(), qPrintable(form->form()->problems().join('\n')));
        QTest::mouseClick(form->trainButton(), Qt::LeftButton);
    }
    Job *job() { return m_window->session()->jobs()->all().front(); }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }

    std::unique_ptr<MainWindow> m_window;
};

void WholeWayTest::fromDropToExportedFigure()
{
    test::WindowSandbox box("reticle-worker");
    start(box, {{"minutes", 0}, {"epochs", 0}, {"steps", 4}, {"batch", 2}, {"crop", 32}, {"validate-steps", 2}, {"threads", 1}});
    QTRY_VERIFY_WITH_TIMEOUT(page<TrainingPage>(), patience);
    QTRY_VERIFY_WITH_TIMEOUT(!job()->isActive(), patience);
    QVERIFY2(job()->state() == Job::State::Done, qPrintable(job()->statusText()));
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
    // Every setting of its form is one that the preview follows: no object is as large as this one asks.
    QVERIFY(cleaning->form()->schema().toJson() == m_window->session()->catalog()->find("live-queries", "postprocess").toJson());
    cleaning->form()->setValues({{"remove-small", true}, {"small-area", 100000}});
    const auto objects = [cleaning] {
        const Table table = cleaning->scores()->table();
        const auto &scores = std::get<std::vector<std::string>>(table.find("score")->values);
        const auto row = std::find(scores.begin(), scores.end(), "objects") - scores.begin();
        return std::get<std::vector<double>>(table.find("after")->values).at(static_cast<std::size_t>(row));
    };
    QTRY_COMPARE_WITH_TIMEOUT(objects(), 0.0, patience);
    m_window->tabs()->show({ItemKey::Kind::Data, 1});

    QTest::mouseClick(shown<QPushButton>(image, "evaluate"), Qt::LeftButton);
    QVERIFY(test::openOffered(m_window.get(), patience));
    QVERIFY(page<ResultPage>());
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
    start(box, {{"minutes", 0},
                {"epochs", 0},
                {"steps", 100000},
                {"batch", 1},
                {"crop", 16},
                {"validate-steps", 50000},
                {"checkpoint-steps", 3},
                {"threads", 1}});
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session()->jobs()->all().empty(), patience);
    auto *first = job();
    bool checkpoint = false;
    connect(first, &Job::events, this, [&](const std::vector<Event> &events) {
        for (const auto &e : events)
            checkpoint = checkpoint || e.kind == Event::Kind::Checkpoint;
    });
    QTRY_VERIFY_WITH_TIMEOUT(checkpoint, patience);
    ::kill(static_cast<pid_t>(first->processId()), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(first->state(), Job::State::Lost, patience);
    QTRY_VERIFY(page<TrainingPage>());
    QVERIFY2(page<TrainingPage>()->message()->text().contains("killed"), qPrintable(page<TrainingPage>()->message()->text()));
    QTRY_COMPARE(m_window->session()->project()->run(1)->status, RunStatus::Interrupted);
    m_window->pages()->resume(1);
    const std::int64_t before = first->step();
    auto *second = job();
    QVERIFY(second != first);
    QTRY_VERIFY_WITH_TIMEOUT(second->step() > before, patience);
    second->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!second->isActive(), patience);
    QVERIFY2(second->state() == Job::State::Stopped, qPrintable(second->statusText()));
    QTRY_COMPARE(m_window->session()->project()->run(1)->status, RunStatus::Stopped);
    QVERIFY(m_window->session()->project()->hasModel(1));
    m_window.reset();
}

void WholeWayTest::windowAndCommandLineTrainAlike()
{
    test::WindowSandbox box("reticle-worker");
    const QStringList files = box.makeStack("cells", 8, 64);
    // What differs from the defaults of both; everything else must be the same by itself.
    const QList<std::pair<QString, QString>> settings = {{"seed", "7"},
                                                         {"device", "cpu"},
                                                         {"train.minutes", "0"},
                                                         {"train.steps", "6"},
                                                         {"train.batch", "2"},
                                                         {"train.crop", "32"},
                                                         {"train.validate-steps", "3"},
                                                         {"train.threads", "1"},
                                                         {"model.weights", "4050"},
                                                         {"data.split", "slices"},
                                                         {"data.validation-slices", "2, 5-6"}};

    m_window = std::make_unique<MainWindow>();
    m_window->resize(1280, 800);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    const test::Person person(m_window.get());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->catalog().has_value(), patience);
    person.drop({files.first()});
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation") &&
                shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
    person.click(shown<QPushButton>(m_window.get(), "trainSegmentation"));
    for (const auto &[field, value] : settings)
        person.set(person.need<QWidget>("trainForm"), field, value);
    QVERIFY2(m_window->side()->trainForm()->form()->isValid(),
             qPrintable(m_window->side()->trainForm()->form()->problems().join('\n')));
    person.click(person.need<QPushButton>("train"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->session()->jobs()->all().empty() && !job()->isActive(), patience);
    QVERIFY2(job()->state() == Job::State::Done, qPrintable(job()->statusText()));
    const QString windowProject = m_window->session()->project()->folder();
    m_window.reset();

    QStringList arguments = {"run",       RETICLE_SOURCE_DIR "/resources/recipes/segment-stack.json",
                             "--project", box.path("line.reticle"),
                             "--set",     "data.images=" + files[0],
                             "--set",     "data.labels=" + files[1]};
    for (auto [field, value] : settings) {
        if (field == "data.validation-slices")
            value = "[2, 5, 6]";
        arguments << "--set" << field + "=" + value;
    }
    QProcess line;
    line.setProcessChannelMode(QProcess::MergedChannels);
    line.start(QString::fromStdString(test::program("reticle-worker")), arguments);
    QVERIFY(line.waitForFinished(patience));
    QVERIFY2(line.exitCode() == 0, line.readAll().constData());

    const auto one = Project::open(windowProject.toStdString()), two = Project::open(box.path("line.reticle").toStdString());
    QCOMPARE(one.metricNames(1), two.metricNames(1));
    for (const auto &name : one.metricNames(1)) {
        if (name.find("loss") == std::string::npos && name.find("validation.") == std::string::npos)
            continue; // times and speeds are each run's own
        const auto a = one.metric(1, name), b = two.metric(1, name);
        QCOMPARE(a.size(), b.size());
        QCOMPARE(a.size(), std::size_t(name == "train.loss" ? 6 : 2));
        for (std::size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].step, b[i].step);
            QVERIFY2(a[i].value == b[i].value, qPrintable(QStringLiteral("%1 at step %2: %3 and %4")
                                                              .arg(QString::fromStdString(name))
                                                              .arg(a[i].step)
                                                              .arg(a[i].value, 0, 'g', 17)
                                                              .arg(b[i].value, 0, 'g', 17)));
        }
    }
    QVERIFY(one.metric(1, "train.loss").size() == 6 && std::isfinite(one.metric(1, "train.loss").back().value));
}

RETICLE_TEST(WholeWayTest)
#include "WholeWayTest.moc"
