#pragma once

/// A function marked so is compiled for each of these instruction sets, "default" among them, and the machine's is taken when
/// the program is loaded. Those with multiplication and addition in one ("arch=haswell", "avx512f") may give other last digits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define RETICLE_CLONES(...) __attribute__((target_clones(__VA_ARGS__)))
#else
#define RETICLE_CLONES(...)
#endif
/// Bodies that are compiled into each clone.
#define RETICLE_INLINE __attribute__((always_inline)) inline
