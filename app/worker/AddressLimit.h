#pragma once

#include <cstdint>

namespace reticle {

/// Of addresses, below which the libraries cannot be initialized: measured with ulimit -v.
constexpr std::uint64_t leastAddressSpace = std::uint64_t(1) << 30;

/// Under a limit on addresses (ulimit -v): ends the process in a sentence, with exit status 2, where it is below
/// leastAddressSpace; else takes fewer addresses for threads, and where a library does not look whether it got what it asked
/// for and crashes, that ends in a sentence too, with exit status 4. Runs by itself before the libraries are initialized.
void prepareForAddressLimit();

/// An exception that nothing catches, as in a thread of a library, ends the process in a sentence with exit status 4.
void endInASentenceAlways();

} // namespace reticle
