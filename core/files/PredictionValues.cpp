#include "files/PredictionValues.h"

#include "files/Pictures.h"
#include "files/Reader.h"
#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle::files {

namespace {

using Counts = std::map<std::int64_t, std::int64_t>;
constexpr std::size_t mostPredictionValues = 4096; ///< different ones that are counted
constexpr std::size_t mostClasses = 16;            ///< that a prediction has before it may be a probability map

template <class T> bool addPage(PredictionValues &v, const Array &page, const std::string &where, bool &first)
{
    const auto values = page.span<T>();
    for (std::size_t i = 0; i < values.size();) {
        std::size_t j = i + 1;
        while (j < values.size() && values[j] == values[i])
            ++j;
        const auto value = static_cast<double>(values[i]);
        if constexpr (std::is_floating_point_v<T>)
            if (!std::isfinite(values[i])) {
                const auto width = static_cast<std::size_t>(page.dim(1));
                throw Error({where, "finite numbers", fmt::format("{} at row {}, column {}", values[i], i / width, i % width),
                             "make the prediction again, or replace these pixels"});
            }
        v.low = first ? value : std::min(v.low, value);
        v.high = first ? value : std::max(v.high, value);
        first = false;
        if constexpr (std::is_floating_point_v<T>)
            if (values[i] != std::floor(values[i]) || std::abs(values[i]) > T(1e15)) {
                v.whole = false;
                return false;
            }
        if (v.counts.size() <= mostPredictionValues)
            v.counts[static_cast<std::int64_t>(values[i])] += static_cast<std::int64_t>(j - i);
        i = j;
    }
    return true;
}

bool contains(const Counts &all, const Counts &some)
{
    return std::ranges::all_of(some, [&](const auto &one) { return all.count(one.first) > 0; });
}

/// What 8 or 16 bit map reaches this value; 0 = none.
double whiteOf(double high)
{
    return high >= 128 && high <= 255 ? 255 : high >= 32768 && high <= 65535 ? 65535 : 0;
}

std::string spanText(const PredictionValues &p)
{
    return fmt::format("values from {:.6g} to {:.6g}", p.low, p.high);
}

/// Sentences on what to do where a prediction is read as something else than it is.
std::string labelsAdvice(const PredictionValues &p, const PredictionMeaning &meaning)
{
    return std::string("If they are class labels, set prediction-is to labels.") +
           (meaning.spreadAsObjects && p.whole ? " If they are numbers of objects, set prediction-is to instances." : "");
}

[[noreturn]] void ask(const PredictionValues &p, const PredictionMeaning &meaning, const std::string &where,
                      const std::string &why)
{
    const double white = whiteOf(p.high);
    throw Error(Error::Kind::Input, where,
                fmt::format("The prediction has {}, and {}. If these are probabilities, set prediction-white to the value "
                            "that means 1, such as {}. {}",
                            spanText(p), why,
                            white > 0       ? fmt::format("{:g}", white)
                            : p.high <= 100 ? "100 for percent"
                                            : "255",
                            labelsAdvice(p, meaning)));
}

/// The values of a prediction without the one that may mean no class.
Counts withoutIgnored(Counts counts)
{
    counts.erase(ignoredClass);
    return counts;
}

/// Whether whole numbers that nothing is said of are numbers of objects.
bool areObjects(const PredictionValues &p, const Counts &truth, const LabelClasses *known, const PredictionMeaning &meaning)
{
    const auto values = withoutIgnored(p.counts);
    if (!meaning.spreadAsObjects.value_or(false) || values.size() <= 2)
        return false;
    if (p.many)
        return true;
    if (known)
        return meaning.trueObjects &&
               !std::ranges::all_of(values, [&](const auto &one) { return known->index.count(one.first) > 0; });
    return truth.size() <= 2 || !contains(truth, values);
}

/// Whether whole numbers are probabilities; sets what means 1.
bool areProbabilities(const PredictionValues &p, const Counts &classes, const PredictionMeaning &meaning,
                      const std::string &where, double &white)
{
    const bool none = classes.empty();
    Counts marked = classes; // without the value of ignored pixels
    if (marked.size() > 2)
        marked.erase(ignoredClass);
    // The higher value of a mask is the background where the foreground is dark, but the higher probability the foreground.
    if (p.real && p.low >= 0 && p.high <= 1 && !meaning.brightForeground && !none && contains(classes, p.counts))
        return false;
    if (p.real && p.low >= 0 && p.high <= 1)
        return none || (marked.size() <= 2 && (marked.size() < 2 || marked.count(0)) && marked.begin()->first >= 0);
    const bool mask = p.counts.size() == 1 || (p.counts.size() == 2 && p.counts.begin()->first == 0);
    if (!p.many && (mask || (!none && contains(classes, p.counts))))
        return false;
    auto known = p.counts;
    if (known.erase(ignoredClass) && !none && contains(classes, known))
        return false; // classes, and pixels without one
    white = p.low >= 0 ? whiteOf(p.high) : 0;
    std::size_t further = 0;
    for (const auto &[value, n] : p.counts)
        further += !classes.count(value);
    if (marked.size() <= 2 && !none) {
        const auto foreground = static_cast<double>(marked.rbegin()->first);
        const bool few = p.counts.size() <= mostClasses && foreground != white && contains(p.counts, marked);
        if (white > 0 && !few)
            return true;
        if (further > mostClasses)
            ask(p, meaning, where, fmt::format("{} values that are not among the labels ({})", further, valuesText(classes)));
        return false;
    }
    if (p.counts.size() <= 2)
        return false;
    if (further > mostClasses && none && white > 0)
        return true;
    if (p.many || (further > mostClasses && !none))
        ask(p, meaning, where,
            none ? std::string("more values than classes can have")
                 : fmt::format("{} values that are not among the labels ({})", further, valuesText(classes)));
    return false;
}

std::string noClassText(const Counts &predicted)
{
    return fmt::format(
        "255 belongs to no class, and the prediction has it in {} px. These count as wrong where the labels have the "
        "class.",
        predicted.at(ignoredClass));
}

/// Whether both are masks that mark the same with different values: one of 0 and 255 (or 65535), the other of two values,
/// or the foreground alone.
bool areUnlikeMasks(const Counts &a, const Counts &b)
{
    if (a.empty() || b.empty() || a.size() > 2 || b.size() > 2 || a.begin()->first < 0 || b.begin()->first < 0 ||
        a.rbegin()->first == 0 || b.rbegin()->first == 0)
        return false;
    const auto full = [](const Counts &c) {
        return (c.rbegin()->first == 255 || c.rbegin()->first == 65535) && c.size() == (c.count(0) ? 2U : 1U);
    };
    Counts both = a;
    both.insert(b.begin(), b.end());
    return (full(a) || full(b)) && (both.size() > 2 || (both.size() == 2 && a.size() == 1 && b.size() == 1));
}

/// Whether they are labels, probabilities or objects, from what the user says, or else from the values.
void decideKind(PredictionReading &r, const PredictionValues &p, const Counts &truth, const LabelClasses *known,
                const PredictionMeaning &meaning, const std::string &where)
{
    Counts classes = truth;
    if (known) {
        classes.clear();
        for (const auto &[value, k] : known->index)
            classes[value] = 1;
    }
    if (meaning.kind == "labels" || meaning.kind == "instances") {
        if (!p.whole)
            throw Error({where, "whole numbers, as prediction-is is " + meaning.kind, spanText(p), "set prediction-is to auto"});
        r.objects = meaning.kind == "instances";
    } else if (meaning.kind == "probabilities" || meaning.white > 0) {
        r.probabilities = true;
        r.white = meaning.white > 0 ? meaning.white : p.real && p.high <= 1 + 1e-4 ? 1 : whiteOf(p.high);
        if (!(r.white > 0))
            ask(p, meaning, where, "it is not known which of them means a probability of 1");
    } else if (!p.whole) {
        r.probabilities = true; // each page is checked to be within 0 to 1
        if (p.low < -1e-4 || p.high > 1 + 1e-4)
            ask(p, meaning, where, "probabilities are between 0 and 1");
    } else if (areObjects(p, truth, known, meaning)) {
        r.objects = true;
        r.notes.push_back(fmt::format("The prediction has {} and looks like one number per object. Its objects are used as they "
                                      "are. If the numbers are classes, set prediction-is to labels.",
                                      spanText(p)));
    } else {
        r.probabilities = areProbabilities(p, classes, meaning, where, r.white);
        if (r.probabilities && r.white > 1)
            r.notes.push_back(fmt::format("The prediction looks like probabilities from 0 to {:g}, so its values were divided by "
                                          "{:g}. {}",
                                          r.white, r.white, labelsAdvice(p, meaning)));
        if (r.probabilities && r.white <= 1 && !meaning.brightForeground)
            r.notes.push_back("The prediction has only the values 0 and 1 as floating point numbers, which are read as "
                              "probabilities of the dark foreground. If they are class labels, set prediction-is to labels.");
    }
}

/// The classes of a run hold for both.
void readByRun(PredictionReading &r, const Counts &predicted, const Counts &truth, const LabelClasses &known)
{
    std::string note;
    r.truth = known.fitting(truth, note);
    if (!note.empty())
        r.notes.push_back("Labels: " + note);
    note.clear();
    r.prediction = known.fitting(predicted, note);
    const auto full = r.prediction.index.find(ignoredClass);
    if (known.two && predicted.count(255) && predicted.size() == (predicted.count(0) ? 2U : 1U) &&
        full != r.prediction.index.end() && full->second == ignoredClass) {
        const auto own = std::max(known.values[0], known.values[1]);
        full->second = known.index.at(own); // a prediction ignores nothing
        note = fmt::format("Reticle treats 255 as {}.", own);
    } else if (!truth.empty() && predicted.count(255) && full != r.prediction.index.end() && full->second == ignoredClass) {
        r.notes.push_back(noClassText(predicted));
        note.clear();
    }
    if (!note.empty())
        r.notes.push_back("Prediction: " + note);
}

/// Of masks that areUnlikeMasks(): the lower and the higher value of both are the same two classes.
void readUnlikeMasks(PredictionReading &r, const Counts &predicted, const Counts &marked, bool ignoring,
                     const PredictionMeaning &meaning, const std::string &where)
{
    auto both = marked;
    if (both.size() < 2)
        both[0] = 0;
    r.truth = r.prediction = comparedClasses(both, meaning.brightForeground, where, ignoring);
    const auto background = both.begin()->first, foreground = both.rbegin()->first;
    if (predicted.size() == 2)
        r.prediction.index[predicted.begin()->first] = r.truth.index.at(background);
    r.prediction.index[predicted.rbegin()->first] = r.truth.index.at(foreground);
    r.notes.push_back(fmt::format("The foreground is {} in the prediction and {} in the labels. Reticle treats both as the same "
                                  "class.",
                                  predicted.rbegin()->first, foreground));
}

/// Every value is a class of its own.
void readByValues(PredictionReading &r, const Counts &predicted, const Counts &marked, bool ignoring,
                  const PredictionMeaning &meaning, const std::string &where, const std::string &whereTruth)
{
    // What holds most of the values is what is wrong where there are too many.
    const auto &whose = whereTruth.empty() || predicted.size() > marked.size() ? where : whereTruth;
    Counts both = predicted;
    for (const auto &[value, n] : marked)
        both[value] += n;
    if (ignoring)
        both.erase(ignoredClass);
    r.truth = comparedClasses(both, meaning.brightForeground, whose, ignoring);
    r.prediction = r.truth;
    if (marked.size() > 2) {
        auto others = withoutIgnored(predicted);
        std::erase_if(others, [&](const auto &one) { return marked.count(one.first) > 0; });
        if (!others.empty())
            r.notes.push_back(
                fmt::format("The labels do not have these values of the prediction: {}. Each is a class of its own, "
                            "so its pixels count as wrong.",
                            valuesText(others)));
    }
}

/// What may surprise in values that are classes of their own.
void noteValues(PredictionReading &r, const Counts &predicted, const Counts &truth, const PredictionMeaning &meaning)
{
    const bool automatic = meaning.kind == "auto" && !(meaning.white > 0);
    if (hasSoftEdges(truth) && predicted.size() <= 2)
        r.notes.push_back(
            fmt::format("The labels have the values {}, like a mask with soft edges, and each value is a class of its own. "
                        "Save the mask without smoothing or JPEG compression.",
                        valuesText(truth)));
    if (automatic && meaning.spreadAsObjects && withoutIgnored(predicted).size() > 2 &&
        (*meaning.spreadAsObjects || truth.empty()))
        r.notes.push_back(
            fmt::format("The values of the prediction ({}) are read as classes. If they are numbers of objects, set "
                        "prediction-is to instances.",
                        valuesText(predicted)));
    if (!truth.empty() && truth.size() <= 2 && !contains(truth, predicted) && !contains(predicted, truth))
        r.notes.push_back(fmt::format("Prediction ({}) and labels ({}) have different values. Each value is a class of its own.",
                                      valuesText(predicted), valuesText(truth)));
}

} // namespace

