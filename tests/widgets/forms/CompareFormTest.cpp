#include "widgets/forms/CompareForm.h"

#include "data/SegmentationData.h"
#include "support/Test.h"
#include "widgets/forms/PathEdit.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>

using namespace reticle;

namespace {

Catalog catalog()
{
    Catalog c;
    c.kinds["datasets"] = {SegmentationDataOptions::schema().info(), SegmentationDataOptions::imagesSchema().info()};
    c.kinds["models"] = {SchemaInfo{"fcn", "", "", {}}, SchemaInfo{"unet", "", "", {}}};
    return c;
}

} // namespace

/// What the form of a comparison says of folds.
class CompareFormTest : public QObject
{
    Q_OBJECT

    static QString note(const CompareForm &form)
    {
        const auto *label = form.findChild<QLabel *>(QStringLiteral("compareNote"));
        return label && !label->isHidden() ? label->text() : QString();
    }
    static QString foldsTip(const CompareForm &form)
    {
        const auto *folds = form.findChild<QWidget *>(QStringLiteral("folds"));
        return folds ? folds->toolTip() : QString();
    }

private Q_SLOTS:
    void withoutFoldsNothingIsSaidOfThem()
    {
        CompareForm form(catalog().kinds["models"]);
        form.setData({{"groups", "/data/groups.csv"}});
        QVERIFY(note(form).isEmpty());
        form.findChild<QCheckBox *>(QStringLiteral("compare-fcn"))->setChecked(true);
        QVERIFY(!note(form).isEmpty() && !note(form).contains("Folds"));
    }
    void neighborsOrGroups()
    {
        CompareForm form(catalog().kinds["models"]);
        form.setValue({{"folds", 3}});
        QVERIFY2(note(form).endsWith("Folds are runs of neighboring slices: slices that lie together stay together."),
                 qPrintable(note(form)));
        QCOMPARE(form.summary(), QString("one model · 3 folds"));
        form.setData({{"groups", "/data/my %1 groups.csv"}, {"group-column", ""}});
        QVERIFY2(
            note(form).endsWith("Folds are whole groups, by the table my %1 groups.csv: the slices of a group stay together."),
            qPrintable(note(form)));
        QCOMPARE(form.summary(), QString("one model · 3 folds by groups"));
        form.setData({{"groups", "groups.csv"}, {"group-column", "<b>%2</b>"}});
        QVERIFY2(note(form).endsWith("by the column <b>%2</b> of groups.csv: the slices of a group stay together."),
                 qPrintable(note(form)));
        QCOMPARE(form.findChild<QLabel *>(QStringLiteral("compareNote"))->textFormat(), Qt::PlainText);
        // The number of folds says it too, after what the field is.
        QVERIFY2(foldsTip(form).contains("Cross-validation") &&
                     foldsTip(form).contains("by the column &lt;b&gt;%2&lt;/b&gt; of groups.csv"),
                 qPrintable(foldsTip(form)));
        form.setData(Json());
        QVERIFY(note(form).contains("neighboring slices") && foldsTip(form).contains("neighboring slices") &&
                !foldsTip(form).contains("groups.csv"));
        form.findChild<QCheckBox *>(QStringLiteral("compare-fcn"))->setChecked(true);
        QVERIFY(note(form).startsWith("The section Model") && note(form).contains("neighboring slices"));
    }
    void whatElseVariesIsChosenAndCounted()
    {
        auto c = catalog();
        c.sections["train"] = SchemaInfo{"train", "", "", {}};
        Field rate;
        rate.name = "learning-rate";
        rate.type = Field::Type::Real;
        rate.defaultValue = 0.001;
        rate.max = 10;
        Field threads;
        threads.name = "threads";
        threads.type = Field::Type::Integer;
        threads.defaultValue = 0;
        c.sections["train"].fields = {rate, threads};
        RecipeForm form(c);
        form.setRecipe({{"data", {{"name", "segmentation"}}}});
        QVERIFY(!form.recipe().contains("compare"));
        auto *add = form.compare()->findChild<QPushButton *>(QStringLiteral("addAxis"));
        QVERIFY(add);
        add->click();
        QVERIFY(!form.recipe().contains("compare")); // nothing is said of it yet
        auto *path = form.compare()->findChild<QComboBox *>(QStringLiteral("axisPath"));
        auto *values = form.compare()->findChild<QLineEdit *>(QStringLiteral("axisValues"));
        QVERIFY(path && values);
        QVERIFY(path->findText(QStringLiteral("data")) >= 0 && path->findText(QStringLiteral("train.learning-rate")) >= 0);
        QVERIFY(path->findText(QStringLiteral("train.threads")) < 0 && path->findText(QStringLiteral("data.fold")) < 0);
        path->setCurrentText(QStringLiteral("train.learning-rate"));
        values->setText(QStringLiteral("0.001, 0.01, 0.1"));
        QCOMPARE(form.recipe()["compare"]["axes"].dump(), std::string(R"({"train.learning-rate":[0.001,0.01,0.1]})"));
        QVERIFY(!form.recipe()["compare"].contains("models"));
        QVERIFY2(note(*form.compare()).endsWith("A run for each of 3 values of train.learning-rate: 3 runs."),
                 qPrintable(note(*form.compare())));
        QCOMPARE(form.compare()->summary(), QString("one model · 3 values of train.learning-rate"));
        form.compare()->findChild<QCheckBox *>(QStringLiteral("compare-fcn"))->setChecked(true);
        form.compare()->findChild<QCheckBox *>(QStringLiteral("compare-unet"))->setChecked(true);
        QVERIFY2(note(*form.compare()).endsWith("2 models and 3 values of train.learning-rate: 6 runs."),
                 qPrintable(note(*form.compare())));
        // What the field cannot take is said in its row and stops the start.
        values->setText(QStringLiteral("0.001, 11"));
        QVERIFY(!form.isValid());
        QVERIFY2(form.problems().join(QString()).contains("learning-rate"), qPrintable(form.problems().join(QString())));
        values->setText(QStringLiteral("0.001"));
        QVERIFY(form.isValid());
        // What the worker says of a row stands below it.
        QVERIFY(form.setProblem(QStringLiteral("compare.axes.train.learning-rate[0]"), QStringLiteral("Too slow.")));
        QVERIFY(!form.isValid());
        QVERIFY(form.recipe()["compare"].contains("axes")); // started again, it is still the comparison that is shown
        form.compare()->findChild<QPushButton *>(QStringLiteral("removeAxis"))->click();
        QVERIFY(form.isValid());
        QVERIFY(!form.recipe()["compare"].contains("axes"));
        // Values that the form has no words for stay as they are.
        const Json given{{"data", {{"name", "segmentation"}}},
                         {"compare", {{"axes", {{"train", Json::array({{{"learning-rate", 1}}, {{"learning-rate", 2}}})}}}}}};
        form.setRecipe(given);
        QCOMPARE(form.recipe()["compare"]["axes"].dump(), given["compare"]["axes"].dump());
    }
    void listedSettingsAreShownAndKept()
    {
        CompareForm form(catalog().kinds["models"]);
        const auto given = Json::parse(R"({"settings": [{"title": "as it is", "changes": {}, "_cell": 3},
            {"title": "slow", "changes": {"train.learning-rate": 0.001, "augment.flip": null}}], "weights": 0,
            "seeds": [1, 2], "folds": 0, "_study": {"axes": []}})");
        form.setValue(given);
        QVERIFY(form.value() == given);
        QCOMPARE(form.summary(), QString("2 settings · 2 seeds"));
        QVERIFY2(note(form).endsWith("A run for each combination of 2 settings and 2 seeds: 4 runs."), qPrintable(note(form)));
        auto *list = form.findChild<QListWidget *>(QStringLiteral("compareSettings"));
        QVERIFY(list && !list->parentWidget()->isHidden());
        QCOMPARE(list->count(), 2);
        QCOMPARE(list->item(1)->text(), QString("slow"));
        QCOMPARE(list->item(1)->toolTip(), QString("train.learning-rate: 0.001\naugment.flip: default"));
        QVERIFY(form.findChild<QCheckBox *>(QStringLiteral("compare-fcn"))->isHidden());
        QVERIFY(form.findChild<AxesForm *>()->isHidden());
        // Through the form of the whole recipe too.
        RecipeForm whole(catalog());
        whole.setRecipe({{"data", {{"name", "segmentation"}}}, {"compare", given}});
        QCOMPARE(whole.recipe()["compare"]["settings"].dump(), given["settings"].dump());
        QCOMPARE(whole.recipe()["compare"]["_study"].dump(), given["_study"].dump());
        // Removed, the form is as it is without them.
        int changes = 0;
        connect(&form, &CompareForm::changed, &form, [&] { ++changes; });
        form.findChild<QPushButton *>(QStringLiteral("removeSettings"))->click();
        QVERIFY(changes > 0 && form.value().is_null());
        QVERIFY(list->parentWidget()->isHidden());
        QVERIFY(!form.findChild<QCheckBox *>(QStringLiteral("compare-fcn"))->isHidden());
        form.setValue(given);
        form.setValue(Json());
        QVERIFY(form.value().is_null());
    }
    void aFieldChosenTwiceIsFreeOnceTheOtherRowHasLeftIt()
    {
        AxesForm axes;
        axes.setPaths({QStringLiteral("train.crop"), QStringLiteral("train.batch")});
        axes.setReader([](const std::string &, const std::string &text) { return Json::array({text}); });
        auto *add = axes.findChild<QPushButton *>(QStringLiteral("addAxis"));
        add->click();
        add->click();
        const auto paths = axes.findChildren<QComboBox *>(QStringLiteral("axisPath"));
        const auto values = axes.findChildren<QLineEdit *>(QStringLiteral("axisValues"));
        QCOMPARE(paths.size(), 2);
        values[0]->setText(QStringLiteral("32"));
        QVERIFY(axes.isValid()); // the other row says nothing yet
        values[1]->setText(QStringLiteral("64"));
        QVERIFY(!axes.isValid());
        paths[0]->setCurrentText(QStringLiteral("train.batch"));
        QVERIFY(axes.isValid());
        QCOMPARE(axes.value().dump(), std::string(R"({"train.batch":["32"],"train.crop":["64"]})"));
        paths[1]->setCurrentText(QStringLiteral("train.batch"));
        QVERIFY(!axes.isValid());
        axes.findChildren<QPushButton *>(QStringLiteral("removeAxis"))[0]->click();
        QVERIFY(axes.isValid());
        QCOMPARE(axes.value().dump(), std::string(R"({"train.batch":["64"]})"));
    }
    void theDataOfTheRecipeAreFollowed()
    {
        RecipeForm form(catalog());
        form.setRecipe({{"data", {{"name", "segmentation"}, {"groups", "/data/mice.csv"}}}, {"compare", {{"folds", 4}}}});
        QVERIFY2(note(*form.compare()).contains("by the table mice.csv"), qPrintable(note(*form.compare())));
        // The table has a field for files among the data, the column one for text.
        auto *groups = qobject_cast<PathEdit *>(form.section(QStringLiteral("data"))->editor(QStringLiteral("groups")));
        QVERIFY(groups);
        QCOMPARE(groups->text(), QString("/data/mice.csv"));
        form.section(QStringLiteral("data"))->setValues({{"group-column", "cage"}});
        QVERIFY2(note(*form.compare()).contains("by the column cage of mice.csv"), qPrintable(note(*form.compare())));
        groups->clear();
        Q_EMIT groups->textEdited(QString());
        QVERIFY2(note(*form.compare()).contains("neighboring slices"), qPrintable(note(*form.compare())));
        QCOMPARE(form.recipe()["data"]["groups"].get<std::string>(), std::string());
        // What the worker says of the table stands below its field.
        QVERIFY(form.setProblem(QStringLiteral("data.groups"), QStringLiteral("3 folds need at least 3 groups.")));
        QVERIFY(form.section(QStringLiteral("data"))->problems().join(QString()).contains("at least 3 groups"));
    }
};

RETICLE_TEST(CompareFormTest)
#include "CompareFormTest.moc"
