#include "base/Array.h"
#include "base/Augment.h"
#include "base/Error.h"
#include "base/Event.h"
#include "base/Frame.h"
#include "base/Recipe.h"
#include "base/SegmentationData.h"
#include "base/Table.h"

using namespace reticle;

namespace {

template <class F> void tried(F f)
{
    try {
        f();
    } catch (const Error &) {
    }
}

} // namespace

/// Frames of the protocol, and everything that is read from JSON. Anything but an Error is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    std::vector<Json> documents;
    tried([&] {
        FrameReader reader;
        reader.append({data, size});
        while (auto message = reader.next())
            documents.push_back(*message);
    });
    documents.push_back(Json::parse(data, data + size, nullptr, false));
    documents.push_back(Json::from_cbor(data, data + size, true, false));

    static const Catalog catalog = [] {
        Catalog c;
        c.kinds["datasets"] = {SegmentationDataOptions::schema().info()};
        c.sections["augment"] = AugmentOptions::schema().info();
        return c;
    }();
    for (const Json &j : documents) {
        if (j.is_discarded())
            continue;
        tried([&] { Array::fromJson(j).toJson(true); });
        tried([&] { Table::fromJson(j); });
        tried([&] { Event::fromJson(j); });
        tried([&] { SchemaInfo::fromJson(j); });
        tried([&] { Catalog::fromJson(j); });
        tried([&] { Split::fromJson(j); });
        tried([&] { Scaling::fromJson(j); });
        tried([&] { Recipe(j).validated(catalog); });
        tried([&] { SegmentationDataOptions::schema().read(j); });
        tried([&] {
            const auto frame = encodeFrame(j);
            FrameReader reader;
            reader.append(frame);
            reader.next();
        });
    }
    return 0;
}
