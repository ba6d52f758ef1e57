#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace reticle {

/// SHA-256 (FIPS 180-4), fed in pieces.
class Sha256
{
public:
    /// `plain`: without the processor's own instructions for it, where it has some.
    explicit Sha256(bool plain = false) : m_plain(plain) {}
    void add(std::span<const std::uint8_t> bytes);
    void add(std::string_view text);
    /// 64 hexadecimal digits. The object is of no use after that.
    std::string finish();

private:
    void blocks(const std::uint8_t *bytes, std::size_t count);

    std::array<std::uint32_t, 8> m_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, 64> m_rest{};
    std::uint64_t m_length = 0;
    bool m_plain;
};

} // namespace reticle
