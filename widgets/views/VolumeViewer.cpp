#include "widgets/views/VolumeViewer.h"

#include "base/Error.h"
#include "widgets/export/SurfaceFile.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Background.h"
#include "widgets/views/Theme.h"
#include "widgets/views/VolumeLoader.h"
#include "widgets/views/VolumeView_p.h"
#include "widgets/views/VolumeViewer_p.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QSaveFile>
#include <QScrollArea>
#include <QSlider>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace reticle {

namespace {

constexpr int sliderSteps = 400, surfaceDelayMs = 250;
constexpr std::size_t movingTriangles = 120'000; // what software OpenGL draws a dozen times a second

QString number(double v)
{
    return QString::number(v, 'g', 4);
}

/// To four digits: what a person would type.
double rounded(double value)
{
    const double digits = std::pow(10.0, 3 - std::floor(std::log10(std::max(1e-12, std::abs(value)))));
    return std::round(value * digits) / digits;
}

QString trianglesText(std::size_t n)
{
    constexpr double million = 1e6;
    return static_cast<double>(n) < million ? VolumeViewer::tr("%1 triangles").arg(n)
                                            : VolumeViewer::tr("%1 million triangles").arg(static_cast<double>(n) / million, 0, 'f', 1);
}

QString sizeText(const std::array<std::int64_t, 3> &n)
{
    return QString::fromUtf8("%1 × %2 × %3").arg(n[0]).arg(n[1]).arg(n[2]);
}

/// The surface and, where it is large, a coarser one for moving.
std::pair<std::shared_ptr<const SurfaceMesh>, std::shared_ptr<const SurfaceMesh>>
findSurfaces(const VolumeData &volume, SurfaceRequest request, const VolumeLoader::GoOn &goOn)
{
    const auto full = surfacesOf(volume, request, [&](double f) { return goOn(0.8 * f); });
    std::shared_ptr<const SurfaceMesh> coarse;
    constexpr int coarsest = 8;
    for (request.stride = 2; request.stride <= coarsest && (coarse ? coarse : full)->triangleCount() > movingTriangles; ++request.stride)
        coarse = surfacesOf(volume, request, [&](double) { return goOn(0.9); });
    return {full, coarse};
}

} // namespace

struct VolumeViewer::Private
{
    VolumeViewer *q;
    VolumeView *view = nullptr;
    SchemaForm *form = nullptr;
    QScrollArea *panel = nullptr;
    QFrame *panelLine = nullptr;
    int writing = 0; ///< files of surfaces
    QToolButton *panelButton = nullptr, *surfaceButton = nullptr, *pictureButton = nullptr;
    QSlider *threshold = nullptr, *opacity = nullptr;
    QLabel *thresholdValue = nullptr, *opacityValue = nullptr, *status = nullptr;
    QWidget *sliders = nullptr;
    VolumeLoader *loader = nullptr, *finder = nullptr;
    QTimer surfaceTimer;

    std::shared_ptr<ImageSource> source;
    int channel = -1;
    std::vector<SurfaceSource> surfaces;
    VolumeOptions options;
    QString surfaceNote, surfaceProblem, picturePath;
    std::shared_ptr<const VolumeData> surfaceData; ///< of `surfaceName`
    QString surfaceName;
    bool loading = false, fromSlider = false, filling = false;

    void build();
    QToolButton *textButton(const QString &text, const QString &tip, const char *name);
    QSlider *slider(const QString &name, QLabel *&value, const char *objectName, QHBoxLayout *row);
    void fillForm(bool keep);
    std::vector<std::string> names() const;
    void load();
    void take(std::shared_ptr<const VolumeData> data);
    void changed();
    void wishSurface();
    void find();
    void showSliders();
    void showStatus();
    void set(const char *field, double value);
    void exportSurfaceAs();
    void showSurfaceButton(); ///< usable where there are surfaces and none are being written
    void exportPictureAs();
};

