#include "data/table/TableData.h"
#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "support/Mutate.h"
#include "support/TableFiles.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

/// Damaged tables give an Error or rows of finite numbers, nothing else.
class TableMutationTest : public QObject
{
    Q_OBJECT
    const test::TemporaryFolder m_folder;
    int m_errors = 0, m_read = 0;

    /// Says what was neither rows nor an Error.
    std::string outcome(const std::string &name, const std::string &bytes, const Json &preparation)
    {
        const auto path = (m_folder / name).string();
        std::filesystem::remove(path);
        test::writeAll(path, bytes);
        const auto &kind = Registry<DataKind>::instance().get("table").factory;
        const auto found = kind.detect({path});
        if (!found.data.is_null() && found.sentence.empty())
            return "a detection without a sentence";
        try {
            const auto data = TableData::load(
                TableDataOptions::schema().read({{"table", path}, {"missing", "median"}, {"stratify", true}}, "data"), 1);
            if (data->split().all().size() != static_cast<std::size_t>(data->size()) || data->features().dim(0) != data->size() ||
                data->specs()[1].categories.size() < 2)
                return data->description();
            ++m_read;
        } catch (const Error &e) {
            ++m_errors;
            if (std::string(e.what()).empty())
                return "an Error without a sentence";
        }
        try {
            preparedRows(preparation, path);
        } catch (const Error &) {
        }
        return {};
    }

private Q_SLOTS:
    void damagedTables()
    {
        const auto made = test::madeTable();
        Array numbers(DType::Float64, {30, 3});
        for (std::int64_t i = 0; i < numbers.size(); ++i)
            numbers.data<double>()[i] = i % 3 == 2 ? static_cast<double>(i / 3 % 2) : 0.3 * static_cast<double>(i % 17) + 0.1;
        writeNpy(m_folder / "seed.npy", numbers);
        const auto preparation = TableData::of(TableFile::fromText(made, "t.csv"), {}, 1)->preparation();
        std::string scikit = "6,2,a,b\n1,2,0\n1.5,2,1\n2,2.5,0\n2,3,1\n3,4,0\n4,4,1\n";
        const std::pair<const char *, std::string> seeds[] = {
            {"d.csv", made},
            {"d.csv", test::replaced(made, "\n", "\r\n")},
            {"d.tsv", test::replaced(made, ",", "\t")},
            {"d.txt", test::replaced(test::replaced(made, ",", ";"), ".", ",")},
            {"d.csv", test::replaced(made, "red", "\"red\"\"s, dark\"")},
            {"d.csv", scikit},
            {"d.csv.gz", test::gzipped(made)},
            {"d.csv.gz", test::gzipped(made) + test::gzipped("0.5,3,red,a\n")},
            {"d.npy", test::readAll(m_folder / "seed.npy")},
        };
        constexpr std::size_t count = std::size(seeds);
        for (const auto &[name, seed] : seeds) {
            const auto wrong = outcome(name, seed, preparation);
            QVERIFY2(wrong.empty(), (name + (": " + wrong)).c_str());
        }
        QCOMPARE(m_read, static_cast<int>(count)); // none is damaged yet
        for (std::size_t k = 0; k < 900; ++k) {
            const auto &[name, seed] = seeds[k % count];
            auto bytes = test::mutated(seed, seeds[(k + 1) % count].second, k);
            if (std::string(name).ends_with(".gz") && bytes.size() > 2)
                bytes.replace(0, 2, "\x1f\x8b");
            const auto wrong = outcome(name, bytes, preparation);
            QVERIFY2(wrong.empty(), (std::to_string(k) + ": " + wrong).c_str());
        }
        QVERIFY2(m_errors > 100 && m_read > static_cast<int>(count) + 10,
                 (std::to_string(m_errors) + " " + std::to_string(m_read)).c_str());
    }
    void tablesThatEndEarly()
    {
        const auto made = test::madeTable();
        const auto preparation = TableData::of(TableFile::fromText(made, "t.csv"), {}, 1)->preparation();
        const auto packed = test::gzipped(made);
        for (std::size_t size = 0; size < made.size(); size += 3) {
            const auto wrong = outcome("cut.csv", made.substr(0, size), preparation);
            QVERIFY2(wrong.empty(), (std::to_string(size) + ": " + wrong).c_str());
        }
        m_read = 0;
        for (std::size_t size = 0; size < packed.size(); ++size) {
            const auto wrong = outcome("cut.csv.gz", packed.substr(0, size), preparation);
            QVERIFY2(wrong.empty(), (std::to_string(size) + ": " + wrong).c_str());
        }
        QCOMPARE(m_read, 0); // a part of a gzip file is never taken for the whole
    }
};

RETICLE_TEST(TableMutationTest)
#include "TableMutationTest.moc"
