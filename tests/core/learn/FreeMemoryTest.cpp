#include "learn/FreeMemory.h"

#include "support/Test.h"

using namespace reticle;

class FreeMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhatTheSystemTells()
    {
        const std::string meminfo = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n";
        QCOMPARE(freeMemoryOf(meminfo, "", "", ""), std::optional<std::int64_t>(8192000000));
        QCOMPARE(freeMemoryOf(meminfo, "max\n", "500\n", ""), std::optional<std::int64_t>(8192000000));
        QCOMPARE(freeMemoryOf("", "", "", ""), std::optional<std::int64_t>());
    }
    void aGroupMayAllowLess()
    {
        const std::string meminfo = "MemAvailable:    8000000 kB\n";
        QCOMPARE(freeMemoryOf(meminfo, "1000\n", "700\n", "anon 600\ninactive_file 50\nactive_file 50\n"),
                 std::optional<std::int64_t>(350));
        QCOMPARE(freeMemoryOf(meminfo, "1000\n", "1200\n", ""), std::optional<std::int64_t>(0));
        QCOMPARE(freeMemoryOf("", "1000\n", "700\n", ""), std::optional<std::int64_t>(300));
    }
    void thisMachineHasSome()
    {
        const auto free = freeMemory();
        QVERIFY(free && *free > 0 && *free < std::int64_t(1) << 50);
        QVERIFY(!freeGpuMemory(-1) && !freeGpuMemory(1000));
    }
};

RETICLE_TEST(FreeMemoryTest)
#include "FreeMemoryTest.moc"
