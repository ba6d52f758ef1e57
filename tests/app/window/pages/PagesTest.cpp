#include "window/pages/Pages.h"

#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/TableView.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/PostprocessPage.h"
#include "window/pages/ResultPage.h"
#include "window/pages/TrainingPage.h"
#include "window/session/ImageData.h"
#include "window/session/Settings.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QSet>

#include <memory>

using namespace reticle;
using test::dropOn;
using test::shown;
using Kind = ItemKey::Kind;

namespace {

/// Other tests of this program see the pages below only while this one runs.
bool onDuty = false, first = false;

QWidget *note(const QString &text)
{
    auto *page = new QLabel(text);
    page->setWindowTitle(text);
    return page;
}

const PageRegistration notes({
    .name = "test-notes",
    .title = "Look at the notes…",
    .icon = "table",
    .of = Kind::Data,
    .fits = [](const OpenProject &project, const ItemKey &data) { return onDuty && project.dataSet(data.id); },
    .make = [](const PageContext &, const ItemKey &data) { return note(QStringLiteral("notes on data %1").arg(data.id)); },
});

const PageRegistration weights({
    .name = "test-weights",
    .title = "Look at the weights…",
    .icon = "table",
    .of = Kind::Run,
    .fits = [](const OpenProject &project, const ItemKey &run) { return onDuty && project.run(run.id); },
    .make = [](const PageContext &, const ItemKey &run) { return note(QStringLiteral("weights of run %1").arg(run.id)); },
});

const PageRegistration mainPage({
    .name = "test-main",
    .title = "Sequences",
    .icon = "table",
    .of = Kind::Data,
    .rank = 1000,
    .fits = [](const OpenProject &, const ItemKey &) { return first; },
    .make = [](const PageContext &, const ItemKey &) { return note(QStringLiteral("sequences")); },
});

} // namespace

/// Pages that only this file knows: the window opens, offers, restores and closes them all the same.
class PagesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        onDuty = true;
        first = false;
        m_box = std::make_unique<test::WindowSandbox>();
    }
    void cleanup()
    {
        m_window.reset();
        m_box.reset();
        onDuty = first = false;
    }
    void everyKindIsWhole();
    void theTreeOffersPagesOfData();
    void menuAndPaletteOfferPagesOfWhatIsOnShow();
    void runsOfferTheirPagesInTreeAndForm();
    void tabsComeBackWithTheProject();
    void tabsOfBeforeComeBack();
    void pagesGoWithTheirThingAndCanBeOpenedOnceItIsBack();
    void theHighestRankOpensOnAClick();
    void aRestoredPageWaitsForTheCatalog();
    void cleaningUpOtherDataHasATabOfItsOwn();

private:
    void show()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
    }
    /// A project with a labeled stack.
    void openWithData()
    {
        show();
        dropOn(m_window.get(), {m_box->makeStack("cells").first()});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "trainSegmentation"), Qt::LeftButton);
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train") && shown<QPushButton>(m_window.get(), "train")->isEnabled());
    }
    void train()
    {
        Json recipe = m_window->side()->trainForm()->recipe();
        recipe["title"] = "short";
        recipe["train"]["steps"] = 20;
        m_window->side()->trainForm()->form()->setRecipe(recipe);
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "train"), Qt::LeftButton);
        QTRY_VERIFY(page<TrainingPage>());
        QTRY_VERIFY(m_window->session()->jobs()->all().front()->state() == Job::State::Done);
    }
    /// Opens the tree's menu of the thing and chooses from it; false where it does not offer that.
    bool chooseInTree(const ItemKey &key, const QString &action)
    {
        auto *tree = m_window->tree();
        tree->select(key);
        QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(5, 5), tree->mapToGlobal(QPoint(5, 5)));
        QApplication::sendEvent(tree, &event);
        auto *menu = tree->findChild<QMenu *>(QStringLiteral("projectMenu"));
        auto *found = menu ? menu->findChild<QAction *>(action) : nullptr;
        if (found)
            found->trigger();
        delete menu;
        return found != nullptr;
    }
    QString textOfPage() const
    {
        auto *label = qobject_cast<QLabel *>(m_window->tabs()->currentPage());
        return label ? label->text() : QString();
    }
    QString tabsSetting() const
    {
        return QStringLiteral("tabs/") + QString::number(qHash(m_window->session()->project()->folder()));
    }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }

    const ItemKey m_data{Kind::Data, 1}, m_run{Kind::Run, 1};
    const ItemKey m_notes = ItemKey::page(QStringLiteral("test-notes"), m_data);
    const ItemKey m_weights = ItemKey::page(QStringLiteral("test-weights"), m_run);
    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
};

