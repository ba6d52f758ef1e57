#include "foundation/Error.h"

#include "documents/PlainText.h"

#include <algorithm>
#include <numeric>

namespace reticle {

namespace {

// Most bytes of each part: a sentence is for a person, and may quote what a file of any size holds.
constexpr std::size_t longestWhere = 400, longestFound = 300, longestList = 2000, longestSentence = 4000;

/// Parts quote files, names and messages of others: they are made printable, so that every sentence is one line of
/// valid UTF-8, and the middle of long ones is left out.
Error::Parts printableParts(const Error::Parts &p)
{
    return {shortened(printable(p.where), longestWhere), shortened(oneLine(p.expected), longestList),
            shortened(oneLine(p.found), longestFound), shortened(oneLine(p.wayOut), longestList)};
}

std::string sentenceOf(const Error::Parts &p)
{
    std::string s;
    if (!p.where.empty())
        s += p.where + ": ";
    if (!p.expected.empty())
        s += "expected " + p.expected;
    if (!p.found.empty())
        s += std::string(p.expected.empty() ? "" : ", ") + "found " + p.found;
    if (!p.wayOut.empty())
        s += "; " + p.wayOut;
    return s.ends_with('?') ? s : s + ".";
}

} // namespace

Error::Error(Parts parts) : Error(Kind::Input, std::move(parts)) {}

Error::Error(Kind kind, Parts parts) : m_kind(kind), m_parts(printableParts(parts)), m_sentence(sentenceOf(m_parts)) {}

Error::Error(Kind kind, std::string where, std::string sentence)
    : m_kind(kind), m_parts{shortened(printable(where), longestWhere), {}, shortened(oneLine(sentence), longestList), {}},
      m_sentence(m_parts.where.empty() ? m_parts.found : m_parts.where + ": " + m_parts.found)
{
}

Error Error::within(std::string_view where) const
{
    Error e = *this;
    const std::string outer = shortened(printable(where), longestWhere);
    e.m_parts.where = m_parts.where.empty() ? outer : shortened(outer + ": " + m_parts.where, 2 * longestWhere);
    e.m_sentence = shortened(outer + ": " + m_sentence, longestSentence);
    return e;
}

int Error::exitStatus() const noexcept
{
    switch (m_kind) {
    case Kind::Input: return 2;
    case Kind::Cancelled: return 3;
    case Kind::Failed: return 4;
    }
    return 4;
}

std::string nearestName(std::string_view name, const std::vector<std::string> &known)
{
    // Levenshtein distance; a name is near when a third of its letters or fewer differ. No setting has a name so long
    // that it could be near a longer one than this.
    if (name.size() > 200)
        return {};
    std::string best;
    size_t bestDistance = std::max<size_t>(1, (name.size() + 2) / 3) + 1;
    for (const auto &k : known) {
        std::vector<size_t> row(k.size() + 1);
        std::iota(row.begin(), row.end(), size_t{0});
        for (size_t i = 1; i <= name.size(); ++i) {
            size_t diagonal = row[0];
            row[0] = i;
            for (size_t j = 1; j <= k.size(); ++j) {
                const size_t substitute = diagonal + (name[i - 1] != k[j - 1]);
                diagonal = row[j];
                row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
            }
        }
        if (row.back() < bestDistance) {
            bestDistance = row.back();
            best = k;
        }
    }
    return best;
}

} // namespace reticle
