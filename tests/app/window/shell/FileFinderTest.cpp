#include "window/shell/FileFinder.h"

#include "app/window/shell/MainWindowFixture.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/session/ImageData.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/ProjectTreeDelegate.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QPointer>

using namespace reticle;
using test::shown;

/// A project whose disk has another name: marked, said, searched and relinked in the window.
class FileFinderTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void oneMessageOffersToFindAll();
    void treeAndPageSayWhatIsMissing();
    void oneFileThatIsShownLeadsToTheOthers();
    void otherContentIsUsedOnlyWhenTheUserSaysSo();
    void missingLabelsDoNotHideTheImages();
    void aDiskThatIsConnectedAgainIsSeen();
    void aFolderWithoutThemIsSaid();

private:
    const ItemKey m_cells{ItemKey::Kind::Data, 1};

    /// Two stacks with labels on a disk, and a project with them elsewhere.
    void make()
    {
        QVERIFY(QDir().mkpath(m_box->path("old/exp")) && QDir().mkpath(m_box->path("disks")) &&
                QDir().mkpath(m_box->path("work")));
        const auto project = OpenProject::open(projectFolder());
        for (const char *name : {"cells", "more"}) {
            const QStringList files = m_box->makeStack(name, name == std::string("cells") ? 4 : 5);
            QStringList moved;
            for (const auto &file : files) {
                moved << was(QFileInfo(file).fileName());
                QVERIFY(QFile::rename(file, moved.last()));
            }
            project->addData(imageSection(moved[0], moved[1]), QStringLiteral("A stack"));
        }
    }
    QString projectFolder() const { return m_box->path("work/p.reticle"); }
    QString was(const QString &name) const { return m_box->path("old/exp/" + name); }
    QString now(const QString &name) const { return m_box->path("disks/new/exp/" + name); }
    void renameDisk() { QVERIFY(QDir().rename(m_box->path("old"), m_box->path("disks/new"))); }
    void openProject()
    {
        open();
        QVERIFY(m_window->openProject(projectFolder()));
    }
    OpenProject *project() const { return m_window->session()->project(); }
    QString said() const { return m_window->message()->text(); }
    QPushButton *offered(const QString &title) const
    {
        for (auto *button : m_window->message()->findChildren<QPushButton *>())
            if (button->isVisible() && button->text() == title)
                return button;
        return nullptr;
    }
    void press(const QString &title)
    {
        QTRY_VERIFY(offered(title));
        QTest::mouseClick(offered(title), Qt::LeftButton);
    }
    /// Chooses it in the dialog that has opened.
    void choose(const QString &path, QFileDialog::FileMode mode)
    {
        QPointer<QFileDialog> dialog;
        for (auto *d : m_window->findChildren<QFileDialog *>())
            if (d->isVisible())
                dialog = d;
        QVERIFY(dialog);
        QCOMPARE(dialog->fileMode(), mode);
        Q_EMIT dialog->fileSelected(path);
        dialog->close();
        QTRY_VERIFY(!dialog);
    }
    QVariant inTree(int role) const
    {
        m_window->tree()->select(m_cells);
        return m_window->tree()->currentIndex().data(role);
    }
    QWidget *missingPage() const
    {
        auto *page = m_window->tabs()->currentPage();
        return page && page->objectName() == QStringLiteral("missingPage") ? page : nullptr;
    }
};

void FileFinderTest::init()
{
    makeBox();
    make();
}

void FileFinderTest::cleanup()
{
    removeBox();
}

void FileFinderTest::oneMessageOffersToFindAll()
{
    renameDisk();
    openProject();
    QVERIFY2(said().contains("4 files of this project"), qPrintable(said()));
    QVERIFY(m_window->message()->level() == MessageBar::Level::Warning);
    press(QStringLiteral("Find them…"));
    choose(m_box->path("disks"), QFileDialog::Directory);
    QTRY_VERIFY2(said().contains("4 missing files were found"), qPrintable(said()));
    QVERIFY(project()->missing().empty());
    QCOMPARE(project()->dataSets().size(), std::size_t(2));
    QCOMPARE(project()->dataSet(1)->state, QStringLiteral("unchanged"));
    QCOMPARE(QFileInfo(project()->dataSet(1)->text("labels")), QFileInfo(now("cells-labels.tif")));
    QVERIFY(inTree(treerole::Badge).toString().isEmpty());
    // And back, all at once.
    press(QStringLiteral("Undo"));
    QTRY_COMPARE(project()->missing().size(), std::size_t(4));
    QCOMPARE(inTree(treerole::Badge).toString(), QStringLiteral("Missing"));
}

void FileFinderTest::treeAndPageSayWhatIsMissing()
{
    renameDisk();
    openProject();
    QCOMPARE(inTree(treerole::Badge).toString(), QStringLiteral("Missing"));
    QVERIFY(inTree(treerole::Muted).toBool());
    QCOMPARE(inTree(treerole::Icon).toString(), QStringLiteral("warning"));
    const QString lost = QString::fromStdString(project()->missing().front().path);
    QVERIFY2(lost.endsWith("old/exp/cells.tif"), qPrintable(lost));
    QVERIFY2(inTree(Qt::ToolTipRole).toString().contains(lost), qPrintable(inTree(Qt::ToolTipRole).toString()));
    QVERIFY(m_window->pages()->open(m_cells));
    QVERIFY(missingPage());
    const auto paths = missingPage()->findChildren<QLabel *>("missingPath");
    QCOMPARE(paths.size(), 2);
    QCOMPARE(paths.first()->text(), lost);
    QVERIFY(paths.last()->text().endsWith("cells-labels.tif"));
    QVERIFY(!shown<QPushButton>(missingPage(), "openWithoutIt")); // the images themselves are missing
}

