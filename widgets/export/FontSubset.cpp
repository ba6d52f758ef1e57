#include "widgets/export/FontSubset.h"

#include "widgets/render/FigureStyle.h"

#include <QRawFont>

#include <hb-subset.h>

#include <memory>

namespace reticle {

namespace {

template <auto destroy> struct Destroy
{
    template <class T> void operator()(T *p) const { destroy(p); }
};
using Face = std::unique_ptr<hb_face_t, Destroy<hb_face_destroy>>;
using Blob = std::unique_ptr<hb_blob_t, Destroy<hb_blob_destroy>>;
using SubsetInput = std::unique_ptr<hb_subset_input_t, Destroy<hb_subset_input_destroy>>;

/// HarfBuzz asks for the tables one by one; Qt knows them without telling the font's file.
hb_blob_t *table(hb_face_t *, hb_tag_t tag, void *font)
{
    const char name[] = {HB_UNTAG(tag), 0};
    const QByteArray bytes = static_cast<QRawFont *>(font)->fontTable(name);
    return hb_blob_create(bytes.constData(), static_cast<unsigned>(bytes.size()), HB_MEMORY_MODE_DUPLICATE, nullptr, nullptr);
}

} // namespace

QByteArray fontSubset(bool bold, bool italic, const std::set<uint> &letters)
{
    QRawFont font = QRawFont::fromFont(FigureStyle::font(10, bold, italic));
    if (!font.isValid() || font.familyName() != QLatin1String("Liberation Sans"))
        return {};
    const Face face(hb_face_create_for_tables(table, &font, nullptr));
    const SubsetInput input(hb_subset_input_create_or_fail());
    if (!input)
        return {};
    for (const uint letter : letters)
        hb_set_add(hb_subset_input_unicode_set(input.get()), letter);
    const Face subset(hb_subset_or_fail(face.get(), input.get()));
    if (!subset)
        return {};
    const Blob blob(hb_face_reference_blob(subset.get()));
    unsigned length = 0;
    const char *data = hb_blob_get_data(blob.get(), &length);
    return {data, static_cast<qsizetype>(length)};
}

} // namespace reticle
