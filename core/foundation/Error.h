#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace reticle {

/// A failure that a person can do something about. Carries where it happened, what was expected, what was found and the
/// way out, and reads as one sentence: "WHERE: expected EXPECTED, found FOUND; WAY OUT."
/// Programming errors are assertions, not Errors.
class Error : public std::exception
{
public:
    enum class Kind {
        Input,     ///< bad arguments, file or recipe: exit status 2
        Cancelled, ///< stopped by the user: exit status 3
        Failed,    ///< failed while running (out of memory, disk full, ...): exit status 4
    };

    struct Parts
    {
        std::string where;    ///< file with page, line or column, or the name of a parameter; may be empty
        std::string expected; ///< "a TIFF with 8, 16 or 32 bits"
        std::string found;    ///< "an empty file"
        std::string wayOut;   ///< "check that the copy was complete"; may be empty
    };

    /// Kind::Input from its parts.
    explicit Error(Parts parts);
    Error(Kind kind, Parts parts);

    /// A failure with a sentence of its own, for what has no "expected / found" (a full disk, a lost worker).
    Error(Kind kind, std::string where, std::string sentence);

    const char *what() const noexcept override { return m_sentence.c_str(); }
    Kind kind() const noexcept { return m_kind; }
    const Parts &parts() const noexcept { return m_parts; }

    /// The same error with `where` put before what is known already: "FILE.tif: page 3: ...".
    Error within(std::string_view where) const;

    /// Exit status of a program that ends with this error: 2, 3 or 4.
    int exitStatus() const noexcept;

private:
    Kind m_kind;
    Parts m_parts;
    std::string m_sentence;
};

/// "did you mean X?" for a misspelt name: the nearest of `known`, or "" when none is near.
std::string nearestName(std::string_view name, const std::vector<std::string> &known);

} // namespace reticle
