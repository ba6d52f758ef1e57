#include "widgets/views/volume/VolumeViewer.h"

#include "foundation/Error.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/volume/VolumeLoader.h"
#include "widgets/views/volume/VolumeView_p.h"
#include "widgets/views/volume/VolumeViewer_p.h"

#include <QDateTime>
#include <QFileInfo>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int surfaceDelayMs = 250, typingDelayMs = 500;

QString readOutNumber(double v)
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
    return static_cast<double>(n) < million
               ? VolumeViewer::tr("%1 triangles").arg(n)
               : VolumeViewer::tr("%1 million triangles").arg(static_cast<double>(n) / million, 0, 'f', 1);
}

QString sizeText(const std::array<std::int64_t, 3> &n)
{
    return QString::fromUtf8("%1 × %2 × %3").arg(n[0]).arg(n[1]).arg(n[2]);
}

/// Whether a value that the field once took is still one of those it takes.
bool fits(const Field &field, const Json &value)
{
    if (field.type == Field::Type::Choice)
        return value.is_string() &&
               std::find(field.choices.begin(), field.choices.end(), value.get<std::string>()) != field.choices.end();
    if (!value.is_number())
        return true;
    const double v = value.get<double>();
    return !(field.min && v < *field.min) && !(field.max && v > *field.max);
}

/// Labels, or a probability from 0 to 1.
std::shared_ptr<const VolumeData> loadSurfaceVolume(const ImageSource &source, const std::string &kind, std::int64_t maximum,
                                                    const Point3 &voxel, const VolumeLoader::GoOn &goOn)
{
    const auto dtype = source.info().dtype;
    const bool real = dtype == DType::Float32 || dtype == DType::Float64;
    const bool shades = real || kind == "probability" || (kind == "automatic" && looksLikeShades(source));
    auto data = loadVolume(source, shades ? VolumeData::Kind::Image : VolumeData::Kind::Labels, 0, maximum, voxel, goOn);
    if (!shades || real)
        return data;
    auto scaled = std::make_shared<VolumeData>(*data); // shares the numbers
    const double full = std::exp2(8.0 * static_cast<double>(byteSize(dtype))) - 1;
    for (double *v : {&scaled->low, &scaled->step, &scaled->minimum, &scaled->maximum})
        *v /= full;
    return scaled;
}

/// The surface and, where it is large, a coarser one for moving.
std::pair<std::shared_ptr<const SurfaceMesh>, std::shared_ptr<const SurfaceMesh>>
findSurfaces(const VolumeData &volume, SurfaceRequest request, const VolumeLoader::GoOn &goOn)
{
    // What a triangle takes while VTK smooths it, its corners and the picture's own copy.
    constexpr std::int64_t bytesPerTriangle = 250;
    request.mostTriangles = std::min(request.mostTriangles, static_cast<std::size_t>(freeMemory() / 2 / bytesPerTriangle));
    const auto full = surfacesOf(volume, request, [&](double f) { return goOn(0.8 * f); });
    return {full, coarseSurfacesOf(volume, request, *full, [&](double) { return goOn(0.9); })};
}

} // namespace

std::vector<std::string> VolumeViewer::Private::names() const
{
    std::vector<std::string> all{"image"};
    for (const auto &s : surfaces)
        all.push_back(s.name.toStdString());
    return all;
}

/// What was changed by hand stays for the same file, where it still can be had; how much may be read stays for any.
void VolumeViewer::Private::fillForm()
{
    const Json before = form->changedValues();
    const auto &info = source ? source->info() : ImageInfo();
    const SchemaInfo schema = volumeSchemaFor(view->image().get(), names(), info.times * info.planes > 1);
    Json kept = Json::object();
    for (const auto &[name, value] : before.items()) {
        const Field *field = schema.find(name);
        if (field && fits(*field, value) && (filledFor == source || name == "most-voxels"))
            kept[name] = value;
    }
    if (filledFor != source && typedVoxel[0] > 0)
        kept.update({{"pixel-size", typedVoxel[0]}, {"pixel-height", typedVoxel[1]}, {"slice-distance", typedVoxel[2]}});
    filledFor = source;
    // Between the defaults and what is kept the form says things that nobody wishes for.
    filling = true;
    form->setSchema(schema, kept);
    filling = false;
    changed();
}

