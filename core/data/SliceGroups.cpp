#include "data/SliceGroups.h"

#include "documents/DelimitedText.h"
#include "documents/JsonText.h"
#include "documents/PlainText.h"
#include "files/Pairs.h"
#include "foundation/Error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr const char *expectedTable = "a table of groups (CSV or TSV)";
constexpr std::size_t longestName = 1000; ///< bytes; no file has a longer one
constexpr std::size_t mostTold = 3;       ///< names in a sentence
constexpr std::size_t mostKept = 50;      ///< columns in a project

/// Letters and digits in lower case: "patientid" of "Patient_ID".
std::string plainWord(const std::string &text)
{
    std::string word;
    for (const char ch : text) {
        const auto c = static_cast<unsigned char>(ch);
        if (std::isalnum(c) || c >= 0x80)
            word += static_cast<char>(std::tolower(c));
    }
    return word;
}

bool namesGroups(const std::string &column)
{
    static const std::set<std::string> words = {"group",      "groups",      "patient", "subject", "animal", "donor",
                                                "individual", "person",      "mouse",   "rat",     "fish",   "embryo",
                                                "specimen",   "participant", "litter",  "dish"};
    auto word = plainWord(column);
    if (words.contains(word))
        return true;
    for (const std::string ending : {"id", "name", "number", "nr", "no", "code"})
        if (word.ends_with(ending) && words.contains(word.substr(0, word.size() - ending.size())))
            return true;
    return false;
}

bool namesPictures(const std::string &column)
{
    static const std::set<std::string> words = {
        "image",     "images",  "imagename", "imagefile",   "imagefilename", "imagepath",  "picture", "picturename", "img",
        "file",      "files",   "filename",  "filepath",    "path",          "name",       "stem",    "slice",       "slices",
        "slicename", "sliceno", "slicenr",   "slicenumber", "sliceindex",    "page",       "pageno",  "pagenumber",  "frame",
        "section",   "z",       "index",     "picturefile", "framenumber",   "imagenumber"};
    return words.contains(plainWord(column));
}

/// The text in lower case without spaces: what two spellings of one name have in common.
std::string bare(const std::string &text)
{
    std::string all;
    for (const char c : text)
        if (c != ' ')
            all += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return all;
}

/// Lower case, numbers without leading zeros: "slice 7" of "Slice 007".
std::string looseName(const std::string &stem)
{
    std::string name;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t i = 0; i < stem.size(); ++i) {
        const bool leading = stem[i] == '0' && (i == 0 || !digit(stem[i - 1])) && i + 1 < stem.size() && digit(stem[i + 1]);
        if (leading) {
            while (i + 1 < stem.size() && stem[i] == '0' && digit(stem[i + 1]))
                ++i;
        }
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(stem[i])));
    }
    return name;
}

/// "3", also as "3.0", which spreadsheets and pandas make of whole numbers beside empty cells.
std::optional<std::int64_t> sliceNumber(std::string_view cell)
{
    if (const auto dot = cell.find('.');
        dot != std::string_view::npos && dot + 1 < cell.size() && cell.find_first_not_of('0', dot + 1) == std::string_view::npos)
        cell = cell.substr(0, dot);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error != std::errc() || end != cell.data() + cell.size() || number < 0)
        return {};
    return number;
}

std::string inQuotes(const std::string &text)
{
    return "\"" + shortened(oneLine(text), 80) + "\"";
}

/// Names for a sentence: of many the first, with how many more there are.
class Listed
{
public:
    void add(std::string name)
    {
        if (++m_count <= mostTold)
            m_first.push_back(std::move(name));
    }
    std::size_t count() const { return m_count; }
    std::string text() const
    {
        return fmt::format("{}{}", fmt::join(m_first, ", "),
                           m_count > mostTold ? fmt::format(" and {} more", m_count - mostTold) : "");
    }

private:
    std::vector<std::string> m_first;
    std::size_t m_count = 0;
};

std::string fileName(const std::string &path)
{
    return fs::path(path).filename().string();
}

/// Pictures by what a table may call them: files of a folder, or slices of a stack.
class Pictures
{
public:
    enum Found : std::int64_t { None = -1, Several = -2 };

