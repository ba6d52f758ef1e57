#include "window/session/LiveModel.h"

#include "support/WindowSandbox.h"

#include <QSignalSpy>

#include <csignal>
#include <memory>

using namespace reticle;

/// A model whose worker goes is reported once and opened again when it is needed.
class LiveModelTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<LiveModel> m_model;
    std::unique_ptr<QSignalSpy> m_opened, m_predicted, m_failed;

    void predict(const char *input, int page = 0) { m_model->predict(QString::fromLatin1(input), page, QRect(0, 0, 8, 6)); }
    QString lastFailure() const { return m_failed->back().front().value<Failure>().kind; }

private Q_SLOTS:
    void init()
    {
        m_box = std::make_unique<test::WindowSandbox>();
        m_model = std::make_unique<LiveModel>();
        m_opened = std::make_unique<QSignalSpy>(m_model.get(), &LiveModel::opened);
        m_predicted = std::make_unique<QSignalSpy>(m_model.get(), &LiveModel::predicted);
        m_failed = std::make_unique<QSignalSpy>(m_model.get(), &LiveModel::failed);
        m_model->open(m_box->path("p.reticle"), 1);
        predict("a.tif");
        QTRY_COMPARE(m_predicted->size(), 1);
        QCOMPARE(m_opened->size(), 1);
        QVERIFY(m_model->isOpen());
    }
    void cleanup()
    {
        m_opened.reset();
        m_predicted.reset();
        m_failed.reset();
        m_model.reset();
        m_box.reset();
    }

    void anIdleWorkerThatDiesIsReported()
    {
        ::kill(static_cast<pid_t>(m_model->findChild<WorkerProcess *>()->processId()), SIGKILL);
        QTRY_COMPARE(m_failed->size(), 1);
        QCOMPARE(lastFailure(), QString("lost"));
        QVERIFY(!m_model->isOpen());
        // The next prediction opens the model of the same run again.
        QCOMPARE(m_model->run(), std::int64_t(1));
        predict("a.tif", 1);
        QTRY_COMPARE(m_predicted->size(), 2);
        QCOMPARE(m_predicted->back().front().toLongLong(), 1);
        QCOMPARE(m_opened->size(), 2);
        QCOMPARE(m_failed->size(), 1);
    }
    void theSameRunIsOpenedAgainOnceItsWorkerIsGone()
    {
        m_model->open(m_box->path("p.reticle"), 1); // is open
        ::kill(static_cast<pid_t>(m_model->findChild<WorkerProcess *>()->processId()), SIGKILL);
        QTRY_COMPARE(m_failed->size(), 1);
        QCOMPARE(m_opened->size(), 1);
        m_model->open(m_box->path("p.reticle"), 1);
        QTRY_COMPARE(m_opened->size(), 2);
        QCOMPARE(m_failed->size(), 1);
    }
    void aWorkerThatDiesWhilePredictingIsReportedOnce()
    {
        predict("fatal.tif");
        predict("a.tif", 2); // waits
        QTRY_COMPARE(m_failed->size(), 1);
        QCOMPARE(lastFailure(), QString("lost"));
        QTest::qWait(0);
        // Nothing was asked of a new worker that has no model.
        QVERIFY(!m_model->findChild<WorkerProcess *>()->isRunning());
        predict("a.tif", 2);
        QTRY_COMPARE(m_predicted->size(), 2);
        QCOMPARE(m_opened->size(), 2);
        QCOMPARE(m_failed->size(), 1);
    }
    void aClosedModelIsNotMissed()
    {
        m_model->close();
        auto *worker = m_model->findChild<WorkerProcess *>();
        QSignalSpy lost(worker, &WorkerProcess::lost);
        ::kill(static_cast<pid_t>(worker->processId()), SIGKILL);
        QTRY_COMPARE(lost.size(), 1);
        QCOMPARE(m_failed->size(), 0);
        predict("a.tif", 1);
        QVERIFY(!worker->isRunning());
    }
};

RETICLE_TEST(LiveModelTest)
#include "LiveModelTest.moc"
