#include "window/parts/LevelBar.h"

#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

#include <algorithm>

namespace reticle {

namespace {

constexpr const char *bands = "HVD";

/// A button's number in its group, where numbers below 0 have a meaning of their own.
int idOf(std::int64_t level)
{
    return static_cast<int>(level) + 10;
}

} // namespace

LevelBar::LevelBar(QWidget *parent)
    : QWidget(parent), m_grid(new QGridLayout(this)), m_buttons(new QButtonGroup(this)), m_views(new QWidget),
      m_title(mutedLabel(tr("Level")))
{
    m_grid->setContentsMargins(10, 4, 10, 4);
    m_grid->setHorizontalSpacing(4);
    m_grid->setVerticalSpacing(2);
    m_grid->setSizeConstraint(QLayout::SetNoConstraint); // of one row; a second one needs less
    m_buttons->setExclusive(true);
    connect(m_buttons, &QButtonGroup::idClicked, this, [this](int id) {
        setLevel(id - idOf(0));
        Q_EMIT chosen(m_level);
    });
    auto *row = new QHBoxLayout(m_views);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(newButton(tr("Image"), tr("The image itself"), wholeImage));
    row->addWidget(newButton(tr("All"), tr("All coefficients, coarser levels inside the corner"), allCoefficients));
    row->addWidget(newButton(tr("Rebuilt"), tr("The image without the bands and details that are left out"), reconstruction));
    row->addWidget(newButton(tr("Residual"), tr("What is left out"), residual));
    for (const auto &text : {tr("keep horizontal edges (H)"), tr("keep vertical edges (V)"), tr("keep diagonal detail (D)")}) {
        auto *label = mutedLabel(text);
        label->setWordWrap(false);
        m_grid->addWidget(label, 2 + static_cast<int>(m_boxLabels.size()), 0, Qt::AlignRight | Qt::AlignVCenter);
        m_boxLabels.push_back(label);
    }
    m_title->setVisible(false);
    arrange();
    showBoxes();
}

QWidget *LevelBar::newButton(const QString &text, const QString &tip, std::int64_t id)
{
    auto *button = new QPushButton(text);
    button->setCheckable(true);
    button->setToolTip(tip);
    button->setObjectName(QStringLiteral("level%1").arg(id));
    button->setChecked(id == m_level);
    m_buttons->addButton(button, idOf(id));
    return button;
}

void LevelBar::setBeside(QWidget *widget)
{
    m_beside = widget;
    arrange();
}

void LevelBar::setLevels(const std::vector<std::string> &levels)
{
    if (levels == m_levels)
        return;
    m_levels = levels;
    for (auto *button : m_levelButtons)
        delete button;
    for (const auto &b : m_boxes)
        delete b.box;
    m_levelButtons.clear();
    m_boxes.clear();
    const auto keep = [&](int level, int band, const QString &tip) {
        auto *box = new QCheckBox;
        box->setChecked(true);
        box->setToolTip(tip);
        box->setAccessibleName(tip);
        box->setObjectName(level == 0 ? QStringLiteral("keepA") : QStringLiteral("keep%1%2").arg(level).arg(bands[band]));
        m_grid->addWidget(box, 2 + band, static_cast<int>(m_levelButtons.size()), Qt::AlignHCenter);
        m_boxes.push_back({level, band, box});
        connect(box, &QCheckBox::clicked, this, [this] { Q_EMIT dropChanged(drop()); });
    };
    m_levelButtons.push_back(newButton(tr("A"), tr("What remains below the coarsest level"), 0));
    keep(0, 0, tr("Keep the approximation"));
    for (const auto &name : m_levels) {
        const int level = qs(name).toInt();
        m_levelButtons.push_back(
            newButton(qs(name), tr("Detail with periods of %1 to %2 px").arg(1LL << level).arg(2LL << level), level));
        for (int band = 0; band < 3; ++band)
            keep(level, band, tr("Keep %1 of level %2").arg(QLatin1Char(bands[band])).arg(level));
    }
    arrange();
    showBoxes();
    if (m_level > 0 && !m_buttons->button(idOf(m_level))) {
        setLevel(m_levels.empty() ? wholeImage : qs(m_levels.front()).toLongLong());
        Q_EMIT chosen(m_level);
    }
}

bool LevelBar::fitsOneRow() const
{
    const auto margins = m_grid->contentsMargins();
    int first = m_views->sizeHint().width(), all = margins.left() + margins.right();
    for (const auto *label : m_boxLabels)
        first = std::max(first, label->sizeHint().width());
    for (const auto *button : m_levelButtons)
        all += button->sizeHint().width() + m_grid->horizontalSpacing();
    if (m_beside)
        all += m_beside->sizeHint().width() + 2 * m_grid->horizontalSpacing();
    return first + all <= width();
}

/// Columns: the views or what a row is about, the levels, room, what stands beside.
void LevelBar::arrange()
{
    const bool one = fitsOneRow();
    const int room = static_cast<int>(m_levelButtons.size()) + 1;
    const auto place = [&](QWidget *widget, int row, int column, int columns, Qt::Alignment alignment) {
        m_grid->removeWidget(widget);
        m_grid->addWidget(widget, row, column, 1, columns, alignment);
    };
    place(m_views, one ? 1 : 0, 0, one ? 1 : room + 2, Qt::AlignLeft);
    if (m_beside)
        place(m_beside, one ? 1 : 0, one ? room + 1 : 0, one ? 1 : room + 2, Qt::AlignRight);
    place(m_title, 1, 0, 1, Qt::AlignRight | Qt::AlignVCenter);
    m_title->setVisible(!one && !m_levelButtons.empty());
    for (std::size_t i = 0; i < m_levelButtons.size(); ++i)
        place(m_levelButtons[i], 1, static_cast<int>(i) + 1, 1, {});
    for (int i = 0; i < m_grid->columnCount(); ++i)
        m_grid->setColumnStretch(i, i == room);
}

/// Of two rows.
QSize LevelBar::minimumSizeHint() const
{
    const auto margins = m_grid->contentsMargins();
    const int gap = m_grid->horizontalSpacing();
    int first = m_views->sizeHint().width(), second = m_title->sizeHint().width();
    if (m_beside)
        first += gap + m_beside->sizeHint().width();
    for (const auto *label : m_boxLabels)
        if (!label->isHidden())
            second = std::max(second, label->sizeHint().width());
    for (const auto *button : m_levelButtons)
        second += gap + button->sizeHint().width();
    return {std::max(first, second) + margins.left() + margins.right(), m_grid->minimumSize().height()};
}

void LevelBar::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (fitsOneRow() == m_title->isHidden() || m_levelButtons.empty())
        return;
    arrange();
}

