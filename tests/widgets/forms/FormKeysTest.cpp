#include "support/Test.h"
#include "widgets/forms/CompareForm.h"
#include "widgets/forms/NumberBox.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QLocale>
#include <QSignalSpy>
#include <QToolButton>

using namespace reticle;

namespace {

struct Options
{
    std::int64_t bins = 15;
    double rate = 0.001;
    bool on = true;
    std::string mode = "a", note, input;
    std::vector<std::int64_t> slices;
    std::vector<double> weights{0.5, 1};

    static Schema<Options> schema()
    {
        using O = Options;
        return Schema<O>("probe", "A probe")
            .field(&O::bins, {.name = "bins", .help = "Number of bins", .min = 2, .max = 200})
            .field(&O::rate, {.name = "rate", .help = "Rate", .min = 0, .max = 10})
            .field(&O::on, {.name = "on", .help = "Switch"})
            .field(&O::mode, {.name = "mode", .help = "Mode", .choices = {"a", "b", "c"}})
            .field(&O::note, {.name = "note", .help = "Text"})
            .field(&O::input, {.name = "input", .help = "Input", .path = true})
            .field(&O::slices, {.name = "slices", .help = "Slices", .min = 0})
            .field(&O::weights, {.name = "weights", .help = "Weights"});
    }
};

QLineEdit *lineOf(QWidget *editor)
{
    auto *line = qobject_cast<QLineEdit *>(editor);
    return line ? line : editor->findChild<QLineEdit *>();
}

} // namespace

