#include "data/Augment.h"
#include "data/SegmentationData.h"
#include "data/SliceGroups.h"
#include "documents/FigureNotes.h"
#include "documents/JsonText.h"
#include "figure/Figure.h"
#include "foundation/Array.h"
#include "foundation/Error.h"
#include "foundation/Table.h"
#include "project/Recipe.h"
#include "protocol/Event.h"
#include "support/WrongValues.h"

#include <cmath>
#include <cstdlib>

using namespace reticle;

namespace {

Figure oneOfEach()
{
    const Array values = Array(DType::Float64, {2, 3});
    Series line{.name = "loss", .x = {1, 2, 3}, .y = {0.5, 0.25, NAN}, .color = "#0072b2"};
    Series band{.name = "spread", .kind = SeriesKind::Band, .x = {1, 2}, .lower = {0, 0}, .upper = {1, 2}};
    ImagePanel image{.image = Array(DType::UInt8, {4, 5}), .black = 0.0, .pixelSize = 4};
    image.overlays.push_back({.values = Array(DType::UInt8, {4, 5}), .classNames = {"a", "b"}});
    Figure f;
    f.name = "each";
    f.title = "One of each";
    const Axis x{.label = "time", .unit = "s", .scale = Axis::Scale::Log, .min = 0.1};
    f.panels = {{.letter = "a", .content = XYPanel{.x = x, .series = {line, band}, .references = {{'y', 0.5, "half"}}}},
                {.row = 1, .content = HeatMapPanel{.values = values, .color = {.label = "p"}}},
                {.row = 2, .content = image},
                {.row = 3, .content = ImageGridPanel{.columns = 2, .cells = {image, image}, .columnTitles = {"x", "y"}}},
                {.row = 4, .content = HistogramPanel{.histograms = {{.name = "h", .edges = {0, 1, 2}, .counts = {3, 4}}}}}};
    return f;
}

template <class F> void tried(F f)
{
    try {
        f();
    } catch (const Error &) {
    }
}

/// Not compared as values: NaN is not equal to itself.
std::string text(const Json &j)
{
    return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

enum Kind { Recipes, Figures, Results, Events, Tables, Arrays, Schemas, GroupTables };

const std::vector<Json> &documents()
{
    static const std::vector<Json> all = [] {
        Result result;
        result.name = "scores";
        result.values = {{"dice", 0.5}};
        Table table;
        table.title = "t";
        table.columns = {Table::Column{"real", "px", std::vector<double>{1, NAN}, 2},
                         Table::Column{"whole", "", std::vector<std::int64_t>{3, 4}, -1},
                         Table::Column{"text", "", std::vector<std::string>{"a", "b"}, -1}};
        result.tables = {table};
        result.figures = {oneOfEach()};
        const Json recipe{
            {"recipe", 1},
            {"title", "a"},
            {"seed", 1},
            {"data", {{"name", "segmentation"}, {"images", "a.tif"}, {"labels", "b.tif"}, {"validation-slices", {1, 2}}}},
            {"model", {{"name", "net"}}},
            {"augment", AugmentOptions::schema().write({})},
            {"compare", {{"models", {"net", {{"name", "other"}}}}, {"seeds", {1, 2}}}}};
        const Event event{.kind = Event::Kind::Progress,
                          .run = 1,
                          .time = 2,
                          .step = 3,
                          .name = "n",
                          .value = 0.5,
                          .total = 4,
                          .text = "t",
                          .data = {{"remaining", 5}}};
        return std::vector<Json>{recipe,
                                 oneOfEach().toJson(),
                                 result.toJson(),
                                 event.toJson(),
                                 table.toJson(),
                                 Array(DType::Float32, {2, 3}).toJson(true),
                                 SegmentationDataOptions::schema().info().toJson()};
    }();
    return all;
}

void readAs(Kind kind, const Json &j)
{
    static const Catalog catalog = [] {
        Catalog c;
        c.kinds["datasets"] = {SegmentationDataOptions::schema().info()};
        c.kinds["models"] = {SchemaInfo{"net", "", "", {}}, SchemaInfo{"other", "", "", {}}};
        c.kinds["objectives"] = {SchemaInfo{"bce", "", "", {}}};
        c.sections["augment"] = AugmentOptions::schema().info();
        c.sections["train"] = SchemaInfo{"train", "", "", {}};
        return c;
    }();
    switch (kind) {
    case Recipes:
        tried([&] {
            const Recipe valid = Recipe(j).validated(catalog);
            valid.json().dump(); // as it is stored
            if (valid.compares())
                valid.compared();
        });
        tried([&] { Recipe(j).set("augment.enabled", "true", catalog); });
        break;
    case Figures:
        tried([&] {
            const Figure f = Figure::fromJson(j);
            f.problems();
            figureNotes(f);
            if (text(Figure::fromJson(f.toJson()).toJson()) != text(f.toJson()))
                std::abort();
        });
        break;
    case Results: tried([&] { Result::fromJson(j).toJson(); }); break;
    case Events:
        tried([&] {
            const std::string event = text(Event::fromJson(j).toJson());
            if (text(Event::fromJson(tryJson(event)).toJson()).empty())
                std::abort();
        });
        break;
    case Tables: tried([&] { Table::fromJson(j).toCsv(); }); break;
    case Arrays: tried([&] { Array::fromJson(j).toJson(true); }); break;
    case Schemas:
        tried([&] { SchemaInfo::fromJson(j).defaults(); });
        tried([&] { Catalog::fromJson(j); });
        tried([&] { Split::fromJson(j); });
        tried([&] { Scaling::fromJson(j); });
        tried([&] { SegmentationDataOptions::schema().read(j); });
        break;
    case GroupTables: break; // no JSON
    }
}

/// A table of groups for a folder or a stack, with and without a column that is asked for. What is read says something of
/// every slice, and makes parts that keep groups together.
void readGroups(bool folder, std::string_view text)
{
    const std::vector<std::string> files{"cell_1.tif", "cell_02.tif", "cell_02.png", "b.tif", "b.tif", "long name, of \"x\".tif"};
    const SliceNames names{folder ? files : std::vector<std::string>(), static_cast<std::int64_t>(files.size())};
    for (const char *column : {"", "patient"})
        tried([&] {
            const auto groups = sliceGroupsFrom(text, "groups.csv", column, names, {0, 1, 2, 3, 4, 5});
            if (groups.of.size() != files.size() || groups.among({0, 1, 2, 3, 4, 5}).empty() || text.empty())
                std::abort();
            for (const auto &group : groups.of)
                if (group.empty())
                    std::abort();
            SegmentationDataOptions options;
            options.validationFraction = 0.3;
            const auto split = splitOf(options, names.count, 1, groups.of);
            for (const auto s : split.validation)
                for (const auto t : split.training)
                    if (groups.of[static_cast<std::size_t>(s)] == groups.of[static_cast<std::size_t>(t)])
                        std::abort();
        });
}

/// A well-formed document with wrong values, as four bytes each say: which place, and what comes there.
Json changed(const Json &document, const std::uint8_t *data, std::size_t size)
{
    static const std::vector<Json> values = [] {
        auto all = test::wrongValues();
        std::erase_if(all, [](const Json &v) { return v.is_string() && v.get_ref<const std::string &>().size() > 1000; });
        return all;
    }();
    Json j = document;
    for (; size >= 4; data += 4, size -= 4) {
        Json *at = &j, *parent = nullptr;
        std::string key;
        for (std::size_t step = data[0] | (data[1] << 8); at->is_structured() && !at->empty();) {
            const std::size_t n = step % (at->size() + 1);
            step /= at->size() + 1;
            if (n == at->size())
                break;
            parent = at;
            auto it = at->begin();
            std::advance(it, static_cast<std::ptrdiff_t>(n));
            if (parent->is_object())
                key = it.key();
            at = &*it;
        }
        if (data[2] % 8 == 0 && parent && parent->is_object())
            parent->erase(key);
        else if (data[2] % 8 == 1 && parent && parent->is_object() && parent->size() < 60)
            (*parent)[key + static_cast<char>('a' + data[3] % 26)] = Json(*at);
        else if (data[2] % 8 == 2 && at->is_array() && at->size() < 60)
            at->push_back(at->empty() ? Json(data[3]) : Json((*at)[0]));
        else if (data[2] % 8 == 3 && at->is_number())
            *at = at->get<double>() * (data[3] - 128) * 1e9;
        else
            *at = values[data[3] % values.size()];
    }
    return j;
}

} // namespace

std::vector<std::string> builtInSeeds();
std::vector<std::string> builtInSeeds()
{
    // First byte: the kind of document, and whether JSON text or changes of a good document follow; of a table of groups,
    // whether it is for a folder.
    std::vector<std::string> seeds;
    for (std::size_t kind = 0; kind < documents().size(); ++kind) {
        seeds.push_back(static_cast<char>(2 * kind) + documents()[kind].dump());
        seeds.push_back(static_cast<char>(2 * kind + 1) + std::string("\1\2\3\4\11\7\5\6", 8));
    }
    // Tables of groups: of a stack, and of a folder.
    seeds.push_back(static_cast<char>(2 * GroupTables) +
                    std::string("slice,patient,age\n0,p1,3\n1,p1,3\n2,p2,4\n3,p2,4\n4,p3,5\n5,p3,5\n"));
    seeds.push_back(static_cast<char>(2 * GroupTables + 1) +
                    std::string("\xef\xbb\xbf"
                                "file;patient\r\ncell_1;\"p;1\"\r\ncell_02.tif;p2\r\nCELL_02.png;p2\r\nx/b;p3\r\n\"long name, of "
                                "\"\"x\"\".tif\";p3\r\nother;p4"));
    return seeds;
}

/// Everything that is read from JSON: as text that is damaged, and as well-formed documents of wrong content; and tables of
/// groups. Anything but an Error is a finding, and so is a document that is another one after it was written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size < 1)
        return 0;
    const auto kind = static_cast<Kind>(data[0] / 2 % (documents().size() + 1));
    if (kind == GroupTables) {
        readGroups(data[0] % 2 != 0, {reinterpret_cast<const char *>(data) + 1, size - 1});
        return 0;
    }
    Json j;
    if (data[0] % 2)
        j = changed(documents()[kind], data + 1, std::min<std::size_t>(size - 1, 64));
    else
        j = tryJson({reinterpret_cast<const char *>(data) + 1, size - 1});
    if (!j.is_discarded())
        readAs(kind, j);
    return 0;
}
