#include "files/Reader.h"
#include "files/Samples.h"

#include <algorithm>
#include <bit>
#include <charconv>

namespace reticle::files {

namespace {

/// The header is a Python dictionary of three entries; see numpy.lib.format.
struct Header
{
    std::string descr;
    bool fortran = false;
    std::vector<std::int64_t> shape;
    std::uint64_t dataOffset = 0;
};

std::string valueOf(const std::string &text, const std::string &key, const std::string &file)
{
    auto at = text.find("'" + key + "'");
    if (at == std::string::npos)
        at = text.find("\"" + key + "\"");
    if (at != std::string::npos)
        at = text.find(':', at);
    if (at == std::string::npos)
        throw Error({file, "a NumPy header with \"" + key + "\"", "none", "the file is damaged"});
    at = text.find_first_not_of(" \t", at + 1);
    return at == std::string::npos ? std::string() : text.substr(at);
}

Header readHeader(const RandomFile &file)
{
    unsigned char start[12] = {};
    file.read(0, start, 10, "a NumPy header");
    const int major = start[6];
    if (major < 1 || major > 3)
        throw Error({file.name(), "a NumPy file of version 1, 2 or 3", "version " + std::to_string(major),
                     "save it again with numpy.save"});
    std::uint64_t length = start[8] | start[9] << 8;
    std::uint64_t begin = 10;
    if (major > 1) {
        file.read(0, start, 12, "a NumPy header");
        length |= static_cast<std::uint64_t>(start[10]) << 16 | static_cast<std::uint64_t>(start[11]) << 24;
        begin = 12;
    }
    if (length > 1 << 20)
        throw Error({file.name(), "a NumPy header", std::to_string(length) + " bytes of it", "the file is damaged"});
    std::string text(length, '\0');
    file.read(begin, text.data(), length, "a NumPy header");

    Header h;
    h.dataOffset = begin + length;
    const std::string descr = valueOf(text, "descr", file.name());
    if (descr.empty() || (descr[0] != '\'' && descr[0] != '"'))
        throw Error({file.name(), "an array of plain numbers", "a structured array", "save one of its fields as an array"});
    h.descr = descr.substr(1, descr.find(descr[0], 1) - 1);
    h.fortran = valueOf(text, "fortran_order", file.name()).rfind("True", 0) == 0;
    const std::string shape = valueOf(text, "shape", file.name());
    const auto close = shape.find(')');
    if (shape.empty() || shape[0] != '(' || close == std::string::npos)
        throw Error({file.name(), "a NumPy shape such as (24, 512, 512)", shape.substr(0, 40), "the file is damaged"});
    const char *p = shape.data() + 1;
    const char *end = shape.data() + close;
    while (p < end) {
        if (*p == ' ' || *p == ',' || *p == 'L') {
            ++p;
            continue;
        }
        std::int64_t n = 0;
        const auto [next, ec] = std::from_chars(p, end, n);
        if (ec != std::errc() || n < 0)
            throw Error({file.name(), "a NumPy shape such as (24, 512, 512)", shape.substr(0, close + 1).substr(0, 40),
                         "the file is damaged"});
        h.shape.push_back(n);
        p = next;
    }
    return h;
}

struct NumberType
{
    DType dtype;
    bool isUnsigned64 = false;
    bool isHalf = false; ///< stored as float16, read as float32
};

NumberType numberType(const std::string &descr, const std::string &file)
{
    // Objects are stored as a Python pickle, which is a program: it is never read.
    if (descr == "|O" || descr == "O")
        throw Error({file, "an array of numbers", "Python objects, as in the _seg.npy files of Cellpose, which hold no image",
                     "use the masks that were saved as PNG or TIFF, or save the array of numbers with numpy.save"});
    if (descr.size() == 3 && descr.compare(1, 2, "f2") == 0 && std::string("<>=").find(descr[0]) != std::string::npos)
        return {DType::Float32, false, true};
    static const std::pair<const char *, DType> known[] = {{"b1", DType::UInt8},   {"u1", DType::UInt8},  {"i1", DType::Int8},
                                                           {"u2", DType::UInt16},  {"i2", DType::Int16},  {"u4", DType::UInt32},
                                                           {"i4", DType::Int32},   {"i8", DType::Int64},  {"u8", DType::Int64},
                                                           {"f4", DType::Float32}, {"f8", DType::Float64}};
    for (const auto &[name, dtype] : known)
        if (descr.size() == 3 && descr.compare(1, 2, name) == 0 && std::string("<>|=").find(descr[0]) != std::string::npos)
            return {dtype, descr.compare(1, 2, "u8") == 0};
    throw Error({file, "numbers of type bool, uint, int, float16, float32 or float64", "\"" + descr.substr(0, 20) + "\"",
                 "convert the array with astype"});
}

/// Axes of the file put into (pages, H, W, C) by strides in elements.
struct Layout
{
    std::int64_t pages = 1, height = 0, width = 0, channels = 1;
    std::int64_t strideY = 0, strideX = 0, strideC = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> lead; ///< extent and stride of each leading axis, last fastest
    std::string axes;
};

constexpr std::int64_t mostChannels = 16;

Layout layoutOf(Header h, const std::string &file)
{
    // Ones at the end of an image or a stack: (H, W, 1, 1).
    while (h.shape.size() > 3 && h.shape.back() == 1 && h.shape[h.shape.size() - 2] == 1)
        h.shape.pop_back();
    const auto rank = static_cast<int>(h.shape.size());
    std::int64_t count = 1;
    for (const auto n : h.shape) {
        if (n == 0)
            throw Error({file, "an image or a stack", "an array without elements", "save the array again"});
        if (n > (std::int64_t{1} << 60) / count)
            throw Error({file, "a shape that fits in the file", "a dimension of " + std::to_string(n), "the file is damaged"});
        count *= n;
    }
    if (rank < 2)
        throw Error({file, "an array of 2 or more axes", std::to_string(rank), "reshape it to (height, width)"});

    std::vector<std::int64_t> stride(rank, 1);
    for (int i = 1; i < rank; ++i) {
        if (h.fortran)
            stride[i] = stride[i - 1] * h.shape[i - 1];
        else
            stride[rank - 1 - i] = stride[rank - i] * h.shape[rank - i];
    }
    int y = rank - 2, x = rank - 1, c = -1;
    const auto last = h.shape[rank - 1];
    // Few numbers of a pixel, one behind the other, are channels; a page as narrow as that is none.
    const bool channelsLast =
        rank >= 3 && ((last <= 4 && h.shape[rank - 2] > 4) ||
                      (last <= mostChannels && h.shape[rank - 2] >= 4 * last && h.shape[rank - 3] >= 4 * last));
    if (channelsLast) {
        c = rank - 1;
        y = rank - 3;
        x = rank - 2;
    } else if (rank >= 4 && h.shape[rank - 3] <= 4) {
        c = rank - 3;
    }
    Layout l;
    l.height = h.shape[y];
    l.width = h.shape[x];
    l.strideY = stride[y];
    l.strideX = stride[x];
    if (c >= 0) {
        l.channels = h.shape[c];
        l.strideC = stride[c];
    }
    for (int i = 0; i < rank; ++i)
        if (i != y && i != x && i != c) {
            l.lead.emplace_back(h.shape[i], stride[i]);
            l.pages *= h.shape[i];
        }
    const std::string names = "TZ";
    for (std::size_t i = 0; i < l.lead.size(); ++i)
        l.axes += i + 2 < l.lead.size() ? 'Q' : names[names.size() - (l.lead.size() - i)];
    l.axes += l.channels > 1 ? "YXC" : "YX";
    return l;
}

class NpySource : public ImageSource
{
public:
    explicit NpySource(const std::filesystem::path &path) : m_file(path)
    {
        const Header h = readHeader(m_file);
        const NumberType type = numberType(h.descr, m_file.name());
        m_unsigned64 = type.isUnsigned64;
        m_half = type.isHalf;
        m_layout = layoutOf(h, m_file.name());
        m_dataOffset = h.dataOffset;
        m_bytes = m_half ? 2 : byteSize(type.dtype);
        m_swap = m_bytes > 1 && (std::endian::native == std::endian::little ? h.descr[0] == '>' : h.descr[0] == '<');
        m_info.path = m_file.name();
        m_info.format = "NumPy";
        m_info.pages = m_layout.pages;
        m_info.height = m_layout.height;
        m_info.width = m_layout.width;
        m_info.channels = m_layout.channels;
        m_info.alpha = m_layout.channels == 4 && m_bytes == 1 && h.descr[1] == 'u';
        m_info.dtype = type.dtype;
        m_info.axes = m_layout.axes;
        if (m_layout.lead.size() > 1)
            m_info.times = m_layout.pages / m_layout.lead.back().first;
        const auto needed =
            static_cast<std::uint64_t>(m_info.pages * m_info.channels) * static_cast<std::uint64_t>(m_info.height * m_info.width);
        if (needed > (m_file.size() - std::min(m_file.size(), m_dataOffset)) / m_bytes)
            throw Error({m_file.name(), std::to_string(needed) + " values of " + std::to_string(m_bytes) + " bytes",
                         "a file of " + std::to_string(m_file.size()) + " bytes",
                         "it is truncated, check that the copy was complete"});
    }

