#include "figure/Figure.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>

using namespace reticle;

namespace {

struct Outcome
{
    int status = -1;
    QString error;
};

/// `reticle render …` in an environment without a display.
Outcome render(const QStringList &arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(name);
    environment.insert("XDG_RUNTIME_DIR", "/tmp");
    process.setProcessEnvironment(environment);
    process.start(QString::fromStdString(test::program("reticle")), QStringList{"render"} + arguments);
    process.waitForFinished(60000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardError())};
}

} // namespace

class RenderCommandTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString figureFile(const Json &json)
    {
        const QString path = m_folder.filePath("figure.json");
        QFile file(path);
        if (file.open(QIODevice::WriteOnly))
            file.write(QByteArray::fromStdString(json.dump()));
        return path;
    }

private Q_SLOTS:
    void theHelpNamesTheFormatsOfTheUsage()
    {
        const auto said = [](const QStringList &arguments) {
            QProcess process;
            process.start(QString::fromStdString(test::program("reticle")), arguments);
            process.waitForFinished(60000);
            const QString text = QString::fromUtf8(process.readAllStandardOutput() + process.readAllStandardError());
            return text.section('{', 1, 1).section('}', 0, 0);
        };
        QVERIFY(said({"--help"}).contains("tiff"));
        QCOMPARE(said({"--help"}), said({"render", "--help"}));
    }
    void everyFormatWithoutADisplay()
    {
        const QString figure = figureFile(test::everything().toJson());
        const std::pair<const char *, const char *> starts[] = {{"svg", "<?xml"}, {"pdf", "%PDF-"}, {"png", "\x89PNG"}};
        for (const auto &[ending, start] : starts) {
            const QString output = m_folder.filePath(QString("out.") + ending);
            const Outcome outcome = render({figure, "--output", output, "--width-mm", "120", "--dpi", "150"});
            QVERIFY2(outcome.status == 0, qPrintable(outcome.error));
            QFile file(output);
            QVERIFY(file.open(QIODevice::ReadOnly));
            QVERIFY(file.readAll().startsWith(start));
        }
        QCOMPARE(QImage(m_folder.filePath("out.png")).width(), 709); // 120 mm at 150 dpi
        QCOMPARE(render({figure, "-o", m_folder.filePath("out.csv")}).status, 0);
        QVERIFY(QFile::exists(m_folder.filePath("out-a.csv")));
    }

    void badRequestsEndWithOneSentence_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("sentence");
        const QString figure = figureFile(test::curves().toJson()), output = m_folder.filePath("never.svg");
        QFile broken(m_folder.filePath("broken.json"));
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("{\"figure\": 1, \"panels\": [");
        broken.close();
        QTest::newRow("nothing") << QStringList{} << "a figure";
        QTest::newRow("no output") << QStringList{figure} << "--output FILE";
        QTest::newRow("no file") << QStringList{"/nowhere.json", "-o", output} << "/nowhere.json";
        QTest::newRow("broken") << QStringList{broken.fileName(), "-o", output} << "expected JSON, found the end of the file";
        QTest::newRow("format") << QStringList{figure, "-o", "x.doc"} << ".svg, .pdf, .png, .tiff or .csv";
        QTest::newRow("number") << QStringList{figure, "-o", output, "--dpi", "many"} << "a number";
        QTest::newRow("option") << QStringList{figure, "-o", output, "--color"} << "--color";
        const auto given = [this](const char *name, const QByteArray &content) {
            QFile file(m_folder.filePath(name));
            if (file.open(QIODevice::WriteOnly))
                file.write(content);
            return file.fileName();
        };
        QTest::newRow("too large") << QStringList{given("large.json", R"({"figure": 1e999, "panels": []})"), "-o", output}
                                   << "large.json: line 1, column 16: expected JSON, found the number 1e999, which is too large";
        QTest::newRow("no number") << QStringList{given("nan.json", R"({"figure": 2, "widthMm": NaN, "panels": []})"), "-o",
                                                  output}
                                   << "expected JSON, found \"NaN\" as a number; write a finite number";
        QTest::newRow("twice") << QStringList{given("twice.json", R"({"figure": 2, "figure": 2, "panels": []})"), "-o", output}
                               << "twice.json: expected JSON, found the field \"figure\" twice";
        QTest::newRow("deep") << QStringList{given("deep.json", QByteArray(100000, '[')), "-o", output}
                              << "deep.json: expected JSON, found more than 100 levels of nesting";
        QTest::newRow("a list") << QStringList{given("list.json", "[]"), "-o", output}
                                << "list.json: figure: expected an object, found a list";
        QTest::newRow("empty") << QStringList{given("empty.json", " \n"), "-o", output}
                               << "empty.json: expected a figure (*.figure.json), found an empty file";
        QTest::newRow("a folder") << QStringList{"/", "-o", output} << "/: expected a figure (*.figure.json), found a folder";
        QTest::newRow("a device") << QStringList{"/dev/zero", "-o", output}
                                  << "/dev/zero: expected a figure (*.figure.json), found a device";
        QTest::newRow("wrong figure") << QStringList{given("wrong.json",
                                                           R"({"figure": 2, "name": "w", "panels": [{"content": {"kind": "xy",
            "series": [{"x": [1, 2], "y": [1]}]}}]})"),
                                                     "-o", output}
                                      << "wrong.json: w: Panel 1: series 1 has 2 x but 1 y values.";
        QTest::newRow("width") << QStringList{figure, "-o", output, "--width-mm", "-3"}
                               << "--width-mm: expected a number above 0";
    }

    void badRequestsEndWithOneSentence()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, sentence);
        const Outcome outcome = render(arguments);
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.error.contains(sentence), qPrintable(outcome.error));
        QCOMPARE(outcome.error.trimmed().count('\n'), 0);
        QVERIFY(!QFile::exists(m_folder.filePath("never.svg")));
    }

    /// Values that a log axis does not have: drawn with a gap, said with file and panel, all of them in the CSV.
    void logAxesLeaveGaps_data()
    {
        QTest::addColumn<QString>("content");
        QTest::addColumn<int>("warnings");
        const auto xy = [](const char *series, const char *x = "{}", const char *y = R"({"scale": "log"})") {
            return QStringLiteral(R"({"kind": "xy", "x": %1, "y": %2, "series": [%3]})")
                .arg(QLatin1String(x), QLatin1String(y), QLatin1String(series));
        };
        QTest::newRow("zero in a loss") << xy(R"({"name": "loss", "x": [0, 1, 2, 3], "y": [1, 0.1, 0, 0.01]})") << 1;
        QTest::newRow("negative") << xy(R"({"x": [0, 1, 2, 3], "y": [1, -0.1, -5, 0.01]})") << 1;
        QTest::newRow("at the ends") << xy(R"({"x": [0, 1, 2, 3], "y": [0, 0.1, 0.5, 0]})") << 1;
        QTest::newRow("nothing else") << xy(R"({"x": [0, 1], "y": [0, -1]})") << 1;
        QTest::newRow("one value") << xy(R"({"x": [0], "y": [0]})") << 1;
        QTest::newRow("no values") << xy(R"({"x": [], "y": []})") << 0;
        QTest::newRow("tiny but above 0") << xy(R"({"x": [0, 1], "y": [1e-300, 5e-324]})") << 0;
        QTest::newRow("a gap already") << xy(R"({"x": [0, 1, 2], "y": [1, "nan", 2]})") << 0;
        QTest::newRow("infinite") << xy(R"({"x": [0, 1, 2], "y": [1, "-inf", 2]})") << 1;
        QTest::newRow("x axis") << xy(R"({"x": [0, 1, 10], "y": [1, 2, 3]})", R"({"scale": "log"})", "{}") << 1;
        QTest::newRow("both axes") << xy(R"({"x": [0, 1, 10], "y": [1, 0, 3]})", R"({"scale": "log"})") << 2;
        for (const char *kind : {"scatter", "bar", "area"})
            QTest::newRow(kind) << xy(qPrintable(QStringLiteral(R"({"kind": "%1", "x": [0, 1, 2], "y": [1, 0, 2]})").arg(kind)))
                                << 1;
        for (const char *kind : {"band", "error bar"})
            QTest::newRow(kind)
                << xy(qPrintable(
                       QStringLiteral(R"({"kind": "%1", "x": [0, 1, 2], "lower": [0.5, 0, -1], "upper": [2, 3, 0]})").arg(kind)))
                << 2;
        QTest::newRow("histogram") << QStringLiteral(R"({"kind": "histogram", "x": {"scale": "log"}, "y": {"scale": "log"},
            "histograms": [{"name": "h", "edges": [0, 1, 10, 100], "counts": [5, 0, 3]}]})")
                                   << 1;
    }
    void logAxesLeaveGaps()
    {
        QFETCH(QString, content);
        QFETCH(int, warnings);
        QFile file(m_folder.filePath("log.figure.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QStringLiteral(R"({"figure": 2, "name": "f", "panels": [{"content": %1}]})").arg(content).toUtf8());
        file.close();
        for (const char *ending : {"svg", "pdf", "png", "tiff"}) {
            const QString output = m_folder.filePath(QString("log.") + ending);
            QFile::remove(output);
            const Outcome outcome = render({file.fileName(), "-o", output});
            QVERIFY2(outcome.status == 0, qPrintable(outcome.error));
            QVERIFY(QFile::exists(output));
            const QStringList lines = outcome.error.split('\n', Qt::SkipEmptyParts);
            QCOMPARE(lines.size(), warnings);
            for (const auto &line : lines)
                QVERIFY2(line.startsWith("warning: " + file.fileName() + ": Panel 1: "), qPrintable(line));
        }
        const Outcome csv = render({file.fileName(), "-o", m_folder.filePath("log.csv")});
        QCOMPARE(csv.status, 0);
        QVERIFY(csv.error.isEmpty()); // a table leaves nothing out
        if (warnings > 0)
            QCOMPARE(render({file.fileName(), "-o", m_folder.filePath("strict.svg"), "--strict"}).status, 2);
    }
    void logAxesBeginAboveZero()
    {
        for (const char *end : {"min", "max"}) {
            QFile file(m_folder.filePath("range.figure.json"));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QStringLiteral(R"({"figure": 2, "name": "f", "panels": [{"content": {"kind": "xy",
                "y": {"scale": "log", "%1": 0}, "series": [{"x": [1, 2], "y": [1, 2]}]}}]})")
                           .arg(QLatin1String(end))
                           .toUtf8());
            file.close();
            const Outcome outcome = render({file.fileName(), "-o", m_folder.filePath("never.svg")});
            QCOMPARE(outcome.status, 2);
            QCOMPARE(outcome.error, file.fileName() + ": f: Panel 1: the y axis is a log axis whose range is not above 0.\n");
        }
    }

    void strictRefusesWhatElseIsWarnedOf()
    {
        Figure figure = test::everything();
        std::get<HeatMapPanel>(figure.panels[3].content).color.label.clear();
        const QString path = figureFile(figure.toJson());
        const Outcome mild = render({path, "-o", m_folder.filePath("mild.png")});
        QCOMPARE(mild.status, 0);
        QVERIFY2(mild.error.contains("warning: " + path + ": Panel d: the color bar has no label."), qPrintable(mild.error));
        const Outcome strict = render({path, "-o", m_folder.filePath("strict.png"), "--strict"});
        QCOMPARE(strict.status, 2);
        QVERIFY(!QFile::exists(m_folder.filePath("strict.png")));
        QCOMPARE(render({path, "-o", "/proc/none/figure.png"}).status, 2); // refused before anything is drawn
    }
};

RETICLE_TEST(RenderCommandTest)
#include "RenderCommandTest.moc"
