#include "widgets/render/FigureScene.h"
#include "support/Pictures.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

#include <QPainter>

using namespace reticle;

namespace {

QImage painted(FigureScene &scene, double width, double scale, PaintTarget target = PaintTarget::Raster)
{
    const QSizeF page(width, scene.heightFor(width));
    scene.layout(page, target == PaintTarget::Raster ? scale : 0);
    QImage image((page * scale).toSize(), QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.scale(scale, scale);
    scene.paint(painter, target);
    return image;
}

QImage painted(const Figure &figure, double width, double scale, const FigureStyle &style = FigureStyle::print())
{
    FigureScene scene(style);
    scene.setFigure(figure);
    return painted(scene, width, scale);
}

Figure one(XYPanel panel)
{
    Figure figure;
    figure.panels = {Panel{.content = std::move(panel)}};
    return figure;
}

} // namespace

class FigureSceneTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textsNeitherOverlapNorLeaveThePage()
    {
        for (const double width : {240.0, 330.0, 493.0, 720.0}) {
            for (const Figure &figure : {test::everything(), test::curves()}) {
                if (figure.panels.size() > 2 && width < 300)
                    continue; // two columns of axes need more
                FigureScene scene;
                scene.setFigure(figure);
                painted(scene, width, 1);
                const auto &marks = scene.marks();
                QVERIFY(marks.size() > 15);
                const QRectF page(QPointF(0, 0), scene.page());
                for (std::size_t i = 0; i < marks.size(); ++i) {
                    QVERIFY2(page.contains(marks[i].box), qPrintable(marks[i].text));
                    for (std::size_t k = 0; k < i; ++k)
                        QVERIFY2(!marks[i].box.adjusted(0.3, 0.3, -0.3, -0.3).intersects(marks[k].box),
                                 qPrintable(marks[i].text + " over " + marks[k].text + QString(" at %1").arg(width)));
                }
                QVERIFY(page.contains(scene.ink()));
            }
        }
    }

    void secondScalesStandAlongTheTop()
    {
        XYPanel panel;
        panel.x.label = "level";
        panel.x.categories = {"4", "3", "2", "1"};
        panel.x.second = {"period", "nm", {-0.5, 0.5, 1.5, 2.5, 3.5}, {"2048", "1024", "512", "256", "128"}};
        panel.series = {{.x = {0, 1, 2, 3}, .y = {1, 2, 3, 4}}};
        Figure figure = one(panel);
        figure.panels[0].title = "Power";
        const auto markOf = [](const FigureScene &scene, const QString &text) {
            for (const auto &mark : scene.marks())
                if (mark.text == text)
                    return mark.box;
            return QRectF();
        };
        for (const double width : {80.0, 120.0, 240.0, 493.0}) {
            FigureScene scene;
            scene.setFigure(figure);
            painted(scene, width, 1);
            const QRectF plot = scene.panels()[0].plot, page(QPointF(0, 0), scene.page());
            for (const char *text : {"128", "period (nm)", "Power"}) {
                const QRectF box = markOf(scene, text);
                QVERIFY2(box.isValid() && box.bottom() < plot.top() && page.contains(box), text);
            }
            QVERIFY(markOf(scene, "128").top() > markOf(scene, "period (nm)").bottom() - 1);
            QVERIFY(markOf(scene, "period (nm)").top() > markOf(scene, "Power").bottom() - 1);
            QVERIFY(std::abs(markOf(scene, "128").center().x() - plot.right()) < 1); // where its position is
            QVERIFY(std::abs(markOf(scene, "level").center().x() - plot.center().x()) < 1);
            const auto &marks = scene.marks();
            for (std::size_t i = 0; i < marks.size(); ++i)
                for (std::size_t k = 0; k < i; ++k)
                    QVERIFY2(!marks[i].box.intersects(marks[k].box), qPrintable(marks[i].text + " over " + marks[k].text));
            // Where room is short labels are left out, not the last.
            QCOMPARE(markOf(scene, "256").isValid(), width > 100);
            // Zoomed in, positions out of sight are gone.
            scene.view(0).x = Range{0.6, 1.4};
            scene.relayout();
            painted(scene, width, 1);
            QVERIFY(!markOf(scene, "128").isValid() && !markOf(scene, "512").isValid());
            QVERIFY(!markOf(scene, "period (nm)").isValid());
        }
    }

