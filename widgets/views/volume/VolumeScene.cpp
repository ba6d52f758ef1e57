#include "widgets/views/volume/VolumeScene.h"

#include "figure/ColorMap.h"
#include "foundation/Error.h"
#include "widgets/views/volume/OffscreenGl.h"
#include "widgets/views/volume/VolumeScene_p.h"

#include <QElapsedTimer>

#include <vtkActor.h>
#include <vtkAutoInit.h>
#include <vtkCallbackCommand.h>
#include <vtkCamera.h>
#include <vtkColorTransferFunction.h>
#include <vtkFixedPointVolumeRayCastMapper.h>
#include <vtkGPUVolumeRayCastMapper.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPiecewiseFunction.h>
#include <vtkPlane.h>
#include <vtkPointData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>
#include <vtkVolume.h>
#include <vtkVolumeProperty.h>

#include <algorithm>
#include <cmath>
#include <mutex>

// VTK's factories for what draws with OpenGL.
VTK_MODULE_INIT(vtkRenderingOpenGL2);
VTK_MODULE_INIT(vtkRenderingVolumeOpenGL2);

namespace reticle {

namespace {

/// VTK's factories and OpenGL's function table are shared by all views; frames take turns.
std::mutex &vtkLock()
{
    static std::mutex lock;
    return lock;
}

/// What an error of VTK says, without the place in its sources.
std::string firstLine(const std::string &complaint)
{
    const auto at = complaint.find("): ");
    const std::string text = at == std::string::npos ? complaint : complaint.substr(at + 3);
    return text.substr(0, text.find('\n'));
}

void copy(const Point3 &from, double to[3])
{
    std::copy(from.begin(), from.end(), to);
}

} // namespace

struct VolumeScene::Private
{
    OffscreenGl gl;
    bool processor = true;
    vtkSmartPointer<OffscreenWindow> window;
    vtkNew<vtkRenderer> renderer;
    vtkNew<vtkVolume> volume;
    vtkNew<vtkVolumeProperty> property;
    vtkNew<vtkPiecewiseFunction> opacity;
    vtkNew<vtkColorTransferFunction> color;
    vtkSmartPointer<vtkVolumeMapper> mapper;
    vtkSmartPointer<vtkImageData> samples;
    std::shared_ptr<const VolumeData> sampled; ///< what `samples` holds
    bool mirrored = false;                     ///< `samples` holds most - value, for the darkest value along a ray
    vtkNew<vtkActor> surfaceActor, boxActor;
    vtkNew<vtkPolyDataMapper> surfaceMapper, boxMapper;
    vtkNew<vtkPlane> cutPlane;
    std::shared_ptr<const SurfaceMesh> meshes[2]; ///< full, coarse
    vtkSmartPointer<vtkPolyData> meshData[2];
    std::array<SlicePicture, 3> slices{SlicePicture(0), SlicePicture(1), SlicePicture(2)};
    Point3 boxSize{};
    const std::atomic<bool> *abort = nullptr;
    double coarseness = 3, shrinking = 1;
    std::string complaint; ///< of VTK, since the last frame began

