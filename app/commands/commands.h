// SPDX-License-Identifier: GPL-3.0-only
// What the program can be asked to do. Each returns the exit code: 0 fine, 1 failure at run time.
#pragma once

#include "app/cli.h"

namespace weir::app {

/// Serves without a window until SIGTERM or SIGINT, then drains.
[[nodiscard]] int runServe(int &argc, char **argv, const config::Config &config);

/// Says on stderr what is wrong with a configuration file, on stdout that it is fine. 0: it can be used; 1: it cannot.
[[nodiscard]] int runCheckConfig(int &argc, char **argv, const QString &file);

#ifdef WEIR_GUI
/// The panel with its server, until the window is closed; or one picture of it.
[[nodiscard]] int runPanel(int &argc, char **argv, const Invocation &invocation);

/// The panel without the configuration file, when that is all that is wrong with what was asked for, and a window can be
/// opened; else nothing.
[[nodiscard]] std::optional<Invocation> panelWithoutFile(const QStringList &arguments);
/// Shows `issues`, those of the file, and runs the panel once the file is correct, or without it. 2: neither.
[[nodiscard]] int repairAndRunPanel(int &argc, char **argv, const QStringList &arguments,
                                    std::vector<config::ConfigIssue> issues, const Invocation &withoutFile);
#endif

} // namespace weir::app
