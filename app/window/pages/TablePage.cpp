#include "window/pages/TablePage.h"

#include "widgets/views/Background.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/Theme.h"
#include "window/parts/table/ColumnPanel.h"
#include "window/parts/table/TableFileView.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QThreadPool>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace reticle {

namespace {

constexpr int lettersSideBySide = 92; // average characters: below that the panel goes under the table

} // namespace

TablePage::TablePage(Subject subject, QWidget *parent)
    : QWidget(parent), m_subject(std::move(subject)), m_message(new MessageBar(this)), m_stack(new QStackedWidget(this)),
      m_state(mutedLabel()), m_again(new QPushButton(themeIcon(QStringLiteral("refresh")), tr("Try again"))), m_title(new QLabel),
      m_headline(new QLabel), m_splitter(new QSplitter), m_cells(new TableFileView), m_panel(new ColumnPanel)
{
    setObjectName(QStringLiteral("tablePage"));
    setMinimumWidth(260);
    setWindowTitle(m_subject.title);
    if (!m_subject.section.is_object())
        m_subject.section = Json::object();

    auto *state = new QWidget;
    m_state->setObjectName(QStringLiteral("tableState"));
    m_state->setAlignment(Qt::AlignCenter);
    m_state->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_again->setObjectName(QStringLiteral("readAgain"));
    auto *stateColumn = new QVBoxLayout(state);
    stateColumn->setContentsMargins(40, 16, 40, 16);
    stateColumn->setSpacing(12);
    stateColumn->addStretch(1);
    stateColumn->addWidget(m_state);
    stateColumn->addWidget(m_again, 0, Qt::AlignHCenter);
    stateColumn->addStretch(1);
    m_content = makeContent();
    m_stack->addWidget(state);
    m_stack->addWidget(m_content);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addWidget(m_stack, 1);

    connect(m_again, &QPushButton::clicked, this, &TablePage::load);
    connect(m_cells, &TableFileView::columnChosen, m_panel, &ColumnPanel::setColumn);
    connect(m_cells, &TableFileView::menuRequested, this, &TablePage::showMenu);
    connect(m_cells, &TableFileView::targetKeyed, this, &TablePage::useAsTarget);
    connect(m_cells, &TableFileView::featureKeyed, this, &TablePage::changeFeature);
    connect(m_cells, &TableFileView::copyRefused, this, [this] {
        m_message->say(MessageBar::Level::Warning, tr("These are too many cells to copy. Select fewer rows or columns."));
    });
    connect(m_panel, &ColumnPanel::targetRequested, this, &TablePage::useAsTarget);
    connect(m_panel, &ColumnPanel::featureRequested, this, &TablePage::changeFeature);
    connect(m_panel, &ColumnPanel::exported, this,
            [this](const QString &path) { m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path)); });
    load();
}

TablePage::~TablePage()
{
    // A large table is millions of texts, which takes a moment to free.
    m_cells->setTable(nullptr);
    m_panel->setTable(nullptr, nullptr);
    m_roles = nullptr;
    QThreadPool::globalInstance()->start(handOver([table = std::move(m_table)]() mutable { table.reset(); }));
}

QWidget *TablePage::makeContent()
{
    auto *content = new QWidget;
    m_headline->setObjectName(QStringLiteral("tableHeadline"));
    m_title->setText(m_subject.title);
    m_title->setWordWrap(true);
    m_title->setToolTip(QStringLiteral("<span>%1</span>").arg(m_subject.file.toHtmlEscaped()));
    m_side = scrolled(m_panel);
    m_side->setMinimumWidth(220);
    m_cells->setMinimumWidth(180);
    m_cells->setMinimumHeight(120);
    m_splitter->addWidget(m_cells);
    m_splitter->addWidget(m_side);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setChildrenCollapsible(false);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addLayout(pageHead(m_title, m_headline));
    column->addWidget(m_splitter, 1);
    return content;
}

void TablePage::load()
{
    const int number = ++m_loads;
    m_reading = true;
    m_again->hide();
    setStyleFlag(m_state, "problem", false);
    setStyleFlag(m_state, "muted", true);
    m_state->setText(tr("Reading %1…").arg(QFileInfo(m_subject.file).fileName()));
    m_stack->setCurrentIndex(0);
    struct Loaded
    {
        std::shared_ptr<const ReadTable> table;
        QString problem;
    };
    inBackground(
        this,
        [file = ss(m_subject.file), header = headerLineOf(m_subject.section)] {
            Loaded l;
            try {
                l.table = ReadTable::read(file, header);
            } catch (const std::exception &e) {
                l.problem = QString::fromUtf8(e.what());
            }
            return l;
        },
        [this, number](Loaded l) {
            if (number != m_loads)
                return;
            m_reading = false;
            if (l.table) {
                showTable(std::move(l.table));
            } else {
                setStyleFlag(m_state, "muted", false);
                setStyleFlag(m_state, "problem", true);
                m_state->setText(l.problem);
                m_again->show();
            }
            Q_EMIT read();
        });
}

void TablePage::showTable(std::shared_ptr<const ReadTable> table)
{
    m_panel->setTable(nullptr, nullptr);
    m_table = std::move(table);
    m_cells->setTable(m_table);
    m_stack->setCurrentWidget(m_content);
    arrange();
    showRoles();
    if (m_table->columns() == 0)
        return;
    // The target says most about a table.
    m_cells->chooseColumn(static_cast<int>(std::max<std::int64_t>(0, m_roles->target())));
    m_cells->scrollToTop();
}

void TablePage::setSection(const Json &section)
{
    if (section == m_subject.section)
        return;
    const auto header = headerLineOf(m_subject.section);
    m_subject.section = section.is_object() ? section : Json::object();
    if (headerLineOf(m_subject.section) != header)
        load();
    else if (m_table)
        showRoles();
}

