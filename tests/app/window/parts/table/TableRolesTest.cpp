#include "window/parts/table/TableRoles.h"

#include "support/Test.h"

using namespace reticle;

namespace {

/// 20 rows: an identifier, numbers, a category whose name has a comma, and two columns of classes.
std::shared_ptr<const ReadTable> plants(const std::string &width = "")
{
    std::string text = "id,length,\"color, main\",site,species\n";
    for (int i = 0; i < 20; ++i)
        text += std::to_string(i + 1) + "," + (i == 4 && !width.empty() ? width : std::to_string(i * 37 % 20) + ".5") + "," +
                (i % 2 ? "red" : "blue") + "," + (i % 5 < 3 ? "north" : "south") + "," + (i < 10 ? "ash" : "elm") + "\n";
    return std::make_shared<const ReadTable>(TableFile::fromText(text, "plants.csv"));
}

using Roles = std::vector<ColumnRole>;

Roles rolesOf(const TableRoles &roles)
{
    Roles all;
    for (std::size_t i = 0; i < 5; ++i)
        all.push_back(roles.of(i));
    return all;
}

constexpr auto target = ColumnRole::Target, feature = ColumnRole::Feature, groups = ColumnRole::Groups,
               ignored = ColumnRole::Ignored;

} // namespace

