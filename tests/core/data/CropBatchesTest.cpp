#include "data/CropBatches.h"

#include "data/BatchLoader.h"
#include "foundation/Error.h"
#include "foundation/Parallel.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>
#include <map>

using namespace reticle;

namespace {

/// Five slices whose values say which slice they are; class 1 is a small square.
CropSource source(std::int64_t side = 60)
{
    CropSource s;
    s.slices = {2, 3, 5, 8, 9};
    s.image = [side](std::int64_t slice) {
        Array a(DType::Float32, {1, side, side});
        for (float &v : a.span<float>())
            v = static_cast<float>(slice);
        return a;
    };
    s.target = [side](std::int64_t slice) {
        Array a(DType::UInt8, {side, side});
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 3; ++j)
                a.data<std::uint8_t>()[(side / 2 + i) * side + side / 2 + j] = 1;
        return a;
    };
    s.classCounts = {5 * (side * side - 9), 45};
    return s;
}

CropOptions plain()
{
    CropOptions o{.batch = 4, .crop = 16, .foregroundOversampling = 0, .seed = 3};
    o.augment.enabled = false;
    return o;
}

std::shared_ptr<BatchSource> loaded(const CropSource &source, const CropOptions &options)
{
    return std::make_shared<CropBatches>(source, options);
}

/// More threads than a batch has crops, so that several batches are made at once.
BatchLoader::Team team()
{
    return {[] { return 9; },
            [](std::int64_t n, const std::function<void(std::int64_t)> &work) {
                inParallel(n, 3, [&](std::int64_t i, int) { work(i); });
            }};
}

} // namespace

class CropBatchesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void neighboringSlicesAreFlippedToo()
    {
        auto stack = source();
        stack.planes = 3;
        stack.image = [](std::int64_t slice) { // two channels in each of three planes
            Array a(DType::Float32, {6, 60, 60});
            for (std::int64_t i = 0; i < a.size(); ++i)
                a.data<float>()[i] = static_cast<float>(10 * slice + i / 3600);
            return a;
        };
        auto o = plain();
        o.augment = {.enabled = true,
                     .flip = 0.5,
                     .quarterTurns = 0,
                     .rotate = 0,
                     .scale = 0,
                     .elastic = 0,
                     .noise = 0,
                     .blur = 0,
                     .brightness = 0,
                     .contrast = 0,
                     .lowResolution = 0,
                     .gamma = 0,
                     .gammaInverted = 0};
        std::map<std::string, int> orders;
        for (int step = 0; step < 20; ++step) {
            const auto images = CropBatches(stack, o).batch(step).at("image");
            for (int n = 0; n < 4; ++n) {
                std::string order;
                for (int c = 0; c < 6; ++c)
                    order += std::to_string(static_cast<int>(images.data<float>()[(n * 6 + c) * 256]) % 10);
                ++orders[order];
            }
        }
        QCOMPARE(orders.size(), std::size_t(2));
        QVERIFY(orders["012345"] > 20 && orders["450123"] == 0 && orders["452301"] > 20);
    }
    void aLabelBeyondTheClassesIsSaidWithItsSlice()
    {
        auto wrong = source();
        wrong.target = [](std::int64_t slice) {
            Array a(DType::UInt8, {60, 60});
            a.data<std::uint8_t>()[0] = SegmentationData::ignore;
            if (slice == 8)
                for (auto &v : a.span<std::uint8_t>())
                    v = 7;
            return a;
        };
        wrong.name = [](std::int64_t slice) { return "labels.tif: page " + std::to_string(slice + 1); };
        QCOMPARE(CropBatches(wrong, plain()).batch(0).at("labels").size(), std::int64_t(4 * 16 * 16)); // not asked to check
        wrong.classes = 2;
        CropOptions whole = plain();
        whole.batch = 5; // a whole pass
        EXPECT_ERROR(CropBatches(wrong, whole).batch(0), "labels.tif: page 9: expected class indices from 0 to 1");
        EXPECT_ERROR(CropBatches(wrong, whole).batch(0), "found class 7");
        wrong.classes = 8;
        QCOMPARE(CropBatches(wrong, whole).batch(0).step, std::int64_t(0));
        // Also from the loader's own thread.
        wrong.classes = 3;
        BatchLoader loader(loaded(wrong, whole), 0), between(loaded(wrong, whole), 0, 4, team());
        EXPECT_ERROR(loader.next(), "page 9");
        EXPECT_ERROR(between.next(), "page 9");
        EXPECT_ERROR(between.next(), "page 9"); // and does not go on
    }
    void givesEachStepItsBatchWhateverTheStart()
    {
        CropOptions o = plain();
        o.augment = AugmentOptions();
        o.foregroundOversampling = 0.5;
        BatchLoader all(loaded(source(), o), 0), late(loaded(source(), o), 6), shared(loaded(source(), o), 0, 4, 3),
            between(loaded(source(), o), 0, 4, team());
        for (int step = 0; step < 10; ++step) {
            const auto batch = all.next();
            QCOMPARE(batch.step, std::int64_t(step));
            const auto again = CropBatches(source(), o).batch(step);
            QVERIFY(batch.at("image") == again.at("image") && batch.at("labels") == again.at("labels"));
            for (auto *other : {&shared, &between}) {
                const auto same = other->next();
                QCOMPARE(same.step, batch.step);
                QVERIFY(same.at("image") == batch.at("image") && same.at("labels") == batch.at("labels"));
            }
            if (step >= 6) {
                const auto resumed = late.next();
                QCOMPARE(resumed.step, batch.step);
                QVERIFY(resumed.at("image") == batch.at("image") && resumed.at("labels") == batch.at("labels"));
            }
        }
    }
    void pagesAreTheChannelsOfTheImage()
    {
        auto whole = source(), paged = source();
        whole.planes = paged.planes = 3;
        const auto page = [](std::int64_t slice, std::int64_t k) {
            Array a(DType::Float32, {2, 60, 60});
            for (std::int64_t i = 0; i < a.size(); ++i)
                a.data<float>()[i] = static_cast<float>(std::sin(0.01 * static_cast<double>(i * (slice + k))));
            return a;
        };
        whole.image = [&](std::int64_t slice) {
            Array a(DType::Float32, {6, 60, 60});
            for (std::int64_t k = 0; k < 3; ++k)
                std::copy_n(page(slice, k).data<float>(), 7200, a.data<float>() + k * 7200);
            return a;
        };
        paged.pages = [&](std::int64_t slice) { return std::vector<Array>{page(slice, 0), page(slice, 1), page(slice, 2)}; };
        auto o = plain();
        o.augment = {.rotate = 0.7, .elastic = 0.7, .noise = 0.5, .defocus = 0.5};
        for (int step = 0; step < 4; ++step) {
            const auto a = CropBatches(whole, o).batch(step), b = CropBatches(paged, o).batch(step);
            QVERIFY(a.at("image") == b.at("image") && a.at("labels") == b.at("labels"));
        }
    }
    void visitsEverySliceOnceAPass()
    {
        std::map<float, int> seen;
        for (int step = 0; step < 15; ++step)
            for (int n = 0; n < 4; ++n)
                ++seen[CropBatches(source(), plain()).batch(step).at("image").data<float>()[n * 256]];
        QCOMPARE(seen.size(), std::size_t(5));
        for (const auto &[slice, times] : seen)
            QCOMPARE(times, 12);
    }
    /// A batch says which slices it has, and an epoch covers the pixels of the training slices.
    void knowsItsSlicesAndTheEpoch()
    {
        const CropBatches batches(source(), plain());
        for (int step = 0; step < 5; ++step) {
            const auto batch = batches.batch(step);
            QCOMPARE(batch.examples.size(), std::size_t(4));
            QVERIFY(!batch.has("weights"));
            for (std::size_t n = 0; n < 4; ++n)
                QCOMPARE(batch.at("image").at(static_cast<std::int64_t>(n)).value(0), static_cast<double>(batch.examples[n]));
        }
        QCOMPARE(batches.stepsPerEpoch(), std::int64_t(18)); // 5 slices of 60 x 60: 71 crops of 16 x 16, 4 in a step
    }
    void centersOnTheRareClass()
    {
        const auto share = [](double oversampling) {
            auto o = plain();
            o.foregroundOversampling = oversampling;
            int with = 0;
            for (int step = 0; step < 50; ++step) {
                const auto b = CropBatches(source(200), o).batch(step);
                for (int n = 0; n < 4; ++n) {
                    bool found = false;
                    for (int i = 0; i < 256; ++i)
                        found |= b.at("labels").data<std::uint8_t>()[n * 256 + i] == 1;
                    with += found;
                }
            }
            return with / 200.0;
        };
        QVERIFY(share(0) < 0.1);
        QVERIFY(std::abs(share(0.33) - 0.34) < 0.1);
        QCOMPARE(share(1), 1.0);
    }
    void takesImagesSmallerThanTheCrop()
    {
        auto o = plain();
        o.crop = 128;
        const auto b = CropBatches(source(), o).batch(0);
        QCOMPARE(b.at("image").shape(), (std::vector<std::int64_t>{4, 1, 128, 128}));
        QCOMPARE(b.at("labels").dim(2), std::int64_t(128));
    }
    void mapsBordersWhereAsked()
    {
        auto o = plain();
        o.border = true;
        auto s = source();
        s.target = [](std::int64_t) {
            Array a(DType::UInt8, {60, 60});
            for (int i = 0; i < 60; ++i)
                for (int j = 0; j < 60; ++j)
                    a.data<std::uint8_t>()[i * 60 + j] = j % 6 != 0;
            return a;
        };
        const auto b = CropBatches(s, o).batch(0);
        QCOMPARE(b.at("weights").shape(), b.at("labels").shape());
        for (std::int64_t i = 0; i < b.at("weights").size(); ++i) {
            // One pixel between two objects: d1 = d2 = 1, 10 exp(-4 / 50).
            const double expected = b.at("labels").data<std::uint8_t>()[i] ? 0 : 10 * std::exp(-4.0 / 50);
            const auto column = i % 16;
            if (column > 0 && column < 15)
                QVERIFY(std::abs(b.at("weights").data<float>()[i] - expected) < 1e-4);
        }
    }
    void bringsErrorsOver()
    {
        auto s = source();
        s.image = [](std::int64_t) -> Array { throw Error(Error::Kind::Failed, "slice", "gone"); };
        BatchLoader loader(loaded(s, plain()), 0);
        EXPECT_ERROR(loader.next(), "gone");
        EXPECT_ERROR(loader.next(), "gone");
    }
};

RETICLE_TEST(CropBatchesTest)
#include "CropBatchesTest.moc"
