#include "window/pages/WaveletPage.h"

#include "files/ImageSource.h"
#include "support/WindowSandbox.h"
#include "widgets/export/ExportDialog.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/image/ImageView.h"
#include "window/actions/Command.h"
#include "window/pages/PageOpener.h"
#include "window/pages/ResultPage.h"
#include "window/parts/ImageSetList.h"
#include "window/session/ImageData.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/TabArea.h"

#include <QCheckBox>
#include <QMouseEvent>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTimer>

using namespace reticle;
using test::shown;

/// The live page of wavelet levels with the real worker.
class WaveletPageTest : public QObject
{
    Q_OBJECT
private:
    static constexpr int patience = 60000; // ms; a loaded machine starts LibTorch slowly

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
    WaveletPage *m_page = nullptr;

    /// Waits for the answer that a change asks for.
    template <class Change> void after(Change &&change)
    {
        QSignalSpy spy(m_page, &WaveletPage::previewed);
        change();
        QVERIFY(spy.wait(patience));
    }
    void press(const char *button)
    {
        QTRY_VERIFY(shown<QPushButton>(m_page, button)); // new buttons are seen once they are laid out
        after([&] { QTest::mouseClick(shown<QPushButton>(m_page, button), Qt::LeftButton); });
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_box = std::make_unique<test::WindowSandbox>("reticle-worker");
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->catalog().has_value(), patience);
        test::dropOn(m_window.get(), {m_box->makeStack("cells", 3, 64).first()});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "justLook"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "justLook")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "justLook"), Qt::LeftButton);
        QTRY_VERIFY(m_window->session()->project() && m_window->session()->project()->dataSets().size() == 1);
        m_box->makeStack("others", 3, 64);
        m_window->session()->project()->addData(imageSection(m_box->path("others.tif"), {}), {});
        m_window->session()->project()->refresh();
        const auto input = m_window->session()->project()->dataSets().front().input;
        m_window->pages()->open(ItemKey::page("wavelets", {ItemKey::Kind::Data, input}));
        m_page = qobject_cast<WaveletPage *>(m_window->tabs()->currentPage());
        QVERIFY(m_page);
        QSignalSpy spy(m_page, &WaveletPage::previewed);
        QVERIFY(spy.wait(patience));
    }
    void cleanupTestCase() { m_window.reset(); }

    void showsTheImageAtFirst()
    {
        QVERIFY(m_page->level() == -1);
        QTRY_VERIFY(m_page->original()->isReady());
        QVERIFY(!m_page->other()->isVisible());
        QVERIFY(m_page->original()->isFitted());
        QVERIFY(shown<QPushButton>(m_page, "level-1")->isChecked());
        QTRY_VERIFY(shown<QPushButton>(m_page, "level6")); // 64 px: six levels of db1
        QVERIFY(!shown<QPushButton>(m_page, "level7"));
        QCOMPARE(m_page->original()->colorMap(), QStringLiteral("gray"));
    }
    void aButtonShowsALevelAlone()
    {
        press("level1");
        QVERIFY(m_page->level() == 1);
        QCOMPARE(m_page->original()->colorMap(), QStringLiteral("blue-red"));
        QTRY_VERIFY(m_page->original()->isReady());
        // Haar details of a 2 x 2 block add up to nothing.
        double sum = 0, size = 0;
        for (const auto &[x, y] : {std::pair{10, 20}, {11, 20}, {10, 21}, {11, 21}}) {
            sum += m_page->original()->valueAt(x, y);
            size += std::abs(m_page->original()->valueAt(x, y));
        }
        QVERIFY(size > 0 && std::abs(sum) < 1e-4);
        press("level-2");
        QVERIFY(m_page->level() == -2 && shown<QPushButton>(m_page, "level-2")->isChecked());
        QTRY_COMPARE(m_page->original()->channels(), 3); // all coefficients, in colors
        press("level0");
        QTRY_VERIFY(m_page->original()->isReady());
        QVERIFY(std::abs(m_page->original()->valueAt(3, 3) - m_page->original()->valueAt(60, 60)) < 1e-3);
    }
    void aClickOnACoefficientShowsItsLevelAndPixels()
    {
        QVERIFY(m_page->original()->overlays().empty());
        press("level-2");
        QTRY_COMPARE(m_page->original()->channels(), 3);
        QTRY_VERIFY(m_page->original()->isReady());
        // 64 px of db1: H of level 2 stands at y 16..31, x 0..15; its coefficient (x 3, y 5) is of pixels 12..15, 20..23.
        after([&] {
            auto *view = m_page->original();
            QTest::mouseClick(view, Qt::LeftButton, {}, view->fromImage(QPointF(3.5, 21.5)).toPoint());
        });
        QVERIFY(m_page->level() == 2);
        QVERIFY(shown<QPushButton>(m_page, "level2")->isChecked());
        QCOMPARE(m_page->original()->overlays().size(), size_t(1));
        QTRY_VERIFY(m_page->original()->isReady());
        const auto outlined = [&](std::int64_t x, std::int64_t y) { return m_page->original()->overlayValueAt(0, x, y); };
        for (const auto &[x, y] : {std::pair{12, 20}, {15, 20}, {12, 23}, {15, 23}})
            QCOMPARE(outlined(x, y), 1.0);
        for (const auto &[x, y] : {std::pair{11, 20}, {16, 20}, {12, 19}, {15, 24}})
            QVERIFY(!(outlined(x, y) > 0));
        // It stays while levels are looked at, not over all coefficients, and not when the filter changes.
        press("level-1");
        QCOMPARE(m_page->original()->overlays().size(), size_t(1));
        press("level-2");
        QVERIFY(m_page->original()->overlays().empty());
        after([&] { m_page->form()->setValues({{"wavelet", "db2"}}); });
        press("level-1");
        QVERIFY(m_page->original()->overlays().empty());
        after([&] { m_page->form()->setValues({{"wavelet", "db1"}}); });
    }
    void aClickOnTheCurvesShowsTheLevel()
    {
        const auto at = [this](int panel, double x) { Q_EMIT m_page->curves()->clicked(panel, QPointF(x, 0.1)); };
        after([&] { at(0, 1.2); }); // levels run 6, 5, ...
        QVERIFY(m_page->level() == 5);
        QVERIFY(shown<QPushButton>(m_page, "level5")->isChecked());
        // A press and release at one place is a click; somewhere on the curves it finds a level.
        auto *view = m_page->curves();
        QSignalSpy clicks(view, &FigureView::clicked);
        for (int x = 20; x < view->width() && clicks.empty(); x += 20)
            QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(x, view->height() / 3));
        QCOMPARE(clicks.size(), 1);
    }
    void anotherSetStandsBesideIt()
    {
        QCOMPARE(m_page->comparisons()->count(), 1);
        after([&] { m_page->comparisons()->item(0)->setCheckState(Qt::Checked); });
        QVERIFY(m_page->other()->isVisible());
        QCOMPARE(m_page->original()->linked(), m_page->other());
        QCOMPARE(m_page->curves()->figure().panels.size(), size_t(4)); // power, Fourier power, and both ratios
        press("level1");
        QTRY_VERIFY(m_page->other()->isReady() && m_page->original()->isReady());
        QVERIFY(std::abs(m_page->other()->valueAt(7, 9) - m_page->original()->valueAt(7, 9)) < 1e-4);
    }
    void droppedFilesStandBesideItToo()
    {
        // Two at once on the page, and one on the field; four pictures are shown, curves are of all.
        m_box->makeStack("third", 3, 64);
        m_box->makeStack("fourth", 3, 64);
        m_box->makeStack("fifth", 3, 64);
        after([&] { test::dropOn(m_page, {m_box->path("third.tif"), m_box->path("fourth.tif")}); });
        QCOMPARE(m_page->comparisons()->chosen().size(), 3);
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(m_page->view(i)->isVisible());
        after([&] { test::dropOn(m_page->form()->editor("others"), {m_box->path("fifth.tif")}); });
        QCOMPARE(m_page->comparisons()->chosen().size(), 4);
        const auto &power = std::get<XYPanel>(m_page->curves()->figure().panels[0].content);
        QStringList named;
        for (const auto &s : power.series)
            if (!s.name.empty())
                named << QString::fromStdString(s.name);
        QCOMPARE(named, (QStringList{"cells", "others", "third", "fourth", "fifth"}));
        // Zooming one zooms all.
        m_page->view(3)->setView({20, 24}, 6);
        QCOMPARE(m_page->view(0)->zoom(), 6.0);
        QCOMPARE(m_page->view(1)->center(), QPointF(20, 24));
        after([&] { m_page->form()->setValues({{"others", m_box->path("others.tif").toStdString()}}); });
        QVERIFY(m_page->other()->isVisible() && !m_page->view(2)->isVisible());
        QCOMPARE(m_page->comparisons()->chosen(), QStringList{m_box->path("others.tif")});
        m_page->original()->fit();
    }
    void bandsCanBeLeftOut()
    {
        press("level-3");
        QVERIFY(m_page->level() == -3);
        QTRY_VERIFY(m_page->original()->isReady());
        const auto source = openImage(m_box->path("cells.tif").toStdString())->readPage(0);
        QCOMPARE(m_page->original()->valueAt(5, 9), source.value(9 * 64 + 5)); // nothing is left out yet
        QTRY_VERIFY(shown<QCheckBox>(m_page, "keep1H"));
        const auto untick = [&](const char *box) {
            after([&] {
                auto *b = shown<QCheckBox>(m_page, box);
                QTest::mouseClick(b, Qt::LeftButton, {}, QPoint(6, b->height() / 2));
            });
        };
        untick("keep1H");
        untick("keep3D");
        QCOMPARE(m_page->form()->values()["drop"].get<std::string>(), std::string("3:D 1:H"));
        for (const char *box : {"keep2H", "keep2V", "keep2D"})
            untick(box);
        QCOMPARE(m_page->form()->values()["drop"].get<std::string>(), std::string("3:D 2 1:H"));
        QTRY_VERIFY(m_page->original()->isReady());
        const double left = m_page->original()->valueAt(5, 9);
        QVERIFY(std::abs(left - source.value(9 * 64 + 5)) > 0.1);
        press("level-4");
        QTRY_VERIFY(m_page->original()->isReady());
        QVERIFY(std::abs(m_page->original()->valueAt(5, 9) + left - source.value(9 * 64 + 5)) < 1e-3);
        QCOMPARE(m_page->original()->colorMap(), QStringLiteral("blue-red"));
        // By hand in the form, the boxes follow.
        after([&] { m_page->form()->setValues({{"drop", "A"}}); });
        QVERIFY(!shown<QCheckBox>(m_page, "keepA")->isChecked() && shown<QCheckBox>(m_page, "keep1H")->isChecked());
        press("level-1");
        QVERIFY(!shown<QCheckBox>(m_page, "keep1H"));
    }
    void theRebuiltImageIsSaved()
    {
        after([&] { m_page->form()->setValues({{"drop", "1"}}); });
        press("level-3");
        QTRY_VERIFY(m_page->original()->isReady());
        QSignalSpy saved(m_page, &WaveletPage::saved);
        m_page->saveReconstruction(m_box->path("rebuilt.tif"));
        QVERIFY(saved.wait(patience));
        const auto file = openImage(m_box->path("rebuilt.tif").toStdString());
        QVERIFY(file->info().dtype == DType::Float32);
        QCOMPARE(file->readPage(0).value(9 * 64 + 5), m_page->original()->valueAt(5, 9));
        // Never over what is shown.
        m_page->saveReconstruction(m_box->path("cells.tif"));
        auto *message = m_page->findChild<MessageBar *>();
        QTRY_VERIFY_WITH_TIMEOUT(message->text().contains("would write over"), patience);
        after([&] { m_page->form()->setValues({{"drop", ""}}); });
    }
    void picturesAreAFigure()
    {
        press("level2");
        const auto figure = m_page->currentFigure();
        QVERIFY(figure && figure->problems().empty());
        QCOMPARE(figure->panels.size(), size_t(2));
        QCOMPARE(figure->panels[1].title, std::string("others"));
        const auto &picture = std::get<ImagePanel>(figure->panels[0].content);
        QCOMPARE(picture.colorMap, std::string("blue-red"));
        QCOMPARE(*picture.black, -*picture.white);
        QCOMPARE(picture.pixelSize, 4.0);
        QTRY_VERIFY(m_page->original()->isReady());
        QCOMPARE(picture.image.value(9 * 64 + 5), m_page->original()->valueAt(5, 9));
        QVERIFY2(figure->caption.starts_with("Level 2 alone of image 0"), figure->caption.c_str());
        press("level-2");
        const auto pyramid = m_page->currentFigure();
        QCOMPARE(std::get<ImagePanel>(pyramid->panels[0].content).image.rank(), 3);
        QVERIFY(pyramid->problems().empty());
        // Ctrl+E opens the dialog that figures have.
        bool opened = false;
        QTimer::singleShot(0, m_page, [&] {
            auto *dialog = qobject_cast<ExportDialog *>(QApplication::activeModalWidget());
            opened = dialog;
            if (dialog)
                dialog->reject();
        });
        m_page->original()->setFocus();
        m_window->commands()->trigger("figure.export");
        QTRY_VERIFY(opened); // nothing waits for the dialog
        press("level-1");
    }
    void captionsAreOfThePictureThatIsSeen()
    {
        press("level2");
        const auto before = m_page->currentFigure();
        QVERIFY(before);
        // The controls are ahead of the picture until the answer comes.
        after([&] {
            m_page->form()->setValues({{"wavelet", "db2"}});
            m_page->showLevel(1);
            const auto now = m_page->currentFigure();
            QVERIFY(now);
            QCOMPARE(now->caption, before->caption);
            QVERIFY2(now->caption.find("db1") != std::string::npos, now->caption.c_str());
        });
        const auto later = m_page->currentFigure();
        QVERIFY2(later->caption.starts_with("Level 1 alone of image 0") && later->caption.find("db2") != std::string::npos,
                 later->caption.c_str());
        after([&] { m_page->form()->setValues({{"wavelet", "db1"}}); });
        press("level-1");
    }
    void partsOfLargeImagesAreCalledParts()
    {
        auto *project = m_window->session()->project();
        const auto input = project->addData(imageSection(m_box->makeStack("large", 1, 2100).first(), {}), {});
        m_window->pages()->open(ItemKey::page("wavelets", {ItemKey::Kind::Data, input}));
        auto *large = qobject_cast<WaveletPage *>(m_window->tabs()->currentPage());
        QVERIFY(large && large != m_page);
        QVERIFY(QSignalSpy(large, &WaveletPage::previewed).wait(patience));
        const auto figure = large->currentFigure();
        QVERIFY(figure);
        QVERIFY2(figure->caption.find("the middle of at most 2048") != std::string::npos, figure->caption.c_str());
        m_window->tabs()->close(m_window->tabs()->currentKey());
        project->removeData(input);
        QCOMPARE(m_window->tabs()->currentPage(), m_page);
    }
    void answersDoNotPutBackWhatWasTicked()
    {
        press("level-3");
        QTRY_VERIFY(shown<QCheckBox>(m_page, "keep1H"));
        auto *box = shown<QCheckBox>(m_page, "keep1H");
        QVERIFY(box->isChecked());
        QSignalSpy asked(m_page, &WaveletPage::asked);
        m_page->form()->setValues({{"mode", "periodization"}}); // as many levels, so that the boxes stay
        QVERIFY(asked.wait(patience));
        bool putBack = false;
        QObject here;
        connect(m_page, &WaveletPage::previewed, &here, [&] { putBack |= box->isChecked(); });
        after([&] { QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(6, box->height() / 2)); });
        QVERIFY(!putBack);
        QVERIFY(!box->isChecked());
        QCOMPARE(m_page->form()->values()["drop"].get<std::string>(), std::string("1:H"));
        after([&] { m_page->form()->setValues({{"mode", "symmetric"}, {"drop", ""}}); });
        press("level-1");
    }
    void whatIsEmptyBetweenNamesIsNoFile()
    {
        after([&] { m_page->form()->setValues({{"others", m_box->path("others.tif").toStdString() + "; "}}); });
        QCOMPARE(m_page->comparisons()->chosen(), QStringList{m_box->path("others.tif")});
        after([&] { m_page->form()->setValues({{"others", m_box->path("others.tif").toStdString()}}); });
    }
    void aRunsOutputIsAskedFor()
    {
        QSignalSpy wanted(m_page, &WaveletPage::predictionRequested);
        // As a project with a trained run would list it.
        m_page->comparisons()->setChoices({{"output of run 3, to be made", {}, 3}}, {});
        m_page->comparisons()->item(0)->setCheckState(Qt::Checked);
        QTRY_COMPARE(wanted.size(), 1);
        QCOMPARE(wanted.first().first().toLongLong(), 3);
        after([&] { m_page->predicted(3, m_box->path("third.tif")); });
        QVERIFY(m_page->comparisons()->chosen().contains(m_box->path("third.tif")));
        QVERIFY(m_page->view(2)->isVisible());
        after([&] { m_page->form()->setValues({{"others", m_box->path("others.tif").toStdString()}}); });
    }
    void aClickOnAFrequencyShowsItsLevel()
    {
        after([&] { Q_EMIT m_page->curves()->clicked(1, QPointF(1 / 12.0, 3)); }); // 8 to 16 px
        QVERIFY(m_page->level() == 3);
        after([&] { Q_EMIT m_page->curves()->clicked(1, QPointF(0.5, 3)); });
        QVERIFY(m_page->level() == 1);
    }
    void supportGoesRoundWhereTheBorderDoes()
    {
        after([&] { m_page->form()->setValues({{"wavelet", "db2"}, {"mode", "periodization"}}); });
        press("level-2");
        QTRY_VERIFY(m_page->original()->isReady());
        // db2: coefficient 0 of a line is of samples -1, 0, 1, 2; of H of level 1, at y 32, x 0.
        after([&] {
            auto *view = m_page->original();
            QTest::mouseClick(view, Qt::LeftButton, {}, view->fromImage(QPointF(0.5, 32.5)).toPoint());
        });
        QVERIFY(m_page->level() == 1);
        QTRY_VERIFY(m_page->original()->isReady());
        const auto outlined = [&](std::int64_t x, std::int64_t y) { return m_page->original()->overlayValueAt(0, x, y) > 0; };
        for (const auto &[x, y] : {std::pair{0, 0}, {2, 2}, {63, 0}, {0, 63}, {63, 63}, {2, 63}})
            QVERIFY(outlined(x, y));
        for (const auto &[x, y] : {std::pair{3, 0}, {62, 0}, {0, 62}, {30, 30}})
            QVERIFY(!outlined(x, y));
        after([&] { m_page->form()->setValues({{"wavelet", "db1"}, {"mode", "symmetric"}}); });
    }
    void imagesCountFromNought()
    {
        auto *image = shown<QSpinBox>(m_window.get(), "waveletImage");
        QVERIFY(image);
        QCOMPARE(image->minimum(), 0);
        QCOMPARE(image->maximum(), 2); // of three slices
        press("level-1");
        for (const int number : {2, 0}) {
            after([&] { image->setValue(number); });
            QTRY_VERIFY(m_page->original()->isReady());
            const auto slice = openImage(m_box->path("cells.tif").toStdString())->readPage(number);
            QCOMPARE(m_page->original()->valueAt(5, 9), slice.value(9 * 64 + 5));
        }
    }
    void aFilterThatAllowsFewerLevelsShowsThem()
    {
        press("level6");
        after([&] { m_page->form()->setValues({{"wavelet", "db4"}}); });
        QVERIFY(!shown<QPushButton>(m_page, "level4"));
        QVERIFY(m_page->level() == 3);
        m_page->form()->setValues({{"levels", 9}}); // too many: said at the field
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->form()->problems().isEmpty(), patience);
        QVERIFY2(m_page->form()->problems().first().contains("level must be 1..3 for a 64-pixel side with db4"),
                 qPrintable(m_page->form()->problems().first()));
        after([&] { m_page->form()->setValues({{"levels", 2}}); });
        QTRY_VERIFY(shown<QPushButton>(m_page, "level2")); // once laid out
        QVERIFY(!shown<QPushButton>(m_page, "level3"));
    }
    void whatWasSaidOfAnEarlierWishGoes()
    {
        m_box->makeStack("fewer", 2, 64);
        m_window->session()->project()->addData(imageSection(m_box->path("fewer.tif"), {}), {});
        auto *message = m_page->findChild<MessageBar *>();
        m_page->form()->setValues({{"others", m_box->path("fewer.tif").toStdString()}});
        QTRY_VERIFY_WITH_TIMEOUT(!message->text().isEmpty(), patience);
        after([&] { m_page->form()->setValues({{"others", ""}}); });
        QVERIFY2(message->text().isEmpty(), qPrintable(message->text()));
    }
    void whatComesIntoTheProjectIsOffered()
    {
        auto *project = m_window->session()->project();
        const QString path = m_box->makeStack("later", 3, 64).first();
        QVERIFY(m_page->comparisons()->rowOf(path) < 0);
        const auto input = project->addData(imageSection(path, {}), {});
        QVERIFY(m_page->comparisons()->rowOf(path) >= 0);
        project->removeData(input);
        QVERIFY(m_page->comparisons()->rowOf(path) < 0);
    }
    void asManyImagesAreMeasuredAsTheButtonSays()
    {
        auto *measure = shown<QPushButton>(m_window.get(), "measureWavelets");
        QCOMPARE(measure->text(), QStringLiteral("Measure 3 images"));
        after([&] { m_page->form()->setValues({{"count", 2}}); });
        QCOMPARE(measure->text(), QStringLiteral("Measure 2 images"));
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "measureWavelets"), Qt::LeftButton);
        QVERIFY(test::openOffered(m_window.get(), patience));
        QVERIFY(qobject_cast<ResultPage *>(m_window->tabs()->currentPage()));
        const auto results = m_window->session()->project()->results();
        QVERIFY(results.size() == 1);
        QVERIFY2(results.front().summary.starts_with("2 images of 64 x 64 px"), results.front().summary.c_str());
    }
};

RETICLE_TEST(WaveletPageTest)
#include "WaveletPageTest.moc"
