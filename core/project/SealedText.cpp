#include "project/SealedText.h"

#include "documents/JsonText.h"
#include "files/ByteSource.h"
#include "foundation/Sha256.h"

#include <cassert>

namespace reticle {

namespace {

constexpr std::string_view sealBeginning = "{\n \"sha256\": \"";
constexpr std::size_t hexDigits = 64;
constexpr std::uint64_t longestDocument = std::uint64_t(4) << 30;

std::string digestOf(std::string_view text)
{
    Sha256 hash;
    hash.add(text);
    return hash.finish();
}

} // namespace

std::string sealed(std::string text)
{
    assert(text.starts_with("{\n"));
    text.insert(1, "\",");
    text.insert(1, hexDigits, '0');
    text.replace(0, 1, sealBeginning);
    const auto digest = digestOf(text);
    text.replace(sealBeginning.size(), hexDigits, digest);
    return text;
}

Json readSealed(std::string_view text, const std::string &where)
{
    Json json;
    try {
        json = readJson(text, where);
    } catch (const Error &e) {
        throw Error(
            {e.parts().where, "JSON", "a damaged file (" + e.parts().found + ")", "restore it from a copy, or make it again"});
    }
    if (!json.is_object() || !json.contains("sha256"))
        return json;
    std::string zeroed(text);
    std::string stated;
    if (zeroed.starts_with(sealBeginning) && zeroed.size() > sealBeginning.size() + hexDigits) {
        stated = zeroed.substr(sealBeginning.size(), hexDigits);
        zeroed.replace(sealBeginning.size(), hexDigits, hexDigits, '0');
    }
    if (stated != digestOf(zeroed))
        throw Error(Error::Kind::Input, where,
                    "This file is damaged or was changed: its checksum does not match. Restore it from a copy, or make it "
                    "again. If you changed it on purpose, remove the line with \"sha256\" first.");
    json.erase("sha256");
    return json;
}

Json readSealedFile(const std::filesystem::path &file)
{
    return readSealed(readRegularFile(file, longestDocument), file.string());
}

} // namespace reticle
