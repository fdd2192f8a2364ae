// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/announce.h"

#include <cstdio>

namespace weir::app {

void announceReady(const std::vector<std::string> &urls)
{
    for (const std::string &url : urls)
        std::printf("listening on %s\n", url.c_str());
    std::fflush(stdout);
}

void complain(const std::string &sentence)
{
    const bool isEnded = !sentence.empty() && (sentence.back() == '.' || sentence.back() == '?');
    std::fprintf(stderr, "weir: %s%s\n", sentence.c_str(), isEnded ? "" : ".");
}

} // namespace weir::app
