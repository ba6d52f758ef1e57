#include "widgets/export/ExportDialog.h"

#include "foundation/Error.h"
#include "widgets/export/ColorVision.h"
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

#include <cmath>

namespace reticle {

namespace {

constexpr int previewDpi = 150;

/// The page at its own proportions on a gray desk.
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

/// Whether a file of this format is made of pixels, as many as its resolution says.
bool hasPixels(const std::string &format)
{
    return format == "png" || format == "tiff";
}

} // namespace

struct ExportDialog::Private
{
    ExportDialog *q = nullptr;
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

    void makeFormatBox()
    {
        format = new QComboBox(q);
        format->setObjectName("format");
        format->addItem(tr("PDF (vector, for manuscripts)"), "pdf");
        format->addItem(tr("SVG (vector, to edit)"), "svg");
        format->addItem(tr("PNG (pixels)"), "png");
        format->addItem(tr("TIFF (pixels, for print)"), "tiff");
        format->addItem(tr("CSV (the numbers)"), "csv");
    }

    void makeWidthBoxes()
    {
        preset = new QComboBox(q);
        preset->setObjectName("preset");
        preset->addItem(tr("Own width"), 0.0);
        for (const auto &known : widthPresets())
            preset->addItem(tr("%1: %2 mm").arg(QString::fromStdString(known.name)).arg(known.widthMm), known.widthMm);

        width = new QDoubleSpinBox(q);
        width->setObjectName("width");
        width->setRange(20, 2000);
        width->setDecimals(1);
        width->setSuffix(tr(" mm"));
        width->setValue(figure.widthMm);
    }

    void makeResolutionBox()
    {
        dpi = new QSpinBox(q);
        dpi->setObjectName("dpi");
        dpi->setRange(72, 1200);
        dpi->setSingleStep(50);
        dpi->setSuffix(tr(" dpi"));
        dpi->setValue(300);
        dpi->setToolTip(tr("300 for photographs, 600 for photographs with text, 1200 for line art"));
    }

    void makeSwitches()
    {
        embed = new QCheckBox(tr("Embed the letters used"), q);
        embed->setObjectName("embed");
        embed->setChecked(true);
        thin = new QCheckBox(tr("Thin long lines to 600 dpi"), q);
        thin->setObjectName("thin");
    }

    void makeEyesBox()
    {
        eyes = new QComboBox(q);
        eyes->setObjectName("eyes");
        eyes->setToolTip(tr("Shows in the preview how the colors look to other eyes; the exported file keeps its colors"));
        eyes->addItem(tr("usual color vision"), static_cast<int>(ColorVision::Usual));
        eyes->addItem(tr("without red cones (protanopia)"), static_cast<int>(ColorVision::Protanopia));
        eyes->addItem(tr("without green cones (deuteranopia)"), static_cast<int>(ColorVision::Deuteranopia));
        eyes->addItem(tr("without blue cones (tritanopia)"), static_cast<int>(ColorVision::Tritanopia));
        eyes->addItem(tr("black-and-white print"), static_cast<int>(ColorVision::Gray));
        eyes->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        eyes->setMinimumContentsLength(18);
    }

    /// What follows from the choices: the page's size, warnings and the page itself.
    void makePreview()
    {
        size = new QLabel(q);
        warnings = new QLabel(q);
        warnings->setObjectName("warnings");
        warnings->setWordWrap(true);
        warnings->setTextFormat(Qt::PlainText);
        preview = new Preview(q);
    }

    QFormLayout *makeForm() const
    {
        auto *form = new QFormLayout;
        form->addRow(tr("Format"), format);
        form->addRow(tr("Printed at"), preset);
        form->addRow(tr("Width"), width);
        form->addRow(tr("Resolution"), dpi);
        form->addRow(QString(), embed);
        form->addRow(QString(), thin);
        form->addRow(tr("Page"), size);
        form->addRow(tr("Preview for"), eyes);
        return form;
    }

    QDialogButtonBox *makeButtons()
    {
        auto *buttons = new QDialogButtonBox(q);
        auto *one = buttons->addButton(tr("Export…"), QDialogButtonBox::AcceptRole);
        one->setObjectName("export");
        one->setDefault(true);
        setStyleFlag(one, "primary", true);
        auto *all = buttons->addButton(tr("Export all…"), QDialogButtonBox::ActionRole);
        all->setObjectName("exportAll");
        all->setToolTip(tr("SVG, PDF, PNG, CSV and the figure's JSON together"));
        buttons->addButton(QDialogButtonBox::Cancel);
        connect(one, &QPushButton::clicked, q, [this] { askAndWrite(false); });
        connect(all, &QPushButton::clicked, q, [this] { askAndWrite(true); });
        connect(buttons, &QDialogButtonBox::rejected, q, &QDialog::reject);
        return buttons;
    }

