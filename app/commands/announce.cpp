// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/announce.h"

#include <cstdio>

namespace weir::app {

void announceReady(const std::vector<std::string> &urls, const std::string &adminUrl)
{
    for (const std::string &url : urls)
        std::printf("listening on %s\n", url.c_str());
    if (!adminUrl.empty())
        std::printf("admin on %s\n", adminUrl.c_str());
    std::fflush(stdout);
}

} // namespace weir::app
