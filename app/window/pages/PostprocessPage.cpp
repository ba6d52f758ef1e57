#include "window/pages/PostprocessPage.h"

#include "files/ClassSource.h"
#include "foundation/Error.h"
#include "project/ModelFiles.h"
#include "protocol/Frame.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Background.h"
#include "widgets/views/TableView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/pages/Pages.h"
#include "window/parts/TableExport.h"
#include "window/session/AskedData.h"
#include "window/session/LiveModel.h"
#include "window/session/Predictions.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollArea>
#include <QUrl>
#include <QUrlQuery>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace reticle {

namespace {

/// {"before": {...}, "after": {...}} as a table of scores.
Table scoreTable(const Json &before, const Json &after)
{
    Table table;
    std::vector<std::string> names;
    std::vector<double> b, a;
    if (before.is_object())
        for (const auto &[key, value] : before.items())
            if (value.is_number() || value.is_null()) {
                names.push_back(key);
                const auto number = [](const Json &v) {
                    return v.is_number() ? v.get<double>() : std::numeric_limits<double>::quiet_NaN();
                };
                b.push_back(number(value));
                a.push_back(after.is_object() && after.contains(key) ? number(after.at(key))
                                                                     : std::numeric_limits<double>::quiet_NaN());
            }
    table.columns.push_back({"score", "", names, -1});
    const auto whole = [](double v) { return !std::isfinite(v) || v == std::floor(v); };
    const bool counts = std::all_of(b.begin(), b.end(), whole) && std::all_of(a.begin(), a.end(), whole);
    table.columns.push_back({"before", "", b, counts ? 0 : 4});
    table.columns.push_back({"after", "", a, counts ? 0 : 4});
    return table;
}

} // namespace