QToolButton *VolumeViewer::Private::textButton(const QString &text, const QString &tip, const char *name)
{
    auto *b = new QToolButton(q);
    b->setText(text);
    b->setToolTip(tip);
    b->setAccessibleName(tip);
    b->setObjectName(QLatin1String(name));
    b->setFocusPolicy(Qt::TabFocus);
    return b;
}

QSlider *VolumeViewer::Private::slider(const QString &name, QLabel *&value, const char *objectName, QHBoxLayout *row)
{
    auto *label = new QLabel(name, sliders);
    label->setProperty("muted", true);
    auto *s = new QSlider(Qt::Horizontal, sliders);
    s->setObjectName(QLatin1String(objectName));
    s->setAccessibleName(name);
    s->setRange(0, sliderSteps);
    s->setMinimumWidth(48);
    value = new QLabel(sliders);
    value->setProperty("muted", true);
    value->setMinimumWidth(value->fontMetrics().horizontalAdvance(QStringLiteral("12345")));
    row->addWidget(label);
    row->addWidget(s, 1);
    row->addWidget(value);
    return s;
}

void VolumeViewer::Private::build()
{
    using Preset = VolumeCamera::Preset;
    auto *tools = new QHBoxLayout;
    tools->setContentsMargins(8, 4, 8, 4);
    tools->setSpacing(2);
    const auto icon = [&](const QString &name, const QString &tip, const char *objectName) {
        auto *b = textButton({}, tip, objectName);
        b->setIcon(themeIcon(name));
        b->setIconSize({18, 18});
        return b;
    };
    auto *fit = icon(QStringLiteral("fit"), tr("Fit (F)"), "fit3d");
    tools->addWidget(fit);
    connect(fit, &QToolButton::clicked, q, [this] { view->fit(); });
    const std::tuple<QString, QString, const char *, Preset> looks[] = {
        {tr("Top"), tr("From above, as the slices are seen (1)"), "lookTop", Preset::Top},
        {tr("Front"), tr("From the last row (2)"), "lookFront", Preset::Front},
        {tr("Side"), tr("From the last column (3)"), "lookSide", Preset::Side},
        {tr("3-D"), tr("Askew from above (4)"), "lookIsometric", Preset::Isometric}};
    for (const auto &[text, tip, name, preset] : looks) {
        auto *b = textButton(text, tip, name);
        tools->addWidget(b);
        connect(b, &QToolButton::clicked, q, [this, preset = preset] { view->lookFrom(preset); });
    }
    tools->addStretch(1);
    surfaceButton = icon(QStringLiteral("export"), tr("Save the surfaces as STL, PLY or OBJ…"), "exportSurface");
    pictureButton = icon(QStringLiteral("image"), tr("Save a picture of any size…"), "exportPicture");
    panelButton = icon(QStringLiteral("panel-right"), tr("Settings of the 3-D view"), "panel3d");
    panelButton->setCheckable(true);
    panelButton->setChecked(true);
    for (auto *b : {pictureButton, surfaceButton, panelButton})
        tools->addWidget(b);

    sliders = new QWidget(q);
    auto *row = new QHBoxLayout(sliders);
    row->setContentsMargins(12, 4, 12, 4);
    row->setSpacing(8);
    threshold = slider(tr("Threshold"), thresholdValue, "threshold3d", row);
    opacity = slider(tr("Opacity"), opacityValue, "opacity3d", row);
    status = new QLabel(q);
    status->setObjectName(QStringLiteral("status3d"));
    status->setProperty("muted", true);
    status->setContentsMargins(12, 2, 12, 4);
    status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    status->setTextFormat(Qt::PlainText);

    form = new SchemaForm;
    form->setObjectName(QStringLiteral("form3d"));
    auto *content = new QFrame;
    content->setProperty("panel", true);
    auto *contentLayout = new QVBoxLayout(content);
    contentLayout->setContentsMargins(12, 8, 12, 12);
    contentLayout->addWidget(form);
    contentLayout->addStretch(1);
    panel = new QScrollArea(q);
    panel->setWidgetResizable(true);
    panel->setFrameShape(QFrame::NoFrame);
    panel->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    panel->setFixedWidth(270);
    panel->setWidget(content);

    const auto line = [this] {
        auto *l = new QFrame(q);
        l->setProperty("line", true);
        return l;
    };
    auto *left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(view, 1);
    left->addWidget(line());
    left->addWidget(sliders);
    left->addWidget(status);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addLayout(left, 1);
    panelLine = new QFrame(q);
    panelLine->setProperty("panelLine", true);
    panelLine->setFixedWidth(1);
    middle->addWidget(panelLine);
    middle->addWidget(panel);
    auto *layout = new QVBoxLayout(q);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(tools);
    layout->addWidget(line());
    layout->addLayout(middle, 1);
    q->setFocusProxy(view);

    connect(panelButton, &QToolButton::toggled, q, [this](bool on) { q->setPanelVisible(on); });
    connect(surfaceButton, &QToolButton::clicked, q, [this] { exportSurfaceAs(); });
    connect(pictureButton, &QToolButton::clicked, q, [this] { exportPictureAs(); });
    connect(threshold, &QSlider::valueChanged, q, [this](int v) {
        if (const auto &image = view->image())
            set("threshold", image->least + (image->most - image->least) * v / sliderSteps);
    });
    connect(opacity, &QSlider::valueChanged, q, [this](int v) { set("opacity", static_cast<double>(v) / sliderSteps); });
    connect(form, &SchemaForm::changed, q, [this] { changed(); });
}

