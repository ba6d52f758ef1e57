#include "widgets/forms/FieldEditor.h"
#include "widgets/forms/SwitchButton.h"

#include <QHBoxLayout>

namespace reticle {

namespace {

class BoolEditor : public FieldEditor
{
public:
    explicit BoolEditor(QWidget *parent) : FieldEditor(parent), m_switch(new SwitchButton(this))
    {
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_switch);
        layout->addStretch();
        connect(m_switch, &QAbstractButton::toggled, this, [this] {
            m_odd = nullptr;
            if (!m_setting)
                Q_EMIT edited();
        });
    }
    Json value() const override { return m_odd.is_null() ? Json(m_switch->isChecked()) : m_odd; }
    void setValue(const Json &value) override
    {
        m_setting = true;
        m_switch->setChecked(value.is_boolean() && value.get<bool>());
        m_setting = false;
        m_odd = value.is_boolean() ? Json() : value;
    }
    void setReadOnly(bool readOnly) override { m_switch->setEnabled(!readOnly); }
    void setProblem(bool) override {}
    QWidget *input() const override { return m_switch; }

private:
    SwitchButton *m_switch;
    Json m_odd; ///< a value that is no truth value, until it is switched
    bool m_setting = false;
};

} // namespace

FieldEditor *makeBoolEditor(const Field &, QWidget *parent)
{
    return new BoolEditor(parent);
}

} // namespace reticle
