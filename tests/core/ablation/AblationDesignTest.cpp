#include "ablation/AblationDesign.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <bit>
#include <set>

using namespace reticle;
using Factorial = AblationDesign::Factorial;

class AblationDesignTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void allCellsWhereTheBudgetAllowsThem()
    {
        const auto d = ablationDesign(3, 10);
        QVERIFY(d.factorial == Factorial::Full);
        QCOMPARE(d.cells, (std::vector<AblationCell>{7, 0, 6, 5, 3, 1, 2, 4})); // good, bad, knockouts, rescues
        QCOMPARE(d.factorialCells.size(), std::size_t(8));
        QCOMPARE(d.runs(10), std::int64_t(80));
        QCOMPARE(d.note, std::string("Full factorial design, 8 recipes with 10 seeds each: 80 runs."));
        const auto one = ablationDesign(1, 1);
        QCOMPARE(one.cells, (std::vector<AblationCell>{1, 0})); // the knockout is the bad recipe, the rescue the good one
        QVERIFY(ablationDesign(8, 1).factorial == Factorial::Full);
        QVERIFY(ablationDesign(4, 16).factorial == Factorial::Full);
    }
    void knockoutsAndRescuesAreInEveryDesign()
    {
        for (std::size_t axes = 1; axes <= 12; ++axes)
            for (const std::int64_t budget : {0, 50, 100, 256, 100000}) {
                const auto d = ablationDesign(axes, 2, budget);
                const std::set<AblationCell> cells(d.cells.begin(), d.cells.end());
                QCOMPARE(cells.size(), d.cells.size());
                QVERIFY(cells.count(d.good()) && cells.count(0));
                for (std::size_t a = 0; a < axes; ++a)
                    QVERIFY(cells.count(d.knockout(a)) && cells.count(AblationDesign::rescue(a)));
                for (const auto cell : d.factorialCells)
                    QVERIFY(cells.count(cell));
                QVERIFY(d.factorial == Factorial::None || d.runs(2) <= budget);
            }
    }
    void fractionsAreBalanced()
    {
        std::set<std::pair<std::size_t, std::size_t>> seen;
        for (std::size_t axes = 5; axes <= 8; ++axes)
            for (std::int64_t budget = 1; budget < 256; ++budget) {
                const auto d = ablationDesign(axes, 1, budget);
                if (d.factorial != Factorial::Fraction || !seen.emplace(axes, d.factorialCells.size()).second)
                    continue;
                QVERIFY(d.resolution >= 4);
                const auto n = d.factorialCells.size();
                QVERIFY(std::has_single_bit(n) && n * (d.definingWords.size() + 1) == std::size_t(1) << axes);
                // Each pair of axes has each pair of levels equally often, and main effects are free of interactions of two.
                const auto sign = [](AblationCell cell, AblationCell set) { return std::popcount(set & ~cell) % 2 ? -1 : 1; };
                for (std::size_t a = 0; a < axes; ++a)
                    for (std::size_t b = 0; b < axes; ++b)
                        for (std::size_t c = b; c < axes; ++c) {
                            if (c != b && (a == b || a == c))
                                continue;
                            int product = 0, single = 0;
                            for (const auto cell : d.factorialCells) {
                                single += sign(cell, AblationCell(1) << a);
                                product += sign(cell, AblationCell(1) << a) * sign(cell, AblationCell(1) << b) *
                                           (c == b ? 1 : sign(cell, AblationCell(1) << c));
                            }
                            QCOMPARE(single, 0);
                            if (c != b || a != b)
                                QCOMPARE(product, 0);
                        }
            }
        QCOMPARE(seen, (std::set<std::pair<std::size_t, std::size_t>>{
                           {5, 16}, {6, 16}, {6, 32}, {7, 16}, {7, 32}, {7, 64}, {8, 16}, {8, 32}, {8, 64}, {8, 128}}));
    }
    void aliasesAreNamed()
    {
        const auto fine = ablationDesign(5, 10); // 22 recipes, resolution V
        QVERIFY(fine.factorial == Factorial::Fraction);
        QCOMPARE(fine.resolution, 5);
        QVERIFY(fine.aliasesOf(0, 1).empty());
        const auto coarse = ablationDesign(6, 8); // A B C E, B C D F, and their product A D E F
        QCOMPARE(coarse.resolution, 4);
        QCOMPARE(coarse.aliasesOf(0, 1), (std::vector<std::pair<std::size_t, std::size_t>>{{2, 4}}));
        QCOMPARE(coarse.aliasesOf(0, 4), (std::vector<std::pair<std::size_t, std::size_t>>{{1, 2}, {3, 5}}));
        QVERIFY(coarse.note.find("Fractional factorial design of resolution IV") == 0);
        QVERIFY(coarse.note.find("A full factorial design needs 512 runs, more than the budget of 256.") != std::string::npos);
    }
    void withoutAFactorialTheReasonIsGiven()
    {
        const auto many = ablationDesign(9, 1, 100000);
        QVERIFY(many.factorial == Factorial::None);
        QCOMPARE(many.cells.size(), std::size_t(20));
        QVERIFY(many.note.find("because 9 settings differ and it allows at most 8") != std::string::npos);
        const auto dear = ablationDesign(3, 100);
        QVERIFY(dear.factorial == Factorial::None);
        QVERIFY(dear.note.find("needs 800 runs, more than the budget of 256") != std::string::npos);
        EXPECT_ERROR(ablationDesign(0, 3), "The two recipes do not differ.");
        EXPECT_ERROR(ablationDesign(2, 0), "seeds: expected at least 1, found 0");
    }
};

RETICLE_TEST(AblationDesignTest)
#include "AblationDesignTest.moc"
