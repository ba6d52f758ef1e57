#include "window/WaveletPage.h"

#include "base/ImageSource.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/ImageView.h"
#include "window/MessageBar.h"
#include "window/PanelParts.h"
#include "window/Session.h"
#include "window/Text.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QDir>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <cmath>

namespace reticle {

namespace {

constexpr std::int64_t wholeImage = -1, allCoefficients = -2;

/// A button's number in its group, where numbers below 0 have a meaning of their own.
int idOf(std::int64_t level)
{
    return static_cast<int>(level) + 10;
}

} // namespace

WaveletPage::WaveletPage(Session *session, const DataSet &data, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_data(data)
    , m_message(new MessageBar(this))
    , m_original(new ImageView)
    , m_other(new ImageView)
    , m_originalTitle(mutedLabel(data.title))
    , m_otherTitle(mutedLabel())
    , m_otherSide(new QWidget)
    , m_levelRow(new QHBoxLayout)
    , m_levelButtons(new QButtonGroup(this))
    , m_curves(new FigureView)
    , m_side(new QWidget)
    , m_form(new SchemaForm)
    , m_comparison(new QComboBox)
    , m_beside(new QComboBox)
    , m_choices(new QFormLayout)
    , m_image(new QSpinBox)
    , m_state(mutedLabel())
    , m_measure(new QPushButton(tr("Measure")))
{
    setObjectName(QStringLiteral("waveletPage"));
    m_side->setParent(this);
    m_side->hide();
    const auto titled = [](QLabel *title, ImageView *view, QWidget *holder) {
        auto *column = new QVBoxLayout(holder);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(2);
        title->setContentsMargins(10, 4, 0, 0);
        column->addWidget(title);
        column->addWidget(view, 1);
        return holder;
    };
    auto *pictures = new QHBoxLayout;
    pictures->setSpacing(2);
    pictures->addWidget(titled(m_originalTitle, m_original, new QWidget), 1);
    pictures->addWidget(titled(m_otherTitle, m_other, m_otherSide), 1);
    m_otherSide->hide();
    m_levelRow->setContentsMargins(10, 4, 10, 4);
    m_levelRow->setSpacing(4);
    m_levelButtons->setExclusive(true);
    m_curves->setMinimumHeight(190);
    m_curves->setToolTip(tr("The image on show. A click on a level shows that level alone."));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addLayout(pictures, 3);
    column->addLayout(m_levelRow);
    column->addWidget(m_curves, 2);
    buildSide();

    m_timer.setSingleShot(true);
    m_timer.setInterval(40);
    connect(&m_timer, &QTimer::timeout, this, &WaveletPage::ask);
    for (auto *view : {m_original, m_other})
        connect(view, &ImageView::clicked, this, [this](std::int64_t x, std::int64_t y, Qt::MouseButton button) {
            if (button == Qt::LeftButton)
                showCoefficient(x, y);
        });
    connect(m_levelButtons, &QButtonGroup::idClicked, this, [this](int id) { showLevel(id - idOf(0)); });
    connect(m_curves, &FigureView::clicked, this, [this](int panel, const QPointF &value) {
        const auto *xy = std::get_if<XYPanel>(&m_curves->figure().panels.at(static_cast<std::size_t>(panel)).content);
        const auto at = std::lround(value.x());
        if (!xy || at < 0 || at >= static_cast<long>(xy->x.categories.size()))
            return;
        const auto &name = xy->x.categories[static_cast<std::size_t>(at)];
        showLevel(name == "A" ? 0 : qs(name).toLongLong());
    });
    connect(m_form, &SchemaForm::changed, this, [this] {
        m_support = {};
        listComparisons();
        m_timer.start();
    });
    connect(m_form, &SchemaForm::validityChanged, m_measure, &QWidget::setEnabled);
    connect(m_measure, &QPushButton::clicked, this, [this] { Q_EMIT measureRequested(m_form->values()); });
    connect(m_image, &QSpinBox::valueChanged, this, [this] {
        m_support = {};
        m_timer.start();
    });
    connect(m_beside, &QComboBox::currentIndexChanged, this, [this] { m_timer.start(); });
    connect(m_comparison, &QComboBox::activated, this, [this](int index) {
        m_form->setValues({{"others", ss(m_comparison->itemData(index).toString())}});
    });
    if (m_session->catalog()) {
        try {
            m_form->setSchema(m_session->catalog()->find("analyses", "wavelet-spectrum"));
            m_form->setValues({{"images", ss(m_data.images)}});
        } catch (const std::exception &e) {
            m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        }
    }
    if (m_session->project())
        connect(m_session->project(), &OpenProject::changed, this, &WaveletPage::listComparisons);
    listComparisons();
    m_timer.start();
}

void WaveletPage::buildSide()
{
    m_image->setRange(0, 0);
    m_image->setObjectName(QStringLiteral("waveletImage"));
    m_image->setToolTip(tr("Number, from 0, of the image on show among those that are measured"));
    m_comparison->setObjectName(QStringLiteral("waveletComparison"));
    m_comparison->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_beside->setObjectName(QStringLiteral("waveletBeside"));
    m_measure->setProperty("primary", true);
    m_measure->setToolTip(tr("Runs the analysis over the images or crops that the settings choose and keeps the result"));
    m_measure->setObjectName(QStringLiteral("measureWavelets"));
    m_choices->addRow(tr("Image on show"), m_image);
    m_choices->addRow(tr("Compare with"), m_comparison);
    m_choices->addRow(tr("Set beside it"), m_beside);
    m_choices->setRowVisible(m_beside, false);
    auto *side = new QVBoxLayout(m_side);
    side->setContentsMargins(12, 12, 12, 12);
    side->addWidget(headingLabel(tr("Levels of detail")));
    side->addLayout(m_choices);
    side->addWidget(scrolled(m_form), 1);
    side->addWidget(m_state);
    side->addWidget(m_measure);
}

/// Other data of the project and what its models predicted, by file.
void WaveletPage::listComparisons()
{
    const QSignalBlocker quiet(m_comparison);
    m_comparison->clear();
    m_comparison->addItem(tr("nothing"), QString());
    if (const auto *project = m_session->project()) {
        for (const auto &set : project->dataSets())
            if (set.images != m_data.images)
                m_comparison->addItem(set.title, set.images);
        for (const auto &run : project->runs())
            for (const auto &file : project->predictions(run.id))
                m_comparison->addItem(tr("run %1: %2").arg(run.id).arg(file),
                                      QDir(project->predictionsFolder(run.id)).filePath(file));
    }
    const QString others = qs(m_form->values().value("others", std::string()));
    int at = m_comparison->findData(others);
    if (at < 0) {
        m_comparison->addItem(tr("as named below"), others);
        at = m_comparison->count() - 1;
    }
    m_comparison->setCurrentIndex(at);
}

void WaveletPage::showLevel(std::int64_t level)
{
    m_level = level;
    if (auto *button = m_levelButtons->button(idOf(level)))
        button->setChecked(true);
    m_timer.start();
}

/// Of all coefficients on show, the one at pixel (x, y): its level, with the pixels outlined that it is computed from.
void WaveletPage::showCoefficient(std::int64_t x, std::int64_t y)
{
    if (m_level != allCoefficients)
        return;
    for (const auto &b : m_bands) {
        const auto row = y - b.at("y").get<std::int64_t>(), column = x - b.at("x").get<std::int64_t>();
        if (row < 0 || column < 0 || row >= b.at("rows").get<std::int64_t>() ||
            column >= b.at("columns").get<std::int64_t>())
            continue;
        const auto first = b.at("first").get<std::int64_t>(), last = b.at("last").get<std::int64_t>();
        const auto step = b.at("step").get<std::int64_t>();
        m_support = QRect(QPoint(static_cast<int>(column * step + first), static_cast<int>(row * step + first)),
                          QPoint(static_cast<int>(column * step + last), static_cast<int>(row * step + last)));
        const auto level = b.at("level").get<std::int64_t>();
        const auto band = qs(b.at("orientation").get<std::string>());
        m_supportText = tr("Outlined: the pixels that coefficient (x %1, y %2) of %3 is computed from.")
                            .arg(column)
                            .arg(row)
                            .arg(level == 0 ? band : tr("%1, level %2").arg(band).arg(level));
        showLevel(level);
        return;
    }
}

/// The outline of m_support, or nothing.
std::vector<ImageOverlay> WaveletPage::supportOutline(int width, int height) const
{
    const QRect all(0, 0, width, height), inside = m_support & all;
    if (m_level == allCoefficients || inside.isEmpty())
        return {};
    // A border is drawn where two values meet on the screen, so that zoomed out it wants some pixels beside it.
    constexpr int beside = 32;
    const QRect around = inside.adjusted(-beside, -beside, beside, beside) & all;
    ImageOverlay outline;
    outline.name = tr("support");
    outline.kind = ImageOverlay::Kind::Outlines;
    outline.values = Array(DType::UInt8, {around.height(), around.width()});
    for (int y = inside.top(); y <= inside.bottom(); ++y)
        for (int x = inside.left(); x <= inside.right(); ++x)
            outline.values.data<std::uint8_t>()[(y - around.top()) * around.width() + x - around.left()] = 1;
    outline.offset = around.topLeft();
    outline.colour = QColor(0xE6, 0x9F, 0x00); // seen on grey as on blue and red
    outline.opacity = 1;
    return {outline};
}

void WaveletPage::showLevels(const std::vector<std::string> &levels)
{
    if (levels == m_levels)
        return;
    m_levels = levels;
    for (auto *button : m_levelButtons->buttons())
        delete button;
    while (auto *item = m_levelRow->takeAt(0))
        delete item;
    const auto add = [this](const QString &text, const QString &tip, std::int64_t id) {
        auto *button = new QPushButton(text);
        button->setCheckable(true);
        button->setToolTip(tip);
        button->setObjectName(QStringLiteral("level%1").arg(id));
        button->setChecked(id == m_level);
        m_levelButtons->addButton(button, idOf(id));
        m_levelRow->addWidget(button);
    };
    add(tr("Image"), tr("The image itself"), wholeImage);
    add(tr("All"), tr("All coefficients, coarser levels inside the corner"), allCoefficients);
    add(tr("A"), tr("What remains below the coarsest level"), 0);
    for (const auto &name : m_levels) {
        const auto level = qs(name).toLongLong();
        add(qs(name), tr("Detail with periods of %1 to %2 px").arg(1LL << level).arg(2LL << level), level);
    }
    m_levelRow->addStretch(1);
    if (m_level > 0 && !m_levelButtons->button(idOf(m_level)))
        showLevel(m_levels.empty() ? wholeImage : qs(m_levels.front()).toLongLong());
}

void WaveletPage::ask()
{
    if (!m_form->isValid())
        return;
    m_session->service()->forget(m_request);
    m_request = m_session->service()->request(
        QStringLiteral("wavelets"),
        {{"options", m_form->values()}, {"image", m_image->value()}, {"level", m_level}}, this,
        [this](const Json &answer) {
            try {
                show(answer);
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
}

void WaveletPage::show(const Json &answer)
{
    m_message->clear(); // what it said was of an earlier wish
    const auto names = answer.at("names").get<std::vector<std::string>>();
    const auto &pictures = answer.at("pictures");
    m_bands = answer.value("bands", Json::array());
    const QString hint = m_bands.empty() ? QString() : tr("A click on a coefficient shows its level and the pixels it is "
                                                          "computed from.");
    for (auto *view : {m_original, m_other})
        view->setToolTip(hint);
    showLevels(answer.at("levels").get<std::vector<std::string>>());
    {
        const QSignalBlocker quiet(m_image);
        const auto images = answer.at("images").get<std::int64_t>();
        m_image->setRange(0, std::max(0, static_cast<int>(images) - 1));
        m_measure->setText(images == 1 ? tr("Measure 1 image") : tr("Measure %1 images").arg(images));
    }
    const bool several = names.size() > 2;
    {
        const QSignalBlocker quiet(m_beside);
        const int chosen = std::max(0, m_beside->currentIndex());
        m_beside->clear();
        for (std::size_t k = 1; k < names.size(); ++k)
            m_beside->addItem(qs(names[k]));
        m_beside->setCurrentIndex(std::min(chosen, m_beside->count() - 1));
        m_choices->setRowVisible(m_beside, several);
    }
    const auto fill = [&](ImageView *view, const Json &json) {
        const Array picture = Array::fromJson(json);
        const auto source = imageFromArray(
            picture.rank() == 3 ? picture.reshaped({1, picture.dim(0), picture.dim(1), 3}) : picture);
        const auto &before = view->source();
        const bool same = before && before->info().height == source->info().height &&
                          before->info().width == source->info().width;
        view->setSource(source, same);
        if (!same)
            view->fit();
        view->setColourMap(m_level > 0 ? QStringLiteral("blue-red") : QStringLiteral("grey"));
        if (picture.rank() == 2)
            view->setContrast(answer.at("black").get<double>(), answer.at("white").get<double>());
        else
            view->setContrast(0, 255); // colours as they are
        view->setOverlays(supportOutline(static_cast<int>(source->info().width), static_cast<int>(source->info().height)));
    };
    m_originalTitle->setText(qs(names.front()));
    fill(m_original, pictures.at(0));
    const bool compared = names.size() > 1;
    m_otherSide->setVisible(compared);
    m_original->link(compared ? m_other : nullptr);
    if (compared) {
        const auto k = static_cast<std::size_t>(std::max(0, m_beside->currentIndex())) + 1;
        m_otherTitle->setText(qs(names[k]));
        fill(m_other, pictures.at(k));
    }
    m_curves->setFigure(Figure::fromJson(answer.at("figure")));
    QStringList notes;
    for (const auto &n : answer.at("notes"))
        notes << qs(n.get<std::string>());
    if (m_support.isValid() && m_level != allCoefficients)
        notes << m_supportText;
    m_state->setText(notes.join('\n'));
    Q_EMIT previewed();
}

} // namespace reticle