void PagesTest::everyKindIsWhole()
{
    QSet<QString> names;
    for (const auto &kind : Pages::instance().all()) {
        const QString name = QString::fromUtf8(kind->name);
        QVERIFY2(!name.isEmpty() && !name.contains('/') && !name.contains('|') && !name.contains('*'), kind->name);
        QVERIFY2(!names.contains(name), kind->name);
        names << name;
        QVERIFY2(kind->fits && kind->make && kind->icon, kind->name);
        QVERIFY2(kind->of != Kind::None && kind->of != Kind::Page, kind->name);
        QCOMPARE(Pages::instance().find(name), kind.get());
    }
    for (const char *own :
         {"images", "prediction", "training", "runs", "comparison", "result", "figure", "layers", "wavelets", "postprocess"})
        QVERIFY2(names.contains(QLatin1String(own)), own); // the linker has kept it
}

void PagesTest::theTreeOffersPagesOfData()
{
    openWithData();
    QVERIFY(chooseInTree(m_data, "page.test-notes"));
    QVERIFY(m_window->tabs()->currentKey() == m_notes);
    QCOMPARE(textOfPage(), QString("notes on data 1"));
    QVERIFY(chooseInTree(m_data, "page.wavelets"));
    QVERIFY(m_window->tabs()->currentKey() == ItemKey::page("wavelets", m_data));
    // Neither what opens on a click nor what does not fit.
    QVERIFY(!chooseInTree(m_data, "page.images"));
    onDuty = false;
    QVERIFY(!chooseInTree(m_data, "page.test-notes"));
    QVERIFY(!m_window->pages()->open(ItemKey::page("test-notes", {Kind::Data, 77})));
}

void PagesTest::menuAndPaletteOfferPagesOfWhatIsOnShow()
{
    openWithData();
    auto *command = m_window->commands()->action("page.test-notes");
    QVERIFY(command);
    QCOMPARE(command->text(), QString("Look at the notes…"));
    bool inMenu = false;
    for (auto *menu : m_window->menuBar()->findChildren<QMenu *>())
        inMenu = inMenu || menu->actions().contains(command);
    QVERIFY(inMenu);
    QVERIFY(!m_window->commands()->action("page.images"));
    // Of the data on show; without any, of the first.
    const auto other = m_window->session()->project()->addData(imageSection(m_box->makeStack("other").first(), {}), {});
    m_window->pages()->open({Kind::Data, other});
    m_window->commands()->trigger("page.test-notes");
    QVERIFY(m_window->tabs()->currentKey() == ItemKey::page("test-notes", {Kind::Data, other}));
    m_window->tabs()->closeAll();
    QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
    QTRY_VERIFY(shown<QLineEdit>(m_window.get(), "paletteEdit"));
    auto *edit = shown<QLineEdit>(m_window.get(), "paletteEdit");
    QTest::keyClicks(edit, "notes look");
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(m_window->tabs()->currentKey() == m_notes);
    // There is no run yet.
    m_window->commands()->refresh();
    QVERIFY(!m_window->commands()->action("page.test-weights")->isEnabled());
    m_window->commands()->trigger("project.close");
    m_window->commands()->refresh();
    QVERIFY(!command->isEnabled());
}

void PagesTest::runsOfferTheirPagesInTreeAndForm()
{
    openWithData();
    train();
    QVERIFY(chooseInTree(m_run, "page.test-weights"));
    QVERIFY(m_window->tabs()->currentKey() == m_weights);
    QVERIFY(shown<QWidget>(m_window->side(), "runForm")); // of what the page is of
    m_window->tabs()->close(m_weights);
    m_window->pages()->open(m_run);
    auto *ask = shown<QPushButton>(m_window.get(), "askModel");
    QVERIFY(ask);
    Q_EMIT ask->menu()->aboutToShow();
    for (const char *name : {"page.test-weights", "page.postprocess"})
        QVERIFY2(ask->menu()->findChild<QAction *>(QLatin1String(name)), name);
    ask->menu()->findChild<QAction *>("page.test-weights")->trigger();
    QCOMPARE(textOfPage(), QString("weights of run 1"));
    m_window->commands()->refresh();
    QVERIFY(m_window->commands()->action("page.test-weights")->isEnabled());
}

void PagesTest::tabsComeBackWithTheProject()
{
    openWithData();
    train();
    m_window->pages()->open(m_notes);
    m_window->pages()->open(m_weights);
    const QStringList state = m_window->tabs()->state();
    QVERIFY2(state.join(' ').contains("page:test-notes/data:1") && state.join(' ').contains("page:test-weights/run:1*"),
             qPrintable(state.join(' ')));
    const QString folder = m_window->session()->project()->folder();
    m_window.reset();
    show();
    QVERIFY(m_window->openProject(folder));
    QCOMPARE(m_window->tabs()->state(), state);
    QCOMPARE(textOfPage(), QString("weights of run 1"));
    QVERIFY(m_window->tabs()->page(m_notes));
}

