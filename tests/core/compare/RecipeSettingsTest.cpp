#include "compare/RecipeSettings.h"

#include "support/Test.h"

using namespace reticle;

class RecipeSettingsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void settingsGoByTheirPath()
    {
        const auto all =
            flatSettings({{"title", "x"}, {"model", {{"name", "unet"}}}, {"train", {{"batch", 4}, {"rate", 0.002}}}});
        QVERIFY((all == RecipeSettings{{"title", "x"}, {"model.name", "unet"}, {"train.batch", "4"}, {"train.rate", "0.002"}}));
    }
    /// Whether an entry is a name or has fields, its name is one setting.
    void entriesWithAndWithoutFieldsAgree()
    {
        const auto name = flatSettings({{"train", {{"optimizer", "adam"}}}});
        const auto fields = flatSettings({{"train", {{"optimizer", {{"name", "adam"}, {"betas", {0.5, 0.9}}}}}}});
        QVERIFY((name == RecipeSettings{{"train.optimizer", "adam"}}));
        QVERIFY((fields == RecipeSettings{{"train.optimizer", "adam"}, {"train.optimizer.betas", "[0.5,0.9]"}}));
    }
};

RETICLE_TEST(RecipeSettingsTest)
#include "RecipeSettingsTest.moc"
