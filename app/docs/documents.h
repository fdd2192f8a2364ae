// SPDX-License-Identifier: GPL-3.0-only
// Makes manual pages and completions from the table of options and the file of --print-config, at build time.
#pragma once

#include <QString>

namespace weir::app {

/// Escape all that troff would interpret.
[[nodiscard]] QString roff(const QString &text);

/// Return section COMMANDS of weir(1): an item for each command.
[[nodiscard]] QString commandsAsManual();
/// Return section OPTIONS of weir(1): an item for each option.
[[nodiscard]] QString optionsAsManual();
/// Return the keys of weir.toml(5) from `example`, a configuration file with every key behind "#", with its prose and
/// sections.
[[nodiscard]] QString keysAsManual(const QString &example);

/// Return the configuration file of weir.service: `example` with the values of a service; empty when one of them is not
/// in it.
[[nodiscard]] QString serviceConfig(QString example);

[[nodiscard]] QString bashCompletion();
[[nodiscard]] QString zshCompletion();
[[nodiscard]] QString fishCompletion();

} // namespace weir::app
