#include "learn/prediction/ImagePredictor.h"

#include "files/ImageSource.h"
#include "learn/training/Checkpoint_p.h"
#include "support/SmallStack.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
namespace fs = std::filesystem;

namespace {

std::string bytesOf(const Array &a)
{
    return {reinterpret_cast<const char *>(a.raw()), a.bytes()};
}

} // namespace

/// One flipped bit in any file of a project: every answer is the one of before, or an Error.
class DamageTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    test::SmallStack m_stack;
    fs::path m_project;
    Array m_image;

    /// What a project is asked: each by its name, the answer or that there was an Error.
    std::map<std::string, std::string> answers() const
    {
        std::map<std::string, std::string> all;
        const auto ask = [&](const std::string &what, auto f) {
            try {
                all[what] = f();
            } catch (const Error &e) {
                all[what] = "Error";
            }
        };
        const auto run = m_project / "runs" / "1";
        ask("prediction", [&] {
            PredictOptions o;
            o.tile = 32;
            o.device = "cpu";
            return bytesOf(ImagePredictor(run, o).predict(m_image));
        });
        ask("checkpoint", [&] {
            std::string warning, text;
            const auto last = readLast(run, warning);
            if (!warning.empty())
                return std::string("Error"); // the one before it is used, and that is said
            for (const auto &[name, tensor] : last->tensors)
                text += name + std::string(static_cast<const char *>(tensor.contiguous().data_ptr()), tensor.nbytes());
            return text + last->info.dump();
        });
        ask("results", [&] {
            std::string text;
            const auto project = Project::open(m_project);
            for (const auto &r : project.results())
                text += project.result(r.id).toJson().dump();
            return text;
        });
        ask("database", [&] {
            std::string text;
            const auto project = Project::open(m_project);
            for (const auto &r : project.runs()) {
                text += r.title + r.recipe.dump() + r.summary.dump() + std::to_string(r.step) + "," + std::to_string(r.seconds) +
                        "\n";
                for (const auto &name : project.metricNames(r.id))
                    for (const auto &m : project.metric(r.id, name))
                        text += name + " " + std::to_string(m.step) + " " + Json(m.value).dump() + "\n";
            }
            for (const auto &i : project.inputs())
                text += i.path + i.role + i.hash + "\n";
            for (const auto &r : project.results())
                text += r.name + r.summary + r.options.dump() + "\n";
            return text;
        });
        return all;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_stack.write(m_folder.path());
        m_stack.recipe["train"]["steps"] = 4;
        m_stack.recipe["train"]["checkpoint-steps"] = 2;
        m_stack.recipe["model"] = {{"name", "fcn"}, {"weights", 203}};
        m_project = m_stack.trained("P", m_stack.recipe).parent_path().parent_path();
        Array page = openImage(m_folder / "images.tif")->readPage(0);
        m_image = Array(DType::UInt8, {24, 24});
        for (int y = 0; y < 24; ++y)
            std::copy_n(page.data<std::uint8_t>() + y * test::SmallStack::width, 24, m_image.data<std::uint8_t>() + 24 * y);
        Result result;
        result.name = "scores";
        result.summary = "Dice 0.875.";
        result.values = {{"dice", 0.875}};
        Figure figure;
        figure.name = "curve";
        figure.panels = {{.content = XYPanel{.series = {Series{.name = "dice", .x = {1, 2, 3}, .y = {0.5, 0.75, 0.875}}}}}};
        result.figures = {figure};
        Project::open(m_project).addResult(1, result, Json::object());
    }
    void oneFlippedBitIsFoundOrChangesNothing_data()
    {
        QTest::addColumn<QString>("file");
        for (const auto &entry : fs::recursive_directory_iterator(m_project))
            if (const auto name = entry.path().lexically_relative(m_project).string();
                entry.is_regular_file() && !name.starts_with("project.sqlite-")) // without the log, which is empty at rest
                QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void oneFlippedBitIsFoundOrChangesNothing()
    {
        QFETCH(QString, file);
        const auto path = m_project / file.toStdString();
        const auto whole = test::readAll(path);
        const auto before = answers();
        for (const auto &[what, answer] : before)
            QVERIFY2(answer != "Error", what.c_str());
        const std::size_t places = file == "project.sqlite" ? 80 : 20;
        int found = 0;
        for (std::size_t k = 0; k < places; ++k) {
            auto bytes = whole;
            const auto at = (k * whole.size()) / places;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << k % 8));
            for (const char *log : {"project.sqlite-wal", "project.sqlite-shm"})
                fs::remove(m_project / log);
            test::writeAll(path, bytes);
            bool same = true;
            for (const auto &[what, answer] : answers()) {
                same = same && answer == before.at(what);
                QVERIFY2(answer == before.at(what) || answer == "Error",
                         qPrintable(QString("byte %1: %2").arg(at).arg(what.c_str())));
            }
            found += !same;
        }
        test::writeAll(path, whole);
        // Every bit of what is read counts.
        if (file.endsWith(modelfiles::model) || file.endsWith(modelfiles::last) || file.endsWith("result.json"))
            QCOMPARE(found, int(places));
        if (file == "project.sqlite")
            QVERIFY2(found > 4, std::to_string(found).c_str()); // most of its pages are empty
    }
};

RETICLE_TEST(DamageTest)
#include "DamageTest.moc"
