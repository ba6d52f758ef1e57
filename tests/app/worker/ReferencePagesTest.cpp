#include "Worker.h"

using namespace reticle;
using test::worker;

class ReferencePagesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theCommittedOnesAreTheGeneratedOnes()
    {
        const test::TemporaryFolder folder;
        QCOMPARE(worker({"describe", "--reference", QString::fromStdString((folder / "pages").string())}).status, 0);
        int pages = 0;
        for (const auto &entry : std::filesystem::directory_iterator(folder / "pages")) {
            const auto committed = test::source("docs/reference") / entry.path().filename();
            QVERIFY2(test::readAll(entry.path()) == test::readAll(committed),
                     qPrintable(QString("%1 is out of date: build/release/bin/reticle-worker describe --reference docs/reference")
                                    .arg(committed.c_str())));
            ++pages;
        }
        QVERIFY(pages >= 7);
    }
};

RETICLE_TEST(ReferencePagesTest)
#include "ReferencePagesTest.moc"
