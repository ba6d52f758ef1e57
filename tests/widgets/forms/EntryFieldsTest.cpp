#include "widgets/forms/EntryFields.h"

#include "support/Test.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QComboBox>
#include <QSignalSpy>

using namespace reticle;

namespace {

struct Walk
{
    double stride = 0.5;
    std::int64_t legs = 2;
};

struct Swim
{
    double stride = 2;
};

struct Journey
{
    EntryOptions gait = "rest";
    std::string color = "gray";

    static SchemaInfo info()
    {
        const auto walk = Schema<Walk>("walk", "Walking")
                              .field(&Walk::stride, {.name = "stride", .help = "Length", .min = 0, .max = 10})
                              .field(&Walk::legs, {.name = "legs", .help = "Number", .min = 2});
        const auto swim = Schema<Swim>("swim", "Swimming").field(&Swim::stride, {.name = "stride", .help = "Length", .min = 0});
        return Schema<Journey>("journey", "A journey")
            .field(&Journey::gait, {.name = "gait",
                                    .help = "Gait",
                                    .formerly = {"manner"},
                                    .entries = {{.name = "rest", .title = "Rest"}, swim.info(), walk.info()}})
            .field(&Journey::color, {.name = "color", .help = "Color"})
            .info();
    }
};

} // namespace

class EntryFieldsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void fieldsOfEntriesAreFoldedBehindTheirChooser()
    {
        const EntryFields fields(Journey::info());
        std::vector<std::string> names;
        for (const auto &f : fields.flat().fields) {
            names.push_back(f.name);
            QCOMPARE(f.advanced, f.name.find('.') != std::string::npos);
        }
        QVERIFY(names == (std::vector<std::string>{"gait", "gait.swim.stride", "gait.walk.stride", "gait.walk.legs", "color"}));
        const Json flat = fields.flattened(Json{{"manner", {{"name", "walk"}, {"legs", 4}}}});
        QCOMPARE(flat.dump(), std::string(R"({"gait":"walk","gait.walk.stride":0.5,"gait.walk.legs":4})"));
        QCOMPARE(fields.gathered(flat).dump(), std::string(R"({"gait":{"name":"walk","legs":4},"color":"gray"})"));
        QVERIFY(fields.isInForce("gait.walk.legs", flat) && !fields.isInForce("gait.swim.stride", flat));
        QVERIFY(fields.isInForce("color", flat) && fields.isInForce("gait", Json::object()));
        QCOMPARE(fields.fieldOf("gait.stride", flat), std::string("gait.walk.stride"));
        QCOMPARE(fields.fieldOf("color", flat), std::string("color"));
    }

    void showsThoseOfTheChosenEntry()
    {
        SchemaForm form(Journey::info());
        form.show();
        QVERIFY(form.values() == Journey::info().defaults() && form.changedValues().empty());
        QVERIFY(!form.editor(QStringLiteral("gait.stride")));
        form.setAdvancedVisible(true);
        QVERIFY(!form.editor(QStringLiteral("gait.walk.stride"))->isVisible());

        QSignalSpy changed(&form, &SchemaForm::changed);
        auto *gait = qobject_cast<QComboBox *>(form.editor(QStringLiteral("gait")));
        gait->setCurrentText(QStringLiteral("walk"));
        QCOMPARE(changed.count(), 1);
        QVERIFY(form.editor(QStringLiteral("gait.stride"))->isVisible());
        QVERIFY(!form.editor(QStringLiteral("gait.swim.stride"))->isVisible());
        QVERIFY(form.values().at("gait") == Json("walk"));

        form.setAdvancedVisible(false); // the simple choice alone
        QVERIFY(gait->isVisible() && !form.editor(QStringLiteral("gait.stride"))->isVisible());
    }

    void takesAndGivesRecipesOfTodayAndBefore()
    {
        SchemaForm form(Journey::info());
        form.setValues(Json{{"manner", {{"name", "walk"}, {"stride", 3.0}}}});
        QCOMPARE(form.values().dump(), std::string(R"({"gait":{"name":"walk","stride":3.0},"color":"gray"})"));
        QCOMPARE(form.changedValues().dump(), std::string(R"({"gait":{"name":"walk","stride":3.0}})"));
        QVERIFY(Journey::info().validate(form.values()) == form.values());
        form.setValues(Json{{"gait", "walk"}});
        QVERIFY(form.values().at("gait") == Json("walk"));
        form.resetAll();
        QVERIFY(form.changedValues().empty());

        // Also fields of an entry that is not chosen any more.
        form.setValues(Json{{"gait", {{"name", "walk"}, {"stride", 3.0}}}});
        form.resetAll();
        qobject_cast<QComboBox *>(form.editor(QStringLiteral("gait")))->setCurrentText(QStringLiteral("walk"));
        QVERIFY(form.values().at("gait") == Json("walk"));
    }

    void whatIsNotChosenDoesNotStandInTheWay()
    {
        SchemaForm form(Journey::info());
        form.setValues(Json{{"gait", {{"name", "walk"}, {"stride", 11}}}});
        QVERIFY(!form.isValid());
        QCOMPARE(form.problems().size(), 1);
        form.setValues(Json{{"gait", "swim"}});
        QVERIFY(form.isValid() && form.problems().isEmpty());
        QVERIFY(form.setProblem(QStringLiteral("gait.stride"), QStringLiteral("Too far.")));
        QCOMPARE(form.problems(), QStringList{QStringLiteral("Stride: Too far.")});
    }
};

RETICLE_TEST(EntryFieldsTest)
#include "EntryFieldsTest.moc"