Point3 VolumeViewer::Private::proportions() const
{
    VolumeOptions o = options;
    if (!(o.pixelSize > 0) && source) {
        const auto &info = source->info();
        o.pixelSize = info.pixelSizeX;
        o.pixelHeight = info.pixelSizeY;
        o.sliceDistance = info.pixelSizeZ;
    }
    return voxelOf(o);
}

const SurfaceSource *VolumeViewer::Private::chosenSurface() const
{
    const auto found = std::find_if(surfaces.begin(), surfaces.end(),
                                    [this](const SurfaceSource &s) { return s.name.toStdString() == options.surfaces; });
    return found == surfaces.end() ? nullptr : &*found;
}

QString VolumeViewer::Private::keyOf(const SurfaceSource &surface) const
{
    QString key = surface.name + QLatin1Char('|') + QString::fromStdString(options.kind);
    if (!surface.path.isEmpty()) {
        const QFileInfo file(surface.path);
        key += QStringLiteral("|%1|%2").arg(file.lastModified().toMSecsSinceEpoch()).arg(file.size());
    }
    return key;
}

void VolumeViewer::Private::set(const char *field, double value)
{
    if (fromSlider)
        return;
    double shown = rounded(value);
    if (const auto &image = view->image(); image && std::string_view(field) == "threshold")
        shown = std::clamp(shown, image->minimum, image->maximum);
    form->setValues({{field, shown}});
}

void VolumeViewer::Private::showSliders()
{
    fromSlider = true;
    const auto &image = view->image();
    const bool range = image && image->maximum > image->minimum;
    const bool shown = options.image != "hidden";
    threshold->setEnabled(range && shown);
    opacity->setEnabled(image && shown);
    if (range)
        threshold->setValue(static_cast<int>(
            std::lround((options.threshold - image->minimum) / (image->maximum - image->minimum) * sliderSteps)));
    opacity->setValue(static_cast<int>(std::lround(options.opacity * sliderSteps)));
    thresholdValue->setText(image ? readOutNumber(options.threshold) : QString());
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
    if (!(options.pixelSize > 0) && options.sliceDistance > 0)
        parts << tr("pixel size unknown: slices 1 px apart");
    else if (!(options.sliceDistance > 0) && image->source[2] > 1)
        parts << tr("slice distance unknown: 1 px");
    if (source && pages.count < source->info().pages) {
        const auto &file = source->info();
        if (file.times > 1)
            parts << tr("time point %1 / %2").arg(pages.first / (file.pages / file.times)).arg(file.times - 1);
        if (file.planes > 1)
            parts << tr("channel %1 of %2").arg(pages.first % file.planes + 1).arg(file.planes);
    }
    if (image->isReduced())
        parts
            << tr("reduced to %1 of %2 voxels").arg(sizeText({image->nx(), image->ny(), image->nz()}), sizeText(image->source)) +
                   (image->shortOfMemory ? tr(" for want of memory") : QString());
    if (!image->anyFinite)
        parts << tr("nothing but NaN");
    else if (image->minimum == image->maximum)
        parts << tr("every voxel is %1").arg(readOutNumber(image->minimum));
    if (!surfaceNote.isEmpty())
        parts << surfaceNote;
    status->setText(parts.join(QString::fromUtf8("  ·  ")));
    status->setToolTip(parts.join('\n'));
}

