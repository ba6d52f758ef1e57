#include "app/worker/FrameWriter.h"

#include "protocol/Frame.h"
#include "support/Test.h"

#include <array>
#include <csignal>
#include <thread>

#include <unistd.h>

using namespace reticle;

namespace {

struct Pipe
{
    std::array<int, 2> ends{-1, -1};
    Pipe()
    {
        if (::pipe(ends.data()) != 0)
            std::abort();
    }
    ~Pipe()
    {
        closeEnd(0);
        closeEnd(1);
    }
    void closeEnd(std::size_t i)
    {
        if (ends[i] >= 0)
            ::close(ends[i]);
        ends[i] = -1;
    }
};

/// All messages until the pipe is closed.
std::vector<Json> readAll(int fd)
{
    FrameReader reader;
    std::vector<Json> all;
    std::vector<std::uint8_t> bytes(1 << 16);
    for (;;) {
        const ssize_t n = ::read(fd, bytes.data(), bytes.size());
        if (n <= 0)
            return all;
        reader.append({bytes.data(), static_cast<std::size_t>(n)});
        while (auto message = reader.next())
            all.push_back(std::move(*message));
    }
}

} // namespace

/// Messages of many threads to one reader. Also run with the thread sanitizer.
class FrameWriterTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void messagesOfManyThreadsArriveWholeAndInOrder()
    {
        Pipe pipe;
        std::vector<Json> got;
        std::thread reader([&] { got = readAll(pipe.ends[0]); });
        {
            FrameWriter outbox(pipe.ends[1]);
            std::vector<std::thread> threads;
            for (int t = 0; t < 4; ++t)
                threads.emplace_back([&outbox, t] {
                    for (int i = 0; i < 500; ++i) {
                        outbox.send(Json{{"thread", t}, {"i", i}, {"text", std::string(static_cast<std::size_t>(i), 'x')}});
                        outbox.sendEvent({.kind = Event::Kind::Progress, .step = i}, t);
                        outbox.sendEvent({.kind = Event::Kind::Metric, .step = i, .name = "loss", .value = 0.5}, t);
                    }
                });
            for (auto &thread : threads)
                thread.join();
        }
        pipe.closeEnd(1);
        reader.join();
        std::array<int, 4> next{}, metrics{};
        std::array<std::int64_t, 4> progress{-1, -1, -1, -1};
        for (const auto &message : got) {
            if (message.contains("thread")) {
                const auto t = message["thread"].get<std::size_t>();
                QCOMPARE(message["i"].get<int>(), next[t]++);
                QCOMPARE(message["text"].get<std::string>().size(), message["i"].get<std::size_t>());
                continue;
            }
            const auto t = message["request"].get<std::size_t>();
            if (message["event"] == "metric") {
                QCOMPARE(message["step"].get<int>(), metrics[t]++);
            } else {
                QVERIFY(message["step"].get<std::int64_t>() >= progress[t]);
                progress[t] = message["step"].get<std::int64_t>();
            }
        }
        for (std::size_t t = 0; t < 4; ++t) {
            QCOMPARE(next[t], 500);
            QCOMPARE(metrics[t], 500);
            QCOMPARE(progress[t], std::int64_t(499)); // the newest is never lost
        }
    }
    void ofProgressOnlyTheNewestWaits()
    {
        Pipe pipe;
        std::vector<Json> got;
        std::thread reader;
        {
            FrameWriter outbox(pipe.ends[1]);
            outbox.send(Json{{"large", std::string(1 << 20, 'x')}}); // more than a pipe holds: what follows waits
            for (int i = 0; i < 1000; ++i)
                outbox.sendEvent({.kind = Event::Kind::Progress, .step = i}, 1);
            outbox.send(Json{{"last", true}});
            reader = std::thread([&] { got = readAll(pipe.ends[0]); });
        }
        pipe.closeEnd(1);
        reader.join();
        std::size_t progress = 0;
        for (const auto &message : got)
            progress += message.contains("event");
        QVERIFY2(progress <= 2, std::to_string(progress).c_str());
        QVERIFY(got.back().contains("last"));
    }
    void anAnswerThatIsTooLargeBecomesAnError()
    {
        Pipe pipe;
        std::vector<Json> got;
        std::thread reader([&] { got = readAll(pipe.ends[0]); });
        {
            FrameWriter outbox(pipe.ends[1], 1000);
            outbox.send(Json{{"id", 1}, {"result", std::string(1000, 'x')}});
            outbox.sendEvent({.kind = Event::Kind::Log, .text = std::string(1000, 'x')}, 1);
            outbox.sendEvent({.kind = Event::Kind::Log, .text = "short"}, 1);
            outbox.send(Json{{"id", 2}, {"result", "x"}});
        }
        pipe.closeEnd(1);
        reader.join();
        QCOMPARE(got.size(), std::size_t(3)); // of the long event nothing is sent
        QCOMPARE(got[0]["id"].get<int>(), 1);
        QCOMPARE(got[0]["error"]["kind"].get<std::string>(), std::string("failed"));
        QVERIFY(got[0]["error"]["message"].get<std::string>().find("Choose a smaller region") != std::string::npos);
        QCOMPARE(got[1]["text"].get<std::string>(), std::string("short"));
        QCOMPARE(got[2]["result"].get<std::string>(), std::string("x"));
    }
    void aReaderThatStallsHoldsNoEndUp()
    {
        Pipe pipe; // nothing is read from it, and it holds less than the first message
        FrameWriter outbox(pipe.ends[1], maxFrameBytes, 0.01);
        outbox.send(Json{{"large", std::string(1 << 20, 'x')}});
        outbox.send(Json{{"large", std::string(1 << 20, 'x')}});
    }
    void aReaderThatHasGoneHoldsNobodyUp()
    {
        Pipe pipe;
        pipe.closeEnd(0);
        FrameWriter outbox(pipe.ends[1]);
        for (int i = 0; i < 1000; ++i)
            outbox.send(Json{{"i", i}});
    }
};

RETICLE_TEST(FrameWriterTest)
#include "FrameWriterTest.moc"