void PagesTest::tabsOfBeforeComeBack()
{
    openWithData();
    const QString folder = m_window->session()->project()->folder();
    const QString setting = tabsSetting();
    m_window.reset();
    Settings::setValue(setting,
                       QStringList{"data:1|tool:1/test-notes*|tool:1/wavelets|tool/layers|tool/augmentation|tool:9/layers"});
    show();
    QVERIFY(m_window->openProject(folder));
    QCOMPARE(m_window->tabs()->state(), QStringList{"data:1|page:test-notes/data:1*|page:wavelets/data:1"});
    QVERIFY2(m_window->message()->text().isEmpty(), qPrintable(m_window->message()->text()));
}

void PagesTest::pagesGoWithTheirThingAndCanBeOpenedOnceItIsBack()
{
    openWithData();
    train();
    const ItemKey layers = ItemKey::page("layers", m_run);
    QVERIFY(m_window->pages()->open(m_notes) && m_window->pages()->open(m_weights) && m_window->pages()->open(layers));
    QVERIFY(page<ResultPage>());
    Q_EMIT m_window->tree()->removeRequested({m_run});
    auto *tabs = m_window->tabs();
    QVERIFY(!tabs->page(m_weights) && !tabs->page(layers) && tabs->page(m_notes));
    m_window->commands()->trigger("undo");
    QVERIFY(m_window->pages()->open(m_weights));
    Q_EMIT m_window->tree()->removeRequested({m_data});
    QVERIFY(!tabs->page(m_notes) && tabs->page(m_weights));
    QVERIFY(!m_window->pages()->open(m_notes));
    m_window->commands()->trigger("undo");
    const auto input = m_window->session()->project()->dataSets().front().input;
    QVERIFY(m_window->pages()->open(ItemKey::page("test-notes", {Kind::Data, input})));
}

void PagesTest::theHighestRankOpensOnAClick()
{
    openWithData();
    m_window->tabs()->closeAll();
    first = true;
    QVERIFY(m_window->pages()->open(m_data));
    QVERIFY(m_window->tabs()->currentKey() == m_data);
    QCOMPARE(textOfPage(), QString("sequences"));
    // What it outranks is offered in its place.
    QVERIFY(!chooseInTree(m_data, "page.test-main"));
    QVERIFY(chooseInTree(m_data, "page.images"));
    QVERIFY(page<ImagePage>());
    QVERIFY(m_window->tabs()->currentKey() == ItemKey::page("images", m_data));
    QVERIFY(shown<QPushButton>(m_window.get(), "train")); // the form of the data
}

void PagesTest::aRestoredPageWaitsForTheCatalog()
{
    openWithData();
    train();
    QVERIFY(m_window->pages()->open(ItemKey::page("postprocess", m_run)));
    const QString folder = m_window->session()->project()->folder();
    m_window.reset();
    m_window = std::make_unique<MainWindow>();
    m_window->resize(1280, 800);
    QVERIFY(m_window->openProject(folder)); // the worker is started after the first paint
    auto *cleaning = page<PostprocessPage>();
    QVERIFY(cleaning && !m_window->session()->catalog().has_value());
    m_window->show();
    QTRY_VERIFY(m_window->session()->catalog().has_value());
    QVERIFY(!cleaning->form()->schema().fields.empty());
    QTRY_COMPARE(cleaning->scores()->table().rows(), std::size_t(1));
}

void PagesTest::cleaningUpOtherDataHasATabOfItsOwn()
{
    openWithData();
    train();
    auto *project = m_window->session()->project();
    QVERIFY(PostprocessPage::keyOf(*project, 1, ImageData(*project->dataSet(1))) == ItemKey::page("postprocess", m_run));
    const auto input = project->addData(imageSection(m_box->makeStack("other").first(), {}), {});
    ImageData other(*project->dataSet(input));
    other.inputRange = QStringLiteral("0..4095");
    const ItemKey key = PostprocessPage::keyOf(*project, 1, other);
    QVERIFY(ItemKey::fromText(key.text()) == key);
    QVERIFY(!key.text().contains('|') && !key.text().endsWith('*'));
    QVERIFY(m_window->pages()->open(ItemKey::page("postprocess", m_run)) && m_window->pages()->open(key));
    QVERIFY(m_window->tabs()->page(key) != m_window->tabs()->page(ItemKey::page("postprocess", m_run)));
    Q_EMIT m_window->tree()->removeRequested({m_run});
    QVERIFY(!m_window->tabs()->page(key));
}

RETICLE_TEST(PagesTest)
#include "PagesTest.moc"
