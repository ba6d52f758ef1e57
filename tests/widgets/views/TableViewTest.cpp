#include "widgets/views/TableView.h"

#include "support/Test.h"
#include "widgets/itemmodels/TableModel.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QSignalSpy>

#include <cmath>
#include <limits>

using namespace reticle;

namespace {

Table sample()
{
    Table t;
    t.columns = {{"name", "", std::vector<std::string>{"b", "a", "c", "d"}},
                 {"size", "px", std::vector<std::int64_t>{10, 9, 100, -5}},
                 {"score", "", std::vector<double>{0.5, std::numeric_limits<double>::quiet_NaN(), 0.25, 1.5}, 2}};
    return t;
}

QStringList column(const TableView &v, int c)
{
    QStringList all;
    for (int r = 0; r < v.model()->rowCount(); ++r)
        all << v.model()->index(r, c).data().toString();
    return all;
}

void clickHeading(TableView &v, int c)
{
    auto *h = v.horizontalHeader();
    QTest::mouseClick(h->viewport(), Qt::LeftButton, {}, {h->sectionViewportPosition(c) + 10, h->height() / 2});
}

} // namespace

class TableViewTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void numbersStandRight()
    {
        TableModel m;
        m.setTable(sample());
        QVERIFY(m.index(0, 1).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
        QVERIFY(m.index(0, 0).data(Qt::TextAlignmentRole).toInt() & Qt::AlignLeft);
        QCOMPARE(m.headerData(1, Qt::Horizontal).toString(), QStringLiteral("size (px)"));
        QCOMPARE(m.index(0, 2).data().toString(), QStringLiteral("0.50"));
        QCOMPARE(m.index(3, 1).data().toString(), QStringLiteral("\u22125"));
    }
    void sortsByNumberAndBack()
    {
        TableView v;
        v.resize(500, 300);
        v.setTable(sample());
        v.show();
        clickHeading(v, 1);
        QCOMPARE(column(v, 0), (QStringList{"d", "a", "b", "c"}));
        clickHeading(v, 1);
        QCOMPARE(column(v, 0), (QStringList{"c", "b", "a", "d"}));
        clickHeading(v, 1);
        QCOMPARE(column(v, 0), (QStringList{"b", "a", "c", "d"}));
        clickHeading(v, 2); // what is missing stands last, up and down
        QCOMPARE(column(v, 0), (QStringList{"c", "b", "d", "a"}));
        clickHeading(v, 2);
        QCOMPARE(column(v, 0), (QStringList{"d", "b", "c", "a"}));
        auto longer = sample();
        longer.columns[1].values = std::vector<std::int64_t>{1, 2, 3, 4};
        v.setTable(longer); // stays sorted
        QCOMPARE(column(v, 0), (QStringList{"d", "b", "c", "a"}));
    }
    void copiesForASpreadsheet()
    {
        TableView v;
        v.resize(500, 300);
        v.setTable(sample());
        v.show();
        QTest::keyClick(&v, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(),
                 QStringLiteral("name\tsize (px)\tscore\nb\t10\t0.50\na\t9\tn/a\nc\t100\t0.25\nd\t-5\t1.50\n"));
        clickHeading(v, 1);
        QTest::mouseClick(v.viewport(), Qt::LeftButton, {}, v.visualRect(v.model()->index(3, 0)).center());
        QCOMPARE(v.selectedTableRows(), (std::vector<std::size_t>{2}));
        QCOMPARE(v.selectionAsText(), QStringLiteral("name\tsize (px)\tscore\nc\t100\t0.25\n"));
    }
    /// A table that grows keeps its numbers readable; a width that was chosen by hand stays.
    void columnsGrowWithTheirNumbers()
    {
        const auto table = [](double v) {
            Table t;
            t.columns = {{"sd", "", std::vector<double>{v}, 2}, {"mean", "", std::vector<double>{v}, 2}};
            return t;
        };
        TableView v;
        v.setTable(table(1));
        const int sd = v.columnWidth(0);
        v.setColumnWidth(1, 50);
        v.setTable(table(1234567890));
        QVERIFY(v.columnWidth(0) > sd);
        QCOMPARE(v.columnWidth(1), 50);
        const int wide = v.columnWidth(0);
        v.setTable(table(2));
        QCOMPARE(v.columnWidth(0), wide); // no jumping back and forth
    }
    /// A live table is set again every second, under the hands of whoever reads it.
    void theSelectionOutlivesNewNumbers()
    {
        TableView v;
        v.resize(500, 120);
        v.setTable(sample());
        v.show();
        clickHeading(v, 1); // d, a, b, c
        QTest::mouseClick(v.viewport(), Qt::LeftButton, {}, v.visualRect(v.model()->index(1, 0)).center());
        QTest::mouseClick(v.viewport(), Qt::LeftButton, Qt::ControlModifier, v.visualRect(v.model()->index(2, 1)).center());
        QCOMPARE(v.selectedTableRows(), (std::vector<std::size_t>{0, 1}));
        QSignalSpy reset(v.model(), &QAbstractItemModel::modelReset);
        v.setTable(sample());
        QCOMPARE(reset.size(), 0); // also with a missing number in it
        auto other = sample();
        other.columns[1].values = std::vector<std::int64_t>{1, 2, 3, 4};
        v.setTable(other); // b, a, c, d
        QCOMPARE(column(v, 0), (QStringList{"b", "a", "c", "d"}));
        QCOMPARE(v.selectedTableRows(), (std::vector<std::size_t>{0, 1}));
        QCOMPARE(v.currentIndex(), v.model()->index(0, 1));
        // With fewer rows what is left of it, and with other columns nothing.
        for (auto &c : other.columns)
            std::visit([](auto &values) { values.resize(1); }, c.values);
        v.setTable(other);
        QCOMPARE(v.selectedTableRows(), (std::vector<std::size_t>{0}));
        other.columns.pop_back();
        v.setTable(other);
        QVERIFY(v.selectedTableRows().empty());
    }
    void anEmptyTable()
    {
        TableView v;
        v.setTable({});
        v.show();
        QCOMPARE(v.model()->rowCount(), 0);
        QCOMPARE(v.selectionAsText(), QStringLiteral("\n"));
    }
};

RETICLE_TEST(TableViewTest)
#include "TableViewTest.moc"
