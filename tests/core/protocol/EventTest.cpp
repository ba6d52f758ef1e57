#include "protocol/Event.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <thread>

using namespace reticle;

class EventTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void alwaysHasTheSixFields()
    {
        const Json j = Event{.kind = Event::Kind::Log}.toJson();
        for (const char *key : {"event", "run", "time", "step", "name", "value"})
            QVERIFY2(j.contains(key), key);
        QVERIFY(j["value"].is_null());
        QCOMPARE(j["event"].get<std::string>(), std::string("log"));
        QVERIFY(!j.contains("total"));
    }
    void survivesJson()
    {
        const Event e{.kind = Event::Kind::Metric,
                      .run = 3,
                      .time = 1.25,
                      .step = 40,
                      .name = "train.loss",
                      .value = 0.1,
                      .total = 100,
                      .text = "words",
                      .data = Json{{"a", 1}}};
        const Event back = Event::fromJson(e.toJson());
        QVERIFY(back.toJson() == e.toJson());
        QCOMPARE(back.value, 0.1);
    }
    void infinityBecomesNullAndNullNan()
    {
        Event e{.kind = Event::Kind::Metric, .value = std::numeric_limits<double>::infinity()};
        QVERIFY(e.toJson()["value"].is_null());
        QVERIFY(std::isnan(Event::fromJson(e.toJson()).value));
    }
    void everyKindHasAName()
    {
        for (int k = 0; k <= static_cast<int>(Event::Kind::Cancelled); ++k) {
            const Event e{.kind = static_cast<Event::Kind>(k)};
            QVERIFY(Event::fromJson(e.toJson()).kind == e.kind);
        }
    }
    void refusesOtherThings()
    {
        EXPECT_ERROR(Event::fromJson(Json{{"event", "flood"}}), "flood");
        EXPECT_ERROR(Event::fromJson(Json{{"time", 1}}), "expected a field \"event\", found none");
        EXPECT_ERROR(Event::fromJson(Json::array()), "event");
        EXPECT_ERROR(Event::fromJson(Json{{"event", "log"}, {"step", "many"}}),
                     "event: step: expected a whole number, found \"many\"");
    }
    void controlPausesAndGoesOn()
    {
        RunControl control;
        QVERIFY(control.goOn());
        control.pause();
        std::vector<bool> seen;
        std::atomic<bool> blocked{false};
        bool goesOn = false;
        std::thread work([&] {
            goesOn = control.goOn([&](bool paused) {
                seen.push_back(paused);
                blocked = paused;
            });
        });
        while (!blocked)
            std::this_thread::yield();
        control.resume();
        work.join();
        QVERIFY(goesOn);
        QCOMPARE(seen, (std::vector<bool>{true, false}));
    }
    void endLiftsAPauseAndCancelOutlivesStop()
    {
        RunControl control;
        control.pause();
        control.end(RunControl::End::Stop);
        QVERIFY(!control.pausing());
        QVERIFY(!control.goOn());
        QVERIFY(control.ending() == RunControl::End::Stop);
        control.end(RunControl::End::Cancel);
        control.end(RunControl::End::Stop);
        QVERIFY(control.ending() == RunControl::End::Cancel);
        control.pause();
        QVERIFY(!control.goOn()); // a pause after the end does not block
    }
};

RETICLE_TEST(EventTest)
#include "EventTest.moc"
