#include "window/parts/LearningCurveCard.h"

#include "widgets/views/FigureView.h"
#include "window/session/OpenProject.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QLabel>
#include <QVBoxLayout>

namespace reticle {

LearningCurveCard::LearningCurveCard(QWidget *parent) : QWidget(parent), m_text(mutedLabel()), m_figure(new FigureView(this))
{
    setObjectName(QStringLiteral("learningCurveCard"));
    m_text->setObjectName(QStringLiteral("moreMinutes"));
    m_figure->setObjectName(QStringLiteral("learningCurve"));
    m_figure->setMinimumHeight(220);
    m_figure->setMaximumHeight(300);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(sectionTitle(tr("Would more minutes help?")));
    column->addWidget(m_text);
    column->addWidget(m_figure);
    connect(m_figure, &FigureView::exported, this, &LearningCurveCard::exported);
    hide();
}

QString LearningCurveCard::text() const
{
    return m_text->text();
}

void LearningCurveCard::setRun(const OpenProject &project, std::int64_t run)
{
    std::vector<std::pair<std::int64_t, RunStatus>> seen;
    for (const auto &one : project.runs())
        seen.emplace_back(one.id, one.status);
    if (seen == m_seen)
        return;
    m_seen = std::move(seen);
    try {
        auto runs = budgetRuns(project.runs(), run);
        setVisible(!runs.runs.empty());
        if (runs.runs.empty())
            return;
        const auto curve = runs.curve();
        m_text->setText(qs(budgetText(runs, curve)));
        m_figure->setVisible(curve.budgets().size() > 1);
        if (curve.budgets().size() < 2)
            return;
        addValidationCurves(runs, project.store());
        m_figure->setFigure(budgetFigure(runs, curve));
    } catch (const std::exception &) {
        hide(); // what is wrong with the project is said elsewhere
    }
}

} // namespace reticle