PostprocessPage::PostprocessPage(Session *session, std::int64_t run, const ImageData &data, QWidget *parent)
    : QWidget(parent), m_session(session), m_run(run), m_data(data), m_viewer(new StackViewer(this)),
      m_message(new MessageBar(this)), m_model(new LiveModel(this)), m_side(new QWidget), m_form(new SchemaForm),
      m_scores(new TableView), m_state(mutedLabel()), m_apply(new QPushButton(tr("Apply to all slices")))
{
    setObjectName(QStringLiteral("postprocessPage"));
    // The foreground is that of the run where it was trained on these images, as it is when applied to all slices.
    if (const auto *info = m_session->project()->run(run)) {
        const auto *own = m_session->project()->dataSetOf(info->recipe);
        if (own && own->path() == m_data.images)
            m_data.foreground = qs(info->recipe.at("data").value("foreground", std::string("bright")));
    }
    m_side->setParent(this);
    m_side->hide();
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addWidget(m_viewer, 1);

    m_scores->setMaximumHeight(190);
    m_scores->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch); // three short columns fit any width
    m_apply->setProperty("primary", true);
    m_apply->setObjectName(QStringLiteral("applyPostprocess"));
    auto *side = new QVBoxLayout(m_side);
    side->setContentsMargins(12, 12, 12, 12);
    side->addWidget(headingLabel(tr("Clean up the prediction")));
    side->addWidget(m_state);
    side->addWidget(scrolled(m_form), 1);
    side->addWidget(m_scores);
    side->addWidget(m_apply);

    m_apply->setEnabled(false); // until the steps are known
    takeCatalog();
    connect(m_session, &Session::catalogReady, this, &PostprocessPage::takeCatalog);
    m_requestTimer.setSingleShot(true);
    m_requestTimer.setInterval(60);
    m_previewTimer.setSingleShot(true);
    m_previewTimer.setInterval(40);
    connect(&m_requestTimer, &QTimer::timeout, this, &PostprocessPage::request);
    connect(&m_previewTimer, &QTimer::timeout, this, &PostprocessPage::preview);
    connect(m_form, &SchemaForm::changed, this, [this] { m_previewTimer.start(); });
    connect(m_form, &SchemaForm::validityChanged, m_apply, &QWidget::setEnabled);
    connect(m_viewer, &StackViewer::pageChanged, this, [this] { m_requestTimer.start(); });
    connect(m_scores, &TableView::exportRequested, this,
            [this] { exportTableAsCsv(this, m_scores->table(), tr("Scores before and after")); });
    connect(m_apply, &QPushButton::clicked, this, [this] { Q_EMIT applyRequested(m_run, m_form->values()); });
    connect(m_model, &LiveModel::failed, this, [this](const Failure &f) {
        if (m_page < 0)
            m_state->setText(tr("There is no prediction to clean up."));
        m_message->sayFailure(f, {{tr("Try again"), [this] { openModel(); }}});
        m_modelProblem = m_message->text();
    });
    connect(m_model, &LiveModel::predicted, this, [this](std::int64_t page, const QRect &region, const Array &probability) {
        m_page = page;
        m_region = region;
        m_probability = probability.dim(0) > 2 ? probability : probability.at(probability.dim(0) - 1).clone();
        preview();
    });

    struct Opened
    {
        std::shared_ptr<ImageSource> images, labels, file;
        std::vector<std::int64_t> values;
        QString problem, labelProblem;
    };
    connect(m_model, &LiveModel::opened, this, [this](const QStringList &names) {
        if (!m_modelProblem.isEmpty() && m_message->text() == m_modelProblem)
            m_message->clear();
        m_classes = std::max<std::int64_t>(2, names.size());
        m_modelOpened = true;
        classifyLabels();
        request();
    });
    connect(m_model, &LiveModel::noted, this,
            [this](const QString &sentence) { m_message->say(MessageBar::Level::Info, sentence); });
    m_model->setInputRange(m_data.inputRange);
    inBackground(
        this,
        [images = ss(m_data.images), labels = ss(m_data.labels), dark = m_data.foreground == QStringLiteral("dark")] {
            Opened o;
            try {
                o.images = openImage(images);
                if (!labels.empty()) {
                    o.file = openLabels(labels);
                    try {
                        o.values = labelValues(*o.file);
                        o.labels = classesOf(o.file, o.values, dark);
                    } catch (const Error &e) { // no problem where the model has a threshold for them
                        o.labelProblem = QString::fromUtf8(e.what());
                    }
                }
            } catch (const std::exception &e) {
                o.problem = QString::fromUtf8(e.what());
            }
            return o;
        },
        [this](Opened o) {
            m_images = o.images;
            m_labels = o.labels;
            m_labelFile = o.file;
            m_labelValues = o.values;
            m_labelProblem = o.labelProblem;
            classifyLabels();
            m_viewer->setSource(m_images);
            if (!o.problem.isEmpty())
                m_message->say(MessageBar::Level::Error, o.problem);
            request();
        });
}

void PostprocessPage::takeCatalog()
{
    if (!m_session->catalog() || !m_form->schema().fields.empty())
        return;
    try {
        // The steps alone; the analysis asks for files besides. A worker of before does not list what it answers live.
        const auto &catalog = *m_session->catalog();
        m_form->setSchema(catalog.find(catalog.kinds.count("live-queries") ? "live-queries" : "analyses", "postprocess"));
        m_apply->setEnabled(m_form->isValid());
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
    }
}

/// The tabs of a project are opened again one after the other: only the one that is looked at then loads its model.
void PostprocessPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    QTimer::singleShot(0, this, [this] {
        if (isVisible() && !m_modelAsked)
            openModel();
    });
}

void PostprocessPage::openModel()
{
    m_modelAsked = true;
    if (!m_session->project())
        return;
    m_model->open(m_session->project()->folder(), m_run);
    if (m_page < 0)
        m_state->setText(tr("Opening the model…"));
    request();
}

