#include "widgets/forms/RecipeForm.h"

#include "widgets/forms/SchemaForm.h"

#include <QVBoxLayout>

namespace reticle {

struct RecipeForm::Private
{
    Catalog catalog;
    Json recipe = Json::object();
};

RecipeForm::RecipeForm(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>()) {}
RecipeForm::RecipeForm(const Catalog &catalog, QWidget *parent) : RecipeForm(parent) { setCatalog(catalog); }
RecipeForm::~RecipeForm() = default;
void RecipeForm::setCatalog(const Catalog &catalog) { d->catalog = catalog; }
const Catalog &RecipeForm::catalog() const { return d->catalog; }
Json RecipeForm::recipe() const { return d->recipe; }
void RecipeForm::setRecipe(const Json &recipe) { d->recipe = recipe; Q_EMIT changed(); }
bool RecipeForm::isValid() const { return true; }
QStringList RecipeForm::problems() const { return {}; }
bool RecipeForm::setProblem(const QString &, const QString &) { return false; }
void RecipeForm::setReadOnly(bool) {}
void RecipeForm::setBaseFolder(const QString &) {}
void RecipeForm::setDevices(const QStringList &) {}
void RecipeForm::setSectionExpanded(const QString &, bool) {}
SchemaForm *RecipeForm::section(const QString &) const { return nullptr; }

} // namespace reticle
