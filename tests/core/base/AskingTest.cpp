#include "base/Asking.h"

#include "support/Test.h"

using namespace reticle;

class AskingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhyARunCannotBeAsked()
    {
        Asking a;
        a.addNeeds("skip-study", "skips");
        const Json fcn{{"model", {{"name", "fcn"}}}, {"objective", {{"name", "mse"}}}};
        QCOMPARE(a.refusal("skip-study", fcn), std::string()); // none is known to give it
        a.addGives("model", "unet", "skips");
        a.addGives("model", "dense", "skips");
        QCOMPARE(a.refusal("skip-study", fcn),
                 std::string("needs a network with skip connections (model dense, unet), not fcn"));
        QCOMPARE(a.refusal("cost", fcn), std::string());
        a.addNeeds("evaluate", "classes");
        a.addGives("objective", "bce", "classes");
        QCOMPARE(a.refusal("evaluate", fcn), std::string("needs a run that segments (objective bce), not mse"));
        const Json unet{{"model", {{"name", "unet"}}}, {"objective", {{"name", "bce"}}}};
        QCOMPARE(a.refusal("skip-study", unet), std::string());
        QCOMPARE(a.refusal("evaluate", unet), std::string());
        for (const Json &odd : {Json::object(), Json(), Json(3), Json{{"model", 3}}, Json{{"model", {{"name", 3}}}}})
            QCOMPARE(a.refusal("skip-study", odd), std::string());
    }
    void keepsAsJson()
    {
        Asking a;
        a.addNeeds("skip-study", "skips");
        a.addGives("model", "unet", "skips");
        const auto again = Asking::fromJson(Json::parse(a.toJson().dump()));
        QVERIFY(again.toJson() == a.toJson());
        QVERIFY(again.gives("model", "unet", "skips") && !again.gives("model", "fcn", "skips"));
        QVERIFY(again.needs("skip-study", "skips") && !again.needs("evaluate", "skips"));
        // An answer of another version is not a reason to fail.
        for (const Json &odd : {Json(), Json(3), Json{{"gives", 3}, {"needs", {1, 2}}}, Json{{"gives", {{"model", 3}}}},
                                Json{{"needs", {{"evaluate", "classes"}}}}})
            QVERIFY(Asking::fromJson(odd).toJson() == Asking().toJson());
    }
};

RETICLE_TEST(AskingTest)
#include "AskingTest.moc"
