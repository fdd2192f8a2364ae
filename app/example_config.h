// SPDX-License-Identifier: GPL-3.0-only
// The configuration file that --print-config prints.
#pragma once

#include <QString>

namespace weir::app {

/// Every key with what it means and its default behind "#": resources/weir.toml.in, and in it the table of settings.
[[nodiscard]] QString exampleConfig();

} // namespace weir::app
