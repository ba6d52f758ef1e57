#include "widgets/views/FigureView.h"
#include "support/SampleFigures.h"
#include "support/Test.h"
#include "widgets/export/ExportDialog.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QMouseEvent>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QVBoxLayout>
#include <QWheelEvent>

using namespace reticle;

namespace {

/// A view of one curve from (0, 0) to (10, 10) whose plot fills most of it.
Figure diagonal()
{
    XYPanel panel;
    panel.x = {.label = "time", .unit = "s", .min = 0.0, .max = 10.0};
    panel.y = {.label = "signal", .min = 0.0, .max = 10.0};
    Series s{.name = "line"};
    for (int i = 0; i <= 10; ++i) {
        s.x.push_back(i);
        s.y.push_back(i);
    }
    panel.series = {s};
    Figure figure;
    figure.name = "diagonal";
    figure.panels = {Panel{.content = panel}};
    return figure;
}

void mouse(FigureView &view, QEvent::Type type, QPoint at, Qt::MouseButton button = Qt::NoButton,
           Qt::KeyboardModifiers modifiers = {})
{
    const bool down = type == QEvent::MouseButtonPress || type == QEvent::MouseButtonDblClick;
    QMouseEvent event(type, at, view.mapToGlobal(at), button, down ? button : Qt::NoButton, modifiers);
    QApplication::sendEvent(&view, &event);
}

void move(FigureView &view, QPoint at)
{
    mouse(view, QEvent::MouseMove, at);
}

void drag(FigureView &view, QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = {})
{
    mouse(view, QEvent::MouseButtonPress, from, Qt::LeftButton, modifiers);
    move(view, (from + to) / 2);
    move(view, to);
    mouse(view, QEvent::MouseButtonRelease, to, Qt::LeftButton, modifiers);
}

/// Moves over the view in small steps: the middle of where a text that starts with `text` is read out, or (-1, -1).
QPoint find(FigureView &view, const QString &text)
{
    QPoint sum;
    int hits = 0;
    for (int y = 4; y < view.height(); y += 3)
        for (int x = 4; x < view.width(); x += 3) {
            move(view, {x, y});
            if (view.readout().startsWith(text)) {
                sum += QPoint(x, y);
                ++hits;
            }
        }
    return hits ? sum / hits : QPoint(-1, -1);
}

/// Zooms; sideways as a wheel with Alt turns.
void wheel(FigureView &view, QPoint at, int steps, Qt::KeyboardModifiers modifiers = Qt::ControlModifier)
{
    const QPoint turn = modifiers & Qt::AltModifier ? QPoint(120 * steps, 0) : QPoint(0, 120 * steps);
    QWheelEvent event(at, view.mapToGlobal(at), {}, turn, Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
    QSpontaneKeyEvent::setSpontaneous(&event); // as from a person: what the view does not take goes to the page
    qApp->notify(&view, &event);               // sendEvent() would take that from it
}

QImage shot(FigureView &view)
{
    return view.grab().toImage();
}

} // namespace

class FigureViewTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<FigureView> m_view;

private Q_SLOTS:
    void init()
    {
        m_view = std::make_unique<FigureView>();
        m_view->resize(480, 360);
        m_view->setFigure(diagonal());
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
        shot(*m_view);
    }

    void readsOutTheNearestPoint()
    {
        QSignalSpy spy(m_view.get(), &FigureView::readoutChanged);
        const QPoint at = find(*m_view, QString::fromUtf8("line: time 4\u00a0s, signal 4"));
        QVERIFY(at.x() > 0);
        QVERIFY(!spy.isEmpty());
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(m_view.get(), &leave);
        QVERIFY(m_view->readout().isEmpty());
    }

    void lyingBarsAreReadOutTheFirstOnTop()
    {
        XYPanel panel;
        panel.x.label = "weights";
        panel.y.categories = {"input", "bottleneck", "output"};
        panel.series = {{.kind = SeriesKind::Bar, .x = {100, 400, 25}, .y = {0, 1, 2}}};
        Figure figure;
        figure.name = "bars";
        figure.panels = {Panel{.content = panel}};
        m_view->setFigure(figure);
        shot(*m_view);
        const QPoint input = find(*m_view, "input, weights 100"), middle = find(*m_view, "bottleneck, weights 400"),
                     output = find(*m_view, "output, weights 25");
        QVERIFY(input.x() > 0 && output.x() > 0);
        QVERIFY(input.y() < middle.y() && middle.y() < output.y());
        QVERIFY(output.x() < input.x() && input.x() < middle.x());
    }

    void wheelZoomsAtTheCursor()
    {
        const QPoint at = find(*m_view, "line: time 4");
        const QImage before = shot(*m_view);
        wheel(*m_view, at, 5);
        QVERIFY(shot(*m_view) != before);
        move(*m_view, at + QPoint(1, 0));
        QVERIFY(m_view->readout().startsWith("line: time 4")); // the point under the cursor stayed
        const QPoint other = find(*m_view, "line: time 8");
        QCOMPARE(other, QPoint(-1, -1)); // out of view now
        m_view->resetView();
        move(*m_view, {1, 1});
        QVERIFY(find(*m_view, "line: time 8").x() > 0);
    }

