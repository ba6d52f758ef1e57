#include "data/ImageInputs.h"

#include "support/Test.h"

using namespace reticle;

/// Images of any kind go through DatasetTest and SegmentationDataTest; here what is made of sections and descriptions.
class ImageInputsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatASectionGivesStaysInASuggestion()
    {
        const Json recipe = suggestedImageRecipe({{"name", "images"}, {"split", "slices"}});
        QCOMPARE(recipe.at("data").at("split"), Json("slices"));
        QCOMPARE(recipe.at("data").at("scaling"), Json("unit"));
        QCOMPARE(recipe.at("model").at("name"), Json("unet"));
    }
    /// The table of groups may be another one by now: the parts are those of the training.
    void partsOfATrainingByGroupsAreThoseThatItHad()
    {
        Split split;
        split.training = {0, 3};
        split.validation = {1};
        split.test = {2};
        const Json section{{"images", "a.tif"}, {"groups", "g.csv"}, {"split", "blocks"}};
        const Json kept = withKeptParts(section, {{"split", split.toJson()}});
        QCOMPARE(kept.at("groups"), Json(""));
        QCOMPARE(kept.at("split"), Json("slices"));
        QCOMPARE(kept.at("validation-slices"), Json({1}));
        QCOMPARE(kept.at("test-slices"), Json({2}));
        QCOMPARE(kept.at("only-slices").size(), std::size_t(4));
        QCOMPARE(kept.at("images"), Json("a.tif"));
    }
    void otherSectionsStayAsTheyAre()
    {
        const Json plain{{"images", "a.tif"}, {"split", "blocks"}};
        QCOMPARE(withKeptParts(plain, {{"split", Split().toJson()}}), plain);
        const Json grouped{{"groups", "g.csv"}};
        QCOMPARE(withKeptParts(grouped, Json::object()), grouped);
    }
};

RETICLE_TEST(ImageInputsTest)
#include "ImageInputsTest.moc"
