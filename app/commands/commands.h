// SPDX-License-Identifier: GPL-3.0-only
// The commands of the program. Each returns the exit code: 0 fine, 1 failure at run time.
#pragma once

#include "app/cli.h"

namespace weir::app {

/// Serve without a window until SIGTERM or SIGINT, then drains.
[[nodiscard]] int runServe(int &argc, char **argv, const config::Config &config);

/// Check a configuration file: say on stderr what is wrong with it, or on stdout that it is fine. 0: it can be used; 1:
/// it cannot.
[[nodiscard]] int runCheckConfig(int &argc, char **argv, const QString &file);

/// Ask a running Weir, or change it. 1: it cannot be reached or says no; 3: `weir check`, and the request would not pass.
[[nodiscard]] int runAsk(int &argc, char **argv, const AskLine &line);

#ifdef WEIR_GUI
/// Run the panel with its server until the window is closed; or make a picture of it.
[[nodiscard]] int runPanel(int &argc, char **argv, const Invocation &invocation);

/// Return the invocation of the panel without the configuration file, when only that file is wrong and a window can be
/// opened; else nothing.
[[nodiscard]] std::optional<Invocation> panelWithoutFile(const QStringList &arguments);
/// Show `issues`, those of the file, and run the panel once the file is correct, or without it. 2: neither.
[[nodiscard]] int repairAndRunPanel(int &argc, char **argv, const QStringList &arguments,
                                    std::vector<config::ConfigIssue> issues, const Invocation &withoutFile);
#endif

} // namespace weir::app
