#include "window/pages/ImagePage.h"

#include "data/SegmentationData.h"
#include "foundation/Error.h"
#include "widgets/views/Background.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/StackViewer.h"
#include "window/parts/VolumePane.h"
#include "window/session/LiveModel.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <utility>

namespace reticle {

namespace {

constexpr int typingMs = 500;      // after the last key a number is taken for what was meant
constexpr int requestDelayMs = 60; // scrolling through slices asks for the one where it rests

struct Opened
{
    std::shared_ptr<ImageSource> images, overlay;
    QString problem;
};

/// (H, W): 1 where the labels have a foreground that the prediction lacks, 2 where it is the other way round.
Array differencesOf(const Array &truth, const Array &values, bool classes)
{
    Array out(DType::UInt8, values.shape());
    const auto *t = truth.data<std::uint8_t>();
    auto *o = out.data<std::uint8_t>();
    for (std::int64_t i = 0; i < values.size(); ++i) {
        const std::uint8_t v = classes ? values.data<std::uint8_t>()[i] : values.data<float>()[i] > 0.5f;
        if (t[i] != SegmentationData::ignore && t[i] != v)
            o[i] = t[i] != 0 ? 1 : 2;
    }
    return out;
}

/// What was switched off or made fainter by hand stays so.
ImageOverlay asKept(const std::vector<ImageOverlay> &old, ImageOverlay overlay)
{
    for (const auto &o : old)
        if (o.name == overlay.name) {
            overlay.visible = o.visible;
            overlay.opacity = o.opacity;
            overlay.color = o.color;
            overlay.kind = o.kind == ImageOverlay::Kind::Probability ? overlay.kind : o.kind;
            overlay.colorMap = o.colorMap;
        }
    return overlay;
}

} // namespace

ImagePage::ImagePage(Session *session, const ImageData &data, QWidget *parent)
    : QWidget(parent), m_session(session), m_data(data), m_viewer(new StackViewer(this)), m_message(new MessageBar(this))
{
    build(true);
    openSources(m_data.images, m_data.labels, {});
}

ImagePage::ImagePage(Session *session, const QString &stack, const ImageData *data, QWidget *parent)
    : QWidget(parent), m_session(session), m_viewer(new StackViewer(this)), m_message(new MessageBar(this))
{
    if (data)
        m_data = *data;
    build(false);
    openSources(data ? data->images : stack, {}, data ? stack : QString());
}

ImagePage::~ImagePage()
{
    // The focus leaves once more while children go: by then there is no page to tell.
    qApp->disconnect(this);
    keepVoxelSize();
}

void ImagePage::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    keepVoxelSize(); // a closed page is deleted later, and may be opened anew before that
}

void ImagePage::keepVoxelSize()
{
    m_voxelTimer.stop();
    const auto typed = std::exchange(m_voxel, std::nullopt);
    if (!typed)
        return;
    if (!m_session->project() || !m_data.input) {
        if (*typed != std::array<double, 3>{}) // else it is the file's own, which needs no keeping
            m_message->say(MessageBar::Level::Warning,
                           tr("The voxel size is not kept: this stack is none of the project's data."));
        return;
    }
    try {
        m_session->project()->describeData(m_data.input, voxelNote(*typed));
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, tr("The voxel size is not kept: %1").arg(QString::fromUtf8(e.what())));
    }
}

void ImagePage::build(bool withModels)
{
    setObjectName(QStringLiteral("imagePage"));
    setMinimumWidth(260); // fitButtons() sees to what does not fit
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(12, 6, 12, 6);
    bar->setSpacing(8);
    if (withModels)
        buildModels(bar);
    else
        bar->setContentsMargins(0, 0, 0, 0);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_message);
    m_volume = new VolumePane(m_viewer, m_message, this);
    column->addWidget(m_volume, 1);
    if (m_data.voxel[0] > 0)
        m_volume->setVoxelSize(m_data.voxel[0], m_data.voxel[1], m_data.voxel[2]);
    connectVoxelSize();
    connectViewer();
    if (withModels) {
        fillModels();
        connectModels();
    }
}

void ImagePage::buildModels(QHBoxLayout *bar)
{
    m_modelsTitle = new QLabel(tr("Prediction"), this);
    bar->addWidget(m_modelsTitle);
    m_models = new QComboBox(this);
    m_models->setObjectName(QStringLiteral("models"));
    m_models->setAccessibleName(tr("Model whose prediction is shown"));
    m_models->setMinimumContentsLength(8);
    m_models->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    bar->addWidget(m_models);
    m_busy = new QLabel(this);
    m_busy->setTextFormat(Qt::PlainText);
    m_busy->setProperty("muted", true);
    bar->addWidget(m_busy);
    bar->addStretch(1);
    buildActions(bar);
}

