#include "app/worker/Apart.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <csignal>

using namespace reticle;

namespace {

ApartOutcome shell(const std::string &command, const std::string &input = {}, double seconds = 60)
{
    return runApart({"-c", command}, input, seconds, "/bin/sh");
}

} // namespace

class ApartTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); } // as in the worker

    void tellsHowItEnded()
    {
        const auto o = shell("echo hello; exit 3");
        QCOMPARE(o.status, 3);
        QCOMPARE(o.signal, 0);
        QCOMPARE(o.output, std::string("hello\n"));
        const auto crashed = shell("kill -SEGV $$");
        QCOMPARE(crashed.signal, SIGSEGV);
        QCOMPARE(crashed.status, -1);
        QVERIFY(!o.late && !crashed.late);
    }
    /// More than a pipe holds, both ways at once.
    void passesMuchInAndOut()
    {
        std::string much;
        for (int i = 0; much.size() < 1 << 20; ++i)
            much += std::to_string(i) + "\n";
        QVERIFY(shell("cat", much).output == much);
        QCOMPARE(shell("echo no more", much).output, std::string("no more\n"));
    }
    void endsWhatTakesTooLong()
    {
        const auto o = shell("exec cat /dev/zero > /dev/null", {}, 0.1);
        QVERIFY(o.late);
        QCOMPARE(o.signal, SIGKILL);
    }
    void endsWhatNobodyWaitsFor()
    {
        int asked = 0;
        const auto o = runApart({"-c", "exec cat /dev/zero > /dev/null"}, {}, 60, "/bin/sh", [&] { return ++asked < 2; });
        QVERIFY(o.stopped && !o.late);
        QCOMPARE(o.signal, SIGKILL);
    }
    void saysWhatCannotBeStarted()
    {
        EXPECT_ERROR(runApart({}, {}, 1, "/no/such/program"), "Close other programs and try again");
    }
};

RETICLE_TEST(ApartTest)
#include "ApartTest.moc"
