#include "project/EntryFit.h"

#include "project/Recipe.h"
#include "support/Test.h"

using namespace reticle;

class EntryFitTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void objectivesGoByTheTasksOfTheData()
    {
        const EntryFit images{{"segmentation", "reconstruction"}, {"image"}}, table{{"classification"}, {"features"}};
        const EntryFit bce{{"segmentation"}, {}};
        QVERIFY(bce.fits(images) && !bce.fits(table));
        QCOMPARE(bce.refusal(table), std::string("for segmentation, the data serve classification"));
        QCOMPARE(EntryFit({{"regression"}, {}}).refusal(images),
                 std::string("for regression, the data serve segmentation and reconstruction"));
    }
    void modelsGoByTheArraysOfTheData()
    {
        const EntryFit images{{"segmentation"}, {"image"}}, table{{"classification"}, {"features", "weights"}};
        const EntryFit unet{{}, {"image"}};
        QVERIFY(unet.fits(images) && !unet.fits(table));
        QCOMPARE(unet.refusal(table), std::string("takes image, the data have features and weights"));
        QVERIFY(table.has("features") && !table.has("image"));
    }
    /// An older worker says nothing, and a kind need not say all.
    void whatIsNotSaidFits()
    {
        const EntryFit nothing, objective{{"segmentation"}, {}}, model{{}, {"image"}};
        QVERIFY(objective.fits(nothing) && model.fits(nothing) && nothing.fits(model) && nothing.has("image"));
        QVERIFY(Catalog().fitOf("models", "unet") == nothing);
    }
    void travelsWithTheCatalog()
    {
        Catalog c;
        c.fits["objectives"]["bce"] = {{"segmentation"}, {}};
        c.fits["models"]["unet"] = {{}, {"image"}};
        const Catalog back = Catalog::fromJson(Json::parse(c.toJson().dump()));
        QVERIFY(back.fits == c.fits);
        QVERIFY(back.fitOf("models", "fcn") == EntryFit());
        QVERIFY(EntryFit::fromJson({{"tasks", 3}, {"arrays", {1, "image"}}}) == EntryFit({{}, {"image"}}));
    }
};

RETICLE_TEST(EntryFitTest)
#include "EntryFitTest.moc"