/// What a section "data" makes of the columns of a table.
class TableRolesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutASectionNumbersAndCategoriesAreLearnedFrom()
    {
        const TableRoles roles(plants(), Json());
        QCOMPARE(rolesOf(roles), (Roles{ignored, feature, feature, feature, target}));
        QCOMPARE(roles.features(), std::size_t(3));
        QCOMPARE(roles.headline(), QStringLiteral("20 rows, 5 columns; target \"species\" with 2 classes"));
        QCOMPARE(roles.kindAndRole(0), QStringLiteral("identifier · left out"));
        QCOMPARE(roles.kindAndRole(1), QStringLiteral("number · feature"));
        QVERIFY(roles.problems().empty());
    }
    void theSectionNamesTargetGroupsAndColumnsLeftOut()
    {
        const TableRoles roles(plants(),
                               {{"target", "site"}, {"groups", "species"}, {"ignored-columns", " length, \"color, main\""}});
        QCOMPARE(rolesOf(roles), (Roles{ignored, ignored, ignored, target, groups}));
        QCOMPARE(roles.problems().size(), std::size_t(1)); // nothing is left to learn from
    }
    void aSuggestedTargetThatIsLeftOutIsReplaced()
    {
        const TableRoles roles(plants(), {{"ignored-columns", "species"}});
        QCOMPARE(roles.target(), std::int64_t(3));
    }
    void changesKeepTheOtherFieldsAndCanBeTakenBack()
    {
        const auto table = plants();
        const Json section{{"name", "table"}, {"table", "plants.csv"}, {"scaling", "minmax"}};
        const Json out = TableRoles(table, section).withFeature(2, false);
        QCOMPARE(out.at("ignored-columns").get<std::string>(), std::string("\"color, main\""));
        QCOMPARE(out.at("scaling").get<std::string>(), std::string("minmax"));
        const TableRoles without(table, out);
        QCOMPARE(rolesOf(without), (Roles{ignored, feature, ignored, feature, target}));
        // Written as empty: a project adds what it is given to what it has.
        const Json back = without.withFeature(2, true);
        QCOMPARE(back.at("ignored-columns").get<std::string>(), std::string());
        QCOMPARE(rolesOf(TableRoles(table, back)), (Roles{ignored, feature, feature, feature, target}));
    }
    void aColumnThatWasLeftOutCanBecomeTheTarget()
    {
        const auto table = plants();
        const Json section = TableRoles(table, {{"ignored-columns", "length, site"}}).withTarget(3);
        QCOMPARE(section.at("target").get<std::string>(), std::string("site"));
        QCOMPARE(section.at("ignored-columns").get<std::string>(), std::string("length"));
        QCOMPARE(rolesOf(TableRoles(table, section)), (Roles{ignored, ignored, feature, target, feature}));
    }
    void whatCannotBeDoneHasAReason()
    {
        const TableRoles roles(plants(), {{"ignored-columns", "length, site"}});
        QVERIFY(!roles.whyNotChanged(0).isEmpty()); // an identifier
        QVERIFY(roles.whyNotChanged(1).isEmpty());
        QVERIFY(roles.whyNotChanged(2).contains("last")); // the only one left
        QVERIFY(!roles.whyNotChanged(4).isEmpty());       // the target
        QVERIFY(!roles.whyNotTarget(1).isEmpty() && !roles.whyNotTarget(4).isEmpty());
        QVERIFY(roles.whyNotTarget(2).isEmpty());
    }
    void missingAndWrongCellsAreProblemsOfColumnsInUse()
    {
        for (const auto &[cell, words] : {std::pair{"NA", "1 value is missing, in row 5 of column length"},
                                          {"tall", "Row 5, column length: 'tall' is not a number"}}) {
            const auto table = plants(cell);
            const auto problems = TableRoles(table, Json()).problems();
            QCOMPARE(problems.size(), std::size_t(1));
            QVERIFY2(problems.front().sentence.contains(words), qPrintable(problems.front().sentence));
            QCOMPARE(problems.front().row, std::int64_t(4));
            QCOMPARE(problems.front().column, std::int64_t(1));
            QCOMPARE(problems.front().columns, std::vector<std::size_t>{1});
            QVERIFY(TableRoles(table, {{"ignored-columns", "length"}}).problems().empty());
        }
        QVERIFY(TableRoles(plants("NA"), {{"missing", "median"}}).problems().empty());
    }
    void namesThatTheTableLacksAreSaid()
    {
        const auto problems = TableRoles(plants(), {{"target", "genus"}, {"ignored-columns", "depth"}}).problems();
        QStringList all;
        for (const auto &p : problems)
            all << p.sentence;
        QVERIFY(all.join(' ').contains("genus") && all.join(' ').contains("depth"));
    }
    void aMissingClassIsNamedWithItsRow()
    {
        std::string text = "length,species\n1.5,ash\n2.5,elm\n3.5,\n4.5,ash\n5.5,elm\n";
        const auto table = std::make_shared<const ReadTable>(TableFile::fromText(text, "plants.csv"));
        const TableRoles roles(table, {{"target", "species"}});
        QCOMPARE(roles.problems().size(), std::size_t(1));
        QVERIFY(roles.problems().front().sentence.contains("The first is row 3."));
        QVERIFY(!partsOf(*table, roles, 1).problem.isEmpty());
    }
    void partsAreThoseOfTheSection()
    {
        const auto table = plants();
        const auto usual = partsOf(*table, TableRoles(table, Json()), 1);
        QVERIFY2(usual.problem.isEmpty(), qPrintable(usual.problem));
        QCOMPARE(usual.seed, std::uint64_t(42));
        QCOMPARE(usual.split.training.size(), std::size_t(16));
        const auto other =
            partsOf(*table, TableRoles(table, {{"validation-fraction", 0.4}, {"test-fraction", 0}, {"split-seed", 0}}), 7);
        QCOMPARE(other.seed, std::uint64_t(7));
        QCOMPARE(other.split.validation.size(), std::size_t(8));
        QVERIFY(other.split.test.empty());
        const auto even = partsOf(*table, TableRoles(table, {{"stratify", true}, {"validation-fraction", 0.2}}), 1);
        const Table counts = even.table();
        QCOMPARE(counts.rows(), std::size_t(3)); // ash, elm, all
        QCOMPARE(counts.text(0, 3), std::string("2"));
        QCOMPARE(counts.text(1, 3), std::string("2"));
        QCOMPARE(counts.text(2, 1), std::string("20"));
        const auto grouped = partsOf(*table, TableRoles(table, {{"groups", "color, main"}, {"test-fraction", 0}}), 1);
        QVERIFY2(grouped.problem.isEmpty(), qPrintable(grouped.problem));
        for (const auto row : grouped.split.validation) // all of one color
            QCOMPARE(row % 2, grouped.split.validation.front() % 2);
    }
};

RETICLE_TEST(TableRolesTest)
#include "TableRolesTest.moc"
