#include "widgets/views/volume/VolumeLoader.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <QSignalSpy>

#include <atomic>
#include <future>
#include <new>

using namespace reticle;

namespace {

constexpr int loaderPatience = 60000;

} // namespace

class VolumeLoaderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theNewestWorkCounts()
    {
        VolumeLoader loader;
        std::promise<void> gate;
        auto open = gate.get_future().share();
        QStringList done;
        loader.start([&, open](const VolumeLoader::GoOn &goOn) {
            open.wait();
            if (!goOn(0.5))
                throw Error(Error::Kind::Cancelled, "work", "was stopped.");
            return [&] { done << "first"; };
        });
        loader.start([&](const VolumeLoader::GoOn &) { return [&] { done << "second"; }; });
        QVERIFY(loader.isBusy());
        gate.set_value();
        QVERIFY(QTest::qWaitFor([&] { return !done.isEmpty(); }, loaderPatience));
        QCOMPARE(done, QStringList{"second"});
        QVERIFY(!loader.isBusy());
    }
    void errorsOfTheWorkAndOfItsEndAreToldInASentence()
    {
        VolumeLoader loader;
        QSignalSpy failed(&loader, &VolumeLoader::failed);
        loader.start(
            [](const VolumeLoader::GoOn &) -> std::function<void()> { throw Error(Error::Kind::Failed, "a.tif", "is broken."); });
        QVERIFY(failed.wait(loaderPatience));
        QVERIFY(failed[0][0].toString().contains("a.tif"));
        loader.start([](const VolumeLoader::GoOn &) -> std::function<void()> { throw std::bad_alloc(); });
        QVERIFY(failed.wait(loaderPatience));
        QVERIFY2(failed[1][0].toString().contains("not enough memory"), qPrintable(failed[1][0].toString()));
        // On the GUI thread an exception that went further would end the program.
        loader.start([](const VolumeLoader::GoOn &) {
            return [] { throw Error(Error::Kind::Failed, "slice-distance", "does not fit."); };
        });
        QVERIFY(failed.wait(loaderPatience));
        QVERIFY(failed[2][0].toString().contains("slice-distance"));
        QVERIFY(!loader.isBusy());
    }
    /// A read that hangs keeps nobody waiting: the owner goes, the thread ends when it can.
    void goingDoesNotWaitForWhatCannotBeStopped()
    {
        std::promise<void> gate, begun;
        auto open = gate.get_future().share();
        std::atomic<bool> ended{false}, told{false};
        {
            VolumeLoader loader;
            loader.start([&, open](const VolumeLoader::GoOn &goOn) {
                begun.set_value();
                open.wait();
                told = !goOn(0.5);
                ended = true;
                return [] { QFAIL("its owner has gone"); };
            });
            begun.get_future().wait();
        } // would wait for ever here
        QVERIFY(!ended);
        gate.set_value();
        QVERIFY(QTest::qWaitFor([&] { return ended.load(); }, loaderPatience));
        QVERIFY(told);
        QCoreApplication::processEvents();
    }
};

RETICLE_TEST(VolumeLoaderTest)
#include "VolumeLoaderTest.moc"
