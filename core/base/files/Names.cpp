#include "base/files/Names.h"

#include "base/files/Reader.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace reticle::files {

namespace {

using Words = std::vector<std::string>;

bool isNumber(const std::string &word)
{
    return std::isdigit(static_cast<unsigned char>(word[0])) != 0;
}

/// Runs of letters and runs of digits, in lower case, numbers without leading zeros ("07" and "7" are one number).
Words wordsOf(const std::string &name)
{
    Words all;
    int last = 0;
    for (const char ch : name) {
        const auto c = static_cast<unsigned char>(ch);
        const int kind = std::isdigit(c) ? 1 : std::isalpha(c) || c >= 0x80 ? 2 : 0;
        if (kind && kind != last)
            all.emplace_back();
        if (kind)
            all.back() += static_cast<char>(std::tolower(c));
        last = kind;
    }
    for (auto &word : all)
        if (word[0] == '0')
            word.erase(0, std::min(word.find_first_not_of('0'), word.size() - 1));
    return all;
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
    static const std::set<std::string> known = {
        "mask",    "masks",  "label", "labels", "annotation", "annotations",  "annot",        "gt",       "truth", "groundtruth",
        "target",  "targets", "seg",   "segs",   "segmentation", "segmentations"};
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
    static const std::set<std::string> known = {"cp", "ground", "simple", "instance", "instances", "semantic", "binary", "class", "object"};
    return known.count(word) != 0;
}

bool isImageWord(const std::string &word)
{
    static const std::set<std::string> known = {"image", "images", "img", "imgs", "im", "raw", "volume", "volumes", "vol",
                                                "input", "inputs", "em", "picture", "pictures", "data", "slices", "slice"};
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
    std::vector<Words> images; ///< words that the image may be called by, the longest first
};

Parted part(const Words &words)
{
    Parted p;
    std::size_t numbers = words.size(); // those that end the name begin here
    while (numbers > 0 && isNumber(words[numbers - 1]))
        --numbers;
    const auto add = [&](const Words &left) {
        p.says = true;
        if (std::find(p.images.begin(), p.images.end(), left) == p.images.end())
            p.images.push_back(left);
    };
    // Before its last numbers, if any: "x_mask", "x_mask_07". A weaker word before it belongs to the image ("cell labeled_mask").
    if (numbers > 0 && isLabelWord(words[numbers - 1])) {
        p.strongAtEnd = isStrongLabelWord(words[numbers - 1]);
        std::size_t end = numbers;
        do {
            --end;
            Words left(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(end));
            left.insert(left.end(), words.begin() + static_cast<std::ptrdiff_t>(numbers), words.end());
            add(left);
        } while (end > 0 && (isModifier(words[end - 1]) || isStrongLabelWord(words[end - 1])));
        return p;
    }
    // At its beginning: "mask_x", "ground truth x".
    std::size_t begin = 0;
    while (begin < words.size() && (isLabelWord(words[begin]) || (isModifier(words[begin]) && begin + 1 < words.size() && isLabelWord(words[begin + 1]))))
        ++begin;
    if (begin > 0)
        add(Words(words.begin() + static_cast<std::ptrdiff_t>(begin), words.end()));
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
            std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
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
    return std::find(p.images.begin(), p.images.end(), other) != p.images.end() || (!part(other).says && bareOf(words) == bareOf(other));
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

NameMatch matchNames(const std::vector<std::string> &images, const std::vector<std::string> &labels)
{
    NameMatch match;
    match.labels.assign(images.size(), -1);
    std::vector<bool> taken(labels.size(), false), settled(images.size(), false);
    std::vector<Words> imageWords, labelWords;
    std::vector<Parted> parted;
    for (const auto &name : images)
        imageWords.push_back(wordsOf(name));
    for (const auto &name : labels) {
        labelWords.push_back(wordsOf(name));
        parted.push_back(part(labelWords.back()));
    }
    std::size_t most = 0;
    for (const auto &p : parted)
        most = std::max(most, p.images.size());
    // 0: the same name; 1 ... most: without label words; most + 1: without the words that tell them apart.
    for (std::size_t level = 0; level <= most + 1; ++level) {
        std::map<std::string, std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>> alike;
        for (std::size_t i = 0; i < images.size(); ++i)
            if (!settled[i])
                alike[level <= most ? joined(imageWords[i]) : bareOf(imageWords[i])].first.push_back(static_cast<std::int64_t>(i));
        for (std::size_t l = 0; l < labels.size(); ++l) {
            if (taken[l])
                continue;
            const auto &p = parted[l];
            if (level == 0)
                alike[joined(labelWords[l])].second.push_back(static_cast<std::int64_t>(l));
            else if (level > most)
                alike[bareOf(labelWords[l])].second.push_back(static_cast<std::int64_t>(l));
            else if (level <= p.images.size())
                alike[joined(p.images[level - 1])].second.push_back(static_cast<std::int64_t>(l));
        }
        for (const auto &[name, pair] : alike) {
            if (pair.first.size() != 1 || pair.second.empty())
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
    return match;
}

} // namespace reticle::files
