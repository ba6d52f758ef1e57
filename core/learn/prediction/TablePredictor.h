#pragma once

#include "classification/ClassificationScores.h"
#include "foundation/Table.h"
#include "learn/prediction/Predictor.h"

#include <functional>

namespace reticle {

/// A trained model of rows of a table. Columns are found by their names, and prepared as the training rows were. Of the
/// options it follows precision and device; the others are of images.
class TablePredictor : public Predictor
{
public:
    /// From a run's folder: project/ModelFiles.h. Throws Error, also for a model of other data.
    TablePredictor(const std::filesystem::path &runFolder, const PredictOptions &options);
    ~TablePredictor() override;

    const std::vector<std::string> &classNames() const;
    Json metadata() const override;
    const std::vector<std::string> &notes() const override;

    /// Probability of each class for each row, float64, every one finite. `goOn` is asked between parts; false ends with Error
    /// (Kind::Cancelled). Throws Error as preparedRows() does, and where the outputs are not finite.
    ClassProbabilities predict(const std::filesystem::path &table, const std::function<bool(double done)> &goOn = {});
    /// "row" (counted from 1), "predicted" (the most probable class; of equal ones the first) and "probability CLASS".
    Table tableOf(const ClassProbabilities &p) const;
    /// tableOf() as CSV; `output` ends in .csv.
    void predictFile(const std::filesystem::path &input, const std::filesystem::path &output, EventSink &events,
                     RunControl &control) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
