#include "protocol/Capabilities.h"

#include "support/Test.h"

using namespace reticle;

namespace {

// As a file of its own would declare it: nothing else is edited for it.
const Capability latents("test-latents", "task", "needs a run that learns latent variables");
const ProvidesCapability given("task", "test-latent", "test-latents");
const RequiresCapability required("test-traversal", "test-latents");
const AskedOf data("test-spectrum", "data", {"images"});

Capabilities skipsAndClasses()
{
    Capabilities c;
    c.declare("skips", "model", "needs a network with skip connections");
    c.declare("classes", "objective", "needs a run that segments");
    return c;
}

} // namespace

class CapabilitiesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhyARunCannotBeAsked()
    {
        Capabilities a = skipsAndClasses();
        a.require("skip-study", "skips");
        const Json fcn{{"model", {{"name", "fcn"}}}, {"objective", {{"name", "mse"}}}};
        QCOMPARE(a.refusal("skip-study", fcn), std::string()); // none is known to give it
        a.provide("model", "unet", "skips");
        a.provide("model", "dense", "skips");
        QCOMPARE(a.refusal("skip-study", fcn), std::string("needs a network with skip connections (model dense, unet), not fcn"));
        QCOMPARE(a.refusal("cost", fcn), std::string());
        a.require("evaluate", "classes");
        a.provide("objective", "bce", "classes");
        QCOMPARE(a.refusal("evaluate", fcn), std::string("needs a run that segments (objective bce), not mse"));
        const Json unet{{"model", {{"name", "unet"}}}, {"objective", {{"name", "bce"}}}};
        QCOMPARE(a.refusal("skip-study", unet), std::string());
        QCOMPARE(a.refusal("evaluate", unet), std::string());
        for (const Json &odd : {Json::object(), Json(), Json(3), Json{{"model", 3}}, Json{{"model", {{"name", 3}}}}})
            QCOMPARE(a.refusal("skip-study", odd), std::string());
    }
    void aCapabilityIsDeclaredByItsOwner()
    {
        // Through the JSON, as the window gets it.
        const auto all = Capabilities::fromJson(Json::parse(Capabilities::instance().toJson().dump()));
        const Json latent{{"task", {{"name", "test-latent"}}}}, other{{"task", {{"name", "segmentation"}}}};
        QCOMPARE(all.refusal("test-traversal", latent), std::string());
        QCOMPARE(all.refusal("test-traversal", other),
                 std::string("needs a run that learns latent variables (task test-latent), not segmentation"));
        // What a subject does not name is not required of it: data have no task.
        QCOMPARE(all.refusal("test-traversal", {{"data", {{"name", "images"}}}}), std::string());
    }
    void dataCanBeAskedWithoutARun()
    {
        const auto all = Capabilities::fromJson(Json::parse(Capabilities::instance().toJson().dump()));
        const auto options = all.optionsFor("test-spectrum", "data");
        QVERIFY(options.has_value());
        QCOMPARE(*options, std::vector<std::string>{"images"});
        QVERIFY(!all.optionsFor("test-spectrum", "run")); // only what is declared
        // An analysis of which nothing is declared is asked of runs.
        QVERIFY(all.optionsFor("anything", "run").has_value());
        QVERIFY(!all.optionsFor("anything", "data"));
    }
    void severalRequirementsAreCheckedInOrder()
    {
        Capabilities a = skipsAndClasses();
        a.declare("pixels", "data", "needs images");
        a.provide("data", "images", "pixels");
        a.provide("model", "unet", "skips");
        a.require("both", "pixels");
        a.require("both", "skips");
        Json subject{{"data", {{"name", "table"}}}, {"model", {{"name", "mlp"}}}};
        QCOMPARE(a.refusal("both", subject), std::string("needs images (data images), not table"));
        subject["data"]["name"] = "images";
        QCOMPARE(a.refusal("both", subject), std::string("needs a network with skip connections (model unet), not mlp"));
        subject["model"]["name"] = "unet";
        QCOMPARE(a.refusal("both", subject), std::string());
    }
    void keepsAsJson()
    {
        Capabilities a = skipsAndClasses();
        a.require("skip-study", "skips");
        a.provide("model", "unet", "skips");
        a.askOf("evaluate", "run", {});
        a.askOf("evaluate", "data", {"prediction", "labels"});
        const auto again = Capabilities::fromJson(Json::parse(a.toJson().dump()));
        QVERIFY(again.toJson() == a.toJson());
        QVERIFY(again.isProvided("model", "unet", "skips") && !again.isProvided("model", "fcn", "skips"));
        QVERIFY(again.isRequired("skip-study", "skips") && !again.isRequired("evaluate", "skips"));
        QVERIFY(again.optionsFor("evaluate", "run") && again.optionsFor("evaluate", "data")->size() == 2);
        // An answer of another version is not a reason to fail.
        for (const Json &odd : {Json(), Json(3), Json{{"gives", 3}, {"needs", {1, 2}}}, Json{{"gives", {{"model", 3}}}},
                                Json{{"needs", {{"evaluate", "classes"}}}}, Json{{"capabilities", {{"skips", 3}}}},
                                Json{{"capabilities", {{"skips", {{"of", "model"}}}}}}, Json{{"asked-of", {{"evaluate", 3}}}},
                                Json{{"asked-of", {{"evaluate", {{"data", 3}}}}}}})
            QVERIFY(Capabilities::fromJson(odd).toJson() == Capabilities().toJson());
    }
    void aWorkerOfBeforeIsUnderstood()
    {
        // It sends no sentences.
        const auto a =
            Capabilities::fromJson({{"gives", {{"model", {{"unet", {"skips"}}}}}}, {"needs", {{"skip-study", {"skips"}}}}});
        QCOMPARE(a.refusal("skip-study", {{"model", {{"name", "fcn"}}}}), std::string("needs skips (model unet), not fcn"));
        QCOMPARE(a.refusal("skip-study", {{"model", {{"name", "unet"}}}}), std::string());
        QVERIFY(a.optionsFor("wavelet-spectrum", "run").has_value());
    }
};

RETICLE_TEST(CapabilitiesTest)
#include "CapabilitiesTest.moc"
