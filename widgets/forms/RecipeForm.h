#pragma once

#include "project/Recipe.h"

#include <QWidget>

#include <memory>

namespace reticle {

class CompareForm;
class SchemaForm;

/// A whole recipe as collapsible sections (data, model, objective, augment, train), those with a name with a combo box
/// of the catalog's entries, title, seed and device on top, and the models to compare at the end. Entries that do not go with
/// the chosen kind of data cannot be chosen and say why; settings that mean nothing to it are left out. GUI thread only.
class RecipeForm : public QWidget
{
    Q_OBJECT
public:
    explicit RecipeForm(QWidget *parent = nullptr);
    explicit RecipeForm(const Catalog &catalog, QWidget *parent = nullptr);
    ~RecipeForm() override;

    /// Keeps the recipe where the new catalog has its names.
    void setCatalog(const Catalog &catalog);
    const Catalog &catalog() const;

    /// The full document with every accepted value; keys that the form does not know are kept as they were given.
    Json recipe() const;
    void setRecipe(const Json &recipe);
    bool isValid() const;
    QStringList problems() const; ///< "train.epochs: expected …"
    /// Places a sentence from the worker under "train.epochs". False when there is no such field.
    bool setProblem(const QString &path, const QString &sentence);
    void setReadOnly(bool readOnly);
    void setBaseFolder(const QString &folder);
    /// Devices offered beside "auto" and "cpu".
    void setDevices(const QStringList &devices);

    void setSectionExpanded(const QString &section, bool expanded);
    CompareForm *compare() const; ///< null without a catalog of models
    /// Whether a section means something to the data.
    bool shows(const QString &section) const;
    /// The form of a section, null where the recipe has none.
    SchemaForm *section(const QString &section) const;

Q_SIGNALS:
    void changed();
    void validityChanged(bool valid);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