    void theWheelAloneScrollsThePage()
    {
        QScrollArea page;
        auto *content = new QWidget;
        auto *column = new QVBoxLayout(content);
        auto *view = new FigureView;
        view->setFigure(diagonal());
        view->setFixedHeight(300);
        column->addWidget(view);
        column->addStretch();
        content->setFixedSize(460, 2000);
        page.setWidget(content);
        page.resize(480, 400);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        const QPoint at = find(*view, "line: time 4");
        QVERIFY(at.x() > 0);
        move(*view, {1, 1});
        const QImage before = shot(*view);
        wheel(*view, at, -1, Qt::NoModifier);
        QVERIFY(page.verticalScrollBar()->value() > 0);
        QCOMPARE(shot(*view), before);
        const int scrolled = page.verticalScrollBar()->value();
        wheel(*view, at, 5);
        QCOMPARE(page.verticalScrollBar()->value(), scrolled);
        QVERIFY(shot(*view) != before);
    }

    void shiftAndAltKeepAnAxis()
    {
        const QPoint at = find(*m_view, "line: time 4");
        move(*m_view, {1, 1});
        const QImage before = shot(*m_view);
        QImage shots[2];
        for (const auto modifier : {Qt::ShiftModifier, Qt::AltModifier}) {
            wheel(*m_view, at, 5, Qt::ControlModifier | modifier);
            shots[modifier == Qt::AltModifier] = shot(*m_view);
            QVERIFY(shots[modifier == Qt::AltModifier] != before);
            m_view->resetView();
            move(*m_view, {1, 1});
            QCOMPARE(shot(*m_view), before);
        }
        QVERIFY(shots[0] != shots[1]);
    }

    void dragPansAndDoubleClickResets()
    {
        const QPoint at = find(*m_view, "line: time 5");
        move(*m_view, {1, 1});
        const QImage before = shot(*m_view);
        drag(*m_view, at, at + QPoint(40, -30));
        move(*m_view, at + QPoint(40, -29));
        QVERIFY(m_view->readout().startsWith("line: time 5")); // it moved with the hand
        mouse(*m_view, QEvent::MouseButtonDblClick, at + QPoint(40, -30), Qt::LeftButton);
        move(*m_view, {1, 1});
        QCOMPARE(shot(*m_view), before);
    }

    void shiftDragZoomsIntoTheBox()
    {
        const QPoint low = find(*m_view, "line: time 2"), high = find(*m_view, "line: time 6");
        QVERIFY(low.x() > 0 && high.x() > 0);
        drag(*m_view, low + QPoint(-5, 15), high + QPoint(15, -5), Qt::ShiftModifier);
        QCOMPARE(find(*m_view, "line: time 9"), QPoint(-1, -1));
        QVERIFY(find(*m_view, "line: time 4").x() > 0);
    }

    void zoomStaysWhileDataArrive()
    {
        const QPoint at = find(*m_view, "line: time 4");
        wheel(*m_view, at, 5);
        Figure figure = diagonal();
        auto &s = std::get<XYPanel>(figure.panels[0].content).series[0];
        for (int i = 0; i < 30; ++i) {
            s.x.push_back(10 + i * 0.1);
            s.y.push_back(10);
            m_view->setFigure(figure);
            shot(*m_view);
        }
        QCOMPARE(find(*m_view, "line: time 8"), QPoint(-1, -1));
    }

    void dataMayChangeUnderTheHand()
    {
        const QPoint at = find(*m_view, "line: time 5");
        mouse(*m_view, QEvent::MouseButtonPress, at, Qt::LeftButton);
        move(*m_view, at + QPoint(10, 0));
        m_view->setFigure(diagonal());
        move(*m_view, at + QPoint(30, 0)); // no paint in between
        move(*m_view, at + QPoint(40, 0));
        m_view->setFigure(Figure{}); // the panel in hand is gone
        move(*m_view, at + QPoint(50, 0));
        mouse(*m_view, QEvent::MouseButtonRelease, at + QPoint(50, 0), Qt::LeftButton);
        QVERIFY(!shot(*m_view).isNull());
        m_view->setFigure(diagonal());
        QVERIFY(find(*m_view, "line: time 4").x() > 0);
    }

    void legendClickHidesAndShowsASeries()
    {
        const QImage before = shot(*m_view);
        QPoint entry(-1, -1);
        for (int y = 2; y < m_view->height() && entry.x() < 0; y += 4)
            for (int x = 2; x < m_view->width(); x += 4) {
                move(*m_view, {x, y});
                if (m_view->cursor().shape() == Qt::PointingHandCursor) {
                    entry = {x, y};
                    break;
                }
            }
        QVERIFY(entry.x() > 0);
        drag(*m_view, entry, entry);
        QCOMPARE(find(*m_view, "line:"), QPoint(-1, -1));
        drag(*m_view, entry, entry);
        QVERIFY(find(*m_view, "line:").x() > 0);
        move(*m_view, {1, 1});
        QCOMPARE(shot(*m_view), before);
    }

