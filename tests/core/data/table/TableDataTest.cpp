#include "data/table/TableData.h"

#include "foundation/Error.h"
#include "project/Recipe.h"
#include "support/TableFiles.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <numeric>
#include <set>

using namespace reticle;
using test::madeTable;

namespace {

TableDataOptions optionsOf(const Json &options)
{
    return TableDataOptions::schema().read(options, "data");
}

std::shared_ptr<TableData> opened(const std::string &text, const Json &options = Json::object(), std::uint64_t seed = 1)
{
    return TableData::of(TableFile::fromText(text, "folder/t.csv"), optionsOf(options), seed);
}

float feature(const TableData &d, std::int64_t row, std::int64_t column)
{
    return d.features().data<float>()[row * d.features().dim(1) + column];
}

bool tableDataSays(const std::vector<std::string> &notes, const std::string &text)
{
    return std::any_of(notes.begin(), notes.end(), [&](const auto &n) { return n.find(text) != std::string::npos; });
}

/// `madeTable()` with one cell of a row (counted from 1) replaced.
std::string withCell(int row, int column, const std::string &cell)
{
    const std::string made = madeTable();
    std::string text;
    std::size_t at = 0;
    for (int line = 0; at < made.size(); ++line) {
        std::string one = made.substr(at, made.find('\n', at) - at);
        at += one.size() + 1;
        if (line == row) {
            std::size_t begin = 0;
            for (int c = 0; c < column; ++c)
                begin = one.find(',', begin) + 1;
            one.replace(begin, std::min(one.find(',', begin), one.size()) - begin, cell);
        }
        text += one + "\n";
    }
    return text;
}

} // namespace

class TableDataTest : public QObject
{
    Q_OBJECT
    const test::TemporaryFolder m_folder;

