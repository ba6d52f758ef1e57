#include "base/Figure.h"
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
        QTest::newRow("broken") << QStringList{broken.fileName(), "-o", output} << "no JSON";
        QTest::newRow("format") << QStringList{figure, "-o", "x.doc"} << ".svg, .pdf, .png, .tiff or .csv";
        QTest::newRow("number") << QStringList{figure, "-o", output, "--dpi", "many"} << "a number";
        QTest::newRow("option") << QStringList{figure, "-o", output, "--colour"} << "--colour";
        QTest::newRow("width") << QStringList{figure, "-o", output, "--width-mm", "-3"} << "--width-mm: expected a number above 0";
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

    void strictRefusesWhatElseIsWarnedOf()
    {
        Figure figure = test::everything();
        std::get<HeatMapPanel>(figure.panels[3].content).colour.label.clear();
        const QString path = figureFile(figure.toJson());
        const Outcome mild = render({path, "-o", m_folder.filePath("mild.png")});
        QCOMPARE(mild.status, 0);
        QVERIFY(mild.error.contains("warning: Panel d: the colour bar has no label."));
        const Outcome strict = render({path, "-o", m_folder.filePath("strict.png"), "--strict"});
        QCOMPARE(strict.status, 2);
        QVERIFY(!QFile::exists(m_folder.filePath("strict.png")));
        QCOMPARE(render({path, "-o", "/proc/none/figure.png"}).status, 4);
    }
};

RETICLE_TEST(RenderCommandTest)
#include "RenderCommandTest.moc"
