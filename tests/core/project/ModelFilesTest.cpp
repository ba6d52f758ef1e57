#include "project/ModelFiles.h"

#include "support/TemporaryFolder.h"
#include "support/TensorFiles.h"
#include "support/Test.h"
#include "support/TorchArchives.h"

#include <sys/stat.h>

#include <cmath>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

std::vector<TensorView> views(const std::vector<std::pair<std::string, Array>> &arrays)
{
    std::vector<TensorView> all;
    for (const auto &[name, array] : arrays)
        all.push_back({name, array.dtype(), array.shape(), {array.raw(), array.bytes()}});
    return all;
}

const auto arrays = test::sampleArrays();
const Json description{{"recipe", {{"model", {{"name", "fcn"}}}}}, {"channels", 1}, {"step", 3}};

void flip(const fs::path &file, std::size_t at)
{
    auto bytes = test::readAll(file);
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    test::writeAll(file, bytes);
}

} // namespace

class ModelFilesTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    fs::path written() const
    {
        const auto folder = m_folder.part();
        writeModel(folder, views(arrays), description);
        return folder;
    }
    /// A model as it was written before.
    fs::path old() const
    {
        const auto folder = m_folder.part();
        test::writeAll(folder / modelfiles::oldModel, test::torchArchive(arrays, {{"step", 2}}));
        test::writeAll(folder / modelfiles::description, description.dump(2));
        return folder;
    }

