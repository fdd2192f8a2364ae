// SPDX-License-Identifier: GPL-3.0-only
// libFuzzer: the request parser keeps its properties whatever the bytes. ./dev fuzz builds and runs it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/parser_properties.h"

namespace {

// Where to cut comes from the bytes themselves (FNV-1a): an input stays a request that can be read.
std::size_t cutOf(std::string_view bytes)
{
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    for (const char c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    return static_cast<std::size_t>(hash % (bytes.size() + 1));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    const std::string broken = weir::test::brokenProperty(bytes, cutOf(bytes));
    if (!broken.empty()) {
        std::fprintf(stderr, "%s\n", broken.c_str());
        std::abort();
    }
    return 0;
}
