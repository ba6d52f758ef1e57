#include "window/pages/WaveletPage.h"

#include "files/ImageSource.h"
#include "widgets/export/ExportDialog.h"
#include "widgets/forms/PathEdit.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/image/ImageView.h"
#include "window/pages/Pages.h"
#include "window/parts/ImageSetList.h"
#include "window/parts/LevelBar.h"
#include "window/session/Predictions.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace reticle {

WaveletPage::WaveletPage(Session *session, const ImageData &data, QWidget *parent)
    : QWidget(parent), m_session(session), m_data(data), m_message(new MessageBar(this)), m_pictures(new QGridLayout),
      m_bar(new LevelBar), m_save(new QPushButton(tr("Save image…"))), m_curves(new FigureView), m_side(new QWidget),
      m_form(new SchemaForm), m_comparisons(new ImageSetList), m_choices(new QFormLayout), m_image(new QSpinBox),
      m_state(mutedLabel()), m_measure(new QPushButton(tr("Measure")))
{
    setObjectName(QStringLiteral("waveletPage"));
    setAcceptDrops(true);
    m_side->setParent(this);
    m_side->hide();
    buildViews();
    buildSaving();
    layOut();
    buildSide();
    connectViews();
    connectSide();
    m_measure->setEnabled(false); // until the settings are known
    takeCatalog();
    connectSession();
    listComparisons();
    request();
}

void WaveletPage::buildSaving()
{
    m_save->setObjectName(QStringLiteral("saveWavelets"));
    m_save->setToolTip(tr("Writes the rebuilt image at full size and precision, as TIFF of 32-bit floating point"));
    auto *saving = new QMenu(m_save);
    saving->addAction(tr("The image on show…"), this, [this] { saveDialog(false); });
    saving->addAction(tr("All images that are measured…"), this, [this] { saveDialog(true); });
    m_save->setMenu(saving);
    m_bar->setBeside(m_save);
}

void WaveletPage::layOut()
{
    m_curves->setMinimumHeight(190);
    m_curves->setToolTip(tr("The image on show. A click on a level or a period shows that level alone."));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addLayout(m_pictures, 3);
    column->addWidget(m_bar);
    column->addWidget(m_curves, 2);
}

void WaveletPage::connectViews()
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(40);
    connect(&m_timer, &QTimer::timeout, this, &WaveletPage::ask);
    connect(m_bar, &LevelBar::chosen, this, &WaveletPage::request);
    connect(m_bar, &LevelBar::dropChanged, this, [this](const QString &drop) { m_form->setValues({{"drop", ss(drop)}}); });
    connect(m_curves, &FigureView::clicked, this, &WaveletPage::showLevelAt);
}

void WaveletPage::connectSide()
{
    connect(m_form, &SchemaForm::changed, this, [this] {
        m_support = {};
        listComparisons();
        request();
    });
    connect(m_form, &SchemaForm::validityChanged, m_measure, &QWidget::setEnabled);
    connect(m_measure, &QPushButton::clicked, this, [this] { Q_EMIT measureRequested(options()); });
    connect(m_image, &QSpinBox::valueChanged, this, [this] {
        m_support = {};
        request();
    });
    // Later, as the list is filled anew by it.
    connect(m_comparisons, &ImageSetList::chosenChanged, this, &WaveletPage::compare, Qt::QueuedConnection);
    connect(m_comparisons, &ImageSetList::filesDropped, this, &WaveletPage::addComparisons);
    connect(
        m_comparisons, &ImageSetList::runWanted, this,
        [this](std::int64_t run) {
            m_predicting.insert(run);
            listComparisons();
            Q_EMIT predictionRequested(run);
        },
        Qt::QueuedConnection);
}

void WaveletPage::connectSession()
{
    connect(m_session, &Session::catalogReady, this, [this] {
        if (takeCatalog()) {
            listComparisons();
            request();
        }
    });
    if (m_session->project())
        connect(m_session->project(), &OpenProject::changed, this, &WaveletPage::listComparisons);
}

