#include "Reference.h"

#include "figure/Figure.h"
#include "protocol/Event.h"

#include <fmt/format.h>

#include <set>

namespace reticle {

namespace {

struct Entry
{
    const char *key, *type, *meaning;
};

/// Entries as a table. They are held against a document that the program itself wrote with everything in it, so that a
/// key that comes or goes without its line here is an error.
std::string part(const std::string &title, const std::string &introduction, const Json &written,
                 const std::vector<Entry> &entries)
{
    std::set<std::string> documented, found;
    for (const auto &e : entries)
        documented.insert(e.key);
    for (const auto &[key, value] : written.items())
        found.insert(key);
    for (const auto &key : found)
        if (!documented.count(key))
            throw Error(Error::Kind::Failed, "reference page", title + " has the key \"" + key + "\" without a line.");
    for (const auto &key : documented)
        if (!found.count(key))
            throw Error(Error::Kind::Failed, "reference page", title + " documents \"" + key + "\", which is not written.");
    std::string text = "## " + title + "\n\n" + (introduction.empty() ? "" : introduction + "\n\n");
    text += "| key | type | meaning |\n|---|---|---|\n";
    for (const auto &e : entries)
        text += fmt::format("| `{}` | {} | {} |\n", e.key, e.type, e.meaning);
    return text + "\n";
}

Array pixels(DType dtype)
{
    return Array(dtype, {2, 2});
}

/// One of everything, with no value left at its default.
Figure fullFigure()
{
    Axis axis{"Threshold", "px", Axis::Scale::Log, 0.1, 10, {"a"}, {"Period", "nm", {1}, {"4"}}, {5}};
    Series series;
    series.name = "U-Net";
    series.x = series.y = series.lower = series.upper = {1, 2};
    series.color = "#0072b2";
    series.opacity = 0.5;
    series.width = 1;
    series.dash = Dash::Dashed;
    ImagePanel image;
    image.image = pixels(DType::UInt8);
    image.black = 0;
    image.white = 255;
    image.colorMap = "magma";
    image.colorBar = true;
    image.colorLabel = "Probability";
    image.pixelSize = 4;
    image.unit = "µm";
    Overlay overlay;
    overlay.values = pixels(DType::UInt8);
    overlay.classNames = {"membrane"};
    overlay.colorMap = "cividis";
    overlay.opacity = 0.3;
    image.overlays = {overlay};
    HeatMapPanel heat{axis, axis, pixels(DType::Float64), "magma", axis};
    ImageGridPanel grid{1, {image}, {"input"}, {"slice 3"}, 2};
    const ReferenceLine line{'x', 0.5, "chance"};
    HistogramPanel histogram{axis, axis, {{"gray values", {0, 1}, {5}, "#0072b2"}}, {line}};
    Table table;
    table.title = "Scores";
    table.columns = {{"Dice", "%", std::vector<double>{1}, 2}};
    Figure f;
    f.name = "example";
    f.title = "An example";
    f.caption = "What is shown.";
    f.heightMm = 60;
    const std::vector<decltype(Panel::content)> contents{
        XYPanel{axis, axis, {series}, {line}, LegendPlace::None}, heat, image, grid, histogram, TablePanel{table}};
    for (const auto &content : contents)
        f.panels.push_back({1, 1, 2, 2, "a", "A panel", content});
    return f;
}

std::string figureIntroduction(const std::string &remark)
{
    return "# Figure\n\n" + remark +
           "A figure is a JSON document, `NAME.figure.json`: panels of series, images and tables with axes, units "
           "and captions, never pixels of a drawing. The window and `reticle render` draw it. A key that has its "
           "usual value may be left out; an unknown key or a newer version is refused. A file that Reticle writes "
           "begins with the key `sha256`, the SHA-256 of the text with zeros in its own place: a file that has "
           "changed since is refused. Leave the key out of a figure that you write or change yourself.\n\n";
}

std::string figureParts(const Json &figure)
{
    std::string text = part("Figure", "", figure,
                            {{"figure", "2", "Version of the format. Version 1 is read too; it has no packed arrays."},
                             {"name", "text", "File name without extension."},
                             {"title", "text", "Shown in lists and window titles, not printed."},
                             {"caption", "text", "Exported as text beside the figure."},
                             {"widthMm", "number", "Width in mm; 174 where nothing else is said."},
                             {"heightMm", "number", "Height in mm; 0 or absent = from the content."},
                             {"panels", "list", "Panels."}});
    text += part("Panel", "Panels stand in a grid.", figure["panels"][0],
                 {{"row", "whole number", "First row, from 0."},
                  {"column", "whole number", "First column, from 0."},
                  {"rowSpan", "whole number", "Rows it takes; 1 usually."},
                  {"columnSpan", "whole number", "Columns it takes; 1 usually."},
                  {"letter", "text", "\"a\", \"b\", …; absent = none."},
                  {"title", "text", "Printed above the panel."},
                  {"content", "object", "One of the following, by its `kind`."}});
    return text;
}

std::string curvesPart(const Json &curves)
{
    return part("Content \"xy\"", "Lines, points, bars, areas, bands and error bars over two axes.", curves,
                {{"kind", "\"xy\"", ""},
                 {"x", "axis", "Horizontal axis."},
                 {"y", "axis", "Vertical axis."},
                 {"series", "list", "Series, drawn in this order."},
                 {"references", "list", "Reference lines."},
                 {"legend", "text", "auto, none, top right, top left, bottom right, bottom left or outside."}});
}

std::string axisParts(const Json &axis)
{
    std::string text =
        part("Axis", "", axis,
             {{"label", "text", "Printed as \"label (unit)\"."},
              {"unit", "text", "Unit; absent = none."},
              {"scale", "text", "linear or log. On a log axis a value that is not above 0 leaves a gap."},
              {"min", "number", "Lower end; from the data where absent."},
              {"max", "number", "Upper end; from the data where absent."},
              {"categories", "list of text", "Category i stands at position i; absent = a numeric axis."},
              {"second", "second scale", "Of the x axis of \"xy\" and \"histogram\"; absent = none."},
              {"ticks", "numbers",
               "Labeled positions, rising; absent = round numbers. Where room is short some labels are left out."}});
    text += part("Second scale", "Along the top: the same positions in other words.", axis["second"],
                 {{"label", "text", "Printed as \"label (unit)\"."},
                  {"unit", "text", "Unit; absent = none."},
                  {"positions", "numbers", "Rising positions on the axis."},
                  {"labels", "list of text", "One a position; where room is short some are left out."}});
    return text;
}

/// What is drawn over two axes.
std::string seriesParts(const Json &curves)
{
    std::string text = part("Series", "Numbers that are not finite are written \"nan\", \"inf\" and \"-inf\"; NaN breaks a line.",
                            curves["series"][0],
                            {{"name", "text", "Legend entry; absent = none."},
                             {"kind", "text", "line, scatter, bar, area, band or error bar."},
                             {"x", "numbers", "Positions."},
                             {"y", "numbers", "Values; of an area from 0."},
                             {"lower", "numbers", "Lower ends of a band or error bars."},
                             {"upper", "numbers", "Upper ends of a band or error bars."},
                             {"color", "text", "\"#rrggbb\"; absent = the next of the palette."},
                             {"opacity", "number", "0 to 1; bands have 0.2 where it is left at 1."},
                             {"width", "number", "Line width in pt; absent = 0.75."},
                             {"dash", "text", "solid, dashed, dotted or dash-dot."}});
    text += part("Reference line", "", curves["references"][0],
                 {{"axis", "text", "\"y\": horizontal at y = value; \"x\": vertical."},
                  {"value", "number", "Where."},
                  {"label", "text", "Printed at its end."}});
    return text;
}

std::string heatMapPart(const Json &heatMap)
{
    return part("Content \"heat map\"", "", heatMap,
                {{"kind", "\"heat map\"", ""},
                 {"x", "axis", "Horizontal axis."},
                 {"y", "axis", "Vertical axis; row 0 is on top."},
                 {"values", "array", "(H, W) float64."},
                 {"colorMap", "text", "viridis, cividis, magma, inferno, gray or blue-red."},
                 {"color", "axis", "Label, unit and range of the color bar."}});
}

std::string imageParts(const Json &image)
{
    std::string text = part("Content \"image\"", "", image,
                            {{"kind", "\"image\"", ""},
                             {"image", "array", "(H, W) of any type, or (H, W, 3) uint8."},
                             {"black", "number", "Value shown black; the 0.35 percentile where absent."},
                             {"white", "number", "Value shown white; the 99.65 percentile where absent."},
                             {"colorMap", "text", "As of a heat map; gray where absent."},
                             {"colorBar", "true or false", "Whether a color bar is drawn."},
                             {"colorLabel", "text", "Label of the color bar."},
                             {"overlays", "list", "Overlays, drawn in this order."},
                             {"pixelSize", "number", "Side of a pixel in `unit`; absent = no scale bar."},
                             {"unit", "text", "Unit of the scale bar; nm where absent."}});
    text += part("Overlay", "", image["overlays"][0],
                 {{"kind", "text", "labels, outlines or probability."},
                  {"values", "array", "(H, W): whole numbers, 0 = nothing drawn, or probabilities 0 to 1."},
                  {"classNames", "list of text", "Name of label 0, 1, …; absent for instances."},
                  {"colorMap", "text", "Of a probability."},
                  {"opacity", "number", "0 to 1."}});
    return text;
}

std::string imageGridPart(const Json &grid)
{
    return part("Content \"image grid\"", "", grid,
                {{"kind", "\"image grid\"", ""},
                 {"columns", "whole number", "Pictures in a row."},
                 {"cells", "list", "Images as above without `kind`, row by row, all of one size."},
                 {"columnTitles", "list of text", "Above the columns."},
                 {"rowTitles", "list of text", "Before the rows."},
                 {"gap", "whole number", "Image pixels between cells."}});
}

std::string histogramParts(const Json &histograms)
{
    std::string text = part("Content \"histogram\"", "", histograms,
                            {{"kind", "\"histogram\"", ""},
                             {"x", "axis", "Values."},
                             {"y", "axis", "Counts."},
                             {"histograms", "list", "Histograms, drawn over one another."},
                             {"references", "list", "Reference lines."}});
    text += part("Histogram", "", histograms["histograms"][0],
                 {{"name", "text", "Legend entry."},
                  {"edges", "numbers", "n + 1 edges."},
                  {"counts", "numbers", "n counts."},
                  {"color", "text", "\"#rrggbb\"; absent = the next of the palette."}});
    return text;
}

std::string tableParts(const Json &content)
{
    std::string text = part("Content \"table\"", "", content, {{"kind", "\"table\"", ""}, {"table", "table", "See below."}});
    text +=
        part("Table", "", content["table"], {{"title", "text", "Above it."}, {"columns", "list", "Columns of equal length."}});
    text += part("Column", "", content["table"]["columns"][0],
                 {{"name", "text", "Head of the column."},
                  {"unit", "text", "Unit; absent = none."},
                  {"decimals", "whole number", "Digits after the point; absent = as many as needed, 6 at most."},
                  {"type", "text", "real, integer or text."},
                  {"values", "list", "One entry a row; a missing number is \"nan\"."}});
    return text;
}

/// An array has either key of its numbers; the page shows both.
std::string arrayPart(const Json &image)
{
    Json array = image["image"];
    array.update(Array(DType::Float32, {32, 32}).toJson(true)); // long enough to be packed
    return part("Array",
                "Numbers stand in C order, the last axis fastest. In files up to 256 of them are the list `values`, "
                "more are `packed`, exact and small; either is read whatever the length. In frames to the window "
                "`data` takes their place, the bytes in little-endian order.",
                array,
                {{"dtype", "text", "uint8, int8, uint16, int16, uint32, int32, int64, float32 or float64."},
                 {"shape", "list", "Lengths of the axes."},
                 {"values", "numbers", "All values."},
                 {"packed", "text",
                  "The bytes in little-endian order, compressed with zlib (RFC 1950) and written in "
                  "base64 (RFC 4648). In Python: "
                  "`numpy.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype).reshape(shape)`."}});
}

} // namespace

std::string figurePage(const std::string &remark)
{
    const Json figure = fullFigure().toJson();
    const auto content = [&](std::size_t i) -> const Json & { return figure["panels"][i]["content"]; }; // as fullFigure has them
    std::string text = figureIntroduction(remark);
    text += figureParts(figure);
    text += curvesPart(content(0));
    text += axisParts(content(0)["x"]);
    text += seriesParts(content(0));
    text += heatMapPart(content(1));
    text += imageParts(content(2));
    text += imageGridPart(content(3));
    text += histogramParts(content(4));
    text += tableParts(content(5));
    text += arrayPart(content(2));
    text.pop_back();
    return text;
}

std::string resultPage(const std::string &remark)
{
    Result result;
    result.name = "example";
    std::string text =
        "# Result\n\n" + remark +
        "What an analysis leaves in its folder: `result.json`, one CSV file a table and one "
        "`.figure.json` a [figure](figure.md). `result.json` begins with the key `sha256`, the SHA-256 of the text "
        "with zeros in its own place; a result that has changed since is refused.\n\n";
    text += part("Result", "", result.toJson(),
                 {{"result", "2", "Version of the format. Version 1 is read too; its figures have no packed arrays."},
                  {"name", "text", "Name of the analysis."},
                  {"summary", "text", "One or two sentences for a person."},
                  {"values", "object", "Named numbers."},
                  {"tables", "list", "Tables, as in figures."},
                  {"figures", "list", "Figures."},
                  {"warnings", "list of text", "What to be careful of."}});
    text.pop_back();
    return text;
}

std::string eventPage(const std::string &remark)
{
    Event event{.kind = Event::Kind::Metric, .total = 1, .text = "words", .data = Json::object()};
    std::string kinds;
    for (int k = 0; k <= static_cast<int>(Event::Kind::Cancelled); ++k)
        kinds += (k ? ", " : "") + std::string(nameOf(static_cast<Event::Kind>(k)));
    std::string text = "# Events\n\n" + remark +
                       "With `--events` the worker prints one JSON object a line as it happens. The first six keys are always "
                       "there. Arrays of pictures go to the window only; here they read as their number of bytes.\n\n";
    text += part("Event", "", event.toJson(),
                 {{"event", "text", ("Kind: " + kinds + ".").c_str()},
                  {"run", "whole number", "Number of the run in its project; 0 = none."},
                  {"time", "number", "Seconds of work since the run began, over all its resumptions."},
                  {"step", "whole number", "Training step, slice or tile."},
                  {"name", "text", "Of a metric, such as train.loss or validation.dice; else empty."},
                  {"value", "number or null", "Of a metric; of progress the part done, 0 to 1."},
                  {"total", "whole number", "Steps in all, where known."},
                  {"text", "text", "Words for a person: of a log line, warning or failure."},
                  {"data", "object",
                   "What else belongs to it: of `started` recipe, weights and device; of `progress` the "
                   "seconds `remaining` and, of a run of a comparison, `comparison` with its number, "
                   "the index of the run and their count (value and `remaining` are then of the "
                   "whole); of `done` the summary."}});
    text.pop_back();
    return text;
}

} // namespace reticle
