#include "data/table/FeatureTable.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

TableFile featureRows(const std::string &text)
{
    return TableFile::fromText(text, "t.csv");
}

const std::string colors = "size,color,target\n1,red,x\n2,blue,y\n4,red,x\n9,blue,y\n";

} // namespace

class FeatureTableTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void categoriesBecomeOneFeatureEach()
    {
        const auto t = featureRows(colors);
        const auto e = FeatureEncoding::of(t, "target");
        QCOMPARE(e.featureNames(), (std::vector<std::string>{"size", "color=blue", "color=red"}));
        QCOMPARE(e.encode(t).values, (std::vector<double>{1, 0, 1, 2, 1, 0, 4, 0, 1, 9, 1, 0}));
        const auto again = FeatureEncoding::fromJson(Json::parse(e.toJson().dump()));
        QCOMPARE(again.encode(t).values, e.encode(t).values);
        QCOMPARE(FeatureEncoding::of(t, "target", {"size"}).featureNames(), std::vector<std::string>{"size"});
        EXPECT_ERROR(FeatureEncoding::of(t, "target", {"target"}), "columns: expected columns other than the target");
        EXPECT_ERROR(FeatureEncoding::of(t, "target", {"sizes"}), "did you mean 'size'?");
        EXPECT_ERROR(FeatureEncoding::of(featureRows("target\nx\ny\n"), "target"),
                     "at least one column of numbers or categories besides the target");
        EXPECT_ERROR(e.encode(featureRows("size,color,target\n1,rod,x\n2,blue,y\n")),
                     "row 1, column 'color': expected one of 2 known categories, found 'rod'; did you mean 'red'?");
        EXPECT_ERROR(e.encode(featureRows("size,target\n1,x\n2,y\n")), "expected a column 'color'");
    }
    void missingValuesAreRefusedOrImputed()
    {
        const auto t = featureRows("size,color,target\n1,red,x\n,blue,y\n4,,x\n10,blue,y\n2,red,x\n");
        EXPECT_ERROR(FeatureEncoding::of(t, "target").encode(t), "row 2, column 'size': the value is missing. Fill it in");
        EXPECT_ERROR(FeatureEncoding::of(t, "target", {"color"}).encode(t),
                     "row 3, column 'color': the value is missing. Fill it in");
        const auto e = FeatureEncoding::of(t, "target", {}, MissingValues::Impute);
        const auto f = e.encode(t);
        QCOMPARE(f.names.back(), std::string("color=missing"));
        QVERIFY(std::isnan(f.at(1, 0)) && f.at(2, 3) == 1 && f.at(2, 1) == 0);
        QCOMPARE(f.rangeTable().number(0, 5), 1.0);
        const auto all = FeaturePreparation::fit(f, {0, 1, 2, 3, 4}, FeatureScale::None);
        QCOMPARE(all.medians()[0], 3.0); // of 1, 2, 4, 10
        QCOMPARE(all.apply(f).data<float>()[4], 3.0f);
        QCOMPARE(FeaturePreparation::fit(f, {0, 1, 2, 3}, FeatureScale::None).medians()[0],
                 4.0); // of the rows that it is fitted on
        EXPECT_ERROR(FeaturePreparation::fit(f, {1}, FeatureScale::None),
                     "feature 'size': expected a value in at least one training row");
        QVERIFY(FeatureEncoding::fromJson(e.toJson()).encode(t).names == f.names);
        // Rows to predict may all lack a number.
        const auto lacking = featureRows("size,color,target\n,red,x\n,blue,y\n");
        QVERIFY(std::isnan(e.encode(lacking).at(0, 0)) && e.encode(lacking).at(1, 1) == 1);
        EXPECT_ERROR(FeatureEncoding::of(featureRows(colors), "target").encode(lacking),
                     "row 1, column 'size': the value is missing. Fill it in");
    }
    void scalingIsFittedOnTheGivenRows()
    {
        FeatureTable f;
        f.names = {"a", "constant"};
        f.rows = 4;
        f.values = {1, 5, 3, 5, 5, 5, 101, 6};
        const auto standard = FeaturePreparation::fit(f, {0, 1, 2}, FeatureScale::Standard);
        QCOMPARE(standard.offsets()[0], 3.0);
        QVERIFY(std::abs(standard.factors()[0] - 1 / std::sqrt(8.0 / 3)) < 1e-12);
        const Array x = standard.apply(f);
        QCOMPARE(x.shape(), (std::vector<std::int64_t>{4, 2}));
        QVERIFY(std::abs(x.data<float>()[0] + std::sqrt(1.5f)) < 1e-6f);
        QCOMPARE(x.data<float>()[1], 0.0f);
        QCOMPARE(x.data<float>()[7], 1.0f); // constant in training: shifted only
        const auto minmax = FeaturePreparation::fit(f, {0, 1, 2}, FeatureScale::MinMax);
        QCOMPARE(minmax.apply(f).data<float>()[2], 0.5f);
        QCOMPARE(minmax.apply(f).data<float>()[6], 25.0f); // other rows may be outside of 0 to 1
        const auto again = FeaturePreparation::fromJson(Json::parse(standard.toJson().dump()));
        QVERIFY(again.apply(f) == x && again.scale() == FeatureScale::Standard);
        QVERIFY(FeaturePreparation::fit(f, {0, 3}, FeatureScale::None).apply(f).data<float>()[6] == 101);
        EXPECT_ERROR(FeaturePreparation::fit(f, {}, FeatureScale::None), "at least one training row");
        f.names.pop_back();
        EXPECT_ERROR(standard.apply(f), "features: expected 2, found 1");
        EXPECT_ERROR(featureScaleFromName("standart"), "did you mean \"standard\"?");
        QVERIFY(featureScaleFromName("minmax") == FeatureScale::MinMax);
    }
};

RETICLE_TEST(FeatureTableTest)
#include "FeatureTableTest.moc"