std::vector<std::string> VolumeViewer::Private::names() const
{
    std::vector<std::string> all{"image"};
    for (const auto &s : surfaces)
        all.push_back(s.name.toStdString());
    return all;
}

void VolumeViewer::Private::fillForm(bool keep)
{
    const Json kept = keep ? form->changedValues() : Json::object();
    // Between the defaults and what is kept the form says things that nobody wishes for.
    filling = true;
    form->setSchema(volumeSchemaFor(view->image().get(), names()));
    form->setValues(kept);
    filling = false;
    changed();
}

void VolumeViewer::Private::set(const char *field, double value)
{
    if (fromSlider)
        return;
    double shown = rounded(value);
    if (const auto &image = view->image(); image && std::string_view(field) == "threshold")
        shown = std::clamp(shown, image->least, image->most);
    form->setValues({{field, shown}});
}

void VolumeViewer::Private::showSliders()
{
    fromSlider = true;
    const auto &image = view->image();
    const bool range = image && image->most > image->least;
    const bool shown = options.image != "hidden";
    threshold->setEnabled(range && shown);
    opacity->setEnabled(image && shown);
    if (range)
        threshold->setValue(static_cast<int>(std::lround((options.threshold - image->least) / (image->most - image->least) * sliderSteps)));
    opacity->setValue(static_cast<int>(std::lround(options.opacity * sliderSteps)));
    thresholdValue->setText(image ? number(options.threshold) : QString());
    opacityValue->setText(QString::number(options.opacity, 'f', 2));
    fromSlider = false;
}

void VolumeViewer::Private::showStatus()
{
    const auto &image = view->image();
    if (!image) {
        status->clear();
        return;
    }
    VolumeFrame frame;
    frame.image = image;
    frame.options = options;
    frame.voxel = voxelOf(options);
    QStringList parts{extentText(frame)};
    if (!(options.pixelSize > 0 && options.sliceDistance > 0) && image->source[2] > 1)
        parts << tr("slice distance unknown: 1 px");
    if (image->isReduced())
        parts << tr("reduced to %1 of %2 voxels").arg(sizeText({image->nx(), image->ny(), image->nz()}), sizeText(image->source));
    if (!image->anyFinite)
        parts << tr("nothing but NaN");
    else if (image->least == image->most)
        parts << tr("every voxel is %1").arg(number(image->least));
    if (!surfaceNote.isEmpty())
        parts << surfaceNote;
    status->setText(parts.join(QString::fromUtf8("  ·  ")));
    status->setToolTip(parts.join('\n'));
}

