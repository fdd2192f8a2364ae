// SPDX-License-Identifier: GPL-3.0-only
// Warnings at the start: what can be run but is hardly meant.
#pragma once

#include <vector>

#include "app/option_reader.h"

namespace weir::app {

/// Return warnings about the trusted proxies and the header in which they name clients.
[[nodiscard]] std::vector<config::ConfigIssue> warningsOfProxies(const OptionReader &reader,
                                                                 const config::Config &config);

} // namespace weir::app