    void axesMayChooseTheirTicks()
    {
        XYPanel panel;
        panel.x.label = "training time";
        panel.x.scale = Axis::Scale::Log;
        panel.x.ticks = {5, 10, 15, 30, 60};
        panel.series = {{.x = {5, 15, 60}, .y = {1, 2, 3}}};
        FigureScene scene;
        scene.setFigure(one(panel));
        const auto shown = [&scene](const QString &text) {
            for (const auto &mark : scene.marks())
                if (mark.text == text && mark.box.top() > scene.panels()[0].plot.bottom())
                    return true;
            return false;
        };
        painted(scene, 400, 1);
        for (const char *text : {"5", "10", "15", "30", "60"})
            QVERIFY2(shown(text), text);
        QVERIFY(!shown("20") && !shown("50"));
        // Where room is short some are left out, not the last.
        painted(scene, 70, 1);
        QVERIFY(shown("60") && !(shown("10") && shown("15")));
        const auto &marks = scene.marks();
        for (std::size_t i = 0; i < marks.size(); ++i)
            for (std::size_t k = 0; k < i; ++k)
                QVERIFY2(!marks[i].box.intersects(marks[k].box), qPrintable(marks[i].text + " over " + marks[k].text));
        // Between two of them there are round numbers.
        scene.view(0).x = Range{std::log10(16.0), std::log10(29.0)};
        scene.relayout();
        painted(scene, 400, 1);
        QVERIFY(shown("20") && !shown("15"));
    }

    void everyLabelIsDrawn()
    {
        FigureScene scene;
        scene.setFigure(test::everything());
        painted(scene, 493, 1);
        QStringList texts;
        for (const auto &mark : scene.marks())
            texts << mark.text;
        for (const char *label : {"a",
                                  "h",
                                  "Loss < 1 & \"falling\"",
                                  "epoch",
                                  "loss",
                                  "training",
                                  "sd, n = 5",
                                  "frequency (1/µm)",
                                  "0.01",
                                  "limit",
                                  "cut-off",
                                  "U-Net",
                                  "Dice",
                                  "fraction",
                                  "membrane",
                                  "input",
                                  "slice 2",
                                  "threshold",
                                  "weights (k)",
                                  "\u22123",
                                  "n/a",
                                  "20 nm"})
            QVERIFY2(texts.contains(QString::fromUtf8(label)), label);
    }

    void columnsAndRowsLineUp()
    {
        FigureScene scene;
        scene.setFigure(test::everything());
        painted(scene, 493, 1);
        const auto &p = scene.panels();
        QCOMPARE(p[0].plot.left(), p[2].plot.left());
        QCOMPARE(p[1].plot.left(), p[3].plot.left());
        QCOMPARE(p[0].plot.bottom(), p[1].plot.bottom());
        QCOMPARE(p[0].plot.top(), p[1].plot.top());
    }

    void secondPaintIsTheSame()
    {
        FigureScene scene;
        scene.setFigure(test::everything());
        const QImage first = painted(scene, 493, 1.5);
        QCOMPARE(painted(scene, 493, 1.5), first);
    }

