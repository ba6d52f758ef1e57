#pragma once

#include "project/Recipe.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace reticle {

class SchemaForm;
class Session;

/// Data to be made by a simulator of the catalog.
struct Simulation
{
    QString name;  ///< of the simulator
    QString title; ///< as the work and a new project are called
    Json options = Json::object();
    std::int64_t seed = 1;
};

/// Which simulator, its settings and the button that starts it. Whatever simulators the catalog has are offered; the form
/// waits for the catalog. GUI thread.
class SimulateForm : public QWidget
{
    Q_OBJECT
public:
    explicit SimulateForm(Session *session, QWidget *parent = nullptr);

    Simulation simulation() const;
    SchemaForm *form() const { return m_form; }
    /// A window may show it among its own buttons.
    QPushButton *startButton() const { return m_start; }

Q_SIGNALS:
    void simulateRequested(const reticle::Simulation &simulation);

private:
    void takeCatalog();
    void takeSimulator();
    void updateButton();

    Session *m_session;
    std::vector<SchemaInfo> m_simulators;
    QComboBox *m_which;
    QLabel *m_help, *m_where;
    SchemaForm *m_form;
    QSpinBox *m_seed;
    QPushButton *m_start;
};

} // namespace reticle
