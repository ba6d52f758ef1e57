#include "files/formats/TorchArchive.h"

#include "foundation/FreeMemory.h"
#include "support/Mutate.h"
#include "support/TemporaryFolder.h"
#include "support/TensorFiles.h"
#include "support/Test.h"
#include "support/TorchArchives.h"

using namespace reticle;

namespace {

const Json info{{"step", 7}};

TensorFile readOf(const std::string &bytes, bool sealed = false)
{
    return readTorchArchive(MemoryBytes(bytes, "x.pt"), sealed);
}

/// An archive of one tensor "a" over a storage of `stored` floats 0, 1, 2 ….
std::string archiveOf(const test::ArchivedTensor &t, std::size_t stored)
{
    std::vector<float> values(stored);
    for (std::size_t i = 0; i < stored; ++i)
        values[i] = static_cast<float>(i);
    return test::zipOf(
        {{"archive/data/0", std::string(reinterpret_cast<const char *>(values.data()), 4 * stored)},
         {"archive/data.pkl",
          test::pickleOf({{"t0", t.pickled()}, {"names", test::pickledText("a\n")}, {"info", test::pickledText("{}")}})}});
}

} // namespace

class TorchArchiveTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhatWasWritten()
    {
        const auto arrays = test::sampleArrays();
        for (const bool sealed : {false, true}) {
            const auto file = readOf(test::torchArchive(arrays, info, sealed), sealed);
            QVERIFY(file.info == info);
            QCOMPARE(file.tensors.size(), arrays.size());
            for (const auto &[name, array] : arrays)
                QVERIFY2(file.tensors.at(name) == array, name.c_str());
        }
    }
    /// One that LibTorch 1.13 wrote.
    void readsAnArchiveOfTheLibrary()
    {
        const auto model = test::readAll(test::source("tests/reference/project-before/runs/1/model.pt"));
        const auto file = readOf(model);
        std::int64_t weights = 0;
        for (const auto &[name, array] : file.tensors)
            weights += array.size();
        QCOMPARE(weights, std::int64_t(203));
        QVERIFY(file.info == Json({{"step", 8}}));
        const auto last = readOf(test::readAll(test::source("tests/reference/project-before/runs/1/last.pt")), true);
        QVERIFY(last.tensors.at("generator").dtype() == DType::UInt8);
        QCOMPARE(last.tensors.at("optimiser.steps").value(0), 8.0);
        QCOMPARE(last.info.at("step").get<int>(), 8);
        EXPECT_ERROR(readOf(model, true), "checksum of a checkpoint");
    }
    void stridesAndOffsetsAreFollowed()
    {
        const auto file = readOf(archiveOf({.stored = 12, .offset = 1, .shape = {2, 3}, .strides = {1, 4}}, 12));
        const auto &a = file.tensors.at("a");
        for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 3; ++j)
                QCOMPARE(a.value(3 * i + j), 1.0 + i + 4 * j);
        // A side of one entry may have any stride.
        const auto one = readOf(archiveOf({.stored = 2, .offset = 0, .shape = {1, 2}, .strides = {INT64_MAX, 1}}, 2));
        QCOMPARE(one.tensors.at("a").value(1), 1.0);
    }
    void liesAreRefused()
    {
        using T = test::ArchivedTensor;
        EXPECT_ERROR(readOf(archiveOf(T{.stored = 12, .offset = 1, .shape = {12}, .strides = {1}}, 12)), "contradict");
        EXPECT_ERROR(readOf(archiveOf(T{.stored = 12, .offset = 0, .shape = {2, 2}, .strides = {11, 1}}, 12)), "contradict");
        EXPECT_ERROR(readOf(archiveOf(T{.stored = 13, .offset = 0, .shape = {12}, .strides = {1}}, 12)), "contradict");
        EXPECT_ERROR(readOf(archiveOf(T{.stored = std::int64_t(1) << 62, .shape = {1}, .strides = {1}}, 1)), "contradict");
        EXPECT_ERROR(readOf(archiveOf(T{.stored = 1, .shape = {INT64_MAX, INT64_MAX}, .strides = {0, 0}}, 1)), "contradict");
        // Memory is not taken for a number that is repeated 2^40 times.
        EXPECT_ERROR(readOf(archiveOf(T{.stored = 1, .shape = {1 << 20, 1 << 20}, .strides = {0, 0}}, 1)), "contradict");
        EXPECT_ERROR(readOf(archiveOf(T{.file = "1", .stored = 1, .shape = {1}, .strides = {1}}, 1)), "missing");
    }
    void oneStorageIsNotReadAgainAndAgain()
    {
        std::vector<std::pair<std::string, std::string>> attributes;
        std::string names;
        for (int i = 0; i < 5000; ++i) {
            attributes.emplace_back("t" + std::to_string(i),
                                    test::ArchivedTensor{.stored = 1 << 18, .shape = {1}, .strides = {1}}.pickled());
            names += "n" + std::to_string(i) + "\n";
        }
        attributes.emplace_back("names", test::pickledText(names));
        attributes.emplace_back("info", test::pickledText("{}"));
        EXPECT_ERROR(readOf(test::zipOf(
                         {{"archive/data/0", std::string(1 << 20, '\0')}, {"archive/data.pkl", test::pickleOf(attributes)}})),
                     "contradict");
    }
    /// As in an archive whose code runs on loading: neither its objects nor its code are looked at.
    void codeIsRefused()
    {
        for (const std::string body : {"    torch.save(state, \"written\")\n", "    while True:\n      pass\n"}) {
            const auto bytes =
                test::zipOf({{"archive/data.pkl", "\x80\x02"
                                                  "c__torch__\nModule\n)\x81K\x01"
                                                  "b."},
                             {"archive/code/__torch__.py", "class Module(Module):\n  def __setstate__(self, state):\n" + body},
                             {"archive/constants.pkl", "\x80\x02)."},
                             {"archive/version", "3\n"}});
            for (const bool sealed : {false, true})
                try {
                    readOf(bytes, sealed);
                    QFAIL("was read");
                } catch (const ForeignFile &e) {
                    QVERIFY2(std::string(e.what()).find("x.pt: Reticle did not write this file") == 0, e.what());
                }
        }
        EXPECT_ERROR(readOf(test::zipOf({{"word/document.xml", "text"}})), "without weights");
    }
    void damageOfACheckpointIsFound()
    {
        const auto whole = test::torchArchive(test::sampleArrays(), info, true);
        for (std::size_t i = 0; i < whole.size(); ++i) {
            auto bytes = whole;
            bytes[i] = static_cast<char>(bytes[i] ^ (1 << i % 8));
            EXPECT_ERROR(readOf(bytes, true), "x.pt");
        }
        for (std::size_t size = 0; size < whole.size(); size += 7)
            EXPECT_ERROR(readOf(whole.substr(0, size), true), "damaged");
    }
    /// What a model of before holds is compared with its checksums; what is not read may change.
    void damageOfAModelIsFoundOrChangesNothing()
    {
        const auto arrays = test::sampleArrays();
        const auto whole = test::torchArchive(arrays, info);
        int refused = 0;
        for (std::size_t i = 0; i < whole.size(); ++i)
            for (int bit = 0; bit < 8; ++bit) {
                auto bytes = whole;
                bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
                try {
                    const auto file = readOf(bytes);
                    QVERIFY(file.info == info && file.tensors.size() == arrays.size());
                    for (const auto &[name, array] : arrays)
                        QVERIFY(file.tensors.at(name) == array);
                } catch (const Error &) {
                    ++refused;
                }
            }
        QVERIFY(refused > 4000);
    }
    void aCheckpointLargerThanTheMemoryIsNotReadThrough()
    {
        const auto whole = test::torchArchive(test::sampleArrays(), info, true);
        const AssumedFreeMemory little(static_cast<std::int64_t>(whole.size()) - 1);
        EXPECT_ERROR(readOf(whole, true), "not enough memory");
    }
    /// A short form of tests/fuzz/FuzzModels.cpp.
    void damagedFilesGiveAnErrorOrArrays()
    {
        const auto arrays = test::sampleArrays();
        const std::vector<std::string> seeds{test::tensorFile(arrays, info), test::torchArchive(arrays, info),
                                             test::torchArchive(arrays, info, true)};
        int read = 0;
        for (std::size_t k = 0; k < 2000; ++k) {
            const auto bytes = test::mutated(seeds[k % 3], seeds[(k + 1) % 3], k);
            read += test::readAsModel(bytes) + test::readAsModel(test::withFittingChecksums(bytes));
        }
        QVERIFY2(read > 100, std::to_string(read).c_str());
    }
};

RETICLE_TEST(TorchArchiveTest)
#include "TorchArchiveTest.moc"
