#include "protocol/SubProgress.h"
#include "support/Test.h"

using namespace reticle;

class SubProgressTest : public QObject
{
    Q_OBJECT
    struct Kept : EventSink
    {
        std::vector<Event> events;
        void emit(const Event &e) override { events.push_back(e); }
    };

private Q_SLOTS:
    void progressIsOfTheWhole()
    {
        Kept kept;
        SubProgress second(kept, 1, 4, [](Event &e) { e.run = 9; });
        // Half of the second of four after 10 s: 10 s to its end, and two more of 20 s.
        Event e{.kind = Event::Kind::Progress, .run = 2, .time = 10, .value = 0.5};
        e.data = {{"remaining", 10.0}};
        second.emit(e);
        QCOMPARE(kept.events[0].value, 0.375);
        QCOMPARE(kept.events[0].data["remaining"].get<double>(), 50.0);
        QCOMPARE(kept.events[0].run, std::int64_t(9));
        e.value = std::numeric_limits<double>::quiet_NaN();
        e.data = {{"remaining", nullptr}};
        second.emit(e);
        QCOMPARE(kept.events[1].value, 0.25);
        QVERIFY(kept.events[1].data["remaining"].is_null());
        second.emit({.kind = Event::Kind::Metric, .name = "x", .value = 0.5});
        QCOMPARE(kept.events[2].value, 0.5);
    }
};

RETICLE_TEST(SubProgressTest)
#include "SubProgressTest.moc"