    explicit Pictures(const SliceNames &names) : m_names(names)
    {
        for (std::size_t s = 0; s < names.files.size(); ++s) {
            const auto [at, isNew] = m_exact.try_emplace(names.files[s], static_cast<std::int64_t>(m_slices.size()));
            if (isNew)
                m_slices.emplace_back();
            m_slices[static_cast<std::size_t>(at->second)].push_back(static_cast<std::int64_t>(s));
        }
        for (const auto &[file, picture] : m_exact) {
            const auto stem = files::stemOf(file);
            add(m_stems, stem, picture);
            add(m_loose, looseName(stem), picture);
        }
    }

    bool isStack() const { return m_names.files.empty(); }

    /// Its number, None or Several.
    std::int64_t find(const std::string &cell) const
    {
        if (isStack()) {
            const auto number = sliceNumber(cell);
            return number && *number < m_names.count ? *number : None;
        }
        if (cell.size() > longestName)
            return None;
        // Tables may hold whole paths, also of another system.
        const auto slash = cell.find_last_of("/\\");
        const auto name = slash == std::string::npos ? cell : cell.substr(slash + 1);
        if (name.empty())
            return None;
        if (const auto it = m_exact.find(name); it != m_exact.end())
            return it->second;
        const auto stem = files::stemOf(name);
        for (const auto &one : {name, stem})
            if (const auto it = m_stems.find(one); it != m_stems.end())
                return it->second;
        const auto it = m_loose.find(looseName(stem));
        return it != m_loose.end() && it->second >= 0 ? it->second : None;
    }

    std::vector<std::int64_t> slicesOf(std::int64_t picture) const
    {
        return isStack() ? std::vector<std::int64_t>{picture} : m_slices[static_cast<std::size_t>(picture)];
    }
    std::string nameOf(std::int64_t slice) const
    {
        return isStack() ? std::to_string(slice) : inQuotes(m_names.files[static_cast<std::size_t>(slice)]);
    }
    /// What the names in a table must be.
    std::string expected() const
    {
        if (isStack())
            return m_names.count == 1 ? "the slice number 0"
                                      : fmt::format("slice numbers from 0 to {}, as in the window", m_names.count - 1);
        return "names of the data's pictures, such as " + inQuotes(m_names.files.front());
    }

private:
    static void add(std::map<std::string, std::int64_t> &names, const std::string &name, std::int64_t picture)
    {
        if (const auto [at, isNew] = names.try_emplace(name, picture); !isNew)
            at->second = Several;
    }

    const SliceNames &m_names;
    std::map<std::string, std::int64_t> m_exact, m_stems, m_loose;
    std::vector<std::vector<std::int64_t>> m_slices;
};

struct Columns
{
    std::size_t picture = 0, group = 0;
};

/// Of the candidates the column that names the most pictures; of equal ones the first.
std::size_t mostNaming(DelimitedText &table, const std::vector<std::size_t> &candidates, const Pictures &pictures)
{
    if (candidates.size() == 1)
        return candidates.front();
    std::vector<std::int64_t> count(candidates.size(), 0);
    while (table.next())
        for (std::size_t i = 0; i < candidates.size(); ++i)
            count[i] += pictures.find(table.cells()[candidates[i]]) != Pictures::None;
    table.rewind();
    return candidates[static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin())];
}

