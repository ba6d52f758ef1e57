#pragma once

/// A function that GCC compiles for wider registers too, chosen when the program starts. No clone has fused
/// multiply-adds, so that every processor gives the same bits. Sanitizers cannot run before the choice is made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&                \
    !defined(__SANITIZE_THREAD__)
#define RETICLE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define RETICLE_WIDE
#endif
