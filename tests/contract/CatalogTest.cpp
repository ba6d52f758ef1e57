#include "app/worker/Worker.h"

#include "project/Recipe.h"

#include <QRegularExpression>

#include <cctype>
#include <set>

using namespace reticle;

/// What every registered method and section must keep to, whoever writes it.
class CatalogTest : public QObject
{
    Q_OBJECT
    Catalog m_catalog;
    std::vector<std::pair<std::string, SchemaInfo>> m_all; ///< kind (or "section") and schema

    static bool wellFormed(const std::string &name)
    {
        static const QRegularExpression words("^[a-z][a-z0-9]*(-[a-z0-9]+)*$");
        return words.match(QString::fromStdString(name)).hasMatch();
    }
    static const char *place(const std::string &kind, const SchemaInfo &schema, const Field *field = nullptr)
    {
        static std::string text;
        text = kind + "/" + schema.name + (field ? "." + field->name : "");
        return text.c_str();
    }

private Q_SLOTS:
    void initTestCase()
    {
        test::Served served;
        m_catalog = Catalog::fromJson(served.ask("catalog")["result"]);
        for (const auto &[kind, schemas] : m_catalog.kinds)
            for (const auto &schema : schemas)
                m_all.emplace_back(kind, schema);
        for (const auto &[name, schema] : m_catalog.sections)
            m_all.emplace_back("section", schema);
    }
    void everyKindHasEntries()
    {
        for (const char *kind : {"models", "objectives", "datasets", "analyses", "live-queries", "simulators"})
            QVERIFY2(m_catalog.kinds.count(kind) && !m_catalog.kinds.at(kind).empty(), kind);
    }
    /// So that a form offers for data what goes with them.
    void entriesSayWhatTheyGoWith()
    {
        for (const auto &schema : m_catalog.kinds.at("models"))
            QVERIFY2(!m_catalog.fitOf("models", schema.name).arrays.empty(), place("models", schema));
        for (const auto &schema : m_catalog.kinds.at("objectives"))
            QVERIFY2(!m_catalog.fitOf("objectives", schema.name).tasks.empty(), place("objectives", schema));
        for (const auto &data : m_catalog.kinds.at("datasets")) {
            const auto fit = m_catalog.fitOf("datasets", data.name);
            QVERIFY2(!fit.tasks.empty(), place("datasets", data));
        }
        const auto images = m_catalog.fitOf("datasets", "segmentation");
        QVERIFY(m_catalog.fitOf("models", "unet").fits(images) && m_catalog.fitOf("objectives", "bce").fits(images));
        QVERIFY(!m_catalog.fitOf("objectives", "bce").fits(m_catalog.fitOf("datasets", "images")));
        // A table is not offered what learns from images, nor crops.
        const auto table = m_catalog.fitOf("datasets", "table");
        QVERIFY(m_catalog.fitOf("models", "mlp").fits(table) && !m_catalog.fitOf("models", "unet").fits(table));
        QVERIFY(!m_catalog.fitOf("objectives", "bce").fits(table) && !table.has("image"));
        QCOMPARE(m_catalog.sections.at("train").find("crop")->about, std::string("image"));
        QVERIFY(m_catalog.sections.at("train").find("batch")->about.empty());
    }
    void namesAndHelp()
    {
        for (const auto &[kind, schema] : m_all) {
            QVERIFY2(wellFormed(schema.name), place(kind, schema));
            QVERIFY2(!schema.title.empty(), place(kind, schema));
            std::set<std::string> seen;
            for (const auto &f : schema.fields) {
                QVERIFY2(wellFormed(f.name), place(kind, schema, &f));
                QVERIFY2(seen.insert(f.name).second, place(kind, schema, &f));
                QVERIFY2(f.help.size() > 3, place(kind, schema, &f));
                QVERIFY2(f.help.find('\n') == std::string::npos, place(kind, schema, &f));
                // A sentence, but where it begins with a value to type.
                const bool small = std::islower(static_cast<unsigned char>(f.help.front()));
                QVERIFY2(!small || f.help.compare(0, 5, "auto,") == 0, place(kind, schema, &f));
            }
        }
    }
    void defaultsAreValid()
    {
        for (const auto &[kind, schema] : m_all) {
            const Json defaults = schema.defaults();
            try {
                QVERIFY2(schema.validate(defaults) == defaults, place(kind, schema));
                QVERIFY2(schema.validate(Json()) == defaults, place(kind, schema));
            } catch (const Error &e) {
                QFAIL(e.what());
            }
            for (const auto &f : schema.fields)
                QVERIFY2(!f.min || !f.max || *f.min <= *f.max, place(kind, schema, &f));
        }
    }
    void jsonRoundTrip()
    {
        for (const auto &[kind, schema] : m_all)
            QVERIFY2(SchemaInfo::fromJson(Json::parse(schema.toJson().dump())).toJson() == schema.toJson(), place(kind, schema));
    }
    void outOfRangeIsRefused()
    {
        for (const auto &[kind, schema] : m_all)
            for (const auto &f : schema.fields) {
                Json wrong = f.type == Field::Type::Text || f.type == Field::Type::Path ? Json(5) : Json(Json::object());
                EXPECT_ERROR(schema.validate(Json{{f.name, wrong}}), f.name);
                const bool list = f.type == Field::Type::IntegerList || f.type == Field::Type::RealList;
                if (f.min) {
                    const Json low = *f.min - 1;
                    EXPECT_ERROR(schema.validate(Json{{f.name, list ? Json::array({low}) : low}}), f.name);
                }
                if (f.max) {
                    const Json high = *f.max * 2 + 1;
                    EXPECT_ERROR(schema.validate(Json{{f.name, list ? Json::array({high}) : high}}), f.name);
                }
            }
    }
    void theCommandLineReadsDefaults()
    {
        for (const auto &[kind, schema] : m_all)
            for (const auto &f : schema.fields) {
                const Json &d = f.defaultValue;
                const std::string text = d.is_string() ? d.get<std::string>() : d.dump();
                try {
                    QVERIFY2(schema.parse(f.name, text) == d, place(kind, schema, &f));
                } catch (const Error &e) {
                    QFAIL(e.what());
                }
            }
    }
    void noSimulatorReplacesAFile()
    {
        for (const auto &schema : m_catalog.kinds.at("simulators")) {
            const test::TemporaryFolder folder;
            QStringList arguments{"simulate", QString::fromStdString(schema.name), "--output",
                                  QString::fromStdString((folder / "made").string())};
            for (const auto &f : schema.fields) // as small as it can be
                if (f.type == Field::Type::Integer && f.min)
                    arguments << "--set" << QString("%1=%2").arg(f.name.c_str()).arg(static_cast<qint64>(*f.min));
            const auto first = test::worker(arguments);
            QVERIFY2(first.status == 0, first.err.constData());
            std::vector<std::filesystem::path> files;
            for (const auto &entry : std::filesystem::directory_iterator(folder / "made"))
                files.push_back(entry.path());
            QVERIFY2(!files.empty(), place("simulators", schema));
            // Each of its files alone is reason enough, whatever is in it.
            for (const auto &kept : files) {
                for (const auto &file : files)
                    std::filesystem::remove(file);
                test::writeAll(kept, "mine");
                const auto again = test::worker(arguments);
                QVERIFY2(again.status == 2 && again.err.count('\n') == 1, again.err.constData());
                QVERIFY2(test::readAll(kept) == "mine", place("simulators", schema));
                QCOMPARE(
                    std::distance(std::filesystem::directory_iterator(folder / "made"), std::filesystem::directory_iterator()),
                    std::ptrdiff_t(1));
            }
        }
    }
    void describePrintsEveryField()
    {
        for (const auto &[kind, schema] : m_all) {
            const auto name = QString::fromStdString(kind == "section" ? schema.name : kind + "/" + schema.name);
            QStringList arguments{"describe", name};
            if (kind == "models")
                arguments << "--size"
                          << "32";
            const auto o = test::worker(arguments);
            QVERIFY2(o.status == 0, o.err.constData());
            for (const auto &f : schema.fields)
                QVERIFY2(o.out.contains(f.name.c_str()) && o.out.contains(f.help.substr(0, 20).c_str()), place(kind, schema, &f));
        }
    }
};

RETICLE_TEST(CatalogTest)
#include "CatalogTest.moc"
