#include "Environment.h"

#include <torch/cuda.h>
#include <torch/version.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include <dlfcn.h>
#include <link.h>

namespace reticle {

namespace {

/// Path of the first loaded library whose name holds `part`, or "".
std::string loadedLibrary(const char *part)
{
    struct Search
    {
        std::string part, found;
    } search{part, {}};
    dl_iterate_phdr(
        [](dl_phdr_info *info, std::size_t, void *data) {
            auto *s = static_cast<Search *>(data);
            const std::string path = info->dlpi_name ? info->dlpi_name : "";
            if (path.substr(path.rfind('/') + 1).find(s->part) == std::string::npos)
                return 0;
            s->found = path;
            return 1;
        },
        &search);
    return search.found;
}

std::string blasName(std::vector<std::string> &warnings)
{
    if (at::hasMKL())
        return "MKL";
    // OpenBLAS also hides behind the name libblas.so.3, so it is asked by a function that only it has.
    if (void *config = dlsym(RTLD_DEFAULT, "openblas_get_config"))
        return std::string(reinterpret_cast<const char *(*)()>(config)());
    const std::string file = loadedLibrary("blas");
    warnings.push_back(fmt::format("The BLAS in use is {}, not OpenBLAS: computing on the processor is up to 25 times "
                                   "slower. Install libopenblas0-pthread and choose it with "
                                   "\"update-alternatives --config libblas.so.3-x86_64-linux-gnu\".",
                                   file.empty() ? "unknown" : file));
    return file.empty() ? "unknown" : file;
}

bool processorHasBf16()
{
    std::ifstream file("/proc/cpuinfo");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return text.find("avx512_bf16") != std::string::npos || text.find("amx_bf16") != std::string::npos;
}

} // namespace

const Environment &Environment::get()
{
    static const Environment environment = [] {
        Environment e;
        e.version = RETICLE_VERSION;
        e.torch = fmt::format("{}.{}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
        e.devices.push_back("cpu");
        if (torch::cuda::is_available())
            for (std::size_t i = 0; i < torch::cuda::device_count(); ++i)
                e.devices.push_back(fmt::format("cuda:{}", i));
        e.device = e.devices.size() > 1 ? "cuda:0" : "cpu";
        e.blas = blasName(e.warnings);
        e.threads = at::get_num_threads();
        e.bf16 = e.devices.size() > 1 || processorHasBf16();
        return e;
    }();
    return environment;
}

Json Environment::toJson() const
{
    Json j;
    j["version"] = version;
    j["torch"] = torch;
    j["device"] = device;
    j["devices"] = devices;
    j["blas"] = blas;
    j["threads"] = threads;
    j["bf16"] = bf16;
    j["warnings"] = warnings;
    return j;
}

} // namespace reticle