void ImagePage::buildActions(QHBoxLayout *bar)
{
    m_predict = new QPushButton(tr("Predict all slices"), this);
    m_predict->setObjectName(QStringLiteral("predictStack"));
    m_predict->setToolTip(tr("Write the prediction of every slice to a TIFF in the project"));
    m_evaluate = new QPushButton(tr("Evaluate"), this);
    m_evaluate->setObjectName(QStringLiteral("evaluate"));
    m_postprocess = new QPushButton(tr("Clean up…"), this);
    m_postprocess->setObjectName(QStringLiteral("postprocess"));
    m_postprocess->setToolTip(tr("Closing, opening, small parts and holes, with the scores before and after"));
    m_instances = new QPushButton(tr("Instances…"), this);
    m_instances->setObjectName(QStringLiteral("instances"));
    m_instances->setToolTip(tr("Part the prediction into single objects, counted and measured in a table"));
    m_more = new QPushButton(tr("More"), this);
    m_more->setObjectName(QStringLiteral("more"));
    m_more->setMenu(new QMenu(m_more));
    for (auto *b : {m_predict, m_evaluate, m_postprocess, m_instances})
        connect(m_more->menu()->addAction(b->text()), &QAction::triggered, b, &QPushButton::click);
    m_more->hide();
    for (auto *b : {m_predict, m_evaluate, m_postprocess, m_instances, m_more})
        bar->addWidget(b);
    connect(m_instances, &QPushButton::clicked, this, [this] { Q_EMIT instancesRequested(m_run, m_data); });
    connect(m_predict, &QPushButton::clicked, this, [this] { Q_EMIT predictRequested(m_run, m_data); });
    connect(m_evaluate, &QPushButton::clicked, this, [this] { Q_EMIT evaluateRequested(m_run, m_data); });
    connect(m_postprocess, &QPushButton::clicked, this, [this] { Q_EMIT postprocessRequested(m_run, m_data); });
}

void ImagePage::connectVoxelSize()
{
    m_voxelTimer.setSingleShot(true);
    m_voxelTimer.setInterval(typingMs);
    connect(&m_voxelTimer, &QTimer::timeout, this, &ImagePage::keepVoxelSize);
    connect(m_volume, &VolumePane::voxelSizeTyped, this, [this](double x, double y, double z) {
        m_voxel = {x, y, z};
        m_voxelTimer.start();
    });
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *old, QWidget *) {
        if (m_voxel && old && m_volume->isAncestorOf(old))
            keepVoxelSize();
    });
}

void ImagePage::connectViewer()
{
    m_requestTimer.setSingleShot(true);
    m_requestTimer.setInterval(requestDelayMs);
    connect(&m_requestTimer, &QTimer::timeout, this, &ImagePage::request);
    connect(m_viewer, &StackViewer::pageChanged, this, [this] {
        showOverlays();
        m_requestTimer.start();
    });
    connect(m_viewer, &StackViewer::viewChanged, this, [this] { m_requestTimer.start(); });
    connect(m_viewer, &StackViewer::viewsChanged, this, &ImagePage::nameViews);
}

void ImagePage::connectModels()
{
    connect(m_models, &QComboBox::activated, this, [this] { setShownRun(m_models->currentData().toLongLong()); });
    connect(m_session->project(), &OpenProject::changed, this, [this] {
        // A run that was removed has no prediction to show.
        if (m_run && m_session->project() && !m_session->project()->run(m_run))
            setShownRun(0);
        fillModels();
        listSurfaces();
    });
}

void ImagePage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitButtons();
    // Beside another page the picture needs the room more than its panel does.
    constexpr int roomForPanel = 680;
    const bool room = event->size().width() >= roomForPanel;
    const bool had = event->oldSize().width() < 0 || event->oldSize().width() >= roomForPanel;
    if (room != had && room != m_viewer->isPanelVisible() && !m_volume->isShown())
        m_viewer->setPanelVisible(room);
}

void ImagePage::fitButtons()
{
    if (!m_more)
        return;
    const std::array buttons{m_predict, m_evaluate, m_postprocess, m_instances};
    constexpr int gap = 8, margins = 24 + 2 * gap;
    const auto wide = [](const QWidget *w) { return w->sizeHint().width() + gap; };
    int room = width() - margins - wide(m_models);
    int needed = wide(m_modelsTitle);
    for (auto *b : buttons)
        needed += wide(b);
    const bool narrow = needed > room;
    m_modelsTitle->setVisible(!narrow);
    m_more->setVisible(narrow);
    if (narrow)
        room -= wide(m_more);
    // As many as there is room for, from the left; the others are in the menu.
    bool fits = true;
    for (std::size_t i = 0; i < buttons.size(); ++i) {
        fits = fits && (!narrow || wide(buttons[i]) <= room);
        room -= wide(buttons[i]);
        buttons[i]->setVisible(fits);
        m_more->menu()->actions().at(static_cast<int>(i))->setVisible(!fits);
    }
}

