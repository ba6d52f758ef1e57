#include "window/VolumePane.h"

#include "support/FakeImages.h"
#include "support/Test.h"
#include "support/Volumes.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/StackViewer.h"
#include "widgets/views/Theme.h"
#include "window/MessageBar.h"

#include <QApplication>
#include <QFileInfo>
#include <QImage>
#include <QLabel>
#include <QSlider>
#include <QTemporaryDir>
#include <QToolButton>

using namespace reticle;
using reticle::test::ball;
using reticle::test::FakeImages;

namespace {

constexpr int patience = 60000;

struct Pane
{
    MessageBar message;
    StackViewer *stack = new StackViewer;
    VolumePane pane{stack, &message};

    explicit Pane(std::shared_ptr<ImageSource> source = imageFromArray(ball<std::uint8_t>(20, 40, 40, 20, 20, 10, 8, 200, 20)),
                  QSize size = {1200, 600})
    {
        pane.resize(size);
        pane.show();
        stack->setSource(source);
        pane.setSource(source);
    }
    void open()
    {
        QTest::mouseClick(stack->findChild<QToolButton *>(QStringLiteral("volume")), Qt::LeftButton);
        settle();
    }
    void settle()
    {
        if (!QTest::qWaitFor([this] { return pane.viewer() && pane.viewer()->isIdle() && (pane.viewer()->view()->isReady() || !pane.viewer()->view()->errorText().isEmpty()); }, patience))
            QFAIL("the 3-D view did not come to rest");
    }
    VolumeView *view() const { return pane.viewer()->view(); }
};

} // namespace

class VolumePaneTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void theButtonShowsAndHides()
    {
        Pane p;
        QVERIFY(!p.pane.isShown());
        QVERIFY(!p.pane.viewer()); // nothing is read before it is wanted
        p.open();
        QVERIFY(p.pane.isShown());
        QCOMPARE(p.view()->image()->source, (std::array<std::int64_t, 3>{40, 40, 20}));
        QTest::mouseClick(p.stack->findChild<QToolButton *>(QStringLiteral("volume")), Qt::LeftButton);
        QVERIFY(!p.pane.isShown());
    }
    void slicesGoBothWays()
    {
        Pane p;
        p.stack->setPage(7);
        p.open();
        QCOMPARE(p.view()->slice(), std::int64_t(7));
        auto *slider = p.stack->findChild<QSlider *>(QStringLiteral("slice"));
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(p.view()->slice(), std::int64_t(8));
        QTest::keyClick(p.view(), Qt::Key_PageDown);
        QCOMPARE(p.stack->page(), std::int64_t(9));
        // A click on the ball from the front: the slice viewer goes to the slice that was hit and shows where.
        QTest::keyClick(p.view(), Qt::Key_Home);
        QTest::keyClick(p.view(), Qt::Key_2);
        QTest::mouseClick(p.view(), Qt::LeftButton, {}, p.view()->camera().toView({20.5, 20, 12.5}, p.view()->size()).toPoint());
        QVERIFY2(std::abs(p.stack->page() - 12) <= 1, qPrintable(QString::number(p.stack->page())));
        QVERIFY(p.stack->view()->mark());
        QVERIFY(std::abs(p.stack->view()->mark()->x() - 20) <= 1);
        // And the reverse: a click in the slice moves the crosshair in space.
        const QPointF at = p.stack->view()->fromImage({5.5, 6.5});
        QTest::mouseClick(p.stack->view(), Qt::LeftButton, {}, at.toPoint());
        QCOMPARE(p.view()->crosshair()[0], std::int64_t(5));
        QCOMPARE(p.view()->crosshair()[1], std::int64_t(6));
        QCOMPARE(p.view()->crosshair()[2], p.stack->page());
    }
    void slidersAndFormSayTheSame()
    {
        Pane p;
        p.open();
        auto *threshold = p.pane.findChild<QSlider *>(QStringLiteral("threshold3d"));
        auto *opacity = p.pane.findChild<QSlider *>(QStringLiteral("opacity3d"));
        const QImage before = p.view()->shown();
        threshold->setValue(threshold->maximum());
        QCOMPARE(p.pane.viewer()->form()->values().at("threshold").get<double>(), 200.0);
        opacity->setValue(0);
        QCOMPARE(p.view()->options().opacity, 0.0);
        p.settle();
        QVERIFY(p.view()->shown() != before);
        p.pane.viewer()->form()->setValues({{"opacity", 0.5}});
        QCOMPARE(opacity->value(), opacity->maximum() / 2);
        p.pane.viewer()->form()->setValues({{"solid", "dark"}});
        QVERIFY(p.view()->options().full < p.view()->options().threshold);
    }
    void surfacesAreFoundAndWritten()
    {
        Pane p;
        const auto labels = imageFromArray(ball<std::uint8_t>(20, 40, 40, 20, 20, 10, 8, 3, 0));
        p.pane.setSurfaces({{QStringLiteral("labels"), [labels] { return labels; }},
                            {QStringLiteral("elsewhere"), [] { return imageFromArray(Array(DType::UInt8, {3, 4, 5})); }}});
        p.open();
        auto *button = p.pane.findChild<QToolButton *>(QStringLiteral("exportSurface"));
        QVERIFY(!button->isEnabled());
        p.pane.viewer()->showSurfacesOf(QStringLiteral("labels"));
        p.settle();
        QVERIFY(button->isEnabled());
        QCOMPARE(p.view()->surface()->pieces.size(), std::size_t(1));
        QVERIFY(p.pane.findChild<QLabel *>(QStringLiteral("status3d"))->text().contains("triangles"));
        QTemporaryDir folder;
        const QString path = folder.filePath("ball.stl");
        p.pane.viewer()->exportSurface(path);
        QVERIFY(!button->isEnabled()); // until it is written
        QVERIFY(QTest::qWaitFor([&] { return p.message.text().contains(path); }, patience));
        QVERIFY(QFileInfo(path).size() > 1000);
        QVERIFY(button->isEnabled());
        const QString nowhere = folder.filePath("no/where.stl");
        p.pane.viewer()->exportSurface(nowhere);
        QVERIFY(QTest::qWaitFor([&] { return p.message.text().contains(nowhere); }, patience));
        p.pane.viewer()->showSurfacesOf(QStringLiteral("elsewhere"));
        p.settle();
        QVERIFY2(p.message.text().contains(QString::fromUtf8("5 × 4 × 3")), qPrintable(p.message.text()));
        QVERIFY(!button->isEnabled());
        p.pane.viewer()->showSurfacesOf(QStringLiteral("image"));
        p.settle();
        QVERIFY(p.view()->surface()->triangleCount() > 100);
    }
    void picturesAreWritten()
    {
        Pane p;
        p.open();
        QTemporaryDir folder;
        const QString path = folder.filePath("ball.png");
        p.pane.viewer()->exportPicture(path, {320, 200});
        QVERIFY(QTest::qWaitFor([&] { return !p.message.text().isEmpty(); }, patience));
        QVERIFY(p.message.text().contains(path));
        QCOMPARE(QImage(path).size(), QSize(320, 200));
        p.pane.viewer()->exportPicture(folder.filePath("not/there.png"), {32, 20});
        QVERIFY(QTest::qWaitFor([&] { return p.message.level() == MessageBar::Level::Error; }, patience));
        QVERIFY(p.message.text().contains("there.png"));
    }
    void largeStacksAreReducedAndSaySo()
    {
        Pane p(std::make_shared<FakeImages>(16, 200, 200));
        p.open();
        auto *status = p.pane.findChild<QLabel *>(QStringLiteral("status3d"));
        QVERIFY(!status->text().contains("reduced"));
        p.pane.viewer()->form()->setValues({{"most-voxels", 0.1}});
        p.settle();
        QVERIFY(p.view()->image()->isReduced());
        QVERIFY2(status->text().contains("reduced"), qPrintable(status->text()));
        QCOMPARE(p.view()->image()->source[0], std::int64_t(200));
    }
    void brokenStacksSaySo()
    {
        auto source = std::make_shared<FakeImages>(4, 32, 32);
        source->brokenPage = 2;
        Pane p(source);
        p.open();
        QVERIFY(p.view()->errorText().contains("page 3"));
        QVERIFY(p.message.text().contains("page 3"));
    }
    void realSlicesOfTheBrain()
    {
        const auto path = reticle::test::sharedData("isbi2012/train-volume.tif");
        if (path.empty())
            QSKIP("shared/data is not here");
        const auto source = openImage(path);
        Pane p(source);
        p.open();
        QCOMPARE(p.view()->image()->source, (std::array<std::int64_t, 3>{512, 512, source->info().pages}));
        p.pane.viewer()->form()->setValues({{"pixel-size", 4.0}, {"slice-distance", 50.0}});
        p.settle();
        QVERIFY(p.pane.findChild<QLabel *>(QStringLiteral("status3d"))->text().startsWith(
            QString::fromUtf8("2.05 × 2.05 × %1 µm").arg(static_cast<double>(source->info().pages) * 0.05, 0, 'g', 3)));
    }
};

RETICLE_TEST(VolumePaneTest)
#include "VolumePaneTest.moc"
