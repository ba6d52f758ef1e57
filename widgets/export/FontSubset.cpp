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

/// The tables that a browser draws plain left-to-right text with. Layout tables stay out: letters are placed one by one.
constexpr const char *drawingTables[] = {"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp",
                                         "name", "OS/2", "post", "cvt ", "fpgm", "prep", "gasp"};

/// The font as one file in memory: a face made of single tables crashes HarfBuzz 6.0's subsetter.
Face wholeFace(const QRawFont &font)
{
    const Face builder(hb_face_builder_create());
    for (const char *name : drawingTables) {
        const QByteArray bytes = font.fontTable(name);
        if (bytes.isEmpty())
            continue;
        const Blob table(
            hb_blob_create(bytes.constData(), static_cast<unsigned>(bytes.size()), HB_MEMORY_MODE_DUPLICATE, nullptr, nullptr));
        hb_face_builder_add_table(builder.get(), HB_TAG(name[0], name[1], name[2], name[3]), table.get());
    }
    const Blob file(hb_face_reference_blob(builder.get()));
    return Face(hb_face_create(file.get(), 0));
}

} // namespace

QByteArray fontSubset(bool bold, bool italic, const std::set<uint> &letters)
{
    const QRawFont font = QRawFont::fromFont(FigureStyle::font(10, bold, italic));
    if (!font.isValid() || font.familyName() != QLatin1String("Liberation Sans"))
        return {};
    const Face face = wholeFace(font);
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