void LevelBar::setLevel(std::int64_t level)
{
    m_level = level;
    if (auto *button = m_buttons->button(idOf(level)))
        button->setChecked(true);
    showBoxes();
}

void LevelBar::setLeftOut(const Json &leftOut)
{
    for (const auto &b : m_boxes) {
        const QSignalBlocker quiet(b.box);
        const auto key = b.level == 0 ? std::string("A") : std::to_string(b.level);
        if (!leftOut.contains(key))
            continue;
        const Json &out = leftOut.at(key);
        b.box->setChecked(!(b.level == 0 ? out : out.at(static_cast<std::size_t>(b.band))).get<bool>());
    }
}

/// Boxes are of the reconstruction and of nothing else.
void LevelBar::showBoxes()
{
    const bool wanted = m_level == reconstruction || m_level == residual;
    for (const auto &b : m_boxes)
        b.box->setVisible(wanted);
    for (auto *label : m_boxLabels)
        label->setVisible(wanted);
}

QString LevelBar::drop() const
{
    QStringList items;
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        const auto &b = m_boxes[i];
        if (b.level == 0) {
            if (!b.box->isChecked())
                items << QStringLiteral("A");
            continue;
        }
        if (b.band > 0)
            continue;
        QStringList out; // of the level whose H this is
        for (std::size_t k = i; k < i + 3; ++k)
            if (!m_boxes[k].box->isChecked())
                out << QStringLiteral("%1:%2").arg(b.level).arg(QLatin1Char(bands[k - i]));
        items << (out.size() == 3 ? QStringList{QString::number(b.level)} : out);
    }
    return items.join(' ');
}

} // namespace reticle
