// What the fake worker says it can: a catalog of made-up and true entries, and who may ask what of what.
#pragma once

#include "project/Recipe.h"

namespace reticle::test {

/// Whether it lists what no worker has: tests of menus and forms need more than one of a kind.
bool saysMore();
Catalog catalog();
Json asking();
SchemaInfo cleaning();
SchemaInfo region();

} // namespace reticle::test
