// SPDX-License-Identifier: GPL-3.0-only
// libFuzzer: subjects keep their properties whatever the request. ./dev fuzz builds and runs it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/subject_key_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string broken = weir::test::brokenSubjectKeyProperty({reinterpret_cast<const char *>(data), size});
    if (!broken.empty()) {
        std::fprintf(stderr, "%s\n", broken.c_str());
        std::abort();
    }
    return 0;
}