void TablePage::showRoles()
{
    m_roles = std::make_shared<const TableRoles>(m_table, m_subject.section);
    m_cells->setRoles(m_roles);
    m_panel->setTable(m_table, m_roles);
    m_headline->setText(m_roles->headline());
    showProblems();
    countParts();
}

void TablePage::showProblems()
{
    const auto problems = m_roles->problems();
    const QString before = std::exchange(m_problem, {});
    if (problems.empty()) {
        if (!before.isEmpty() && m_message->text() == before)
            m_message->clear();
        return;
    }
    constexpr std::size_t mostSaid = 4;
    QStringList sentences;
    std::vector<std::size_t> columns;
    const TableRoles::Problem *shown = nullptr;
    for (const auto &p : problems) {
        if (sentences.size() < static_cast<int>(mostSaid))
            sentences << p.sentence;
        if (!shown && p.row >= 0)
            shown = &p;
        for (const auto c : p.columns)
            if (std::find(columns.begin(), columns.end(), c) == columns.end())
                columns.push_back(c);
    }
    if (problems.size() > mostSaid)
        sentences << tr("There are %1 more problems of this kind.").arg(problems.size() - mostSaid);
    std::vector<MessageBar::Action> actions;
    if (shown)
        actions.push_back({tr("Show the first"), [this, row = shown->row, column = shown->column] {
                               m_cells->showCell(row, column);
                               showProblems(); // the button takes the message away, but the problem is still there
                           }});
    if (!columns.empty() && columns.size() < m_roles->features())
        actions.push_back({columns.size() == 1 ? tr("Leave out this column") : tr("Leave out these columns"), [this, columns] {
                               if (m_roles)
                                   Q_EMIT sectionChanged(m_roles->withoutFeatures(columns));
                           }});
    m_message->say(MessageBar::Level::Warning, sentences.join('\n'), std::move(actions));
    m_problem = m_message->text();
}

void TablePage::countParts()
{
    const int number = ++m_counts;
    inBackground(
        this, [table = m_table, roles = m_roles, seed = m_subject.seed] { return partsOf(*table, *roles, seed); },
        [this, number](const TableParts &parts) {
            if (number != m_counts)
                return;
            m_panel->setParts(parts);
            Q_EMIT partsCounted();
        });
}

/// Says why something cannot be done; what is done next takes the sentence away.
void TablePage::refuse(const QString &sentence)
{
    m_message->say(MessageBar::Level::Info, sentence);
    m_problem = m_message->text();
}

void TablePage::useAsTarget()
{
    const int column = m_cells->currentColumn();
    if (!m_roles || column < 0)
        return;
    const QString whyNot = m_roles->whyNotTarget(static_cast<std::size_t>(column));
    if (!whyNot.isEmpty())
        return refuse(
            tr("%1 cannot be made the target. %2").arg(qs(m_table->column(static_cast<std::size_t>(column)).name), whyNot));
    Q_EMIT sectionChanged(m_roles->withTarget(static_cast<std::size_t>(column)));
}

void TablePage::changeFeature()
{
    const int column = m_cells->currentColumn();
    if (!m_roles || column < 0)
        return;
    const auto at = static_cast<std::size_t>(column);
    const bool taken = m_roles->of(at) == ColumnRole::Ignored;
    const QString whyNot = m_roles->whyNotChanged(at);
    if (!whyNot.isEmpty())
        return refuse((taken ? tr("%1 cannot be learned from. %2") : tr("%1 cannot be left out. %2"))
                          .arg(qs(m_table->column(at).name), whyNot));
    Q_EMIT sectionChanged(m_roles->withFeature(at, taken));
}

void TablePage::showMenu(const QPoint &at)
{
    const int column = m_cells->currentColumn();
    if (!m_roles || column < 0)
        return;
    const auto c = static_cast<std::size_t>(column);
    auto *menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    const auto add = [&](const char *name, const QString &text, QKeySequence key, const QString &whyNot,
                         void (TablePage::*what)()) {
        auto *action = menu->addAction(text, this, what);
        action->setObjectName(QLatin1String(name));
        action->setShortcut(key); // shown; the table itself answers to it
        action->setEnabled(whyNot.isEmpty());
        action->setToolTip(whyNot);
    };
    add("useAsTarget", tr("Use as target"), Qt::Key_T, m_roles->whyNotTarget(c), &TablePage::useAsTarget);
    add("takeColumn", m_roles->of(c) == ColumnRole::Ignored ? tr("Take this column") : tr("Leave out this column"), Qt::Key_Space,
        m_roles->whyNotChanged(c), &TablePage::changeFeature);
    openMenu(menu, at);
}

std::optional<Figure> TablePage::currentFigure() const
{
    if (!m_table || m_panel->figure()->figure().panels.empty())
        return std::nullopt;
    return m_panel->figure()->figure();
}

/// Next to each other where both have room, whatever the size of the font.
void TablePage::arrange()
{
    const bool beside = width() >= lettersSideBySide * fontMetrics().averageCharWidth();
    const auto orientation = beside ? Qt::Horizontal : Qt::Vertical;
    if (m_splitter->orientation() == orientation && m_splitter->property("arranged").toBool())
        return; // what was dragged by hand stays
    m_splitter->setProperty("arranged", true);
    m_splitter->setOrientation(orientation);
    m_panel->layout()->setContentsMargins(beside ? 12 : 0, beside ? 0 : 12, 0, 12);
    const int panel = 48 * fontMetrics().averageCharWidth();
    if (beside)
        m_splitter->setSizes({std::max(1, width() - panel), panel});
    else
        m_splitter->setSizes({1000, 1000});
}

void TablePage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

} // namespace reticle
