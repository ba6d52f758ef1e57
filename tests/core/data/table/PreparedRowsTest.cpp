#include "data/table/TableData.h"
#include "foundation/Error.h"
#include "support/TableFiles.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>

using namespace reticle;
using test::madeTable;
using test::replaced;

/// Other tables, and the same table again, prepared as a model was trained.
class PreparedRowsTest : public QObject
{
    Q_OBJECT
    const test::TemporaryFolder m_folder;

    std::string file(const std::string &name, const std::string &text) const
    {
        test::writeAll(m_folder / name, text);
        return (m_folder / name).string();
    }
    std::shared_ptr<TableData> load(const std::string &path, Json options = Json::object()) const
    {
        options["table"] = path;
        return TableData::load(TableDataOptions::schema().read(options, "data"), 1);
    }
    /// What a model's file holds of it.
    static Json kept(const TableData &data)
    {
        Json json{{"model", {{"name", "mlp"}}}};
        json.update(data.keptWithModel());
        return Json::parse(json.dump());
    }
    std::shared_ptr<TableData> again(const std::string &path, const Json &kept, Json options = Json::object()) const
    {
        options["table"] = path;
        return TableData::loadForModel(TableDataOptions::schema().read(options, "data"), 1, {kept, "run 2"});
    }

private Q_SLOTS:
    void theSameTableGivesTheSameFeatures()
    {
        const auto whole = file("whole.csv", madeTable());
        std::string gaps = replaced(madeTable(), ",95,red", ",,red"); // row 6
        gaps = replaced(gaps, ",92,blue", ",92,");                    // row 9
        const auto missing = file("missing.csv", gaps);
        for (const char *scaling : {"none", "standard", "minmax"}) {
            const auto d = load(whole, {{"scaling", scaling}});
            QVERIFY(preparedRows(kept(*d), whole) == d->features());
            QVERIFY(preparedRows(d->preparation(), whole) == d->features());
            const auto m = load(missing, {{"scaling", scaling}, {"missing", "median"}});
            QCOMPARE(m->featureNames().size(), std::size_t(5));
            QVERIFY(preparedRows(kept(*m), missing) == m->features());
        }
        const auto bare = file("bare.csv", madeTable().substr(madeTable().find('\n') + 1));
        const auto d = load(bare);
        QVERIFY(preparedRows(kept(*d), bare) == d->features());
        test::writeAll(m_folder / "whole.csv.gz", test::gzipped(madeTable()));
        QVERIFY(preparedRows(kept(*load(whole)), (m_folder / "whole.csv.gz").string()) == load(whole)->features());
    }
    void constantsAreThoseOfTheTraining()
    {
        const auto d = load(file("trained.csv", madeTable()));
        // A few of its rows, with other columns in another order and without a target.
        const auto some = file("some.csv", "color;note;weight;size\nred;x;97;3,5\nblue;y;100;0,5\n");
        const auto x = preparedRows(d->preparation(), some);
        QCOMPARE(x.shape(), (std::vector<std::int64_t>{2, 4}));
        QVERIFY(x.at(0) == d->example(3).at("features") && x.at(1) == d->example(0).at("features"));
        const auto one = file("one.csv", "size,weight,color\n3.5,97,red\n");
        QVERIFY(preparedRows(d->preparation(), one).at(0) == d->example(3).at("features"));
    }
    void missingValuesAreFilledInByTheTrainingMedian()
    {
        const auto d = load(file("gaps.csv", replaced(madeTable(), ",95,red", ",,red")), {{"missing", "median"}});
        const auto x = preparedRows(d->preparation(), file("lacking.csv", "size,weight,color\n5.5,,red\n,,red\n"));
        QVERIFY(x.at(0) == d->example(5).at("features"));
        QVERIFY(std::isfinite(x.value(4)) && std::isfinite(x.value(5)));
        EXPECT_ERROR(preparedRows(d->preparation(), file("color.csv", "size,weight,color\n5.5,1,\n")),
                     "row 1, column 'color': the value is missing");
        const auto refusing = load(file("full.csv", madeTable()));
        EXPECT_ERROR(preparedRows(refusing->preparation(), (m_folder / "lacking.csv").string()),
                     "lacking.csv: row 2, column 'size': the value is missing");
    }
    void whatIsWrongIsNamed()
    {
        const auto preparation = load(file("right.csv", madeTable()))->preparation();
        EXPECT_ERROR(preparedRows(preparation, file("a.csv", "size,colour,species\n1,red,a\n")),
                     "a.csv: expected the 2 columns 'weight', 'color', which the model was trained with, found only 'size', "
                     "'colour', 'species'; add the missing columns");
        EXPECT_ERROR(preparedRows(preparation, file("b.csv", "size,color\n1,red\n")), "expected the column 'weight', which");
        EXPECT_ERROR(preparedRows(preparation, file("c.csv", "1,2,red\n")), "found only 'column 1', 'column 2', 'column 3'");
        EXPECT_ERROR(preparedRows(preparation, file("d.csv", "size,weight,color\n1,2,red\n3,abc,red\n5,6,red\n")),
                     "d.csv: row 2, column 'weight': 'abc' is not a number");
        EXPECT_ERROR(preparedRows(preparation, file("e.csv", "size,weight,color\n1,2,red\n3,4,green\n")),
                     "e.csv: row 2, column 'color': expected one of 2 known categories, found 'green'");
        EXPECT_ERROR(preparedRows(preparation, file("f.csv", "size,weight,color\n")), "at least one row below the column names");
        EXPECT_ERROR(preparedRows(preparation, (m_folder / "absent.csv").string()), "absent.csv");
    }
    void damagedPreparationsAreRefused()
    {
        const auto path = file("good.csv", madeTable());
        const auto good = load(path)->preparation();
        for (const auto &json : {Json(), Json(5), Json::array(), Json::object(), Json{{"features", good.at("features")}}})
            EXPECT_ERROR(preparedRows(json, path), "preparation of the model");
        for (const char *key : {"features", "featureScaling"})
            for (const auto &wrong : {Json(), Json(5), Json("text"), Json::array({1}), Json::object()}) {
                auto json = good;
                json[key] = wrong;
                EXPECT_ERROR(preparedRows(json, path), "");
            }
        auto json = good;
        for (const char *key : {"medians", "offsets", "factors"})
            json["featureScaling"][key].push_back(1);
        EXPECT_ERROR(preparedRows(json, path), "features: expected 5, found 4");
    }
    void dataOfAModelKeepItsParts()
    {
        const auto path = file("again.csv", madeTable());
        const auto trained = load(path, {{"split-seed", 7}});
        const auto json = kept(*trained);
        // Whatever the recipe says by now.
        const auto same = again(path, json, {{"split-seed", 8}, {"scaling", "none"}});
        QVERIFY(same->split().toJson() == trained->split().toJson());
        QVERIFY(same->features() == trained->features() && same->classIndices() == trained->classIndices());
        QCOMPARE(same->target().classes, trained->target().classes);
        QCOMPARE(same->featureNames(), trained->featureNames());
        QVERIFY(same->notes().empty());
        // Rows that came later are in no part.
        const auto grown = again(file("grown.csv", madeTable(33)), json);
        QVERIFY(grown->split().toJson() == trained->split().toJson());
        QCOMPARE(grown->size(), std::int64_t(33));
        QCOMPARE(grown->notes(),
                 std::vector<std::string>{"3 of 33 rows were not in the table when run 2 was trained. They are not used."});
        EXPECT_ERROR(again(file("shrunk.csv", madeTable(20)), json),
                     "expected the 30 rows or more that run 2 was trained with, found 20");
        EXPECT_ERROR(again(file("classes.csv", replaced(madeTable(), "blue,c", "blue,d")), json),
                     "row 3, column 'species': expected one of the 3 classes of run 2, found 'd'");
        EXPECT_ERROR(again(file("none.csv", replaced(madeTable(), "blue,c", "blue,")), json), "the class is missing");
        EXPECT_ERROR(again(file("target.csv", replaced(madeTable(), "species", "kind")), json), "expected a column 'species'");
        // Fewer classes than the model has are no reason to refuse.
        const auto fewer = again(file("fewer.csv", replaced(replaced(madeTable(), "blue,c", "blue,a"), "red,c", "red,a")), json);
        QCOMPARE(fewer->target().classes.size(), std::size_t(3));
        QCOMPARE(fewer->classCounts().back(), std::int64_t(0));
        // A description that says nothing of a table.
        QVERIFY(again(path, Json::object(), {{"split-seed", 7}})->split().toJson() == trained->split().toJson());
        auto broken = json;
        broken.erase("classNames");
        EXPECT_ERROR(again(path, broken), "run 2");
    }
};

RETICLE_TEST(PreparedRowsTest)
#include "PreparedRowsTest.moc"