/// Every editor of a form with keys as they come from a keyboard: what is typed, cleared, pasted, left by Tab or Escape,
/// out of range, and what happens to it while the form is given other values or is built again.
class FormKeysTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<SchemaForm> m_form;

    QWidget *input(const char *field) { return m_form->editor(QString::fromLatin1(field)); }
    QLineEdit *line(const char *field) { return lineOf(input(field)); }
    void typeInto(const char *field, const QString &text)
    {
        line(field)->setFocus();
        QTest::keyClick(line(field), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClick(line(field), Qt::Key_Backspace);
        QTest::keyClicks(line(field), text);
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void init()
    {
        m_form = std::make_unique<SchemaForm>(Options::schema().info());
        m_form->show();
        QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
    }
    void cleanup() { m_form.reset(); }

    void numbers_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<bool>("taken");
        QTest::addColumn<double>("value");
        QTest::newRow("plain") << "bins"
                               << "42" << true << 42.0;
        QTest::newRow("spaces") << "bins"
                                << "  42 " << true << 42.0;
        QTest::newRow("cleared") << "bins"
                                 << "" << false << 15.0;
        QTest::newRow("too small") << "bins"
                                   << "1" << false << 15.0;
        QTest::newRow("fraction") << "bins"
                                  << "7.5" << false << 7.0; // 7 was taken while typing
        QTest::newRow("beyond 64 bits") << "bins"
                                        << "99999999999999999999" << false << 99.0;
        QTest::newRow("words") << "bins"
                               << "many" << false << 15.0;
        QTest::newRow("decimal comma") << "rate"
                                       << "0,5" << false << 0.0;
        QTest::newRow("thousands") << "rate"
                                   << "1,000" << false << 1.0;
        QTest::newRow("exponent") << "rate"
                                  << "3e-4" << true << 3e-4;
        QTest::newRow("too large to be a number") << "rate"
                                                  << "1e999" << false << 1.0;
        QTest::newRow("infinity") << "rate"
                                  << "inf" << false << 0.001;
        QTest::newRow("not a number") << "rate"
                                      << "nan" << false << 0.001;
        QTest::newRow("hexadecimal") << "bins"
                                     << "0x20" << false << 15.0;
    }
    void numbers()
    {
        QFETCH(QString, field);
        QFETCH(QString, typed);
        QFETCH(bool, taken);
        QFETCH(double, value);
        const QByteArray name = field.toLatin1();
        for (const auto language : {QLocale::English, QLocale::German, QLocale::Arabic}) {
            const QLocale before;
            QLocale::setDefault(QLocale(language));
            m_form->resetAll();
            typeInto(name.constData(), typed);
            QCOMPARE(m_form->isValid(), taken);
            QCOMPARE(m_form->problems().size(), taken ? 0 : 1);
            QCOMPARE(m_form->values()[name.toStdString()].get<double>(), value);
            QTest::keyClick(line(name.constData()), Qt::Key_Tab);
            QCOMPARE(m_form->isValid(), taken); // leaving takes nothing back and makes nothing up
            QLocale::setDefault(before);
        }
    }
    void arrowsStepWithinTheRange()
    {
        typeInto("bins", "199");
        for (int i = 0; i < 5; ++i)
            QTest::keyClick(line("bins"), Qt::Key_Up);
        QCOMPARE(m_form->values()["bins"].get<int>(), 200);
        QTest::keyClick(line("bins"), Qt::Key_PageDown);
        QCOMPARE(m_form->values()["bins"].get<int>(), 190);
        for (const char *text : {"", "many", "1e300", "-1e300", "99999999999999999999"})
            for (const auto key : {Qt::Key_Up, Qt::Key_Down, Qt::Key_PageUp, Qt::Key_PageDown}) {
                typeInto("bins", text);
                QTest::keyClick(line("bins"), key);
                const auto bins = m_form->values()["bins"].get<std::int64_t>();
                QVERIFY(bins >= 2 && bins <= 200);
            }
        // Without a range nothing is made of a number that has no place in 64 bits.
        NumberBox box(true, {}, {});
        for (const char *text : {"1e300", "-1e300", "9007199254740993"})
            for (const int steps : {1, -1, 1000}) {
                box.setPlainText(QString::fromLatin1(text));
                box.stepBy(steps);
                QVERIFY(box.number().has_value());
            }
    }
    void lists()
    {
        typeInto("slices", "0, 2, 5-9");
        QVERIFY((m_form->values()["slices"] == Json{0, 2, 5, 6, 7, 8, 9}));
        typeInto("slices", "3-");
        QVERIFY(!m_form->isValid());
        QTest::keyClicks(line("slices"), "5");
        QVERIFY(m_form->isValid());
        QVERIFY((m_form->values()["slices"] == Json{3, 4, 5}));
        typeInto("slices", "");
        QVERIFY(m_form->isValid() && m_form->values()["slices"].empty());
        for (const char *text : {"9-5", "-1", "1.5", "a", "0-99999999999", "99999999999999999999999"}) {
            typeInto("slices", text);
            QVERIFY2(!m_form->isValid(), text);
        }
        typeInto("weights", "0.5; 1, 2e-3");
        QVERIFY((m_form->values()["weights"] == Json{0.5, 1.0, 0.002}));
        typeInto("weights", "1e999");
        QVERIFY(!m_form->isValid());
    }
    void longListsDoNotFillTheMemory()
    {
        typeInto("slices", "0-99999");
        QVERIFY(m_form->isValid() && m_form->values()["slices"].size() == 100000);
        for (const char *text : {"0-100000", "0, 1-100000", "1, 9223372036854775807, 0-9223372036854775807"}) {
            typeInto("slices", text);
            QVERIFY2(!m_form->isValid(), text);
        }
        typeInto("slices", "");
        // Each range is allowed; together they would be a thousand million numbers.
        QStringList ranges;
        for (int i = 0; i < 1000; ++i)
            ranges << "0-999999";
        QApplication::clipboard()->setText(ranges.join(", "));
        line("slices")->setFocus();
        QTest::keyClick(line("slices"), Qt::Key_V, Qt::ControlModifier);
        QVERIFY(!m_form->isValid());
        QVERIFY(m_form->values()["slices"].empty());
    }
    void textAndPaths()
    {
        for (const char *field : {"note", "input"}) {
            typeInto(field, "a");
            QApplication::clipboard()->setText("größer µm"); // the test's keyboard has no such keys
            QTest::keyClick(line(field), Qt::Key_A, Qt::ControlModifier);
            QTest::keyClick(line(field), Qt::Key_V, Qt::ControlModifier);
            QCOMPARE(m_form->values()[field].get<std::string>(), std::string("größer µm"));
            QTest::keyClick(line(field), Qt::Key_Escape);
            QCOMPARE(m_form->values()[field].get<std::string>(), std::string("größer µm"));
            QTest::keyClick(line(field), Qt::Key_Z, Qt::ControlModifier);
            QCOMPARE(m_form->values()[field].get<std::string>(), line(field)->text().toStdString());
            QApplication::clipboard()->setText("two\nlines" + QString(100000, 'x'));
            QTest::keyClick(line(field), Qt::Key_A, Qt::ControlModifier);
            QTest::keyClick(line(field), Qt::Key_V, Qt::ControlModifier);
            QCOMPARE(m_form->values()[field].get<std::string>(), line(field)->text().toStdString());
            typeInto(field, "");
            QCOMPARE(m_form->values()[field].get<std::string>(), std::string());
        }
        // A zero character cannot be part of a name; the clipboard may hold one all the same.
        line("input")->setFocus();
        line("input")->insert(QString("a") + QChar(0) + "b");
        Q_EMIT line("input")->textEdited(line("input")->text());
        QVERIFY(m_form->isValid() == !line("input")->text().contains(QChar(0)));
    }
    void choicesAndSwitches()
    {
        auto *combo = qobject_cast<QComboBox *>(input("mode"));
        combo->setFocus();
        QTest::keyClick(combo, Qt::Key_Down);
        QCOMPARE(m_form->values()["mode"].get<std::string>(), std::string("b"));
        QTest::keyClicks(combo, "c");
        QCOMPARE(m_form->values()["mode"].get<std::string>(), std::string("c"));
        QTest::keyClick(combo, Qt::Key_Home);
        QCOMPARE(m_form->values()["mode"].get<std::string>(), std::string("a"));
        // While its list is open other values come.
        QTest::keyClick(combo, Qt::Key_Space);
        m_form->setValues({{"mode", "b"}, {"bins", 20}});
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : combo, Qt::Key_Escape);
        QCOMPARE(m_form->values()["mode"].get<std::string>(), std::string("b"));
        m_form->setValues({{"mode", "elsewhere"}}); // no choice: shown with its error
        QVERIFY(!m_form->isValid());
        combo->setFocus();
        QTest::keyClick(combo, Qt::Key_Home);
        QVERIFY(m_form->isValid());
        QCOMPARE(combo->count(), 3);
        auto *button = qobject_cast<QAbstractButton *>(input("on"));
        button->setFocus();
        QTest::keyClick(button, Qt::Key_Space);
        QVERIFY(m_form->values()["on"] == false);
    }
    /// Values that come from the worker while a key is on its way.
    void valuesThatArriveWhileTyping()
    {
        typeInto("rate", "0.2");
        m_form->setSchema(Options::schema().info(), m_form->values());
        QVERIFY(line("rate")->hasFocus());
        QTest::keyClicks(line("rate"), "5");
        QCOMPARE(m_form->values()["rate"].get<double>(), 0.25);
        typeInto("slices", "5-");
        m_form->setSchema(Options::schema().info(), m_form->values());
        QTest::keyClicks(line("slices"), "7");
        QVERIFY((m_form->values()["slices"] == Json{5, 6, 7}));
        typeInto("bins", "");
        m_form->setSchema(Options::schema().info(), m_form->values());
        QCOMPARE(line("bins")->text(), QString());
        QTest::keyClicks(line("bins"), "30");
        QCOMPARE(m_form->values()["bins"].get<int>(), 30);
    }
    /// A choice may bring other fields: the form is built again while Qt is still in the code of the editor.
    void aFormThatIsBuiltAgainByItsOwnEditors()
    {
        auto other = Options::schema().info();
        other.fields.push_back(Field{.name = "more", .defaultValue = "text"});
        const auto first = Options::schema().info();
        bool swapped = false;
        connect(m_form.get(), &SchemaForm::changed, this, [&] {
            if (std::exchange(swapped, true))
                return;
            m_form->setSchema(m_form->schema().find("more") ? first : other);
        });
        const auto again = [&](const std::function<void()> &keys) {
            swapped = false;
            const bool had = m_form->schema().find("more");
            keys();
            QVERIFY(swapped);
            QCOMPARE(m_form->schema().find("more") != nullptr, !had);
            QApplication::processEvents();
        };
        for (const char *field : {"bins", "rate", "slices", "weights"})
            again([&] {
                line(field)->setFocus();
                line(field)->selectAll();
                QTest::keyClick(line(field), Qt::Key_7);
            });
        for (const char *field : {"note", "input"})
            again([&] {
                line(field)->setFocus();
                QTest::keyClick(line(field), Qt::Key_X);
            });
        again([&] {
            input("mode")->setFocus();
            QTest::keyClick(input("mode"), Qt::Key_Down);
        });
        again([&] {
            input("on")->setFocus();
            QTest::keyClick(input("on"), Qt::Key_Space);
        });
        again([&] {
            line("bins")->setFocus();
            QTest::keyClick(line("bins"), Qt::Key_Up);
        });
        again([&] { QTest::mouseClick(input("on"), Qt::LeftButton); });
    }
    void aRecipeFormWhoseModelIsChosenByKeys()
    {
        Catalog catalog;
        auto wide = Options::schema().info(), narrow = wide;
        wide.name = "wide";
        narrow.name = "narrow";
        narrow.fields.resize(2);
        catalog.kinds["models"] = {wide, narrow, SchemaInfo{"none", "None", "", {}}};
        catalog.sections["train"] = Options::schema().info();
        RecipeForm form(catalog);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        auto *model = form.findChild<QWidget *>("model");
        QVERIFY(model);
        auto *combo = model->findChild<QComboBox *>("name");
        combo->setFocus();
        for (const auto &[key, name] : {std::pair(Qt::Key_Down, "narrow"), std::pair(Qt::Key_Down, "none"),
                                        std::pair(Qt::Key_Home, "wide"), std::pair(Qt::Key_End, "none")}) {
            QTest::keyClick(combo, key);
            QCOMPARE(form.recipe()["model"]["name"].get<std::string>(), std::string(name));
        }
        // All of it given anew while a name is being typed.
        auto *title = form.findChild<QLineEdit *>("title");
        QVERIFY(title);
        title->setFocus();
        QTest::keyClicks(title, "half");
        form.setCatalog(catalog);
        QCOMPARE(form.recipe()["title"].get<std::string>(), std::string("half"));
        QApplication::processEvents();
    }
    void modelsToCompareAreTickedByKeys()
    {
        CompareForm form({SchemaInfo{"fcn", "", "", {}}, SchemaInfo{"unet", "", "", {}}});
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        for (const char *name : {"fcn", "unet"}) {
            auto *box = form.findChild<QCheckBox *>(QString("compare-") + name);
            box->setFocus();
            QTest::keyClick(box, Qt::Key_Space);
            QVERIFY(box->isChecked());
        }
        QCOMPARE(form.value()["models"].size(), std::size_t(2));
        auto *seeds = form.findChild<QLineEdit *>("seeds");
        QVERIFY(seeds);
        seeds->setFocus();
        QTest::keyClicks(seeds, "1-3");
        QVERIFY((form.value()["seeds"] == Json{1, 2, 3}));
        QTest::keyClick(seeds, Qt::Key_Backspace);
        QVERIFY(!form.isValid());
    }
};

RETICLE_TEST(FormKeysTest)
#include "FormKeysTest.moc"
