// SPDX-License-Identifier: GPL-3.0-only
// Manual pages and completions, made of what the program itself says: its table of options and the file that
// --print-config prints. Nothing of it is in the program.
#pragma once

#include <QString>

namespace weir::app {

/// `text` with every letter of meaning to troff taken out of its meaning.
[[nodiscard]] QString roff(const QString &text);

/// weir(1), section OPTIONS: an item for each option.
[[nodiscard]] QString optionsAsManual();
/// weir.toml(5): the keys of `example`, a configuration file with every key behind "#", with its prose and its parts.
[[nodiscard]] QString keysAsManual(const QString &example);

/// The file of weir.service: `example` with what a service has otherwise; empty when that is not in it.
[[nodiscard]] QString serviceConfig(QString example);

[[nodiscard]] QString bashCompletion();
[[nodiscard]] QString zshCompletion();
[[nodiscard]] QString fishCompletion();

} // namespace weir::app