void ImagePage::openSources(const QString &images, const QString &labels, const QString &overlay)
{
    m_viewer->setEmptyText(tr("Opening…"));
    inBackground(
        this,
        [images = ss(images), overlay = ss(overlay)] {
            Opened o;
            try {
                o.images = openImage(images);
                if (!overlay.empty())
                    o.overlay = openImage(overlay);
            } catch (const std::exception &e) {
                o.problem = QString::fromUtf8(e.what());
            }
            return o;
        },
        [this](Opened o) {
            m_images = o.images;
            m_stack = o.overlay;
            m_viewer->setSource(m_images);
            m_volume->setSource(m_images);
            applyRestored();
            listSurfaces();
            if (!o.problem.isEmpty()) {
                if (!m_images)
                    m_viewer->setErrorText(o.problem);
                m_message->say(MessageBar::Level::Error, o.problem);
            }
            nameViews();
            m_requestTimer.start();
        });
    if (!labels.isEmpty())
        openLabels(labels);
}

void ImagePage::takeLabels(const ImageData &data)
{
    m_data.section = data.section;
    m_data.notes = data.notes;
    m_data.labels = data.labels;
    m_data.foreground = data.foreground;
    m_data.classes = data.classes;
    if (m_evaluate)
        sayWhatIsEvaluated();
    openLabels(m_data.labels);
}

void ImagePage::openLabels(const QString &labels)
{
    inBackground( // all of them are read for what their values mean: not before the images
        this, [labels = ss(labels), dark = m_data.foreground == QStringLiteral("dark")] { return readLabels(labels, dark); },
        [this](OpenedLabels o) {
            m_opened = std::move(o);
            m_labels = m_opened.shown;
            m_objects = m_opened.objects;
            classifyLabels();
            listSurfaces();
            if (!m_opened.problem.isEmpty())
                m_message->say(MessageBar::Level::Error, m_opened.problem);
            nameViews();
        });
}

void ImagePage::classifyLabels()
{
    std::string note;
    const bool known = m_run && m_model && m_model->run() == m_run;
    m_truth = m_opened.truth(known ? m_model->labels() : files::LabelClasses(), note);
    for (auto &[page, predicted] : m_predictions) {
        predicted.compared = false;
        predicted.wrong = {};
    }
    if (!note.empty())
        m_message->say(MessageBar::Level::Warning, QString::fromStdString(note));
    showOverlays();
}

bool ImagePage::hasPrediction() const
{
    return m_predictions.count(m_viewer->page()) > 0;
}

ImageOverlay ImagePage::asShown(ImageOverlay overlay) const
{
    remembered(overlay);
    return asKept(m_viewer->overlays(), std::move(overlay));
}

void ImagePage::showOverlays()
{
    const bool split = m_viewer->views() > 1;
    std::vector<ImageOverlay> overlays, second;
    if (m_stack)
        overlays.push_back(asShown(stackOverlay()));
    if (m_run) {
        const auto it = m_predictions.find(m_viewer->page());
        if (it != m_predictions.end())
            overlays.push_back(asShown(predictionOverlay(it->first, it->second)));
    }
    if (m_labels) {
        ImageOverlay overlay = labelsOverlay(split);
        if (split)
            second.push_back(std::move(overlay));
        else
            overlays.push_back(overlay.kind == ImageOverlay::Kind::Outlines ? overlay : asShown(overlay));
    }
    m_viewer->setOverlays(std::move(overlays));
    m_viewer->setOverlaysAt(1, std::move(second));
    m_viewer->setOverlaysAt(3, differences());
}

ImageOverlay ImagePage::stackOverlay() const
{
    ImageOverlay overlay;
    overlay.name = tr("Prediction");
    overlay.source = m_stack;
    const auto type = m_stack->info().dtype;
    const bool real = type == DType::Float32 || type == DType::Float64;
    overlay.kind = real ? ImageOverlay::Kind::Probability : ImageOverlay::Kind::Labels;
    overlay.opacity = 0.55;
    return overlay;
}

