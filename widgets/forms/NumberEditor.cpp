#include "widgets/forms/FieldEditor.h"
#include "widgets/forms/NumberBox.h"
#include "widgets/views/Theme.h"

#include <QHBoxLayout>

#include <cmath>

namespace reticle {

namespace {

class NumberEditor : public FieldEditor
{
public:
    NumberEditor(const Field &field, QWidget *parent)
        : FieldEditor(parent), m_whole(field.type == Field::Type::Integer),
          m_box(new NumberBox(m_whole, field.min, field.max, this))
    {
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_box);
        m_box->setMinimumWidth(72);
        guardWheel(m_box);
        connect(m_box, &NumberBox::edited, this, &FieldEditor::edited);
    }
    Json value() const override
    {
        const auto v = m_box->number();
        if (!v)
            return m_box->plainText().toStdString();
        if (m_whole && *v == std::floor(*v) && std::abs(*v) < 9e15)
            return static_cast<std::int64_t>(*v);
        return *v;
    }
    void setValue(const Json &value) override
    {
        m_box->setPlainText(value.is_number_float() ? numberText(value.get<double>()) : plainText(value));
    }
    void setReadOnly(bool readOnly) override
    {
        m_box->setReadOnly(readOnly);
        setStyleFlag(m_box, "locked", readOnly);
        m_box->setButtonSymbols(readOnly ? QAbstractSpinBox::NoButtons : QAbstractSpinBox::UpDownArrows);
    }
    void setProblem(bool problem) override { setStyleFlag(m_box, "problem", problem); }
    QWidget *input() const override { return m_box; }

private:
    bool m_whole;
    NumberBox *m_box;
};

} // namespace

FieldEditor *makeNumberEditor(const Field &field, QWidget *parent)
{
    return new NumberEditor(field, parent);
}

} // namespace reticle