private Q_SLOTS:
    void aModelSurvivesTheDisk()
    {
        const auto folder = written();
        QVERIFY(hasModel(folder) && !hasModel(m_folder.part()));
        const auto model = readModel(folder);
        QVERIFY(model.file.info == description && readModelDescription(folder) == description);
        QVERIFY(model.file.tensors.at("a.weight") == arrays[0].second);
        QCOMPARE(model.elements(), std::int64_t(12));
        Json copy = Json::parse(test::readAll(folder / modelfiles::description));
        QCOMPARE(copy["step"].get<int>(), 3);
        fs::remove(folder / modelfiles::description); // nothing depends on it
        QVERIFY(readModel(folder).file.info == description);
    }
    void aModelOfBeforeIsRead()
    {
        const auto folder = old();
        QVERIFY(hasModel(folder));
        QVERIFY(readModel(folder).file.info == description && readModelDescription(folder) == description);
        fs::remove(folder / modelfiles::description);
        EXPECT_ERROR(readModel(folder), modelfiles::description);
        EXPECT_ERROR(readModel(m_folder.part()), "train the run first");
    }
    void aNewerVersionIsRefused()
    {
        const auto of = [&](const Json &version) {
            const auto folder = m_folder.part();
            Json versioned = description;
            if (!version.is_null())
                versioned["version"] = version;
            writeModel(folder, views(arrays), versioned);
            return folder;
        };
        for (const Json &version : {Json(), Json(0), Json(1), Json(modelfiles::version)}) {
            const auto folder = of(version);
            QVERIFY(readModel(folder).file.info == readModelDescription(folder));
        }
        const auto newer = of(modelfiles::version + 1);
        EXPECT_ERROR(readModel(newer), "made by a newer version of Reticle");
        EXPECT_ERROR(readModel(newer), "up to " + std::to_string(modelfiles::version));
        EXPECT_ERROR(readModel(newer), modelfiles::model);
        EXPECT_ERROR(readModelDescription(newer), "made by a newer version of Reticle");
        for (const Json &version : {Json("3"), Json(1.5), Json(-1), Json(true), Json::object()})
            EXPECT_ERROR(readModel(of(version)), "the version of the model");
        // As it was written before, in model.json beside the weights.
        const auto before = old();
        Json versioned = description;
        versioned["version"] = modelfiles::version + 1;
        test::writeAll(before / modelfiles::description, versioned.dump(2));
        EXPECT_ERROR(readModel(before), "made by a newer version of Reticle");
        EXPECT_ERROR(readModelDescription(before), "made by a newer version of Reticle");
    }
    void aNewModelReplacesOneOfBefore()
    {
        const auto folder = old();
        writeModel(folder, views(arrays), {{"step", 9}});
        QVERIFY(!fs::exists(folder / modelfiles::oldModel));
        QVERIFY(readModel(folder).file.info == Json({{"step", 9}}));
        // Killed before the old one went away, the new one counts.
        test::writeAll(folder / modelfiles::oldModel, test::torchArchive({}, {{"step", 2}}));
        QVERIFY(readModel(folder).file.info == Json({{"step", 9}}));
    }
    /// Killed between the two files, the folder holds the weights of now and the copy of before.
    void aCopyOfOtherWeightsIsPassedOver()
    {
        const auto folder = written();
        const auto copy = test::readAll(folder / modelfiles::description);
        writeModel(folder, views(arrays), {{"step", 4}});
        test::writeAll(folder / modelfiles::description, copy);
        QVERIFY(readModel(folder).file.info == Json({{"step", 4}}));
    }
    void aChangedCopyIsNotBelieved()
    {
        const auto folder = written();
        auto copy = Json::parse(test::readAll(folder / modelfiles::description));
        copy["recipe"]["model"]["weights"] = 1000000000;
        test::writeAll(folder / modelfiles::description, copy.dump(2));
        EXPECT_ERROR(readModel(folder), "only a copy");
        test::writeAll(folder / modelfiles::description, "half a fi");
        EXPECT_ERROR(readModel(folder), modelfiles::description);
        EXPECT_ERROR(readModel(folder), "Delete it; Reticle does not need it.");
    }
    void anotherFileInTheModelsPlaceIsRefused()
    {
        const auto code = test::zipOf({{"archive/data.pkl", "\x80\x02"
                                                            "c__torch__\nModule\n)\x81K\x01"
                                                            "b."}});
        for (const auto &folder : {old(), written()}) {
            test::writeAll(folder / modelfiles::oldModel, code);
            EXPECT_ERROR(readModel(folder), modelfiles::oldModel);
        }
        const auto folder = written();
        test::writeAll(folder / modelfiles::model, code);
        EXPECT_ERROR(readModel(folder), "Reticle did not write this file");
        fs::remove(folder / modelfiles::model);
        fs::create_symlink("/dev/zero", folder / modelfiles::model);
        EXPECT_ERROR(readModel(folder), "device");
        fs::remove(folder / modelfiles::model);
        QCOMPARE(::mkfifo((folder / modelfiles::model).c_str(), 0600), 0);
        EXPECT_ERROR(readModel(folder), "pipe");
        const auto before = old();
        fs::remove(before / modelfiles::description);
        fs::create_symlink("/dev/zero", before / modelfiles::description);
        EXPECT_ERROR(readModel(before), "device");
    }
    void weightsMustBeFinite()
    {
        for (const float wrong : {NAN, INFINITY, -INFINITY}) {
            auto changed = test::sampleArrays();
            changed[0].second.data<float>()[3] = wrong;
            const auto folder = m_folder.part();
            writeModel(folder, views(changed), description);
            EXPECT_ERROR(readModel(folder), "not finite");
        }
    }
    void theCheckpointBeforeIsKept()
    {
        const auto folder = m_folder.part();
        std::string warning;
        QVERIFY(!readCheckpoint(folder, warning));
        for (const int step : {1, 2}) {
            keepCheckpoint(folder, views(arrays), {{"step", step}});
            QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), step);
        }
        QVERIFY(warning.empty());
        const auto whole = test::readAll(folder / modelfiles::last);
        for (const std::size_t kept : {std::size_t(0), std::size_t(7), whole.size() / 2, whole.size() - 1}) {
            test::writeAll(folder / modelfiles::last, whole.substr(0, kept));
            warning.clear();
            QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 1);
            QVERIFY(warning.find(modelfiles::last) != std::string::npos);
        }
        test::writeAll(folder / modelfiles::last, whole);
        flip(folder / modelfiles::last, whole.size() / 3);
        QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 1);
        fs::remove(folder / modelfiles::last);
        QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 1);
        QVERIFY(warning.find("missing") != std::string::npos);
        flip(folder / modelfiles::previous, whole.size() / 2);
        EXPECT_ERROR(readCheckpoint(folder, warning), modelfiles::previous);
    }
    /// A training that was resumed from the checkpoint before must not lose that one to the damaged one.
    void aDamagedCheckpointReplacesNoWholeOne()
    {
        const auto folder = m_folder.part();
        const auto last = folder / modelfiles::last, previous = folder / modelfiles::previous;
        keepCheckpoint(folder, views(arrays), {{"step", 1}});
        keepCheckpoint(folder, views(arrays), {{"step", 2}});
        const auto before = test::readAll(previous);
        for (const bool cut : {false, true}) {
            if (cut)
                test::writeAll(last, "half");
            else
                flip(last, test::readAll(last).size() / 3);
            std::string warning;
            QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 1);
            keepCheckpoint(folder, views(arrays), {{"step", 3}});
            QVERIFY(test::readAll(previous) == before);
            QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 3);
        }
        keepCheckpoint(folder, views(arrays), {{"step", 4}});
        fs::remove(last);
        std::string warning;
        QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 3);
    }
    void aCheckpointOfBeforeIsReadAndReplaced()
    {
        const auto folder = m_folder.part();
        std::string warning;
        test::writeAll(folder / modelfiles::oldLast, test::torchArchive(arrays, {{"step", 6}}, true));
        test::writeAll(folder / modelfiles::oldPrevious, test::torchArchive(arrays, {{"step", 5}}, true));
        QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 6);
        QVERIFY(warning.empty());
        flip(folder / modelfiles::oldLast, 500);
        QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 5);
        QVERIFY(warning.find(modelfiles::oldLast) != std::string::npos);
        // Killed between the new one and the removal of the old ones, the new one counts.
        const auto before = test::readAll(folder / modelfiles::oldPrevious);
        keepCheckpoint(folder, views(arrays), {{"step", 7}});
        QVERIFY(!fs::exists(folder / modelfiles::oldLast) && !fs::exists(folder / modelfiles::oldPrevious));
        test::writeAll(folder / modelfiles::oldLast, before);
        warning.clear();
        QCOMPARE(readCheckpoint(folder, warning)->info["step"].get<int>(), 7);
        QVERIFY(warning.empty());
    }
    /// Damage is answered with the checkpoint before, a file of somebody else's with an end.
    void aForeignCheckpointIsRefused()
    {
        const auto code = test::zipOf({{"archive/data.pkl", "\x80\x02"
                                                            "c__torch__\nModule\n)\x81K\x01"
                                                            "b."}});
        for (const char *name : {modelfiles::last, modelfiles::oldLast, modelfiles::oldPrevious}) {
            const auto folder = m_folder.part();
            std::string warning;
            keepCheckpoint(folder, views(arrays), {{"step", 1}});
            keepCheckpoint(folder, views(arrays), {{"step", 2}});
            test::writeAll(folder / name, code);
            EXPECT_ERROR(readCheckpoint(folder, warning), name);
            fs::remove(folder / name);
            fs::create_symlink("/dev/zero", folder / name);
            EXPECT_ERROR(readCheckpoint(folder, warning), "device");
        }
    }
    void tasksOfDescriptionsAndSummaries()
    {
        QCOMPARE(taskOf({{"task", "latent"}, {"target", "image"}}), std::string("latent"));
        // Before there were tasks; first of all there were labels alone.
        QCOMPARE(taskOf({{"target", "image"}}), std::string("reconstruction"));
        QCOMPARE(taskOf({{"target", "labels"}}), std::string("segmentation"));
        QCOMPARE(taskOf(description), std::string("segmentation"));
        for (const Json &odd : {Json(), Json(3), Json::array(), Json{{"target", 3}}, Json{{"task", nullptr}}})
            QCOMPARE(taskOf(odd), std::string("segmentation"));
        QCOMPARE(taskOf({{"task", 3}}), std::string("3"));
    }
};

RETICLE_TEST(ModelFilesTest)
#include "ModelFilesTest.moc"