void WaveletPage::showLevelAt(int panel, const QPointF &value)
{
    const auto *xy = std::get_if<XYPanel>(&m_curves->figure().panels.at(static_cast<std::size_t>(panel)).content);
    if (!xy)
        return;
    if (xy->x.categories.empty()) { // frequencies: level l holds periods of 2^l to 2^(l + 1)
        const auto levels = static_cast<std::int64_t>(m_answer.at("levels").size());
        if (value.x() > 0 && levels > 0)
            showLevel(std::clamp<std::int64_t>(std::lround(std::floor(-std::log2(value.x()))), 1, levels));
        return;
    }
    const auto at = std::lround(value.x());
    if (at < 0 || at >= static_cast<long>(xy->x.categories.size()))
        return;
    const auto &name = xy->x.categories[static_cast<std::size_t>(at)];
    showLevel(name == "A" ? 0 : qs(name).toLongLong());
}

bool WaveletPage::takeCatalog()
{
    if (!m_session->catalog() || !m_form->schema().fields.empty())
        return false;
    try {
        m_form->setSchema(m_session->catalog()->find("analyses", "wavelet-spectrum"));
        m_form->setValues({{"images", ss(m_data.images)}});
        if (auto *others = m_form->editor(QStringLiteral("others")))
            others->installEventFilter(this); // takes several files at once
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        return false;
    }
    m_measure->setEnabled(m_form->isValid());
    return true;
}

void WaveletPage::buildViews()
{
    m_pictures->setSpacing(2);
    for (std::size_t i = 0; i < mostViews; ++i) {
        auto *view = m_views[i] = new ImageView;
        m_titles[i] = mutedLabel();
        m_titles[i]->setContentsMargins(10, 4, 0, 0);
        m_titles[i]->setWordWrap(false);
        m_holders[i] = new QWidget(this);
        auto *column = new QVBoxLayout(m_holders[i]);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(2);
        column->addWidget(m_titles[i]);
        column->addWidget(view, 1);
        m_holders[i]->hide();
        view->setContextMenuPolicy(Qt::CustomContextMenu);
        connect(view, &QWidget::customContextMenuRequested, this, [this, i](const QPoint &at) { showMenu(i, at); });
        connect(view, &ImageView::clicked, this, [this](std::int64_t x, std::int64_t y, Qt::MouseButton button) {
            if (button == Qt::LeftButton)
                showCoefficient(x, y);
        });
    }
    m_titles[0]->setText(m_data.title);
    showViews(1);
}

/// One to three side by side, four as a square; all of them show the same region.
void WaveletPage::showViews(std::size_t count)
{
    if (count == m_shown)
        return;
    m_shown = count;
    for (auto *holder : m_holders)
        m_pictures->removeWidget(holder);
    const std::size_t columns = count == 4 ? 2 : count;
    for (std::size_t i = 0; i < mostViews; ++i) {
        m_views[i]->link(nullptr);
        if (i < count)
            m_pictures->addWidget(m_holders[i], static_cast<int>(i / columns), static_cast<int>(i % columns));
        m_holders[i]->setVisible(i < count);
    }
    for (int i = 0; i < static_cast<int>(mostViews); ++i) {
        m_pictures->setColumnStretch(i, i < static_cast<int>(columns));
        m_pictures->setRowStretch(i, i < static_cast<int>((count + columns - 1) / columns));
    }
    for (std::size_t i = 1; i < count; ++i)
        m_views[i - 1]->link(m_views[i]);
}

void WaveletPage::buildSide()
{
    m_image->setRange(0, 0);
    m_image->setObjectName(QStringLiteral("waveletImage"));
    m_image->setToolTip(tr("Number, from 0, of the image on show among those that are measured"));
    m_comparisons->setObjectName(QStringLiteral("waveletComparisons"));
    m_comparisons->setToolTip(tr("Tick what to compare with; files and folders may be dropped here"));
    m_measure->setProperty("primary", true);
    m_measure->setToolTip(tr("Runs the analysis over the images or crops that the settings choose and keeps the result"));
    m_measure->setObjectName(QStringLiteral("measureWavelets"));
    m_choices->addRow(tr("Image on show"), m_image);
    auto *side = new QVBoxLayout(m_side);
    side->setContentsMargins(12, 12, 12, 12);
    side->addWidget(headingLabel(tr("Levels of detail")));
    side->addLayout(m_choices);
    auto *title = new QHBoxLayout;
    title->addWidget(new QLabel(tr("Compare with")), 1);
    auto *add = new QPushButton(tr("Add files…"));
    add->setObjectName(QStringLiteral("addComparisons"));
    connect(add, &QPushButton::clicked, this, [this] {
        askForFiles(this, tr("Images to compare with"), QFileInfo(m_data.images).absolutePath(),
                    [this](const QStringList &files) { addComparisons(files); });
    });
    title->addWidget(add);
    side->addLayout(title);
    side->addWidget(m_comparisons);
    side->addWidget(scrolled(m_form), 1);
    side->addWidget(m_state);
    side->addWidget(m_measure);
}

