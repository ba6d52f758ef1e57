#include "base/Error.h"

#include <cstdio>

int main()
{
    std::puts(RETICLE_VERSION);
    return 0;
}
