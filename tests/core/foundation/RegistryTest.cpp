#include "foundation/Registry.h"
#include "support/Test.h"

using namespace reticle;

namespace {
using ProbeFactory = std::function<int(const Json &)>;
const Registration<ProbeFactory> one({"one", "First", "", {}}, [](const Json &) { return 1; });
const Registration<ProbeFactory> two({"two", "Second", "", {}}, [](const Json &) { return 2; });
} // namespace

class RegistryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsByName()
    {
        const auto &r = Registry<ProbeFactory>::instance();
        QCOMPARE(r.names(), (std::vector<std::string>{"one", "two"}));
        QCOMPARE(r.get("two").factory({}), 2);
        QVERIFY(r.contains("one"));
    }
    void saysWhatIsKnown()
    {
        EXPECT_ERROR(Registry<ProbeFactory>::instance().get("three", "model.name"),
                     "model.name: expected one of one, two, found \"three\"");
    }
    /// In every build: a file that was copied and not renamed would otherwise do nothing at all.
    void refusesASecondEntryOfOneName()
    {
        auto &r = Registry<ProbeFactory>::instance();
        EXPECT_ERROR(r.add({"one", "Another", "", {}}, [](const Json &) { return 3; }),
                     "registry: expected one entry named \"one\", found two, \"First\" and \"Another\"");
        QCOMPARE(r.get("one").factory({}), 1);
    }
};

RETICLE_TEST(RegistryTest)
#include "RegistryTest.moc"