std::int64_t WaveletPage::level() const
{
    return m_bar->level();
}

void WaveletPage::showLevel(std::int64_t level)
{
    m_bar->setLevel(level);
    request();
}

/// Of all coefficients on show, the one at pixel (x, y): its level, with the pixels outlined that it is computed from.
void WaveletPage::showCoefficient(std::int64_t x, std::int64_t y)
{
    if (level() != LevelBar::allCoefficients)
        return;
    for (const auto &b : m_answer.value("bands", Json::array())) {
        const auto row = y - b.at("y").get<std::int64_t>(), column = x - b.at("x").get<std::int64_t>();
        if (row < 0 || column < 0 || row >= b.at("rows").get<std::int64_t>() || column >= b.at("columns").get<std::int64_t>())
            continue;
        const auto first = b.at("first").get<std::int64_t>(), last = b.at("last").get<std::int64_t>();
        const auto step = b.at("step").get<std::int64_t>();
        m_support = QRect(QPoint(static_cast<int>(column * step + first), static_cast<int>(row * step + first)),
                          QPoint(static_cast<int>(column * step + last), static_cast<int>(row * step + last)));
        const auto at = b.at("level").get<std::int64_t>();
        const auto band = qs(b.at("orientation").get<std::string>());
        m_supportText = tr("Outlined: the pixels that coefficient (x %1, y %2) of %3 is computed from.")
                            .arg(column)
                            .arg(row)
                            .arg(at == 0 ? band : tr("%1, level %2").arg(band).arg(at));
        showLevel(at);
        return;
    }
}

/// The outline of m_support, or nothing. Where an image goes round its border, so do the pixels.
std::vector<ImageOverlay> WaveletPage::supportOutline(int width, int height) const
{
    if (!m_support.isValid() || level() == LevelBar::allCoefficients)
        return {};
    const QRect all(0, 0, width, height);
    std::vector<QRect> parts{m_support};
    if (m_form->values().value("mode", std::string()).rfind("period", 0) == 0)
        for (const int dy : {-height, 0, height})
            for (const int dx : {-width, 0, width})
                if (dx != 0 || dy != 0)
                    parts.push_back(m_support.translated(dx, dy));
    QRect inside;
    for (auto &part : parts)
        inside |= part &= all;
    if (inside.isEmpty())
        return {};
    // A border is drawn where two values meet on the screen, so that zoomed out it wants some pixels beside it.
    constexpr int beside = 32;
    const QRect around = inside.adjusted(-beside, -beside, beside, beside) & all;
    ImageOverlay outline;
    outline.name = tr("support");
    outline.kind = ImageOverlay::Kind::Outlines;
    outline.values = Array(DType::UInt8, {around.height(), around.width()});
    for (const auto &part : parts)
        for (int y = part.top(); y <= part.bottom(); ++y)
            for (int x = part.left(); x <= part.right(); ++x)
                outline.values.data<std::uint8_t>()[(y - around.top()) * around.width() + x - around.left()] = 1;
    outline.offset = around.topLeft();
    outline.color = QColor(0xE6, 0x9F, 0x00); // seen on gray as on blue and red
    outline.opacity = 1;
    return {outline};
}

void WaveletPage::showMenu(std::size_t set, const QPoint &at)
{
    auto *menu = new QMenu(this);
    auto *all = menu->addAction(tr("Export pictures…"), this, [this] {
        if (const auto figure = currentFigure())
            openDialog(new ExportDialog(*figure, window()), this);
    });
    all->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
    menu->addAction(tr("Show all of it"), m_views[set], &ImageView::fit);
    menu->addSeparator();
    menu->addActions(m_save->menu()->actions());
    openMenu(menu, m_views[set]->mapToGlobal(at));
}

