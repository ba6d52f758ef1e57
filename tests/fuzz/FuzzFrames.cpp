#include "documents/Cbor.h"
#include "documents/DocumentBuilder.h"
#include "foundation/Array.h"
#include "foundation/Error.h"
#include "protocol/Event.h"
#include "protocol/Frame.h"

#include <cstdlib>

using namespace reticle;

namespace {

std::string withLength(std::string content)
{
    std::string frame(4, '\0');
    for (std::size_t i = 0; i < 4; ++i)
        frame[i] = static_cast<char>(content.size() >> (8 * i));
    return frame + content;
}

std::size_t depthOf(const Json &j)
{
    std::size_t deepest = 0;
    if (j.is_structured())
        for (const auto &entry : j)
            deepest = std::max(deepest, depthOf(entry));
    return j.is_structured() ? deepest + 1 : 0;
}

} // namespace

std::vector<std::string> builtInSeeds();
std::vector<std::string> builtInSeeds()
{
    std::vector<std::string> seeds;
    for (const Json &j :
         {Json{{"id", 3}, {"method", "run"}, {"params", {{"project", "P"}, {"recipe", {{"seed", 1}}}}}, {"channel", "c"}},
          Json{{"id", 3}, {"error", {{"kind", "input"}, {"message", "größer"}, {"where", ""}}}},
          Event{.kind = Event::Kind::Example, .step = 4, .data = {{"images", {Array(DType::UInt8, {3, 4}).toJson()}}}}.toJson(),
          Json{{"numbers", {0, -1, 1e300, 0.1, 70000, 5000000000}}, {"all", {true, false, nullptr, Json::object()}}}}) {
        const auto frame = encodeFrame(j);
        seeds.emplace_back(frame.begin(), frame.end());
        seeds.push_back(seeds.back() + seeds.back());
    }
    // Of unknown length, in pieces, half precision, and one inside another.
    seeds.push_back(withLength("\xbf\x61\x61\x9f\x7f\x61\x62\x60\xff\x5f\x41\x01\xff\xf9\x3c\x01\xff\xff"));
    seeds.push_back(withLength(std::string(200, '\x9f')));
    seeds.push_back(withLength(std::string(200, '\x7f')));
    seeds.push_back(withLength("\x9b\x7f\xff\xff\xff\xff\xff\xff\xff\x01"));
    return seeds;
}

/// Frames of the protocol, in pieces as they come. Anything but an Error, more nesting than is allowed, or a value that
/// is not the same after it was sent again is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    FrameReader reader;
    const std::size_t piece = size > 0 && data[0] % 4 == 0 ? size / 3 + 1 : size;
    for (std::size_t at = 0; at < size; at += std::max<std::size_t>(piece, 1)) {
        reader.append({data + at, std::min(piece, size - at)});
        for (bool more = true; more && !reader.lost();)
            try {
                const auto message = reader.next();
                more = message.has_value();
                if (!message)
                    continue;
                if (depthOf(*message) > DocumentLimits::depth)
                    std::abort();
                const auto again = encodeFrame(*message);
                FrameReader second;
                second.append(again);
                // Not compared as values: NaN is not equal to itself.
                if (encodeFrame(second.next().value()) != again)
                    std::abort();
                Event::fromJson(*message);
            } catch (const Error &) {
            }
    }
    // The same bytes as one message, whatever length they state.
    try {
        if (size > 4)
            readCbor({data + 4, size - 4});
    } catch (const Error &) {
    }
    return 0;
}
