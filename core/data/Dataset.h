#pragma once

#include "data/Split.h"
#include "foundation/Array.h"
#include "foundation/Registry.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

class BatchSource;
class Recipe;

/// Named arrays of one example, or stacked of a batch: "image", "labels", "frames", "target".
using NamedArrays = std::map<std::string, Array>;

/// What an example holds under one name.
struct ArraySpec
{
    std::string name;
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;     ///< of one example; -1 where examples differ
    std::vector<std::string> categories; ///< of classes or targets, by index; may be empty
    std::string unit;                    ///< "px", "nm"; empty where there is none
};

/// Indexed examples, prepared as a network gets them. Thread-safe.
class Dataset
{
public:
    virtual ~Dataset() = default;
    virtual const std::string &kind() const = 0; ///< name of its DataKind
    virtual std::int64_t size() const = 0;       ///< examples of the files, whether in a part of the split or not
    virtual const Split &split() const = 0;      ///< indices of examples
    virtual const std::vector<ArraySpec> &specs() const = 0;
    /// One array for each of specs(). Throws Error naming file and place.
    virtual NamedArrays example(std::int64_t index) const = 0;
    virtual std::string nameOf(std::int64_t index) const = 0; ///< "labels.tif: page 3", for errors
    virtual std::string exampleNoun() const = 0;              ///< "slice", "cell"
    /// What other data must go through before prediction, fitted on the training part: scaling, classes of labels, order of
    /// rows. Kept with the model.
    virtual Json preparation() const = 0;
    /// The same with what tells the parts of the split apart again: into model.json.
    virtual Json keptWithModel() const;
    /// Examples (of images: pixels) of each class in the training part; empty where there are no classes. May read them.
    virtual std::vector<std::int64_t> classCounts() const { return {}; }
    /// What lists and tables of runs show of the data, beside the numbers of the training; an object.
    virtual Json summary() const { return Json::object(); }
    /// Sentences about what was assumed to put the data together.
    virtual std::vector<std::string> notes() const { return {}; }
    virtual std::string description() const = 0; ///< what was found, for a person
};

/// What a drop is: a section "data" that can be trained on, or why it is none.
struct Detection
{
    Json data;                         ///< {"name": "segmentation", "images": …}; null where it is nothing of this kind
    double confidence = 0;             ///< 0 to 1: the kind of the highest gets the drop; 0 = nothing of this kind
    std::string path;                  ///< what the data are called after
    std::string sentence;              ///< "A stack of 24 slices, 512 x 512, 8 bit."
    std::vector<std::string> problems; ///< sentences, e.g. sizes that differ
    std::vector<std::string> notes;    ///< sentences about what was left out or assumed, which keep nobody from going on
    Json details;                      ///< what the kind's own page shows beside
    /// Sections of a recipe that these very files ask for, over those of suggestRecipe: {"objective": {"name":
    /// "cross-entropy"}} of labels of more than two classes. Null where they ask for nothing.
    Json recipe;
};

/// What a project remembers of a file or folder that a recipe's data name.
struct DescribedInput
{
    Json description;               ///< null where nothing is known
    std::vector<std::string> notes; ///< sentences for the person
    bool subfolders = false;        ///< of a folder: whether the files of its subfolders belong to it
};

/// A model that the data are opened for again: its classes and parts are theirs.
struct DataOfModel
{
    Json description;  ///< as kept with the model
    std::string owner; ///< "run 2", for errors
};

/// One kind of data, registered at the end of its file: `const Registration<DataKind> cells(schema.info(), {...});`
/// `options` are the fields of the section "data". All but `open` may be absent.
struct DataKind
{
    /// Throws Error naming the field, or file and place.
    std::function<std::shared_ptr<Dataset>(const Json &options, std::uint64_t seed)> open;
    /// The same for a trained model: what was assumed goes to `notes`. Absent: as open.
    std::function<std::shared_ptr<Dataset>(const Json &options, std::uint64_t seed, const DataOfModel &model,
                                           std::vector<std::string> &notes)>
        openForModel;
    /// Looks at dropped paths. Never throws for bad content: problems say what is wrong.
    std::function<Detection(const std::vector<std::string> &paths)> detect;
    /// Sections of a recipe to begin with, for a section "data".
    std::function<Json(const Json &section)> suggestRecipe;
    /// What examples will hold, from headers alone. Throws Error.
    std::function<std::vector<ArraySpec>(const Json &options)> probe;
    /// Of what a path field names. Throws Error where it cannot be read. Absent: nothing is described.
    std::function<DescribedInput(const std::string &field, const std::string &path)> describeInput;
    std::vector<std::string> tasks; ///< that it can serve: "segmentation", "reconstruction"
    /// Names of the arrays that its examples hold whatever the options are: "image". A model that takes none of them, and
    /// settings that are about none of them, are not offered. Absent: that is not known, and all are.
    std::vector<std::string> arrays;
    /// Batches of the training part, of `batchSize` examples, with the chance of `seed`, for tasks that take examples as they
    /// are. Throws Error. Absent: shuffled (data/Batch.h).
    std::function<std::shared_ptr<const BatchSource>(std::shared_ptr<const Dataset> data, std::int64_t batchSize,
                                                     std::uint64_t seed)>
        batches = {};
};

/// The data of a recipe, validated here. Throws Error for a kind that there is not, and as the kind does.
std::shared_ptr<Dataset> openDataset(const Recipe &recipe);
/// The same for a trained model: what was assumed goes to `notes`.
std::shared_ptr<Dataset> openDataset(const Recipe &recipe, const DataOfModel &model, std::vector<std::string> &notes);

/// What dropped paths are: what the kind finds that is surest. Of none the first that has something to say.
Detection detectData(const std::vector<std::string> &paths);

} // namespace reticle
