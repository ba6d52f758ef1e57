#include "files/formats/TorchArchive.h"
#include "support/TensorFiles.h"
#include "support/TorchArchives.h"

using namespace reticle;

std::vector<std::string> builtInSeeds();
std::vector<std::string> builtInSeeds()
{
    const auto arrays = test::sampleArrays();
    const Json info{{"step", 7}, {"best", {{"dice", 0.5}}}};
    test::ArchivedTensor strided{.stored = 12, .offset = 1, .shape = {2, 3}, .strides = {1, 4}};
    const auto odd = test::zipOf(
        {{"archive/data.pkl",
          test::pickleOf({{"t0", strided.pickled()}, {"names", test::pickledText("a\n")}, {"info", test::pickledText("{}")}})},
         {"archive/data/0", std::string(48, 'x')}});
    return {test::tensorFile(arrays, info), test::tensorFile({}, Json::object()), test::torchArchive(arrays, info),
            test::torchArchive(arrays, info, true), odd};
}

/// Model files and checkpoints of today and of before, in memory, as they are and with checksums that fit: otherwise
/// hardly any damage would get past them. Anything but an Error is a finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string given(reinterpret_cast<const char *>(data), size);
    for (const auto &bytes : {given, test::withFittingChecksums(given)})
        test::readAsModel(bytes);
    return 0;
}
