#pragma once

#include "base/Event.h"
#include "base/Figure.h"

#include <QWidget>

#include <map>

class QComboBox;
class QPushButton;

namespace reticle {

class ExampleStrip;
class FigureView;

/// Originals and what each model makes of them: live a row of one seed at a time, since models with one seed alone see
/// the same slice; afterwards the strip that was kept with the report. Either can be exported as a figure. GUI thread.
class ComparisonStrip : public QWidget
{
    Q_OBJECT
public:
    /// `models`: labels, in the order of their outputs.
    explicit ComparisonStrip(std::vector<std::string> models, QWidget *parent = nullptr);

    /// An example event (input, target, prediction) of a run of that model and seed. Throws Error or a JSON exception for
    /// one that is none.
    void take(std::int64_t seed, const std::string &model, const Event &event);
    /// The figure "outputs" of the kept report: shown as long as some model has shown nothing here. Null = none.
    void setKept(const Figure *outputs);

    ExampleStrip *examples() const { return m_examples; }
    /// What is shown, as a figure; without panels where there is nothing yet.
    Figure figure() const;
    std::int64_t seed() const { return m_seed; } ///< of the row that is shown

Q_SIGNALS:
    void exported(const QString &path);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Row
    {
        std::vector<Array> originals; ///< input, and labels of runs that segment
        bool images = false;          ///< outputs are images, not classes
        std::map<std::string, Array> outputs; ///< by label of the model
    };
    void showRow();
    void exportShown();
    void fitKept();
    bool live() const;

    std::vector<std::string> m_models;
    std::map<std::int64_t, Row> m_rows; ///< by seed
    std::int64_t m_seed = 0;
    bool m_chosen = false; ///< by the person: a new seed does not take its place
    ExampleStrip *m_examples;
    FigureView *m_kept;
    int m_keptWidth = 0; ///< that its height was made for
    QComboBox *m_seeds;
    QPushButton *m_export;
};

} // namespace reticle