    const ImageInfo &info() const override { return m_info; }
    Array readPage(std::int64_t page) const override { return readRegion(page, 0, 0, m_info.height, m_info.width); }

    Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const override
    {
        checkRegion(m_info, page, y, x, height, width);
        checkMemory(m_info, page, height, width);
        std::int64_t origin = y * m_layout.strideY + x * m_layout.strideX;
        std::int64_t rest = page;
        for (auto lead = m_layout.lead.rbegin(); lead != m_layout.lead.rend(); ++lead) {
            origin += rest % lead->first * lead->second;
            rest /= lead->first;
        }
        Array out(m_half ? DType::UInt16 : m_info.dtype, pageShape(m_info, height, width));
        const Walk axes[3] = {{height, m_layout.strideY, width * m_info.channels},
                              {width, m_layout.strideX, m_info.channels},
                              {m_info.channels, m_layout.strideC, 1}};
        gather(origin, axes, out.raw(), pageName(m_info.path, page));
        if (m_swap)
            swapBytes(out.raw(), static_cast<std::size_t>(out.size()), m_bytes);
        if (m_half) {
            Array real(DType::Float32, out.shape());
            std::transform(out.data<std::uint16_t>(), out.data<std::uint16_t>() + out.size(), real.data<float>(), halfToFloat);
            return real;
        }
        if (m_unsigned64)
            for (const auto v : out.span<std::int64_t>())
                if (v < 0)
                    throw Error(
                        {pageName(m_info.path, page), "numbers below 2^63", "a larger one", "convert the array with astype"});
        return out;
    }

private:
    struct Walk
    {
        std::int64_t count, fileStride, outStride;
    };

