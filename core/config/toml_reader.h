// SPDX-License-Identifier: GPL-3.0-only
// Reads the text of a configuration file to values, and finds all that is wrong in it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/file_issue.h"
#include "core/config/toml_tree.h"

namespace weir::config {

/// The largest configuration that passes the check is far smaller.
inline constexpr std::size_t kMostFileBytes = 1'048'576;

struct ConfigFile {
    Config config;                    ///< what the file says; defaults where it says nothing or nothing right
    std::vector<FileIssue> issues;    ///< errors and warnings, in the order of the lines
    std::map<std::string, int> lines; ///< of every key that was said, by its path: "server.max_url", "limit[2].refill"
    std::set<std::string> failed;     ///< the paths with a fault

    [[nodiscard]] bool isUsable() const;
};

/// Read any bytes. The limits are checked as a whole; [server] and [redis] value by value only, because flags and
/// variables override them: the caller, who knows those, runs check(Config). Pure, any thread; time and memory in
/// proportion to the text, which is refused above kMostFileBytes.
[[nodiscard]] ConfigFile readConfigText(std::string_view text);

/// Read what another notation than TOML says in the same tables and keys.
[[nodiscard]] ConfigFile readConfigTree(const TomlNode &tree);

} // namespace weir::config
