// SPDX-License-Identifier: GPL-3.0-only
// What the command line says about the data port: its limits, and whom it trusts.
#pragma once

#include <vector>

#include "app/option_reader.h"

namespace weir::app {

/// Those of the file, or the defaults, where nothing was said or nothing right.
[[nodiscard]] config::HttpLimits readHttpLimits(OptionReader &reader);

/// The networks that are right.
[[nodiscard]] std::vector<Network> readTrustedProxies(OptionReader &reader);

/// As it is said, to be checked with the rest: check(Config).
[[nodiscard]] std::string readClientHeader(const OptionReader &reader);

/// What can be run and cannot be meant.
[[nodiscard]] std::vector<config::ConfigIssue> warningsOfProxies(const OptionReader &reader,
                                                                 const config::Config &config);

} // namespace weir::app
