#include "base/Error.h"

#include <algorithm>
#include <numeric>

namespace reticle {

namespace {

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

Error::Error(Kind kind, Parts parts) : m_kind(kind), m_parts(std::move(parts)), m_sentence(sentenceOf(m_parts)) {}

Error::Error(Kind kind, std::string where, std::string sentence)
    : m_kind(kind), m_parts{where, {}, sentence, {}},
      m_sentence(where.empty() ? std::move(sentence) : where + ": " + sentence)
{}

Error Error::within(std::string_view where) const
{
    Error e = *this;
    e.m_parts.where = e.m_parts.where.empty() ? std::string(where) : std::string(where) + ": " + e.m_parts.where;
    e.m_sentence = std::string(where) + ": " + m_sentence;
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
    // Levenshtein distance; a name is near when a third of its letters or fewer differ.
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
