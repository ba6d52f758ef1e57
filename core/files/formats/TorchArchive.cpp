#include "files/formats/TorchArchive.h"

#include "files/formats/Pickle.h"
#include "files/formats/StoredZip.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace reticle {

namespace {

constexpr std::string_view mark = "RETICLE1"; // 8 bytes before the checksum
constexpr std::uint64_t sealBytes = 16;
constexpr std::uint64_t longestPickle = std::uint64_t(4) << 20;

/// FNV-1a, 64 bits, over words of 8 bytes, as it was written: pieces are multiples of 8 bytes but for the last.
class Fnv
{
public:
    void add(std::string_view piece)
    {
        m_size += piece.size();
        for (; piece.size() >= 8; piece.remove_prefix(8)) {
            std::uint64_t word;
            std::memcpy(&word, piece.data(), 8);
            m_state = (m_state ^ word) * 0x100000001b3ULL;
            m_state ^= m_state >> 29;
        }
        for (const char c : piece)
            m_state = (m_state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    std::uint64_t value() const { return m_state ^ m_size; }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL, m_size = 0;
};

/// Throws where the checksum behind the archive is not there or does not match.
void requireSeal(const ByteSource &bytes)
{
    std::string seal(sealBytes, '\0');
    if (bytes.size() >= sealBytes)
        bytes.read(bytes.size() - sealBytes, std::as_writable_bytes(std::span(seal)));
    if (seal.compare(0, mark.size(), mark) != 0) {
        if (StoredZip::endsAsArchive(bytes))
            bytes.foreign("an archive without the checksum of a checkpoint");
        bytes.damaged(bytes.size() == 0 ? "it is empty" : "it is cut short");
    }
    requireMemoryFor(bytes, bytes.size());
    Fnv sum;
    std::string piece;
    const auto end = bytes.size() - sealBytes;
    for (std::uint64_t at = 0; at < end; at += piece.size()) {
        piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(end - at, 1 << 20)));
        bytes.read(at, std::as_writable_bytes(std::span(piece)));
        sum.add(piece);
    }
    const auto expected = sum.value();
    if (std::memcmp(seal.data() + mark.size(), &expected, 8) != 0)
        bytes.damaged("its checksum does not match");
}

/// Elements of the tensor; nothing where its sizes contradict the storage.
std::optional<std::uint64_t> elementsOf(const PickledTensor &t)
{
    std::uint64_t n = 1, last = static_cast<std::uint64_t>(t.offset);
    bool fits = true, empty = false;
    for (std::size_t i = 0; i < t.shape.size(); ++i) {
        const auto side = static_cast<std::uint64_t>(t.shape[i]);
        empty = empty || side == 0;
        std::uint64_t reach = 0;
        if (side > 0) {
            fits = fits && !__builtin_mul_overflow(n, side, &n);
            fits = fits && !__builtin_mul_overflow(side - 1, static_cast<std::uint64_t>(t.strides[i]), &reach);
            fits = fits && !__builtin_add_overflow(last, reach, &last);
        }
    }
    if (!fits)
        return std::nullopt;
    if (empty)
        return 0;
    if (last >= static_cast<std::uint64_t>(t.stored))
        return std::nullopt;
    return n;
}

bool isContiguous(const PickledTensor &t)
{
    std::int64_t expected = 1;
    for (std::size_t i = t.shape.size(); i-- > 0;) {
        if (t.shape[i] != 1 && t.strides[i] != expected)
            return false;
        expected *= t.shape[i];
    }
    return true;
}

Array arrayOf(const PickledTensor &t, const StoredZip &zip, const std::string &part)
{
    Array array(t.dtype, t.shape);
    if (array.size() == 0)
        return array;
    if (t.offset == 0 && isContiguous(t) && array.size() == t.stored) {
        zip.read(part, std::span(array.raw(), array.bytes()));
        return array;
    }
    std::string storage(static_cast<std::size_t>(zip.sizeOf(part)), '\0');
    zip.read(part, std::as_writable_bytes(std::span(storage)));
    const auto wide = byteSize(t.dtype);
    std::vector<std::int64_t> index(t.shape.size(), 0);
    auto from = static_cast<std::uint64_t>(t.offset); // may run over where an axis has one entry: then back again
    for (std::int64_t to = 0; to < array.size(); ++to) {
        std::memcpy(array.raw() + static_cast<std::size_t>(to) * wide, storage.data() + static_cast<std::size_t>(from) * wide,
                    wide);
        for (std::size_t axis = index.size(); axis-- > 0;) {
            const auto stride = static_cast<std::uint64_t>(t.strides[axis]);
            from += stride;
            if (++index[axis] < t.shape[axis])
                break;
            from -= stride * static_cast<std::uint64_t>(t.shape[axis]);
            index[axis] = 0;
        }
    }
    return array;
}

} // namespace

