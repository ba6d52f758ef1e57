#include "window/Session.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "window/OpenProject.h"

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
        data.images = QString::fromStdString((folder / "stack.tif").string());
        data.labels = QString::fromStdString((folder / "labels.tif").string());
        data.foreground = QStringLiteral("dark");
        const Json stack = session.recipeFor(data);
        QCOMPARE(stack.at("title").get<std::string>(), std::string("Cells"));
        QCOMPARE(stack.at("data").at("images").get<std::string>(), (folder / "stack.tif").string());
        QCOMPARE(stack.at("data").at("foreground").get<std::string>(), std::string("dark"));
        QVERIFY(!stack.contains("_what"));
        QCOMPARE(stack.at("data").at("context").get<int>(), 1);
        // Pictures of a folder may have nothing to do with each other.
        data.images = QString::fromStdString(folder.path().string());
        QCOMPARE(session.recipeFor(data).at("data").at("context").get<int>(), 0);
    }
};

RETICLE_TEST(SessionTest)
#include "SessionTest.moc"
