#include "widgets/forms/RecipeForm.h"

#include "support/Test.h"
#include "widgets/forms/CompareForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/forms/Section.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QStandardItemModel>

using namespace reticle;

namespace {

SchemaInfo schema(const std::string &name, std::initializer_list<std::pair<std::string, Json>> fields)
{
    SchemaInfo s;
    s.name = name;
    s.title = "The " + name;
    for (const auto &[field, value] : fields) {
        Field f;
        f.name = field;
        f.type = value.is_string() ? Field::Type::Text : value.is_number_float() ? Field::Type::Real : Field::Type::Integer;
        f.defaultValue = value;
        if (!value.is_string())
            f.min = 0;
        s.fields.push_back(f);
    }
    return s;
}

Catalog recipeFormCatalog()
{
    Catalog c;
    c.kinds["datasets"] = {schema("segmentation", {{"images", ""}, {"labels", ""}})};
    c.kinds["models"] = {schema("unet", {{"weights", 500000}, {"depth", 4}}), schema("fcn", {{"weights", 20000}, {"kernel", 3}})};
    c.kinds["objectives"] = {schema("bce", {{"border-weight", 0.0}})};
    c.sections["augment"] = schema("augment", {{"flip", 0.5}});
    c.sections["train"] = schema("train", {{"epochs", 10}, {"minutes", 0.0}});
    return c;
}

} // namespace

class RecipeFormTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void givesAWholeRecipe()
    {
        RecipeForm form(recipeFormCatalog());
        const Json r = form.recipe();
        QVERIFY(r["recipe"] == 1);
        QVERIFY(r["seed"] == 1);
        QVERIFY(r["device"] == "auto");
        QVERIFY(r["data"]["name"] == "segmentation");
        QVERIFY(r["model"] == Json({{"name", "unet"}, {"weights", 500000}, {"depth", 4}}));
        QVERIFY(r["train"]["epochs"] == 10);
        QVERIFY(form.isValid());
    }
    void keepsWhatItDoesNotKnow()
    {
        RecipeForm form(recipeFormCatalog());
        const Json given = {{"recipe", 1},
                            {"title", "T"},
                            {"seed", 7},
                            {"device", "cuda:1"},
                            {"note", "mine"},
                            {"model", {{"name", "fcn"}, {"kernel", 5}}},
                            {"train", {{"epochs", 3}}}};
        form.setRecipe(given);
        const Json r = form.recipe();
        QVERIFY(r["note"] == "mine");
        QVERIFY(r["title"] == "T");
        QVERIFY(r["seed"] == 7);
        QVERIFY(r["device"] == "cuda:1");
        QVERIFY(r["model"] == Json({{"name", "fcn"}, {"weights", 20000}, {"kernel", 5}}));
        QVERIFY(r["train"]["epochs"] == 3);
        form.setRecipe(r);
        QVERIFY(form.recipe() == r);
    }
    void theNameChangesTheFields()
    {
        RecipeForm form(recipeFormCatalog());
        form.show();
        form.section(QStringLiteral("model"))->setValues({{"weights", 1234}});
        QSignalSpy changed(&form, &RecipeForm::changed);
        auto *combo = form.findChild<Section *>(QStringLiteral("model"))->findChild<QComboBox *>(QStringLiteral("name"));
        QTest::keyClick(combo, Qt::Key_Down);
        QCOMPARE(changed.count(), 1);
        // A field of the same name keeps its value, the others go.
        QVERIFY(form.recipe()["model"] == Json({{"name", "fcn"}, {"weights", 1234}, {"kernel", 3}}));
    }
    void problemsAreNamedWithTheirSection()
    {
        RecipeForm form(recipeFormCatalog());
        form.show();
        QSignalSpy validity(&form, &RecipeForm::validityChanged);
        form.setSectionExpanded(QStringLiteral("train"), false);
        auto *train = form.section(QStringLiteral("train"));
        train->setValues({{"epochs", -1}});
        QVERIFY(!form.isValid());
        QCOMPARE(validity.count(), 1);
        QVERIFY(form.problems().join(QString()).startsWith(QStringLiteral("train.Epochs: Expected")));
        QVERIFY(form.recipe()["train"]["epochs"] == 10);
        train->setValues({{"epochs", 1}});
        QVERIFY(form.isValid());
        QVERIFY(form.setProblem(QStringLiteral("train.epochs"), QStringLiteral("No.")));
        QVERIFY(form.findChild<Section *>(QStringLiteral("train"))->isExpanded());
        QVERIFY(!form.setProblem(QStringLiteral("train.nothing"), QStringLiteral("No.")));
        QVERIFY(form.setProblem(QStringLiteral("seed"), QStringLiteral("No.")));
    }
    void anotherCatalogKeepsTheRecipe()
    {
        RecipeForm form;
        form.setRecipe({{"recipe", 1}, {"seed", 9}, {"model", {{"name", "fcn"}, {"kernel", 7}}}});
        QVERIFY(form.recipe()["model"]["kernel"] == 7); // nothing known yet: kept as given
        form.setCatalog(recipeFormCatalog());
        QVERIFY(form.recipe()["model"] == Json({{"name", "fcn"}, {"weights", 20000}, {"kernel", 7}}));
        QVERIFY(form.recipe()["seed"] == 9);
        form.setDevices({QStringLiteral("cuda:0")});
        QVERIFY(form.recipe()["seed"] == 9);
    }
    /// A table in place of images: what learns from images cannot be chosen and says why, and crops mean nothing.
    void offersWhatGoesWithTheData()
    {
        Catalog c = recipeFormCatalog();
        c.kinds["datasets"].push_back(schema("table", {{"file", ""}}));
        c.kinds["models"].push_back(schema("perceptron", {{"layers", 2}}));
        c.kinds["objectives"].push_back(schema("squared-error", {}));
        c.fits["datasets"] = {{"segmentation", {{"segmentation"}, {"image"}}}, {"table", {{"regression"}, {"features"}}}};
        c.fits["models"] = {{"unet", {{}, {"image"}}}, {"fcn", {{}, {"image"}}}, {"perceptron", {{}, {"features"}}}};
        c.fits["objectives"] = {{"bce", {{"segmentation"}, {}}}, {"squared-error", {{"regression"}, {}}}};
        for (auto &field : c.sections["augment"].fields)
            field.about = "image";
        c.sections["train"].fields.push_back(c.sections["train"].fields.front());
        c.sections["train"].fields.back().name = "crop";
        c.sections["train"].fields.back().about = "image";
        RecipeForm form(c);
        form.setRecipe({{"data", {{"name", "segmentation"}}}, {"train", {{"crop", 7}}}, {"augment", {{"flip", 0.25}}}});
        QVERIFY(form.shows("augment") && form.recipe()["train"]["crop"] == 7);
        const auto combo = [&](const char *section) {
            return form.findChild<Section *>(QString::fromLatin1(section))->findChild<QComboBox *>("name");
        };
        const auto enabled = [&](const char *section, int i) {
            return qobject_cast<QStandardItemModel *>(combo(section)->model())->item(i)->isEnabled();
        };
        QVERIFY(enabled("model", 0) && !enabled("model", 2));
        QCOMPARE(combo("model")->itemText(2), QString("perceptron: takes features, the data have image"));

        combo("data")->setCurrentIndex(1);
        QVERIFY(form.recipe()["model"]["name"] == "perceptron" && form.recipe()["model"]["layers"] == 2);
        QVERIFY(form.recipe()["objective"]["name"] == "squared-error");
        QVERIFY(!enabled("model", 0) && enabled("model", 2) && !enabled("objective", 0));
        QCOMPARE(combo("objective")->itemText(0), QString("bce: for segmentation, the data serve regression"));
        QVERIFY(!form.shows("augment") && !form.recipe().contains("augment"));
        QVERIFY(form.findChild<Section *>("augment")->isHidden());
        QVERIFY(!form.recipe()["train"].contains("crop") && form.recipe()["train"]["epochs"] == 10);
        QVERIFY(!form.compare()->findChild<QCheckBox *>("compare-unet")->isEnabled());
        QVERIFY(form.compare()->findChild<QCheckBox *>("compare-perceptron")->isEnabled());

        combo("data")->setCurrentIndex(0); // what was set comes back
        QVERIFY(form.recipe()["train"]["crop"] == 7 && form.recipe()["augment"]["flip"] == 0.25);
        QVERIFY(form.recipe()["model"]["name"] == "unet" && form.recipe()["objective"]["name"] == "bce");
        // What a recipe does not name begins with what goes with its data.
        form.setRecipe({{"data", {{"name", "table"}}}});
        QVERIFY(form.recipe()["model"]["name"] == "perceptron" && form.recipe()["objective"]["name"] == "squared-error");
    }
    void readOnlyForAStoredRun()
    {
        RecipeForm form(recipeFormCatalog());
        form.setReadOnly(true);
        form.setRecipe({{"seed", 3}, {"model", {{"name", "fcn"}}}});
        for (auto *combo : form.findChildren<QComboBox *>())
            QVERIFY(!combo->isEnabled());
        for (auto *line : form.findChildren<QLineEdit *>())
            QVERIFY(line->isReadOnly());
        QVERIFY(form.recipe()["model"]["name"] == "fcn");
    }
};

RETICLE_TEST(RecipeFormTest)
#include "RecipeFormTest.moc"