void VolumeViewer::Private::load()
{
    finder->stop();
    surfaceTimer.stop();
    loadTimer.stop();
    surfaceNote.clear();
    if (!source) {
        loader->stop();
        view->setImage(nullptr);
        showStatus();
        return;
    }
    loading = true;
    page = std::clamp<std::int64_t>(page, 0, std::max<std::int64_t>(0, source->info().pages - 1));
    pages = volumePagesOf(source->info(), page, options.depth == "pages");
    view->setErrorText({});
    view->setBusyText(tr("Reading the stack …"));
    loader->start([this, part = sourceOf(source, pages), channel = channel, voxel = proportions(),
                   maximum = options.mostVoxels](const VolumeLoader::GoOn &goOn) {
        auto data = loadVolume(*part, VolumeData::Kind::Image, channel, std::llround(maximum * 1e6), voxel, goOn);
        return [this, data] { take(data); };
    });
}

void VolumeViewer::Private::take(std::shared_ptr<const VolumeData> data)
{
    loading = false;
    surfaceData = nullptr;
    surfaceKey.clear();
    if (!contrast)
        view->setAutoContrast();
    view->setImage(std::move(data));
    if (contrast)
        view->setContrast(contrast->first, contrast->second);
    view->setSlice(pages.slice(page));
    fillForm();
    if (loading)
        return; // the form had more to say
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
            form->setValues({{"full", std::clamp(rounded(full), image.minimum, image.maximum)}});
            options.full = form->values().at("full").get<double>();
        }
    }
    view->setOptions(options);
    showSliders();
    showStatus();
    if (options.pixelSize != before.pixelSize || options.pixelHeight != before.pixelHeight ||
        options.sliceDistance != before.sliceDistance)
        Q_EMIT q->voxelSizeChanged(options.pixelSize, options.pixelHeight, options.sliceDistance);
    if (options.depth != before.depth && source)
        return load();
    if (options.mostVoxels != before.mostVoxels && source)
        loadTimer.start(); // not of each number that is typed on the way
    if (options.surfaces != before.surfaces || options.level != before.level || options.labels != before.labels ||
        options.smooth != before.smooth || (options.kind != before.kind && options.surfaces != "image") ||
        (options.solid != before.solid && options.surfaces == "image"))
        wishSurface();
}

void VolumeViewer::Private::wishSurface()
{
    finder->stop();
    wishedKey.clear();
    if (const auto *chosen = chosenSurface())
        wishedKey = keyOf(*chosen);
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
    const QString name = QString::fromStdString(options.surfaces), key = wishedKey;
    SurfaceRequest request{options.level, options.solid == "dark" && name == QStringLiteral("image"), options.labels,
                           options.smooth};
    const SurfaceSource *chosen = chosenSurface();
    const auto known = name == QStringLiteral("image") ? image : surfaceKey == key ? surfaceData : nullptr;
    if (!known && !chosen)
        return;
    const SurfaceSource from = chosen ? *chosen : SurfaceSource();
    view->setBusyText(tr("Looking for surfaces …"));
    finder->start([this, known, from, name, key, image, request, kind = options.kind, voxel = proportions(),
                   maximum = options.mostVoxels, pages = pages,
                   filePages = source ? source->info().pages : 0](const VolumeLoader::GoOn &goOn) {
        auto data = known;
        if (!data) {
            auto opened = from.open();
            if (opened->info().pages == filePages)
                opened = sourceOf(opened, pages);
            const auto &info = opened->info();
            const std::array<std::int64_t, 3> size{info.width, info.height, info.pages};
            if (size != image->source)
                throw Error({name.toStdString(),
                             sizeText(image->source).toStdString() + " voxels, as the image has",
                             sizeText(size).toStdString(),
                             {}});
            data = loadSurfaceVolume(*opened, kind == "automatic" && from.labels ? "labels" : kind, std::llround(maximum * 1e6),
                                     voxel, [&](double f) { return goOn(0.3 * f); });
        }
        auto [full, coarse] = findSurfaces(*data, request, [&](double f) { return goOn(0.3 + 0.7 * f); });
        return [this, data, key, full, coarse] {
            surfaceData = data;
            surfaceKey = key;
            view->setSurfaceVolume(data);
            view->setSurface(full, coarse);
            view->setBusyText({});
            showSurfaceButton();
            surfaceNote = full->pieces.empty() ? tr("no surface at this level")
                          : data->kind == VolumeData::Kind::Labels
                              ? (full->pieces.size() == 1 ? tr("one object") : tr("%1 objects").arg(full->pieces.size())) +
                                    QStringLiteral(", ") + trianglesText(full->triangleCount())
                              : trianglesText(full->triangleCount());
            showStatus();
            Q_EMIT q->loaded();
        };
    });
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
    d->loadTimer.setSingleShot(true);
    d->loadTimer.setInterval(typingDelayMs);
    connect(&d->loadTimer, &QTimer::timeout, this, [this] { d->load(); });
    connect(d->loader, &VolumeLoader::progressed, this,
            [this](double f) { d->view->setBusyText(tr("Reading the stack … %1 %").arg(std::lround(f * 100))); });
    connect(d->loader, &VolumeLoader::failed, this, [this](const QString &sentence) {
        d->loading = false;
        d->view->setErrorText(sentence);
        Q_EMIT failed(sentence);
    });
    connect(d->finder, &VolumeLoader::progressed, this,
            [this](double f) { d->view->setBusyText(tr("Looking for surfaces … %1 %").arg(std::lround(f * 100))); });
    connect(d->finder, &VolumeLoader::failed, this, [this](const QString &sentence) {
        d->view->setBusyText({});
        d->view->setSurface(nullptr);
        d->view->setSurfaceVolume(nullptr);
        d->showSurfaceButton();
        d->surfaceNote.clear();
        d->showStatus();
        Q_EMIT failed(sentence);
    });
    connect(d->view, &VolumeView::sliceRequested, this, [this](std::int64_t slice) {
        d->page = d->pages.page(slice);
        Q_EMIT sliceRequested(d->page);
    });
    connect(d->view, &VolumeView::picked, this,
            [this](std::int64_t x, std::int64_t y, std::int64_t z) { Q_EMIT picked(x, y, d->pages.page(z)); });
    connect(d->view, &VolumeView::unpicked, this, &VolumeViewer::unpicked);
    connect(d->view, &VolumeView::failed, this, &VolumeViewer::failed);
    d->followPictures();
    d->surfaceButton->setEnabled(false);
    d->fillForm();
}

