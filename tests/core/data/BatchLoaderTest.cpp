#include "data/BatchLoader.h"

#include "core/data/CountedData.h"
#include "support/Test.h"

#include <map>
#include <set>

using namespace reticle;
using namespace reticle::test;

class BatchLoaderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void loadersGiveWhatTheSourceGives()
    {
        const auto source = zipped(batchNumbers({0, 1, 2, 3, 4}, 2, 1), "more.", batchNumbers({10, 11, 12}, 2, 2));
        BatchLoader one(source, 0), late(source, 6), threads(source, 0, 3, 2), few(source, 0, 4, batchTeam(1)),
            many(source, 0, 4, batchTeam(40));
        for (std::int64_t step = 0; step < 12; ++step) {
            const Batch batch = source->batch(step);
            for (auto *loader : {&one, &threads, &few, &many})
                QVERIFY(same(loader->next(), batch));
            if (step >= 6)
                QVERIFY(same(late.next(), batch));
        }
    }
    /// A source that knows no parts is asked for whole batches.
    void loadersTakeSourcesWithoutParts()
    {
        class Plain : public BatchSource
        {
        public:
            Batch batch(std::int64_t step) const override { return {step, {}, {step}}; }
            std::int64_t stepsPerEpoch() const override { return 1; }
        };
        const auto source = std::make_shared<Plain>();
        BatchLoader beside(source, 3), between(source, 3, 4, batchTeam(3));
        for (std::int64_t step = 3; step < 9; ++step)
            for (auto *loader : {&beside, &between})
                QCOMPARE(loader->next().examples, std::vector<std::int64_t>{step});
    }
    /// Batches before the one that cannot be made are given first.
    void loadersBringErrorsOver()
    {
        const auto data = std::make_shared<Counted>(8);
        data->broken = 5;
        const auto source = shuffled(data, {0, 1, 2, 3, 4, 5, 6, 7}, 1, 3);
        std::int64_t good = 0;
        for (bool goesOn = true; goesOn;)
            try {
                source->batch(good);
                ++good;
            } catch (const Error &) {
                goesOn = false;
            }
        BatchLoader beside(source, 0), between(source, 0, 4, batchTeam(8));
        for (auto *loader : {&beside, &between}) {
            for (std::int64_t step = 0; step < good; ++step)
                QCOMPARE(loader->next().step, step);
            EXPECT_ERROR(loader->next(), "counted 5: expected numbers, found nothing");
            EXPECT_ERROR(loader->next(), "counted 5");
        }
        data->broken = -1;
        data->longer = 5;
        const auto uneven = shuffled(data, {0, 1, 2, 3, 4, 5, 6, 7}, 8, 3);
        BatchLoader alone(uneven, 0), shared(uneven, 0, 4, batchTeam(16));
        for (auto *loader : {&alone, &shared})
            for (int time = 0; time < 2; ++time)
                EXPECT_ERROR(loader->next(), "examples of one shape");
    }
};

RETICLE_TEST(BatchLoaderTest)
#include "BatchLoaderTest.moc"
