#include "project/ModelFiles.h"

#include "files/formats/TorchArchive.h"
#include "foundation/AtomicFile.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <mutex>
#include <tuple>

#include <sys/stat.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr const char *digestField = "model-sha256"; ///< in model.json: which weights it describes

bool isListed(const fs::path &path)
{
    std::error_code code;
    return fs::exists(fs::symlink_status(path, code));
}

[[noreturn]] void refuseMissing(const fs::path &runFolder)
{
    throw Error({(runFolder / modelfiles::model).string(), "a trained model", "none", "train the run first"});
}

TensorFile readOld(const fs::path &path, bool sealed)
{
    return readTorchArchive(RegularFile(path), sealed);
}

/// What model.json says. Throws Error.
Json readDescriptionFile(const fs::path &file)
{
    return parseLimited(readRegularFile(file, longestTensorHeader), file.string());
}

/// The copy of the description must be one: a changed one would otherwise be believed by people, and by nobody else. A
/// copy that belongs to other weights is what a kill between the two files leaves, and is passed over.
void requireSameDescription(const fs::path &runFolder, const Json &description, const std::string &sha256)
{
    const fs::path file = runFolder / modelfiles::description;
    if (!isListed(file))
        return;
    const auto refuse = [&] {
        throw Error(Error::Kind::Input, file.string(),
                    fmt::format("This file was changed or is damaged: it is only a copy of what {} says. Delete it; "
                                "Reticle does not need it.",
                                modelfiles::model));
    };
    Json copy;
    try {
        copy = readDescriptionFile(file);
    } catch (const UnreadableFile &) {
        throw;
    } catch (const Error &) { // no JSON, or no file at all
        refuse();
    }
    if (copy.value(digestField, Json()) != sha256)
        return;
    copy.erase(digestField);
    if (copy != description)
        refuse();
}

/// An old model next to a new one was left by a kill while a run of before was resumed. Whatever else it is, it does not
/// belong there, and nobody could say which model was meant.
void requireSoundLeftover(const fs::path &runFolder)
{
    const fs::path old = runFolder / modelfiles::oldModel;
    if (!isListed(old))
        return;
    try {
        readOld(old, false);
    } catch (const Error &e) {
        throw ForeignFile(e.kind(), "",
                          fmt::format("{} This run has its own model in {}: delete {} to use that one.", e.what(),
                                      modelfiles::model, modelfiles::oldModel));
    }
}

/// A later description may mean something else by the same fields.
void requireKnownVersion(const fs::path &file, const Json &description)
{
    const auto version = description.is_object() ? description.find("version") : description.end();
    if (version == description.end())
        return;
    const auto number = wholeNumber(*version);
    if (!number || *number < 0)
        throw Error({file.string(), "a whole number as the version of the model", foundText(*version),
                     "restore the run's files from a copy, or train the run again"});
    if (*number > modelfiles::version)
        throw Error(Error::Kind::Input, file.string(),
                    fmt::format("This model was made by a newer version of Reticle: it has format {}, and this version reads "
                                "formats up to {}. Open it with the newer version, or train the run again with this one.",
                                *number, modelfiles::version));
}

void requireFinite(const TrainedModel &model)
{
    const auto check = [&](const std::string &name, auto values) {
        for (const auto v : values)
            if (!std::isfinite(v))
                throw Error(Error::Kind::Input, model.path.string(),
                            fmt::format("The weights \"{}\" hold values that are not finite numbers, so this model cannot "
                                        "predict. Train the run again with a lower learning rate.",
                                        name));
    };
    for (const auto &[name, array] : model.file.tensors) {
        if (array.dtype() == DType::Float32)
            check(name, array.span<float>());
        else if (array.dtype() == DType::Float64)
            check(name, array.span<double>());
    }
}

/// Checkpoints that this process has written, or read and found whole: what they were then, by path.
class WholeCheckpoints
{
public:
    void add(const fs::path &file)
    {
        const std::lock_guard lock(m_mutex);
        m_stamps[file.string()] = stampOf(file);
    }
    void remove(const fs::path &file)
    {
        const std::lock_guard lock(m_mutex);
        m_stamps.erase(file.string());
    }
    bool contains(const fs::path &file)
    {
        const std::lock_guard lock(m_mutex);
        const auto it = m_stamps.find(file.string());
        return it != m_stamps.end() && it->second && it->second == stampOf(file);
    }
    static WholeCheckpoints &all()
    {
        static WholeCheckpoints all;
        return all;
    }

private:
    using Stamp = std::tuple<dev_t, ino_t, off_t, time_t, long>;
    static std::optional<Stamp> stampOf(const fs::path &file)
    {
        struct stat s = {};
        return ::stat(file.c_str(), &s) == 0
                   ? std::optional(Stamp(s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec))
                   : std::nullopt;
    }
    std::mutex m_mutex;
    std::map<std::string, std::optional<Stamp>> m_stamps;
};

/// Read only where this process does not know the file: each training writes many.
bool isWhole(const fs::path &checkpoint)
{
    if (WholeCheckpoints::all().contains(checkpoint))
        return true;
    try {
        readTensorFileInfo(RegularFile(checkpoint));
        return true;
    } catch (const Error &) {
        return false;
    }
}

} // namespace

