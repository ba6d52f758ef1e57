#pragma once

#include "foundation/Schema.h"

#include <QWidget>

namespace reticle {

/// Shows and edits one value of a schema. It takes what is typed as it is: the form judges it by the schema. One file a
/// kind: BoolEditor, NumberEditor, ChoiceEditor, TextEditor, PathEditor, ListEditor.
class FieldEditor : public QWidget
{
    Q_OBJECT
public:
    explicit FieldEditor(QWidget *parent) : QWidget(parent) {}

    /// What is shown: the value, or where it cannot be read as one the text as a JSON string.
    virtual Json value() const = 0;
    /// Shows `value`, whatever its type; emits nothing.
    virtual void setValue(const Json &value) = 0;
    /// The same field with another range or other choices; what is shown stays.
    virtual void setField(const Field &) {}
    virtual void setReadOnly(bool readOnly) = 0;
    /// Marks it as refused.
    virtual void setProblem(bool problem) = 0;
    /// The widget that takes the focus; carries the accessible name.
    virtual QWidget *input() const = 0;

Q_SIGNALS:
    void edited(); ///< by the user

protected:
    /// The wheel changes an editor only while it has the focus; else it scrolls the page around it.
    void guardWheel(QWidget *widget);
    bool eventFilter(QObject *watched, QEvent *event) override;
    /// The JSON as a person types it: text without quotes.
    static QString plainText(const Json &value);
};

/// The editor for the field's type.
FieldEditor *makeEditor(const Field &field, QWidget *parent);

FieldEditor *makeBoolEditor(const Field &field, QWidget *parent);
FieldEditor *makeNumberEditor(const Field &field, QWidget *parent);
FieldEditor *makeChoiceEditor(const Field &field, QWidget *parent);
FieldEditor *makeTextEditor(const Field &field, QWidget *parent);
FieldEditor *makePathEditor(const Field &field, QWidget *parent);
FieldEditor *makeListEditor(const Field &field, QWidget *parent);

/// A number without loss, with a decimal point in every locale: "0.001", "1e-05".
QString numberText(double value);

} // namespace reticle
