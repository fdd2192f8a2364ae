// SPDX-License-Identifier: GPL-3.0-only
// Finds and reads the configuration file.
#pragma once

#include <vector>

#include "app/option_reader.h"

namespace weir::app {

/// Read the configuration file into `reader`: that of --config or WEIR_CONFIG, else the first of defaultConfigFiles()
/// that exists, else none. `text`: its bytes if they have been read already, else nullptr. Returns its absolute path;
/// empty when there is none.
std::string readFile(OptionReader &reader, const std::string *text, std::vector<config::ConfigIssue> &issues,
                     std::vector<config::ConfigIssue> &warnings);

} // namespace weir::app