std::int64_t TrainedModel::elements() const
{
    std::int64_t n = 0;
    for (const auto &[name, array] : file.tensors)
        n += array.size();
    return n;
}

bool hasModel(const fs::path &runFolder)
{
    return isListed(runFolder / modelfiles::model) ||
           (isListed(runFolder / modelfiles::oldModel) && isListed(runFolder / modelfiles::description));
}

TrainedModel readModel(const fs::path &runFolder)
{
    TrainedModel model;
    if (isListed(runFolder / modelfiles::model)) {
        model.path = runFolder / modelfiles::model;
        model.file = readTensorFile(RegularFile(model.path));
        requireSameDescription(runFolder, model.file.info, model.file.sha256);
        requireSoundLeftover(runFolder);
    } else {
        const fs::path description = runFolder / modelfiles::description;
        model.path = runFolder / modelfiles::oldModel;
        if (!isListed(model.path))
            refuseMissing(runFolder);
        if (!isListed(description))
            throw Error({description.string(), "the description of the model next to it", "none",
                         "restore it from a copy, or train the run again"});
        model.file = readOld(model.path, false);
        model.file.info = readDescriptionFile(description);
    }
    requireKnownVersion(model.path, model.file.info);
    requireFinite(model);
    return model;
}

Json readModelDescription(const fs::path &runFolder)
{
    if (!isListed(runFolder / modelfiles::model)) {
        if (!isListed(runFolder / modelfiles::description))
            refuseMissing(runFolder);
        Json description = readDescriptionFile(runFolder / modelfiles::description);
        requireKnownVersion(runFolder / modelfiles::description, description);
        return description;
    }
    const fs::path file = runFolder / modelfiles::model;
    Json description = readTensorFileInfo(RegularFile(file));
    requireKnownVersion(file, description);
    return description;
}

std::string taskOf(const Json &described)
{
    const Json task = described.is_object() ? described.value("task", Json()) : Json();
    if (task.is_string())
        return task.get<std::string>();
    if (!task.is_null())
        return task.dump();
    return described.is_object() && described.value("target", Json()) == "image" ? "reconstruction" : "segmentation";
}

void writeModel(const fs::path &runFolder, std::vector<TensorView> tensors, const Json &description)
{
    Json copy{{digestField, writeTensorFile(runFolder / modelfiles::model, std::move(tensors), description)}};
    copy.update(description);
    writeFileAtomically(runFolder / modelfiles::description, copy.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    std::error_code ignored; // a leftover is passed over
    fs::remove(runFolder / modelfiles::oldModel, ignored);
}

void keepCheckpoint(const fs::path &runFolder, std::vector<TensorView> tensors, const Json &info)
{
    const auto last = runFolder / modelfiles::last, previous = runFolder / modelfiles::previous;
    std::error_code ignored;
    if (isListed(last) && isWhole(last)) { // a damaged one must not replace the one that the training may have come from
        // A second name for the same file first: at no moment is there no checkpoint.
        std::error_code failed;
        fs::remove(previous, ignored);
        fs::create_hard_link(last, previous, failed);
        if (failed)
            fs::copy_file(last, previous, fs::copy_options::overwrite_existing, ignored);
    }
    writeTensorFile(last, std::move(tensors), info);
    WholeCheckpoints::all().add(last);
    fs::remove(runFolder / modelfiles::oldLast, ignored);
    fs::remove(runFolder / modelfiles::oldPrevious, ignored);
}

std::optional<TensorFile> readCheckpoint(const fs::path &runFolder, std::string &warning)
{
    std::optional<TensorFile> found;
    std::optional<Error> first;
    for (const auto *name : {modelfiles::last, modelfiles::previous, modelfiles::oldLast, modelfiles::oldPrevious}) {
        const bool old = name == modelfiles::oldLast || name == modelfiles::oldPrevious;
        const auto path = runFolder / name;
        if (!isListed(path)) {
            if (name == modelfiles::last && isListed(runFolder / modelfiles::previous))
                warning = path.string() + " is missing. The checkpoint before it is used instead.";
            if (name == modelfiles::oldLast && !found && !first && isListed(runFolder / modelfiles::oldPrevious))
                warning = path.string() + " is missing. The checkpoint before it is used instead.";
            continue;
        }
        if (found && !old)
            continue;
        WholeCheckpoints::all().remove(path);
        try {
            auto file = old ? readOld(path, true) : readTensorFile(RegularFile(path));
            if (!old)
                WholeCheckpoints::all().add(path);
            if (!found) {
                found = std::move(file);
                if (first)
                    warning = std::string(first->what()) + " The checkpoint before it is used instead.";
            }
        } catch (const ForeignFile &) {
            throw; // not damage: somebody put it there
        } catch (const UnreadableFile &e) {
            if (!first)
                first = e;
        } catch (const Error &e) {
            if (e.kind() != Error::Kind::Input)
                throw;
            if (!first)
                first = e;
        }
    }
    if (!found && first)
        throw *first;
    return found;
}

} // namespace reticle
