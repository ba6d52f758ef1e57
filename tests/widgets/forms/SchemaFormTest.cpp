#include "widgets/forms/SchemaForm.h"

#include "support/Test.h"
#include "widgets/forms/NumberBox.h"
#include "widgets/forms/PathEdit.h"
#include "widgets/views/Theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMimeData>
#include <QPointer>
#include <QSignalSpy>
#include <QToolButton>
#include <QUrl>
#include <QWheelEvent>

using namespace reticle;

namespace {

struct SchemaFormOptions
{
    int bins = 15;
    double rate = 0.001;
    bool on = true;
    std::string mode = "a", note, input;
    std::vector<std::int64_t> slices;
    std::vector<double> weights{0.5, 1};
    double hidden = 2;

    static Schema<SchemaFormOptions> schema()
    {
        using O = SchemaFormOptions;
        return Schema<O>("probe", "A probe")
            .field(&O::bins, {.name = "bins", .help = "Number of bins", .unit = "px", .min = 2, .max = 200})
            .field(&O::rate, {.name = "learning-rate", .help = "Rate", .min = 0, .max = 10})
            .field(&O::on, {.name = "on", .help = "Switch"})
            .field(&O::mode, {.name = "mode", .help = "Mode", .choices = {"a", "b", "c"}})
            .field(&O::note, {.name = "note", .help = "Text", .group = "More"})
            .field(&O::input, {.name = "input", .help = "Input", .path = true, .group = "More"})
            .field(&O::slices, {.name = "slices", .help = "Slices", .min = 0, .group = "More"})
            .field(&O::weights, {.name = "weights", .help = "Weights", .group = "More"})
            .field(&O::hidden, {.name = "hidden", .help = "Rarely needed", .min = 0, .advanced = true});
    }
};

QLineEdit *schemaFormLineOf(QWidget *editor)
{
    auto *line = qobject_cast<QLineEdit *>(editor);
    return line ? line : editor->findChild<QLineEdit *>();
}

/// What a person does: click into the field, select all, type.
void type(SchemaForm &form, const char *field, const QString &text)
{
    auto *line = schemaFormLineOf(form.editor(QString::fromLatin1(field)));
    line->setFocus();
    line->selectAll();
    QTest::keyClick(line, Qt::Key_Delete);
    QTest::keyClicks(line, text);
}

QToolButton *resetOf(SchemaForm &form, const char *field)
{
    for (auto *b : form.editor(QString::fromLatin1(field))->parentWidget()->parentWidget()->findChildren<QToolButton *>())
        if (b->accessibleName().startsWith(QStringLiteral("Reset")))
            return b;
    return nullptr;
}

} // namespace

class SchemaFormTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void startsWithTheDefaults()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        QVERIFY(form.values() == SchemaFormOptions::schema().info().defaults());
        QVERIFY(form.changedValues().empty());
        QVERIFY(form.isValid());
        QVERIFY(SchemaFormOptions::schema().info().validate(form.values()) == form.values());
        bool unit = false;
        for (auto *l : form.findChildren<QLabel *>())
            unit = unit || l->text() == QStringLiteral("Bins (px)");
        QVERIFY(unit);
        QVERIFY(form.editor(QStringLiteral("bins"))->toolTip().contains(QStringLiteral("2 to 200 px")));
        QVERIFY(!form.editor(QStringLiteral("nothing")));
        for (const auto info = SchemaFormOptions::schema().info(); const auto &f : info.fields)
            QVERIFY(!form.editor(QString::fromStdString(f.name))->accessibleName().isEmpty());
    }
    void theSameFieldsKeepWhatIsTyped()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        const QPointer<QWidget> bins = form.editor("bins"), mode = form.editor("mode");
        type(form, "bins", "15");
        type(form, "learning-rate", "-"); // half of a number
        QVERIFY(!form.isValid());
        auto schema = SchemaFormOptions::schema().info();
        schema.fields[0].defaultValue = 20;
        schema.fields[0].max = 30.0;
        schema.fields[1].defaultValue = 0.5;
        schema.fields[3].choices = {"b", "c", "d"};
        schema.fields[3].defaultValue = "d";
        QSignalSpy changed(&form, &SchemaForm::changed);
        form.setSchema(schema, {{"bins", 15}, {"mode", "c"}});
        QCOMPARE(changed.size(), 1);
        QVERIFY(bins && bins == form.editor("bins") && mode && mode == form.editor("mode"));
        QCOMPARE(schemaFormLineOf(form.editor("learning-rate"))->text(), QStringLiteral("-"));
        QVERIFY(form.editor("learning-rate")->hasFocus());
        QCOMPARE(form.values()["learning-rate"].get<double>(), 0.5);
        QCOMPARE(form.values()["bins"].get<int>(), 15);
        QVERIFY((form.changedValues() == Json{{"bins", 15}, {"mode", "c"}}));
        auto *box = qobject_cast<QComboBox *>(mode.data());
        QCOMPARE(box->count(), 3);
        QCOMPARE(box->currentText(), QStringLiteral("c"));
        QVERIFY(bins->accessibleDescription().contains("2 to 30"));
        // The new range counts, and what is not told is the default again.
        type(form, "bins", "31");
        QVERIFY(!form.isValid());
        bins->clearFocus();
        form.setSchema(schema, Json::object());
        QVERIFY(form.isValid());
        QVERIFY(form.changedValues().empty());
        QCOMPARE(schemaFormLineOf(bins)->text(), QStringLiteral("20"));
        // Other fields are another form.
        schema.fields.pop_back();
        form.setSchema(schema, {{"bins", 7}});
        QTRY_VERIFY(!bins); // by the event loop: it may be in the middle of a key
        QCOMPARE(form.values()["bins"].get<int>(), 7);
    }
    void typedValuesAreJudged()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QSignalSpy changed(&form, &SchemaForm::changed), validity(&form, &SchemaForm::validityChanged);
        type(form, "bins", QStringLiteral("42"));
        QVERIFY(form.values()["bins"] == 42);
        QVERIFY(!changed.isEmpty());
        type(form, "bins", QStringLiteral("900"));
        QVERIFY(!form.isValid());
        QVERIFY(form.values()["bins"] == 90); // the last that was accepted while typing
        QCOMPARE(form.problems().size(), 1);
        QVERIFY(form.problems()[0].contains(QStringLiteral("a whole number between 2 and 200 px, found 900")));
        type(form, "bins", QStringLiteral("12.5"));
        QVERIFY(!form.isValid());
        type(form, "bins", QStringLiteral("many"));
        QVERIFY(form.problems()[0].contains(QStringLiteral("many")));
        type(form, "bins", QStringLiteral("7"));
        QVERIFY(form.isValid());
        QVERIFY(form.values()["bins"] == 7);
        QVERIFY(validity.count() >= 2);
    }
    void numbersHaveAPointInEveryLocale()
    {
        const QLocale before;
        QLocale::setDefault(QLocale(QLocale::German));
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QCOMPARE(schemaFormLineOf(form.editor(QStringLiteral("learning-rate")))->text(), QStringLiteral("0.001"));
        type(form, "learning-rate", QStringLiteral("0.25"));
        QVERIFY(form.values()["learning-rate"] == 0.25);
        type(form, "learning-rate", QStringLiteral("0,5"));
        QVERIFY(!form.isValid());
        type(form, "learning-rate", QStringLiteral("3e-4"));
        QVERIFY(form.values()["learning-rate"] == 3e-4);
        QLocale::setDefault(before);
    }
    void realsStepByTheirLeadingDigit()
    {
        NumberBox box(false, 0.0, 10.0);
        const auto step = [&box](const char *from, int n) {
            box.setPlainText(QString::fromLatin1(from));
            box.stepBy(n);
            return box.plainText();
        };
        QCOMPARE(step("0.001", 1), QStringLiteral("0.002"));
        QCOMPARE(step("0.001", -1), QStringLiteral("0.0009"));
        QCOMPARE(step("0.2", 1), QStringLiteral("0.3"));
        QCOMPARE(step("9", 1), QStringLiteral("10"));
        QCOMPARE(step("10", 1), QStringLiteral("10"));
        QCOMPARE(step("words", 1), QStringLiteral("words"));
        NumberBox whole(true, 2.0, 200.0);
        whole.setPlainText(QStringLiteral("199"));
        whole.stepBy(5);
        QCOMPARE(whole.plainText(), QStringLiteral("200"));
    }
    void rangesStandBesideTheNumberWhereThereIsRoom()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.resize(360, 500);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        const auto box = [&](const char *name) { return qobject_cast<NumberBox *>(form.editor(QString::fromLatin1(name))); };
        QTRY_COMPARE(box("bins")->shownHint(), QString::fromUtf8("2\u2009–\u2009200"));
        QCOMPARE(box("learning-rate")->shownHint(), QString::fromUtf8("0\u2009–\u200910"));
        form.setAdvancedVisible(true);
        QTRY_COMPARE(box("hidden")->shownHint(), QString::fromUtf8("≥\u20090"));
        // A number that needs the room gets it, and the hint comes back with the next.
        type(form, "learning-rate", "0.12345678901234567");
        QCOMPARE(box("learning-rate")->shownHint(), QString());
        type(form, "learning-rate", "0.5");
        QVERIFY(!box("learning-rate")->shownHint().isEmpty());
        QCOMPARE(form.values().at("learning-rate").get<double>(), 0.5);
        // It lies in nobody's way: a click on it puts the cursor into the line.
        auto *line = schemaFormLineOf(box("bins"));
        QTest::mouseClick(line, Qt::LeftButton, {}, QPoint(line->width() - 6, line->height() / 2));
        QVERIFY(line->hasFocus());
        form.setReadOnly(true);
        QCOMPARE(box("bins")->shownHint(), QString());
    }
    void arrowKeysStep()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QTest::keyClick(form.editor(QStringLiteral("bins")), Qt::Key_Up);
        QVERIFY(form.values()["bins"] == 16);
    }
    void wheelOnlyWithFocus()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        form.editor(QStringLiteral("note"))->setFocus();
        for (const char *name : {"bins", "mode"}) {
            auto *editor = form.editor(QString::fromLatin1(name));
            QWheelEvent e({5, 5}, editor->mapToGlobal(QPointF(5, 5)), {}, {0, -120}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
            QApplication::sendEvent(editor, &e);
        }
        QVERIFY(form.changedValues().empty());
        auto *bins = form.editor(QStringLiteral("bins"));
        bins->setFocus();
        QWheelEvent e({5, 5}, bins->mapToGlobal(QPointF(5, 5)), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
        QApplication::sendEvent(bins, &e);
        QVERIFY(form.values()["bins"] == 16);
    }
    void switchChoiceTextAndLists()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        auto *on = qobject_cast<QAbstractButton *>(form.editor(QStringLiteral("on")));
        QTest::mouseClick(on, Qt::LeftButton);
        QVERIFY(form.values()["on"] == false);
        QTest::keyClick(on, Qt::Key_Space);
        QVERIFY(form.values()["on"] == true);
        auto *mode = qobject_cast<QComboBox *>(form.editor(QStringLiteral("mode")));
        QTest::keyClick(mode, Qt::Key_Down);
        QVERIFY(form.values()["mode"] == "b");
        type(form, "note", QStringLiteral("a note"));
        QVERIFY(form.values()["note"] == "a note");
        type(form, "slices", QStringLiteral("1, 4-6 ,9"));
        QVERIFY(form.values()["slices"] == Json({1, 4, 5, 6, 9}));
        type(form, "slices", QStringLiteral("1, -4"));
        QVERIFY(!form.isValid());
        type(form, "slices", QString());
        QVERIFY(form.values()["slices"] == Json::array());
        type(form, "weights", QStringLiteral("0.25, 2"));
        QVERIFY(form.values()["weights"] == Json({0.25, 2.0}));
        form.setValues({{"slices", Json({0, 1, 2, 3, 7})}});
        QCOMPARE(schemaFormLineOf(form.editor(QStringLiteral("slices")))->text(), QStringLiteral("0-3, 7"));
    }
    void aPathIsDropped()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        auto *line = schemaFormLineOf(form.editor(QStringLiteral("input")));
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(QStringLiteral("/data/a stack.tif"))});
        QDragEnterEvent enter({5, 5}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(line, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({5, 5}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(line, &drop);
        QVERIFY(form.values()["input"] == "/data/a stack.tif");
        // A web address is no file.
        QMimeData web;
        web.setUrls({QUrl(QStringLiteral("https://example.org/a.tif"))});
        QDropEvent refused({5, 5}, Qt::CopyAction, &web, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(line, &refused);
        QVERIFY(form.values()["input"] == "/data/a stack.tif" ||
                !form.values()["input"].get<std::string>().starts_with("/https"));
    }
    /// A name without an ending would be a folder.
    void savedFilesHaveTheEndingOfTheirKind()
    {
        const QStringList all = stackFilters(true).split(QStringLiteral(";;"));
        QCOMPARE(all.size(), 4);
        for (const auto &[filter, name] :
             {std::pair{all[0], "x.tif"}, {all[1], "x.ome.tif"}, {all[2], "x.png"}, {all[3], "x.npy"}, {QString(), "x.tif"}})
            QCOMPARE(withEnding(QStringLiteral("/data/x"), filter), QStringLiteral("/data/") + name);
        QCOMPARE(withEnding(QStringLiteral("/data/x.npy"), all[0]), QStringLiteral("/data/x.npy"));
        QCOMPARE(withEnding(QString(), all[0]), QString());
        QCOMPARE(withEnding(QDir::tempPath(), all[0]), QDir::tempPath()); // a folder that is there
        QVERIFY(!stackFilters(false).contains(QStringLiteral("png")));
        SchemaInfo info;
        info.fields = {{.name = "images", .type = Field::Type::Path, .defaultValue = ""},
                       {.name = "output", .type = Field::Type::Path, .defaultValue = ""}};
        SchemaForm form(info);
        QVERIFY(!qobject_cast<PathEdit *>(schemaFormLineOf(form.editor(QStringLiteral("images"))))->saving());
        QVERIFY(qobject_cast<PathEdit *>(schemaFormLineOf(form.editor(QStringLiteral("output"))))->saving());
    }
    void resetGivesTheDefaultBack()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        auto *reset = resetOf(form, "bins");
        QVERIFY(reset && !reset->isVisible());
        type(form, "bins", QStringLiteral("x"));
        QVERIFY(reset->isVisible());
        QTest::mouseClick(reset, Qt::LeftButton);
        QVERIFY(form.values()["bins"] == 15);
        QVERIFY(form.isValid());
        QVERIFY(!reset->isVisible());
        type(form, "bins", QStringLiteral("16"));
        QVERIFY(reset->isVisible());
        form.resetAll();
        QVERIFY(form.changedValues().empty());
    }
    void setValuesTellsOnce()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        QSignalSpy changed(&form, &SchemaForm::changed);
        form.setValues({{"bins", 20}, {"learning-rate", 1}, {"mode", "c"}, {"unknown", 1}});
        QCOMPARE(changed.count(), 1);
        QVERIFY(form.values()["learning-rate"] == 1.0);
        form.setValues(form.values());
        QCOMPARE(changed.count(), 1);
        // What does not fit is shown, not taken.
        form.setValues({{"bins", "many"}, {"mode", "z"}, {"on", 3}});
        QCOMPARE(changed.count(), 1);
        QCOMPARE(form.problems().size(), 3);
        QVERIFY(form.values()["bins"] == 20);
        QCOMPARE(qobject_cast<QComboBox *>(form.editor(QStringLiteral("mode")))->currentText(), QStringLiteral("z"));
        form.setValues({{"bins", 20}, {"mode", "a"}, {"on", false}});
        QVERIFY(form.isValid());
        QCOMPARE(qobject_cast<QComboBox *>(form.editor(QStringLiteral("mode")))->count(), 3);
    }
    void aProblemFromElsewhereStaysUntilTheValueChanges()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QVERIFY(form.setProblem(QStringLiteral("input"), QStringLiteral("There is no such file.")));
        QVERIFY(!form.setProblem(QStringLiteral("nothing"), QStringLiteral("x")));
        QCOMPARE(form.problems().size(), 1);
        QVERIFY(form.isValid()); // the value as such is accepted
        type(form, "input", QStringLiteral("b"));
        QVERIFY(form.problems().isEmpty());
    }
    void advancedFieldsAreFoldedUntilTheyAreWrong()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QVERIFY(!form.editor(QStringLiteral("hidden"))->isVisible());
        auto *more = form.findChild<QToolButton *>(QStringLiteral("advanced"));
        QTest::mouseClick(more, Qt::LeftButton);
        QVERIFY(form.editor(QStringLiteral("hidden"))->isVisible());
        QTest::keyClick(more, Qt::Key_Space);
        QVERIFY(!form.editor(QStringLiteral("hidden"))->isVisible());
        form.setValues({{"hidden", -1}});
        QVERIFY(form.editor(QStringLiteral("hidden"))->isVisible());
    }
    void manyFieldsCanBeFiltered()
    {
        SchemaInfo many;
        many.name = "many";
        for (int i = 0; i < 20; ++i) {
            Field f;
            f.name = "field-" + std::to_string(i);
            f.type = Field::Type::Integer;
            f.defaultValue = i;
            f.help = i == 7 ? "The lucky one" : "Another";
            f.advanced = i > 15;
            many.fields.push_back(f);
        }
        SchemaForm form(many);
        form.show();
        auto *filter = form.findChild<QLineEdit *>(QStringLiteral("filter"));
        QVERIFY(filter);
        QTest::keyClicks(filter, QStringLiteral("lucky"));
        QVERIFY(form.editor(QStringLiteral("field-7"))->isVisible());
        QVERIFY(!form.editor(QStringLiteral("field-6"))->isVisible());
        filter->setText(QStringLiteral("field 19"));
        QVERIFY(form.editor(QStringLiteral("field-19"))->isVisible()); // advanced ones are found too
        filter->clear();
        QVERIFY(form.editor(QStringLiteral("field-6"))->isVisible());
        QVERIFY(!form.editor(QStringLiteral("field-19"))->isVisible());
        SchemaForm few(SchemaFormOptions::schema().info());
        QVERIFY(!few.findChild<QLineEdit *>(QStringLiteral("filter")));
    }
    void readOnlyShowsAndKeeps()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.setReadOnly(true);
        form.show();
        form.setValues({{"bins", 33}});
        auto *line = schemaFormLineOf(form.editor(QStringLiteral("bins")));
        QVERIFY(line->isReadOnly());
        QTest::keyClicks(line, QStringLiteral("9"));
        QTest::keyClick(form.editor(QStringLiteral("bins")), Qt::Key_Up);
        QTest::mouseClick(form.editor(QStringLiteral("on")), Qt::LeftButton);
        QVERIFY(form.values()["bins"] == 33);
        QVERIFY(form.values()["on"] == true);
        QVERIFY(!resetOf(form, "bins")->isVisible());
        form.setReadOnly(false);
        QVERIFY(resetOf(form, "bins")->isVisible());
    }
    void tabVisitsTheFieldsInOrder()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        form.editor(QStringLiteral("bins"))->setFocus();
        for (const char *next : {"learning-rate", "on", "mode", "note", "input"}) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QCOMPARE(QApplication::focusWidget(), form.editor(QString::fromLatin1(next)));
        }
    }
    void anotherSchemaReplacesTheForm()
    {
        SchemaForm form(SchemaFormOptions::schema().info());
        SchemaInfo other;
        other.name = "other";
        form.setSchema(other);
        QVERIFY(form.values().empty());
        QVERIFY(!form.editor(QStringLiteral("bins")));
        form.setSchema(SchemaFormOptions::schema().info());
        QVERIFY(form.editor(QStringLiteral("bins")));
    }
};

RETICLE_TEST(SchemaFormTest)
#include "SchemaFormTest.moc"
