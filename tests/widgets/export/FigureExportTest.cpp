#include "widgets/export/FigureExport.h"
#include "files/ImageSource.h"
#include "foundation/Error.h"
#include "support/Pictures.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QXmlStreamReader>

#include <cmath>
#include <limits>
#include <map>

using namespace reticle;

namespace {

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString outputOf(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    process.waitForFinished(60000);
    return QString::fromUtf8(process.readAllStandardOutput());
}

bool have(const char *program)
{
    return !QStandardPaths::findExecutable(program).isEmpty();
}

/// All texts of an SVG, in order.
QStringList textsOf(const QByteArray &svg)
{
    QStringList texts;
    QXmlStreamReader xml(svg);
    while (!xml.atEnd())
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == u"text")
            texts << xml.readElementText();
    return xml.hasError() ? QStringList{xml.errorString()} : texts;
}

const QStringList labels{"Loss < 1 & \"falling\"", "epoch", "validation", "sd, n = 5"};

} // namespace

class FigureExportTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString write(const Figure &figure, const QString &name, ExportOptions options = {},
                  std::vector<std::string> *warnings = nullptr)
    {
        const QString path = m_folder.filePath(name);
        const auto found = exportFigure(figure, path.toStdString(), options);
        if (warnings)
            *warnings = found;
        return path;
    }

