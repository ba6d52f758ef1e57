#pragma once

#include "compare/Comparison.h"
#include "protocol/Event.h"

#include <QWidget>

#include <map>

class QComboBox;
class QPushButton;

namespace reticle {

class ExampleStrip;
class FigureView;

/// Originals and what each model makes of them: live a row of one seed and fold at a time, since models with these alone
/// see the same slice; afterwards the strip that was kept with the report. Either can be exported as a figure. GUI thread.
class ComparisonStrip : public QWidget
{
    Q_OBJECT
public:
    /// `models`: labels, in the order of their outputs; `repeats`: seeds and folds that each is trained with.
    ComparisonStrip(std::vector<std::string> models, std::vector<Repeat> repeats, QWidget *parent = nullptr);

    /// An example event (input, target, prediction) of a run of that model, seed and fold. Throws Error or a JSON exception for
    /// one that is none.
    void take(const Repeat &repeat, const std::string &model, const Event &event);
    /// The figure "outputs" of the kept report: shown as long as some model has shown nothing here. Null = none.
    void setKept(const Figure *outputs);

    ExampleStrip *examples() const { return m_examples; }
    /// What is shown, as a figure; without panels where there is nothing yet.
    Figure figure() const;
    const Repeat &repeat() const { return m_repeat; } ///< of the row that is shown

Q_SIGNALS:
    void exported(const QString &path);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Row
    {
        std::vector<Array> originals;         ///< input, and labels of runs that segment
        bool images = false;                  ///< outputs are images, not classes
        std::map<std::string, Array> outputs; ///< by label of the model
    };
    void showRow();
    int indexOf(const Repeat &repeat);
    void exportShown();
    void fitKept();
    bool live() const;

    std::vector<std::string> m_models;
    std::vector<Repeat> m_repeats;
    std::map<Repeat, Row> m_rows;
    Repeat m_repeat{0, 0};
    bool m_chosen = false; ///< by the person: a new row does not take its place
    ExampleStrip *m_examples;
    FigureView *m_kept;
    int m_keptWidth = 0; ///< that its height was made for
    QComboBox *m_choice;
    QPushButton *m_export;
};

} // namespace reticle
