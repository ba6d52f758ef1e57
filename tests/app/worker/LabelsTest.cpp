#include "Worker.h"

#include "files/ImageSource.h"
#include "files/ImageWriter.h"

#include <algorithm>

using namespace reticle;
using test::worker;

/// What label values mean, from the files to the result of a command.
class LabelsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    QString write(const char *name, const Array &page) const
    {
        TiffWriter writer(m_folder / name, 0);
        writer.writePage(page);
        writer.close();
        return QString::fromStdString((m_folder / name).string());
    }
    /// The result of an analysis of these options; `error` gets what it says where it fails.
    Json result(const QString &analysis, const QStringList &options) const
    {
        const auto out = QString::fromStdString((m_folder / "out").string());
        QStringList arguments{"analyze", analysis, "--output", out};
        for (const auto &o : options)
            arguments << "--set" << o;
        const auto o = worker(arguments);
        if (o.status != 0)
            return {{"error", o.err.toStdString()}};
        return Json::parse(test::readAll(m_folder / "out" / "result.json"));
    }

private Q_SLOTS:
    void aFileComparedWithItself_data()
    {
        QTest::addColumn<int>("low");
        QTest::addColumn<int>("high");
        QTest::newRow("0 and 2") << 0 << 2;
        QTest::newRow("1 and 2") << 1 << 2;
        QTest::newRow("0 and 254") << 0 << 254;
    }
    void aFileComparedWithItself()
    {
        QFETCH(int, low);
        QFETCH(int, high);
        Array page(DType::UInt8, {64, 64});
        for (std::int64_t i = 0; i < page.size(); ++i)
            page.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 64 > 20 && i % 64 > 30 ? high : low);
        const auto same = write("same.tif", page);
        const Json r = result("evaluate", {"prediction=" + same, "labels=" + same, "class=1"});
        QVERIFY2(!r.contains("error"), r.dump().c_str());
        QCOMPARE(r.at("values").at("pixel-error").get<double>(), 0.0);
        QCOMPARE(r.at("values").at("dice").get<double>(), 1.0);
    }
    void anEmptyTruth()
    {
        Array found(DType::UInt8, {64, 64});
        std::fill_n(found.data<std::uint8_t>() + 700, 439, std::uint8_t(255));
        const Json r = result("evaluate", {"prediction=" + write("found.tif", found),
                                           "labels=" + write("none.tif", Array(DType::UInt8, {64, 64}))});
        QVERIFY2(!r.contains("error"), r.dump().c_str());
        QCOMPARE(r.at("values").at("pixel-error").get<double>(), 439.0 / 4096);
        QCOMPARE(r.at("values").at("dice").get<double>(), 0.0);
    }
    void classZero()
    {
        Array p(DType::Float32, {1, 4}), l(DType::UInt8, {1, 4});
        for (int i = 0; i < 4; ++i) {
            p.data<float>()[i] = i < 2 ? 0.9f : 0.1f;
            l.data<std::uint8_t>()[i] = i < 2 ? 255 : 0;
        }
        const QStringList files{"prediction=" + write("p.tif", p), "labels=" + write("l.tif", l), "class=0"};
        const auto mask = m_folder / "o.tif";
        const Json r = result("postprocess", files + QStringList{"output=" + QString::fromStdString(mask.string())});
        QVERIFY2(!r.contains("error"), r.dump().c_str());
        QCOMPARE(r.at("values").at("after").at("pixel error").get<double>(), 0.0);
        QCOMPARE(r.at("values").at("after").at("Dice").get<double>(), 1.0);
        QVERIFY(openImage(mask)->readPage(0) == l);
        QCOMPARE(result("evaluate", files).at("values").at("dice").get<double>(), 1.0);
    }
    void whatCannotBeToldIsAsked()
    {
        Array map(DType::UInt8, {64, 64}), l(DType::UInt8, {64, 64});
        for (std::int64_t i = 0; i < map.size(); ++i) {
            map.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 64 * 100 / 63);
            l.data<std::uint8_t>()[i] = i % 64 > 32 ? 255 : 0;
        }
        const QStringList files{"prediction=" + write("map.tif", map), "labels=" + write("l.tif", l)};
        const Json asked = result("evaluate", files);
        QVERIFY2(asked.value("error", "").find("100 for percent") != std::string::npos, asked.dump().c_str());
        const Json r = result("evaluate", files + QStringList{"prediction-white=100"});
        QVERIFY2(!r.contains("error"), r.dump().c_str());
        QCOMPARE(r.at("values").at("dice").get<double>(), 1.0);
    }
};

RETICLE_TEST(LabelsTest)
#include "LabelsTest.moc"
