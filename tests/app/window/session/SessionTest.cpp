#include "window/session/Session.h"

#include "support/TemporaryFolder.h"
#include "support/WindowSandbox.h"
#include "window/session/ImageData.h"
#include "window/session/OpenProject.h"

#include <QSignalSpy>

using namespace reticle;

class SessionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// What is proposed for a data set, before the worker has said what it knows.
    void recipeForAStackAndForAFolder()
    {
        const test::TemporaryFolder folder;
        const Session session;
        DataSet data;
        data.title = QStringLiteral("Cells");
        const QString labels = QString::fromStdString((folder / "labels.tif").string());
        data.section = imageSection(QString::fromStdString((folder / "stack.tif").string()), labels, QStringLiteral("dark"));
        const Json stack = session.recipeFor(data);
        QCOMPARE(stack.at("title").get<std::string>(), std::string("Cells"));
        QCOMPARE(stack.at("data").at("images").get<std::string>(), (folder / "stack.tif").string());
        QCOMPARE(stack.at("data").at("foreground").get<std::string>(), std::string("dark"));
        QVERIFY(!stack.contains("_what"));
        QCOMPARE(stack.at("data").at("context").get<int>(), 1);
        // Pictures of a folder may have nothing to do with each other.
        data.section = imageSection(QString::fromStdString(folder.path().string()), labels);
        QCOMPARE(session.recipeFor(data).at("data").at("context").get<int>(), 0);
    }
    /// Whoever waits for the service worker hears that it was replaced, and cannot drop a request to the next one.
    void aRestartFailsWhatWaits()
    {
        test::WindowSandbox box;
        Session session;
        session.connectToWorker();
        QSignalSpy workerFailed(&session, &Session::workerFailed);
        int answers = 0;
        QStringList failures;
        const auto answered = [&](const Json &) { ++answers; };
        const auto failed = [&](const Failure &f) { failures << f.message; };
        const auto first = session.service()->request("hello", Json::object(), this, answered, failed);
        session.restartWorker();
        QCOMPARE(failures.size(), 1);
        QVERIFY2(failures.front().contains("restarted"), qPrintable(failures.front()));
        for (int i = 0; i < 4; ++i)
            session.service()->request("hello", Json::object(), this, answered, failed);
        session.service()->forget(first);
        QTRY_COMPARE(answers, 4);
        QTRY_VERIFY(session.catalog().has_value());
        QCOMPARE(failures.size(), 1);
        QCOMPARE(workerFailed.size(), 0);
    }
};

RETICLE_TEST(SessionTest)
#include "SessionTest.moc"
