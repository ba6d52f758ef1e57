#include "files/Names.h"

#include "files/Reader.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace reticle::files {

namespace {

using Words = std::vector<std::string>;

bool isNumber(const std::string &word)
{
    return std::isdigit(static_cast<unsigned char>(word[0])) != 0;
}

/// A name taken apart.
struct SimilarName
{
    Words words;      ///< runs of letters and runs of digits, in lower case, numbers without leading zeros
    Words asWritten;  ///< the same as they are in the name
    Words gaps;       ///< what is before each of them
    std::string tail; ///< what is behind the last one
};

SimilarName takenApart(const std::string &text)
{
    SimilarName name;
    int last = 0;
    for (const char ch : text) {
        const auto c = static_cast<unsigned char>(ch);
        const int kind = std::isdigit(c) ? 1 : std::isalpha(c) || c >= 0x80 ? 2 : 0;
        if (kind && kind != last) {
            name.words.emplace_back();
            name.asWritten.emplace_back();
            name.gaps.push_back(std::move(name.tail));
            name.tail.clear();
        }
        if (kind) {
            name.words.back() += static_cast<char>(std::tolower(c));
            name.asWritten.back() += ch;
        } else {
            name.tail += ch;
        }
        last = kind;
    }
    for (auto &word : name.words)
        if (word[0] == '0') // "07" and "7" are one number
            word.erase(0, std::min(word.find_first_not_of('0'), word.size() - 1));
    return name;
}

Words wordsOf(const std::string &name)
{
    return takenApart(name).words;
}

std::string joined(const Words &words)
{
    std::string text;
    for (const auto &word : words)
        text += (text.empty() ? "" : "-") + word;
    return text;
}

/// Words that hardly stand for anything but labels.
bool isStrongLabelWord(const std::string &word)
{
    static const std::set<std::string> known = {"mask",  "masks", "label",        "labels",       "annotation", "annotations",
                                                "annot", "gt",    "truth",        "groundtruth",  "target",     "targets",
                                                "seg",   "segs",  "segmentation", "segmentations"};
    return known.count(word) != 0;
}

bool isLabelWord(const std::string &word)
{
    static const std::set<std::string> weak = {"annotated", "segmented", "labelled", "labeled", "classes"};
    return isStrongLabelWord(word) || weak.count(word) != 0;
}

/// Words before a label word that belong to it ("cp masks" of Cellpose, "Simple Segmentation" of ilastik, "ground truth").
bool isModifier(const std::string &word)
{
    static const std::set<std::string> known = {"cp",       "ground", "simple", "instance", "instances",
                                                "semantic", "binary", "class",  "object"};
    return known.count(word) != 0;
}

bool isImageWord(const std::string &word)
{
    static const std::set<std::string> known = {"image",   "images",   "img",  "imgs",   "im",     "raw",
                                                "volume",  "volumes",  "vol",  "input",  "inputs", "em",
                                                "picture", "pictures", "data", "slices", "slice"};
    return known.count(word) != 0;
}

bool isAsideWord(const std::string &word)
{
    static const std::set<std::string> known = {"flow", "flows", "outline", "outlines", "overlay", "overlays"};
    return known.count(word) != 0;
}

/// A name that says labels, taken apart.
struct Parted
{
    bool says = false, strongAtEnd = false;
    std::vector<Words> images;                  ///< words that the image may be called by, the longest first
    std::vector<std::vector<std::size_t>> kept; ///< their places in the name
};

Parted part(const Words &words)
{
    Parted p;
    std::size_t numbers = words.size(); // those that end the name begin here
    while (numbers > 0 && isNumber(words[numbers - 1]))
        --numbers;
    /// The name without the words from `begin` to `end`.
    const auto add = [&](std::size_t begin, std::size_t end) {
        p.says = true;
        Words left;
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < words.size(); ++i)
            if (i < begin || i >= end) {
                left.push_back(words[i]);
                kept.push_back(i);
            }
        if (std::find(p.images.begin(), p.images.end(), left) == p.images.end()) {
            p.images.push_back(std::move(left));
            p.kept.push_back(std::move(kept));
        }
    };
    // Before its last numbers, if any: "x_mask", "x_mask_07". A weaker word before it belongs to the image ("cell labeled_mask").
    if (numbers > 0 && isLabelWord(words[numbers - 1])) {
        p.strongAtEnd = isStrongLabelWord(words[numbers - 1]);
        std::size_t end = numbers;
        do {
            --end;
            add(end, numbers);
        } while (end > 0 && (isModifier(words[end - 1]) || isStrongLabelWord(words[end - 1])));
        return p;
    }
    // At its beginning: "mask_x", "ground truth x".
    std::size_t begin = 0;
    while (begin < words.size() &&
           (isLabelWord(words[begin]) || (isModifier(words[begin]) && begin + 1 < words.size() && isLabelWord(words[begin + 1]))))
        ++begin;
    if (begin > 0)
        add(0, begin);
    return p;
}

