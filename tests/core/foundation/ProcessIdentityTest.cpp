#include "foundation/ProcessIdentity.h"
#include "support/Test.h"

#include <ctime>

#include <sys/wait.h>
#include <unistd.h>

using namespace reticle;
using State = ProcessIdentity::State;

class ProcessIdentityTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void thisProcessIsAlive()
    {
        const auto here = ProcessIdentity::current();
        QVERIFY(here.state() == State::Alive);
        QVERIFY(ProcessIdentity::fromJson(Json::parse(here.toJson().dump())) == here);
    }
    void anEndedOneIsGone()
    {
        const pid_t child = fork();
        if (child == 0)
            _exit(0);
        auto other = ProcessIdentity::current();
        other.pid = child;
        waitpid(child, nullptr, 0);
        QVERIFY(other.state() == State::Gone);
    }
    void aNumberUsedAgainIsAnother()
    {
        auto other = ProcessIdentity::current();
        other.started += 1;
        QVERIFY(other.state() == State::Gone);
    }
    void anotherBootIsGoneAndAnotherMachineUnknown()
    {
        auto other = ProcessIdentity::current();
        other.boot = "another";
        QVERIFY(other.state() == State::Gone);
        QVERIFY(other.state(0) == State::Gone);                     // before this machine was started
        QVERIFY(other.state(std::time(nullptr)) == State::Unknown); // of another machine of this name
        other.host = "elsewhere";
        QVERIFY(other.state() == State::Unknown);
        other = ProcessIdentity::current();
        other.space = "pid:[1]";
        QVERIFY(other.state() == State::Unknown);
        QVERIFY(ProcessIdentity{}.state() == State::Gone);
    }
};

RETICLE_TEST(ProcessIdentityTest)
#include "ProcessIdentityTest.moc"
