// SPDX-License-Identifier: GPL-3.0-only
// What Weir says on stdout.
#pragma once

#include <string>
#include <vector>

namespace weir::app {

/// Print a line for each address on stdout, which scripts wait for: "listening on http://127.0.0.1:8000", and then
/// "admin on http://127.0.0.1:8001" unless `adminUrl` is empty.
void announceReady(const std::vector<std::string> &urls, const std::string &adminUrl);

} // namespace weir::app
