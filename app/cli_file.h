// SPDX-License-Identifier: GPL-3.0-only
// Which configuration file holds, read; what is wrong in it is said with its lines.
#pragma once

#include <vector>

#include "app/option_reader.h"

namespace weir::app {

/// Hands the file to `reader`: that of --config or WEIR_CONFIG, else the first of defaultConfigFiles() that is there,
/// else none. `text`: its bytes where they have been read already; nullptr: from the disk. Its path, absolute; empty when
/// there is none.
std::string readFile(OptionReader &reader, const std::string *text, std::vector<config::ConfigIssue> &issues,
                     std::vector<config::ConfigIssue> &warnings);

} // namespace weir::app