    static bool dense(const Walk &w) { return w.count == 1 || w.fileStride == w.outStride; }

    /// Reads along the axis that is slowest in the file, one contiguous run of the other two at a time, so that C and
    /// Fortran order both read forwards with a bounded buffer.
    void gather(std::int64_t origin, const Walk (&axes)[3], std::byte *out, const std::string &where) const
    {
        Walk a[3] = {axes[0], axes[1], axes[2]};
        std::sort(std::begin(a), std::end(a), [](const Walk &p, const Walk &q) { return p.fileStride > q.fileStride; });
        const auto inner = [](const Walk &w) { return (w.count - 1) * w.fileStride; };
        if (dense(a[0]) && dense(a[1]) && dense(a[2]) &&
            inner(a[0]) + inner(a[1]) + inner(a[2]) + 1 == a[0].count * a[1].count * a[2].count) {
            read(m_dataOffset + static_cast<std::uint64_t>(origin) * m_bytes, out,
                 static_cast<std::size_t>(a[0].count * a[1].count * a[2].count) * m_bytes, where);
            return;
        }
        std::vector<std::byte> buffer;
        for (std::int64_t i = 0; i < a[0].count; ++i) {
            // A run over both inner axes where it is dense or small; else one over the innermost axis at a time.
            const std::int64_t both = inner(a[1]) + inner(a[2]) + 1;
            const bool inOneRead = both * static_cast<std::int64_t>(m_bytes) <= (8 << 20);
            for (std::int64_t j = 0; j < (inOneRead ? 1 : a[1].count); ++j) {
                const std::int64_t begin = origin + i * a[0].fileStride + j * a[1].fileStride;
                std::byte *to = out + (i * a[0].outStride + j * a[1].outStride) * static_cast<std::int64_t>(m_bytes);
                if (inOneRead)
                    copyRun(begin, a[1], a[2], to, buffer, where);
                else
                    copyPieces(begin, a[2], to, buffer, where);
            }
        }
    }

