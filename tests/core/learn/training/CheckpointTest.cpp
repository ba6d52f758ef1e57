#include "learn/training/Checkpoint_p.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <fstream>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Checkpoint sample(int n)
{
    Checkpoint c;
    c.tensors["a.weight"] = torch::arange(12, torch::kFloat).view({3, 4}) + n;
    c.tensors["turned"] = torch::arange(6, torch::kFloat).view({2, 3}).t(); // not in C order
    c.tensors["generator"] = torch::arange(5, torch::kUInt8);
    c.tensors["steps"] = torch::tensor(std::int64_t(n));
    c.info = {{"step", n}, {"text", "µ"}};
    return c;
}

} // namespace

class CheckpointTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

private Q_SLOTS:
    void survivesTheDisk()
    {
        const auto folder = m_folder.part();
        std::string warning;
        QVERIFY(!readLast(folder, warning));
        keepLast(folder, sample(3));
        const auto c = readLast(folder, warning);
        QVERIFY(warning.empty());
        QCOMPARE(c->tensors.size(), sample(3).tensors.size());
        for (const auto &[name, tensor] : sample(3).tensors)
            QVERIFY2(torch::equal(c->tensor(name), tensor) && c->tensor(name).scalar_type() == tensor.scalar_type(),
                     name.c_str());
        QVERIFY(c->info == sample(3).info);
        EXPECT_ERROR(c->tensor("b"), "\"b\"");
    }
    void keepsTheOneBefore()
    {
        const auto folder = m_folder.part();
        std::string warning;
        keepLast(folder, sample(1));
        keepLast(folder, sample(2));
        QCOMPARE(readLast(folder, warning)->info["step"].get<int>(), 2);
        fs::resize_file(folder / modelfiles::last, fs::file_size(folder / modelfiles::last) / 2);
        QCOMPARE(readLast(folder, warning)->info["step"].get<int>(), 1);
        QVERIFY(warning.find(modelfiles::last) != std::string::npos);
        EXPECT_ERROR(keepLast(folder / "no" / "such", sample(1)), modelfiles::last);
    }
    void loadsWeightsIntoTheSameModuleOnly()
    {
        const auto folder = m_folder.part();
        torch::nn::Linear a(3, 2), b(3, 2), wider(4, 2), without(torch::nn::LinearOptions(3, 2).bias(false));
        saveModel(folder, *a, {{"step", 5}});
        loadModel(*b, folder);
        QVERIFY(torch::equal(a->weight, b->weight) && torch::equal(a->bias, b->bias));
        QCOMPARE(readModel(folder).file.info["step"].get<int>(), 5);
        EXPECT_ERROR(loadModel(*wider, folder), "weight");
        EXPECT_ERROR(loadModel(*without, folder), "bias"); // left over
        torch::nn::BatchNorm2d norm(2);
        EXPECT_ERROR(loadModel(*norm, folder), "weight");
    }
};

RETICLE_TEST(CheckpointTest)
#include "CheckpointTest.moc"
