// SPDX-License-Identifier: GPL-3.0-only
// Reads options and variables to values; every wrong word becomes an issue.
#pragma once

#include "app/cli.h"
#include "app/option_reader.h"

namespace weir::app {

/// Read all settings of flags and variables over those of the file, which `reader` has.
[[nodiscard]] config::Config readConfig(OptionReader &reader);
/// Read the data folder alone: that of a flag, the variable, the file, or where it is by itself; empty: nobody says where.
[[nodiscard]] QString readDataDir(OptionReader &reader);
/// Read how the log is written, and nothing else.
void readLogFormat(OptionReader &reader, config::Config &config);
[[nodiscard]] std::optional<Screenshot> readScreenshot(OptionReader &reader, bool isServe);

} // namespace weir::app
