#include "analysis/Analysis.h"

#include "files/ImageWriter.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

struct NoEvents : EventSink
{
    void emit(const Event &) override {}
};

/// Every registered analysis with a field that it writes to, so that one of tomorrow is tried too.
std::vector<SchemaInfo> writers()
{
    std::vector<SchemaInfo> all;
    for (const auto &[name, entry] : Registry<AnalysisFactory>::instance().entries())
        if (std::any_of(entry.schema.fields.begin(), entry.schema.fields.end(), isOutput))
            all.push_back(entry.schema);
    return all;
}

} // namespace

class AnalysisTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    fs::path image(const std::string &name) const
    {
        const auto path = m_folder / name;
        fs::create_directories(path.parent_path());
        Array page(DType::UInt8, {16, 16});
        for (std::int64_t i = 0; i < page.size(); ++i)
            page.data<std::uint8_t>()[i] = i % 5 < 2 ? 255 : 0;
        writeNpy(path, page);
        return path;
    }
    static void run(const SchemaInfo &schema, const Json &options)
    {
        NoEvents events;
        RunControl control;
        analyze(schema.name, {nullptr, 0, options}, events, control);
    }
    /// Each path that the analysis reads is a file of its own.
    Json read(const SchemaInfo &schema) const
    {
        Json options = Json::object();
        for (const auto &f : schema.fields)
            if (f.type == Field::Type::Path && !isOutput(f))
                options[f.name] = image(schema.name + "/" + f.name + ".npy").string();
        return options;
    }
    /// The file is refused as output and stays as it was.
    static void refuses(const SchemaInfo &schema, const Json &options, const fs::path &file, const std::string &says)
    {
        const auto before = test::readAll(file);
        for (const auto &f : schema.fields)
            if (isOutput(f)) {
                Json all = options;
                all[f.name] = file.string();
                EXPECT_ERROR(run(schema, all), f.name + ": ");
                EXPECT_ERROR(run(schema, all), says);
            }
        QVERIFY2(test::readAll(file) == before, file.c_str());
    }

private Q_SLOTS:
    void pathsThatAreWrittenSayso()
    {
        QVERIFY(writers().size() >= 3);
        for (const auto &[name, entry] : Registry<AnalysisFactory>::instance().entries())
            for (const auto &f : entry.schema.fields) {
                if (f.type != Field::Type::Path)
                    continue;
                for (const char *word : {"write", "Write", "save", "Save", "TIFF that gets"})
                    QVERIFY2(isOutput(f) || (f.title + f.help).find(word) == std::string::npos,
                             (name + "." + f.name + " is written to: call it output or output-…").c_str());
            }
    }
    void noOutputReplacesAnInput()
    {
        for (const auto &schema : writers()) {
            const Json options = read(schema);
            for (const auto &[name, value] : options.items()) {
                const fs::path input = value.get<std::string>();
                refuses(schema, options, input, "it would write over");
                const auto link = m_folder / (schema.name + "-link-" + name + ".npy"),
                           second = m_folder / (schema.name + "-second-" + name + ".npy");
                fs::create_symlink(input, link);
                fs::create_hard_link(input, second);
                refuses(schema, options, link, "it would write over");
                refuses(schema, options, second, "it would write over");
                QVERIFY(fs::is_symlink(link));
            }
        }
    }
    void noOutputGoesAmongTheSlicesThatAreRead()
    {
        image("slices/1.npy");
        image("slices/2.npy");
        for (const auto &schema : writers()) {
            Json options = read(schema);
            for (auto &value : options)
                value = (m_folder / "slices").string();
            refuses(schema, options, m_folder / "slices" / "2.npy", "choose another folder");
            for (const auto &f : schema.fields)
                if (isOutput(f)) {
                    options[f.name] = (m_folder / "slices" / "new.tif").string();
                    EXPECT_ERROR(run(schema, options), "whose images are read");
                }
            QVERIFY(!fs::exists(m_folder / "slices" / "new.tif"));
        }
    }
    void noOutputReplacesAFileOfAProject()
    {
        Project::openOrCreate(m_folder / "P.reticle");
        fs::create_directories(m_folder / "P.reticle" / "runs" / "1");
        fs::create_directories(m_folder / "P.reticle" / "data");
        for (const char *name : {"runs/1/model.safetensors", "runs/1/odd.tif", "data/own.tif"})
            test::writeAll(m_folder / "P.reticle" / name, "kept");
        fs::create_symlink(m_folder / "P.reticle", m_folder / "by-a-link");
        for (const auto &schema : writers()) {
            const Json options = read(schema);
            for (const char *project : {"P.reticle", "by-a-link"})
                for (const char *name : {"project.sqlite", "runs/1/model.safetensors", "runs/1/odd.tif", "data/own.tif"})
                    refuses(schema, options, m_folder / project / name,
                            fs::path(name).extension() == ".tif" ? "of the project" : "choose one of these");
            for (const auto &f : schema.fields)
                if (isOutput(f)) {
                    Json all = options;
                    all[f.name] = (m_folder / "P.reticle" / "runs" / "1" / "previous.tif").string();
                    EXPECT_ERROR(run(schema, all), "needs this place for itself");
                }
        }
    }
    void noOutputTakesThePlaceOfWhatIsNoFile()
    {
        const auto fifo = m_folder / "fifo.tif";
        QCOMPARE(mkfifo(fifo.c_str(), 0600), 0);
        fs::create_symlink(m_folder / "nothing", m_folder / "dangling.tif");
        for (const auto &schema : writers()) {
            const Json options = read(schema);
            for (const auto &f : schema.fields) {
                if (!isOutput(f))
                    continue;
                const std::pair<fs::path, const char *> places[] = {
                    {fifo, "it is a pipe"},
                    {"/dev/null", "it is a device"},
                    {m_folder / "dangling.tif", "a link to a file that does not exist"}};
                for (const auto &[place, says] : places) {
                    Json all = options;
                    all[f.name] = place.string();
                    EXPECT_ERROR(run(schema, all), says);
                }
            }
        }
        struct stat s = {};
        QVERIFY(::stat(fifo.c_str(), &s) == 0 && S_ISFIFO(s.st_mode));
        QVERIFY(::stat("/dev/null", &s) == 0 && S_ISCHR(s.st_mode));
    }
    void severalPathsInOneFieldAreAllRead()
    {
        const auto a = image("sets/a.npy"), b = image("sets/b.npy"), c = image("sets/c.npy");
        const auto &schema = Registry<AnalysisFactory>::instance().get("wavelet-spectrum", "analysis").schema;
        const Json options{{"images", a.string()}, {"others", b.string() + "; " + c.string()}};
        for (const auto &file : {a, b, c})
            refuses(schema, options, file, "it would write over");
    }
    void aResultFolderDoesNotHoldTheOutput()
    {
        const auto &schema = Registry<AnalysisFactory>::instance().get("postprocess", "analysis").schema;
        EXPECT_ERROR(requireApart(schema, {{"output", (m_folder / "out" / "result.json").string()}}, m_folder / "out"),
                     "have such names");
        requireApart(schema, {{"output", (m_folder / "out" / "labels.tif").string()}}, m_folder / "out");
        requireApart(schema, {{"output", (m_folder / "other" / "result.json").string()}}, m_folder / "out");
    }
};

RETICLE_TEST(AnalysisTest)
#include "AnalysisTest.moc"
