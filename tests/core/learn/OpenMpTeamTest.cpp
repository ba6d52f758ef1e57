#include "learn/OpenMpTeam.h"

#include "support/Test.h"

#include <atomic>
#include <vector>

using namespace reticle;

class OpenMpTeamTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void doesEachPieceOfWorkOnce()
    {
        const auto team = openMpTeam();
        QVERIFY(team.threads() >= 1);
        std::vector<std::atomic<int>> times(57);
        team.run(57, [&](std::int64_t i) { ++times[static_cast<std::size_t>(i)]; });
        for (const auto &one : times)
            QCOMPARE(one.load(), 1);
        team.run(0, [](std::int64_t) { QFAIL("there is nothing to do"); });
    }
};

RETICLE_TEST(OpenMpTeamTest)
#include "OpenMpTeamTest.moc"
