// SPDX-License-Identifier: GPL-3.0-only
// A configuration file: from its text to values, with all that is wrong in it at once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/file_issue.h"

namespace weir::config {

/// A configuration of more bytes is no configuration: the largest that passes the check has far less.
inline constexpr std::size_t kMostFileBytes = 1'048'576;

struct ConfigFile {
    Config config;                    ///< what the file says; defaults where it says nothing or nothing right
    std::vector<FileIssue> issues;    ///< errors and warnings, in the order of the lines
    std::map<std::string, int> lines; ///< of every key that was said, by its path: "server.max_url", "limit[2].refill"
    std::set<std::string> failed;     ///< the paths that something is wrong with

    [[nodiscard]] bool isUsable() const;
};

/// Reads any bytes. The limits are checked as a whole; [server] and [redis] value by value only, because flags and
/// variables go before them: check(Config) of all that holds is for whoever knows those. Pure, any thread; time and
/// memory in proportion to the text, which is refused above kMostFileBytes.
[[nodiscard]] ConfigFile readConfigText(std::string_view text);

} // namespace weir::config
