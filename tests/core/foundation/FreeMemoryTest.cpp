#include "foundation/FreeMemory.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
namespace fs = std::filesystem;

using Bytes = std::optional<std::int64_t>;

class FreeMemoryTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    /// A made-up machine of which these files are there.
    fs::path machine(const std::map<std::string, std::string> &files) const
    {
        const auto root = m_folder.part();
        for (const auto &[name, text] : files) {
            fs::create_directories((root / name).parent_path());
            test::writeAll(root / name, text);
        }
        return root;
    }
    const std::string m_meminfo = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n";

private Q_SLOTS:
    void readsWhatTheSystemTells()
    {
        QCOMPARE(freeMemoryOf(machine({})), Bytes());
        QCOMPARE(freeMemoryOf(machine({{"proc/meminfo", m_meminfo}})), Bytes(8192000000));
        QCOMPARE(freeMemoryOf(machine({{"proc/meminfo", m_meminfo},
                                       {"proc/self/cgroup", "0::/\n"},
                                       {"sys/fs/cgroup/memory.max", "max\n"},
                                       {"sys/fs/cgroup/memory.current", "500\n"}})),
                 Bytes(8192000000));
    }
    void limitsOfTheProcessCount()
    {
        std::map<std::string, std::string> files{
            {"proc/meminfo", m_meminfo},
            {"proc/self/status", "Name:\tx\nVmPeak:\t  900 kB\nVmSize:\t     400 kB\nVmData:\t     100 kB\n"},
            {"proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units     \n"
                                 "Max data size             unlimited            unlimited            bytes     \n"
                                 "Max address space         unlimited            unlimited            bytes     \n"}};
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(8192000000));
        files["proc/self/limits"] = "Max address space         1024000            unlimited            bytes     \n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(1024000 - 409600));
        files["proc/self/limits"] = "Max address space         102400             102400               bytes     \n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(0));
        files["proc/self/limits"] = "Max data size             112400             unlimited            bytes     \n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(10000));
    }
    void canBeAssumed()
    {
        const auto before = freeMemory();
        {
            const AssumedFreeMemory outer(1000);
            QCOMPARE(freeMemory(), std::int64_t(1000));
            const AssumedFreeMemory inner(7);
            QCOMPARE(freeMemory(), std::int64_t(7));
        }
        QVERIFY(before < 1 << 20 || freeMemory() > 1000);
        QCOMPARE(memoryText(512 << 20), std::string("512 MiB"));
        QCOMPARE(memoryText(std::int64_t(2150) << 20), std::string("2.1 GiB"));
    }
    void aGroupMayAllowLess()
    {
        std::map<std::string, std::string> files{
            {"proc/meminfo", m_meminfo},
            {"proc/self/cgroup", "0::/job.slice/step\n"},
            {"sys/fs/cgroup/job.slice/step/memory.max", "1000\n"},
            {"sys/fs/cgroup/job.slice/step/memory.current", "700\n"},
            {"sys/fs/cgroup/job.slice/step/memory.stat", "anon 600\ninactive_file 50\nactive_file 50\n"}};
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(350));
        QCOMPARE(freeMemoryOf(machine(files), true), Bytes(400));
        files.erase("sys/fs/cgroup/job.slice/step/memory.stat");
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(300));
        files["sys/fs/cgroup/job.slice/step/memory.current"] = "1200\n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(0));
        files.erase("proc/meminfo");
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(0));
    }
    /// The limit of a cluster job stands at the job, the process in a step of it that has none.
    void theGroupsAroundItCount()
    {
        std::map<std::string, std::string> files{{"proc/meminfo", m_meminfo},
                                                 {"proc/self/cgroup", "0::/system.slice/job_7/step_0/task\n"},
                                                 {"sys/fs/cgroup/system.slice/memory.max", "5000\n"},
                                                 {"sys/fs/cgroup/system.slice/memory.current", "900\n"},
                                                 {"sys/fs/cgroup/system.slice/job_7/memory.max", "1000\n"},
                                                 {"sys/fs/cgroup/system.slice/job_7/memory.current", "800\n"},
                                                 {"sys/fs/cgroup/system.slice/job_7/memory.stat", "inactive_file 30\n"},
                                                 {"sys/fs/cgroup/system.slice/job_7/step_0/task/memory.max", "max\n"},
                                                 {"sys/fs/cgroup/system.slice/job_7/step_0/task/memory.current", "800\n"}};
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(230));
        files["sys/fs/cgroup/system.slice/memory.current"] = "4900\n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(100));
    }
    /// A container sees the top of its own groups, whatever the host calls them.
    void thePathMayBeTheHosts()
    {
        for (const char *path : {"0::/docker/1a2b\n", "0::/../1a2b\n"})
            QCOMPARE(freeMemoryOf(machine({{"proc/meminfo", m_meminfo},
                                           {"proc/self/cgroup", path},
                                           {"sys/fs/cgroup/memory.max", "1000\n"},
                                           {"sys/fs/cgroup/memory.current", "400\n"}})),
                     Bytes(600));
    }
    void groupsOfVersionOne()
    {
        std::map<std::string, std::string> files{
            {"proc/meminfo", m_meminfo},
            {"proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/slurm/job_7/step:0\n0::/\n"},
            {"sys/fs/cgroup/memory/slurm/job_7/step:0/memory.limit_in_bytes", "9223372036854771712\n"},
            {"sys/fs/cgroup/memory/slurm/job_7/step:0/memory.usage_in_bytes", "600\n"},
            {"sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes", "1000\n"},
            {"sys/fs/cgroup/memory/slurm/job_7/memory.usage_in_bytes", "700\n"},
            {"sys/fs/cgroup/memory/slurm/job_7/memory.stat", "inactive_file 5\ntotal_inactive_file 40\n"}};
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(340));
        files["sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes"] = "9223372036854771712\n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(8192000000));
        files["sys/fs/cgroup/memory/memory.limit_in_bytes"] = "4000\n";
        files["sys/fs/cgroup/memory/memory.usage_in_bytes"] = "1000\n";
        QCOMPARE(freeMemoryOf(machine(files)), Bytes(3000));
    }
    void thisMachineHasSome()
    {
        QVERIFY(freeMemory() > 0);
        if (fs::exists("/proc/meminfo"))
            QVERIFY(freeMemory() < std::int64_t(1) << 50);
    }
};

RETICLE_TEST(FreeMemoryTest)
#include "FreeMemoryTest.moc"
