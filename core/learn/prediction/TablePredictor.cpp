#include "learn/prediction/TablePredictor.h"

#include "data/table/TableData.h"
#include "files/OutputGuard.h"
#include "files/SiblingFile.h"
#include "learn/Machine_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/Tensors_p.h"
#include "learn/tasks/Classification_p.h"
#include "learn/training/Checkpoint_p.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace reticle {

namespace {

constexpr std::int64_t chunkValues = 1 << 20; // of one forward pass

void requireCsv(const std::filesystem::path &output)
{
    auto ending = output.extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (ending != ".csv")
        throw Error({output.string(), "a name that ends in .csv, for the classes of rows",
                     ending.empty() ? "no ending" : "\"" + ending + "\"", "choose a name such as predictions.csv"});
    requireOutput(output, Place::File);
}

} // namespace

struct TablePredictor::Private
{
    Json description;
    std::vector<std::string> classNames, notes;
    std::shared_ptr<Module> module;
    torch::Device device{torch::kCPU};
    bool half = false;
};

TablePredictor::TablePredictor(const std::filesystem::path &runFolder, const PredictOptions &options)
    : d(std::make_unique<Private>())
{
    const auto model = readModel(runFolder);
    const auto &info = model.file.info;
    d->description = info;
    try {
        if (!info.contains("features"))
            throw Error({runFolder.string(), "a model of rows of a table", "one of other data", "choose another run"});
        info.at("classNames").get_to(d->classNames);
        const ModuleShape shape{info.at("channels").get<std::int64_t>(), info.at("outputs").get<std::int64_t>()};
        if (shape.channels < 1 || shape.outputs != static_cast<std::int64_t>(d->classNames.size()))
            throw Error({runFolder.string(), "a model with an output for each of its classes", "another number of outputs",
                         "train it again"});
        d->device = chooseDevice(options.device);
        auto precision = options.precision;
        if (precision == "auto" && (info.value("precision", std::string()) == "float32" ||
                                    info.at("recipe").value("train", Json::object()).value("precision", "") == "float32"))
            precision = "float32";
        d->half = chooseBfloat16(precision, d->device, "predict.precision");
        const SameRandom same; // of the first weights, which are not used
        const WeightLimit limit(model.elements());
        d->module = makeAnyModule(info.at("recipe").at("model"), shape);
    } catch (const Json::exception &) {
        throw Error({runFolder.string(), "the description of a model of rows of a table", "something else", "train it again"});
    }
    loadModel(*d->module, model);
    d->module->to(d->device);
    d->module->eval();
}

TablePredictor::~TablePredictor() = default;

const std::vector<std::string> &TablePredictor::classNames() const
{
    return d->classNames;
}

Json TablePredictor::metadata() const
{
    return d->description;
}

const std::vector<std::string> &TablePredictor::notes() const
{
    return d->notes;
}

ClassProbabilities TablePredictor::predict(const std::filesystem::path &table, const std::function<bool(double done)> &goOn)
{
    const auto rows = preparedRows(d->description, table.string());
    const auto count = rows.dim(0), size = std::max<std::int64_t>(1, chunkValues / std::max<std::int64_t>(1, rows.dim(1)));
    const auto all = tensorOf(rows);
    ClassProbabilities p;
    p.classes = static_cast<std::int64_t>(d->classNames.size());
    for (std::int64_t from = 0; from < count; from += size) {
        if (goOn && !goOn(static_cast<double>(from) / static_cast<double>(count)))
            throw Error(Error::Kind::Cancelled, "prediction", "cancelled");
        const auto part = all.narrow(0, from, std::min(size, count - from)).to(d->device);
        append(p, logitsOf(*d->module, {{"features", part}}, d->half, d->device));
    }
    for (std::size_t i = 0; i < p.values.size(); ++i)
        if (!std::isfinite(p.values[i]))
            throw Error(Error::Kind::Failed, table.string() + ": row " + std::to_string(i / d->classNames.size() + 1),
                        "The model's output is not a finite number. Check the values of this row, or train the model again "
                        "with a lower learning rate.");
    return p;
}

Table TablePredictor::tableOf(const ClassProbabilities &p) const
{
    std::vector<std::int64_t> rows;
    std::vector<std::string> names;
    for (const auto c : p.predicted()) {
        rows.push_back(static_cast<std::int64_t>(rows.size()) + 1);
        names.push_back(d->classNames[static_cast<std::size_t>(c)]);
    }
    Table t;
    t.title = "Predicted classes";
    t.columns = {{"row", "", rows}, {"predicted", "", names}};
    for (std::int64_t c = 0; c < p.classes; ++c)
        t.columns.push_back({"probability " + d->classNames[static_cast<std::size_t>(c)], "", p.of(c)});
    return t;
}

void TablePredictor::predictFile(const std::filesystem::path &input, const std::filesystem::path &output, EventSink &events,
                                 RunControl &control)
{
    const InputsInUse inputs({input.string()});
    requireCsv(output);
    const auto p = predict(input, [&](double done) {
        Event e;
        e.kind = Event::Kind::Progress;
        e.value = done;
        events.emit(e);
        return control.goOn([](bool) {});
    });
    files::writeResultFile(output, tableOf(p).toCsv());
    Event e;
    e.kind = Event::Kind::Progress;
    e.value = 1;
    events.emit(e);
}

} // namespace reticle
