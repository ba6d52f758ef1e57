#include "Catalog.h"

#include "data/Augment.h"
#include "protocol/CatalogParts.h"

namespace reticle {

const Catalog &catalog()
{
    static const Catalog all = [] {
        Catalog c = CatalogParts::instance().catalog();
        // Of base, a static library: the linker would drop what adds itself there.
        c.sections["augment"] = AugmentOptions::schema().info();
        return c;
    }();
    return all;
}

} // namespace reticle
