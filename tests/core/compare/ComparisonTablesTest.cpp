#include "compare/Comparison.h"

#include "support/ComparedRuns.h"
#include "support/Test.h"

using namespace reticle;
using test::run;
using test::six;

class ComparisonTablesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ofModelsPairsAndRuns()
    {
        const auto c = compareRuns(six());
        const auto models = modelTable(c), pairs = pairTable(c), runs = scoredRunTable(c);
        QCOMPARE(models.rows(), std::size_t(2));
        QCOMPARE(pairs.rows(), std::size_t(1));
        QCOMPARE(runs.rows(), std::size_t(6));
        QVERIFY(models.find("seed 3") && models.find("validation loss") && runs.find("IoU") && !runs.find("PSNR"));
        QVERIFY(runs.toCsv().find("\nfcn,1,1,3964,100,12,done,") != std::string::npos);
        QCOMPARE(models.number(0, 5), 4000.0); // weights asked for
        // Digits of one column stand under one another.
        for (std::size_t c = 0; c < runs.columns.size(); ++c)
            if (runs.columns[c].name == "Dice")
                QCOMPARE(runs.text(0, c) + " " + runs.text(1, c), std::string("0.7000 0.7200"));
    }
    void differencesHaveTheUnitOfTheScore()
    {
        const auto t = pairTable(compareRuns({test::image(1, "fcn", 1, 0.02), test::image(2, "unet", 1, 0.001),
                                              test::image(3, "fcn", 2, 0.03), test::image(4, "unet", 2, 0.002)},
                                             0, "psnr"));
        for (const char *name : {"difference", "sd", "95 % from", "95 % to"})
            QCOMPARE(t.find(name)->unit, std::string("dB"));
        QCOMPARE(pairTable(compareRuns(six())).find("difference")->unit, std::string());
    }
    void oneTableHoldsRunsMeansSpreadsAndTests()
    {
        auto runs = six();
        runs.push_back(run(7, "unet", 4, 0.2, RunStatus::Stopped));
        runs.back().step = 5;
        const auto t = comparisonTable(compareRuns(runs));
        QCOMPARE(t.title, std::string("Comparison"));
        QCOMPARE(t.rows(), std::size_t(7 + 2 + 2 + 1));
        const auto at = [&](std::size_t row, const char *name) {
            for (std::size_t c = 0; c < t.columns.size(); ++c)
                if (t.columns[c].name == name)
                    return std::holds_alternative<std::vector<std::string>>(t.columns[c].values)
                               ? t.text(row, c)
                               : std::to_string(t.number(row, c));
            return std::string("no such column");
        };
        QCOMPARE(at(0, "row") + at(0, "model") + at(0, "state"), std::string("runfcndone"));
        QCOMPARE(at(0, "Dice"), std::to_string(0.70));
        QCOMPARE(at(6, "state"), std::string("stopped")); // it is there, and counts in nothing
        QCOMPARE(at(6, "steps"), std::to_string(5.0));
        QCOMPARE(at(7, "row") + at(7, "model"), std::string("meanfcn"));
        QCOMPARE(at(8, "Dice"), std::to_string((0.80 + 0.83 + 0.81) / 3));
        QCOMPARE(at(7, "time per step"), std::to_string(22.0));
        QCOMPARE(at(9, "row"), std::string("sd"));
        QCOMPARE(at(9, "Dice"), std::to_string(0.01));
        QCOMPARE(at(9, "peak memory"), std::to_string(1.0)); // of 11, 12, 13
        QCOMPARE(at(11, "row") + at(11, "model") + at(11, "less") + at(11, "test of"), std::string("paired t testfcnunetDice"));
        QCOMPARE(at(11, "t"), std::to_string(-31.0));
        QCOMPARE(at(11, "pairs"), std::to_string(3.0));
        QCOMPARE(at(11, "p (Holm)"), std::to_string(0.0010389613));
        QCOMPARE(at(11, "Dice"), std::string("nan"));
    }
};

RETICLE_TEST(ComparisonTablesTest)
#include "ComparisonTablesTest.moc"
