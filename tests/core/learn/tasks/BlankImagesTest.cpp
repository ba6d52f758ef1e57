#include "learn/tasks/BlankImages_p.h"

#include "learn/tasks/ImageTask_p.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

class BlankImagesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theyAreWhatTheObjectiveTakes()
    {
        const PassShape shape{2, 6, 8, 12};
        const auto of = [&](const Json &objective, std::int64_t planes = 1) {
            return blankImages(*makeObjective(objective, {}), shape, planes);
        };
        const auto bce = of({{"name", "bce"}});
        QCOMPARE(bce.size(), std::size_t(2));
        QVERIFY(bce.at("image").sizes() == torch::IntArrayRef({2, 6, 8, 12}));
        QVERIFY(bce.at("target").sizes() == torch::IntArrayRef({2, 8, 12}) && bce.at("target").scalar_type() == torch::kLong);
        QVERIFY(of({{"name", "bce"}, {"border-map", true}}).at("weights").sizes() == torch::IntArrayRef({2, 8, 12}));
        const auto mse = of({{"name", "mse"}}, 3);
        QVERIFY(mse.at("target").sizes() == torch::IntArrayRef({2, 2, 8, 12}));
        QVERIFY(mse.at("target").storage().data() == mse.at("image").storage().data());
    }

    /// A task's batches are like these, of any size, so that a forecast is of the training's own.
    void aTaskHandsOverTheSame()
    {
        for (const Json &objective :
             {Json{{"name", "bce"}, {"border-map", true}}, Json{{"name", "cross-entropy"}}, Json{{"name", "mse"}}}) {
            ImageTaskInput in;
            in.objective = makeObjective(objective, {});
            in.channels = 3;
            in.train.crop = 16;
            in.training.slices = {0};
            in.training.planes = 3;
            const auto task = in.objective->task() == "segmentation" ? segmentationTask(in) : reconstructionTask(in);
            const auto blank = blankImages(*in.objective, {2, 3, 5, 7}, 3), batch = task->imageBatch({2, 3, 5, 7});
            QCOMPARE(batch.size(), blank.size());
            for (const auto &[name, t] : blank)
                QVERIFY2(torch::equal(t, batch.at(name)) && t.scalar_type() == batch.at(name).scalar_type(), name.c_str());
            QVERIFY(task->dummyBatch(4, 0.5).at("image").sizes() == torch::IntArrayRef({4, 3, 8, 8}));
        }
    }

    void aNetworkWithoutObjectiveLearnsEachPixel()
    {
        const auto loss = pixelLoss();
        const auto one =
            loss->measure({{"output", torch::zeros({1, 1, 4, 4})}}, {{"target", torch::zeros({1, 4, 4}, torch::kLong)}});
        QVERIFY(std::abs(one.total.item<double>() - std::log(2.0)) < 1e-6);
        const auto four =
            loss->measure({{"output", torch::zeros({1, 4, 4, 4})}}, {{"target", torch::zeros({1, 4, 4}, torch::kLong)}});
        QVERIFY(std::abs(four.total.item<double>() - std::log(4.0)) < 1e-6);
    }
};

RETICLE_TEST(BlankImagesTest)
#include "BlankImagesTest.moc"
