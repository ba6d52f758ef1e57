#include "window/pages/ResultPage.h"
#include "window/shell/Fonts.h"

#include "compare/Comparison.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "window/pages/Pages.h"
#include "window/parts/RunTitle.h"
#include "window/parts/TableExport.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QRegularExpression>
#include <QScrollArea>
#include <QVBoxLayout>

namespace reticle {

namespace {

constexpr int mostTableRows = 14;

QLabel *text(const QString &words, double size, bool bold, bool muted = false)
{
    auto *label = new QLabel(words);
    label->setTextFormat(Qt::PlainText);
    QFont font = label->font();
    font = scaled(font, size);
    if (bold)
        font.setWeight(QFont::DemiBold);
    label->setFont(font);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (muted)
        label->setProperty("muted", true);
    return label;
}

QString words(const std::string &key)
{
    QString t = qs(key);
    t.replace('-', ' ');
    // Names of scores keep their own spelling.
    for (const auto &score : comparableScores()) {
        QString plain = qs(score);
        if (const QString title = qs(scoreTitle(score)); score != "loss" && score != "mse")
            t.replace(QRegularExpression(QStringLiteral("\\b%1\\b").arg(plain.replace('-', ' '))), title);
    }
    if (!t.isEmpty())
        t[0] = t[0].toUpper();
    return t;
}

/// Panels side by side and below one another need room for their text.
QSize roomFor(const Figure &figure)
{
    int rows = 1, columns = 1;
    for (const auto &panel : figure.panels) {
        rows = std::max(rows, panel.row + panel.rowSpan);
        columns = std::max(columns, panel.column + panel.columnSpan);
    }
    return {columns > 1 ? 480 : 320, std::max(260, 190 * rows)};
}

} // namespace

ResultPage::ResultPage(QWidget *parent) : QWidget(parent), m_message(new MessageBar(this)), m_scroll(new QScrollArea(this))
{
    setObjectName(QStringLiteral("resultPage"));
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addWidget(m_scroll, 1);
}

void ResultPage::setResult(const Result &result, const QString &title)
{
    m_figures.clear();
    m_tables.clear();
    m_content = new QWidget;
    auto *column = new QVBoxLayout(m_content);
    column->setContentsMargins(20, 16, 20, 20);
    column->setSpacing(14);
    column->addWidget(text(title, 1.3, true));
    if (!result.summary.empty()) {
        auto *summary = text(qs(result.summary), 1.05, false);
        summary->setObjectName(QStringLiteral("summary"));
        column->addWidget(summary);
    }
    for (const auto &warning : result.warnings)
        column->addWidget(text(tr("Note: %1").arg(qs(warning)), 1, false, true));

    if (result.values.is_object() && !result.values.empty())
        addValues(column, result.values);
    for (const auto &figure : result.figures)
        addFigure(column, figure);
    for (const auto &table : result.tables)
        addTable(column, table);
    column->addStretch(1);
    m_scroll->setWidget(m_content);
}

void ResultPage::addValues(QVBoxLayout *column, const Json &values)
{
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(28);
    grid->setVerticalSpacing(10);
    int i = 0;
    for (const auto &[key, value] : values.items()) {
        // Thresholds stand in the sentence and the tables.
        if (!value.is_number() || (key.size() > 9 && key.ends_with("threshold")))
            continue;
        auto *box = new QVBoxLayout;
        box->setSpacing(1);
        const bool bytes = key.ends_with("-bytes");
        auto *shown = text(bytes                       ? QLocale::c().formattedDataSize(value.get<std::int64_t>())
                           : value.is_number_integer() ? countText(value.get<std::int64_t>())
                                                       : scoreText(value.get<double>()),
                           1.3, false);
        shown->setObjectName(QStringLiteral("value-") + qs(key));
        box->addWidget(shown);
        box->addWidget(text(words(bytes ? key.substr(0, key.size() - 5) + "memory" : key), 0.95, false, true));
        grid->addLayout(box, i / 5, i % 5);
        ++i;
    }
    grid->setColumnStretch(5, 1);
    if (i)
        column->addLayout(grid);
}

void ResultPage::addFigure(QVBoxLayout *column, const Figure &figure)
{
    auto *view = new FigureView;
    view->setFigure(figure);
    view->setToolTip(figure.caption.empty() ? tr("Ctrl+E exports this figure") : qs(figure.caption));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    view->setSizePolicy(policy);
    view->setMinimumSize(roomFor(figure));
    view->setFocusPolicy(Qt::StrongFocus);
    connect(view, &FigureView::exported, this, [this](const QString &path) {
        m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path));
        Q_EMIT exported(path);
    });
    if (!figure.title.empty())
        column->addWidget(text(qs(figure.title), 1.05, true));
    column->addWidget(view);
    if (!figure.caption.empty())
        column->addWidget(text(qs(figure.caption), 0.95, false, true));
    m_figures.push_back(view);
}