std::optional<Figure> WaveletPage::currentFigure() const
{
    if (m_onShow.empty())
        return std::nullopt;
    const auto number = m_shownRequest.level;
    const QString what = number == LevelBar::wholeImage        ? tr("The image")
                         : number == LevelBar::allCoefficients ? tr("All coefficients, coarser levels inside the corner")
                         : number == LevelBar::reconstruction  ? tr("The image without %1")
                         : number == LevelBar::residual        ? tr("What is left out: %1")
                         : number == 0                         ? tr("The approximation")
                                                               : tr("Level %1 alone").arg(number);
    const QString leftOut = qs(m_answer.at("left-out").at("text").get<std::string>());
    const Json &values = m_shownRequest.options;
    Figure f;
    f.name = "wavelet-picture";
    f.title = ss(tr("Detail of %1").arg(m_data.title));
    f.caption = ss(tr("%1 of image %2 of those used (%3, %4 border, %5 levels).")
                       .arg(what.contains("%1") ? what.arg(leftOut.isEmpty() ? tr("nothing") : leftOut) : what)
                       .arg(m_shownRequest.image)
                       .arg(qs(values.value("wavelet", std::string())), qs(values.value("mode", std::string())))
                       .arg(m_answer.at("levels").size()));
    const bool colors = m_onShow.front().rank() == 3;
    const bool diverging = m_answer.at("diverging").get<bool>();
    if (diverging)
        f.caption += ss(tr(" Blue below 0, red above."));
    for (const auto &note : m_answer.at("notes")) // of large images, and of such as differ in size, it is a part
        if (const auto text = note.get<std::string>(); text.find("the middle of") != std::string::npos)
            f.caption += " " + text;
    const auto names = m_answer.at("names").get<std::vector<std::string>>();
    const std::size_t columns = m_onShow.size() == 4 ? 2 : m_onShow.size();
    for (std::size_t k = 0; k < m_onShow.size(); ++k) {
        ImagePanel p;
        p.image = m_onShow[k];
        if (!colors) {
            p.black = m_answer.at("black").get<double>();
            p.white = m_answer.at("white").get<double>();
            p.pixelSize = m_answer.at("pixel-size").get<double>();
        }
        if (diverging)
            p.colorMap = "blue-red";
        Panel panel;
        panel.row = static_cast<int>(k / columns);
        panel.column = static_cast<int>(k % columns);
        panel.letter = m_onShow.size() > 1 ? std::string(1, static_cast<char>('a' + k)) : "";
        panel.title = names.at(k);
        panel.content = std::move(p);
        f.panels.push_back(std::move(panel));
    }
    return f;
}

void WaveletPage::saveDialog(bool all)
{
    const QString proposed =
        QFileInfo(m_data.images).absoluteDir().filePath(fileName(m_data.title) + QStringLiteral("-rebuilt.tif"));
    askWhereToSave(this,
                   {all ? tr("Save all images rebuilt") : tr("Save the image rebuilt"), proposed,
                    stackFilters(false).split(QStringLiteral(";;"))},
                   [this, all](const QString &path) {
                       if (!all) {
                           saveReconstruction(path);
                           return;
                       }
                       Json o = options(); // many images take their time: work of its own, with its progress
                       o["output"] = ss(path);
                       o["output-images"] = "all";
                       Q_EMIT measureRequested(o);
                   });
}

void WaveletPage::saveReconstruction(const QString &path)
{
    Json o = options();
    o["output"] = ss(path);
    m_session->service()->request(
        QStringLiteral("save-wavelets"), {{"options", o}, {"image", m_image->value()}}, this,
        [this, path](const Json &) {
            m_message->say(MessageBar::Level::Positive, tr("The image was saved as %1.").arg(path));
            Q_EMIT saved(path);
        },
        [this](const Failure &failure) { m_message->sayFailure(failure); });
}

/// Soon, as one change is often followed by the next. What was asked before is answered no more: it would put back what
/// has just been changed.
void WaveletPage::request()
{
    m_session->service()->forget(m_request);
    m_timer.start();
}

/// The tabs of a project are opened again one after the other, and the worker answers the last that asks: a page asks for
/// the first time when it is looked at.
void WaveletPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_answer.is_null())
        request();
}