PredictionValues predictionValues(const ImageSource &prediction)
{
    PredictionValues v;
    const auto &info = prediction.info();
    v.real = info.dtype == DType::Float32 || info.dtype == DType::Float64;
    bool first = true;
    for (std::int64_t page = 0; page < info.pages; ++page) {
        const auto where = info.pages > 1 ? pageName(info.path, page) : info.path;
        const Array labels = plainLabels(prediction.readPage(page), pageInfo(prediction, page).alpha, 0, where);
        if (!Array::visit(labels.dtype(), [&](auto t) { return addPage<decltype(t)>(v, labels, where, first); }))
            break;
    }
    v.many = v.counts.size() > mostPredictionValues;
    return v;
}

PredictionReading readingOf(const PredictionValues &p, const Counts &truth, const LabelClasses *known,
                            const PredictionMeaning &meaning, const std::string &where, const std::string &whereTruth)
{
    PredictionReading r;
    decideKind(r, p, truth, known, meaning, where);
    if (!(r.white > 0))
        r.white = 1;
    if (!truth.empty())
        requireSharp(truth, whereTruth, LabelUse::Comparing);
    const Counts predicted = r.probabilities || r.objects ? Counts() : p.counts;
    if (!r.probabilities && !r.objects && p.many)
        throw Error({where, "labels of at most 255 classes", "more than 4096 different values",
                     meaning.spreadAsObjects ? "set prediction-is to instances if these are numbers of objects"
                                             : "these look like numbers of objects, which the analysis instances compares"});

    if (known) {
        readByRun(r, predicted, truth, *known);
        return r;
    }
    // Beside two or more classes 255 is ignored; in a mask of 0 and 255 it is the foreground.
    auto marked = truth;
    const bool ignoring = truth.size() > 2 ? marked.erase(ignoredClass) > 0 || predicted.count(ignoredClass)
                                           : !truth.count(ignoredClass) && predicted.size() > 2 && predicted.count(ignoredClass);
    if (areUnlikeMasks(marked, predicted)) {
        readUnlikeMasks(r, predicted, marked, ignoring, meaning, whereTruth.empty() ? where : whereTruth);
        return r;
    }
    if (ignoring && !truth.empty() && predicted.count(255) && (!truth.count(255) || predicted.size() <= 2))
        r.notes.push_back(noClassText(predicted));
    readByValues(r, predicted, marked, ignoring, meaning, where, whereTruth);
    noteValues(r, predicted, truth, meaning);
    return r;
}

} // namespace reticle::files
