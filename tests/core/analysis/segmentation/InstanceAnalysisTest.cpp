#include "core/analysis/AnalysisFiles.h"
#include "files/ImageSource.h"
#include "imaging/Imaging.h"
#include "support/TiffPages.h"

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
        const Result r = analyzed(
            "instances", m_files.options({{"images", tall}, {"method", "components"}, {"minimum-area", 4}, {"output", output}}));
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
        const Result r =
            analyzed("instances",
                     m_files.options({{"labels", path}, {"truth", "instances"}, {"method", "components"}, {"minimum-area", 4}}));
        QCOMPARE(r.values["ap-50"].get<double>(), 1.0);
        EXPECT_ERROR(analyzed("instances", {{"prediction", m_files.path("prediction.tif")}, {"truth", "instances"}}), "labels");
    }
    /// Each object as the file numbers it, also where two touch.
    void objectsOfAPredictionAreUsedAsTheyAre()
    {
        const auto blocks = [&](const char *name, int side, DType type) {
            Array a(DType::Int32, {120, 120});
            for (int i = 0; i < 120 * 120; ++i)
                a.data<std::int32_t>()[i] = i / 120 / side * (120 / side) + i % 120 / side;
            return m_files.write(name, {a.as(type)});
        };
        const auto compared = [](const std::string &file, Json more = Json::object()) {
            Json options{{"prediction", file}, {"labels", file}, {"truth", "instances"}, {"minimum-area", 0}};
            options.update(more);
            return analyzed("instances", options);
        };
        for (const auto &[path, count] : {std::pair{blocks("b15.tif", 30, DType::UInt8), 15},
                                          {blocks("b143.tif", 10, DType::UInt8), 143},
                                          {blocks("b399.tif", 6, DType::UInt16), 399},
                                          {blocks("b899.tif", 4, DType::Float32), 899}}) {
            const Result r = compared(path);
            QCOMPARE(r.values["instances"].get<int>(), count);
            QCOMPARE(r.values["ap"].get<double>(), 1.0);
            QCOMPARE(r.warnings.size(), std::size_t(1));
            QVERIFY(r.warnings[0].find("looks like one number per object") != std::string::npos);
            QCOMPARE(problemsOf(r.figures), std::string());
            const Result asked = compared(path, {{"prediction-is", "instances"}});
            QCOMPARE(asked.values["ap"].get<double>(), 1.0);
            QVERIFY(asked.warnings.empty());
        }
        EXPECT_ERROR(compared(m_files.path("b399.tif"), {{"prediction-is", "labels"}}),
                     "b399.tif: expected labels of at most 255 classes");
        // As classes too many values are named with their file, and what is read as classes is said.
        const Result one = compared(m_files.path("b15.tif"), {{"truth", "classes"}});
        QCOMPARE(one.values["instances"].get<int>(), 1);
        QVERIFY(one.warnings.at(0).find("set prediction-is to instances") != std::string::npos);
        EXPECT_ERROR(analyzed("evaluate", {{"prediction", m_files.path("b399.tif")}, {"labels", m_files.path("b399.tif")}}),
                     "b399.tif");
        // Against a mask, through the stack.
        std::vector<Array> numbered;
        for (const auto &l : m_files.labels())
            numbered.push_back(labelComponents(l, Connectivity::Four).as(DType::UInt16));
        const auto output = m_files.path("again.tif");
        const Result r =
            analyzed("instances", m_files.options({{"prediction", m_files.write("discs.tif", numbered)}, {"output", output}}));
        QCOMPARE(r.values["instances"].get<int>(), 48);
        QCOMPARE(r.values["ap"].get<double>(), 1.0);
        QCOMPARE(openImage(output)->readPage(3).value(40 * 64 + 56), 48.0);
    }
    void aClassOfSeveralIsStillAClass()
    {
        Array l(DType::UInt8, {60, 60});
        for (int i = 0; i < 3600; ++i)
            l.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 60 / 10 % 2 && i % 60 / 10 % 2 ? 1 + i % 60 / 20 % 2 : 0);
        const auto path = m_files.write("three.tif", {l});
        const Result r = analyzed("instances", {{"prediction", path}, {"labels", path}, {"class", 2}});
        QCOMPARE(r.values["instances"].get<int>(), 3);
        QCOMPARE(r.values["ap"].get<double>(), 1.0);
        QVERIFY(r.warnings.empty());
        // Without labels to say so, the reading is said.
        const Result alone = analyzed("instances", {{"prediction", path}});
        QCOMPARE(alone.values["instances"].get<int>(), 6);
        QVERIFY(alone.warnings.at(0).find("0, 1 and 2) are read as classes") != std::string::npos);
    }
    void trueNumbersMayBeLargeOrInEveryChannel()
    {
        std::vector<Array> wide;
        std::vector<TiffPage> colors, opaque;
        for (const auto &l : m_files.labels()) {
            const Array numbers = labelComponents(l, Connectivity::Four);
            wide.emplace_back(DType::UInt32, l.shape());
            colors.push_back({.pixels = Array(DType::UInt8, {48, 64, 3}), .photometric = PHOTOMETRIC_RGB});
            opaque.push_back({.pixels = Array(DType::UInt8, {48, 64, 2}), .opacity = true});
            for (std::int64_t i = 0; i < l.size(); ++i) {
                const auto n = static_cast<std::uint32_t>(numbers.value(i));
                wide.back().data<std::uint32_t>()[i] = n ? 3000000000u + n : 0;
                std::fill_n(colors.back().pixels.data<std::uint8_t>() + 3 * i, 3, static_cast<std::uint8_t>(n));
                opaque.back().pixels.data<std::uint8_t>()[2 * i] = static_cast<std::uint8_t>(n);
                opaque.back().pixels.data<std::uint8_t>()[2 * i + 1] = 255;
            }
        }
        m_files.write("wide.tif", wide);
        writeTiff(m_files.path("colors.tif"), colors);
        writeTiff(m_files.path("opaque.tif"), opaque);
        for (const char *name : {"wide.tif", "colors.tif", "opaque.tif"}) {
            const Result r = analyzed(
                "instances",
                m_files.options(
                    {{"labels", m_files.path(name)}, {"truth", "instances"}, {"method", "components"}, {"minimum-area", 4}}));
            QCOMPARE(r.values["ap-50"].get<double>(), 1.0);
        }
        std::vector<Array> parts(4, Array(DType::Float32, {48, 64}));
        parts[1].data<float>()[65] = 1.5f;
        EXPECT_ERROR(
            analyzed("instances", m_files.options({{"labels", m_files.write("parts.tif", parts)}, {"truth", "instances"}})),
            "parts.tif");
    }
    /// A true object that is too small counts neither as missed nor as found, however the labels say it.
    void smallTrueObjectsAreLeftOut()
    {
        Array mask(DType::UInt8, {40, 40}), numbers(DType::UInt16, {40, 40});
        const auto square = [&](int y, int x, int side, int number) {
            for (int i = 0; i < side * side; ++i) {
                mask.data<std::uint8_t>()[(y + i / side) * 40 + x + i % side] = 255;
                numbers.data<std::uint16_t>()[(y + i / side) * 40 + x + i % side] = static_cast<std::uint16_t>(number);
            }
        };
        square(2, 2, 10, 4);
        square(20, 20, 8, 9);
        square(30, 4, 2, 70);
        const auto prediction = m_files.write("squares.tif", {mask}), objects = m_files.write("squares-numbers.tif", {numbers});
        for (const char *truth : {"classes", "instances"})
            for (const auto &predicted : {prediction, objects}) {
                const Result r = analyzed("instances", {{"prediction", predicted},
                                                        {"truth", truth},
                                                        {"method", "components"},
                                                        {"labels", truth == std::string("classes") ? prediction : objects}});
                QCOMPARE(r.values["instances"].get<int>(), 2);
                QCOMPARE(r.values["ap"].get<double>(), 1.0);
            }
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
    /// One file of the folder for each number, its objects at a place of its own.
    void foldersArePairedByName()
    {
        const auto picture = [](int n, DType type, double value) {
            Array a(DType::Float32, {20, 30});
            for (int y = 0; y < 6; ++y)
                for (int x = 0; x < 6; ++x)
                    a.data<float>()[(2 + 3 * n + y) * 30 + 4 * n + x] = static_cast<float>(value);
            return a.as(type);
        };
        for (const char *folder : {"pred", "truth", "classes", "images"})
            std::filesystem::create_directories(m_files.path(folder));
        const std::pair<const char *, const char *> names[] = {
            {"img_b", "b_mask"}, {"raw_a", "a_mask"}, {"s_10", "S2_mask"}, {"s_2", "s010_Mask"}};
        const int predicted[] = {0, 1, 2, 3}, truth[] = {0, 1, 3, 2};
        for (int i = 0; i < 4; ++i) {
            m_files.write(std::string("pred/") + names[i].first + ".tif", {picture(predicted[i], DType::Float32, 1)});
            m_files.write(std::string("truth/") + names[i].second + ".tif", {picture(truth[i], DType::UInt16, 7)});
            m_files.write(std::string("classes/") + names[i].second + ".tif", {picture(truth[i], DType::UInt8, 255)});
            m_files.write(std::string("images/") + names[i].second[0] + std::string(names[i].second).substr(1, 3) + "_im.tif",
                          {picture(truth[i], DType::UInt8, 40 + truth[i])});
        }
        for (const char *labels : {"truth", "classes"}) {
            const Result r = analyzed("instances", {{"prediction", m_files.path("pred")},
                                                    {"labels", m_files.path(labels)},
                                                    {"truth", labels == std::string("truth") ? "instances" : "classes"},
                                                    {"method", "components"},
                                                    {"minimum-area", 0}});
            QCOMPARE(r.values["ap"].get<double>(), 1.0);
        }
        for (const char *name : {"evaluate", "postprocess"}) {
            const Result r = analyzed(name, {{"prediction", m_files.path("pred")}, {"labels", m_files.path("classes")}});
            const Json &dice = name == std::string("evaluate") ? r.values["dice"] : r.values["before"]["Dice"];
            QCOMPARE(dice.get<double>(), 1.0);
        }
        std::filesystem::remove(m_files.path("truth/a_mask.tif"));
        m_files.write("truth/c_mask.tif", {picture(1, DType::UInt16, 7)});
        EXPECT_ERROR(analyzed("instances",
                              {{"prediction", m_files.path("pred")}, {"labels", m_files.path("truth")}, {"truth", "instances"}}),
                     "none for \"raw_a.tif\"; no image for \"c_mask.tif\"");
    }
    void imagesAreThoseOfTheSameName()
    {
        std::filesystem::create_directories(m_files.path("p"));
        std::filesystem::create_directories(m_files.path("i"));
        for (const auto &[prediction, image, value] : {std::tuple{"img_b", "b", 20}, {"raw_a", "a", 10}}) {
            Array p(DType::Float32, {16, 16}), i(DType::UInt8, {16, 16});
            std::fill_n(p.data<float>() + 40, 8, 1.f);
            std::fill_n(i.data<std::uint8_t>(), 256, static_cast<std::uint8_t>(value));
            m_files.write(std::string("p/") + prediction + ".tif", {p});
            m_files.write(std::string("i/") + image + ".tif", {i});
        }
        const Result r =
            analyzed("instances", {{"prediction", m_files.path("p")}, {"images", m_files.path("i")}, {"minimum-area", 0}});
        QCOMPARE(cell(r.tables[0], "mean intensity", 0), 20.0);
        QCOMPARE(cell(r.tables[0], "mean intensity", 1), 10.0);
    }
    void cornersAndSmallestAreaOfTheTruth()
    {
        // Two squares that touch at a corner: one object of 8 px, or two of 4 px that are too small.
        Array p(DType::Float32, {12, 12});
        for (const int at : {13, 14, 25, 26, 39, 40, 51, 52})
            p.data<float>()[at] = 1;
        Array l(DType::UInt8, {12, 12});
        for (std::int64_t i = 0; i < l.size(); ++i)
            l.data<std::uint8_t>()[i] = p.data<float>()[i] > 0 ? 255 : 0;
        const auto prediction = m_files.write("corner.tif", {p}), labels = m_files.write("corner-labels.tif", {l});
        const auto found = [&](const char *connectivity) {
            return analyzed("instances",
                            {{"prediction", prediction}, {"labels", labels}, {"connectivity", connectivity}, {"minimum-area", 5}})
                .values;
        };
        QCOMPARE(found("8")["instances"].get<int>(), 1);
        QCOMPARE(found("8")["ap"].get<double>(), 1.0);
        QCOMPARE(found("4")["instances"].get<int>(), 0);
        QVERIFY(found("4")["ap"].is_null());
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
