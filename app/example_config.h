// SPDX-License-Identifier: GPL-3.0-only
// The configuration file that --print-config prints.
#pragma once

#include <QString>

namespace weir::app {

/// Return every key with its meaning, and its default behind "#", from resources/weir.toml.in and the table of
/// settings.
[[nodiscard]] QString exampleConfig();

} // namespace weir::app
