#include "window/pages/TablePage.h"

#include "support/Person.h"
#include "support/WindowSandbox.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/Theme.h"
#include "window/pages/PageOpener.h"
#include "window/pages/Pages.h"
#include "window/parts/table/ColumnPanel.h"
#include "window/parts/table/TableFileModel.h"
#include "window/parts/table/TableFileView.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSplitter>
#include <QThreadPool>

#include <numeric>

using namespace reticle;
using test::shown;

namespace {

enum Column { Id, Length, Width, Color, Species };

/// 30 rows: an identifier, lengths 4.5 to 7.4, widths of which row 7 lacks one, two colors and three species.
QByteArray flowers(bool whole = false)
{
    QByteArray text = "id,length,width,color,species\n";
    static const char *names[] = {"setosa", "versicolor", "virginica"};
    for (int i = 0; i < 30; ++i) {
        text += QByteArray::number(i + 1) + ',' + QByteArray::number(4.5 + 0.1 * i, 'f', 1) + ',';
        text += i == 6 && !whole ? QByteArray() : QByteArray::number(2.0 + 0.25 * (i % 7), 'f', 2);
        text += QByteArray(i % 2 ? ",red," : ",blue,") + names[i / 10] + '\n';
    }
    return text;
}

} // namespace

/// The page of a table, used as a person would.
class TablePageTest : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<TablePage> m_page;
    std::unique_ptr<test::Person> m_person;
    int m_changes = 0;

    QString write(const QString &name, const QByteArray &text) const
    {
        QFile file(m_box->path(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write the table of the test");
        return file.fileName();
    }
    /// The page alone, with whoever keeps its section.
    void open(const QString &file, const Json &section = Json::object())
    {
        m_changes = 0;
        m_page = std::make_unique<TablePage>(TablePage::Subject{QStringLiteral("flowers"), file, section});
        connect(m_page.get(), &TablePage::sectionChanged, m_page.get(), [this](const Json &changed) {
            ++m_changes;
            m_page->setSection(changed);
        });
        m_page->resize(1000, 700);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
        m_person = std::make_unique<test::Person>(m_page.get());
        QTRY_VERIFY(!m_page->isReading());
    }
    void openFlowers(bool whole = true)
    {
        open(write("flowers.csv", flowers(whole)));
        QVERIFY(m_page->table());
    }
    QAbstractItemModel *model() const { return m_page->cells()->model(); }
    QString textOf(const char *label) const
    {
        auto *l = shown<QLabel>(m_page.get(), label);
        return l ? l->text() : QString();
    }
    /// Of the table of parts; empty while it is being made.
    std::string partText(std::size_t row, std::size_t column) const
    {
        const Table table = m_page->panel()->parts()->table();
        return column < table.columns.size() && row < table.rows() ? table.text(row, column) : std::string();
    }
    void clickCell(int row, int column, Qt::MouseButton button = Qt::LeftButton)
    {
        auto *cells = m_page->cells();
        QTRY_VERIFY(cells->isVisible() && cells->viewport()->height() > 50);
        const QModelIndex index = model()->index(row, column);
        cells->scrollTo(index);
        QTest::mouseClick(cells->viewport(), button, {}, cells->visualRect(index).center());
    }
    void clickHeader(int column)
    {
        auto *header = m_page->cells()->horizontalHeader();
        m_page->cells()->scrollTo(model()->index(0, column));
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                          QPoint(header->sectionViewportPosition(column) + 20, header->height() / 2));
    }
    /// Opens the menu of a cell and goes to an entry; false where it cannot be chosen.
    bool chooseInMenu(int row, int column, const char *entry)
    {
        clickCell(row, column, Qt::RightButton);
        auto *port = m_page->cells()->viewport();
        const QPoint at = m_page->cells()->visualRect(model()->index(row, column)).center();
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, port->mapToGlobal(at));
        QApplication::sendEvent(port, &event);
        QPointer<QMenu> menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
        auto *action = menu ? menu->findChild<QAction *>(QLatin1String(entry)) : nullptr;
        const bool can = action && action->isEnabled();
        for (int i = 0; can && menu && menu->activeAction() != action && i < 5; ++i)
            QTest::keyClick(menu, Qt::Key_Down);
        if (can)
            QTest::keyClick(menu, Qt::Key_Return);
        else if (menu)
            menu->close();
        return can;
    }
    QPushButton *messageButton(const QString &text) const
    {
        for (auto *button : m_page->message()->findChildren<QPushButton *>())
            if (button->isVisible() && button->text() == text)
                return button;
        return nullptr;
    }
    std::string section(const char *field) const { return m_page->section().value(field, std::string("-")); }
    ColumnRole role(int column) const { return m_page->roles()->of(static_cast<std::size_t>(column)); }