std::string torchArchiveSeal(std::string_view archive)
{
    Fnv sum;
    sum.add(archive);
    const auto value = sum.value();
    return std::string(mark) + std::string(reinterpret_cast<const char *>(&value), 8);
}

TensorFile readTorchArchive(const ByteSource &bytes, bool sealed)
{
    if (sealed)
        requireSeal(bytes);
    const FirstBytes archive(bytes, bytes.size() - (sealed ? sealBytes : 0));
    const StoredZip zip(archive);
    const std::string pickled = zip.root() + "/data.pkl";
    if (!zip.has(pickled))
        bytes.foreign("an archive without weights");
    if (zip.sizeOf(pickled) > longestPickle)
        bytes.foreign("an archive that holds code or objects, not only weights");
    std::string pickle(static_cast<std::size_t>(zip.sizeOf(pickled)), '\0');
    zip.read(pickled, std::as_writable_bytes(std::span(pickle)));
    auto attributes = readPickle(pickle, archive);

    const auto text = [&](const char *name) {
        const auto it = attributes.find(name);
        if (it == attributes.end() || !std::holds_alternative<std::string>(it->second))
            bytes.foreign("an archive without the list of its weights");
        return std::get<std::string>(it->second);
    };
    TensorFile file;
    file.info = parseLimited(text("info"), bytes.name());
    const std::string names = text("names");
    // Checked as a whole before memory is taken or a storage is read: a hostile file may name one again and again.
    std::uint64_t total = 0, number = 0;
    std::vector<std::pair<std::string, const PickledTensor *>> all;
    for (std::size_t at = 0; at < names.size(); ++number) {
        const auto end = std::min(names.find('\n', at), names.size());
        const auto it = attributes.find("t" + std::to_string(number));
        if (it == attributes.end() || !std::holds_alternative<PickledTensor>(it->second))
            bytes.foreign("an archive without the weights that it lists");
        const auto &tensor = std::get<PickledTensor>(it->second);
        const auto elements = elementsOf(tensor);
        std::uint64_t count = 0, stored = 0;
        if (!elements || __builtin_mul_overflow(*elements, byteSize(tensor.dtype), &count) ||
            __builtin_mul_overflow(static_cast<std::uint64_t>(tensor.stored), byteSize(tensor.dtype), &stored) ||
            zip.sizeOf(zip.root() + "/data/" + tensor.storage) != stored ||
            __builtin_add_overflow(total, std::max(count, stored), &total) || total > bytes.size())
            bytes.damaged("sizes in it contradict each other");
        all.emplace_back(names.substr(at, end - at), &tensor);
        at = end + 1;
    }
    requireMemoryFor(bytes, total);
    for (const auto &[name, tensor] : all)
        if (!file.tensors.emplace(name, arrayOf(*tensor, zip, zip.root() + "/data/" + tensor->storage)).second)
            bytes.damaged("a name occurs twice");
    return file;
}

} // namespace reticle
