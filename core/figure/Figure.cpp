#include "figure/Figure.h"

#include "figure/ColorMap.h"
#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace reticle {

namespace {

constexpr int figureVersion = 2; // 2: long arrays are packed

template <class Enum> struct PanelNames
{
    Enum value;
    const char *name;
};

constexpr std::array<PanelNames<SeriesKind>, 6> seriesKinds{{{SeriesKind::Line, "line"},
                                                             {SeriesKind::Scatter, "scatter"},
                                                             {SeriesKind::Bar, "bar"},
                                                             {SeriesKind::Area, "area"},
                                                             {SeriesKind::Band, "band"},
                                                             {SeriesKind::ErrorBar, "error bar"}}};
constexpr std::array<PanelNames<Dash>, 4> dashes{
    {{Dash::Solid, "solid"}, {Dash::Dashed, "dashed"}, {Dash::Dotted, "dotted"}, {Dash::DashDot, "dash-dot"}}};
constexpr std::array<PanelNames<LegendPlace>, 7> legendPlaces{{{LegendPlace::Auto, "auto"},
                                                               {LegendPlace::None, "none"},
                                                               {LegendPlace::TopRight, "top right"},
                                                               {LegendPlace::TopLeft, "top left"},
                                                               {LegendPlace::BottomRight, "bottom right"},
                                                               {LegendPlace::BottomLeft, "bottom left"},
                                                               {LegendPlace::Outside, "outside"}}};
constexpr std::array<PanelNames<Axis::Scale>, 2> scales{{{Axis::Scale::Linear, "linear"}, {Axis::Scale::Log, "log"}}};
constexpr std::array<PanelNames<Overlay::Kind>, 3> overlayKinds{
    {{Overlay::Kind::Labels, "labels"}, {Overlay::Kind::Outlines, "outlines"}, {Overlay::Kind::Probability, "probability"}}};

template <class Enum, std::size_t N> std::string nameOf(Enum value, const std::array<PanelNames<Enum>, N> &names)
{
    return std::find_if(names.begin(), names.end(), [&](const auto &n) { return n.value == value; })->name;
}

template <class Enum, std::size_t N>
void readEnum(const JsonReader &reader, const char *key, Enum &value, const std::array<PanelNames<Enum>, N> &names)
{
    std::string text;
    if (!reader.has(key))
        return;
    reader.read(key, text);
    std::string known;
    for (const auto &n : names) {
        if (text == n.name) {
            value = n.value;
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string(n.name);
    }
    reader.refuse(key, "one of " + known, "\"" + text + "\"");
}

/// What equals its default is left out, so that a document reads as its author would have written it.
template <class T> void put(Json &json, const char *key, const T &value, const T &usual)
{
    if (!(value == usual))
        json[key] = value;
}

void putNumbers(Json &json, const char *key, const std::vector<double> &values)
{
    if (!values.empty())
        json[key] = numbersToJson(values);
}

void putNumber(Json &json, const char *key, const std::optional<double> &value)
{
    if (value)
        json[key] = numberToJson(*value);
}

Json write(const Axis &a)
{
    Json json = Json::object();
    put(json, "label", a.label, {});
    put(json, "unit", a.unit, {});
    if (a.scale != Axis::Scale::Linear)
        json["scale"] = nameOf(a.scale, scales);
    putNumber(json, "min", a.min);
    putNumber(json, "max", a.max);
    put(json, "categories", a.categories, {});
    if (!a.second.positions.empty()) {
        Json second = Json::object();
        put(second, "label", a.second.label, {});
        put(second, "unit", a.second.unit, {});
        putNumbers(second, "positions", a.second.positions);
        put(second, "labels", a.second.labels, {});
        json["second"] = std::move(second);
    }
    putNumbers(json, "ticks", a.ticks);
    return json;
}

void read(const JsonReader &in, Axis &a)
{
    in.only({"label", "unit", "scale", "min", "max", "categories", "second", "ticks"});
    in.read("label", a.label);
    in.read("unit", a.unit);
    readEnum(in, "scale", a.scale, scales);
    in.read("min", a.min);
    in.read("max", a.max);
    in.read("categories", a.categories);
    in.child("second", [&](const JsonReader &second) {
        second.only({"label", "unit", "positions", "labels"});
        second.read("label", a.second.label);
        second.read("unit", a.second.unit);
        second.read("positions", a.second.positions);
        second.read("labels", a.second.labels);
    });
    in.read("ticks", a.ticks);
}

Json write(const Series &s)
{
    Json json = {{"kind", nameOf(s.kind, seriesKinds)}};
    put(json, "name", s.name, {});
    putNumbers(json, "x", s.x);
    putNumbers(json, "y", s.y);
    putNumbers(json, "lower", s.lower);
    putNumbers(json, "upper", s.upper);
    put(json, "color", s.color, {});
    put(json, "opacity", s.opacity, 1.0);
    put(json, "width", s.width, 0.0);
    if (s.dash != Dash::Solid)
        json["dash"] = nameOf(s.dash, dashes);
    return json;
}

void read(const JsonReader &in, Series &s)
{
    in.only({"kind", "name", "x", "y", "lower", "upper", "color", "opacity", "width", "dash"});
    readEnum(in, "kind", s.kind, seriesKinds);
    in.read("name", s.name);
    in.read("x", s.x);
    in.read("y", s.y);
    in.read("lower", s.lower);
    in.read("upper", s.upper);
    in.read("color", s.color);
    in.read("opacity", s.opacity);
    in.read("width", s.width);
    readEnum(in, "dash", s.dash, dashes);
}

Json write(const ReferenceLine &r)
{
    Json json = {{"axis", std::string(1, r.axis)}, {"value", numberToJson(r.value)}};
    put(json, "label", r.label, {});
    return json;
}

void read(const JsonReader &in, ReferenceLine &r)
{
    in.only({"axis", "value", "label"});
    std::string axis(1, r.axis);
    in.read("axis", axis);
    if (axis != "x" && axis != "y")
        in.refuse("axis", "\"x\" or \"y\"", "\"" + axis + "\"");
    r.axis = axis[0];
    in.read("value", r.value);
    in.read("label", r.label);
}

Json write(const Histogram &h)
{
    Json json = Json::object();
    put(json, "name", h.name, {});
    json["edges"] = numbersToJson(h.edges);
    json["counts"] = numbersToJson(h.counts);
    put(json, "color", h.color, {});
    return json;
}

void read(const JsonReader &in, Histogram &h)
{
    in.only({"name", "edges", "counts", "color"});
    in.read("name", h.name);
    in.read("edges", h.edges);
    in.read("counts", h.counts);
    in.read("color", h.color);
}

// Defined below; the list readers must know them.
void read(const JsonReader &in, Overlay &o);
void read(const JsonReader &in, ImagePanel &p);

template <class T> Json writeAll(const std::vector<T> &items)
{
    Json list = Json::array();
    for (const auto &item : items)
        list.push_back(write(item));
    return list;
}

template <class T> void readAll(const JsonReader &in, const char *key, std::vector<T> &items)
{
    in.each(key, [&](const JsonReader &item) {
        items.emplace_back();
        read(item, items.back());
    });
}

Json write(const Overlay &o, bool text)
{
    Json json = {{"kind", nameOf(o.kind, overlayKinds)}, {"values", o.values.toJson(text)}};
    put(json, "classNames", o.classNames, {});
    put(json, "colorMap", o.colorMap, std::string("viridis"));
    put(json, "opacity", o.opacity, 0.5);
    return json;
}

void read(const JsonReader &in, Overlay &o)
{
    in.only({"kind", "values", "classNames", "colorMap", "opacity"});
    readEnum(in, "kind", o.kind, overlayKinds);
    in.read("values", o.values);
    in.read("classNames", o.classNames);
    in.read("colorMap", o.colorMap);
    in.read("opacity", o.opacity);
}

Json write(const ImagePanel &p, bool text)
{
    Json json = {{"image", p.image.toJson(text)}};
    putNumber(json, "black", p.black);
    putNumber(json, "white", p.white);
    put(json, "colorMap", p.colorMap, std::string("gray"));
    put(json, "colorBar", p.colorBar, false);
    put(json, "colorLabel", p.colorLabel, {});
    if (!p.overlays.empty()) {
        json["overlays"] = Json::array();
        for (const auto &o : p.overlays)
            json["overlays"].push_back(write(o, text));
    }
    put(json, "pixelSize", p.pixelSize, 0.0);
    put(json, "unit", p.unit, std::string("nm"));
    return json;
}

void read(const JsonReader &in, ImagePanel &p)
{
    in.only({"image", "black", "white", "colorMap", "colorBar", "colorLabel", "overlays", "pixelSize", "unit"});
    in.read("image", p.image);
    in.read("black", p.black);
    in.read("white", p.white);
    in.read("colorMap", p.colorMap);
    in.read("colorBar", p.colorBar);
    in.read("colorLabel", p.colorLabel);
    readAll(in, "overlays", p.overlays);
    in.read("pixelSize", p.pixelSize);
    in.read("unit", p.unit);
}

// One struct of functions a kind of panel: its name in documents, how it is written and read.
struct Writer
{
    bool text;

    Json operator()(const XYPanel &p) const
    {
        Json json = {{"kind", "xy"}, {"x", write(p.x)}, {"y", write(p.y)}, {"series", writeAll(p.series)}};
        if (!p.references.empty())
            json["references"] = writeAll(p.references);
        if (p.legend != LegendPlace::Auto)
            json["legend"] = nameOf(p.legend, legendPlaces);
        return json;
    }
    Json operator()(const HeatMapPanel &p) const
    {
        Json json = {{"kind", "heat map"}, {"x", write(p.x)}, {"y", write(p.y)}, {"values", p.values.toJson(text)}};
        put(json, "colorMap", p.colorMap, std::string("viridis"));
        json["color"] = write(p.color);
        return json;
    }
    Json operator()(const ImagePanel &p) const
    {
        Json json = {{"kind", "image"}};
        json.update(write(p, text));
        return json;
    }
    Json operator()(const ImageGridPanel &p) const
    {
        Json json = {{"kind", "image grid"}, {"columns", p.columns}, {"cells", Json::array()}};
        for (const auto &c : p.cells)
            json["cells"].push_back(write(c, text));
        put(json, "columnTitles", p.columnTitles, {});
        put(json, "rowTitles", p.rowTitles, {});
        put(json, "gap", p.gap, 0);
        return json;
    }
    Json operator()(const HistogramPanel &p) const
    {
        Json json = {{"kind", "histogram"}, {"x", write(p.x)}, {"y", write(p.y)}, {"histograms", writeAll(p.histograms)}};
        if (!p.references.empty())
            json["references"] = writeAll(p.references);
        return json;
    }
    Json operator()(const TablePanel &p) const { return {{"kind", "table"}, {"table", p.table.toJson()}}; }
};

void readContent(const JsonReader &in, Panel &panel)
{
    std::string kind;
    in.need("kind");
    in.read("kind", kind);
    if (kind == "xy") {
        in.only({"kind", "x", "y", "series", "references", "legend"});
        XYPanel p;
        in.child("x", [&](const JsonReader &r) { read(r, p.x); });
        in.child("y", [&](const JsonReader &r) { read(r, p.y); });
        readAll(in, "series", p.series);
        readAll(in, "references", p.references);
        readEnum(in, "legend", p.legend, legendPlaces);
        panel.content = std::move(p);
    } else if (kind == "heat map") {
        in.only({"kind", "x", "y", "values", "colorMap", "color"});
        HeatMapPanel p;
        in.child("x", [&](const JsonReader &r) { read(r, p.x); });
        in.child("y", [&](const JsonReader &r) { read(r, p.y); });
        in.read("values", p.values);
        in.read("colorMap", p.colorMap);
        in.child("color", [&](const JsonReader &r) { read(r, p.color); });
        panel.content = std::move(p);
    } else if (kind == "image") {
        ImagePanel p;
        read(in.without("kind"), p);
        panel.content = std::move(p);
    } else if (kind == "image grid") {
        in.only({"kind", "columns", "cells", "columnTitles", "rowTitles", "gap"});
        ImageGridPanel p;
        in.read("columns", p.columns);
        readAll(in, "cells", p.cells);
        in.read("columnTitles", p.columnTitles);
        in.read("rowTitles", p.rowTitles);
        in.read("gap", p.gap);
        panel.content = std::move(p);
    } else if (kind == "histogram") {
        in.only({"kind", "x", "y", "histograms", "references"});
        HistogramPanel p;
        in.child("x", [&](const JsonReader &r) { read(r, p.x); });
        in.child("y", [&](const JsonReader &r) { read(r, p.y); });
        readAll(in, "histograms", p.histograms);
        readAll(in, "references", p.references);
        panel.content = std::move(p);
    } else if (kind == "table") {
        in.only({"kind", "table"});
        TablePanel p;
        in.need("table");
        in.within("table", [&](const Json &json) { p.table = Table::fromJson(json); });
        panel.content = std::move(p);
    } else {
        in.refuse("kind", "one of xy, heat map, image, image grid, histogram, table", "\"" + kind + "\"");
    }
}

/// Fields and a color map had British names in documents of before: {former, today's}.
constexpr std::pair<const char *, const char *> formerNames[] = {
    {"colour", "color"}, {"colourMap", "colorMap"}, {"colourBar", "colorBar"}, {"colourLabel", "colorLabel"}};

bool isOfBefore(const Json &json)
{
    if (json.is_object())
        for (const auto &former : formerNames)
            if (json.contains(former.first))
                return true;
    if (json.is_object() && json.value("colorMap", Json()) == "grey")
        return true;
    if (json.is_array())
        return std::any_of(json.begin(), json.end(), isOfBefore);
    if (json.is_object())
        for (const auto &[key, value] : json.items())
            if (key != "table" && isOfBefore(value))
                return true;
    return false;
}

/// With today's names; one that is there under both is left for the reader to refuse.
Json withTodaysNames(const Json &json)
{
    if (json.is_array()) {
        Json now = Json::array();
        for (const auto &value : json)
            now.push_back(withTodaysNames(value));
        return now;
    }
    if (!json.is_object())
        return json;
    Json now = Json::object();
    for (const auto &[key, value] : json.items()) {
        std::string name = key;
        for (const auto &[former, today] : formerNames)
            if (key == former && !json.contains(today))
                name = today;
        now[name] = key == "table" ? value : name == "colorMap" && value == "grey" ? Json("gray") : withTodaysNames(value);
    }
    return now;
}

} // namespace

Json Figure::toJson(bool text) const
{
    Json json = {{"figure", figureVersion}, {"name", name}};
    put(json, "title", title, {});
    put(json, "caption", caption, {});
    json["widthMm"] = widthMm;
    put(json, "heightMm", heightMm, 0.0);
    json["panels"] = Json::array();
    for (const auto &panel : panels) {
        Json p = Json::object();
        put(p, "row", panel.row, 0);
        put(p, "column", panel.column, 0);
        put(p, "rowSpan", panel.rowSpan, 1);
        put(p, "columnSpan", panel.columnSpan, 1);
        put(p, "letter", panel.letter, {});
        put(p, "title", panel.title, {});
        p["content"] = std::visit(Writer{text}, panel.content);
        json["panels"].push_back(std::move(p));
    }
    return json;
}

namespace {

Figure figureOf(const Json &json)
{
    const JsonReader in(json, "figure");
    in.version("figure", figureVersion);
    in.only({"figure", "name", "title", "caption", "widthMm", "heightMm", "panels", "sha256"});
    Figure f;
    in.read("name", f.name);
    in.read("title", f.title);
    in.read("caption", f.caption);
    in.read("widthMm", f.widthMm);
    in.read("heightMm", f.heightMm);
    in.need("panels");
    const std::string title = f.name.empty() ? "figure" : "figure " + f.name;
    try {
        in.renamed(title).each("panels", [&](const JsonReader &r) {
            Panel p;
            r.only({"row", "column", "rowSpan", "columnSpan", "letter", "title", "content"});
            r.read("row", p.row);
            r.read("column", p.column);
            r.read("rowSpan", p.rowSpan);
            r.read("columnSpan", p.columnSpan);
            r.read("letter", p.letter);
            r.read("title", p.title);
            r.need("content");
            r.child("content", [&](const JsonReader &c) { readContent(c, p); });
            f.panels.push_back(std::move(p));
        });
    } catch (const Json::exception &e) {
        throw Error(Error::Kind::Input, title, e.what());
    }
    return f;
}

} // namespace

Figure Figure::fromJson(const Json &json)
{
    return isOfBefore(json) ? figureOf(withTodaysNames(json)) : figureOf(json);
}

} // namespace reticle
