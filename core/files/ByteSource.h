#pragma once

#include "foundation/Error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace reticle {

/// A file that is complete but that Reticle did not write: nothing in it is used, and no older file is used instead.
class ForeignFile : public Error
{
public:
    using Error::Error;
};

/// A file that the disk could not read (Kind::Failed), whatever it holds.
class UnreadableFile : public Error
{
public:
    using Error::Error;
};

/// Bytes that are read at any place: a file, memory, or the beginning of either.
class ByteSource
{
public:
    virtual ~ByteSource() = default;
    virtual std::uint64_t size() const = 0;
    /// Fills `to` from `offset`. Throws Error where the source ends before that or the disk fails.
    virtual void read(std::uint64_t offset, std::span<std::byte> to) const = 0;
    /// For messages: the path of a file.
    const std::string &name() const { return m_name; }

    /// Throws Error: the file is damaged, for this reason, and what to do.
    [[noreturn]] void damaged(const std::string &reason) const;
    /// Throws ForeignFile with what was found in the file.
    [[noreturn]] void foreign(const std::string &found) const;

protected:
    explicit ByteSource(std::string name) : m_name(std::move(name)) {}
    void requireInside(std::uint64_t offset, std::size_t count) const;

private:
    std::string m_name;
};

/// A regular file. Pipes, devices and folders are refused without waiting for them, also behind a link.
class RegularFile : public ByteSource
{
public:
    /// Throws Error where nothing can be opened, ForeignFile for what is not a regular file.
    explicit RegularFile(const std::filesystem::path &path);
    ~RegularFile() override;
    RegularFile(const RegularFile &) = delete;
    RegularFile &operator=(const RegularFile &) = delete;

    std::uint64_t size() const override { return m_size; }
    void read(std::uint64_t offset, std::span<std::byte> to) const override;

private:
    int m_fd = -1;
    std::uint64_t m_size = 0;
};

/// Memory of the caller's, which must outlive this.
class MemoryBytes : public ByteSource
{
public:
    explicit MemoryBytes(std::string_view bytes, std::string name = "memory") : ByteSource(std::move(name)), m_bytes(bytes) {}
    std::uint64_t size() const override { return m_bytes.size(); }
    void read(std::uint64_t offset, std::span<std::byte> to) const override;

private:
    std::string_view m_bytes;
};

/// The first `size` bytes of another source, which must outlive this.
class FirstBytes : public ByteSource
{
public:
    FirstBytes(const ByteSource &whole, std::uint64_t size) : ByteSource(whole.name()), m_whole(whole), m_size(size) {}
    std::uint64_t size() const override { return m_size; }
    void read(std::uint64_t offset, std::span<std::byte> to) const override;

private:
    const ByteSource &m_whole;
    std::uint64_t m_size;
};

/// The whole of a regular file of at most `maximum` bytes. Throws Error.
std::string readRegularFile(const std::filesystem::path &path, std::uint64_t maximum);

} // namespace reticle
