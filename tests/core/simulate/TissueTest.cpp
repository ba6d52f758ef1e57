#include "files/ImageSource.h"
#include "foundation/FreeMemory.h"
#include "imaging/Imaging.h"
#include "simulate/Simulator.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fstream>

#include <set>

using namespace reticle;

namespace {

std::string bytes(const std::filesystem::path &path)
{
    std::ifstream f(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(f), {}};
}

double sameShare(const Array &a, const Array &b)
{
    std::int64_t same = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        same += a.value(i) == b.value(i);
    return static_cast<double>(same) / static_cast<double>(a.size());
}

} // namespace

class TissueTest : public QObject
{
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    std::filesystem::path folder(const char *name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }

private Q_SLOTS:
    /// Nothing is made, and what the sentence offers is made.
    void asksForTheMemoryFirst()
    {
        const AssumedFreeMemory little(std::int64_t(64) << 20);
        const auto place = folder("little");
        EXPECT_ERROR(simulate("tissue", {{"slices", 1}, {"height", 4096}, {"width", 2048}}, 3, place),
                     "A section of 2048 x 4096 px with");
        QVERIFY(!std::filesystem::exists(place));
        EXPECT_ERROR(simulate("tissue", {{"slices", 1}, {"height", 4096}, {"width", 2048}}, 3, place),
                     "Set width to 560 and height to 1136");
        QCOMPARE(simulate("tissue", {{"slices", 1}, {"height", 1136}, {"width", 560}}, 3, place).size(), size_t(2));
        const AssumedFreeMemory none(1);
        EXPECT_ERROR(simulate("tissue", {{"slices", 1}, {"height", 64}, {"width", 64}}, 3, place), "raise the memory limit");
    }
    void aCancelledOneLeavesNoFiles()
    {
        int asked = 0;
        std::vector<std::int64_t> steps;
        std::set<std::int64_t> totals;
        const auto place = folder("cancelled");
        try {
            simulate("tissue", {{"slices", 400}, {"height", 16}, {"width", 16}}, 3, place,
                     [&](std::int64_t done, std::int64_t total) {
                         steps.push_back(done);
                         totals.insert(total);
                         return ++asked < 3;
                     });
            QFAIL("it was not cancelled");
        } catch (const Error &e) {
            QVERIFY(e.kind() == Error::Kind::Cancelled);
        }
        QCOMPARE(asked, 3);
        QVERIFY(steps[0] == 0 && steps[1] > 0 && steps[2] > steps[1]); // how far it was
        QVERIFY(totals == std::set<std::int64_t>{400});
        QVERIFY(std::filesystem::is_empty(place));
        QCOMPARE(simulate("tissue", {{"slices", 1}, {"height", 16}, {"width", 16}}, 3, place).size(), size_t(2));
    }
    void manyCellsCountToo()
    {
        const AssumedFreeMemory some(std::int64_t(300) << 20);
        EXPECT_ERROR(
            simulate("tissue", {{"height", 1024}, {"width", 1024}, {"cell-size", 20}, {"pixel-size", 50}}, 3, folder("cells")),
            "or a larger cell-size");
    }
    void makesAStackWithItsLabels()
    {
        const auto files = simulate("tissue", {{"slices", 8}, {"height", 200}, {"width", 260}}, 3, folder("a/b"));
        QCOMPARE(files.size(), size_t(2));
        QCOMPARE(files[0].filename().string(), std::string("tissue-volume.tif"));
        QCOMPARE(files[1].filename().string(), std::string("tissue-labels.tif"));
        const auto volume = openImage(files[0]), labels = openImage(files[1]);
        for (const auto &source : {volume, labels}) {
            QCOMPARE(source->info().pages, 8);
            QCOMPARE(source->info().height, 200);
            QCOMPARE(source->info().width, 260);
            QVERIFY(source->info().dtype == DType::UInt8);
            QVERIFY(std::abs(source->info().pixelSizeX - 4) < 0.01);
        }
        double interior = 0, bright = 0, dark = 0, n = 0;
        for (int z = 0; z < 8; ++z) {
            const Array v = volume->readPage(z), l = labels->readPage(z);
            for (std::int64_t i = 0; i < l.size(); ++i) {
                QVERIFY(l.value(i) == 0 || l.value(i) == 255);
                interior += l.value(i) != 0;
                (l.value(i) != 0 ? bright : dark) += v.value(i);
                ++n;
            }
            std::int32_t cells = 0;
            labelComponents(l, Connectivity::Four, &cells);
            QVERIFY2(cells > 10 && cells < 80, qPrintable(QString::number(cells)));
        }
        QVERIFY2(interior / n > 0.73 && interior / n < 0.84, qPrintable(QString::number(interior / n)));
        QVERIFY(bright / interior - dark / (n - interior) > 35); // membranes are dark
        // Cells change slowly with depth.
        const Array first = labels->readPage(0);
        QVERIFY(sameShare(first, labels->readPage(1)) > sameShare(first, labels->readPage(7)) + 0.03);
    }
    void oneSeedOneStack()
    {
        const Json options = {{"slices", 3}, {"height", 90}, {"width", 70}};
        const auto a = simulate("tissue", options, 5, folder("one")), b = simulate("tissue", options, 5, folder("two")),
                   c = simulate("tissue", options, 6, folder("three"));
        for (int i = 0; i < 2; ++i) {
            QVERIFY(openImage(a[i])->readPage(2) == openImage(b[i])->readPage(2));
            QVERIFY(!(openImage(a[i])->readPage(2) == openImage(c[i])->readPage(2)));
            QVERIFY(!bytes(a[i]).empty());
        }
    }
    void thickerMembranesLeaveLessInterior()
    {
        const auto interior = [&](double membrane, const char *name) {
            const auto files =
                simulate("tissue", {{"slices", 1}, {"height", 160}, {"width", 160}, {"membrane", membrane}}, 1, folder(name));
            const Array l = openImage(files[1])->readPage(0);
            std::int64_t n = 0;
            for (std::int64_t i = 0; i < l.size(); ++i)
                n += l.value(i) != 0;
            return n;
        };
        QVERIFY(interior(10, "thin") > interior(40, "thick") + 1500);
    }
    void smallestSize()
    {
        const auto files = simulate("tissue", {{"slices", 1}, {"height", 8}, {"width", 9}}, 1, folder("small"));
        QCOMPARE(openImage(files[1])->info().width, 9);
    }
    void namesWhatIsWrong()
    {
        EXPECT_ERROR(simulate("tissue", {{"slices", 0}}, 1, folder("x")), "slices");
        EXPECT_ERROR(simulate("tissues", {}, 1, folder("x")), "tissue");
        std::ofstream(folder("file")) << "x";
        EXPECT_ERROR(simulate("tissue", {{"slices", 1}}, 1, folder("file")), "file");
    }
};

RETICLE_TEST(TissueTest)
#include "TissueTest.moc"