    void open(Caster caster);
    void makeMapper();
    bool fitsCard(const VolumeData &data) const;
    void listenTo(vtkObject *object);
    void adapt(double milliseconds);
    void showVolume(const VolumeFrame &f);
    void fillFunctions(const VolumeFrame &f);
    void showSurface(const VolumeFrame &f);
    void showBox(const VolumeFrame &f);
    void showCamera(const VolumeFrame &f);
    QImage read(QSize size);
    QImage draw(const VolumeFrame &f);
};

void VolumeScene::Private::open(Caster caster)
{
    gl.makeCurrent();
    processor = caster == Caster::Processor || (caster == Caster::Automatic && gl.isSoftware());
    window = vtkSmartPointer<OffscreenWindow>::New();
    window->SetReadyForRendering(true);
    window->SetOwnContext(0);
    window->SetFrameBlitModeToNoBlit();
    window->SetMultiSamples(0);
    vtkNew<vtkCallbackCommand> current;
    current->SetCallback([](vtkObject *, unsigned long event, void *, void *data) {
        if (event == vtkCommand::WindowIsCurrentEvent)
            *static_cast<bool *>(data) = true;
    });
    window->AddObserver(vtkCommand::WindowIsCurrentEvent, current);
    window->AddObserver(vtkCommand::WindowMakeCurrentEvent, current);
    vtkNew<vtkCallbackCommand> check;
    check->SetClientData(this);
    check->SetCallback([](vtkObject *caller, unsigned long, void *self, void *) {
        const auto *abort = static_cast<Private *>(self)->abort;
        if (abort && *abort)
            static_cast<vtkRenderWindow *>(caller)->SetAbortRender(1);
    });
    window->AddObserver(vtkCommand::AbortCheckEvent, check);
    listenTo(window);
    listenTo(surfaceMapper);
    window->AddRenderer(renderer);
    window->OpenGLInitContext();
    if (!window->isUsable())
        throw Error(Error::Kind::Failed, {"3-D view", "OpenGL 3.2", gl.renderer() + " with less", "update the graphics driver"});

    makeMapper();
    property->SetScalarOpacity(opacity);
    property->SetColor(color);
    property->SetInterpolationTypeToLinear();
    property->SetAmbient(0.4);
    property->SetDiffuse(0.65);
    property->SetSpecular(0.12);
    property->SetSpecularPower(12);
    volume->SetProperty(property);
    volume->VisibilityOff();
    renderer->AddViewProp(volume);

    surfaceMapper->SetScalarModeToUsePointData();
    surfaceMapper->SetColorModeToDirectScalars();
    surfaceActor->SetMapper(surfaceMapper);
    surfaceActor->VisibilityOff();
    auto *look = surfaceActor->GetProperty();
    look->SetAmbient(0.25);
    look->SetDiffuse(0.75);
    look->SetSpecular(0.15);
    look->SetSpecularPower(20);
    renderer->AddActor(surfaceActor);
    boxActor->SetMapper(boxMapper);
    boxActor->GetProperty()->SetLighting(false);
    renderer->AddActor(boxActor);
    for (auto &slice : slices)
        renderer->AddActor(slice.actor());
    renderer->SetUseDepthPeeling(false);
}

void VolumeScene::Private::makeMapper()
{
    if (processor) {
        auto caster = vtkSmartPointer<vtkFixedPointVolumeRayCastMapper>::New();
        caster->SetAutoAdjustSampleDistances(false);
        caster->SetLockSampleDistanceToInputSpacing(false);
        mapper = caster;
    } else {
        auto caster = vtkSmartPointer<vtkGPUVolumeRayCastMapper>::New();
        caster->SetAutoAdjustSampleDistances(false);
        caster->SetLockSampleDistanceToInputSpacing(false);
        caster->SetUseJittering(true);
        mapper = caster;
    }
    listenTo(mapper);
    if (samples)
        mapper->SetInputData(samples);
    volume->SetMapper(mapper);
}

/// VTK's errors come as events; without somebody who listens they would go to the standard error stream only.
void VolumeScene::Private::listenTo(vtkObject *object)
{
    vtkNew<vtkCallbackCommand> complain;
    complain->SetClientData(this);
    complain->SetCallback([](vtkObject *, unsigned long, void *self, void *text) {
        auto &complaint = static_cast<Private *>(self)->complaint;
        if (complaint.empty())
            complaint = text ? static_cast<const char *>(text) : "an error of VTK";
    });
    object->AddObserver(vtkCommand::ErrorEvent, complain);
}

/// The card takes a volume as one texture.
bool VolumeScene::Private::fitsCard(const VolumeData &data) const
{
    const std::int64_t largest = window->largestTexture3D();
    return data.nx() <= largest && data.ny() <= largest && data.nz() <= largest;
}

void VolumeScene::Private::showVolume(const VolumeFrame &f)
{
    const double cut = cutDepth(f);
    const bool gone = f.options.cut && f.image && f.at[2] + 1 >= f.image->source[2] && f.image->source[2] > 1;
    const bool shown = f.image && f.image->anyFinite && f.options.image != "hidden" && f.options.opacity > 0 && !gone;
    volume->SetVisibility(shown);
    if (!shown)
        return;
    if (!processor && !fitsCard(*f.image)) {
        processor = true; // for good: what it draws differs in detail only
        makeMapper();
    }
    const bool maximum = f.options.image == "maximum", mirror = maximum && f.options.solid == "dark";
    if (sampled != f.image || mirrored != mirror) {
        samples = samplesOf(*f.image, mirror);
        sampled = f.image;
        mirrored = mirror;
        mapper->SetInputData(samples);
    }
    const auto &factor = f.image->factor;
    const auto &n = f.image->source;
    double spacing[3], origin[3];
    for (std::size_t i = 0; i < 3; ++i) {
        const bool single = f.image->values.dim(2 - static_cast<int>(i)) == 1; // drawn as two samples a voxel apart
        spacing[i] = single ? static_cast<double>(n[i]) * f.voxel[i] : static_cast<double>(factor[i]) * f.voxel[i];
        origin[i] = single ? 0 : spacing[i] / 2;
    }
    samples->SetSpacing(spacing);
    samples->SetOrigin(origin);
    const Point3 extent = extentOf(f);
    if (f.options.cut && f.at[2] > 0) {
        mapper->SetCropping(true);
        mapper->SetCroppingRegionFlagsToSubVolume();
        // The slice's own samples stay, so that there is something behind its picture.
        mapper->SetCroppingRegionPlanes(-1, extent[0] + 1, -1, extent[1] + 1, cut, extent[2] + 1);
    } else {
        mapper->SetCropping(false);
    }
    if (maximum)
        mapper->SetBlendModeToMaximumIntensity();
    else
        mapper->SetBlendModeToComposite();
    const bool shade = f.options.shading && !maximum;
    if ((property->GetShade() != 0) != shade)
        property->SetShade(shade);
    const double diagonal = std::sqrt(dot(extent, extent)), finest = std::min({spacing[0], spacing[1], spacing[2]});
    property->SetScalarOpacityUnitDistance(diagonal / 120);
    const double step = f.moving ? std::max(finest * 2, diagonal / 220) : std::max(finest * 0.7, diagonal / 1600);
    const double rays = f.moving ? coarseness : 1;
    if (auto *caster = vtkFixedPointVolumeRayCastMapper::SafeDownCast(mapper)) {
        caster->SetSampleDistance(static_cast<float>(step));
        caster->SetInteractiveSampleDistance(static_cast<float>(step));
        caster->SetImageSampleDistance(static_cast<float>(rays));
    } else if (auto *card = vtkGPUVolumeRayCastMapper::SafeDownCast(mapper)) {
        card->SetSampleDistance(static_cast<float>(step));
        card->SetImageSampleDistance(static_cast<float>(std::min(rays, 4.0)));
    }
    fillFunctions(f);
}

void VolumeScene::Private::fillFunctions(const VolumeFrame &f)
{
    const auto &o = f.options;
    const bool dark = o.solid == "dark";
    const double top = f.image->values.dtype() == DType::UInt8 ? 255 : 65535;
    // In stored values, turned round where dark values are solid, so that solidity always rises.
    const auto rising = [&](double value) {
        const double s = f.image->stored(value);
        return dark ? top - s : s;
    };
    const auto place = [&](double r) { return dark && !mirrored ? top - r : r; };
    const double clear = rising(o.threshold), full = std::max(rising(o.full), clear);
    opacity->RemoveAllPoints();
    const double steep = std::max(full - clear, 0.5);
    const bool step = full - clear < 0.5;
    const double from = step ? clear - 0.5 : clear;
    opacity->AddPoint(place(from - steep - 1), 0);
    opacity->AddPoint(place(from), 0);
    opacity->AddPoint(place(from + steep), std::min(o.opacity, 1.0));
    opacity->AddPoint(place(from + steep + top + 1), std::min(o.opacity, 1.0));
    const auto &table = colorTable(o.colors);
    color->RemoveAllPoints();
    double a = rising(f.black), b = rising(f.white);
    if (dark)
        std::swap(a, b);
    if (!(b > a))
        b = a + 1;
    constexpr int steps = 16;
    for (int i = 0; i <= steps; ++i) {
        const std::uint32_t c = table[static_cast<std::size_t>(i * 255 / steps)];
        color->AddRGBPoint(place(a + (b - a) * i / steps), (c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0);
    }
}

void VolumeScene::Private::showSurface(const VolumeFrame &f)
{
    const int which = f.moving && f.coarse ? 1 : 0;
    const auto &mesh = which ? f.coarse : f.surface;
    const bool gone = f.options.cut && f.image && f.at[2] + 1 >= f.image->source[2] && f.image->source[2] > 1;
    surfaceActor->SetVisibility(mesh && mesh->triangleCount() > 0 && !gone);
    if (!surfaceActor->GetVisibility())
        return;
    if (meshes[which] != mesh) {
        meshData[which] = polyDataOf(*mesh);
        meshes[which] = mesh;
    }
    if (surfaceMapper->GetInput() != meshData[which].Get())
        surfaceMapper->SetInputData(meshData[which]);
    surfaceActor->SetScale(f.voxel[0], f.voxel[1], f.voxel[2]);
    surfaceActor->GetProperty()->SetOpacity(f.options.surfaceOpacity);
    surfaceMapper->RemoveAllClippingPlanes();
    if (f.options.cut && f.at[2] > 0) {
        cutPlane->SetOrigin(0, 0, cutDepth(f));
        cutPlane->SetNormal(0, 0, 1);
        surfaceMapper->AddClippingPlane(cutPlane);
    }
}

void VolumeScene::Private::showBox(const VolumeFrame &f)
{
    boxActor->SetVisibility(f.options.box && f.image);
    const Point3 size = extentOf(f);
    if (size != boxSize) {
        boxMapper->SetInputData(boxOf(size));
        boxSize = size;
    }
    boxActor->GetProperty()->SetColor(f.edges.redF(), f.edges.greenF(), f.edges.blueF());
}

void VolumeScene::Private::showCamera(const VolumeFrame &f)
{
    // Far enough off that nothing lies behind the eye, near and far just around the stack.
    const Point3 size = extentOf(f), middle = size * 0.5;
    const double radius = std::sqrt(dot(size, size)) / 2 + 1e-3, away = radius * 2;
    const double depth = dot(middle - f.camera.center, f.camera.forward);
    const Point3 focus = f.camera.center + f.camera.forward * depth; // the plane through the stack's middle
    double position[3], focal[3], up[3];
    copy(focus - f.camera.forward * away, position);
    copy(focus, focal);
    copy(f.camera.up, up);
    auto *camera = renderer->GetActiveCamera();
    camera->ParallelProjectionOn();
    camera->SetPosition(position);
    camera->SetFocalPoint(focal);
    camera->SetViewUp(up);
    camera->SetParallelScale(f.camera.height / 2);
    camera->SetClippingRange(away - radius * 1.05, away + radius * 1.05);
}

QImage VolumeScene::Private::read(QSize size)
{
    QImage picture(size, QImage::Format_RGB32);
    if (picture.isNull())
        throw Error(Error::Kind::Failed, "3-D view", "there is not enough memory for a picture of that size.");
    window->readPixels(size.width(), size.height(), picture.bits());
    return picture.mirrored(); // OpenGL's first row is the lowest
}

QImage VolumeScene::Private::draw(const VolumeFrame &f)
{
    gl.makeCurrent();
    const double shrink = f.moving ? shrinking : 1;
    const QSize size(std::max(1, static_cast<int>(f.size.width() / shrink)),
                     std::max(1, static_cast<int>(f.size.height() / shrink)));
    window->SetSize(size.width(), size.height());
    window->SetAbortRender(0);
    complaint.clear();
    renderer->SetBackground(f.background.redF(), f.background.greenF(), f.background.blueF());
    renderer->SetUseFXAA(!f.moving);
    showVolume(f);
    showSurface(f);
    showBox(f);
    for (auto &slice : slices)
        slice.show(f);
    showCamera(f);
    window->Render();
    if (abort && *abort)
        return {};
    if (!complaint.empty() && !processor) {
        // A driver that cannot, or memory of the card that is short.
        processor = true;
        makeMapper();
        return draw(f);
    }
    if (!complaint.empty())
        throw Error(Error::Kind::Failed, "3-D view", "cannot be drawn (" + firstLine(complaint) + ").");
    return read(size);
}

/// Wider rays first, where there are rays; then fewer pixels.
void VolumeScene::Private::adapt(double ms)
{
    constexpr double slow = 60, quick = 35; // milliseconds a picture
    constexpr double mostCoarse = 10, mostShrunk = 4, back = 1.12;
    const bool rays = volume->GetVisibility();
    const double more = std::clamp(std::sqrt(ms / slow), 1.1, 1.8);
    if (ms > slow && rays && coarseness < mostCoarse)
        coarseness = std::min(mostCoarse, coarseness * more);
    else if (ms > slow)
        shrinking = std::min(mostShrunk, shrinking * more);
    else if (ms < quick && shrinking > 1)
        shrinking = std::max(1.0, shrinking / back);
    else if (ms < quick && rays)
        coarseness = std::max(1.0, coarseness / back);
}

VolumeScene::VolumeScene(Caster caster)
{
    const std::lock_guard lock(vtkLock());
    d = std::make_unique<Private>();
    d->open(caster);
}

VolumeScene::~VolumeScene()
{
    const std::lock_guard lock(vtkLock());
    try {
        d->gl.makeCurrent();
    } catch (const Error &) {
        // The driver is gone; so are its objects.
    }
    d->window->RemoveRenderer(d->renderer);
    d->window->Finalize();
    d.reset();
}

QImage VolumeScene::render(const VolumeFrame &frame, const std::atomic<bool> &abort)
{
    if (frame.size.isEmpty())
        return {};
    const std::lock_guard lock(vtkLock());
    if (!frame.moving && abort)
        return {}; // while the lock was another view's
    d->abort = frame.moving ? nullptr : &abort;
    QElapsedTimer timer;
    timer.start();
    const QImage picture = d->draw(frame);
    if (frame.moving)
        d->adapt(static_cast<double>(timer.nsecsElapsed()) * 1e-6);
    return picture;
}

QImage VolumeScene::picture(VolumeFrame frame, QSize size, const std::atomic<bool> &abort,
                            const std::function<void(int, int)> &between)
{
    constexpr int tile = 1024; // small, as the view waits for the one that is being drawn
    if (abort)
        return {};
    QImage whole(size, QImage::Format_RGB32);
    if (whole.isNull())
        throw Error(Error::Kind::Failed, "3-D view", "there is not enough memory for a picture of that size.");
    frame.moving = false;
    const VolumeCamera camera = frame.camera;
    const auto along = [](int side) { return (side + tile - 1) / tile; };
    const int tiles = along(size.width()) * along(size.height());
    int done = 0;
    for (int y = 0; y < size.height(); y += tile)
        for (int x = 0; x < size.width(); x += tile) {
            if (between)
                between(done++, tiles);
            d->abort = &abort;
            const QSize part(std::min(tile, size.width() - x), std::min(tile, size.height() - y));
            frame.size = part;
            frame.camera = camera;
            frame.camera.center = camera.fromView({x + part.width() / 2.0, y + part.height() / 2.0}, size);
            frame.camera.height = camera.scale(size) * part.height();
            const std::lock_guard lock(vtkLock());
            const QImage drawn = abort ? QImage() : d->draw(frame);
            if (drawn.isNull())
                return {};
            for (int row = 0; row < part.height(); ++row)
                std::copy_n(drawn.constScanLine(row), part.width() * 4, whole.scanLine(y + row) + x * 4);
        }
    return whole;
}

double VolumeScene::coarseness() const
{
    return d->coarseness;
}

double VolumeScene::shrinking() const
{
    return d->shrinking;
}

const std::string &VolumeScene::renderer() const
{
    return d->gl.renderer();
}

bool VolumeScene::castsOnProcessor() const
{
    return d->processor;
}

} // namespace reticle