VolumeViewer::~VolumeViewer()
{
    // All are told to stop before the first of them waits for anything; none reports to what is going.
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
    d->contrast.reset();
    d->load();
}

void VolumeViewer::setSlice(std::int64_t page)
{
    d->page = page;
    if (!d->source)
        return d->view->setSlice(page);
    page = std::clamp<std::int64_t>(page, 0, std::max<std::int64_t>(0, d->source->info().pages - 1));
    if (volumePagesOf(d->source->info(), page, d->options.depth == "pages") != d->pages)
        return d->load(); // another time point
    d->view->setSlice(d->pages.slice(page));
}

void VolumeViewer::setContrast(double black, double white)
{
    d->contrast = {black, white};
    if (!d->loading)
        d->view->setContrast(black, white);
}

void VolumeViewer::setVoxelSize(double x, double y, double z)
{
    d->typedVoxel = {x, y, z};
    if (x > 0)
        d->form->setValues({{"pixel-size", x}, {"pixel-height", y}, {"slice-distance", z}});
}

std::array<double, 3> VolumeViewer::typedVoxelSize() const
{
    const Json typed = d->form->changedValues();
    for (const char *name : {"pixel-size", "pixel-height", "slice-distance"})
        if (typed.contains(name))
            return {d->options.pixelSize, d->options.pixelHeight, d->options.sliceDistance};
    return {};
}

void VolumeViewer::setSurfaces(std::vector<SurfaceSource> surfaces)
{
    const auto before = d->names();
    d->surfaces = std::move(surfaces);
    if (d->names() != before)
        d->fillForm();
    // A file that was written anew, as by predicting again, has other surfaces.
    if (const auto *chosen = d->chosenSurface(); chosen && d->keyOf(*chosen) != d->wishedKey)
        d->wishSurface();
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
    return !d->loading && !d->loadTimer.isActive() && !d->surfaceTimer.isActive() && !d->finder->isBusy();
}

} // namespace reticle