ImageOverlay ImagePage::predictionOverlay(std::int64_t page, const Predicted &predicted) const
{
    ImageOverlay overlay;
    overlay.name = tr("Prediction");
    overlay.kind = predicted.classes ? ImageOverlay::Kind::Labels : ImageOverlay::Kind::Probability;
    overlay.values = predicted.values;
    overlay.page = page;
    overlay.offset = predicted.region.topLeft();
    overlay.opacity = 0.55;
    if (predicted.image) { // in place of the image, not laid over it
        overlay.name = tr("Output");
        overlay.colorMap = QStringLiteral("gray");
        overlay.opacity = 1;
    }
    return overlay;
}

ImageOverlay ImagePage::labelsOverlay(bool split) const
{
    ImageOverlay overlay;
    overlay.name = tr("Labels");
    overlay.source = m_labels;
    overlay.kind = m_run && !split ? ImageOverlay::Kind::Outlines : ImageOverlay::Kind::Labels;
    overlay.opacity = overlay.kind == ImageOverlay::Kind::Outlines ? 0.9 : 0.35;
    return overlay;
}

std::vector<ImageOverlay> ImagePage::differences()
{
    const auto it = m_predictions.find(m_viewer->page());
    if (!m_viewer->viewAt(3) || !m_run || !m_truth || it == m_predictions.end() || it->second.image)
        return {};
    if (it->second.wrong.empty()) {
        compare(it->first, it->second);
        return {};
    }
    ImageOverlay overlay;
    overlay.name = tr("Differences");
    overlay.kind = ImageOverlay::Kind::Labels;
    overlay.page = it->first;
    overlay.offset = it->second.region.topLeft();
    overlay.opacity = 0.8;
    overlay.values = it->second.wrong;
    return {overlay};
}

void ImagePage::compare(std::int64_t page, Predicted &predicted)
{
    if (predicted.compared)
        return;
    predicted.compared = true;
    struct Compared
    {
        Array wrong;
        QString problem;
    };
    inBackground(
        this,
        [truth = m_truth, page, region = predicted.region, values = predicted.values, classes = predicted.classes] {
            Compared c;
            try {
                c.wrong =
                    differencesOf(truth->readRegion(page, region.y(), region.x(), values.dim(0), values.dim(1)), values, classes);
            } catch (const std::exception &e) {
                c.problem = QString::fromUtf8(e.what());
            }
            return c;
        },
        [this, page, number = predicted.number](Compared c) {
            if (!c.problem.isEmpty())
                m_message->say(MessageBar::Level::Error, c.problem);
            const auto it = m_predictions.find(page);
            if (it == m_predictions.end() || it->second.number != number || c.wrong.empty())
                return; // a newer prediction has come meanwhile
            it->second.wrong = std::move(c.wrong);
            showOverlays();
        });
}

/// Labels and predictions whose borders the 3-D view can draw.
void ImagePage::listSurfaces()
{
    std::vector<SurfaceSource> all;
    const auto file = [&](const QString &name, const QString &path) {
        all.push_back({name, [path = ss(path)] { return openImage(path); }, path});
    };
    if (m_objects)
        all.push_back({tr("labels"), [labels = m_objects] { return labels; }, {}, true});
    if (m_stack)
        all.push_back({tr("prediction"), [stack = m_stack] { return stack; }});
    if (const auto *project = m_session->project(); project && m_models) {
        for (const auto &run : project->runs())
            for (const auto &name : project->predictions(run.id))
                file(tr("run %1: %2").arg(run.id).arg(name), QDir(project->predictionsFolder(run.id)).filePath(name));
        // Stacks that analyses were asked to write.
        for (const auto &result : project->results()) {
            const bool writes = result.name == "instances" || result.name == "postprocess";
            if (!writes || !result.options.is_object() || !result.options.contains("output") ||
                !result.options.at("output").is_string())
                continue;
            const QString path = qs(result.options.at("output").get<std::string>());
            if (QFileInfo(path).isFile())
                file((result.name == "instances" ? tr("instances %1: %2") : tr("cleaned up %1: %2"))
                         .arg(result.id)
                         .arg(QFileInfo(path).fileName()),
                     path);
        }
    }
    m_volume->setSurfaces(std::move(all));
}

void ImagePage::nameViews()
{
    m_viewer->setTitle(m_run || m_stack ? tr("Prediction") : tr("Image"));
    m_viewer->setSourceAt(1, {}, m_labels ? tr("Labels") : tr("Image"));
    m_viewer->setSourceAt(2, {}, tr("Image"));
    m_viewer->setSourceAt(3, {}, m_truth && m_run ? tr("Differences: missed orange, extra blue") : tr("Image"));
    showOverlays();
}

} // namespace reticle
