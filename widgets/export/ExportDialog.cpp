#include "widgets/export/ExportDialog.h"

#include "base/Error.h"
#include "widgets/export/ColourVision.h"
#include "widgets/export/FigureCsv.h"
#include "widgets/export/FigureExport.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMessageBox>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTimer>

namespace reticle {

namespace {

/// The page at its own proportions on a grey desk.
class Preview : public QWidget
{
public:
    explicit Preview(QWidget *parent) : QWidget(parent)
    {
        setMinimumSize(320, 260);
        setObjectName("preview");
    }
    QImage page;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), palette().color(QPalette::Mid));
        if (page.isNull())
            return;
        const QSizeF fit = QSizeF(page.size()).scaled(size() - QSize(24, 24), Qt::KeepAspectRatio);
        const QRectF where(QPointF((width() - fit.width()) / 2, (height() - fit.height()) / 2), fit);
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.fillRect(where.translated(2, 2), QColor(0, 0, 0, 60));
        painter.drawImage(where, page);
    }
};

QString &lastFolder()
{
    static QString folder;
    return folder;
}

/// `path` as exportAll takes it: what follows another dot than that of an ending is part of the name.
QString withoutEnding(const QString &path)
{
    for (const char *ending : {".svg", ".pdf", ".png", ".csv"})
        if (path.endsWith(QLatin1String(ending), Qt::CaseInsensitive))
            return path.chopped(4);
    return path;
}

/// All that exportFigure, or exportAll where there is no format, writes for a path.
QStringList filesOf(const Figure &figure, const QString &path, const std::string &format)
{
    QStringList files;
    const QFileInfo info(path);
    QString base = info.dir().filePath(info.completeBaseName());
    if (format.empty()) {
        base = withoutEnding(path);
        for (const char *ending : {".svg", ".pdf", ".png", ".figure.json"})
            files << base + QLatin1String(ending);
    } else if (format != "csv") {
        files << path;
    }
    if (format.empty() || format == "csv")
        for (const auto &part : figureCsv(figure, QFileInfo(base).fileName().toStdString()))
            files << base + QString::fromStdString(part.suffix);
    if (!figure.caption.empty())
        files << base + QStringLiteral(".caption.txt");
    return files;
}

} // namespace

struct ExportDialog::Private
{
    Figure figure;
    QComboBox *format = nullptr, *preset = nullptr;
    QDoubleSpinBox *width = nullptr;
    QSpinBox *dpi = nullptr;
    QCheckBox *embed = nullptr, *thin = nullptr;
    QComboBox *eyes = nullptr;
    QLabel *size = nullptr, *warnings = nullptr;
    Preview *preview = nullptr;
    QTimer timer;
    QString folder;

    ExportOptions options() const
    {
        ExportOptions o;
        o.format = format->currentData().toString().toStdString();
        o.widthMm = width->value();
        o.dpi = dpi->value();
        o.embedFont = embed->isChecked();
        o.thinLines = thin->isChecked();
        return o;
    }
};