    std::string file(const std::string &name, const std::string &text) const
    {
        test::writeAll(m_folder / name, text);
        return (m_folder / name).string();
    }

private Q_SLOTS:
    void rowsAreExamples()
    {
        const auto d = opened(madeTable(), {{"scaling", "none"}});
        QCOMPARE(d->kind(), std::string("table"));
        QCOMPARE(d->exampleNoun(), std::string("row"));
        QCOMPARE(d->size(), std::int64_t(30));
        const auto &specs = d->specs();
        QCOMPARE(specs.size(), std::size_t(2));
        QCOMPARE(specs[0].name, std::string("features"));
        QCOMPARE(specs[0].shape, std::vector<std::int64_t>{4});
        QCOMPARE(specs[0].categories, (std::vector<std::string>{"size", "weight", "color=blue", "color=red"}));
        QVERIFY(specs[0].dtype == DType::Float32 && specs[1].dtype == DType::Int64);
        QCOMPARE(specs[1].name, std::string("target"));
        QVERIFY(specs[1].shape.empty());
        QCOMPARE(specs[1].categories, (std::vector<std::string>{"a", "b", "c"}));
        const auto example = d->example(4);
        QCOMPARE(example.size(), std::size_t(2));
        QCOMPARE(example.at("features").shape(), std::vector<std::int64_t>{4});
        const auto x = example.at("features").span<float>();
        QCOMPARE(std::vector<float>(x.begin(), x.end()), (std::vector<float>{4.5f, 96, 1, 0}));
        QVERIFY(example.at("target").shape().empty() && example.at("target").size() == 1);
        QCOMPARE(example.at("target").value(0), 1.0);
        QCOMPARE(d->nameOf(16), std::string("t.csv: row 17"));
        EXPECT_ERROR(d->example(30), "t.csv: expected a row from 0 to 29, found 30");
        EXPECT_ERROR(d->example(-1), "found -1");
        const auto counts = d->classCounts();
        QCOMPARE(std::accumulate(counts.begin(), counts.end(), std::int64_t(0)), std::int64_t(24));
    }
    /// By numpy, scikit-learn and another writing of the random numbers: tests/reference/tables/tablerows.py.
    void splitAndScalingAreThoseOfTheReference()
    {
        std::ifstream in(test::source("tests/reference/tables/tablerows.json"));
        const Json known = Json::parse(in);
        for (const char *scaling : {"standard", "minmax"}) {
            const auto d = opened(known.at("csv").get<std::string>(), {{"scaling", scaling}});
            QVERIFY(d->split().toJson() == Json({{"training", known.at("split").at("training")},
                                                 {"validation", known.at("split").at("validation")},
                                                 {"test", known.at("split").at("test")}}));
            QCOMPARE(d->trainingOrder(), known.at("training-order").get<std::vector<std::int64_t>>());
            const auto expected = known.at(scaling).get<std::vector<double>>();
            QCOMPARE(static_cast<std::size_t>(d->features().size()), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i)
                QVERIFY2(std::abs(d->features().value(static_cast<std::int64_t>(i)) - expected[i]) < 1e-6, scaling);
        }
    }
    void theTargetIsChosenOrFound()
    {
        const auto found = opened(madeTable());
        QCOMPARE(found->target().column, std::string("species"));
        QCOMPARE(found->notes(), std::vector<std::string>{"No target column is set, so 'species' is the target."});
        const auto chosen = opened(madeTable(), {{"target", "color"}});
        QCOMPARE(chosen->target().classes, (std::vector<std::string>{"blue", "red"}));
        QCOMPARE(chosen->featureNames(), (std::vector<std::string>{"size", "weight", "species=a", "species=b", "species=c"}));
        QVERIFY(chosen->notes().empty());
        QCOMPARE(opened(madeTable(), {{"ignored-columns", "species"}})->target().column, std::string("color"));
        EXPECT_ERROR(opened(madeTable(), {{"target", "specis"}}), "data.target: folder/t.csv: expected a column 'specis'");
        EXPECT_ERROR(opened(madeTable(), {{"target", "specis"}}), "did you mean 'species'?");
        EXPECT_ERROR(opened("a,b\n0.5,1.5\n2.5,7.25\n3.5,8\n"), "a column of classes: 2 to 200 different values");
        EXPECT_ERROR(opened(madeTable(), {{"target", "weight"}}), "has no training rows");
        EXPECT_ERROR(TableData::load({}, 1), "data.table: expected a CSV, TSV or .npy file, found none");
    }
    void targetsMayBeNumbersTextsOrBooleans()
    {
        for (const auto &[classes, expected] :
             {std::pair{std::vector<std::string>{"0", "1", "2"}, std::vector<std::string>{"0", "1", "2"}},
              {{"10", "2", "1"}, {"1", "2", "10"}},
              {{"True", "False"}, {"False", "True"}},
              {{"type B", "type A"}, {"type A", "type B"}},
              {{"\"a, b\"", "\"say \"\"c\"\"\""}, {"a, b", "say \"c\""}},
              {{"ja", "nein", "weiß nicht"}, {"ja", "nein", "weiß nicht"}}}) {
            std::string text = "x,target\n";
            for (int r = 0; r < 40; ++r)
                text += std::to_string(r * 3 % 17) + ".5," + classes[static_cast<std::size_t>(r) % classes.size()] + "\n";
            const auto d = opened(text);
            QCOMPARE(d->target().classes, expected);
            QCOMPARE(d->featureNames(), std::vector<std::string>{"x"});
            const auto of = std::find(expected.begin(), expected.end(), classes[1].front() == '"' ? "say \"c\"" : classes[1]) -
                            expected.begin();
            QCOMPARE(d->example(1).at("target").value(0), static_cast<double>(of));
        }
    }
    void manyClassesAreCounted()
    {
        const auto text = [](int classes) {
            std::string t = "x,target\n";
            for (int r = 0; r < 3 * classes; ++r)
                t += std::to_string(r % 11) + ".5,c" + std::to_string(r % classes) + "\n";
            return t;
        };
        QCOMPARE(opened(text(200), {{"stratify", true}})->target().classes.size(), std::size_t(200));
        EXPECT_ERROR(opened(text(201), {{"target", "target"}, {"stratify", true}}), "expected at most 200 classes");
        EXPECT_ERROR(opened("x,target\n1,a\n2,a\n", {{"target", "target"}}), "expected at least 2 classes, found one, 'a'");
        EXPECT_ERROR(opened("x,target\n1,a\n", {{"target", "target"}}), "expected at least 2 classes, found one, 'a'");
        EXPECT_ERROR(opened("x,target\n1,a\n"), "a column of classes");
    }
    void columnsAreIgnoredOrLeftOut()
    {
        QCOMPARE(opened(madeTable(), {{"ignored-columns", " weight , color,"}})->featureNames(),
                 std::vector<std::string>{"size"});
        const auto comma = test::replaced(madeTable(), "weight", "\"a, b\"");
        QCOMPARE(opened(comma, {{"ignored-columns", "\"a, b\" , color"}})->featureNames(), std::vector<std::string>{"size"});
        const auto mark = test::replaced(madeTable(), "weight", "\"a \"\"b\"\"\"");
        QCOMPARE(opened(mark, {{"ignored-columns", "color,\"a \"\"b\"\"\""}})->featureNames(), std::vector<std::string>{"size"});
        EXPECT_ERROR(opened(madeTable(), {{"ignored-columns", "wight"}}), "data.ignored-columns: folder/t.csv");
        EXPECT_ERROR(opened(madeTable(), {{"ignored-columns", "size,weight,color"}}),
                     "at least one column of numbers or categories besides the target");
        EXPECT_ERROR(opened(madeTable(), {{"target", "species"}, {"ignored-columns", "species"}}),
                     "data.target: expected a column that is neither ignored nor the groups, found 'species'");
        std::string text = "id,code,x,empty,target\n";
        for (int r = 0; r < 402; ++r)
            text += std::to_string(r) + ",k" + std::to_string(r % 201) + "," + std::to_string(r % 5) + ".5,," +
                    (r % 2 ? "a" : "b") + "\n";
        const auto d = opened(text);
        QCOMPARE(d->featureNames(), std::vector<std::string>{"x"});
        QVERIFY(
            tableDataSays(d->notes(), "3 columns of texts, identifiers or without values are left out: 'id', 'code', 'empty'."));
        QVERIFY(tableDataSays(opened(text, {{"ignored-columns", "id,empty"}})->notes(),
                              "Column 'code' is left out. 201 different values"));
    }
    void textsOfAllSystemsGiveTheSameFeatures()
    {
        const auto plain = opened(madeTable());
        const auto quoted = test::replaced(test::replaced(madeTable(), "red", "\"red\""), "96", "\"96\"");
        const auto commas = test::replaced(test::replaced(madeTable(), ",", ";"), ".", ",");
        for (const auto &text :
             {test::replaced(madeTable(), "\n", "\r\n"), test::replaced(madeTable(), "\n", "\r"), "\xef\xbb\xbf" + madeTable(),
              test::replaced(madeTable(), ",", "\t"), quoted, commas, test::replaced(madeTable(), ",", " , "),
              madeTable() + "\n\n", madeTable().substr(0, madeTable().size() - 1)}) {
            const auto d = opened(text);
            QVERIFY2(d->features() == plain->features() && d->classIndices() == plain->classIndices(),
                     text.substr(0, 60).c_str());
            QCOMPARE(d->featureNames(), plain->featureNames());
        }
    }
    void columnNamesMayBeAbsent()
    {
        const auto bare = file("bare.csv", madeTable().substr(madeTable().find('\n') + 1));
        const auto d = TableData::load(optionsOf({{"table", bare}}), 1);
        QCOMPARE(d->size(), std::int64_t(30));
        QCOMPARE(d->target().column, std::string("column 4"));
        QCOMPARE(d->featureNames(), (std::vector<std::string>{"column 1", "column 2", "column 3=blue", "column 3=red"}));
        QCOMPARE(TableData::load(optionsOf({{"table", bare}, {"column-names", "first-line"}}), 1)->size(), std::int64_t(29));
        const auto named = file("named.csv", madeTable());
        EXPECT_ERROR(TableData::load(optionsOf({{"table", named}, {"column-names", "none"}}), 1),
                     "row 1, column 'column 1': 'size' is not a number");
        EXPECT_ERROR(TableData::load(optionsOf({{"table", (m_folder / "absent.csv").string()}}), 1), "absent.csv");
    }
    void featuresAreScaledByTrainingRows()
    {
        const auto raw = opened(madeTable(), {{"scaling", "none"}});
        const auto minmax = opened(madeTable(), {{"scaling", "minmax"}});
        const auto standard = opened(madeTable());
        double sum = 0, squares = 0;
        float low = INFINITY, high = -INFINITY;
        for (const auto row : standard->split().training) {
            sum += feature(*standard, row, 1);
            squares += feature(*standard, row, 1) * feature(*standard, row, 1);
            low = std::min(low, feature(*minmax, row, 1));
            high = std::max(high, feature(*minmax, row, 1));
        }
        QVERIFY(std::abs(sum) < 1e-4 && std::abs(squares / 24 - 1) < 1e-4);
        QVERIFY(low == 0 && high == 1);
        QCOMPARE(feature(*raw, 3, 1), 97.0f);
        // A column of one value is no reason to stop.
        std::string constant = test::replaced(madeTable(), "size", "same");
        for (int n = 0; n < 7; ++n)
            constant = test::replaced(constant, "\n" + std::to_string(n) + ".5,", "\n7,");
        for (const char *scaling : {"standard", "minmax"})
            QCOMPARE(feature(*opened(constant, {{"scaling", scaling}}), 0, 0), 0.0f);
        QCOMPARE(feature(*opened(constant, {{"scaling", "none"}}), 0, 0), 7.0f);
    }
    void missingValuesAreRefusedOrFilledIn()
    {
        const auto text = withCell(5, 1, "");
        EXPECT_ERROR(opened(text), "row 5, column 'weight': the value is missing");
        const auto d = opened(text, {{"missing", "median"}, {"scaling", "none"}});
        std::vector<double> weights;
        for (const auto row : d->split().training)
            if (row != 4)
                weights.push_back(static_cast<double>(100 - row));
        std::sort(weights.begin(), weights.end());
        const auto n = weights.size();
        QCOMPARE(feature(*d, 4, 1), static_cast<float>((weights[(n - 1) / 2] + weights[n / 2]) / 2));
        QVERIFY(tableDataSays(d->notes(), "filled in by the median of the training rows"));
        QVERIFY(tableDataSays(d->notes(), "'weight'"));
        QVERIFY(!tableDataSays(opened(madeTable(), {{"missing", "median"}})->notes(), "median"));
        const auto color = opened(withCell(2, 2, "NA"), {{"missing", "median"}, {"scaling", "none"}});
        QCOMPARE(color->featureNames().back(), std::string("color=missing"));
        QCOMPARE(feature(*color, 1, 4), 1.0f);
        EXPECT_ERROR(opened(withCell(2, 3, "?"), {{"missing", "median"}}), "row 2, column 'species': the class is missing");
        EXPECT_ERROR(opened(withCell(17, 1, "abc")), "row 17, column 'weight': 'abc' is not a number");
    }
    void theSplitIsPinnedOrFollowsTheRun()
    {
        QVERIFY(opened(madeTable(), {}, 1)->split().toJson() == opened(madeTable(), {}, 2)->split().toJson());
        const Json follows{{"split-seed", 0}};
        QVERIFY(opened(madeTable(), follows, 1)->split().toJson() != opened(madeTable(), follows, 2)->split().toJson());
        QVERIFY(opened(madeTable(), follows, 42)->split().toJson() == opened(madeTable(), {}, 1)->split().toJson());
        QVERIFY(opened(madeTable(), {{"split-seed", 43}})->split().toJson() != opened(madeTable())->split().toJson());
        const auto pinned = opened(madeTable());
        QVERIFY(pinned->description().find("24 rows for training, 3 for validation, 3 for a test; split seed 42 (set in the "
                                           "recipe)") != std::string::npos);
        QVERIFY(opened(madeTable(), follows, 7)->description().find("split seed 7 (the seed of the run)") != std::string::npos);
        QVERIFY((pinned->summary() ==
                 Json{{"table",
                       {{"training", 24}, {"validation", 3}, {"test", 3}, {"split-seed", 42}, {"split-seed-of", "recipe"}}}}));
        QCOMPARE(opened(madeTable(), follows, 7)->summary().at("table").at("split-seed-of").get<std::string>(),
                 std::string("run"));
        const auto all = opened(madeTable(), {{"validation-fraction", 0}, {"test-fraction", 0}});
        QCOMPARE(all->split().training.size(), std::size_t(30));
        EXPECT_ERROR(opened(madeTable(), {{"validation-fraction", 0.5}, {"test-fraction", 0.5}}),
                     "data.validation-fraction: expected fractions that leave rows for training");
    }
    void rareClassesNeedStratification()
    {
        int refused = 0;
        for (int seed = 1; seed <= 60; ++seed) {
            const auto text = withCell(9, 3, "rare");
            const Json options{{"split-seed", seed}};
            try {
                opened(text, options);
            } catch (const Error &e) {
                ++refused;
                QCOMPARE(std::string(e.what()), std::string("data.split: class rare has no training rows; choose another split "
                                                            "seed or stratify."));
            }
            const auto d = opened(text, {{"split-seed", seed}, {"stratify", true}});
            QCOMPARE(d->target().counts(d->split().training).back(), std::int64_t(1));
        }
        QVERIFY(refused > 0 && refused < 60);
        const auto d = opened(madeTable(), {{"stratify", true}});
        QCOMPARE(d->target().counts(d->split().validation), (std::vector<std::int64_t>{1, 1, 1}));
        QCOMPARE(d->target().counts(d->split().test), (std::vector<std::int64_t>{1, 1, 1}));
        QCOMPARE(d->classCounts(), (std::vector<std::int64_t>{8, 8, 8}));
    }
    void groupsStayTogether()
    {
        std::string text = "animal,size,species\n";
        for (int r = 0; r < 60; ++r)
            text += "m" + std::to_string(r / 5) + "," + std::to_string(r % 7) + ".5," + std::string(1, "abc"[r % 3]) + "\n";
        const auto together = [](const TableData &d) {
            std::set<std::int64_t> seen[3];
            int part = 0;
            std::size_t rows = 0;
            for (const auto *list : {&d.split().training, &d.split().validation, &d.split().test}) {
                for (const auto row : *list)
                    seen[part].insert(row / 5);
                rows += list->size();
                ++part;
            }
            return rows == 60 && !seen[0].empty() && !seen[1].empty() && !seen[2].empty() &&
                   seen[0].size() + seen[1].size() + seen[2].size() == 12;
        };
        QVERIFY(!together(*opened(text)));
        for (int seed = 1; seed < 10; ++seed) {
            const auto d = opened(text, {{"groups", "animal"}, {"split-seed", seed}});
            QVERIFY(together(*d));
            QCOMPARE(d->featureNames(), std::vector<std::string>{"size"});
        }
        for (int fold = 1; fold <= 3; ++fold)
            QVERIFY(together(*opened(text, {{"groups", "animal"}, {"split", "folds"}, {"folds", 3}, {"fold", fold}})));
        EXPECT_ERROR(opened(text, {{"groups", "animals"}}), "data.groups: folder/t.csv: expected a column 'animals'");
        EXPECT_ERROR(opened(text, {{"groups", "animal"}, {"stratify", true}}),
                     "data.split: Rows cannot be split both by group and stratified");
        EXPECT_ERROR(opened(text, {{"groups", "species"}, {"target", "species"}}), "neither ignored nor the groups");
        EXPECT_ERROR(opened(test::replaced(text, "m1,1.5,", ",1.5,"), {{"groups", "animal"}}), "the group is missing");
    }
    void eachFoldIsTheTestOnce()
    {
        std::vector<std::int64_t> tested;
        for (int fold = 1; fold <= 5; ++fold) {
            const auto d = opened(madeTable(), {{"split", "folds"}, {"fold", fold}});
            QCOMPARE(d->target().counts(d->split().test), (std::vector<std::int64_t>{2, 2, 2}));
            QCOMPARE(d->split().validation.size(), std::size_t(2));
            const auto all = d->split().all();
            QCOMPARE(std::set<std::int64_t>(all.begin(), all.end()).size(), std::size_t(30));
            tested.insert(tested.end(), d->split().test.begin(), d->split().test.end());
            QVERIFY(d->description().find("fold " + std::to_string(fold) + " of 5") != std::string::npos);
        }
        QCOMPARE(std::set<std::int64_t>(tested.begin(), tested.end()).size(), std::size_t(30));
        EXPECT_ERROR(opened(madeTable(), {{"split", "folds"}, {"fold", 6}}), "data.fold: expected a fold from 1 to 5, found 6");
        EXPECT_ERROR(opened(madeTable(), {{"split", "folds"}, {"folds", 11}}),
                     "data.folds: expected at most as many as class a has rows (10), found 11");
    }
    void wrongOptionsAreNamed()
    {
        for (const auto &[field, value] : {std::pair<const char *, Json>{"scaling", "standart"},
                                           {"missing", "mean"},
                                           {"batching", "random"},
                                           {"validation-fraction", 1},
                                           {"test-fraction", -0.1},
                                           {"split-seed", -1},
                                           {"split", "blocks"},
                                           {"columns", "size"}})
            EXPECT_ERROR(optionsOf({{field, value}}), std::string("data.") + field);
    }
    void isOpenedByARecipe()
    {
        const auto path = file("opened.csv", madeTable());
        const auto d = openDataset(Recipe(Json{{"seed", 5}, {"data", {{"name", "table"}, {"table", path}, {"split-seed", 0}}}}));
        QCOMPARE(d->kind(), std::string("table"));
        QVERIFY(d->split().toJson() == opened(madeTable(), {{"split-seed", 5}})->split().toJson());
    }
    /// The tables of the study, with its sizes of the parts.
    void dataSetsOfScikitLearn()
    {
        if (test::sharedData("tables").empty())
            QSKIP("needs shared/data");
        struct Known
        {
            const char *file;
            std::size_t part, training, features;
            std::vector<std::int64_t> counts;
            double sum;
        };
        const Known all[] = {{"iris.csv", 15, 120, 4, {50, 50, 50}, 2078.7},
                             {"wine_data.csv", 17, 144, 13, {59, 71, 48}, 159975.296},
                             {"digits.csv.gz", 179, 1439, 64, {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, 561718}};
        for (const auto &known : all) {
            const Json section{{"table", test::sharedData(std::string("tables/") + known.file)}, {"scaling", "none"}};
            const auto d = TableData::load(optionsOf(section), 1337);
            QCOMPARE(d->split().validation.size(), known.part);
            QCOMPARE(d->split().test.size(), known.part);
            QCOMPARE(d->split().training.size(), known.training);
            QCOMPARE(d->featureNames().size(), known.features);
            QCOMPARE(d->target().counts(), known.counts);
            const auto x = d->features().span<float>();
            QVERIFY(std::abs(std::accumulate(x.begin(), x.end(), 0.0) - known.sum) < 1e-6 * known.sum);
        }
        const Json stratified{{"table", test::sharedData("tables/iris.csv")}, {"stratify", true}};
        const auto iris = TableData::load(optionsOf(stratified), 1);
        QCOMPARE(iris->target().classes, (std::vector<std::string>{"setosa", "versicolor", "virginica"}));
        QCOMPARE(iris->target().counts(iris->split().validation), (std::vector<std::int64_t>{5, 5, 5}));
        QCOMPARE(iris->nameOf(16), std::string("iris.csv: row 17"));
        const Json cancer{{"table", test::sharedData("tables/breast_cancer.csv")}};
        QCOMPARE(TableData::load(optionsOf(cancer), 1)->size(), std::int64_t(569));
    }
};

RETICLE_TEST(TableDataTest)
#include "TableDataTest.moc"
