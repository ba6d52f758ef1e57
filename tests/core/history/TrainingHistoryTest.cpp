#include "history/TrainingHistory.h"

#include "project/SealedText.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/WrongValues.h"

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

PastTraining training(std::int64_t steps)
{
    PastTraining t;
    t.network = "unet";
    t.model = "a1b2";
    t.recipe = "c3";
    t.data = "d4";
    t.weights = 3964;
    t.crop = 256;
    t.batch = 4;
    t.channels = 3;
    t.classes = 2;
    t.precision = "float32";
    t.machine = "Some processor, 8 threads";
    t.minutes = 15.02;
    t.budget = 15;
    t.steps = steps;
    t.stepSeconds = 0.1;
    t.score = "dice";
    t.value = 0.93;
    t.ended = "2026-01-02T03:04:05Z";
    return t;
}

std::string document(const Json &entries, int version = TrainingHistory::version)
{
    return sealed(Json{{"trainings", version}, {"entries", entries}}.dump(1));
}

} // namespace

class TrainingHistoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void entriesComeBackInTheirOrder()
    {
        const test::TemporaryFolder folder;
        const TrainingHistory history(folder / "new" / "deep" / "trainings.json"); // folders are made
        QVERIFY(history.read().empty());
        for (const int steps : {100, 200, 300})
            QVERIFY(history.add(training(steps)));
        const auto all = history.read();
        QCOMPARE(all.size(), std::size_t(3));
        QCOMPARE(all[1].steps, std::int64_t(200));
        QVERIFY(all[2].toJson() == training(300).toJson());
        // A text for people, whole and sealed, and nothing half-written beside it.
        const auto text = test::readAll(folder / "new" / "deep" / "trainings.json");
        QVERIFY(text.starts_with("{\n \"sha256\": \"") && text.find("\"network\": \"unet\"") != std::string::npos);
        std::set<std::string> names;
        for (const auto &entry : fs::directory_iterator(folder / "new" / "deep"))
            names.insert(entry.path().filename().string());
        QCOMPARE(names, (std::set<std::string>{"trainings.json", "trainings.json.lock"}));
    }
    void theOldestGoFirst()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        Json entries = Json::array();
        for (std::size_t i = 1; i <= TrainingHistory::maximum; ++i)
            entries.push_back(training(static_cast<std::int64_t>(i)).toJson());
        test::writeAll(file, document(entries));
        const TrainingHistory history(file);
        QVERIFY(history.add(training(9999)));
        const auto all = history.read();
        QCOMPARE(all.size(), TrainingHistory::maximum);
        QCOMPARE(all.front().steps, std::int64_t(2));
        QCOMPARE(all.back().steps, std::int64_t(9999));
        // More than Reticle writes are cut too.
        for (int i = 0; i < 50; ++i)
            entries.push_back(training(20000 + i).toJson());
        test::writeAll(file, document(entries));
        QCOMPARE(history.read().size(), TrainingHistory::maximum);
        QCOMPARE(history.read().back().steps, std::int64_t(20049));
    }
    void aDamagedFileCountsAsEmptyAndIsReplaced_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        auto changed = document(Json::array({training(5).toJson()}));
        changed.replace(changed.find("0.93"), 4, "0.99");
        QTest::newRow("a changed number") << QByteArray::fromStdString(changed);
        QTest::newRow("cut") << QByteArray::fromStdString(document(Json::array({training(5).toJson()})).substr(0, 100));
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("trainings");
        QTest::newRow("a list") << QByteArray("[1, 2]");
        QTest::newRow("no entries") << QByteArray("{\"trainings\": 1}");
        QTest::newRow("entries of another kind") << QByteArray("{\"trainings\": 1, \"entries\": 7}");
        QTest::newRow("deep") << QByteArray(100000, '[');
        QTest::newRow("zeros") << QByteArray(1000, '\0');
    }
    void aDamagedFileCountsAsEmptyAndIsReplaced()
    {
        QFETCH(QByteArray, bytes);
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        test::writeAll(file, bytes.toStdString());
        const TrainingHistory history(file);
        QVERIFY(history.read().empty());
        QVERIFY(history.add(training(7)));
        QCOMPARE(history.read().size(), std::size_t(1));
    }
    void aLargeFileIsNotRead()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        test::writeAll(file, "{\"trainings\": 1, \"entries\": []" + std::string(5 << 20, ' ') + "}");
        QVERIFY(TrainingHistory(file).read().empty());
    }
    void entriesThatAreNoneAreLeftOut()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        Json entries = Json::array({training(1).toJson(), 3, nullptr, "x", Json::array(), Json::object()});
        const auto with = [&](const char *key, const Json &value) {
            Json t = training(2).toJson();
            t[key] = value;
            entries.push_back(t);
        };
        with("steps", 0);
        with("steps", -1);
        with("steps", 1e300);
        with("minutes", 0);
        with("step-seconds", -0.1);
        with("network", std::string(1000, 'x'));
        with("network", "");
        with("value", "0.9");
        with("crop", 2.5);
        entries.push_back(training(3).toJson());
        test::writeAll(file, document(entries));
        const auto all = TrainingHistory(file).read();
        QCOMPARE(all.size(), std::size_t(2));
        QCOMPARE(all[1].steps, std::int64_t(3));
    }
    void noValueInAnyPlaceDoesHarm()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        const Json whole{{"trainings", 1}, {"entries", Json::array({training(1).toJson()})}};
        for (const auto &value : test::wrongValues())
            test::eachPlace(whole, value, [&](const Json &changed, const std::string &) {
                test::writeAll(file, changed.dump(1, ' ', false, Json::error_handler_t::replace));
                for (const auto &t : TrainingHistory(file).read()) {
                    QVERIFY(t.steps > 0 && t.minutes > 0 && t.stepSeconds > 0 && !t.network.empty());
                    QVERIFY(std::isfinite(t.value) && std::isfinite(t.minutes) && std::isfinite(t.stepSeconds));
                }
            });
    }
    void thatOfANewerVersionIsLeftAlone()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        const auto text = document(Json::array({Json{{"of", "tomorrow"}}}), TrainingHistory::version + 1);
        test::writeAll(file, text);
        QVERIFY(TrainingHistory(file).read().empty());
        QVERIFY(!TrainingHistory(file).add(training(1)));
        QCOMPARE(test::readAll(file), text);
    }
    void whatCannotBeWrittenIsLeft()
    {
        QVERIFY(!TrainingHistory(fs::path()).add(training(1))); // no home
        QVERIFY(TrainingHistory(fs::path()).read().empty());
        const test::TemporaryFolder folder;
        test::writeAll(folder / "file", "x");
        QVERIFY(!TrainingHistory(folder / "file" / "trainings.json").add(training(1))); // in a file
        fs::create_directories(folder / "taken" / "trainings.json");
        QVERIFY(!TrainingHistory(folder / "taken" / "trainings.json").add(training(1))); // a folder of that name
        QVERIFY(TrainingHistory(folder / "taken" / "trainings.json").read().empty());
        if (::geteuid() == 0)
            return; // may write everywhere
        const auto shut = folder / "shut";
        QVERIFY(TrainingHistory(shut / "trainings.json").add(training(1)));
        fs::permissions(shut, fs::perms::owner_read | fs::perms::owner_exec);
        QVERIFY(!TrainingHistory(shut / "trainings.json").add(training(2)));
        QCOMPARE(TrainingHistory(shut / "trainings.json").read().size(), std::size_t(1)); // as it was
        fs::permissions(shut, fs::perms::owner_all);
    }
    void severalWritersLoseNothing()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        constexpr int each = 12;
        // A process of its own, and two threads here.
        const pid_t child = fork();
        if (child == 0) {
            int written = 0;
            for (int i = 0; i < each; ++i)
                written += TrainingHistory(file).add(training(1000 + i));
            _exit(written);
        }
        std::vector<std::thread> threads;
        std::atomic<int> written{0};
        for (int k = 2; k <= 3; ++k)
            threads.emplace_back([&, k] {
                for (int i = 0; i < each; ++i)
                    written += TrainingHistory(file).add(training(1000 * k + i));
            });
        for (auto &thread : threads)
            thread.join();
        int status = 0;
        waitpid(child, &status, 0);
        // Whoever waited a second for its turn has said so; of the others none is lost.
        const auto all = TrainingHistory(file).read();
        std::set<std::int64_t> steps;
        for (const auto &t : all)
            steps.insert(t.steps);
        QCOMPARE(steps.size(), all.size());
        QVERIFY(WIFEXITED(status) && written > 0);
        QCOMPARE(static_cast<int>(all.size()), written + WEXITSTATUS(status));
    }
    void aWriterThatHangsIsNotWaitedFor()
    {
        const test::TemporaryFolder folder;
        const auto file = folder / "trainings.json";
        QVERIFY(TrainingHistory(file).add(training(1)));
        const int held = ::open((file.string() + ".lock").c_str(), O_RDWR);
        QVERIFY(held >= 0 && ::flock(held, LOCK_EX) == 0);
        QVERIFY(!TrainingHistory(file).add(training(2)));
        QCOMPARE(TrainingHistory(file).read().size(), std::size_t(1)); // reading needs no turn
        ::close(held);
        QVERIFY(TrainingHistory(file).add(training(3)));
    }
    void itsPlaceFollowsTheEnvironment()
    {
        const struct Kept
        {
            explicit Kept(const char *n) : name(n), value(qgetenv(n)), wasSet(qEnvironmentVariableIsSet(n)) {}
            ~Kept() { wasSet ? qputenv(name, value) : qunsetenv(name); }
            const char *name;
            QByteArray value;
            bool wasSet;
        } kept[] = {Kept("RETICLE_STATE"), Kept("XDG_STATE_HOME"), Kept("HOME")};
        qputenv("RETICLE_STATE", "/own");
        qputenv("XDG_STATE_HOME", "/state");
        qputenv("HOME", "/home/person");
        QCOMPARE(TrainingHistory::usualFile(), fs::path("/own/trainings.json"));
        qunsetenv("RETICLE_STATE");
        QCOMPARE(TrainingHistory::usualFile(), fs::path("/state/reticle/trainings.json"));
        qputenv("XDG_STATE_HOME", "relative"); // is passed over, as the specification says
        QCOMPARE(TrainingHistory::usualFile(), fs::path("/home/person/.local/state/reticle/trainings.json"));
        qunsetenv("HOME");
        QVERIFY(TrainingHistory::usualFile().empty());
    }
    void noTestWritesToTheUsersOwn()
    {
        const char *state = std::getenv("RETICLE_STATE");
        QVERIFY(state && *state);
        QVERIFY(TrainingHistory::usualFile().string().starts_with(state));
    }
};

RETICLE_TEST(TrainingHistoryTest)
#include "TrainingHistoryTest.moc"
