#pragma once

#include "foundation/Json.h"

#include <QWidget>

#include <functional>
#include <memory>

namespace reticle {

/// What a comparison varies beside models, seeds and folds: rows of a field of the recipe and the values that it takes.
/// GUI thread only.
class AxesForm : public QWidget
{
    Q_OBJECT
public:
    /// The values of the field at `path` from what was typed; throws Error for what it cannot take.
    using Reader = std::function<Json(const std::string &path, const std::string &text)>;

    explicit AxesForm(QWidget *parent = nullptr);
    ~AxesForm() override;

    /// Paths that may be chosen, "train.learning-rate". Rows whose path is not among them keep it.
    void setPaths(const QStringList &paths);
    void setReader(Reader reader);
    /// {"train.learning-rate": [0.001, 0.01], …}, of rows with values that are accepted.
    Json value() const;
    void setValue(const Json &axes);
    bool isValid() const { return problems().isEmpty(); }
    QStringList problems() const;
    /// A sentence from elsewhere (the worker) for the row of `path`, until its values change. False where there is none.
    bool setProblem(const QString &path, const QString &sentence);
    void setReadOnly(bool readOnly);

Q_SIGNALS:
    void changed();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
