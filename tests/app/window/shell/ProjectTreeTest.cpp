#include "window/shell/ProjectTree.h"

#include "support/Person.h"
#include "support/WindowSandbox.h"
#include "widgets/views/Theme.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QSignalSpy>

#include <algorithm>
#include <memory>

using namespace reticle;

namespace {

Json trained(const std::string &title)
{
    return Json{{"recipe", 1},
                {"title", title},
                {"data", {{"name", "segmentation"}, {"images", "a.tif"}, {"labels", "b.tif"}}},
                {"model", {{"name", "unet"}}},
                {"objective", {{"name", "bce"}}},
                {"train", {{"steps", 20}}}};
}

} // namespace

/// Renaming in the tree, through the editor that the view opens and with keys as they come from a keyboard, while all
/// that can happen to the project meanwhile happens.
class ProjectTreeTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;

    ProjectTree *tree() const { return m_window->tree(); }
    OpenProject *project() const { return m_window->session()->project(); }
    std::string titleOf(std::int64_t run) const { return project()->run(run)->title; }
    QLineEdit *editor() const
    {
        for (auto *line : tree()->viewport()->findChildren<QLineEdit *>())
            if (line->isVisible())
                return line;
        return nullptr;
    }
    QString shownTitle(std::int64_t run) const
    {
        tree()->select({ItemKey::Kind::Run, run});
        return tree()->currentIndex().data().toString();
    }

    QString toolTip(std::int64_t run) const
    {
        tree()->select({ItemKey::Kind::Run, run});
        return tree()->currentIndex().data(Qt::ToolTipRole).toString();
    }

    /// Selects the run and presses F2; the editor has the keyboard then.
    void startRenaming(std::int64_t run)
    {
        tree()->select({ItemKey::Kind::Run, run});
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_F2);
        QVERIFY(editor());
        QTRY_VERIFY(QApplication::focusWidget() == editor());
    }
    void typeInstead(const QString &text)
    {
        QTest::keyClick(editor(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(editor(), text);
    }
    /// What its worker reports makes the window read the project again.
    void refresh() { project()->refresh(); }

private Q_SLOTS:
    void init()
    {
        applyTheme(*qApp, Theme::Light);
        m_box = std::make_unique<test::WindowSandbox>();
        const auto folder = m_box->path("p.reticle");
        {
            Project made = Project::openOrCreate(folder.toStdString());
            for (const char *title : {"first", "second", "third"}) {
                RunInfo run = made.createRun(Recipe(trained(title)));
                run.status = RunStatus::Done;
                made.updateRun(run);
            }
        }
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QVERIFY(m_window->openProject(folder));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
    }
    void cleanup()
    {
        m_window.reset();
        m_box.reset();
    }

    void aRunIsRenamedWithKeys()
    {
        QTest::keyClick(tree(), Qt::Key_Home);
        for (const char *name : {"wide net", "wider net", "widest net"}) {
            startRenaming(2);
            typeInstead(name);
            QTest::keyClick(editor(), Qt::Key_Return);
            QTRY_COMPARE(titleOf(2), std::string(name));
            QVERIFY(!editor());
            QCOMPARE(tree()->selectedKey(), (ItemKey{ItemKey::Kind::Run, 2}));
            QCOMPARE(shownTitle(2), QString(name));
        }
        QCOMPARE(shownTitle(1), QString("first"));
        QVERIFY(m_window->message()->text().isEmpty());
    }
    void theTabOfTheRunTakesTheName()
    {
        tree()->select({ItemKey::Kind::Run, 3});
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_Return);
        QTRY_COMPARE(m_window->tabs()->currentKey(), (ItemKey{ItemKey::Kind::Run, 3}));
        startRenaming(3);
        typeInstead("best");
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_COMPARE(titleOf(3), std::string("best"));
        QCOMPARE(m_window->tabs()->currentKey(), (ItemKey{ItemKey::Kind::Run, 3}));
    }
    void theToolTipHasTheWholeName()
    {
        const std::string name = std::string(80, 'm') + " deep, fold 1 of 5, " + std::string(80, 'n');
        project()->store().renameRun(2, name);
        auto grouped = project()->store().run(1);
        grouped.summary = {{"groups", {{"column", "animal"}, {"test", {"m1", "m4"}}, {"test-count", 2}}}};
        project()->store().updateRun(grouped);
        refresh();
        QVERIFY2(toolTip(2).startsWith(QString::fromStdString(name) + "\n"), qPrintable(toolTip(2)));
        QVERIFY2(toolTip(1).startsWith("first\n") && toolTip(1).endsWith("\nTest groups: m1, m4"), qPrintable(toolTip(1)));
        // One that looks like markup is shown as it is.
        project()->store().renameRun(3, "<b>R&D</b>");
        refresh();
        QVERIFY2(toolTip(3).startsWith("<span>&lt;b&gt;R&amp;D&lt;/b&gt;<br>"), qPrintable(toolTip(3)));
    }
    void namesThatLookLikeMarkupAreShownAsTheyAre()
    {
        const QString name("<b>R&D</b>");
        startRenaming(3);
        typeInstead(name);
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_COMPARE(titleOf(3), name.toStdString());
        QTest::keyClick(tree(), Qt::Key_Return);
        QTRY_COMPARE(m_window->tabs()->currentKey(), (ItemKey{ItemKey::Kind::Run, 3}));
        const auto labels = m_window->tabs()->page({ItemKey::Kind::Run, 3})->findChildren<QLabel *>();
        const auto title = std::find_if(labels.begin(), labels.end(), [&](const QLabel *label) { return label->text() == name; });
        QVERIFY(title != labels.end());
        QCOMPARE((*title)->textFormat(), Qt::PlainText);
        QCOMPARE(m_window->message()->findChild<QLabel *>("messageText")->textFormat(), Qt::PlainText);
    }
    /// On a fine screen, where half a pixel outside would stay behind.
    void theFrameOfTheSelectionIsInsideItsRow()
    {
        tree()->select({ItemKey::Kind::Run, 1});
        tree()->setFocus();
        QTRY_VERIFY(tree()->hasFocus());
        QImage image(2 * tree()->viewport()->size(), QImage::Format_RGB32);
        image.setDevicePixelRatio(2);
        tree()->viewport()->render(&image);
        const int top = 2 * tree()->visualRect(tree()->currentIndex()).top();
        const auto accent = [&](int y) {
            int pixels = 0;
            for (int x = 0; x < image.width(); ++x)
                pixels += image.pixel(x, y) == themeColor(ColorRole::Accent).rgb();
            return pixels;
        };
        QVERIFY(top > 0);
        QVERIFY(accent(top) > image.width() / 2);
        QCOMPARE(accent(top - 1), 0);
    }
    void escapeLeavesTheName()
    {
        startRenaming(1);
        typeInstead("nothing of this");
        QTest::keyClick(editor(), Qt::Key_Escape);
        QTRY_VERIFY(!editor());
        refresh();
        QCOMPARE(titleOf(1), std::string("first"));
        QCOMPARE(shownTitle(1), QString("first"));
    }
    void aClickElsewhereTakesTheName()
    {
        startRenaming(1);
        typeInstead("clicked away");
        // The one that is renamed is the last of the three.
        const QModelIndex other = tree()->currentIndex().siblingAtRow(0);
        QVERIFY(other.isValid() && other != tree()->currentIndex());
        QTest::mouseClick(tree()->viewport(), Qt::LeftButton, Qt::NoModifier, tree()->visualRect(other).center());
        QTRY_COMPARE(titleOf(1), std::string("clicked away"));
        QTRY_VERIFY(!editor());
    }
    void tabTakesTheNameAndGoesOn()
    {
        startRenaming(3);
        typeInstead("tabbed");
        QTest::keyClick(editor(), Qt::Key_Tab);
        QTRY_COMPARE(titleOf(3), std::string("tabbed"));
        // Qt goes on with the next entry that can be renamed; typing there is as good.
        if (editor()) {
            const auto next = tree()->selectedKey();
            QVERIFY(next.kind == ItemKey::Kind::Run && next.id != 3);
            typeInstead("next");
            QTest::keyClick(editor(), Qt::Key_Return);
            QTRY_COMPARE(titleOf(next.id), std::string("next"));
        }
    }
    /// Tab may open the editor of the same entry again, with the name that it had.
    void aNameStaysAfterTabAndReturn()
    {
        startRenaming(1); // the last entry
        typeInstead("tabbed");
        QTest::keyClick(editor(), Qt::Key_Tab);
        for (int i = 0; i < 3 && editor(); ++i) {
            QTest::keyClick(editor(), i == 1 ? Qt::Key_Return : Qt::Key_Tab);
            QTRY_COMPARE(titleOf(1), std::string("tabbed"));
        }
        QTRY_COMPARE(titleOf(1), std::string("tabbed"));
        QTest::qWait(0);
        QCOMPARE(titleOf(1), std::string("tabbed"));
        QCOMPARE(titleOf(2), std::string("second"));
        QCOMPARE(titleOf(3), std::string("third"));
    }
    void noNameIsNoName()
    {
        for (const char *blank : {"", "   "}) {
            startRenaming(2);
            typeInstead(blank);
            if (!*blank)
                QTest::keyClick(editor(), Qt::Key_Delete);
            QTest::keyClick(editor(), Qt::Key_Return);
            QTRY_VERIFY(!editor());
            QTest::qWait(0);
            QCOMPARE(titleOf(2), std::string("second"));
            QCOMPARE(shownTitle(2), QString("second"));
        }
    }
    void namesOfAllKinds_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("saved");
        QTest::newRow("umlauts") << "größer"
                                 << "größer";
        QTest::newRow("Greek and signs") << "σ = 0.5, µm²"
                                         << "σ = 0.5, µm²";
        QTest::newRow("Chinese") << "细胞"
                                 << "细胞";
        QTest::newRow("right to left") << "خلية"
                                       << "خلية";
        QTest::newRow("beyond 16 bits") << QString::fromUtf8("\xf0\x9f\x94\xac net") << QString::fromUtf8("\xf0\x9f\x94\xac net");
        QTest::newRow("quotes and tags") << "<b>'x' \"y\"</b>; DROP TABLE runs"
                                         << "<b>'x' \"y\"</b>; DROP TABLE runs";
        QTest::newRow("a colon") << "trial: second"
                                 << "trial: second";
        QTest::newRow("spaces around") << "  net  "
                                       << "net";
        QTest::newRow("two lines") << "wide\nnet"
                                   << "wide net";
        QTest::newRow("very long") << QString(5000, 'x') << QString(200, 'x');
    }
    void namesOfAllKinds()
    {
        QFETCH(QString, typed);
        QFETCH(QString, saved);
        startRenaming(2);
        QTest::keyClick(editor(), Qt::Key_A, Qt::ControlModifier);
        editor()->insert(typed); // as from the clipboard
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_COMPARE(QString::fromStdString(titleOf(2)), saved);
        QCOMPARE(shownTitle(2), saved);
    }
    void theEditorTakesBackWhatWasTyped()
    {
        startRenaming(2);
        typeInstead("something else");
        QTest::keyClick(editor(), Qt::Key_Z, Qt::ControlModifier);
        for (int i = 0; i < 20 && editor()->text() != "second"; ++i)
            QTest::keyClick(editor(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(editor()->text(), QString("second"));
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_VERIFY(!editor());
        QCOMPARE(titleOf(2), std::string("second"));
    }

    void aRefreshLeavesWhatIsTyped()
    {
        startRenaming(2);
        const QPointer<QLineEdit> line = editor();
        typeInstead("half a na");
        refresh();
        QCOMPARE(editor(), line.data());
        QCOMPARE(line->text(), QString("half a na"));
        // Another run comes, and this one changes in every respect.
        project()->store().createRun(Recipe(trained("fourth")));
        RunInfo changed = *project()->run(2);
        changed.step = 7;
        changed.status = RunStatus::Failed;
        project()->store().updateRun(changed);
        refresh();
        QCOMPARE(editor(), line.data());
        QVERIFY(line->hasFocus());
        QTest::keyClicks(line, "me");
        QTest::keyClick(line, Qt::Key_Return);
        QTRY_COMPARE(titleOf(2), std::string("half a name"));
        QVERIFY(tree()->contains({ItemKey::Kind::Run, 4}));
    }
    void aTrainingsEventsLeaveWhatIsTyped()
    {
        const auto files = m_box->makeStack("cells");
        Json recipe = trained("endless");
        recipe["data"]["images"] = files[0].toStdString();
        recipe["data"]["labels"] = files[1].toStdString();
        auto *job = m_window->session()->startTraining(recipe);
        QTRY_COMPARE(job->step(), 10);
        QTRY_VERIFY(tree()->contains({ItemKey::Kind::Run, 4}));
        startRenaming(4);
        const QPointer<QLineEdit> line = editor();
        typeInstead("while it t");
        job->pause();
        QTRY_COMPARE(job->state(), Job::State::Paused);
        job->resume();
        QTRY_COMPARE(job->state(), Job::State::Running);
        QCOMPARE(editor(), line.data());
        QCOMPARE(line->text(), QString("while it t"));
        job->stop();
        QTRY_COMPARE(job->state(), Job::State::Stopped);
        QCOMPARE(editor(), line.data());
        QTest::keyClicks(line, "rains");
        QTest::keyClick(line, Qt::Key_Return);
        QTRY_COMPARE(titleOf(4), std::string("while it trains"));
    }
    void theRunGoesWhileItIsRenamed()
    {
        startRenaming(2);
        typeInstead("gone");
        const QPointer<QLineEdit> line = editor();
        project()->store().removeRun(2);
        refresh();
        QTRY_VERIFY(!line);
        QVERIFY(!tree()->contains({ItemKey::Kind::Run, 2}));
        QVERIFY(tree()->contains({ItemKey::Kind::Run, 3}));
        // Nothing is chosen in its place: Delete removes nothing.
        QCOMPARE(tree()->selectedKey(), ItemKey());
        tree()->setFocus();
        QTest::keyClick(tree(), Qt::Key_Delete);
        QCOMPARE(project()->runs().size(), std::size_t(2));
        // After Return, before the name is saved.
        startRenaming(3);
        typeInstead("too late");
        QTest::keyClick(editor(), Qt::Key_Return);
        project()->store().removeRun(3);
        QTRY_VERIFY(!m_window->message()->text().isEmpty());
        QVERIFY2(m_window->message()->text().contains("run 3"), qPrintable(m_window->message()->text()));
        QVERIFY(!tree()->contains({ItemKey::Kind::Run, 3}));
    }
    void deleteInTheEditorDeletesALetter()
    {
        startRenaming(2);
        QTest::keyClick(editor(), Qt::Key_Home);
        QTest::keyClick(editor(), Qt::Key_Delete);
        QCOMPARE(editor()->text(), QString("econd"));
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_COMPARE(titleOf(2), std::string("econd"));
        QCOMPARE(project()->runs().size(), std::size_t(3));
    }
    void theProjectIsClosedWhileARunIsRenamed()
    {
        const QString folder = project()->folder();
        startRenaming(2);
        typeInstead("not saved");
        QTest::keyClick(editor(), Qt::Key_Return);
        m_window->closeProject();
        QVERIFY(!project());
        // The name was of a run of that project: it changes nothing in the next one.
        QVERIFY(m_window->openProject(folder));
        QTest::qWait(0);
        QCOMPARE(titleOf(2), std::string("second"));
        startRenaming(2);
        typeInstead("open");
        m_window->closeProject();
        QTest::qWait(0);
        QVERIFY(m_window->openProject(folder));
        QVERIFY(!editor());
    }
    void theThemeChangesWhileARunIsRenamed()
    {
        startRenaming(2);
        typeInstead("in the dark");
        applyTheme(*qApp, Theme::Dark);
        QVERIFY(editor());
        QCOMPARE(editor()->text(), QString("in the dark"));
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_COMPARE(titleOf(2), std::string("in the dark"));
    }
    void aDoubleClickOpensAndDoesNotRename()
    {
        const test::Person person(m_window.get());
        person.clickItem(tree(), "second", true);
        QTRY_COMPARE(m_window->tabs()->currentKey(), (ItemKey{ItemKey::Kind::Run, 2}));
        QVERIFY(!editor());
    }

    void whatIsFoldedAndSelectedStaysSo()
    {
        const auto runs = [&] { return tree()->currentIndex().parent(); };
        tree()->select({ItemKey::Kind::Run, 1});
        const QModelIndex group = runs();
        QVERIFY(tree()->isExpanded(group));
        tree()->collapse(group);
        refresh();
        QVERIFY(!tree()->isExpanded(group));
        project()->store().createRun(Recipe(trained("fourth")));
        refresh();
        QVERIFY(!tree()->isExpanded(group));
        tree()->expand(group);
        tree()->select({ItemKey::Kind::Run, 2});
        refresh();
        QCOMPARE(tree()->selectedKey(), (ItemKey{ItemKey::Kind::Run, 2}));
        QCOMPARE(tree()->selectedKeys().size(), std::size_t(1));
        // The newest is the first.
        QCOMPARE(tree()->currentIndex().siblingAtRow(0).data().toString(), QString("fourth"));
    }
    /// A comparison goes to the top with each run that it begins.
    void whatMovesStaysChosen()
    {
        Json recipe = trained("Membranes");
        const auto comparison = project()->store().createComparison(Recipe(recipe));
        const auto inside = project()->store().createRun(Recipe(recipe), comparison.id);
        project()->store().createRun(Recipe(trained("alone")));
        refresh();
        const ItemKey above{ItemKey::Kind::Comparison, comparison.id}, run{ItemKey::Kind::Run, inside.id},
            other{ItemKey::Kind::Run, inside.id + 1}, old{ItemKey::Kind::Run, 2};
        QSignalSpy selected(tree(), &ProjectTree::selected);
        // The run inside is renamed while another one of its comparison begins.
        startRenaming(inside.id);
        const QPointer<QLineEdit> line = editor();
        typeInstead("half a na");
        project()->store().createRun(Recipe(recipe), comparison.id);
        selected.clear();
        refresh();
        QCOMPARE(tree()->selectedKey(), run);
        QCOMPARE(editor(), line.data());
        QCOMPARE(line->text(), QString("half a na"));
        QCOMPARE(tree()->currentIndex().parent().row(), 0);
        QTest::keyClicks(line, "me");
        QTest::keyClick(line, Qt::Key_Return);
        QTRY_COMPARE(titleOf(inside.id), std::string("half a name"));
        // The same of several that are chosen, with the current one among those that give way, or moved itself.
        for (const ItemKey &current : {other, above, old}) {
            project()->store().createRun(Recipe(trained("between")));
            refresh();
            tree()->select(current);
            const auto select = [&](const ItemKey &key) {
                const QModelIndex now = tree()->currentIndex();
                tree()->select(key);
                const QModelIndex index = tree()->currentIndex();
                tree()->selectionModel()->setCurrentIndex(now, QItemSelectionModel::NoUpdate);
                return index;
            };
            QItemSelection both;
            for (const ItemKey &key : {above, other, old}) {
                const QModelIndex index = select(key);
                both.select(index, index);
            }
            tree()->selectionModel()->select(both, QItemSelectionModel::ClearAndSelect);
            QCOMPARE(tree()->selectedKey(), current);
            project()->store().createRun(Recipe(recipe), comparison.id);
            selected.clear();
            refresh();
            QCOMPARE(tree()->selectedKey(), current);
            QCOMPARE(tree()->selectedKeys().size(), std::size_t(3));
            for (const ItemKey &key : {above, other, old}) {
                const auto keys = tree()->selectedKeys();
                QVERIFY(std::find(keys.begin(), keys.end(), key) != keys.end());
            }
            QVERIFY(selected.isEmpty());
        }
    }
    void runsOfAComparisonGoByTheirModel()
    {
        Json recipe = trained("Membranes");
        const auto comparison = project()->store().createComparison(Recipe(recipe));
        recipe["title"] = comparison.title + ": unet, seed 1";
        const auto run = project()->store().createRun(Recipe(recipe), comparison.id);
        refresh();
        QCOMPARE(shownTitle(run.id), QString("unet, seed 1"));
        // What is cut off, here or by a narrow tree, is in the tool tip.
        QVERIFY2(toolTip(run.id).startsWith("Membranes: unet, seed 1\n"), qPrintable(toolTip(run.id)));
        startRenaming(run.id);
        typeInstead("trial: second");
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_COMPARE(titleOf(run.id), std::string("trial: second"));
        QCOMPARE(shownTitle(run.id), QString("trial: second")); // whole, though it has a colon
    }
};

RETICLE_TEST(ProjectTreeTest)
#include "ProjectTreeTest.moc"
