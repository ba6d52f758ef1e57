#include "learn/CropLoader.h"

#include "base/Error.h"
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

} // namespace

class CropLoaderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void neighbouringSlicesAreFlippedToo()
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
        o.augment = {.enabled = true, .flip = 0.5, .quarterTurns = 0, .rotate = 0, .scale = 0, .elastic = 0, .noise = 0, .blur = 0,
                     .brightness = 0, .contrast = 0, .lowResolution = 0, .gamma = 0, .gammaInverted = 0};
        std::map<std::string, int> orders;
        for (int step = 0; step < 20; ++step) {
            const auto images = makeBatch(stack, o, step).images;
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
        QCOMPARE(makeBatch(wrong, plain(), 0).targets.size(), std::int64_t(4 * 16 * 16)); // not asked to check
        wrong.classes = 2;
        CropOptions whole = plain();
        whole.batch = 5; // a whole pass
        EXPECT_ERROR(makeBatch(wrong, whole, 0), "labels.tif: page 9: expected class indices from 0 to 1");
        EXPECT_ERROR(makeBatch(wrong, whole, 0), "found class 7");
        wrong.classes = 8;
        QCOMPARE(makeBatch(wrong, whole, 0).step, std::int64_t(0));
        // Also from the loader's own thread.
        wrong.classes = 3;
        CropLoader loader(wrong, whole, 0), between(wrong, whole, 0, 4, CropLoader::Work::Between);
        EXPECT_ERROR(loader.next(), "page 9");
        EXPECT_ERROR(between.next(), "page 9");
        EXPECT_ERROR(between.next(), "page 9"); // and does not go on
    }
    void givesEachStepItsBatchWhateverTheStart()
    {
        CropOptions o = plain();
        o.augment = AugmentOptions();
        o.foregroundOversampling = 0.5;
        using Work = CropLoader::Work;
        CropLoader all(source(), o, 0), late(source(), o, 6), shared(source(), o, 0, 4, Work::Beside, 3),
            between(source(), o, 0, 4, Work::Between);
        for (int step = 0; step < 10; ++step) {
            const auto batch = all.next();
            QCOMPARE(batch.step, std::int64_t(step));
            const auto again = makeBatch(source(), o, step);
            QVERIFY(batch.images == again.images && batch.targets == again.targets);
            for (auto *other : {&shared, &between}) {
                const auto same = other->next();
                QCOMPARE(same.step, batch.step);
                QVERIFY(same.images == batch.images && same.targets == batch.targets);
            }
            if (step >= 6) {
                const auto resumed = late.next();
                QCOMPARE(resumed.step, batch.step);
                QVERIFY(resumed.images == batch.images && resumed.targets == batch.targets);
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
            const auto a = makeBatch(whole, o, step), b = makeBatch(paged, o, step);
            QVERIFY(a.images == b.images && a.targets == b.targets);
        }
    }
    void visitsEverySliceOnceAPass()
    {
        std::map<float, int> seen;
        for (int step = 0; step < 15; ++step)
            for (int n = 0; n < 4; ++n)
                ++seen[makeBatch(source(), plain(), step).images.data<float>()[n * 256]];
        QCOMPARE(seen.size(), std::size_t(5));
        for (const auto &[slice, times] : seen)
            QCOMPARE(times, 12);
    }
    void centresOnTheRareClass()
    {
        const auto share = [](double oversampling) {
            auto o = plain();
            o.foregroundOversampling = oversampling;
            int with = 0;
            for (int step = 0; step < 50; ++step) {
                const auto b = makeBatch(source(200), o, step);
                for (int n = 0; n < 4; ++n) {
                    bool found = false;
                    for (int i = 0; i < 256; ++i)
                        found |= b.targets.data<std::uint8_t>()[n * 256 + i] == 1;
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
        const auto b = makeBatch(source(), o, 0);
        QCOMPARE(b.images.shape(), (std::vector<std::int64_t>{4, 1, 128, 128}));
        QCOMPARE(b.targets.dim(2), std::int64_t(128));
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
        const auto b = makeBatch(s, o, 0);
        QCOMPARE(b.weights.shape(), b.targets.shape());
        for (std::int64_t i = 0; i < b.weights.size(); ++i) {
            // One pixel between two objects: d1 = d2 = 1, 10 exp(-4 / 50).
            const double expected = b.targets.data<std::uint8_t>()[i] ? 0 : 10 * std::exp(-4.0 / 50);
            const auto column = i % 16;
            if (column > 0 && column < 15)
                QVERIFY(std::abs(b.weights.data<float>()[i] - expected) < 1e-4);
        }
    }
    void bringsErrorsOver()
    {
        auto s = source();
        s.image = [](std::int64_t) -> Array { throw Error(Error::Kind::Failed, "slice", "gone"); };
        CropLoader loader(s, plain(), 0);
        EXPECT_ERROR(loader.next(), "gone");
        EXPECT_ERROR(loader.next(), "gone");
    }
};

RETICLE_TEST(CropLoaderTest)
#include "CropLoaderTest.moc"
