#include "Environment.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include <dlfcn.h>

namespace reticle {

namespace {

std::string blasName(std::vector<std::string> &warnings)
{
    if (at::hasMKL())
        return "MKL";
    // The library that a matrix product lands in. OpenBLAS also goes by the name libblas.so.3, so it is asked by a
    // function that only it has.
    std::string file = "unknown";
    Dl_info info{};
    if (void *product = dlsym(RTLD_DEFAULT, "sgemm_"); product && dladdr(product, &info) && info.dli_fname)
        file = info.dli_fname;
    if (void *library = dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {
        using Words = const char *(*)();
        const auto config = reinterpret_cast<Words>(dlsym(library, "openblas_get_config"));
        const auto core = reinterpret_cast<Words>(dlsym(library, "openblas_get_corename"));
        std::string name;
        if (config) // "OpenBLAS 0.3.21 NO_LAPACKE …": name and version
            name = std::string(config());
        const auto end = name.find(' ', name.find(' ') + 1);
        if (config)
            name = name.substr(0, end) + (core ? fmt::format(" ({})", core()) : "");
        dlclose(library);
        if (config)
            return name;
    }
    warnings.push_back(fmt::format("The BLAS in use is {}, not OpenBLAS: computing on the processor is up to 25 times "
                                   "slower. Install libopenblas0-pthread and choose it with "
                                   "\"update-alternatives --config libblas.so.3-x86_64-linux-gnu\".",
                                   file));
    return file;
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