void VolumeViewer::Private::load()
{
    finder->stop();
    surfaceTimer.stop();
    surfaceNote.clear();
    if (!source) {
        loader->stop();
        view->setImage(nullptr);
        showStatus();
        return;
    }
    loading = true;
    view->setErrorText({});
    view->setBusyText(tr("Reading the stack …"));
    const double per = options.pixelSize > 0 && options.sliceDistance > 0 ? options.sliceDistance / options.pixelSize
        : source->info().pixelSizeX > 0 && source->info().pixelSizeZ > 0  ? source->info().pixelSizeZ / source->info().pixelSizeX : 1;
    loader->start([this, source = source, channel = channel, per, most = options.mostVoxels](const VolumeLoader::GoOn &goOn) {
        auto data = loadVolume(*source, VolumeData::Kind::Image, channel, std::llround(most * 1e6), per, goOn);
        return [this, data] { take(data); };
    });
}

void VolumeViewer::Private::take(std::shared_ptr<const VolumeData> data)
{
    loading = false;
    const bool same = view->image() && view->image()->source == data->source;
    surfaceData = nullptr;
    surfaceName.clear();
    view->setImage(std::move(data));
    fillForm(same);
    wishSurface();
    if (options.surfaces == "none")
        Q_EMIT q->loaded();
}

void VolumeViewer::Private::changed()
{
    if (filling)
        return;
    const VolumeOptions before = options;
    options = volumeSchema().read([&] {
        Json values = form->values();
        // Names of surfaces are not part of the fixed schema.
        values.erase("surfaces");
        return values;
    }());
    options.surfaces = form->values().value("surfaces", std::string("none"));
    if (options.surfaces != before.surfaces && options.surfaces == "image" && view->image()) {
        options.level = options.threshold;
        form->setValues({{"level", options.level}});
    }
    if (options.solid != before.solid && options.image != "hidden" && view->image()) {
        // What counts as full lies on the other side now.
        const auto &image = *view->image();
        const bool dark = options.solid == "dark";
        const double full = image.percentile(dark ? 0.0035 : 0.9965);
        if (dark ? options.full >= options.threshold : options.full <= options.threshold) {
            form->setValues({{"full", std::clamp(rounded(full), image.least, image.most)}});
            options.full = form->values().at("full").get<double>();
        }
    }
    view->setOptions(options);
    showSliders();
    showStatus();
    if (options.mostVoxels != before.mostVoxels && source && !loading && view->image())
        return load();
    if (options.surfaces != before.surfaces || options.level != before.level || options.labels != before.labels ||
        options.smooth != before.smooth || (options.solid != before.solid && options.surfaces == "image"))
        wishSurface();
}

void VolumeViewer::Private::wishSurface()
{
    finder->stop();
    if (options.surfaces == "none" || !view->image()) {
        surfaceTimer.stop();
        view->setSurface(nullptr);
        view->setSurfaceVolume(nullptr);
        showSurfaceButton();
        surfaceNote.clear();
        view->setBusyText({});
        showStatus();
        return;
    }
    surfaceTimer.start();
}

void VolumeViewer::Private::showSurfaceButton()
{
    const auto &surface = view->surface();
    surfaceButton->setEnabled(writing == 0 && surface && surface->triangleCount() > 0);
}

