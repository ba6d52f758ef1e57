#include "widgets/forms/FieldEditor.h"
#include "widgets/views/Theme.h"

#include <QComboBox>
#include <QHBoxLayout>

namespace reticle {

namespace {

class ChoiceEditor : public FieldEditor
{
public:
    ChoiceEditor(const Field &field, QWidget *parent) : FieldEditor(parent), m_combo(new QComboBox(this))
    {
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_combo);
        m_combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        m_combo->setMinimumContentsLength(6);
        for (const auto &c : field.choices)
            m_combo->addItem(QString::fromStdString(c));
        guardWheel(m_combo);
        connect(m_combo, &QComboBox::activated, this, [this] {
            dropOdd();
            Q_EMIT edited();
        });
        // Keys and the wheel change the combo box without activating it.
        connect(m_combo, &QComboBox::currentIndexChanged, this, [this] {
            if (!m_setting) {
                m_odd = nullptr;
                Q_EMIT edited();
            }
        });
    }
    Json value() const override { return m_odd.is_null() ? Json(m_combo->currentText().toStdString()) : m_odd; }
    void setValue(const Json &value) override
    {
        m_setting = true;
        dropOdd();
        const QString text = plainText(value);
        int index = value.is_string() ? m_combo->findText(text) : -1;
        if (index < 0) {
            // Something that is no choice is shown all the same, so that its error can be understood.
            m_combo->addItem(text);
            index = m_combo->count() - 1;
            m_odd = value;
            m_hasOdd = true;
        }
        m_combo->setCurrentIndex(index);
        m_setting = false;
    }
    void setField(const Field &field) override
    {
        QStringList wanted, now;
        for (const auto &c : field.choices)
            wanted << QString::fromStdString(c);
        for (int i = 0; i < m_combo->count() - (m_hasOdd ? 1 : 0); ++i)
            now << m_combo->itemText(i);
        if (wanted == now)
            return; // a list that is open stays so
        const Json shown = value();
        m_setting = true;
        m_combo->clear();
        m_combo->addItems(wanted);
        m_setting = false;
        m_odd = nullptr;
        m_hasOdd = false;
        setValue(shown);
    }
    void setReadOnly(bool readOnly) override
    {
        m_combo->setEnabled(!readOnly);
        setStyleFlag(m_combo, "locked", readOnly); // not to be changed, yet to be read
    }
    void setProblem(bool problem) override { setStyleFlag(m_combo, "problem", problem); }
    QWidget *input() const override { return m_combo; }

private:
    void dropOdd()
    {
        const bool before = m_setting;
        m_setting = true;
        if (m_hasOdd && m_combo->currentIndex() != m_combo->count() - 1) {
            m_combo->removeItem(m_combo->count() - 1);
            m_hasOdd = false;
        } else if (m_hasOdd && before) {
            m_combo->removeItem(m_combo->count() - 1);
            m_hasOdd = false;
        }
        if (!m_hasOdd)
            m_odd = nullptr;
        m_setting = before;
    }

    QComboBox *m_combo;
    Json m_odd;
    bool m_hasOdd = false, m_setting = false;
};

} // namespace

FieldEditor *makeChoiceEditor(const Field &field, QWidget *parent)
{
    return new ChoiceEditor(field, parent);
}

} // namespace reticle