Columns columnsOf(DelimitedText &table, const std::string &name, const std::string &wanted, const Pictures &pictures)
{
    const auto &header = table.header();
    std::vector<std::size_t> named; // an index column of pandas has no name
    std::vector<std::string> names;
    for (std::size_t i = 0; i < header.size(); ++i)
        if (!header[i].empty()) {
            named.push_back(i);
            names.push_back(header[i]);
        }
    const auto all = [&](auto &&fits) {
        std::vector<std::size_t> fitting;
        std::copy_if(named.begin(), named.end(), std::back_inserter(fitting), fits);
        return fitting;
    };
    const auto list = [&](const std::vector<std::size_t> &columns) {
        std::vector<std::string> texts;
        for (const auto i : columns)
            texts.push_back(inQuotes(header[i]));
        return fmt::format("{}", fmt::join(texts, ", "));
    };
    const bool known = std::any_of(names.begin(), names.end(),
                                   [&](const std::string &n) { return n == wanted || namesGroups(n) || namesPictures(n); });
    for (const auto &cell : header)
        if (!known && pictures.find(cell) != Pictures::None)
            throw Error({name, "column names, such as image and patient",
                         inQuotes(cell) + " in the first line, which names a picture",
                         "put a line with the column names above it"});
    if (named.size() < 2)
        throw Error({name, "at least two columns, one that names the picture and one that names its group",
                     named.empty() ? "none with a name" : "one, " + list(named),
                     "separate columns with commas, semicolons or tabs, and give each a name in the first line"});

    std::optional<std::size_t> group;
    const auto groupNamed = all([&](std::size_t i) { return namesGroups(header[i]); });
    if (!wanted.empty()) {
        for (const auto i : named)
            if (header[i] == wanted || (!group && bare(header[i]) == bare(wanted)))
                group = i;
        if (!group) {
            const auto near = nearestName(wanted, names);
            throw Error({"data.group-column", "one of the columns " + list(named) + " of " + fileName(name), inQuotes(wanted),
                         near.empty() ? "" : "did you mean \"" + near + "\"?"});
        }
    } else if (groupNamed.size() == 1) {
        group = groupNamed.front();
    }
    auto candidates = all([&](std::size_t i) { return group != i && namesPictures(header[i]); });
    if (candidates.empty())
        candidates = all([&](std::size_t i) { return group != i; });
    const auto picture = mostNaming(table, candidates, pictures);
    if (!group) {
        const auto others = groupNamed.size() > 1 ? groupNamed : all([&](std::size_t i) { return i != picture; });
        if (others.size() != 1)
            throw Error({"data.group-column", "the name of the column that holds the groups", "none",
                         fmt::format("{} has {} columns that may hold them: {}", fileName(name), others.size(), list(others))});
        group = others.front();
    }
    return {picture, *group};
}

/// Reads the rows below the column names.
class Reading
{
public:
    Reading(DelimitedText &table, Columns columns, std::string name, const Pictures &pictures, std::int64_t slices,
            const std::vector<std::int64_t> &used)
        : m_table(table), m_columns(columns), m_name(std::move(name)), m_pictures(pictures),
          m_of(static_cast<std::size_t>(slices)), m_lines(static_cast<std::size_t>(slices), 0),
          m_used(static_cast<std::size_t>(slices), false)
    {
        for (const auto s : used)
            m_used[static_cast<std::size_t>(s)] = true;
    }

    void all()
    {
        std::int64_t rows = 0;
        for (; m_table.next(); ++rows)
            row();
        if (rows == 0)
            throw Error({m_name, "a line for each picture below the column names", "none", {}});
        if (!m_any)
            throw Error({m_name,
                         fmt::format("{} in the column {}", m_pictures.expected(), inQuotes(m_table.header()[m_columns.picture])),
                         m_unknown.text(), "check that the table belongs to these images"});
        Listed missing;
        std::string last;
        for (std::size_t s = 0; s < m_of.size(); ++s)
            if (m_used[s] && m_of[s].empty())
                if (auto picture = m_pictures.nameOf(static_cast<std::int64_t>(s));
                    picture != last) { // a file may have many pages
                    missing.add(picture);
                    last = std::move(picture);
                }
        if (missing.count() > 0)
            throw Error({m_name, m_pictures.isStack() ? "a group for every slice" : "a group for every picture",
                         fmt::format("none for {}{}",
                                     !m_pictures.isStack()  ? ""
                                     : missing.count() == 1 ? "slice "
                                                            : "slices ",
                                     missing.text()),
                         "add lines for them, or leave them out with data.only-slices"});
    }

