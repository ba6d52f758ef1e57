#pragma once

#include "foundation/Schema.h"

#include <QString>
#include <QWidget>

#include <memory>

namespace reticle {

/// A form made from a schema: one row a field with title, unit, editor, reset, help and its error below. Groups as
/// headings, advanced fields folded, a filter above 12 fields. Fields of an entry that a field chooses are folded rows of
/// that field, shown while it is chosen; they are named "optimizer.betas". It keeps accepted values beside what is being typed:
/// values() are always valid. GUI thread only.
class SchemaForm : public QWidget
{
    Q_OBJECT
public:
    explicit SchemaForm(QWidget *parent = nullptr);
    explicit SchemaForm(const SchemaInfo &schema, QWidget *parent = nullptr);
    ~SchemaForm() override;

    /// Builds the form anew with the schema's defaults.
    void setSchema(const SchemaInfo &schema);
    /// The same with `values` where they are given. Fields that are the same ones with other ranges, choices or defaults
    /// keep their editors, and with them focus, scroll position and what is being typed just now, right or wrong.
    void setSchema(const SchemaInfo &schema, const Json &values);
    const SchemaInfo &schema() const;

    /// Every field's last accepted value.
    Json values() const;
    /// Only the fields that differ from their default.
    Json changedValues() const;
    /// Fields that are absent keep their value; unknown keys are passed over; a value that does not fit is shown with its
    /// error and not accepted. Emits changed() once when an accepted value changed.
    void setValues(const Json &values);
    void resetAll();
    /// Nothing that is shown is refused.
    bool isValid() const;
    /// The sentences under the fields, in order.
    QStringList problems() const;
    /// A sentence from elsewhere (the worker) under a field, until its value changes. False for an unknown field.
    bool setProblem(const QString &field, const QString &sentence);

    /// Shows values that cannot be edited (a stored run's recipe); they can still be selected and copied.
    void setReadOnly(bool readOnly);
    bool isReadOnly() const;
    void setAdvancedVisible(bool visible);
    bool isAdvancedVisible() const;
    /// Where a path editor starts to browse, and what relative paths are relative to.
    void setBaseFolder(const QString &folder);

    /// The editor of a field, for focus and tests; null for an unknown one.
    QWidget *editor(const QString &field) const;

Q_SIGNALS:
    void changed(); ///< an accepted value changed
    void validityChanged(bool valid);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
