#include "learn/Checkpoint_p.h"

#include "base/Error.h"
#include "base/Project.h"

#include <cstring>
#include <fstream>
#include <sstream>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr char mark[] = "RETICLE1"; // 8 bytes before the checksum

/// FNV-1a, 64 bits, over words of 8 bytes: finds a torn or flipped file, is no signature.
std::uint64_t checksum(std::string_view bytes)
{
    std::uint64_t h = 0xcbf29ce484222325ULL;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + i, 8);
        h = (h ^ word) * 0x100000001b3ULL;
        h ^= h >> 29;
    }
    for (; i < bytes.size(); ++i)
        h = (h ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3ULL;
    return h ^ bytes.size();
}

std::string readFile(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error({path.string(), "a checkpoint", "no readable file", {}});
    std::ostringstream all;
    all << file.rdbuf();
    return std::move(all).str();
}

Error damaged(const fs::path &path, const std::string &found)
{
    return Error({path.string(), "a whole checkpoint", found, "take an earlier one or start the run anew"});
}

} // namespace

const torch::Tensor &Checkpoint::tensor(const std::string &name) const
{
    const auto it = tensors.find(name);
    if (it == tensors.end())
        throw Error({"checkpoint", "the tensor \"" + name + "\"", "none",
                     "it belongs to another recipe or version: start a new run"});
    return it->second;
}

void writeCheckpoint(const fs::path &path, const Checkpoint &checkpoint, bool sealed)
{
    torch::serialize::OutputArchive archive;
    std::string names;
    for (const auto &[name, tensor] : checkpoint.tensors) {
        // Attribute names have no dots, so tensors go by number.
        archive.write("t" + std::to_string(std::count(names.begin(), names.end(), '\n')),
                      tensor.detach().to(torch::kCPU).contiguous());
        names += name + "\n";
    }
    archive.write("names", c10::IValue(names));
    archive.write("info", c10::IValue(checkpoint.info.dump()));
    std::ostringstream stream;
    archive.save_to(stream);
    auto bytes = std::move(stream).str();
    if (sealed) {
        const auto sum = checksum(bytes);
        bytes.append(mark, 8);
        bytes.append(reinterpret_cast<const char *>(&sum), 8);
    }
    writeFileAtomically(path, bytes);
}

Checkpoint readCheckpoint(const fs::path &path, bool sealed)
{
    auto bytes = readFile(path);
    if (sealed) {
        std::uint64_t sum = 0;
        if (bytes.size() < 16 || std::memcmp(bytes.data() + bytes.size() - 16, mark, 8) != 0)
            throw damaged(path, bytes.empty() ? "an empty file" : "one that is cut short or of another program");
        std::memcpy(&sum, bytes.data() + bytes.size() - 8, 8);
        bytes.resize(bytes.size() - 16);
        if (sum != checksum(bytes))
            throw damaged(path, "one whose checksum does not fit");
    }
    try {
        std::istringstream stream(std::move(bytes));
        torch::serialize::InputArchive archive;
        archive.load_from(stream, torch::Device(torch::kCPU));
        Checkpoint c;
        c10::IValue value;
        archive.read("names", value);
        std::istringstream names(value.toStringRef());
        archive.read("info", value);
        c.info = Json::parse(value.toStringRef());
        std::string name;
        for (int i = 0; std::getline(names, name); ++i)
            archive.read("t" + std::to_string(i), c.tensors[name]);
        return c;
    } catch (const c10::Error &) {
        throw damaged(path, "one that LibTorch cannot read");
    } catch (const Json::exception &) {
        throw damaged(path, "one with an unreadable header");
    }
}

void saveWeights(const fs::path &path, const torch::nn::Module &module, const Json &info)
{
    Checkpoint c;
    c.info = info;
    for (const auto &p : module.named_parameters())
        c.tensors[p.key()] = p.value();
    for (const auto &b : module.named_buffers())
        c.tensors[b.key()] = b.value();
    writeCheckpoint(path, c, false);
}

Json loadWeights(torch::nn::Module &module, const fs::path &path)
{
    torch::NoGradGuard guard;
    const auto c = readCheckpoint(path, false);
    const auto take = [&](const std::string &name, torch::Tensor to) {
        const auto it = c.tensors.find(name);
        if (it == c.tensors.end() || it->second.sizes() != to.sizes())
            throw Error({path.string(), "the weights of this model", "others (at \"" + name + "\")",
                         "train the run again with this version"});
        to.copy_(it->second);
    };
    for (const auto &p : module.named_parameters())
        take(p.key(), p.value());
    for (const auto &b : module.named_buffers())
        take(b.key(), b.value());
    return c.info;
}

void keepLast(const fs::path &folder, const Checkpoint &checkpoint)
{
    const auto last = folder / "last.pt", previous = folder / "previous.pt";
    std::error_code ignored;
    if (fs::exists(last, ignored)) {
        // A second name for the same file first: at no moment is there no checkpoint.
        std::error_code failed;
        fs::remove(previous, ignored);
        fs::create_hard_link(last, previous, failed);
        if (failed)
            fs::copy_file(last, previous, fs::copy_options::overwrite_existing, ignored);
    }
    writeCheckpoint(last, checkpoint, true);
}

std::optional<Checkpoint> readLast(const fs::path &folder, std::string &warning)
{
    const auto last = folder / "last.pt", previous = folder / "previous.pt";
    const bool second = fs::exists(previous);
    if (fs::exists(last)) {
        try {
            return readCheckpoint(last, true);
        } catch (const Error &e) {
            if (!second)
                throw;
            warning = std::string(e.what()) + " The checkpoint before it is taken instead.";
        }
    } else if (second) {
        warning = last.string() + " is missing: the checkpoint before it is taken instead.";
    }
    if (second)
        return readCheckpoint(previous, true);
    return std::nullopt;
}

} // namespace reticle