Words withoutImageWords(Words words)
{
    words.erase(std::remove_if(words.begin(), words.end(), isImageWord), words.end());
    return words;
}

std::string bareOf(const Words &words)
{
    const auto p = part(words);
    return joined(withoutImageWords(p.says ? p.images.back() : words));
}

/// Without flows and outlines at the end; as it is where there are none.
Words withoutAside(Words words)
{
    while (!words.empty() && isModifier(words.back()))
        words.pop_back();
    const std::size_t before = words.size();
    while (!words.empty() && isAsideWord(words.back()))
        words.pop_back();
    return words.size() < before ? words : Words();
}

} // namespace

std::string stemOf(const std::filesystem::path &file)
{
    std::string name = file.filename().string();
    // ".ome" and the extensions of images, wherever one ends a word.
    for (bool any = true; any;) {
        any = false;
        for (auto dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
            std::size_t end = dot + 1;
            while (end < name.size() && std::isalnum(static_cast<unsigned char>(name[end])))
                ++end;
            std::string extension = name.substr(dot, end - dot);
            std::transform(extension.begin(), extension.end(), extension.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            if (extension == ".ome" || hasPictureExtension("x" + extension)) {
                name.erase(dot, end - dot);
                any = true;
                break;
            }
        }
    }
    return name;
}

bool saysLabels(const std::string &stem)
{
    return part(wordsOf(stem)).says;
}

bool surelySaysLabels(const std::string &stem)
{
    return part(wordsOf(stem)).strongAtEnd;
}

bool saysImages(const std::string &stem)
{
    const auto all = wordsOf(stem);
    return !part(all).says && std::any_of(all.begin(), all.end(), isImageWord);
}

std::string bareStem(const std::string &stem)
{
    return bareOf(wordsOf(stem));
}

bool isLabelsOf(const std::string &labels, const std::string &image)
{
    const auto words = wordsOf(labels), other = wordsOf(image);
    const auto p = part(words);
    if (!p.says || words == other)
        return false;
    return std::find(p.images.begin(), p.images.end(), other) != p.images.end() ||
           (!part(other).says && bareOf(words) == bareOf(other));
}

std::vector<Role> rolesOf(const std::vector<std::string> &stems)
{
    const std::size_t n = stems.size();
    std::vector<Words> words(n);
    std::vector<Parted> parted(n);
    std::map<std::string, std::vector<std::size_t>> byName, byBare; ///< the latter of names that do not say labels
    for (std::size_t i = 0; i < n; ++i) {
        words[i] = wordsOf(stems[i]);
        parted[i] = part(words[i]);
        byName[joined(words[i])].push_back(i);
        if (!parted[i].says)
            byBare[bareOf(words[i])].push_back(i);
    }
    std::vector<Role> roles(n, Role::Image);
    std::vector<bool> isImage(n, false), hasImage(n, false);
    for (std::size_t i = 0; i < n; ++i) {
        // Flows of Cellpose, "x_flows" and "x_flows_cp_masks".
        for (const auto &left : parted[i].says ? parted[i].images : std::vector<Words>{words[i]})
            if (const auto image = withoutAside(left); !image.empty() && byName.count(joined(image)))
                roles[i] = Role::Neither;
        if (roles[i] == Role::Neither || !parted[i].says)
            continue;
        for (const auto &left : parted[i].images) {
            if (hasImage[i])
                break;
            if (const auto it = byName.find(joined(left)); it != byName.end())
                for (const auto j : it->second)
                    if (j != i)
                        hasImage[i] = isImage[j] = true;
        }
        if (!hasImage[i])
            hasImage[i] = byBare.count(bareOf(words[i])) != 0;
    }
    bool any = false;
    for (std::size_t i = 0; i < n; ++i)
        if (roles[i] == Role::Image && hasImage[i] && !isImage[i]) {
            roles[i] = Role::Labels;
            any = true;
        }
    for (std::size_t i = 0; any && i < n; ++i)
        if (roles[i] == Role::Image && parted[i].strongAtEnd && !isImage[i])
            roles[i] = Role::Labels;
    return roles;
}

namespace {

/// One of the names that matchNames compares.
struct Candidate
{
    explicit Candidate(const std::string &text) : name(takenApart(text)), parted(part(name.words)) {}

    /// What it is compared by. Level 0: the whole name; from 1 on, of labels: without label words; `bare`: without all words
    /// that tell images from labels. Nothing where there is no such level.
    std::optional<std::string> key(std::size_t level, bool bare, bool exact) const
    {
        std::vector<std::size_t> kept(name.words.size());
        std::iota(kept.begin(), kept.end(), std::size_t{0});
        if (bare) {
            if (parted.says)
                kept = parted.kept.back();
            std::erase_if(kept, [&](std::size_t i) { return isImageWord(name.words[i]); });
        } else if (level > 0) {
            if (level > parted.kept.size())
                return {};
            kept = parted.kept[level - 1];
        }
        if (exact)
            return written(kept);
        Words words;
        for (const auto i : kept)
            words.push_back(name.words[i]);
        return joined(words);
    }

    SimilarName name;
    Parted parted;

private:
    /// These words as the name has them, case, signs and separators too. A word that is left out takes one separator along.
    std::string written(const std::vector<std::size_t> &kept) const
    {
        std::string text, between;
        bool any = false;
        auto next = kept.begin();
        for (std::size_t i = 0; i < name.words.size(); ++i) {
            std::string gap = name.gaps[i];
            if (next == kept.end() || *next != i) {
                between += any && !gap.empty() ? gap.substr(0, gap.size() - 1) : std::string();
                continue;
            }
            if (!any && i > 0 && !gap.empty())
                gap.erase(0, 1);
            text += between + gap + name.asWritten[i];
            between.clear();
            any = true;
            ++next;
        }
        text += between + name.tail;
        const char *ends = "_ .";
        text.erase(0, std::min(text.find_first_not_of(ends), text.size()));
        text.erase(text.find_last_not_of(ends) + 1);
        return text;
    }
};

} // namespace

NameMatch matchNames(const std::vector<std::string> &images, const std::vector<std::string> &labels)
{
    NameMatch match;
    match.labels.assign(images.size(), -1);
    std::vector<bool> taken(labels.size(), false), settled(images.size(), false);
    const std::vector<Candidate> ofImages(images.begin(), images.end()), ofLabels(labels.begin(), labels.end());
    std::size_t maximum = 0;
    for (const auto &l : ofLabels)
        maximum = std::max(maximum, l.parted.images.size());
    // Of images that are called the same but for case, signs and the like, each must have labels of just its name: where one
    // of "a1" and "A1" has none, whose labels "a1" are is not known.
    const auto keepWholeGroups = [&] {
        std::map<std::string, std::vector<std::size_t>> groups;
        for (std::size_t i = 0; i < images.size(); ++i)
            groups[*ofImages[i].key(0, false, false)].push_back(i);
        for (const auto &[name, group] : groups) {
            if (std::all_of(group.begin(), group.end(), [&](std::size_t i) { return match.labels[i] >= 0; }))
                continue;
            for (const auto i : group)
                if (match.labels[i] >= 0) {
                    taken[static_cast<std::size_t>(match.labels[i])] = settled[i] = false;
                    match.labels[i] = -1;
                    --match.matched;
                }
        }
    };
    // Names as they are written first: "x-10" and "x+10" are two. Then by their words. Level 0: the same name; 1 ... most:
    // without label words; most + 1: without the words that tell them apart.
    for (const bool exact : {true, false}) {
        for (std::size_t level = 0; level <= maximum + 1; ++level) {
            const bool bare = level > maximum;
            std::map<std::string, std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>> same;
            for (std::size_t i = 0; i < images.size(); ++i)
                if (!settled[i])
                    same[*ofImages[i].key(0, bare, exact)].first.push_back(static_cast<std::int64_t>(i));
            for (std::size_t l = 0; l < labels.size(); ++l)
                if (!taken[l])
                    if (const auto key = ofLabels[l].key(level, bare, exact))
                        same[*key].second.push_back(static_cast<std::int64_t>(l));
            for (const auto &[name, pair] : same) {
                if (pair.first.size() != 1 || pair.second.empty() || (exact && pair.second.size() > 1))
                    continue;
                const auto image = static_cast<std::size_t>(pair.first[0]);
                settled[image] = true;
                if (pair.second.size() == 1) {
                    match.labels[image] = pair.second[0];
                    taken[static_cast<std::size_t>(pair.second[0])] = true;
                    ++match.matched;
                } else {
                    match.several.emplace_back(pair.first[0], pair.second);
                }
            }
        }
        if (exact)
            keepWholeGroups();
    }
    return match;
}

} // namespace reticle::files