    std::vector<std::string> groups() { return std::move(m_of); }
    /// Of lines that name no picture; empty where there are none.
    std::string note() const
    {
        const auto n = m_unknown.count();
        return n == 0 ? std::string()
                      : fmt::format("{} line{} of {} name{} no picture of the data and {} ignored: {}.", n, n == 1 ? "" : "s",
                                    fileName(m_name), n == 1 ? "s" : "", n == 1 ? "is" : "are", m_unknown.text());
    }

private:
    void row()
    {
        const auto &cell = m_table.cells()[m_columns.picture];
        const auto group = oneLine(m_table.cells()[m_columns.group]);
        if (cell.empty())
            throw Error({m_table.place(),
                         fmt::format("the name of a picture in the column {}", inQuotes(m_table.header()[m_columns.picture])),
                         "an empty cell", "fill it in, or delete the line"});
        const auto picture = m_pictures.find(cell);
        if (picture == Pictures::Several)
            throw Error({m_table.place(), "the name of one picture", inQuotes(cell) + ", which several files are called",
                         "write the name with its extension"});
        if (picture == Pictures::None) {
            if (m_pictures.isStack())
                throw Error({m_table.place(), m_pictures.expected(), inQuotes(cell),
                             sliceNumber(cell) ? "if the table counts from 1, subtract 1 from each number"
                                               : "call slices of a stack by their number"});
            m_unknown.add(inQuotes(cell));
            return;
        }
        m_any = true;
        const auto slices = m_pictures.slicesOf(picture);
        if (group.empty()) {
            if (std::any_of(slices.begin(), slices.end(), [&](std::int64_t s) { return m_used[static_cast<std::size_t>(s)]; }))
                throw Error(
                    {m_table.place(),
                     fmt::format("a group for {} in the column {}", inQuotes(cell), inQuotes(m_table.header()[m_columns.group])),
                     "an empty cell", "fill it in, or leave the picture out with data.only-slices"});
            return;
        }
        requireOneSpelling(group);
        for (const auto s : slices) {
            auto &known = m_of[static_cast<std::size_t>(s)];
            auto &line = m_lines[static_cast<std::size_t>(s)];
            if (!known.empty() && known != group)
                throw Error({m_table.place(),
                             fmt::format("the group {} of line {} for {} again", inQuotes(known), line, inQuotes(cell)),
                             inQuotes(group), "give each picture one group"});
            known = group;
            line = m_table.line();
        }
    }

    /// Two spellings of one animal would put it into two parts.
    void requireOneSpelling(const std::string &group)
    {
        const auto [at, isNew] = m_spellings.try_emplace(bare(group), group, m_table.line());
        if (const auto &[other, line] = at->second; other != group)
            throw Error({m_table.place(), "groups whose names differ in more than letter case and spaces",
                         fmt::format("{} and, in line {}, {}", inQuotes(group), line, inQuotes(other)),
                         "write one group in one way, or give different groups names that differ more"});
    }

    DelimitedText &m_table;
    Columns m_columns;
    std::string m_name;
    const Pictures &m_pictures;
    std::vector<std::string> m_of;
    std::vector<std::int64_t> m_lines; ///< that said so
    std::vector<bool> m_used;
    std::map<std::string, std::pair<std::string, std::int64_t>> m_spellings;
    Listed m_unknown;
    bool m_any = false;
};

} // namespace

SliceNames SliceNames::of(const files::Slices &images)
{
    SliceNames names;
    names.count = images.pages();
    if (images.isFolder())
        for (std::int64_t s = 0; s < names.count; ++s)
            names.files.push_back(fs::path(images.name(s)).filename().string());
    return names;
}

std::vector<std::string> SliceGroups::among(const std::vector<std::int64_t> &slices) const
{
    std::set<std::string> once;
    for (const auto s : slices)
        if (const auto &group = of.at(static_cast<std::size_t>(s)); !group.empty())
            once.insert(group);
    std::vector<std::string> all(once.begin(), once.end());
    std::stable_sort(all.begin(), all.end(), files::naturalLess);
    return all;
}

std::string SliceGroups::textOf(const std::vector<std::int64_t> &slices) const
{
    const auto n = among(slices).size();
    return fmt::format("{} group{} by the column \"{}\" of {}", n, n == 1 ? "" : "s", column, table);
}

SliceGroups sliceGroupsFrom(std::string_view text, const std::string &name, const std::string &column, const SliceNames &slices,
                            const std::vector<std::int64_t> &used)
{
    DelimitedText table(text, name);
    const Pictures pictures(slices);
    const auto columns = columnsOf(table, name, column, pictures);
    Reading reading(table, columns, name, pictures, slices.count, used);
    reading.all();
    SliceGroups groups;
    groups.table = fileName(name);
    groups.column = table.header()[columns.group];
    if (auto note = reading.note(); !note.empty())
        groups.notes.push_back(std::move(note));
    groups.of = reading.groups();
    return groups;
}

SliceGroups readSliceGroups(const fs::path &table, const std::string &column, const SliceNames &slices,
                            const std::vector<std::int64_t> &used)
{
    return sliceGroupsFrom(readTextFile(table.string(), expectedTable), table.string(), column, slices, used);
}

Json groupTableInfo(const fs::path &path)
{
    const std::string text = readTextFile(path.string(), expectedTable);
    DelimitedText table(text, path.string());
    std::int64_t rows = 0;
    while (table.next())
        ++rows;
    auto columns = table.header();
    columns.resize(std::min(columns.size(), mostKept));
    return {{"columns", columns}, {"rows", rows}};
}

} // namespace reticle
