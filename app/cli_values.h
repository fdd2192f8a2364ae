// SPDX-License-Identifier: GPL-3.0-only
// From the words of options and variables to values; every word that is not one is an issue.
#pragma once

#include "app/cli.h"
#include "app/option_reader.h"

namespace weir::app {

[[nodiscard]] config::Config readConfig(OptionReader &reader);
[[nodiscard]] std::optional<Screenshot> readScreenshot(OptionReader &reader, bool isServe);

} // namespace weir::app