void ResultPage::addTable(QVBoxLayout *column, const Table &table)
{
    auto *view = new TableView;
    view->setTable(table);
    const int rows = static_cast<int>(std::min<std::size_t>(table.rows(), mostTableRows));
    view->setMinimumHeight((rows + 2) * (view->verticalHeader()->defaultSectionSize() + 1));
    connect(view, &TableView::exportRequested, this, [this, table] { exportTableAsCsv(this, table, qs(table.title)); });
    if (!table.title.empty())
        column->addWidget(text(qs(table.title), 1.05, true));
    column->addWidget(view);
    m_tables.push_back(view);
}

FigureView *ResultPage::shownView() const
{
    for (auto *view : m_figures)
        if (view->hasFocus())
            return view;
    return m_figures.empty() ? nullptr : m_figures.front();
}

FigurePage::FigurePage(const Figure &figure, QWidget *parent) : QWidget(parent), m_view(new FigureView(this))
{
    m_view->setFigure(figure);
    m_view->setFocusPolicy(Qt::StrongFocus);
    setFocusProxy(m_view);
    connect(m_view, &FigureView::exported, this, &FigurePage::exported);
    auto *caption = text(qs(figure.caption), 0.95, false, true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->addWidget(m_view, 1);
    column->addWidget(caption);
    caption->setVisible(!figure.caption.empty());
}

namespace {

/// "Evaluate · 3 Cells"
QString titleOf(const OpenProject &project, const Project::ResultInfo &result)
{
    QString title = qs(result.name);
    title.replace('-', ' ');
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    if (const auto *run = project.run(result.run))
        title += QStringLiteral(" · ") + (result.name == "compare-runs" ? project.subjectOf(result) : numberedRunTitle(*run));
    return title;
}

const PageRegistration results({
    .name = "result",
    .title = QT_TRANSLATE_NOOP("Pages", "Figures and tables"),
    .icon = "table",
    .of = ItemKey::Kind::Result,
    .rank = 10,
    .fits = [](const OpenProject &project, const ItemKey &result) { return project.result(result.id) != nullptr; },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const auto &project = *context.session->project();
        const Result result = project.store().result(key.id);
        const QString title = titleOf(project, *project.result(key.id));
        auto *page = new ResultPage;
        page->setWindowTitle(title);
        page->setResult(result, title);
        return page;
    },
});

const PageRegistration figures({
    .name = "figure",
    .title = QT_TRANSLATE_NOOP("Pages", "Figure"),
    .icon = "chart",
    .of = ItemKey::Kind::Figure,
    .rank = 10,
    .fits =
        [](const OpenProject &project, const ItemKey &figure) {
            const auto *result = project.result(figure.id);
            return result && figure.detail.toULongLong() < result->figures.size();
        },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const Result result = context.session->project()->store().result(key.id);
        const auto index = key.detail.toULongLong();
        if (index >= result.figures.size())
            return nullptr;
        const Figure &figure = result.figures[index];
        auto *page = new FigurePage(figure);
        page->setWindowTitle(qs(figure.title.empty() ? figure.name : figure.title));
        QObject::connect(page, &FigurePage::exported, context.receiver, [context](const QString &path) {
            context.message->say(MessageBar::Level::Positive, FigurePage::tr("Written: %1").arg(path));
        });
        return page;
    },
});

} // namespace

} // namespace reticle
