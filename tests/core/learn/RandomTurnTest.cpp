#include "learn/RandomTurn_p.h"

#include "learn/Models.h"
#include "learn/prediction/ImagePredictor.h"
#include "support/SmallStack.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <atomic>
#include <thread>

using namespace reticle;

class RandomTurnTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numbersAreGivenBack()
    {
        torch::manual_seed(3);
        const auto expected = torch::rand({4});
        torch::manual_seed(3);
        {
            const SameRandom same;
            torch::rand({100});
            const SameRandom again; // one thread may hold several
            torch::rand({7});
        }
        QVERIFY(torch::equal(torch::rand({4}), expected));
    }
    void threadsTakeTurns()
    {
        std::vector<int> order;
        std::atomic<bool> asks{false};
        std::optional<RandomTurn> mine(std::in_place);
        std::thread other([&] {
            asks = true;
            const RandomTurn theirs;
            order.push_back(1);
        });
        while (!asks)
            std::this_thread::yield();
        order.push_back(0);
        mine.reset();
        other.join();
        QCOMPARE(order, (std::vector<int>{0, 1}));
    }
    /// One seed, one result: also while a person looks at models.
    void whatIsAskedMeanwhileChangesNoTraining()
    {
        QTemporaryDir dir;
        test::SmallStack stack;
        stack.write(dir.path().toStdString());
        auto recipe = stack.recipe;
        recipe["model"]["dropout"] = 0.5;
        recipe["train"]["steps"] = 40;
        const auto alone = stack.trained("alone", recipe);
        std::atomic<bool> end{false};
        std::atomic<int> asked{0};
        std::thread person([&] {
            PredictOptions o;
            o.device = "cpu";
            while (!end) {
                describeModel(Json{{"name", "unet"}, {"weights", 3000}, {"dropout", 0.3}}, 1, 1, 32, 32);
                ImagePredictor predictor(alone, o);
                ++asked;
            }
        });
        const auto beside = stack.trained("beside", recipe);
        end = true;
        person.join();
        QVERIFY(asked > 0);
        const auto losses = [&](const char *name) {
            std::vector<double> v;
            for (const auto &p : Project::open(stack.folder / (std::string(name) + ".reticle")).metric(1, "train.loss"))
                v.push_back(p.value);
            return v;
        };
        QCOMPARE(losses("alone").size(), std::size_t(40));
        QCOMPARE(losses("beside"), losses("alone"));
        QVERIFY(!beside.empty());
    }
};

RETICLE_TEST(RandomTurnTest)
#include "RandomTurnTest.moc"
