#include "window/parts/SimulateForm.h"

#include "widgets/forms/SchemaForm.h"
#include "window/session/Session.h"
#include "window/session/Settings.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QComboBox>
#include <QDir>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include <limits>

namespace reticle {

SimulateForm::SimulateForm(Session *session, QWidget *parent)
    : QWidget(parent), m_session(session), m_which(new QComboBox(this)), m_help(mutedLabel()), m_where(mutedLabel()),
      m_form(new SchemaForm), m_seed(new QSpinBox(this)), m_start(new QPushButton(this))
{
    setObjectName(QStringLiteral("simulateForm"));
    m_which->setObjectName(QStringLiteral("simulator"));
    m_which->setAccessibleName(tr("Simulator"));
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // titles may be long
    m_which->setMinimumContentsLength(24);
    m_seed->setObjectName(QStringLiteral("simulationSeed"));
    m_seed->setRange(0, std::numeric_limits<int>::max());
    m_seed->setValue(1);
    m_seed->setToolTip(tr("The same seed and settings make the same data."));
    m_start->setObjectName(QStringLiteral("startSimulation"));
    m_start->setProperty("primary", true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_which);
    column->addWidget(m_help);
    auto *scroll = scrolled(m_form);
    scroll->setMinimumHeight(220);
    // The sheet's own background, not a panel's.
    m_form->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    column->addWidget(scroll, 1);
    auto *rows = new QFormLayout;
    rows->addRow(tr("Seed"), m_seed);
    column->addLayout(rows);
    column->addWidget(m_where);
    auto *bottom = new QHBoxLayout;
    bottom->addStretch(1);
    bottom->addWidget(m_start);
    column->addLayout(bottom);
    connect(m_which, &QComboBox::currentIndexChanged, this, &SimulateForm::takeSimulator);
    connect(m_form, &SchemaForm::validityChanged, this, &SimulateForm::updateButton);
    connect(m_start, &QPushButton::clicked, this, [this] { Q_EMIT simulateRequested(simulation()); });
    connect(m_session, &Session::catalogReady, this, &SimulateForm::takeCatalog);
    takeCatalog();
}

Simulation SimulateForm::simulation() const
{
    const auto &schema = m_form->schema();
    QString title = qs(schema.name).replace('-', ' ');
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    return {qs(schema.name), title, m_form->values(), m_seed->value()};
}

void SimulateForm::takeCatalog()
{
    // Asked for again, what is typed stays.
    if (m_simulators.empty() && m_session->catalog())
        if (const auto it = m_session->catalog()->kinds.find("simulators"); it != m_session->catalog()->kinds.end()) {
            m_simulators = it->second;
            for (const auto &schema : m_simulators)
                m_which->addItem(schema.title.empty() ? qs(schema.name) : qs(schema.title), qs(schema.name));
        }
    updateButton();
}

void SimulateForm::takeSimulator()
{
    const auto i = m_which->currentIndex();
    if (i < 0 || i >= static_cast<int>(m_simulators.size()))
        return;
    const auto &schema = m_simulators[static_cast<std::size_t>(i)];
    m_help->setText(qs(schema.help));
    m_help->setVisible(!schema.help.empty());
    m_form->setSchema(schema);
    updateButton();
}

void SimulateForm::updateButton()
{
    const bool some = !m_simulators.empty();
    m_which->setVisible(some);
    m_start->setEnabled(some && m_form->isValid());
    m_start->setText(some || m_session->catalog() ? tr("Simulate") : tr("Starting the worker…"));
    if (!some)
        m_where->setText(m_session->catalog() ? tr("This worker has no simulators.") : QString());
    else if (!m_form->isValid())
        m_where->setText(m_form->problems().join('\n'));
    else if (m_session->project())
        m_where->setText(tr("The data are added to the project %1.").arg(m_session->project()->name()));
    else
        m_where->setText(tr("The data go into a new project in %1.").arg(QDir::toNativeSeparators(Settings::projectsFolder())));
}

} // namespace reticle
