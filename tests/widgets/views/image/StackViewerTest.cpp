#include "widgets/views/image/StackViewer.h"

#include "support/FakeImages.h"
#include "support/Test.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/HistogramStrip.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>

using namespace reticle;
using reticle::test::FakeImages;

namespace {

bool stackViewerReady(StackViewer &v)
{
    return QTest::qWaitFor([&] { return v.view()->isReady(); }, 20000);
}

} // namespace

class StackViewerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void sliderNumberAndViewGoTogether()
    {
        StackViewer v;
        v.resize(800, 500);
        v.show();
        auto *slider = v.findChild<QSlider *>(QStringLiteral("slice"));
        auto *number = v.findChild<QLineEdit *>(QStringLiteral("sliceNumber"));
        QVERIFY(!slider->isVisible());
        v.setSource(std::make_shared<FakeImages>(30, 64, 64));
        QVERIFY(stackViewerReady(v));
        QVERIFY(slider->isVisible());
        QCOMPARE(slider->maximum(), 29);
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(v.page(), std::int64_t(1));
        QCOMPARE(number->text(), QStringLiteral("1"));
        v.setPage(9);
        QCOMPARE(slider->value(), 9);
        number->setFocus();
        number->selectAll();
        QTest::keyClicks(number, QStringLiteral("24"));
        QTest::keyClick(number, Qt::Key_Return);
        QCOMPARE(v.page(), std::int64_t(24));
        number->selectAll();
        QTest::keyClicks(number, QStringLiteral("999"));
        QTest::keyClick(number, Qt::Key_Return);
        QCOMPARE(v.page(), std::int64_t(29));
        QCOMPARE(number->text(), QStringLiteral("29"));
        number->selectAll();
        QTest::keyClicks(number, QStringLiteral("x"));
        QTest::keyClick(number, Qt::Key_Return);
        QCOMPARE(number->text(), QStringLiteral("29"));
        v.setSource(std::make_shared<FakeImages>(1, 64, 64));
        QVERIFY(!slider->isVisible());
    }
    void thePictureHasTheKeysFirst()
    {
        StackViewer v;
        v.resize(800, 500);
        v.show();
        v.setSource(std::make_shared<FakeImages>(3, 64, 64));
        QVERIFY(QTest::qWaitForWindowActive(&v));
        v.setFocus();
        QCOMPARE(QApplication::focusWidget(), v.view());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_PageDown);
        QCOMPARE(v.page(), std::int64_t(1));
    }
    void contrastIsDragged()
    {
        StackViewer v;
        v.resize(800, 500);
        v.show();
        v.setSource(std::make_shared<FakeImages>(3, 64, 64));
        QVERIFY(stackViewerReady(v));
        auto *strip = v.findChild<HistogramStrip *>();
        QCOMPARE(strip->black(), v.view()->contrast().first);
        const int y = strip->height() / 2;
        const QPoint white(int(strip->positionOf(strip->white())), y), middle(int(strip->positionOf(128)), y);
        QTest::mousePress(strip, Qt::LeftButton, {}, white);
        QTest::mouseMove(strip, middle);
        QTest::mouseRelease(strip, Qt::LeftButton, {}, middle);
        QVERIFY(std::abs(v.view()->contrast().second - 128) < 2);
        QVERIFY(!v.view()->isAutoContrast());
        // Black cannot pass white.
        const QPoint black(int(strip->positionOf(strip->black())), y);
        QTest::mousePress(strip, Qt::LeftButton, {}, black);
        QTest::mouseMove(strip, {strip->width() - 2, y});
        QTest::mouseRelease(strip, Qt::LeftButton, {}, {strip->width() - 2, y});
        QVERIFY(v.view()->contrast().first < v.view()->contrast().second);
        const double before = v.view()->contrast().first;
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_Left);
        QVERIFY(v.view()->contrast().first < before);
        QTest::mouseClick(v.findChild<QPushButton *>(QStringLiteral("auto")), Qt::LeftButton);
        QVERIFY(v.view()->isAutoContrast());
        QVERIFY(v.view()->contrast().second > 200);
    }
    void overlaysAreSwitchedAndFaded()
    {
        StackViewer v;
        v.resize(800, 500);
        v.show();
        v.setSource(std::make_shared<FakeImages>(3, 64, 64));
        ImageOverlay o;
        o.name = QStringLiteral("labels");
        o.values = Array(DType::UInt8, {64, 64});
        o.classNames = {"background", "membrane", "nucleus"};
        v.setOverlays({o});
        QSignalSpy changed(&v, &StackViewer::overlaysChanged);
        auto *row = v.findChild<QWidget *>(QStringLiteral("overlay0"));
        QVERIFY(row);
        QTest::mouseClick(row->findChild<QToolButton *>(QStringLiteral("visible")), Qt::LeftButton);
        QVERIFY(!v.overlays()[0].visible);
        QTest::mouseClick(row->findChild<QToolButton *>(QStringLiteral("visible")), Qt::LeftButton);
        auto *opacity = row->findChild<QSlider *>(QStringLiteral("opacity"));
        QCOMPARE(opacity->value(), 50);
        QTest::keyClick(opacity, Qt::Key_Home);
        QCOMPARE(v.overlays()[0].opacity, 0.0);
        QCOMPARE(changed.count(), 3);
        v.setOverlays({});
        QVERIFY(!v.findChild<QWidget *>(QStringLiteral("overlay0")));
    }
    void splitViewsAreLinked()
    {
        StackViewer v;
        v.resize(900, 500);
        v.show();
        v.setSource(std::make_shared<FakeImages>(5, 64, 64));
        QTest::mouseClick(v.findChild<QToolButton *>(QStringLiteral("split")), Qt::LeftButton);
        QVERIFY(v.views() > 1);
        QCOMPARE(v.viewAt(1)->source(), v.view()->source());
        v.setPage(3);
        QCOMPARE(v.viewAt(1)->page(), std::int64_t(3));
        v.view()->setView({10, 12}, 5);
        QCOMPARE(v.viewAt(1)->zoom(), 5.0);
        const auto other = std::make_shared<FakeImages>(5, 64, 64);
        v.setSourceAt(1, other, QStringLiteral("Prediction"));
        QCOMPARE(v.viewAt(1)->source(), std::shared_ptr<ImageSource>(other));
        QCOMPARE(v.viewAt(1)->page(), std::int64_t(3));
        QCOMPARE(v.viewAt(1)->zoom(), 5.0);
        v.setViews(1);
        QVERIFY(!v.viewAt(1));
        v.setPage(1);
        v.setViews(2);
        QCOMPARE(v.viewAt(1)->source(), std::shared_ptr<ImageSource>(other));
        QCOMPARE(v.viewAt(1)->page(), std::int64_t(1));
    }
    void upToFourViewsAreLinked()
    {
        StackViewer v;
        v.resize(900, 600);
        v.show();
        const auto images = std::make_shared<FakeImages>(5, 64, 64), other = std::make_shared<FakeImages>(5, 64, 64);
        v.setSource(images);
        QVERIFY(stackViewerReady(v));
        v.setSourceAt(2, other, QStringLiteral("Other"));
        auto *button = v.findChild<QToolButton *>(QStringLiteral("split"));
        const auto choose = [&](int n) {
            button->menu()->popup(v.mapToGlobal(QPoint(10, 10)));
            QTest::mouseClick(button->menu(), Qt::LeftButton, {},
                              button->menu()->actionGeometry(button->menu()->actions().at(n - 1)).center());
        };
        choose(3);
        QCOMPARE(v.views(), 3);
        QVERIFY(!v.viewAt(3) && button->isChecked());
        QCOMPARE(v.viewAt(2)->source(), std::shared_ptr<ImageSource>(other));
        const auto left = [&](int i) { return v.viewAt(i)->mapTo(&v, QPoint(0, 0)).x(); };
        const auto top = [&](int i) { return v.viewAt(i)->mapTo(&v, QPoint(0, 0)).y(); };
        QTRY_VERIFY(left(0) < left(1) && left(1) < left(2) && top(0) == top(2));
        // Whatever is moved, all go along.
        v.viewAt(2)->setView({20, 21}, 6);
        QTest::keyClick(v.viewAt(1), Qt::Key_PageDown);
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(v.viewAt(i)->center(), QPointF(20, 21));
            QCOMPARE(v.viewAt(i)->zoom(), 6.0);
            QCOMPARE(v.viewAt(i)->page(), std::int64_t(1));
        }
        choose(4);
        QCOMPARE(v.views(), 4);
        QTRY_VERIFY(top(2) > top(0) && left(2) == left(0) && left(3) == left(1) && top(3) == top(2));
        QCOMPARE(v.viewAt(3)->source(), std::shared_ptr<ImageSource>(images));
        QCOMPARE(v.viewAt(3)->zoom(), 6.0);
        choose(2);
        QCOMPARE(v.views(), 2);
        v.setPage(4);
        QCOMPARE(v.viewAt(1)->page(), std::int64_t(4));
        choose(4);
        QCOMPARE(v.viewAt(2)->source(), std::shared_ptr<ImageSource>(other)); // remembered
        QTest::mouseClick(button, Qt::LeftButton, {}, QPoint(6, button->height() / 2));
        QCOMPARE(v.views(), 1);
        QVERIFY(!v.view()->linked());
        // A fitted picture stays so, with each number of views and back.
        v.view()->fit();
        choose(4);
        QTRY_VERIFY(v.view()->isFitted() && v.view()->visibleImageRect() == QRect(0, 0, 64, 64));
        const double small = v.view()->zoom();
        choose(1);
        QTRY_VERIFY(v.view()->isFitted() && v.view()->zoom() > 1.3 * small);
    }
    void readoutAndChannels()
    {
        StackViewer v;
        v.resize(800, 500);
        v.show();
        v.setSource(std::make_shared<FakeImages>(1, 64, 64, DType::UInt8, 3));
        QVERIFY(stackViewerReady(v));
        auto *channel = v.findChild<QComboBox *>(QStringLiteral("channel"));
        QVERIFY(channel->isVisible());
        QCOMPARE(channel->count(), 4);
        QTest::mouseMove(v.view(), v.view()->fromImage({10.5, 20.5}).toPoint());
        QVERIFY(v.findChild<QLabel *>(QStringLiteral("readout"))->text().startsWith(QStringLiteral("x 10   y 20   RGB")));
        QTest::mouseClick(v.findChild<QToolButton *>(QStringLiteral("panel")), Qt::LeftButton);
        QVERIFY(!v.isPanelVisible());
    }
};

RETICLE_TEST(StackViewerTest)
#include "StackViewerTest.moc"
