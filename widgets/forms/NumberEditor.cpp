#include "widgets/forms/FieldEditor.h"
#include "widgets/forms/NumberBox.h"
#include "widgets/views/Theme.h"

#include <QHBoxLayout>

#include <cmath>

namespace reticle {

namespace {

/// "8 – 4096", "≥ 0"; ends so far away that nobody meets them are left out.
QString hintOf(const Field &field)
{
    constexpr double far = 1e6;
    const auto text = [](double v) { return numberText(v).replace(QLatin1Char('-'), QChar(0x2212)); };
    constexpr double near = 1e-4; // "more than 0" as far as a reader cares
    const bool low = field.min && std::abs(*field.min) < far && (*field.min <= 0 || *field.min >= near),
               high = field.max && std::abs(*field.max) < far;
    if (low && high)
        return text(*field.min) + QString::fromUtf8("\u2009–\u2009") + text(*field.max);
    if (low)
        return QString::fromUtf8("≥\u2009") + text(*field.min);
    return high ? QString::fromUtf8("≤\u2009") + text(*field.max) : QString();
}

class NumberEditor : public FieldEditor
{
public:
    NumberEditor(const Field &field, QWidget *parent)
        : FieldEditor(parent), m_whole(field.type == Field::Type::Integer), m_hint(hintOf(field)),
          m_box(new NumberBox(m_whole, field.min, field.max, this))
    {
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_box);
        m_box->setMinimumWidth(72);
        m_box->setHint(m_hint);
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
    void setField(const Field &field) override
    {
        m_hint = hintOf(field);
        m_box->setRange(field.min, field.max);
        m_box->setHint(m_box->isReadOnly() ? QString() : m_hint);
    }
    void setReadOnly(bool readOnly) override
    {
        m_box->setReadOnly(readOnly);
        m_box->setHint(readOnly ? QString() : m_hint);
        setStyleFlag(m_box, "locked", readOnly);
        m_box->setButtonSymbols(readOnly ? QAbstractSpinBox::NoButtons : QAbstractSpinBox::UpDownArrows);
    }
    void setProblem(bool problem) override { setStyleFlag(m_box, "problem", problem); }
    QWidget *input() const override { return m_box; }

private:
    bool m_whole;
    QString m_hint;
    NumberBox *m_box;
};

} // namespace

FieldEditor *makeNumberEditor(const Field &field, QWidget *parent)
{
    return new NumberEditor(field, parent);
}

} // namespace reticle
