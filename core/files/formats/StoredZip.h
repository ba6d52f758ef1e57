#pragma once

#include "files/ByteSource.h"

#include <map>
#include <string>

namespace reticle {

/// The entries of a ZIP archive that keeps its files uncompressed, ZIP64 too, as LibTorch writes its archives (APPNOTE.TXT
/// 6.3.10). Only the directory at the end is believed; what an entry holds is compared with its CRC-32.
class StoredZip
{
public:
    static constexpr std::uint64_t mostEntries = 1 << 16;
    static constexpr std::uint64_t longestDirectory = std::uint64_t(16) << 20;

    /// `bytes` must outlive this. Throws Error where the directory is not there, damaged or too large.
    explicit StoredZip(const ByteSource &bytes);

    /// Whether the bytes end as an archive does: nothing was cut off.
    static bool endsAsArchive(const ByteSource &bytes);

    bool has(const std::string &name) const { return m_entries.count(name) > 0; }
    /// The first folder of the first entry, "archive".
    const std::string &root() const { return m_root; }
    /// Throws Error where there is no such entry, or one that is compressed, encrypted or outside of the file.
    std::uint64_t sizeOf(const std::string &name) const;
    /// Fills `to`, of sizeOf() bytes. Throws Error where the CRC-32 differs.
    void read(const std::string &name, std::span<std::byte> to) const;

private:
    struct Entry
    {
        std::uint64_t header = 0, packed = 0, size = 0;
        std::uint32_t crc = 0;
        std::uint16_t method = 0, flags = 0;
    };
    const Entry &entry(const std::string &name) const;

    const ByteSource &m_bytes;
    std::map<std::string, Entry> m_entries;
    std::string m_root;
};

} // namespace reticle