    void legendsKeepOffTheData()
    {
        // Data in three corners: the legend takes the fourth.
        for (int empty = 0; empty < 4; ++empty) {
            XYPanel panel;
            Series s{.name = "points", .kind = SeriesKind::Scatter};
            for (int corner = 0; corner < 4; ++corner)
                if (corner != empty)
                    for (int i = 0; i < 50; ++i) {
                        s.x.push_back((corner & 1 ? 6 : 0) + (i % 7) * 0.6);
                        s.y.push_back((corner & 2 ? 6 : 0) + (i / 7) * 0.6);
                    }
            panel.series = {s};
            FigureScene scene;
            scene.setFigure(one(panel));
            painted(scene, 240, 1);
            constexpr LegendPlace expected[] = {LegendPlace::BottomLeft, LegendPlace::BottomRight, LegendPlace::TopLeft,
                                                LegendPlace::TopRight};
            QCOMPARE(scene.panels()[0].legend.place, expected[empty]);
        }
        XYPanel full;
        Series everywhere{.name = "points", .kind = SeriesKind::Scatter};
        for (int i = 0; i < 400; ++i) {
            everywhere.x.push_back(i % 20);
            everywhere.y.push_back(i / 20);
        }
        full.series = {everywhere};
        FigureScene scene;
        scene.setFigure(one(full));
        painted(scene, 240, 1);
        QCOMPARE(scene.panels()[0].legend.place, LegendPlace::Outside);
        QVERIFY(!scene.panels()[0].plot.intersects(scene.panels()[0].legend.entries[0].box));
    }

    void gridLinesEndAtTheLegend()
    {
        XYPanel panel;
        for (const char *name : {"one", "two", "three", "four"})
            panel.series.push_back(Series{.name = name, .x = {0, 1, 10}, .y = {10, 0, 0}});
        FigureScene scene(FigureStyle::screen(false));
        scene.setFigure(one(panel));
        constexpr double scale = 4;
        const QImage image = painted(scene, 240, scale);
        const auto &layout = scene.panels()[0];
        QCOMPARE(layout.legend.place, LegendPlace::TopRight);
        // Next to it lines run through, before its first sample there is none.
        const auto marked = [&](double x) {
            int pixels = 0;
            for (double y = layout.legendRect.top() + 1; y < layout.legendRect.bottom() - 1; y += 1 / scale)
                pixels += image.pixelColor(static_cast<int>(x * scale), static_cast<int>(y * scale)) != QColor(Qt::white);
            return pixels;
        };
        QVERIFY(marked(layout.legendRect.left() - 4) > 0);
        QCOMPARE(marked(layout.legendRect.left() + 1), 0);
    }

    void legendsStayWhileDataArrive()
    {
        Figure figure = test::curves();
        FigureScene scene;
        scene.setFigure(figure);
        painted(scene, 240, 1);
        const LegendPlace before = scene.panels()[0].legend.place;
        auto &xy = std::get<XYPanel>(figure.panels[0].content);
        for (int i = 41; i < 60; ++i)
            for (auto &s : xy.series) {
                s.x.push_back(i);
                if (s.kind == SeriesKind::Line) {
                    s.y.push_back(0.12);
                } else {
                    s.lower.push_back(0.1);
                    s.upper.push_back(0.2);
                }
            }
        scene.setFigure(figure);
        painted(scene, 240, 1);
        QCOMPARE(scene.panels()[0].legend.place, before);
    }

    void axesMapPointsToValues()
    {
        FigureScene scene;
        XYPanel panel;
        panel.x.min = 0;
        panel.x.max = 10;
        panel.y.min = -1;
        panel.y.max = 1;
        panel.series = {{.name = "s", .x = {5}, .y = {0}}};
        panel.y.unit = "mV";
        scene.setFigure(one(panel));
        painted(scene, 240, 1);
        const QRectF plot = scene.panels()[0].plot;
        QCOMPARE(scene.toAxes(0, plot.bottomLeft()), QPointF(0, -1));
        QCOMPARE(scene.toAxes(0, plot.topRight()), QPointF(10, 1));
        QCOMPARE(scene.panelAt(plot.center()), 0);
        QCOMPARE(scene.panelAt(QPointF(1, 1)), -1);
        const auto readout = scene.readout(plot.center() + QPointF(3, 3));
        QCOMPARE(readout.text, QString::fromUtf8("s: x 5, y 0\u00a0mV"));
        QVERIFY(scene.readout(plot.topLeft() + QPointF(5, 5)).text.isEmpty());
    }

