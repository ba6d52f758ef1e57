#include "learn/Checkpoint_p.h"

#include "base/Error.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fstream>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Checkpoint sample(int n)
{
    Checkpoint c;
    c.tensors["a.weight"] = torch::arange(12, torch::kFloat).view({3, 4}) + n;
    c.tensors["generator"] = torch::arange(5, torch::kUInt8);
    c.info = {{"step", n}, {"text", "µ"}};
    return c;
}

void cut(const fs::path &path, std::uintmax_t size)
{
    fs::resize_file(path, size);
}

} // namespace

class CheckpointTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    fs::path m_folder;
private Q_SLOTS:
    void init()
    {
        m_folder = fs::path(m_dir.path().toStdString()) / QTest::currentTestFunction();
        fs::create_directories(m_folder);
    }
    void survivesTheDisk()
    {
        for (const bool sealed : {true, false}) {
            writeCheckpoint(m_folder / "x.pt", sample(3), sealed);
            const auto c = readCheckpoint(m_folder / "x.pt", sealed);
            QVERIFY(torch::equal(c.tensor("a.weight"), sample(3).tensor("a.weight")));
            QVERIFY(torch::equal(c.tensor("generator"), sample(3).tensor("generator")));
            QVERIFY(c.info == sample(3).info);
            EXPECT_ERROR(c.tensor("b"), "\"b\"");
        }
    }
    void keepsTheOneBefore()
    {
        std::string warning;
        QVERIFY(!readLast(m_folder, warning));
        keepLast(m_folder, sample(1));
        QCOMPARE(readLast(m_folder, warning)->info["step"].get<int>(), 1);
        keepLast(m_folder, sample(2));
        QCOMPARE(readLast(m_folder, warning)->info["step"].get<int>(), 2);
        QVERIFY(warning.empty());
        QCOMPARE(readCheckpoint(m_folder / "previous.pt", true).info["step"].get<int>(), 1);
        fs::remove(m_folder / "last.pt");
        QCOMPARE(readLast(m_folder, warning)->info["step"].get<int>(), 1);
        QVERIFY(warning.find("missing") != std::string::npos);
    }
    void fallsBackFromADamagedOne()
    {
        keepLast(m_folder, sample(1));
        keepLast(m_folder, sample(2));
        const auto size = fs::file_size(m_folder / "last.pt");
        std::string bytes(size, '\0');
        std::ifstream(m_folder / "last.pt", std::ios::binary).read(bytes.data(), size);
        for (const std::uintmax_t kept : {std::uintmax_t(0), std::uintmax_t(7), size / 2, size - 1}) {
            cut(m_folder / "last.pt", kept);
            std::string warning;
            QCOMPARE(readLast(m_folder, warning)->info["step"].get<int>(), 1);
            QVERIFY(warning.find("last.pt") != std::string::npos);
            std::ofstream(m_folder / "last.pt", std::ios::binary).write(bytes.data(), size);
        }
        bytes[size / 3] ^= 1;
        std::ofstream(m_folder / "last.pt", std::ios::binary).write(bytes.data(), size);
        EXPECT_ERROR(readCheckpoint(m_folder / "last.pt", true), "checksum");
        std::string warning;
        QCOMPARE(readLast(m_folder, warning)->info["step"].get<int>(), 1);
        fs::remove(m_folder / "previous.pt");
        EXPECT_ERROR(readLast(m_folder, warning), "last.pt");
    }
    void refusesOtherFiles()
    {
        std::ofstream(m_folder / "x.pt") << "not an archive";
        EXPECT_ERROR(readCheckpoint(m_folder / "x.pt", false), "x.pt");
        EXPECT_ERROR(readCheckpoint(m_folder / "none.pt", false), "none.pt");
        EXPECT_ERROR(writeCheckpoint(m_folder / "no" / "such" / "x.pt", sample(1), true), "x.pt");
    }
    void loadsWeightsIntoTheSameModuleOnly()
    {
        torch::nn::Linear a(3, 2), b(3, 2), c(4, 2);
        saveWeights(m_folder / "m.pt", *a, {{"step", 5}});
        const auto info = loadWeights(*b, m_folder / "m.pt");
        QVERIFY(torch::equal(a->weight, b->weight) && torch::equal(a->bias, b->bias));
        QCOMPARE(info["step"].get<int>(), 5);
        EXPECT_ERROR(loadWeights(*c, m_folder / "m.pt"), "weight");
    }
};

RETICLE_TEST(CheckpointTest)
#include "CheckpointTest.moc"
