#include "base/ImageSource.h"
#include "base/Imaging.h"
#include "core/analysis/AnalysisFiles.h"

using namespace reticle;
using namespace reticle::test;

class InstanceAnalysisTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;

private Q_SLOTS:
    void listsObjectsThroughTheStack()
    {
        const auto output = m_files.path("objects.tif");
        const Result r =
            analyzed("instances", m_files.options({{"method", "components"}, {"minimum-area", 4}, {"output", output}}));
        QCOMPARE(r.values["instances"].get<int>(), 48);
        const Table &t = r.tables[0];
        QCOMPARE(t.rows(), size_t(48));
        QCOMPARE(cell(t, "id", 47), 48.0);
        QCOMPARE(cell(t, "slice", 47), 3.0);
        QCOMPARE(cell(t, "y", 0), 8.0);
        QCOMPARE(cell(t, "x", 0), 8.0);
        QCOMPARE(cell(t, "area", 0), 113.0); // disk of radius 6
        QVERIFY(t.columns[3].unit == "nm²");
        QVERIFY(std::abs(t.number(0, 3) - 113 * 16) < 1);
        QCOMPARE(cell(t, "mean intensity", 0), 180.0);
        const auto written = openImage(output);
        QVERIFY(written->info().dtype == DType::UInt16);
        QCOMPARE(written->readPage(3).value(40 * 64 + 56), 48.0);
        QCOMPARE(problemsOf(r.figures), std::string());
    }
    void pixelsNeedNotBeSquare()
    {
        std::vector<Array> images;
        for (const auto &l : m_files.labels())
            images.push_back(l);
        const auto tall = m_files.write("tall.tif", images, 4, 6);
        const auto output = m_files.path("tall-objects.tif");
        const Result r = analyzed("instances", m_files.options({{"images", tall}, {"method", "components"},
                                                                {"minimum-area", 4}, {"output", output}}));
        QCOMPARE(cell(r.tables[0], "area", 0), 113.0);
        QVERIFY(std::abs(r.tables[0].number(0, 3) - 113 * 24) < 1); // 4 nm by 6 nm
        QVERIFY(std::abs(r.values["pixel-height"].get<double>() - 6) < 1e-5);
        QCOMPARE(openImage(output)->info().pixelSizeX, 4.0);
        QVERIFY(std::abs(openImage(output)->info().pixelSizeY - 6) < 1e-5);
    }
    void matchesTrueObjects()
    {
        const Result r = analyzed("instances", m_files.options({{"method", "distance"}, {"minimum-area", 4}}));
        QCOMPARE(r.values["ap-50"].get<double>(), 1.0);
        QVERIFY(r.summary.find("average precision 1.000") != std::string::npos);
        const Result specks = analyzed("instances", m_files.options({{"method", "components"}, {"minimum-area", 0}}));
        QCOMPARE(specks.values["ap-50"].get<double>(), 48.0 / 52); // a speck too many in each slice
    }
    void labelsMayBeObjects()
    {
        std::vector<Array> numbered;
        for (const auto &l : m_files.labels())
            numbered.push_back(labelComponents(l, Connectivity::Four).as(DType::UInt16));
        const auto path = m_files.write("numbered.tif", numbered);
        const Result r = analyzed(
            "instances",
            m_files.options({{"labels", path}, {"truth", "instances"}, {"method", "components"}, {"minimum-area", 4}}));
        QCOMPARE(r.values["ap-50"].get<double>(), 1.0);
        EXPECT_ERROR(analyzed("instances", {{"prediction", m_files.path("prediction.tif")}, {"truth", "instances"}}),
                     "labels");
    }
    void seedsNeedHighProbability()
    {
        const Result none = analyzed("instances", m_files.options({{"method", "seeds"}}));
        QCOMPARE(none.values["instances"].get<int>(), 0); // 0.9 is below the seeds' 0.95
        QVERIFY(!none.warnings.empty());
        QCOMPARE(problemsOf(none.figures), std::string());
        const Result some = analyzed("instances", m_files.options({{"method", "seeds"}, {"seed-threshold", 0.85}}));
        QCOMPARE(some.values["instances"].get<int>(), 48);
    }
    void withoutLabels()
    {
        const Result r = analyzed("instances", {{"prediction", m_files.path("prediction.tif")}});
        QVERIFY(!r.values.contains("ap"));
        QCOMPARE(r.figures[0].panels.size(), size_t(2));
    }
};

RETICLE_TEST(InstanceAnalysisTest)
#include "InstanceAnalysisTest.moc"
