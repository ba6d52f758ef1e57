#pragma once

#include "project/Recipe.h"
#include "widgets/forms/AxesForm.h"

#include <QWidget>

#include <map>
#include <memory>

namespace reticle {

/// The section "compare" of a recipe: which models, with how many weights, what else varies, which seeds and how many folds,
/// are trained one after another. With no model ticked, nothing else to vary and no folds there is no comparison. GUI thread
/// only.
class CompareForm : public QWidget
{
    Q_OBJECT
public:
    explicit CompareForm(const std::vector<SchemaInfo> &models, QWidget *parent = nullptr);
    ~CompareForm() override;

    /// {"settings": […], …} where settings are listed, which the form shows and keeps as they are; else {"models": […], "axes":
    /// {…}, "weights": …, "seeds": […], "folds": …}, or null where there is no comparison; without
    /// models where none is ticked, without axes where nothing else varies. A model that was given with fields of its own keeps
    /// them.
    Json value() const;
    void setValue(const Json &compare);
    /// The recipe's section "data", whose table of groups decides how folds are cut: what the form says of them.
    void setData(const Json &data);
    /// Models that do not go with the data, with why: they cannot be ticked.
    void setRefused(const std::map<std::string, std::string> &refused);
    /// Fields of the recipe that may vary, and how their values are read.
    void setAxisPaths(const QStringList &paths);
    void setAxisReader(AxesForm::Reader reader);
    bool isValid() const;
    QStringList problems() const; ///< "seeds: expected …"
    bool setProblem(const QString &field, const QString &sentence);
    void setReadOnly(bool readOnly);
    /// "fcn, unet, 3 seeds", or "one model".
    QString summary() const;

Q_SIGNALS:
    void changed();
    void validityChanged(bool valid);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
