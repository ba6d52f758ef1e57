#include "window/parts/table/ColumnPanel.h"

#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "window/parts/TableExport.h"
#include "window/parts/table/TableFileModel.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int histogramHeight = 210, pxOfBar = 17, barsAround = 64; // px
constexpr int mostClassRows = 12;

} // namespace

ColumnPanel::ColumnPanel(QWidget *parent)
    : QWidget(parent), m_name(headingLabel({}, this)), m_kind(mutedLabel()), m_partsTitle(sectionTitle({})),
      m_partsText(mutedLabel()), m_facts(new QGridLayout), m_figure(new FigureView(this)),
      m_target(new QPushButton(tr("Use as target"), this)), m_feature(new QPushButton(this)), m_parts(new TableView(this))
{
    setObjectName(QStringLiteral("columnPanel"));
    m_name->setObjectName(QStringLiteral("columnName"));
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_kind->setObjectName(QStringLiteral("columnKind"));
    m_figure->setObjectName(QStringLiteral("columnFigure"));
    m_figure->setFocusPolicy(Qt::StrongFocus);
    m_figure->setToolTip(tr("Ctrl+E exports this figure"));
    m_target->setObjectName(QStringLiteral("useAsTarget"));
    m_feature->setObjectName(QStringLiteral("takeColumn"));
    m_partsTitle->setWordWrap(true);
    m_partsText->setObjectName(QStringLiteral("partsText"));
    m_parts->setObjectName(QStringLiteral("partsTable"));
    m_facts->setHorizontalSpacing(12);
    m_facts->setVerticalSpacing(3);
    m_facts->setColumnStretch(1, 1);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 0, 0, 12);
    column->setSpacing(10);
    column->addWidget(m_name);
    column->addWidget(m_kind);
    column->addWidget(m_figure);
    column->addLayout(m_facts);
    column->addWidget(m_target);
    column->addWidget(m_feature);
    column->addSpacing(6);
    column->addWidget(m_partsTitle);
    column->addWidget(m_parts);
    column->addWidget(m_partsText);
    column->addStretch(1);

    connect(m_figure, &FigureView::exported, this, &ColumnPanel::exported);
    connect(m_target, &QPushButton::clicked, this, &ColumnPanel::targetRequested);
    connect(m_feature, &QPushButton::clicked, this, &ColumnPanel::featureRequested);
    connect(m_parts, &TableView::exportRequested, this,
            [this] { exportTableAsCsv(this, m_parts->table(), qs(m_parts->table().title)); });
    setParts({});
    showColumn();
}

void ColumnPanel::setTable(std::shared_ptr<const ReadTable> table, std::shared_ptr<const TableRoles> roles)
{
    if (table != m_table)
        m_column = -1;
    m_table = std::move(table);
    m_roles = std::move(roles);
    showColumn();
}

void ColumnPanel::setColumn(int column)
{
    m_column = column;
    m_figure->resetView(); // a zoom was into another column
    showColumn();
}

