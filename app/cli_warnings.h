// SPDX-License-Identifier: GPL-3.0-only
// What a start is told that can be run and cannot be meant.
#pragma once

#include <vector>

#include "app/option_reader.h"

namespace weir::app {

[[nodiscard]] std::vector<config::ConfigIssue> warningsOfProxies(const OptionReader &reader,
                                                                 const config::Config &config);

} // namespace weir::app
