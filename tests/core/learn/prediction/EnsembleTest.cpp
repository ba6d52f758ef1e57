#include "learn/prediction/Ensemble.h"

#include "learn/prediction/ImagePredictor.h"
#include "learn/prediction/Scoring.h"
#include "project/ModelFiles.h"
#include "support/SmallStack.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <cmath>

using namespace reticle;
namespace fs = std::filesystem;

class EnsembleTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    test::SmallStack m_stack;

    static PredictOptions options()
    {
        PredictOptions o;
        o.tile = 128; // whole pages, so that tiles do not average logits
        o.device = "cpu";
        o.precision = "float32"; // bfloat16 rounds the input before it is scaled for each
        return o;
    }
    Project project(const std::string &name) const { return Project::open(m_stack.folder / (name + ".reticle")); }

private Q_SLOTS:
    void initTestCase()
    {
        m_stack.write(m_dir.path().toStdString());
        // Scaled by what each has trained on: the same numbers mean something else to each member.
        for (int fold = 1; fold <= 3; ++fold) {
            auto recipe = m_stack.recipe;
            recipe["data"].update({{"scaling", "z-score"}, {"split", "folds"}, {"folds", 3}, {"fold", fold}});
            recipe["train"]["steps"] = 12;
            if (fold == 2)
                recipe["model"] = {{"name", "fcn"}, {"weights", 3000}}; // members need not be alike inside
            m_stack.trained("P", recipe);
        }
    }
    void predictsTheMeanOfItsMembers()
    {
        auto p = project("P");
        const auto made = makeEnsemble(p, {1, 2, 3}, "All folds");
        QCOMPARE(made.title, std::string("All folds"));
        QVERIFY(made.status == RunStatus::Done);
        QCOMPARE(ensembleMembers(made), (std::vector<std::int64_t>{1, 2, 3}));
        QVERIFY(ensembleMembers(p.run(1)).empty());
        const auto source = openImage(m_stack.folder / "images.tif");
        const auto page = source->readPage(2);
        std::vector<Array> members;
        double weights = 0;
        std::set<double> factors;
        for (int run = 1; run <= 3; ++run) {
            ImagePredictor one(p.runFolder(run), options());
            members.push_back(one.predict(page));
            weights += one.metadata()["weights"].get<double>();
            factors.insert(one.metadata()["scaling"]["factor"].get<double>());
        }
        QCOMPARE(factors.size(), std::size_t(3)); // else this would test nothing
        ImagePredictor all(p.runFolder(made.id), options());
        QCOMPARE(all.metadata()["weights"].get<double>(), weights);
        const auto mean = all.predict(page);
        double maximum = 0;
        for (std::int64_t i = 0; i < mean.size(); ++i)
            maximum = std::max(maximum,
                               std::abs(mean.value(i) - (members[0].value(i) + members[1].value(i) + members[2].value(i)) / 3));
        QVERIFY2(maximum < 2e-6, qPrintable(QString::number(maximum)));
        // It is scored as a run is, and stays when its members go.
        const auto scores = scoreModel(p, made, "test", "cpu", [] { return true; });
        QVERIFY(scores.at("dice").get<double>() > 0.3);
        for (int run = 1; run <= 3; ++run)
            fs::remove_all(p.runFolder(run));
        QVERIFY(ImagePredictor(p.runFolder(made.id), options()).predict(page) == mean);
    }
    void membersMustFit()
    {
        m_stack.trained("Q", m_stack.recipe);
        auto context = m_stack.recipe;
        context["data"]["context"] = 1;
        m_stack.trained("Q", context);
        auto p = project("Q");
        EXPECT_ERROR(makeEnsemble(p, {1}, ""), "two runs or more");
        EXPECT_ERROR(makeEnsemble(p, {1, 2}, ""), "run 2: expected channels as in run 1");
        QCOMPARE(p.runs().size(), std::size_t(2)); // nothing is left of it
        m_stack.trained("Q", m_stack.recipe);
        const auto made = makeEnsemble(p, {1, 3}, "Two");
        EXPECT_ERROR(makeEnsemble(p, {1, made.id}, ""), "an ensemble");
        EXPECT_ERROR(makeEnsemble(p, {1, 99}, ""), "99");
    }
};

RETICLE_TEST(EnsembleTest)
#include "EnsembleTest.moc"