    void crowdedLabelsTurnAndStay()
    {
        XYPanel panel;
        for (int i = 0; i < 12; ++i)
            panel.x.categories.push_back("category number " + std::to_string(i));
        panel.series = {{.kind = SeriesKind::Bar, .x = {0, 5, 11}, .y = {1, 2, 3}}};
        FigureScene scene;
        scene.setFigure(one(panel));
        painted(scene, 240, 1);
        QCOMPARE(scene.panels()[0].x.angle, 45.0);
        QCOMPARE(scene.panels()[0].x.ticks.labels.size(), 12u);
        painted(scene, 100, 1);
        QCOMPARE(scene.panels()[0].x.angle, 90.0);
        int drawn = 0;
        for (const auto &mark : scene.marks())
            drawn += mark.text.startsWith("category");
        QCOMPARE(drawn, 12);
    }

    void edgeCasesAreDrawn()
    {
        const auto texts = [](const Figure &figure) {
            FigureScene scene;
            scene.setFigure(figure);
            painted(scene, 240, 1);
            QStringList out;
            for (const auto &mark : scene.marks())
                out << mark.text;
            return out;
        };
        QVERIFY(texts(one({})).contains("no data"));
        Figure none;
        QVERIFY(texts(none).contains("no panels"));

        // A lone point shows as a marker.
        FigureScene scene;
        scene.setFigure(one({.series = {{.x = {5}, .y = {0}}}}));
        const QImage image = painted(scene, 240, 2);
        QVERIFY(image.pixelColor((scene.panels()[0].plot.center() * 2).toPoint()).lightness() < 40);

        ImagePanel nothing;
        nothing.image = Array(DType::Float32, {10, 10});
        for (float &v : nothing.image.span<float>())
            v = static_cast<float>(test::nan);
        Figure hatched;
        hatched.panels = {Panel{.content = nothing}};
        const QImage gray = painted(hatched, 240, 1);
        QVERIFY(gray.pixelColor(100, 100).saturation() < 5);
        QVERIFY(gray.pixelColor(100, 100).lightness() > 100 && gray.pixelColor(100, 100).lightness() < 240);
    }

    void imageGridsHaveNoSeams()
    {
        ImageGridPanel grid;
        grid.columns = 3;
        ImagePanel cell;
        cell.image = Array(DType::UInt8, {10, 10});
        std::fill_n(cell.image.data<std::uint8_t>(), 100, std::uint8_t{128});
        cell.black = 0;
        cell.white = 255;
        grid.cells.assign(9, cell);
        Figure figure;
        figure.panels = {Panel{.content = grid}};
        FigureScene scene;
        scene.setFigure(figure);
        const QImage image = painted(scene, 247, 1.37);
        const QRect inside =
            QRectF(scene.panels()[0].plot.topLeft() * 1.37, scene.panels()[0].plot.size() * 1.37).toRect().adjusted(3, 3, -3, -3);
        for (int y = inside.top(); y <= inside.bottom(); ++y)
            for (int x = inside.left(); x <= inside.right(); ++x)
                QCOMPARE(image.pixel(x, y), image.pixel(inside.center()));
    }

    void golden_data()
    {
        QTest::addColumn<int>("panel");
        QTest::addColumn<bool>("dark");
        QTest::newRow("curves") << 0 << false;
        QTest::newRow("curves-dark") << 0 << true;
        QTest::newRow("log") << 1 << false;
        QTest::newRow("bars") << 2 << false;
        QTest::newRow("heat-map") << 3 << false;
        QTest::newRow("image") << 4 << false;
        QTest::newRow("histogram") << 6 << false;
    }

    void golden()
    {
        QFETCH(int, panel);
        QFETCH(bool, dark);
        Figure figure = test::everything();
        figure.panels = {figure.panels[static_cast<std::size_t>(panel)]};
        figure.panels[0].row = figure.panels[0].column = 0;
        QString why;
        const QImage image = painted(figure, 200, 1.5, dark ? FigureStyle::screen(true) : FigureStyle::print());
        QVERIFY2(test::matchesBaseline(image, QStringLiteral("figure-") + QTest::currentDataTag(), why), qPrintable(why));
    }
};

RETICLE_TEST(FigureSceneTest)
#include "FigureSceneTest.moc"
