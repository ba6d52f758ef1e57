#include "widgets/forms/SchemaForm.h"

#include <QFormLayout>
#include <QLineEdit>

namespace reticle {

struct SchemaForm::Private
{
    SchemaInfo schema;
    Json values = Json::object();
    bool readOnly = false, advanced = false;
};

SchemaForm::SchemaForm(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>()) {}
SchemaForm::SchemaForm(const SchemaInfo &schema, QWidget *parent) : SchemaForm(parent) { setSchema(schema); }
SchemaForm::~SchemaForm() = default;
void SchemaForm::setSchema(const SchemaInfo &schema)
{
    d->schema = schema;
    d->values = schema.defaults();
    Q_EMIT changed();
}
const SchemaInfo &SchemaForm::schema() const { return d->schema; }
Json SchemaForm::values() const { return d->values; }
Json SchemaForm::changedValues() const { return d->values; }
void SchemaForm::setValues(const Json &values)
{
    for (const auto &[key, value] : values.items())
        if (d->schema.find(key))
            d->values[key] = value;
    Q_EMIT changed();
}
void SchemaForm::resetAll() { setValues(d->schema.defaults()); }
bool SchemaForm::isValid() const { return true; }
QStringList SchemaForm::problems() const { return {}; }
bool SchemaForm::setProblem(const QString &, const QString &) { return false; }
void SchemaForm::setReadOnly(bool readOnly) { d->readOnly = readOnly; }
bool SchemaForm::isReadOnly() const { return d->readOnly; }
void SchemaForm::setAdvancedVisible(bool visible) { d->advanced = visible; }
bool SchemaForm::isAdvancedVisible() const { return d->advanced; }
void SchemaForm::setBaseFolder(const QString &) {}
QWidget *SchemaForm::editor(const QString &) const { return nullptr; }

} // namespace reticle
