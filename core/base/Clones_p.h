#pragma once

/// Functions marked so are compiled for several instruction sets, and the machine's is taken when the program is loaded.
/// RETICLE_CLONES may fuse multiplication and addition on some machines; RETICLE_SAME_CLONES gives the same numbers on all.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define RETICLE_CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#define RETICLE_SAME_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define RETICLE_CLONES
#define RETICLE_SAME_CLONES
#endif
/// Bodies that are compiled into each clone.
#define RETICLE_INLINE __attribute__((always_inline)) inline
