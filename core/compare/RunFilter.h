#pragma once

#include "compare/RunRow.h"

#include <optional>
#include <string>
#include <vector>

namespace reticle {

/// What is typed into the search field of a table of runs. Parts are separated by spaces, and a run is shown where all of them
/// match:
///
///     unet                 a word: somewhere in the run's columns or settings
///     "two words"          the same with a space in it
///     dice>0.9             a name, an operator (= != < <= > >=) and a value; spaces around the operator do not matter
///     -failed -batch=4     not that
///
/// A name is a column (number, name, state, task, network, data, score, steps, time, started, comparison, message), a score or
/// measurement ("dice", "memory-mib"), or a setting by its path or the end of it ("train.batch", "batch"). Case does not matter.
/// In a text, * stands for any letters; of a file its name is enough. A list is equal as a whole ("16,32") or where one of its
/// values is. A measured number is equal where it rounds to what is typed. Times are in minutes, or have a unit ("90s", "10min",
/// "2h", "1d"); dates are "2026", "2026-11" or "2026-11-03". A run that does not have what is named does not match.
class RunFilter
{
public:
    RunFilter() = default; ///< all runs match
    /// Never throws. Parts that are not understood are left out, and problems() says why.
    explicit RunFilter(const std::string &text);

    /// Sentences about parts that are not understood: what is wrong and what to write instead.
    const std::vector<std::string> &problems() const { return m_problems; }
    bool isEmpty() const { return m_terms.empty(); } ///< all runs match
    bool matches(const RunRow &row) const;
    /// Sentences about names that no row has, and about names that are compared by size and have no numbers.
    std::vector<std::string> remarks(const std::vector<const RunRow *> &rows) const;

    enum class Op { Word, Equal, Unequal, Less, AtMost, Greater, AtLeast };
    /// One part as it is understood.
    struct Term
    {
        bool excludes = false;
        Op op = Op::Word;
        std::string name;             ///< as typed; empty of a word
        std::string key;              ///< the name as names are compared: a column, or as typed in lower case
        std::string value;            ///< in lower case
        std::optional<double> number; ///< of the value; of a time in seconds
        double tolerance = 0;         ///< half of the last digit, or of the unit, that was typed
    };

private:
    void add(Term term, const std::string &symbol);

    std::vector<Term> m_terms;
    std::vector<std::string> m_problems;
};

} // namespace reticle