void FileFinderTest::oneFileThatIsShownLeadsToTheOthers()
{
    renameDisk();
    openProject();
    QVERIFY(m_window->pages()->open(m_cells));
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "findFile"));
    QTest::mouseClick(missingPage()->findChildren<QPushButton *>("findFile").first(), Qt::LeftButton);
    choose(now("cells.tif"), QFileDialog::ExistingFile);
    QTRY_VERIFY2(said().contains("cells.tif is now used from") && said().contains("3 other missing files were found"),
                 qPrintable(said()));
    QVERIFY(offered(QStringLiteral("Undo")) && !offered(QStringLiteral("Find the rest…")));
    QVERIFY(project()->missing().empty());
    QTRY_VERIFY(page<ImagePage>()); // in the place of the page that asked
    QVERIFY(m_window->tabs()->currentKey() == m_cells);
    QCOMPARE(m_window->tabs()->keys().size(), std::size_t(1));
}

void FileFinderTest::otherContentIsUsedOnlyWhenTheUserSaysSo()
{
    renameDisk();
    // The other stack under the name of the first.
    QVERIFY(QFile::remove(now("cells.tif")) && QFile::rename(now("more.tif"), now("cells.tif")));
    openProject();
    QVERIFY(m_window->pages()->open(m_cells));
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "findFile"));
    QTest::mouseClick(missingPage()->findChildren<QPushButton *>("findFile").first(), Qt::LeftButton);
    choose(now("cells.tif"), QFileDialog::ExistingFile);
    QTRY_VERIFY2(said().contains("has the same name but other content"), qPrintable(said()));
    QCOMPARE(project()->missing().size(), std::size_t(4));
    QVERIFY(missingPage());
    press(QStringLiteral("Use it anyway"));
    QTRY_VERIFY2(said().contains("cells.tif is now used from"), qPrintable(said()));
    QVERIFY(project()->dataSet(1)->missing.isEmpty());
    // Its content is known to differ.
    QCOMPARE(project()->store().inputState(project()->store().inputs().front()), std::string("changed"));
}

void FileFinderTest::missingLabelsDoNotHideTheImages()
{
    QVERIFY(QDir().mkpath(m_box->path("disks/far")));
    QVERIFY(QFile::rename(was("cells-labels.tif"), m_box->path("disks/far/cells-labels.tif")));
    openProject();
    QVERIFY2(said().contains("cells-labels.tif is not where this project looks for it"), qPrintable(said()));
    QVERIFY(offered(QStringLiteral("Find it…")));
    QCOMPARE(project()->dataSet(1)->missing.size(), 1);
    QVERIFY(project()->dataSet(3)->missing.isEmpty());
    QVERIFY(m_window->pages()->open(m_cells));
    QVERIFY(missingPage());
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "openWithoutIt"));
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "openWithoutIt"), Qt::LeftButton);
    QVERIFY(page<ImagePage>());
    press(QStringLiteral("Find it…"));
    choose(m_box->path("disks/far/cells-labels.tif"), QFileDialog::ExistingFile);
    QTRY_VERIFY(project()->missing().empty());
    QCOMPARE(QFileInfo(project()->dataSet(1)->text("labels")), QFileInfo(m_box->path("disks/far/cells-labels.tif")));
}

void FileFinderTest::aDiskThatIsConnectedAgainIsSeen()
{
    renameDisk();
    openProject();
    QVERIFY(m_window->pages()->open(m_cells));
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "checkAgain"));
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "checkAgain"), Qt::LeftButton);
    QVERIFY(missingPage());
    QVERIFY(QDir().rename(m_box->path("disks/new"), m_box->path("old")));
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "checkAgain"), Qt::LeftButton);
    QTRY_VERIFY(page<ImagePage>());
    QVERIFY(project()->missing().empty());
}

void FileFinderTest::aFolderWithoutThemIsSaid()
{
    renameDisk();
    openProject();
    QVERIFY(m_window->pages()->open(m_cells));
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "searchFolder"));
    QTest::mouseClick(shown<QPushButton>(m_window.get(), "searchFolder"), Qt::LeftButton);
    choose(m_box->path("work"), QFileDialog::Directory);
    QTRY_VERIFY2(said().contains("None of the 4 missing files is in"), qPrintable(said()));
    press(QStringLiteral("Search another folder…"));
    choose(m_box->path("nowhere"), QFileDialog::Directory);
    QTRY_VERIFY2(said().contains("There is no folder at this place"), qPrintable(said()));
    QVERIFY(offered(QStringLiteral("Choose another folder…")));
    QCOMPARE(project()->missing().size(), std::size_t(4));
}

RETICLE_TEST(FileFinderTest)
#include "FileFinderTest.moc"