    void followChoices()
    {
        // The preview follows at most ten times a second.
        timer.setSingleShot(true);
        timer.setInterval(100);
        connect(&timer, &QTimer::timeout, q, [this] { draw(); });
        const auto follow = [this] { refresh(); };
        connect(format, &QComboBox::currentIndexChanged, q, follow);
        connect(dpi, &QSpinBox::valueChanged, q, follow);
        connect(eyes, &QComboBox::currentIndexChanged, q, follow);
        connect(embed, &QCheckBox::toggled, q, follow);
        connect(thin, &QCheckBox::toggled, q, follow);
        connect(width, &QDoubleSpinBox::valueChanged, q, [this](double mm) {
            if (preset->currentData().toDouble() != mm)
                preset->setCurrentIndex(0);
            refresh();
        });
        connect(preset, &QComboBox::currentIndexChanged, q, [this] {
            if (const double mm = preset->currentData().toDouble(); mm > 0)
                width->setValue(mm);
        });
    }

    /// Enables what the format has a use for; the preview follows a little later.
    void refresh()
    {
        const std::string name = options().format;
        dpi->setEnabled(hasPixels(name));
        embed->setEnabled(name == "svg");
        thin->setEnabled(name == "svg" || name == "pdf");
        width->setEnabled(name != "csv");
        preset->setEnabled(name != "csv");
        if (!timer.isActive())
            timer.start();
    }

    void draw()
    {
        const ExportOptions wanted = options();
        try {
            const auto found = exportWarnings(figure, wanted);
            preview->page =
                seenWith(static_cast<ColorVision>(eyes->currentData().toInt()), figureImage(figure, wanted.widthMm, previewDpi));
            size->setText(sizeText(preview->page.size(), wanted));
            QStringList lines;
            for (const auto &w : found)
                lines << QString::fromUtf8("⚠ ") + QString::fromStdString(w);
            warnings->setText(lines.join('\n'));
        } catch (const std::exception &e) {
            warnings->setText(QString::fromUtf8(e.what()));
        }
        preview->update();
    }

    /// Of the page that is shown: as printed, and in pixels where the file is made of them.
    static QString sizeText(const QSize &page, const ExportOptions &wanted)
    {
        constexpr double dots = previewDpi;
        const double heightMm = page.height() / dots * 25.4, widthMm = page.width() / dots * 25.4;
        QString text = tr("%1 × %2 mm").arg(widthMm, 0, 'f', 1).arg(heightMm, 0, 'f', 1);
        if (hasPixels(wanted.format))
            text += tr(", %1 × %2 pixels")
                        .arg(std::lround(widthMm / 25.4 * wanted.dpi))
                        .arg(std::lround(heightMm / 25.4 * wanted.dpi));
        return text;
    }

    /// Asks where to, then writes one format, or all of them together.
    void askAndWrite(bool everything)
    {
        const ExportOptions wanted = options();
        const QString ending = everything ? QStringLiteral("svg") : QString::fromStdString(wanted.format);
        const QString name = QString::fromStdString(figure.name.empty() ? "figure" : figure.name);
        const QString filter = everything ? tr("Figure (*.svg)") : tr("%1 files (*.%2)").arg(ending.toUpper(), ending);
        const auto files = [this, only = everything ? std::string() : wanted.format](const QString &path) {
            return filesOf(figure, path, only);
        };
        askWhereToSave(q, {q->windowTitle(), QDir(folder).filePath(name + '.' + ending), {filter}, files},
                       [this, wanted, everything](const QString &chosen) { write(chosen, wanted, everything); });
    }

    void write(const QString &chosen, const ExportOptions &wanted, bool everything)
    {
        const QString path = everything ? withoutEnding(chosen) : chosen;
        lastFolder() = QFileInfo(path).absolutePath();
        try {
            if (everything)
                exportAll(figure, path.toStdString(), wanted);
            else
                exportFigure(figure, path.toStdString(), wanted);
        } catch (const std::exception &e) {
            auto *box = new QMessageBox(QMessageBox::Warning, q->windowTitle(), QString::fromUtf8(e.what()), QMessageBox::Ok, q);
            box->setTextFormat(Qt::PlainText);
            openDialog(box, q);
            return;
        }
        Q_EMIT q->exported(path);
        q->accept();
    }
};

ExportDialog::ExportDialog(const Figure &figure, QWidget *parent) : QDialog(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->figure = figure;
    d->folder = !lastFolder().isEmpty() ? lastFolder() : QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    setWindowTitle(tr("Export figure"));

    // In the order in which the Tab key visits them.
    d->makeFormatBox();
    d->makeWidthBoxes();
    d->makeResolutionBox();
    d->makeSwitches();
    d->makeEyesBox();
    d->makePreview();

    auto *left = new QVBoxLayout;
    left->addLayout(d->makeForm());
    left->addWidget(d->warnings);
    left->addStretch();
    auto *top = new QHBoxLayout;
    top->addLayout(left);
    top->addWidget(d->preview, 1);
    auto *buttons = d->makeButtons();
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(top, 1);
    layout->addWidget(buttons);

    d->followChoices();
    d->refresh();
    d->draw();
    resize(860, 480);
}

ExportDialog::~ExportDialog() = default;

void ExportDialog::setFolder(const QString &folder)
{
    if (!folder.isEmpty())
        d->folder = folder;
}

} // namespace reticle