void PostprocessPage::classifyLabels()
{
    const auto &classes = m_model->labels();
    if (!m_labelFile)
        return;
    if (!m_labelProblem.isEmpty() && m_modelOpened && !(classes.threshold > 0))
        m_message->say(MessageBar::Level::Error, std::exchange(m_labelProblem, {}));
    // Values are missing where the labels are no whole numbers; a threshold makes classes of these too.
    if (classes.names.empty() || (m_labelValues.empty() && !(classes.threshold > 0)))
        return;
    std::string note;
    m_labels = classesOf(m_labelFile, m_labelValues, classes, note);
    if (!note.empty())
        m_message->say(MessageBar::Level::Warning, QString::fromStdString(note));
    if (classes.two) // of the run, whatever these images were added with
        m_data.foreground = classes.values[1] < classes.values[0] ? QStringLiteral("dark") : QStringLiteral("bright");
    m_previewTimer.start();
}

void PostprocessPage::request()
{
    if (!m_images || m_classes == 0 || m_viewer->page() == m_page)
        return;
    const auto &info = m_images->info();
    m_model->predict(m_data.images, m_viewer->page(), previewRegion(info.width, info.height, m_classes));
}

QRect PostprocessPage::previewRegion(std::int64_t width, std::int64_t height, std::int64_t classes)
{
    // Probabilities go through one message, there and back.
    const double maximum = 0.75 * maxFrameBytes / (4.0 * static_cast<double>(std::max<std::int64_t>(2, classes)));
    const double part = std::min(1.0, std::sqrt(maximum / (static_cast<double>(width) * static_cast<double>(height))));
    const auto side = [part](std::int64_t whole) { return std::max(1, static_cast<int>(part * static_cast<double>(whole))); };
    const int w = side(width), h = side(height);
    return {static_cast<int>((width - w) / 2), static_cast<int>((height - h) / 2), w, h};
}

void PostprocessPage::preview()
{
    if (m_probability.empty())
        return;
    struct Ready
    {
        Json truth;
    };
    const auto page = m_page, number = ++m_previews;
    const auto region = m_region;
    const Array probability = m_probability;
    Json options = m_form->values();
    options["foreground"] = ss(m_data.foreground);
    inBackground(
        this,
        [labels = m_labels, page, region] {
            Ready r;
            try {
                if (labels)
                    r.truth = labels->readRegion(page, region.y(), region.x(), region.height(), region.width()).toJson();
            } catch (const std::exception &) {
                r.truth = Json(); // the picture page says what is wrong with the labels
            }
            return r;
        },
        [this, page, number, region, probability, options](Ready ready) {
            if (number != m_previews)
                return; // labels are read by several threads: those of a later preview may have come first
            m_session->service()->forget(m_request);
            m_request = m_session->service()->request(
                QStringLiteral("postprocess"),
                {{"probability", probability.toJson()}, {"truth", std::move(ready.truth)}, {"options", options}}, this,
                [this, page, region](const Json &result) {
                    try {
                        ImageOverlay overlay;
                        overlay.name = tr("Cleaned up");
                        overlay.kind = ImageOverlay::Kind::Labels;
                        overlay.values = Array::fromJson(result.at("labels"));
                        overlay.page = page;
                        overlay.offset = region.topLeft();
                        overlay.opacity = 0.45;
                        m_viewer->setOverlays({overlay});
                        const Json before = result.value("before", Json::object());
                        m_scores->setTable(scoreTable(before, result.value("after", Json::object())));
                        m_scores->setVisible(!before.empty());
                        m_state->setText(!m_labels ? tr("Slice %1. There are no labels to score against.").arg(page)
                                                   : tr("Slice %1, scores before and after").arg(page));
                        if (const auto &info = m_images->info(); region.width() < info.width || region.height() < info.height)
                            m_state->setText(m_state->text() + QLatin1Char('\n') +
                                             tr("The slice is large, so the preview shows its middle %1 × %2 px.")
                                                 .arg(region.width())
                                                 .arg(region.height()));
                        Q_EMIT previewed();
                    } catch (const std::exception &e) {
                        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
                    }
                },
                [this](const Failure &failure) {
                    m_state->setText(tr("The preview could not be made."));
                    if (failure.where.isEmpty() || !m_form->setProblem(failure.where.section('.', -1), failure.message))
                        m_message->sayFailure(failure);
                },
                QStringLiteral("postprocess"));
        });
}

void PostprocessPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // In a small window the picture needs the room more than its panel does.
    constexpr int roomForPanel = 620;
    const bool room = event->size().width() >= roomForPanel;
    const bool had = event->oldSize().width() < 0 || event->oldSize().width() >= roomForPanel;
    if (room != had && room != m_viewer->isPanelVisible())
        m_viewer->setPanelVisible(room);
}

ItemKey PostprocessPage::keyOf(const OpenProject &project, std::int64_t run, const ImageData &data)
{
    const auto *info = project.run(run);
    const auto *own = info ? project.dataSetOf(info->recipe) : nullptr;
    ItemKey key{ItemKey::Kind::Run, run};
    if (!own || own->input != data.input || !data.inputRange.isEmpty()) {
        QUrlQuery query;
        if (!data.inputRange.isEmpty())
            query.addQueryItem(QStringLiteral("range"), QString::fromLatin1(QUrl::toPercentEncoding(data.inputRange)));
        query.addQueryItem(QStringLiteral("data"), QString::number(data.input));
        key.detail = query.toString(QUrl::FullyEncoded);
    }
    return ItemKey::page(QStringLiteral("postprocess"), key);
}

namespace {

/// What keyOf() has put into the key, else what the run was trained on.
std::optional<ImageData> dataOf(const OpenProject &project, const ItemKey &key)
{
    const QUrlQuery query(key.detail);
    const auto *run = project.run(key.id);
    const auto *data = key.detail.isEmpty() ? (run ? project.dataSetOf(run->recipe) : nullptr)
                                            : project.dataSet(query.queryItemValue(QStringLiteral("data")).toLongLong());
    if (!data || !isOfImages(*data))
        return std::nullopt;
    ImageData set(*data);
    if (const QString range = query.queryItemValue(QStringLiteral("range"), QUrl::FullyDecoded); !range.isEmpty())
        set.inputRange = range;
    return set;
}

const PageRegistration cleaning({
    .name = "postprocess",
    .title = QT_TRANSLATE_NOOP("Pages", "Clean up the prediction…"),
    .icon = "filter",
    .of = ItemKey::Kind::Run,
    .fits =
        [](const OpenProject &project, const ItemKey &key) {
            const auto *run = project.run(key.id);
            return run && taskOf(run->summary) == "segmentation" && project.hasModel(key.id) && dataOf(project, key);
        },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const ImageData data = *dataOf(*context.session->project(), key);
        auto *page = new PostprocessPage(context.session, key.id, data);
        page->setWindowTitle(key.detail.isEmpty() ? PostprocessPage::tr("Clean up run %1").arg(key.id)
                                                  : PostprocessPage::tr("Clean up run %1 on %2").arg(key.id).arg(data.title));
        QObject::connect(page, &PostprocessPage::applyRequested, context.receiver,
                         [context, data](std::int64_t run, const Json &steps) {
                             const auto &project = *context.session->project();
                             const bool own = isOwnData(project, run, data);
                             Json options = steps;
                             options.update(optionsOn(project, run, data));
                             if (own)
                                 options["part"] = "all";
                             // What it makes is data of the project: one asks for it again, the file of before stays.
                             if (const QString file = madeFile(project, run, data, QStringLiteral("cleaned")); !file.isEmpty())
                                 options["output"] = ss(file);
                             context.analyzeOn(QStringLiteral("postprocess"), run, options, own ? QString() : data.title);
                         });
        return page;
    },
});

} // namespace

} // namespace reticle