void VolumeViewer::Private::find()
{
    const auto image = view->image();
    if (!image)
        return;
    const QString name = QString::fromStdString(options.surfaces);
    SurfaceRequest request{options.level, options.solid == "dark" && name == QStringLiteral("image"), options.labels, options.smooth};
    std::function<std::shared_ptr<ImageSource>()> open;
    for (const auto &s : surfaces)
        if (s.name == name)
            open = s.open;
    const auto known = name == QStringLiteral("image") ? image : surfaceName == name ? surfaceData : nullptr;
    if (!known && !open)
        return;
    view->setBusyText(tr("Looking for surfaces …"));
    const double per = voxelOf(options)[2];
    finder->start([this, known, open, name, image, request, per, most = options.mostVoxels](const VolumeLoader::GoOn &goOn) {
        auto data = known;
        if (!data) {
            const auto opened = open();
            const auto &info = opened->info();
            const std::array<std::int64_t, 3> size{info.width, info.height, info.pages};
            if (size != image->source)
                throw Error({name.toStdString(), sizeText(image->source).toStdString() + " voxels, as the image has",
                             sizeText(size).toStdString(), {}});
            const bool real = info.dtype == DType::Float32 || info.dtype == DType::Float64;
            data = loadVolume(*opened, real ? VolumeData::Kind::Image : VolumeData::Kind::Labels, 0, std::llround(most * 1e6), per,
                              [&](double f) { return goOn(0.3 * f); });
        }
        auto [full, coarse] = findSurfaces(*data, request, [&](double f) { return goOn(0.3 + 0.7 * f); });
        return [this, data, name, full, coarse] {
            surfaceData = data;
            surfaceName = name;
            view->setSurfaceVolume(data);
            view->setSurface(full, coarse);
            view->setBusyText({});
            showSurfaceButton();
            surfaceNote = full->pieces.empty() ? tr("no surface at this level")
                : data->kind == VolumeData::Kind::Labels
                ? (full->pieces.size() == 1 ? tr("one object") : tr("%1 objects").arg(full->pieces.size())) + QStringLiteral(", ") + trianglesText(full->triangleCount())
                : trianglesText(full->triangleCount());
            showStatus();
            Q_EMIT q->loaded();
        };
    });
}

void VolumeViewer::Private::exportSurfaceAs()
{
    QString chosen = surfaceFilters().front();
    const QString proposed = QFileInfo(source ? QString::fromStdString(source->info().path) : QString()).completeBaseName();
    QString path = QFileDialog::getSaveFileName(q, tr("Save surfaces"), proposed + QStringLiteral(".stl"), surfaceFilters().join(";;"), &chosen);
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += QLatin1Char('.') + chosen.left(3).toLower();
    q->exportSurface(path);
}

void VolumeViewer::Private::exportPictureAs()
{
    const QSize now = view->size() * view->devicePixelRatioF();
    PictureDialog dialog(now, q);
    if (dialog.exec() != QDialog::Accepted)
        return;
    const QString proposed = QFileInfo(source ? QString::fromStdString(source->info().path) : QString()).completeBaseName();
    QString path = QFileDialog::getSaveFileName(q, tr("Save picture"), proposed + QStringLiteral("-3d.png"), tr("PNG (*.png)"));
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += QStringLiteral(".png");
    q->exportPicture(path, dialog.pictureSize());
}