void WaveletPage::ask()
{
    if (m_form->schema().fields.empty() || !m_form->isValid() || (m_answer.is_null() && !isVisible()))
        return;
    const Request of{options(), m_image->value(), level()};
    m_request = m_session->service()->request(
        QStringLiteral("wavelets"), {{"options", of.options}, {"image", of.image}, {"level", of.level}}, this,
        [this, of](const Json &answer) {
            try {
                show(answer, of);
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
            }
        },
        [this](const Failure &failure) {
            m_state->clear();
            if (failure.where.isEmpty() || !m_form->setProblem(failure.where.section('.', -1), failure.message))
                m_message->sayFailure(failure);
        },
        QStringLiteral("wavelets"));
    Q_EMIT asked();
}

void WaveletPage::show(const Json &answer, Request of)
{
    m_message->clear(); // what it said was of an earlier request
    m_shownRequest = std::move(of);
    m_onShow.clear();
    for (const auto &picture : answer.at("pictures"))
        m_onShow.push_back(Array::fromJson(picture));
    m_answer = answer;
    m_answer.erase("pictures");
    const auto names = answer.at("names").get<std::vector<std::string>>();
    m_bar->setLevels(answer.at("levels").get<std::vector<std::string>>());
    m_bar->setLeftOut(answer.at("left-out"));
    {
        const QSignalBlocker quiet(m_image);
        const auto images = answer.at("images").get<std::int64_t>();
        m_image->setRange(0, std::max(0, static_cast<int>(images) - 1));
        m_measure->setText(images == 1 ? tr("Measure 1 image") : tr("Measure %1 images").arg(images));
    }
    showViews(std::min(m_onShow.size(), mostViews));
    for (std::size_t k = 0; k < m_shown; ++k) {
        m_titles[k]->setText(qs(names.at(k)));
        fill(k);
    }
    m_curves->setFigure(Figure::fromJson(answer.at("figure")));
    QStringList notes;
    for (const auto &n : answer.at("notes"))
        notes << qs(n.get<std::string>());
    if (names.size() > mostViews)
        notes << tr("Pictures are of the first %1 sets, curves of all.").arg(mostViews);
    if (m_support.isValid() && level() != LevelBar::allCoefficients)
        notes << m_supportText;
    m_state->setText(notes.join('\n'));
    Q_EMIT previewed();
}

void WaveletPage::fill(std::size_t set)
{
    auto *view = m_views[set];
    const Array &picture = m_onShow[set];
    const auto source = imageFromArray(picture.rank() == 3 ? picture.reshaped({1, picture.dim(0), picture.dim(1), 3}) : picture);
    const auto &before = view->source();
    const bool same = before && before->info().height == source->info().height && before->info().width == source->info().width;
    view->setSource(source, same);
    if (!same)
        view->fit();
    view->setColorMap(m_answer.at("diverging").get<bool>() ? QStringLiteral("blue-red") : QStringLiteral("gray"));
    if (picture.rank() == 2)
        view->setContrast(m_answer.at("black").get<double>(), m_answer.at("white").get<double>());
    else
        view->setContrast(0, 255); // colors as they are
    view->setOverlays(supportOutline(static_cast<int>(source->info().width), static_cast<int>(source->info().height)));
    view->setToolTip(m_answer.contains("bands") ? tr("A click on a coefficient shows its level and the pixels it is "
                                                     "computed from.")
                                                : QString());
}

namespace {

const PageRegistration wavelets({
    .name = "wavelets",
    .title = QT_TRANSLATE_NOOP("Pages", "Levels of detail (wavelets)…"),
    .icon = "chart",
    .of = ItemKey::Kind::Data,
    .fits =
        [](const OpenProject &project, const ItemKey &key) {
            const auto *data = project.dataSet(key.id);
            return data && isOfImages(*data);
        },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const ImageData data(*context.session->project()->dataSet(key.id));
        auto *page = new WaveletPage(context.session, data);
        page->setWindowTitle(WaveletPage::tr("Detail of %1").arg(data.title));
        QObject::connect(page, &WaveletPage::measureRequested, context.receiver,
                         [context](const Json &options) { context.analyze(QStringLiteral("wavelet-spectrum"), 0, options); });
        QObject::connect(page, &WaveletPage::predictionRequested, context.receiver, [context, page, data](std::int64_t run) {
            predictInto(context.session, context.message, run, data, page, [context, page, run](Job *, const QString &file) {
                const QDir folder(context.session->project()->predictionsFolder(run));
                page->predicted(run, file.isEmpty() ? file : folder.filePath(file));
            });
        });
        return page;
    },
});

} // namespace

} // namespace reticle
