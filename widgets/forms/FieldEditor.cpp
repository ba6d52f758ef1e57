#include "widgets/forms/FieldEditor.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QEvent>

#include <charconv>
#include <cmath>

namespace reticle {

void FieldEditor::guardWheel(QWidget *widget)
{
    widget->setFocusPolicy(Qt::StrongFocus);
    widget->installEventFilter(this);
}

bool FieldEditor::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Wheel && !static_cast<QWidget *>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

QString FieldEditor::plainText(const Json &value)
{
    return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump());
}

QString numberText(double value)
{
    char buffer[40];
    // The shortest text alone would be "9e-04" for 0.0009.
    const double size = std::abs(value);
    const bool plain = value == 0 || (size >= 1e-4 && size < 1e12);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr;
    return QString::fromLatin1(buffer, end - buffer);
}

FieldEditor *makeEditor(const Field &field, QWidget *parent)
{
    switch (field.type) {
    case Field::Type::Bool: return makeBoolEditor(field, parent);
    case Field::Type::Integer:
    case Field::Type::Real: return makeNumberEditor(field, parent);
    case Field::Type::Choice: return makeChoiceEditor(field, parent);
    case Field::Type::Path: return makePathEditor(field, parent);
    case Field::Type::IntegerList:
    case Field::Type::RealList: return makeListEditor(field, parent);
    case Field::Type::Text: break;
    }
    return makeTextEditor(field, parent);
}

} // namespace reticle