void ColumnPanel::showColumn()
{
    const bool any = m_table && m_roles && m_column >= 0 && m_column < static_cast<int>(m_table->columns());
    m_kind->setVisible(any);
    m_target->setVisible(any);
    m_feature->setVisible(any);
    m_figure->setVisible(any);
    while (auto *item = m_facts->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    if (!any) {
        m_name->setText(tr("Choose a column"));
        m_figure->setFigure({});
        return;
    }
    const auto at = static_cast<std::size_t>(m_column);
    const auto &c = m_table->column(at);
    const auto &f = m_table->facts(at);
    const bool target = m_roles->of(at) == ColumnRole::Target;
    m_name->setText(qs(c.name));
    // Of numbers the reason is their range, which stands below.
    m_kind->setText(c.kind == ColumnKind::Number && f.bad == 0 && f.low < f.high
                        ? m_roles->kindAndRole(at)
                        : m_roles->kindAndRole(at) + QLatin1Char('\n') + qs(c.reason));

    Figure figure = m_table->figure(at, target);
    m_figure->setVisible(!figure.panels.empty());
    int bars = 0;
    if (!figure.panels.empty())
        if (const auto *xy = std::get_if<XYPanel>(&figure.panels.front().content))
            bars = static_cast<int>(xy->y.categories.size());
    m_figure->setFixedHeight(bars ? std::max(110, barsAround + pxOfBar * bars) : histogramHeight);
    m_figure->setAccessibleName(qs(figure.caption));
    m_figure->setFigure(figure);

    const auto fact = [this](const QString &name, const QString &value, const char *id) {
        const int row = m_facts->count() / 2;
        auto *title = mutedLabel(name);
        title->setWordWrap(false);
        auto *text = new QLabel(value);
        text->setObjectName(QLatin1String(id));
        text->setTextFormat(Qt::PlainText);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        text->setWordWrap(true);
        m_facts->addWidget(title, row, 0, Qt::AlignTop);
        m_facts->addWidget(text, row, 1);
    };
    fact(tr("Values"), countText(m_table->rows() - c.missing), "factValues");
    fact(tr("Missing"),
         c.missing == 0 ? QStringLiteral("0")
                        : tr("%1, first in row %2").arg(countText(c.missing), countText(f.firstMissing + 1)),
         "factMissing");
    if (f.bad > 0)
        fact(tr("No number"), tr("%1, first in row %2").arg(countText(f.bad), countText(c.firstBad + 1)), "factBad");
    if (!std::isnan(f.mean)) {
        fact(tr("Range"), tr("%1 to %2").arg(cellText(f.low), cellText(f.high)), "factRange");
        fact(tr("Mean"), cellText(f.mean), "factMean");
        fact(tr("Standard deviation"), cellText(f.sd), "factSd");
    }
    if (!c.values.empty())
        fact(target                           ? tr("Classes")
             : c.kind == ColumnKind::Category ? tr("Categories")
                                              : tr("Different values"),
             countText(static_cast<std::int64_t>(c.values.size())), "factDifferent");

    const QString whyNot = m_roles->whyNotTarget(at);
    m_target->setEnabled(whyNot.isEmpty());
    m_target->setToolTip(whyNot.isEmpty() ? tr("Learn to predict the class in this column (T)") : whyNot);
    const bool ignored = m_roles->of(at) == ColumnRole::Ignored;
    const QString refused = m_roles->whyNotChanged(at);
    m_feature->setText(ignored ? tr("Take this column") : tr("Leave out this column"));
    m_feature->setEnabled(refused.isEmpty());
    m_feature->setToolTip(!refused.isEmpty() ? refused
                          : ignored          ? tr("Learn from this column too (Space)")
                                             : tr("Do not learn from this column (Space)"));
}

void ColumnPanel::setParts(const TableParts &parts)
{
    const bool any = !parts.target.classes.empty();
    const bool split = any && parts.problem.isEmpty();
    m_partsTitle->setText(tr("Classes of %1").arg(qs(parts.target.column)));
    m_partsTitle->setVisible(any);
    m_parts->setVisible(any);
    m_partsText->setVisible(any || !parts.problem.isEmpty());
    if (!any) {
        m_parts->setTable({});
        m_partsText->setText(parts.problem);
        return;
    }
    const Table table = split ? parts.table() : parts.target.countTable();
    m_parts->setTable(table);
    const int rows = static_cast<int>(std::min<std::size_t>(table.rows(), mostClassRows));
    m_parts->setFixedHeight((rows + 1) * (m_parts->verticalHeader()->defaultSectionSize() + 1) +
                            m_parts->horizontalHeader()->sizeHint().height());
    const auto count = [](const std::vector<std::int64_t> &all) { return countText(static_cast<std::int64_t>(all.size())); };
    m_partsText->setText(split ? tr("%1 rows train, %2 validate and %3 test with seed %4.")
                                     .arg(count(parts.split.training), count(parts.split.validation), count(parts.split.test))
                                     .arg(parts.seed)
                               : parts.problem);
}

} // namespace reticle