private Q_SLOTS:
    void pdfTextIsTextWithItsFont()
    {
        QVERIFY2(have("pdffonts") && have("pdftotext") && have("pdfinfo"), "install poppler-utils");
        const QString path = write(test::everything(), "all.pdf");
        const QStringList fonts = outputOf("pdffonts", {path}).split('\n', Qt::SkipEmptyParts).mid(2);
        QVERIFY(!fonts.isEmpty());
        for (const QString &line : fonts)
            QVERIFY2(line.contains(QRegularExpression("(CID TrueType|TrueType).* yes (yes|no ) yes")), qPrintable(line));
        const QString text = outputOf("pdftotext", {"-layout", path, "-"});
        for (const QString &label : labels + QStringList{"frequency (1/µm)", "gray value", "20 nm", "membrane", "\u22123"})
            QVERIFY2(text.contains(label), qPrintable(label));
        const QString info = outputOf("pdfinfo", {path});
        const auto size = QRegularExpression("Page size: +([0-9.]+) x ([0-9.]+) pts").match(info);
        QVERIFY(size.hasMatch());
        QVERIFY(std::abs(size.captured(1).toDouble() - 174 / 25.4 * 72) < 0.1);
        QVERIFY(info.contains("Reticle"));
        QVERIFY(info.contains("Loss curves"));
    }

    void pdfImagesAreLossless()
    {
        QVERIFY2(have("pdfimages"), "install poppler-utils");
        const QString list = outputOf("pdfimages", {"-list", write(test::everything(), "images.pdf")});
        QVERIFY(list.split('\n').size() > 4);
        QVERIFY(!list.contains("jpeg"));
    }

    void svgTextIsTextWithItsFont()
    {
        const QString path = write(test::everything(), "all.svg");
        const QByteArray svg = contentOf(path);
        const QStringList texts = textsOf(svg);
        for (const QString &label : labels + QStringList{"frequency (1/µm)", "weights (k)", "\u22123", "slice 1"})
            QCOMPARE(texts.count(label), 1);
        QVERIFY(svg.contains("width=\"174mm\""));
        QVERIFY(svg.contains("id=\"panel-a\"") && svg.contains("id=\"series-training\""));
        QVERIFY(svg.contains("clip-path"));
        QVERIFY(!svg.contains("<script"));
        // The letters used, as a font: far smaller than the whole one.
        const auto face = QRegularExpression("font/ttf;base64,([A-Za-z0-9+/=]+)").match(QString::fromUtf8(svg));
        QVERIFY(face.hasMatch());
        const QByteArray font = QByteArray::fromBase64(face.captured(1).toLatin1());
        QVERIFY(font.startsWith(QByteArray("\0\1\0\0", 4)));
        QVERIFY(font.size() > 2000 && font.size() < 60000);
        ExportOptions plain;
        plain.embedFont = false;
        const QByteArray without = contentOf(write(test::everything(), "plain.svg", plain));
        QVERIFY(!without.contains("font-face"));
        QCOMPARE(textsOf(without), texts);
    }

    void svgShowsWhatPngShows()
    {
        QVERIFY2(have("rsvg-convert"), "install librsvg2-bin: rsvg-convert is not there");
        ExportOptions options;
        options.dpi = 150;
        const Figure figure = test::everything();
        const QImage png(write(figure, "same.png", options));
        const QString svg = write(figure, "same.svg"), other = m_folder.filePath("rsvg.png");
        outputOf("rsvg-convert", {"-w", QString::number(png.width()), "-h", QString::number(png.height()), svg, "-o", other});
        const QImage drawn(other);
        QCOMPARE(drawn.size(), png.size());
        const double difference = test::meanDifference(png, drawn);
        QVERIFY2(difference < 2, qPrintable(QString::number(difference)));
        QVERIFY(test::similarity(png, drawn) > 0.9);
    }

    void pngHasTheSizeAskedFor()
    {
        ExportOptions options;
        options.widthMm = 89;
        const QImage at300(write(test::curves(), "300.png", options));
        QCOMPARE(at300.width(), 1051); // 89 mm at 300 dpi
        QVERIFY(std::abs(at300.dotsPerMeterX() - 11811) <= 1);
        QCOMPARE(at300.text("Title"), QString("Loss curves"));
        options.dpi = 600;
        const QImage at600(write(test::curves(), "600.png", options));
        QVERIFY(std::abs(at600.width() - 2 * at300.width()) <= 1);
        QVERIFY(std::abs(at600.height() - 2 * at300.height()) <= 1);
    }

    void tiffHoldsThePixelsOfThePng()
    {
        Figure figure = test::curves();
        figure.title = "K"; // short texts have their own place in TIFF
        ExportOptions options;
        options.widthMm = 85;
        options.dpi = 200;
        for (const char *name : {"dots.png", "dots.tiff", "again.tif"})
            exportFigure(figure, m_folder.filePath(name).toStdString(), options);
        const QImage png(m_folder.filePath("dots.png"));
        const auto tiff = openImage(m_folder.filePath("dots.tiff").toStdString());
        const auto &info = tiff->info();
        QCOMPARE(info.width, std::int64_t(png.width()));
        QCOMPARE(info.height, std::int64_t(png.height()));
        QCOMPARE(info.width, std::int64_t(std::lround(85 / 25.4 * 200)));
        const Array page = tiff->readPage(0);
        QCOMPARE(page.dim(2), std::int64_t(3));
        for (int y = 0; y < png.height(); ++y)
            for (int x = 0; x < png.width(); ++x) {
                const auto *p = page.data<std::uint8_t>() + 3 * (y * png.width() + x);
                QCOMPARE(qRgb(p[0], p[1], p[2]), png.pixel(x, y));
            }
        // 200 dots an inch: tag 282 points at 200 / 1, tag 296 says inch.
        const QByteArray bytes = contentOf(m_folder.filePath("dots.tiff"));
        const auto number = [&](qsizetype at, int size) {
            quint32 v = 0;
            for (int i = size - 1; i >= 0; --i)
                v = v << 8 | static_cast<quint8>(bytes.at(at + i));
            return v;
        };
        std::map<quint32, quint32> tags;
        const qsizetype directory = number(4, 4);
        for (quint32 i = 0; i < number(directory, 2); ++i)
            tags[number(directory + 2 + 12 * i, 2)] = number(directory + 2 + 12 * i + 8, 4);
        QVERIFY(number(tags.at(282), 4) == 200 && number(tags.at(282) + 4, 4) == 1 && number(tags.at(283), 4) == 200);
        QCOMPARE(tags.at(296), 2u);
        QCOMPARE(bytes.mid(tags.at(270), 1), QByteArray("K"));
        QCOMPARE(contentOf(m_folder.filePath("again.tif")), contentOf(m_folder.filePath("dots.tiff")));
    }

    void largePicturesGoBesideTheCsv()
    {
        Array picture(DType::Float32, {256, 256});
        for (std::int64_t i = 0; i < picture.size(); ++i)
            picture.data<float>()[i] = static_cast<float>(i) / 7;
        picture.data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
        ImagePanel one, small;
        one.image = picture;
        small.image = Array(DType::UInt8, {2, 2});
        ImageGridPanel grid;
        grid.cells = {one, one};
        Figure figure{.name = "pictures",
                      .panels = {Panel{.letter = "a", .content = one}, Panel{.column = 1, .letter = "b", .content = grid},
                                 Panel{.column = 2, .letter = "c", .content = small}}};
        ExportOptions strict;
        strict.strict = true;
        const auto notes = exportFigure(figure, m_folder.filePath("large.csv").toStdString(), strict);
        QVERIFY(notes.size() == 1 && notes.front().find(".npy") != std::string::npos);
        QCOMPARE(exportWarnings(figure, ExportOptions{.format = "csv"}), notes);
        QCOMPARE(contentOf(m_folder.filePath("large-a.csv")), QByteArray("row,col,value\nsize,256,256,large-a.npy\n"));
        QCOMPARE(contentOf(m_folder.filePath("large-b.csv")),
                 QByteArray("cell,row,col,value\n0,size,256,256,large-b-0.npy\n1,size,256,256,large-b-1.npy\n"));
        QCOMPARE(contentOf(m_folder.filePath("large-c.csv")), QByteArray("row,col,value\n0,0,0\n0,1,0\n1,0,0\n1,1,0\n"));
        for (const char *name : {"large-a.npy", "large-b-0.npy", "large-b-1.npy"}) {
            const auto source = openImage(m_folder.filePath(name).toStdString());
            QVERIFY(source->info().pages == 1);
            QVERIFY(source->readPage(0).reshaped({256, 256}) == picture);
        }
        QVERIFY(!QFile::exists(m_folder.filePath("large-c.npy")));
    }

    void csvHoldsTheNumbersExactly()
    {
        Figure figure = test::everything();
        write(figure, "data.csv");
        const QString lines = QString::fromUtf8(contentOf(m_folder.filePath("data-a.csv")));
        const QStringList rows = lines.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(rows[0], QString("series,x,y,ylo,yhi,label"));
        QCOMPARE(rows.size(), 1 + 3 * 40);
        const auto &series = std::get<XYPanel>(figure.panels[0].content).series;
        for (int i = 0; i < 40; ++i) {
            QCOMPARE(rows[1 + i].section(',', 2, 2).toDouble(), series[0].y[static_cast<std::size_t>(i)]);
            QCOMPARE(rows[81 + i].section(',', -3, -3).toDouble(), series[2].lower[static_cast<std::size_t>(i)]);
        }
        QVERIFY(rows[81].startsWith("\"sd, n = 5\",1,,"));
        QVERIFY(contentOf(m_folder.filePath("data-c.csv")).contains("area,1,nan,,,FCN\n"));
        QCOMPARE(contentOf(m_folder.filePath("data-d.csv")),
                 QByteArray(",membrane,cell\nmembrane,0.8999999761581421,0.10000000149011612\ncell,nan,0.75\n"));
        QVERIFY(contentOf(m_folder.filePath("data-g.csv")).startsWith("series,low,high,count\nbefore,0,1,5\n"));
        QCOMPARE(contentOf(m_folder.filePath("data-h.csv")).count('\n'), 3);
        QCOMPARE(contentOf(m_folder.filePath("data-e.csv")).count('\n'), 1 + 24 * 32);
    }

    void captionStandsBeside()
    {
        write(test::curves(), "captioned.svg");
        QCOMPARE(contentOf(m_folder.filePath("captioned.caption.txt")), QByteArray("Loss of training and validation.\n"));
        QVERIFY(!textsOf(contentOf(m_folder.filePath("captioned.svg"))).contains("Loss of training and validation."));
    }

    void exportsAreReproducible()
    {
        qputenv("SOURCE_DATE_EPOCH", "86400");
        for (const char *ending : {"svg", "pdf", "png", "csv"}) {
            Figure figure = test::curves();
            const QByteArray first = contentOf(write(figure, QString("first.") + ending));
            figure = Figure::fromJson(Json::parse(figure.toJson().dump()));
            QVERIFY2(!first.isEmpty() && contentOf(write(figure, QString("second.") + ending)) == first, ending);
        }
        QVERIFY(contentOf(m_folder.filePath("first.pdf")).contains("(D:19700102000000Z"));
        qunsetenv("SOURCE_DATE_EPOCH");
    }

    void nothingIsCut()
    {
        Figure figure = test::curves();
        figure.widthMm = 30;
        figure.panels[0].title.clear();
        auto &xy = std::get<XYPanel>(figure.panels[0].content);
        xy.series[0].name = "a series with a name far longer than the page is wide, to be read whole";
        std::vector<std::string> warnings;
        const QByteArray svg = contentOf(write(figure, "long.svg", {}, &warnings));
        QVERIFY(!warnings.empty());
        QVERIFY2(warnings[0].find("The page was enlarged from 30 to") == 0, warnings[0].c_str());
        const auto width = QRegularExpression("width=\"([0-9.]+)mm\"").match(QString::fromUtf8(svg.left(400)));
        QVERIFY(width.captured(1).toDouble() > 60);
        ExportOptions strict;
        strict.strict = true;
        EXPECT_ERROR(write(figure, "strict.svg", strict), "enlarged");
        QVERIFY(!QFile::exists(m_folder.filePath("strict.svg")));
    }

    void warningsNameWhatJournalsRefuse()
    {
        Figure figure = test::everything();
        std::get<HeatMapPanel>(figure.panels[3].content).color.label.clear();
        ExportOptions options;
        options.format = "pdf";
        const auto warnings = exportWarnings(figure, options);
        QCOMPARE(warnings.size(), 1u);
        QCOMPARE(warnings[0], std::string("Panel d: the color bar has no label."));
        Figure large = test::curves();
        auto &series = std::get<XYPanel>(large.panels[0].content).series[0];
        for (int i = 0; i < 250000; ++i) {
            series.x.push_back(40 + i);
            series.y.push_back(0.1);
        }
        QVERIFY(exportWarnings(large, options)[0].find("thin the lines") != std::string::npos);
        options.thinLines = true;
        QVERIFY(exportWarnings(large, options).empty());
        QVERIFY(contentOf(write(large, "thinned.svg", options = {.format = "svg", .thinLines = true})).size() < 400000);
    }

    void badRequestsAreRefused()
    {
        const Figure figure = test::curves();
        EXPECT_ERROR(write(figure, "figure.docx"), "expected the ending .svg, .pdf, .png, .tiff or .csv, found \".docx\"");
        EXPECT_ERROR(write(figure, "figure.png", {.dpi = 5}), "dpi");
        EXPECT_ERROR(write(figure, "figure.png", {.widthMm = 3}), "width");
        EXPECT_ERROR(exportFigure(figure, "/proc/none/figure.svg"), "/proc/none/figure.svg");
        // A picture larger than any memory is no empty file in place of the one that was there.
        for (const char *name : {"large.png", "large.tiff"}) {
            QFile old(m_folder.filePath(name));
            QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
            old.close();
            EXPECT_ERROR(write(figure, name, {.widthMm = 2000, .dpi = 4800}), "not enough memory for a picture of this size");
            QVERIFY(old.open(QIODevice::ReadOnly));
            QCOMPARE(old.readAll(), QByteArray("old"));
        }
        Figure broken = figure;
        std::get<XYPanel>(broken.panels[0].content).series[0].y.pop_back();
        EXPECT_ERROR(write(broken, "broken.svg"), "series \"training\" has 40 x but 39 y values");
        QDirIterator left(m_folder.path(), {"*.part", "figure.*", "broken.*"}, QDir::Files);
        QVERIFY(!left.hasNext());
    }

    void exportAllWritesEveryFormat()
    {
        const auto warnings = exportAll(test::curves(), m_folder.filePath("together").toStdString());
        QVERIFY(warnings.empty());
        for (const char *ending : {"svg", "pdf", "png", "csv", "figure.json", "caption.txt"})
            QVERIFY2(QFile::exists(m_folder.filePath(QString("together.") + ending)), ending);
        QVERIFY(Figure::fromJson(Json::parse(contentOf(m_folder.filePath("together.figure.json")).toStdString())).toJson() ==
                test::curves().toJson());
    }

    void presetsCoverTheJournals()
    {
        for (const double mm : {85.0, 114.0, 174.0, 89.0, 183.0, 190.5})
            QVERIFY(std::any_of(widthPresets().begin(), widthPresets().end(), [&](const auto &p) { return p.widthMm == mm; }));
    }
};

RETICLE_TEST(FigureExportTest)
#include "FigureExportTest.moc"
