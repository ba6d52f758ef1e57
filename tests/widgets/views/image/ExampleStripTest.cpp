#include "widgets/views/image/ExampleStrip.h"

#include "support/Test.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ImageView.h"

#include <QApplication>
#include <QDialog>
#include <QSignalSpy>

using namespace reticle;

namespace {

Array filled(DType t, std::vector<std::int64_t> shape, double value)
{
    Array a(DType::Float64, shape);
    std::fill_n(a.data<double>(), a.size(), value);
    return a.as(t);
}

} // namespace

class ExampleStripTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void drawsEachKindAsItIs()
    {
        ExampleStrip s;
        s.resize(316, s.heightForWidth(316)); // three squares of 100
        s.show();
        s.setExamples(
            {filled(DType::Float32, {1, 50, 50}, 0.3), filled(DType::UInt8, {50, 50}, 1), filled(DType::Float32, {50, 50}, 0.5)},
            {QStringLiteral("Input"), QStringLiteral("Target"), QStringLiteral("Prediction")});
        QCOMPARE(s.count(), 3);
        const QImage p = s.grab().toImage();
        QCOMPARE(p.pixel(158, 70), qRgb(255, 255, 255));       // class 1
        QVERIFY(std::abs(qGray(p.pixel(266, 70)) - 128) <= 1); // a probability keeps its scale
    }
    void aPredictionInStepsIsGray()
    {
        // As the trainer sends it: 0 to 255. Class colors over such values would be noise.
        Array ramp(DType::UInt8, {100, 100});
        for (int i = 0; i < 100 * 100; ++i)
            ramp.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 100 * 255 / 99);
        ExampleStrip s;
        s.resize(316, s.heightForWidth(316));
        s.show();
        s.setExamples({filled(DType::UInt8, {100, 100}, 90), filled(DType::UInt8, {100, 100}, 255), ramp},
                      {QStringLiteral("input"), QStringLiteral("target"), QStringLiteral("prediction")});
        const QImage p = s.grab().toImage();
        for (int x = 218; x < 312; x += 5) {
            const QRgb c = p.pixel(x, 70);
            QVERIFY2(qRed(c) == qGreen(c) && qGreen(c) == qBlue(c), qPrintable(QString::number(c, 16)));
        }
        QVERIFY(qGray(p.pixel(222, 70)) < 40 && qGray(p.pixel(308, 70)) > 215);
        QTest::mouseClick(&s, Qt::LeftButton, {}, {266, 60});
        const auto *dialog = s.findChild<QDialog *>();
        QVERIFY(dialog && dialog->findChild<ImageView *>());
        QCOMPARE(dialog->findChild<ImageView *>()->contrast(), std::pair(0.0, 255.0));
    }
    void clickEnlarges()
    {
        ExampleStrip s;
        s.resize(316, s.heightForWidth(316));
        s.show();
        s.setRows({{filled(DType::UInt8, {20, 40}, 7), filled(DType::UInt8, {40, 20, 3}, 7)},
                   {filled(DType::UInt8, {1, 1}, 7), Array()}},
                  {QStringLiteral("a"), QStringLiteral("b")});
        QCOMPARE(s.rows(), 2);
        s.resize(316, s.heightForWidth(316));
        QSignalSpy activated(&s, &ExampleStrip::activated);
        QTest::mouseClick(&s, Qt::LeftButton, {}, {40, 60});
        QCOMPARE(activated.count(), 1);
        auto *dialog = s.findChild<QDialog *>();
        QVERIFY(dialog && dialog->findChild<ImageView *>());
        QCOMPARE(dialog->findChild<ImageView *>()->source()->info().width, std::int64_t(40));
        dialog->close();
        QTest::keyClick(&s, Qt::Key_Right);
        QTest::keyClick(&s, Qt::Key_Return);
        QCOMPARE(activated.count(), 2);
        QCOMPARE(activated[1][1].toInt(), 1);
    }
    void refusesNothing()
    {
        ExampleStrip s;
        s.resize(300, 120);
        s.show();
        QVERIFY(!s.grab().isNull());
        QTest::keyClick(&s, Qt::Key_Return);
        s.setExamples(
            {filled(DType::Float32, {5, 6, 7}, 1), filled(DType::Float32, {1, 9}, std::nan("")), Array(DType::UInt8, {0, 4})},
            {});
        QVERIFY(!s.grab().isNull());
        s.clear();
        QCOMPARE(s.count(), 0);
    }
};

RETICLE_TEST(ExampleStripTest)
#include "ExampleStripTest.moc"