    void followsTheDarkPalette()
    {
        QPalette dark = m_view->palette();
        dark.setColor(QPalette::Base, QColor(30, 31, 34));
        m_view->setPalette(dark);
        const QImage image = shot(*m_view);
        QCOMPARE(image.pixelColor(2, 2), QColor(30, 31, 34));
        int light = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                light += image.pixelColor(x, y).lightness() > 150;
        QVERIFY(light > 300); // axes, text and the black series, lightened
        m_view->copyPicture();
        QCOMPARE(QApplication::clipboard()->image().pixelColor(2, 2), QColor(Qt::white)); // print keeps white paper
    }

    void copiesPictureAndNumbers()
    {
        m_view->setFocus();
        QTest::keyClick(m_view.get(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->image().width(), 2055); // 174 mm at 300 dpi
        m_view->copyData();
        QVERIFY(QApplication::clipboard()->text().startsWith("series,x,y,ylo,yhi,label\nline,0,0,,,\n"));
    }

    void survivesEveryKindOfPanelAndTinySizes()
    {
        m_view->setFigure(test::everything());
        for (const QSize size : {QSize(900, 700), QSize(300, 200), QSize(20, 10), QSize(1, 1), QSize(480, 360)}) {
            m_view->resize(size);
            QVERIFY(!shot(*m_view).isNull());
        }
        for (int y = 0; y < 360; y += 24)
            for (int x = 0; x < 480; x += 24) {
                move(*m_view, {x, y});
                wheel(*m_view, {x, y}, (x + y) % 5 - 2);
            }
        QVERIFY(!shot(*m_view).isNull());
    }

    void exportDialogOpensWithCtrlE()
    {
        QTest::keyClick(m_view.get(), Qt::Key_E, Qt::ControlModifier);
        const QPointer<ExportDialog> dialog = qobject_cast<ExportDialog *>(QApplication::activeModalWidget());
        QVERIFY(dialog);
        dialog->reject();
        QTRY_VERIFY(!dialog);
    }

    void exportDialogFollowsItsFields()
    {
        Figure figure = diagonal();
        HeatMapPanel heat;
        heat.values = test::floats({2, 2}, {1, 2, 3, 4});
        figure.panels.push_back(Panel{.column = 1, .content = heat});
        ExportDialog dialog(figure);
        auto *format = dialog.findChild<QComboBox *>("format");
        auto *preset = dialog.findChild<QComboBox *>("preset");
        auto *width = dialog.findChild<QDoubleSpinBox *>("width");
        auto *dpi = dialog.findChild<QSpinBox *>("dpi");
        auto *warnings = dialog.findChild<QLabel *>("warnings");
        QVERIFY(format && preset && width && dpi && warnings);
        QVERIFY(warnings->text().contains("color bar has no label"));
        QCOMPARE(width->value(), 174.0);
        preset->setCurrentIndex(preset->findData(85.0));
        QCOMPARE(width->value(), 85.0);
        width->setValue(100);
        QCOMPARE(preset->currentIndex(), 0);
        // What other eyes see is shown, and only shown.
        auto *preview = dialog.findChild<QWidget *>("preview");
        const auto colored = [preview] {
            const QImage p = preview->grab().toImage();
            int n = 0;
            for (int y = 0; y < p.height(); ++y)
                for (int x = 0; x < p.width(); ++x) {
                    const QColor c = p.pixelColor(x, y);
                    n += std::max({c.red(), c.green(), c.blue()}) - std::min({c.red(), c.green(), c.blue()}) > 60;
                }
            return n;
        };
        QTRY_VERIFY(colored() > 100);
        auto *eyes = dialog.findChild<QComboBox *>("eyes");
        eyes->setCurrentIndex(eyes->count() - 1); // black-and-white print
        QTRY_COMPARE(colored(), 0);
        eyes->setCurrentIndex(0);
        QTRY_VERIFY(colored() > 100);
        QVERIFY(!dpi->isEnabled());
        format->setCurrentIndex(format->findData("tiff"));
        QVERIFY(dpi->isEnabled());
        format->setCurrentIndex(format->findData("pdf"));
        QVERIFY(!dpi->isEnabled());
        format->setCurrentIndex(format->findData("png"));
        QVERIFY(dpi->isEnabled());
        format->setCurrentIndex(format->findData("csv"));
        QVERIFY(!width->isEnabled());
        QTRY_VERIFY(!warnings->text().contains("color bar")); // the numbers have none
    }
};

RETICLE_TEST(FigureViewTest)
#include "FigureViewTest.moc"
