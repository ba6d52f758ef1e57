#include "ShownVolume.h"
#include "foundation/Error.h"
#include "widgets/views/Theme.h"

#include <QPainter>
#include <QSignalSpy>

#include <atomic>
#include <limits>
#include <thread>

using namespace reticle;
using namespace reticle::test;
using Preset = VolumeCamera::Preset;

/// A volume's pictures of any size, drawn while its view lives on.
class VolumePicturesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void picturesOfAnySize()
    {
        Shown s;
        for (const QSize size : {QSize(64, 48), QSize(2500, 2000), QSize(300, 2100)})
            QCOMPARE(s.view.picture(size).size(), size);
        // Larger than a tile: the same picture, only finer.
        const QImage large = s.view.picture({2500, 2000}), small = s.view.picture({300, 240});
        QVERIFY(reticle::test::similarity(large.scaled(300, 240, Qt::IgnoreAspectRatio, Qt::SmoothTransformation), small) > 0.85);
        QVERIFY(!isBlank(small));
        QSignalSpy pictured(&s.view, &VolumeView::pictured);
        s.view.requestPicture({128, 96});
        QVERIFY(pictured.wait(patience));
        QCOMPARE(pictured[0][0].value<QImage>().size(), QSize(128, 96));
    }
    void picturesAreGivenUpWithTheView()
    {
        const VolumeFrame f = ballFrame(QSizeF(8000, 8000));
        VolumeScene scene;
        std::atomic<bool> abort{true};
        QVERIFY(scene.picture(f, {8000, 8000}, abort).isNull());
        // In the midst of it: the thread is told while it draws the first of 64 tiles.
        abort = false;
        QImage picture(1, 1, QImage::Format_RGB32);
        std::thread thread([&] {
            VolumeScene other;
            picture = other.picture(f, {8000, 8000}, abort);
        });
        abort = true;
        thread.join();
        QVERIFY(picture.isNull());
        {
            Shown s;
            QSignalSpy pictured(&s.view, &VolumeView::pictured);
            s.view.requestPicture({6000, 6000});
            s.view.requestPicture({6000, 6000});
        }
        Shown next; // and the next view draws
        QVERIFY(next.view.errorText().isEmpty());
    }
    void theViewTurnsWhileALargePictureIsDrawn()
    {
        VolumeFrame f;
        f.size = {200, 160};
        f.image = brightBall();
        f.options = ballOptions();
        f.camera.lookFrom(Preset::Isometric);
        f.camera.fit(extentOf(f), QSizeF(200, 160));
        f.background = Qt::white;
        VolumeRenderer renderer;
        QSignalSpy drawn(&renderer, &VolumeRenderer::drawn), pictured(&renderer, &VolumeRenderer::pictured),
            progressed(&renderer, &VolumeRenderer::pictureProgressed), givenUp(&renderer, &VolumeRenderer::pictureGivenUp);
        renderer.requestPicture(f, {6000, 6000});
        renderer.requestPicture(f, {6000, 6000});
        f.moving = true;
        renderer.request(f);
        QVERIFY(drawn.wait(patience));
        QCOMPARE(pictured.count(), 0); // there is something to see before it has come
        QVERIFY(progressed.count() >= 1);
        QCOMPARE(progressed[0][0].toInt(), 0);
        QCOMPARE(progressed[0][1].toInt(), 36);
        // Both are given up; what is asked for then is drawn.
        renderer.cancelPictures();
        QTRY_COMPARE_WITH_TIMEOUT(givenUp.count(), 2, patience);
        QCOMPARE(pictured.count(), 0);
        renderer.requestPicture(f, {64, 48});
        QTRY_COMPARE_WITH_TIMEOUT(pictured.count(), 1, patience);
    }
    void framesBetweenItsTilesLeaveAPictureAsItIs()
    {
        const VolumeFrame f = ballFrame(QSizeF(1500, 1100));
        const std::atomic<bool> never{false};
        VolumeScene scene(VolumeScene::Caster::Processor);
        const QImage plain = scene.picture(f, {1500, 1100}, never);
        auto other = f;
        other.size = {300, 240};
        other.moving = true;
        other.camera.lookFrom(Preset::Top);
        other.background = Qt::black;
        std::vector<int> parts;
        const QImage picture = scene.picture(f, {1500, 1100}, never, [&](int done, int tiles) {
            QCOMPARE(tiles, 4);
            parts.push_back(done);
            QVERIFY(!scene.render(other, never).isNull());
        });
        QCOMPARE(parts, (std::vector<int>{0, 1, 2, 3}));
        QVERIFY2(meanDifference(picture, plain) < 0.01, qPrintable(QString::number(meanDifference(picture, plain))));
    }
    void whatCouldNotBeDrawnIsTriedAgain()
    {
        Shown s;
        QSignalSpy failed(&s.view, &VolumeView::failed);
        auto o = ballOptions();
        o.colors = "no such map";
        s.view.setOptions(o);
        s.wait();
        QVERIFY2(s.view.errorText().contains("no such map"), qPrintable(s.view.errorText()));
        s.view.setOptions(ballOptions());
        QVERIFY(s.view.errorText().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(s.view.isReady() && s.view.errorText().isEmpty(), patience);
        QCOMPARE(failed.count(), 1);
        // Also for another surface and when it is shown anew, and said once while it stays the same.
        s.view.setOptions(o);
        s.wait();
        QCOMPARE(failed.count(), 2);
        s.view.setSurface(nullptr);
        QVERIFY(s.view.errorText().isEmpty());
        s.wait();
        s.view.hide();
        s.view.show();
        QVERIFY(s.view.errorText().isEmpty());
        s.wait();
        QCOMPARE(failed.count(), 2);
        // A stack that could not be read stays so, whatever is chosen.
        s.view.setErrorText(QStringLiteral("truncated"));
        s.view.setOptions(ballOptions());
        QCOMPARE(s.view.errorText(), QStringLiteral("truncated"));
    }
    void aPictureTakesNoFineFrameAway()
    {
        Shown s;
        VolumeRenderer renderer;
        VolumeFrame f;
        f.size = {200, 160};
        f.image = s.view.image();
        f.options = ballOptions();
        f.camera = s.view.camera();
        f.background = Qt::white;
        QSignalSpy drawn(&renderer, &VolumeRenderer::drawn), pictured(&renderer, &VolumeRenderer::pictured);
        for (int i = 1; i <= 5; ++i) {
            renderer.request(f);
            renderer.requestPicture(f, {64, 48});
            QVERIFY(QTest::qWaitFor([&] { return drawn.count() == i && pictured.count() == i; }, patience));
        }
    }
};

RETICLE_TEST(VolumePicturesTest)
#include "VolumePicturesTest.moc"