    void copyPieces(std::int64_t begin, const Walk &w, std::byte *to, std::vector<std::byte> &buffer,
                    const std::string &where) const
    {
        const std::int64_t piece = std::max<std::int64_t>(1, (8 << 20) / (w.fileStride ? w.fileStride * m_bytes : 1));
        for (std::int64_t k = 0; k < w.count; k += piece) {
            const Walk one{1, 0, 0}, some{std::min(piece, w.count - k), w.fileStride, w.outStride};
            copyRun(begin + k * w.fileStride, one, some, to + k * w.outStride * static_cast<std::int64_t>(m_bytes), buffer,
                    where);
        }
    }

    void copyRun(std::int64_t begin, const Walk &outer, const Walk &innermost, std::byte *to, std::vector<std::byte> &buffer,
                 const std::string &where) const
    {
        const auto span =
            static_cast<std::size_t>((outer.count - 1) * outer.fileStride + (innermost.count - 1) * innermost.fileStride + 1);
        const std::uint64_t offset = m_dataOffset + static_cast<std::uint64_t>(begin) * m_bytes;
        if (dense(outer) && dense(innermost) && static_cast<std::int64_t>(span) == outer.count * innermost.count) {
            read(offset, to, span * m_bytes, where);
            return;
        }
        buffer.resize(span * m_bytes);
        read(offset, buffer.data(), buffer.size(), where);
        const auto bytes = static_cast<std::int64_t>(m_bytes);
        for (std::int64_t j = 0; j < outer.count; ++j)
            for (std::int64_t k = 0; k < innermost.count; ++k)
                std::memcpy(to + (j * outer.outStride + k * innermost.outStride) * bytes,
                            buffer.data() + (j * outer.fileStride + k * innermost.fileStride) * bytes, m_bytes);
    }

    void read(std::uint64_t offset, void *to, std::size_t bytes, const std::string &where) const
    {
        if (m_file.readSome(offset, to, bytes) != bytes)
            throw Error({where, "its pixels", "the end of the file", "it is truncated"});
    }

    RandomFile m_file;
    ImageInfo m_info;
    Layout m_layout;
    std::uint64_t m_dataOffset = 0;
    std::size_t m_bytes = 1;
    bool m_swap = false, m_unsigned64 = false, m_half = false;
};

} // namespace

bool holdsNoNumbers(const std::filesystem::path &npy)
{
    std::string start(256, '\0');
    try {
        const RandomFile file(npy);
        start.resize(file.readSome(0, start.data(), start.size()));
    } catch (const Error &) {
        return false;
    }
    const auto descr = start.compare(0, 6, "\x93NUMPY") == 0 ? start.find("descr") : std::string::npos;
    const auto colon = descr == std::string::npos ? descr : start.find(':', descr);
    const auto value = colon == std::string::npos ? colon : start.find_first_not_of(" \t'\"|", colon + 1);
    return value != std::string::npos && (start[value] == 'O' || start[value] == '[');
}

std::shared_ptr<ImageSource> openNpy(const std::filesystem::path &path)
{
    char magic[6] = {};
    if (RandomFile(path).readSome(0, magic, 6) != 6 || std::memcmp(magic, "\x93NUMPY", 6) != 0)
        return {};
    return std::make_shared<NpySource>(path);
}

namespace {

const FormatRegistration
    npyReaderRegistration({.name = "NumPy",
                           .title = "NumPy .npy",
                           .usual = true,
                           .endings = {".npy"},
                           .magic = {"\x93NUMPY"},
                           .priority = 10,
                           .open = [](const std::filesystem::path &path, const ReadOptions &) { return openNpy(path); },
                           .holdsImage = [](const std::filesystem::path &path) { return !holdsNoNumbers(path); }});

} // namespace

} // namespace reticle::files