VolumeViewer::VolumeViewer(QWidget *parent, VolumeScene::Caster caster) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    setObjectName(QStringLiteral("volumeViewer"));
    d->view = new VolumeView(this, caster);
    d->loader = new VolumeLoader(this);
    d->finder = new VolumeLoader(this);
    d->build();
    d->surfaceTimer.setSingleShot(true);
    d->surfaceTimer.setInterval(surfaceDelayMs);
    connect(&d->surfaceTimer, &QTimer::timeout, this, [this] { d->find(); });
    connect(d->loader, &VolumeLoader::progressed, this, [this](double f) {
        d->view->setBusyText(tr("Reading the stack … %1 %").arg(std::lround(f * 100)));
    });
    connect(d->loader, &VolumeLoader::failed, this, [this](const QString &sentence) {
        d->loading = false;
        d->view->setErrorText(sentence);
        Q_EMIT failed(sentence);
    });
    connect(d->finder, &VolumeLoader::progressed, this, [this](double f) {
        d->view->setBusyText(tr("Looking for surfaces … %1 %").arg(std::lround(f * 100)));
    });
    connect(d->finder, &VolumeLoader::failed, this, [this](const QString &sentence) {
        d->view->setBusyText({});
        d->view->setSurface(nullptr);
        d->showSurfaceButton();
        Q_EMIT failed(sentence);
    });
    connect(d->view, &VolumeView::sliceRequested, this, &VolumeViewer::sliceRequested);
    connect(d->view, &VolumeView::picked, this, &VolumeViewer::picked);
    connect(d->view, &VolumeView::failed, this, &VolumeViewer::failed);
    connect(d->view, &VolumeView::pictureFailed, this, [this](const QString &sentence) {
        d->pictureButton->setEnabled(true);
        Q_EMIT failed(sentence);
    });
    connect(d->view, &VolumeView::pictured, this, [this](const QImage &picture) {
        inBackground(
            this,
            [picture, path = d->picturePath] {
                QSaveFile file(path);
                const bool good = file.open(QIODevice::WriteOnly) && picture.save(&file, "PNG") && file.commit();
                return good ? QString() : tr("%1: cannot be written (%2).").arg(path, file.errorString());
            },
            [this, path = d->picturePath](const QString &problem) {
                d->pictureButton->setEnabled(true);
                if (problem.isEmpty())
                    Q_EMIT said(tr("Picture written to %1.").arg(path));
                else
                    Q_EMIT failed(problem);
            });
    });
    d->surfaceButton->setEnabled(false);
    d->fillForm(false);
}

VolumeViewer::~VolumeViewer()
{
    // Their threads end before what they would report to goes.
    delete d->loader;
    delete d->finder;
}

VolumeView *VolumeViewer::view() const
{
    return d->view;
}

SchemaForm *VolumeViewer::form() const
{
    return d->form;
}

void VolumeViewer::setSource(std::shared_ptr<ImageSource> source, int channel)
{
    if (source == d->source && channel == d->channel)
        return;
    d->source = std::move(source);
    d->channel = channel;
    d->load();
}

void VolumeViewer::setSurfaces(std::vector<SurfaceSource> surfaces)
{
    const auto before = d->names();
    d->surfaces = std::move(surfaces);
    if (d->names() != before)
        d->fillForm(true);
}

void VolumeViewer::showSurfacesOf(const QString &name)
{
    d->form->setValues({{"surfaces", name.toStdString()}});
}

void VolumeViewer::setPanelVisible(bool visible)
{
    d->panel->setVisible(visible);
    d->panelLine->setVisible(visible);
    const QSignalBlocker block(d->panelButton);
    d->panelButton->setChecked(visible);
}

bool VolumeViewer::isPanelVisible() const
{
    return !d->panel->isHidden();
}

bool VolumeViewer::isIdle() const
{
    return !d->loading && !d->surfaceTimer.isActive() && !d->finder->isBusy();
}

void VolumeViewer::exportSurface(const QString &path)
{
    const auto mesh = d->view->surface() ? d->view->surface() : std::make_shared<const SurfaceMesh>();
    const auto scale = surfaceScale(d->options.pixelSize, d->options.sliceDistance);
    ++d->writing;
    d->showSurfaceButton();
    inBackground(
        this,
        [mesh, scale, path] {
            try {
                writeSurface(*mesh, scale, path);
                return QString();
            } catch (const std::exception &e) {
                return QString::fromUtf8(e.what());
            }
        },
        [this, scale, path](const QString &problem) {
            --d->writing;
            d->showSurfaceButton();
            if (problem.isEmpty())
                Q_EMIT said(tr("Surfaces written to %1, lengths in %2.").arg(path, scale.unit));
            else
                Q_EMIT failed(problem);
        });
}

void VolumeViewer::exportPicture(const QString &path, QSize size)
{
    d->picturePath = path;
    d->pictureButton->setEnabled(false);
    d->view->requestPicture(size);
}

} // namespace reticle