ExportDialog::ExportDialog(const Figure &figure, QWidget *parent) : QDialog(parent), d(std::make_unique<Private>())
{
    d->figure = figure;
    d->folder = !lastFolder().isEmpty() ? lastFolder() : QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    setWindowTitle(tr("Export figure"));

    d->format = new QComboBox(this);
    d->format->setObjectName("format");
    d->format->addItem(tr("PDF (vector, for manuscripts)"), "pdf");
    d->format->addItem(tr("SVG (vector, to edit)"), "svg");
    d->format->addItem(tr("PNG (pixels)"), "png");
    d->format->addItem(tr("TIFF (pixels, for print)"), "tiff");
    d->format->addItem(tr("CSV (the numbers)"), "csv");

    d->preset = new QComboBox(this);
    d->preset->setObjectName("preset");
    d->preset->addItem(tr("Own width"), 0.0);
    for (const auto &preset : widthPresets())
        d->preset->addItem(tr("%1: %2 mm").arg(QString::fromStdString(preset.name)).arg(preset.widthMm), preset.widthMm);

    d->width = new QDoubleSpinBox(this);
    d->width->setObjectName("width");
    d->width->setRange(20, 2000);
    d->width->setDecimals(1);
    d->width->setSuffix(tr(" mm"));
    d->width->setValue(figure.widthMm);

    d->dpi = new QSpinBox(this);
    d->dpi->setObjectName("dpi");
    d->dpi->setRange(72, 1200);
    d->dpi->setSingleStep(50);
    d->dpi->setSuffix(tr(" dpi"));
    d->dpi->setValue(300);
    d->dpi->setToolTip(tr("300 for photographs, 600 for photographs with text, 1200 for line art"));

    d->embed = new QCheckBox(tr("Embed the letters used"), this);
    d->embed->setObjectName("embed");
    d->embed->setChecked(true);
    d->thin = new QCheckBox(tr("Thin long lines to 600 dpi"), this);
    d->thin->setObjectName("thin");

    d->eyes = new QComboBox(this);
    d->eyes->setObjectName("eyes");
    d->eyes->setToolTip(tr("Shows in the preview how the colours look to other eyes; the exported file keeps its colours"));
    d->eyes->addItem(tr("usual colour vision"), static_cast<int>(ColourVision::Usual));
    d->eyes->addItem(tr("without red cones (protanopia)"), static_cast<int>(ColourVision::Protanopia));
    d->eyes->addItem(tr("without green cones (deuteranopia)"), static_cast<int>(ColourVision::Deuteranopia));
    d->eyes->addItem(tr("without blue cones (tritanopia)"), static_cast<int>(ColourVision::Tritanopia));
    d->eyes->addItem(tr("black-and-white print"), static_cast<int>(ColourVision::Grey));
    d->eyes->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    d->eyes->setMinimumContentsLength(18);

    d->size = new QLabel(this);
    d->warnings = new QLabel(this);
    d->warnings->setObjectName("warnings");
    d->warnings->setWordWrap(true);
    d->warnings->setTextFormat(Qt::PlainText);
    d->preview = new Preview(this);

    auto *form = new QFormLayout;
    form->addRow(tr("Format"), d->format);
    form->addRow(tr("Printed at"), d->preset);
    form->addRow(tr("Width"), d->width);
    form->addRow(tr("Resolution"), d->dpi);
    form->addRow(QString(), d->embed);
    form->addRow(QString(), d->thin);
    form->addRow(tr("Page"), d->size);
    form->addRow(tr("Preview for"), d->eyes);

    auto *left = new QVBoxLayout;
    left->addLayout(form);
    left->addWidget(d->warnings);
    left->addStretch();
    auto *top = new QHBoxLayout;
    top->addLayout(left);
    top->addWidget(d->preview, 1);

    auto *buttons = new QDialogButtonBox(this);
    auto *one = buttons->addButton(tr("Export…"), QDialogButtonBox::AcceptRole);
    one->setObjectName("export");
    one->setDefault(true);
    setStyleFlag(one, "primary", true);
    auto *all = buttons->addButton(tr("Export all…"), QDialogButtonBox::ActionRole);
    all->setObjectName("exportAll");
    all->setToolTip(tr("SVG, PDF, PNG, CSV and the figure's JSON together"));
    buttons->addButton(QDialogButtonBox::Cancel);

    auto *layout = new QVBoxLayout(this);
    layout->addLayout(top, 1);
    layout->addWidget(buttons);

    // The preview follows at most ten times a second.
    d->timer.setSingleShot(true);
    d->timer.setInterval(100);
    const auto refresh = [this] {
        const std::string format = d->options().format;
        d->dpi->setEnabled(format == "png" || format == "tiff");
        d->embed->setEnabled(format == "svg");
        d->thin->setEnabled(format == "svg" || format == "pdf");
        d->width->setEnabled(format != "csv");
        d->preset->setEnabled(format != "csv");
        if (!d->timer.isActive())
            d->timer.start();
    };
    const auto draw = [this] {
        const ExportOptions options = d->options();
        try {
            const auto warnings = exportWarnings(d->figure, options);
            d->preview->page =
                seenWith(static_cast<ColourVision>(d->eyes->currentData().toInt()), figureImage(d->figure, options.widthMm, 150));
            const QSize px = d->preview->page.size();
            const double height = px.height() / 150.0 * 25.4, width = px.width() / 150.0 * 25.4;
            QString size = tr("%1 × %2 mm").arg(width, 0, 'f', 1).arg(height, 0, 'f', 1);
            if (options.format == "png" || options.format == "tiff")
                size += tr(", %1 × %2 pixels")
                            .arg(std::lround(width / 25.4 * options.dpi))
                            .arg(std::lround(height / 25.4 * options.dpi));
            d->size->setText(size);
            QStringList lines;
            for (const auto &w : warnings)
                lines << QString::fromUtf8("⚠ ") + QString::fromStdString(w);
            d->warnings->setText(lines.join('\n'));
        } catch (const std::exception &e) {
            d->warnings->setText(QString::fromUtf8(e.what()));
        }
        d->preview->update();
    };
    connect(&d->timer, &QTimer::timeout, this, draw);
    connect(d->format, &QComboBox::currentIndexChanged, this, refresh);
    connect(d->dpi, &QSpinBox::valueChanged, this, refresh);
    connect(d->eyes, &QComboBox::currentIndexChanged, this, refresh);
    connect(d->embed, &QCheckBox::toggled, this, refresh);
    connect(d->thin, &QCheckBox::toggled, this, refresh);
    connect(d->width, &QDoubleSpinBox::valueChanged, this, [this, refresh](double mm) {
        if (d->preset->currentData().toDouble() != mm)
            d->preset->setCurrentIndex(0);
        refresh();
    });
    connect(d->preset, &QComboBox::currentIndexChanged, this, [this] {
        if (const double mm = d->preset->currentData().toDouble(); mm > 0)
            d->width->setValue(mm);
    });
    refresh();
    draw();

    const auto write = [this](bool everything) {
        const ExportOptions options = d->options();
        const QString ending = everything ? QStringLiteral("svg") : QString::fromStdString(options.format);
        const QString name = QString::fromStdString(d->figure.name.empty() ? "figure" : d->figure.name);
        const QString filter = everything ? tr("Figure (*.svg)") : tr("%1 files (*.%2)").arg(ending.toUpper(), ending);
        const auto files = [this, format = everything ? std::string() : options.format](const QString &path) {
            return filesOf(d->figure, path, format);
        };
        askWhereToSave(this, {windowTitle(), QDir(d->folder).filePath(name + '.' + ending), {filter}, files},
                       [this, options, everything](const QString &chosen) {
                           const QString path = everything ? withoutEnding(chosen) : chosen;
                           lastFolder() = QFileInfo(path).absolutePath();
                           try {
                               if (everything)
                                   exportAll(d->figure, path.toStdString(), options);
                               else
                                   exportFigure(d->figure, path.toStdString(), options);
                           } catch (const std::exception &e) {
                               auto *box = new QMessageBox(QMessageBox::Warning, windowTitle(), QString::fromUtf8(e.what()),
                                                           QMessageBox::Ok, this);
                               box->setTextFormat(Qt::PlainText);
                               openDialog(box, this);
                               return;
                           }
                           Q_EMIT exported(path);
                           accept();
                       });
    };
    connect(one, &QPushButton::clicked, this, [write] { write(false); });
    connect(all, &QPushButton::clicked, this, [write] { write(true); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    resize(860, 480);
}

ExportDialog::~ExportDialog() = default;

void ExportDialog::setFolder(const QString &folder)
{
    if (!folder.isEmpty())
        d->folder = folder;
}

} // namespace reticle