private Q_SLOTS:
    void init() { m_box = std::make_unique<test::WindowSandbox>(); }
    void cleanup()
    {
        m_person.reset();
        m_page.reset();
        m_box.reset();
    }

    void theTableIsShownAsInTheFile()
    {
        openFlowers();
        QCOMPARE(textOf("tableHeadline"), QStringLiteral("30 rows, 5 columns; target \"species\" with 3 classes"));
        QCOMPARE(model()->rowCount(), 30);
        QCOMPARE(model()->columnCount(), 5);
        QCOMPARE(model()->index(25, Length).data().toString(), QStringLiteral("7.0")); // the digits of the file
        QVERIFY(model()->index(0, Length).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
        QVERIFY(model()->index(0, Color).data(Qt::TextAlignmentRole).toInt() & Qt::AlignLeft);
        QCOMPARE(model()->headerData(29, Qt::Vertical).toInt(), 30);
        QCOMPARE(m_page->roles()->kindAndRole(Id), QStringLiteral("identifier · left out"));
        QCOMPARE(m_page->roles()->kindAndRole(Length), QStringLiteral("number · feature"));
        QCOMPARE(m_page->roles()->kindAndRole(Species), QStringLiteral("category · target"));
        const auto tip = [&](int c) { return model()->headerData(c, Qt::Horizontal, Qt::ToolTipRole).toString(); };
        QVERIFY2(tip(Length).contains("Range: 4.5 to 7.4") && tip(Length).contains("Mean: 5.95"), qPrintable(tip(Length)));
        QVERIFY2(tip(Species).contains("Categories: 3") && tip(Species).contains("Missing: 0"), qPrintable(tip(Species)));
        QVERIFY(!m_page->message()->isVisible());
        // At first the target is chosen, as bars.
        QCOMPARE(textOf("columnName"), QStringLiteral("species"));
    }
    void partsOfTheSplitAreCountedForEachClass()
    {
        openFlowers();
        QTRY_VERIFY(shown<TableView>(m_page.get(), "partsTable"));
        const Table table = m_page->panel()->parts()->table();
        QCOMPARE(table.rows(), std::size_t(4)); // three classes and all of them
        const std::vector<std::string> all{"all", "30", "24", "3", "3"};
        for (std::size_t c = 0; c < all.size(); ++c)
            QCOMPARE(table.text(3, c), all[c]);
        QCOMPARE(table.text(1, 0), std::string("versicolor"));
        QCOMPARE(table.text(1, 1), std::string("10"));
        QVERIFY2(textOf("partsText").contains("24 rows train, 3 validate and 3 test with seed 42"),
                 qPrintable(textOf("partsText")));
    }
    void aClickOnAColumnShowsItsHistogramOrBars()
    {
        openFlowers();
        clickCell(3, Length);
        QCOMPARE(textOf("columnName"), QStringLiteral("length"));
        QTRY_COMPARE(textOf("factRange"), QStringLiteral("4.5 to 7.4"));
        QTRY_COMPARE(textOf("factMissing"), QStringLiteral("0"));
        auto figure = m_page->currentFigure();
        QVERIFY(figure && figure->panels.size() == 1 && figure->problems().empty());
        const auto *histogram = std::get_if<HistogramPanel>(&figure->panels.front().content);
        QVERIFY(histogram);
        const auto &counts = histogram->histograms.front().counts;
        QCOMPARE(std::accumulate(counts.begin(), counts.end(), 0.0), 30.0);
        clickHeader(Color);
        QCOMPARE(textOf("columnName"), QStringLiteral("color"));
        figure = m_page->currentFigure();
        const auto *bars = figure ? std::get_if<XYPanel>(&figure->panels.front().content) : nullptr;
        QVERIFY(bars);
        QCOMPARE(bars->y.categories, (std::vector<std::string>{"blue", "red"}));
        QCOMPARE(bars->series.front().x, (std::vector<double>{15, 15}));
        clickCell(0, Id); // every row has another value
        QCOMPARE(textOf("columnName"), QStringLiteral("id"));
        QVERIFY(m_page->currentFigure()); // they are numbers all the same
    }
    void theTargetIsChangedByTheMenu()
    {
        openFlowers();
        QVERIFY(chooseInMenu(2, Color, "useAsTarget"));
        QCOMPARE(section("target"), std::string("color"));
        QCOMPARE(m_changes, 1);
        QCOMPARE(textOf("tableHeadline"), QStringLiteral("30 rows, 5 columns; target \"color\" with 2 classes"));
        QVERIFY(role(Color) == ColumnRole::Target && role(Species) == ColumnRole::Feature);
        QTRY_COMPARE(partText(0, 0), std::string("blue"));
        QCOMPARE(partText(0, 1), std::string("15"));
        QVERIFY(!chooseInMenu(2, Color, "useAsTarget")); // it is
        QVERIFY(!chooseInMenu(2, Length, "useAsTarget"));
        QCOMPARE(m_changes, 1);
    }
    void columnsAreLeftOutAndTakenByMenuKeyAndButton()
    {
        openFlowers();
        QVERIFY(chooseInMenu(0, Width, "takeColumn"));
        QCOMPARE(section("ignored-columns"), std::string("width"));
        QVERIFY(role(Width) == ColumnRole::Ignored);
        clickCell(4, Length);
        m_person->key(Qt::Key_Space);
        QCOMPARE(section("ignored-columns"), std::string("width, length"));
        m_person->key(Qt::Key_Space);
        QCOMPARE(section("ignored-columns"), std::string("width"));
        clickCell(4, Width);
        QCOMPARE(m_person->need<QPushButton>("takeColumn")->text(), QStringLiteral("Take this column"));
        m_person->click(m_person->need<QPushButton>("takeColumn"));
        QVERIFY(role(Width) == ColumnRole::Feature);
        clickCell(4, Color);
        QTRY_COMPARE(textOf("columnName"), QStringLiteral("color"));
        m_page->window()->activateWindow(); // the offscreen platform does not, after a menu
        QVERIFY(QTest::qWaitForWindowActive(m_page->window()));
        m_page->cells()->setFocus();
        m_person->key(Qt::Key_T);
        QCOMPARE(section("target"), std::string("color"));
        QCOMPARE(m_changes, 5);
    }
    void whatCannotBeDoneIsSaid()
    {
        openFlowers();
        clickCell(0, Length);
        m_person->key(Qt::Key_T);
        QCOMPARE(m_changes, 0);
        QVERIFY2(m_page->message()->text().contains("length cannot be made the target"), qPrintable(m_page->message()->text()));
        QVERIFY(!m_person->need<QPushButton>("useAsTarget")->isEnabled());
        clickCell(0, Id);
        m_person->key(Qt::Key_Space);
        QCOMPARE(m_changes, 0);
        QVERIFY2(m_page->message()->text().contains("id cannot be learned from"), qPrintable(m_page->message()->text()));
        // What is done next takes the sentence away.
        clickCell(0, Width);
        m_person->key(Qt::Key_Space);
        QCOMPARE(m_changes, 1);
        QVERIFY(!m_page->message()->isVisible());
    }
    void aMissingValueIsADashAndAProblemWithAWayOut()
    {
        openFlowers(false);
        const QModelIndex cell = model()->index(6, Width);
        QCOMPARE(cell.data().toString(), QStringLiteral("–"));
        QCOMPARE(cell.data(Qt::ToolTipRole).toString(), QStringLiteral("missing"));
        QCOMPARE(cell.data(Qt::ForegroundRole).value<QColor>(), themeColor(ColorRole::TextMuted));
        QVERIFY2(m_page->message()->text().contains("in row 7 of column width"), qPrintable(m_page->message()->text()));
        QTRY_VERIFY(messageButton("Show the first"));
        m_person->click(messageButton("Show the first"));
        QCOMPARE(m_page->cells()->currentIndex(), cell);
        QTRY_COMPARE(textOf("factMissing"), QStringLiteral("1, first in row 7"));
        QTRY_VERIFY(messageButton("Leave out this column")); // the message is still there
        m_person->click(messageButton("Leave out this column"));
        QCOMPARE(section("ignored-columns"), std::string("width"));
        QVERIFY(!m_page->message()->isVisible());
    }
    void aCellThatIsNoNumberIsMarked()
    {
        QByteArray text = flowers(true);
        text.replace("4,4.8,", "4,tall,");
        open(write("flowers.csv", text));
        QVERIFY2(m_page->message()->text().contains("Row 4, column length: 'tall' is not a number"),
                 qPrintable(m_page->message()->text()));
        const QModelIndex cell = model()->index(3, Length);
        QCOMPARE(cell.data().toString(), QStringLiteral("tall"));
        QCOMPARE(cell.data(Qt::ForegroundRole).value<QColor>(), themeColor(ColorRole::Danger));
    }
    void namesAndCellsWithMarksAreShownAsTheyAre()
    {
        open(write("marks.csv", "<b>x</b>,class\n1,<i>a</i>\n2,<i>a</i>\n3,c\n4,c\n"));
        QCOMPARE(model()->headerData(0, Qt::Horizontal).toString(), QStringLiteral("<b>x</b>"));
        QVERIFY(model()->headerData(0, Qt::Horizontal, Qt::ToolTipRole).toString().contains("&lt;b&gt;"));
        QCOMPARE(model()->index(0, 1).data().toString(), QStringLiteral("<i>a</i>"));
        clickCell(0, 0);
        QCOMPARE(shown<QLabel>(m_page.get(), "columnName")->textFormat(), Qt::PlainText);
    }
    void selectedCellsAreCopied()
    {
        openFlowers(false);
        clickCell(5, Length);
        QTest::keyClick(m_page->cells(), Qt::Key_Down, Qt::ShiftModifier);
        QTest::keyClick(m_page->cells(), Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(m_page->cells(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("5.0\t3.25\n5.1\t\n")); // missing: empty, as in the file
    }
    void aDamagedFileSaysWhyAndCanBeReadAgain()
    {
        const QString file = write("flowers.csv.gz", "\x1f\x8b\x08 no gzip");
        open(file);
        QVERIFY(!m_page->table());
        QVERIFY2(textOf("tableState").contains("flowers.csv.gz") && textOf("tableState").contains("copy"),
                 qPrintable(textOf("tableState")));
        QVERIFY(!m_page->currentFigure());
        QVERIFY(!shown<TableFileView>(m_page.get(), "tableCells"));
        write("flowers.csv.gz", flowers(true)); // a table all the same
        m_person->click(m_person->need<QPushButton>("readAgain"));
        QTRY_VERIFY(m_page->table());
        QTRY_VERIFY(shown<TableFileView>(m_page.get(), "tableCells"));
    }
    void aFileThatIsGoneSaysSo()
    {
        open(m_box->path("gone.csv"));
        QVERIFY2(textOf("tableState").contains("gone.csv"), qPrintable(textOf("tableState")));
    }
    void closingWhileReadingIsSafe()
    {
        const QString file = write("flowers.csv", flowers());
        for (int i = 0; i < 5; ++i) {
            TablePage page({QStringLiteral("flowers"), file});
            page.show();
            QVERIFY(page.isReading());
            QCOMPARE(shown<QLabel>(&page, "tableState")->text(), QStringLiteral("Reading flowers.csv…"));
        }
        // Just read, with the parts still being counted.
        auto page = std::make_unique<TablePage>(TablePage::Subject{QStringLiteral("flowers"), file});
        QSignalSpy spy(page.get(), &TablePage::read);
        QVERIFY(spy.wait());
        page.reset();
        QThreadPool::globalInstance()->waitForDone();
        QCoreApplication::processEvents();
    }
    void otherSettingsFromOutsideAreFollowed()
    {
        openFlowers();
        clickCell(0, Length);
        m_page->setSection({{"target", "color"}, {"validation-fraction", 0.2}});
        QCOMPARE(textOf("tableHeadline"), QStringLiteral("30 rows, 5 columns; target \"color\" with 2 classes"));
        QCOMPARE(textOf("columnName"), QStringLiteral("length")); // what was chosen stays so
        QTRY_COMPARE(partText(2, 3), std::string("6"));
        // Without a line of names the first line is a row.
        QSignalSpy spy(m_page.get(), &TablePage::read);
        m_page->setSection({{"column-names", "none"}});
        QVERIFY(m_page->isReading());
        QVERIFY(spy.wait());
        QCOMPARE(model()->rowCount(), 31);
        QCOMPARE(model()->index(0, Length).data().toString(), QStringLiteral("length"));
        QCOMPARE(m_changes, 0);
    }
    void thousandsOfRowsAreScrolledWithoutMeasuringThem()
    {
        QByteArray text = "a,b,class\n";
        for (int i = 0; i < 50000; ++i)
            text += QByteArray::number(i * 7919 % 1000) + ".5," + QByteArray::number(i % 977) + (i % 3 ? ",yes\n" : ",no\n");
        open(write("long.csv", text));
        QCOMPARE(model()->rowCount(), 50000);
        QVERIFY(m_page->cells()->findChildren<QWidget *>().size() < 40); // a widget for no cell
        clickCell(49999, 1);
        QCOMPARE(m_page->cells()->currentIndex().row(), 49999);
        QVERIFY(m_page->cells()->verticalScrollBar()->value() > 0);
        QCOMPARE(textOf("columnName"), QStringLiteral("b"));
    }
    void aNarrowPageHasThePanelBelow()
    {
        openFlowers();
        auto *splitter = m_page->findChild<QSplitter *>();
        QCOMPARE(splitter->orientation(), Qt::Horizontal);
        m_page->resize(360, 700);
        QTRY_COMPARE(splitter->orientation(), Qt::Vertical);
        // Larger letters need more room, and rows and headings that hold them.
        m_page->resize(1000, 700);
        QTRY_COMPARE(splitter->orientation(), Qt::Horizontal);
        const int before = m_page->cells()->horizontalHeader()->height();
        QFont large = m_page->cells()->font();
        large.setPixelSize(28);
        m_page->cells()->setFont(large);
        QTRY_VERIFY(m_page->cells()->rowHeight(0) >= 28 + 8);
        QTRY_VERIFY(m_page->cells()->horizontalHeader()->sizeHint().height() >= before);
    }
    void theProjectKeepsTheChoice()
    {
        m_box = std::make_unique<test::WindowSandbox>("reticle-worker"); // whose form has the settings of a table
        const QString file = write("flowers.csv", flowers(true)), folder = m_box->path("p.reticle");
        std::int64_t data = 0;
        {
            const auto project = OpenProject::open(folder);
            data = project->addData({{"name", "table"}, {"table", file.toStdString()}}, QStringLiteral("A table of flowers."));
        }
        MainWindow window;
        window.resize(1366, 768);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QTRY_VERIFY_WITH_TIMEOUT(window.session()->catalog().has_value(), 60000); // a loaded machine starts LibTorch slowly
        QVERIFY(window.openProject(folder));
        QVERIFY(window.pages()->open({ItemKey::Kind::Data, data}));
        auto *page = qobject_cast<TablePage *>(window.tabs()->currentPage());
        QVERIFY(page); // not the one of images
        QTRY_VERIFY(page->table());
        QTRY_VERIFY(shown<TableFileView>(page, "tableCells"));
        auto *cells = page->cells();
        cells->scrollTo(cells->model()->index(1, Color));
        QTest::mouseClick(cells->viewport(), Qt::LeftButton, {}, cells->visualRect(cells->model()->index(1, Color)).center());
        test::Person(&window).click(shown<QPushButton>(page, "useAsTarget"));
        QCOMPARE(page->roles()->target(), std::int64_t(Color));
        const DataSet *kept = window.session()->project()->dataSet(data);
        QVERIFY(kept);
        QCOMPARE(kept->section.at("target").get<std::string>(), std::string("color"));
        QCOMPARE(kept->path(), file);
        // The training form has it too.
        const Json recipe = window.side()->trainForm()->recipe();
        QCOMPARE(recipe.at("data").at("target").get<std::string>(), std::string("color"));
        // The same in a page that is opened anew.
        const ItemKey key{ItemKey::Kind::Data, data};
        window.tabs()->close(key);
        QVERIFY(window.pages()->open(key));
        page = qobject_cast<TablePage *>(window.tabs()->currentPage());
        QTRY_VERIFY(page && page->table());
        QCOMPARE(page->roles()->target(), std::int64_t(Color));
    }
};

RETICLE_TEST(TablePageTest)
#include "TablePageTest.moc"
