#include "window/LevelBar.h"

#include "window/PanelParts.h"
#include "window/Text.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

namespace reticle {

namespace {

constexpr const char *bands = "HVD";

/// A button's number in its group, where numbers below 0 have a meaning of their own.
int idOf(std::int64_t level)
{
    return static_cast<int>(level) + 10;
}

} // namespace

LevelBar::LevelBar(QWidget *parent) : QWidget(parent), m_grid(new QGridLayout(this)), m_buttons(new QButtonGroup(this))
{
    m_grid->setContentsMargins(10, 4, 10, 4);
    m_grid->setHorizontalSpacing(4);
    m_grid->setVerticalSpacing(2);
    m_buttons->setExclusive(true);
    connect(m_buttons, &QButtonGroup::idClicked, this, [this](int id) {
        setLevel(id - idOf(0));
        Q_EMIT chosen(m_level);
    });
}

void LevelBar::setLevels(const std::vector<std::string> &levels)
{
    if (levels == m_levels)
        return;
    m_levels = levels;
    for (auto *button : m_buttons->buttons())
        delete button;
    for (const auto &b : m_boxes)
        delete b.box;
    for (auto *label : m_boxLabels)
        delete label;
    m_boxes.clear();
    m_boxLabels.clear();
    int column = 0;
    const auto add = [&](const QString &text, const QString &tip, std::int64_t id) {
        auto *button = new QPushButton(text);
        button->setCheckable(true);
        button->setToolTip(tip);
        button->setObjectName(QStringLiteral("level%1").arg(id));
        button->setChecked(id == m_level);
        m_buttons->addButton(button, idOf(id));
        m_grid->addWidget(button, 0, column++);
    };
    const auto keep = [&](int level, int band, const QString &tip) {
        auto *box = new QCheckBox;
        box->setChecked(true);
        box->setToolTip(tip);
        box->setAccessibleName(tip);
        box->setObjectName(level == 0 ? QStringLiteral("keepA") : QStringLiteral("keep%1%2").arg(level).arg(bands[band]));
        m_grid->addWidget(box, 1 + band, column - 1, Qt::AlignHCenter);
        m_boxes.push_back({level, band, box});
        connect(box, &QCheckBox::clicked, this, [this] { Q_EMIT dropChanged(drop()); });
    };
    add(tr("Image"), tr("The image itself"), wholeImage);
    add(tr("All"), tr("All coefficients, coarser levels inside the corner"), allCoefficients);
    add(tr("Rebuilt"), tr("The image without the bands and details that are left out"), reconstruction);
    add(tr("Residual"), tr("What is left out"), residual);
    for (int band = 0; band < 3; ++band) {
        auto *label = mutedLabel(band == 0   ? tr("keep horizontal edges (H)")
                                 : band == 1 ? tr("keep vertical edges (V)")
                                             : tr("keep diagonal detail (D)"));
        label->setWordWrap(false);
        m_grid->addWidget(label, 1 + band, 0, 1, column, Qt::AlignRight | Qt::AlignVCenter);
        m_boxLabels.push_back(label);
    }
    add(tr("A"), tr("What remains below the coarsest level"), 0);
    keep(0, 0, tr("Keep the approximation"));
    for (const auto &name : m_levels) {
        const int level = qs(name).toInt();
        add(qs(name), tr("Detail with periods of %1 to %2 px").arg(1LL << level).arg(2LL << level), level);
        for (int band = 0; band < 3; ++band)
            keep(level, band, tr("Keep %1 of level %2").arg(QLatin1Char(bands[band])).arg(level));
    }
    for (int i = 0; i < m_grid->columnCount(); ++i)
        m_grid->setColumnStretch(i, i == column);
    showBoxes();
    if (m_level > 0 && !m_buttons->button(idOf(m_level))) {
        setLevel(m_levels.empty() ? wholeImage : qs(m_levels.front()).toLongLong());
        Q_EMIT chosen(m_level);
    }
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
