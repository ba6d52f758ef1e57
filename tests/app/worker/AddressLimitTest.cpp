#include "Worker.h"

#include "protocol/Frame.h"

#include <csignal>

using namespace reticle;

/// Limits on addresses (ulimit -v). A sanitizer takes terabytes of addresses for itself: CMake disables the test there.
class AddressLimitTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void limitsOnAddressesEndInASentence()
    {
        for (const char *limit : {"600000", "800000", "1000000"}) {
            QProcess p;
            p.start("/bin/sh", {"-c", QString("ulimit -v %1 && exec \"$0\" list").arg(limit),
                                QString::fromStdString(test::program("reticle-worker"))});
            QVERIFY(p.waitForFinished(60000) && p.exitStatus() == QProcess::NormalExit);
            const QByteArray said = p.readAllStandardError();
            QVERIFY2(p.exitCode() == 2 || p.exitCode() == 127, said.constData()); // 127: the system's loader itself
            QVERIFY2(said.contains("Raise the limit") || said.contains("error while loading"), said.constData());
        }
    }
    void aCrashUnderALimitOnAddressesIsSaid()
    {
        QProcess p;
        p.start("/bin/sh",
                {"-c", "ulimit -v 8000000 && exec \"$0\" serve", QString::fromStdString(test::program("reticle-worker"))});
        const auto hello = encodeFrame({{"id", 1}, {"method", "hello"}, {"params", Json::object()}});
        p.write(reinterpret_cast<const char *>(hello.data()), static_cast<qint64>(hello.size()));
        QVERIFY(p.waitForReadyRead(60000));
        QCOMPARE(::kill(static_cast<pid_t>(p.processId()), SIGSEGV), 0);
        QVERIFY(p.waitForFinished(60000) && p.exitStatus() == QProcess::NormalExit);
        const QByteArray said = p.readAllStandardError();
        QCOMPARE(p.exitCode(), 4);
        QVERIFY2(said.count('\n') == 1 && said.contains("Raise the limit"), said.constData());
    }
};

RETICLE_TEST(AddressLimitTest)
#include "AddressLimitTest.moc"
