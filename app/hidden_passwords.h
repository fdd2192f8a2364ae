// SPDX-License-Identifier: GPL-3.0-only
// Hides passwords on the command line from the list of processes.
#pragma once

namespace weir::app {

/// Overwrite the password of each URL among the arguments, where the kernel shows them (/proc/PID/cmdline): from here
/// on ps has "redis://user:xxxxxx@host". Before that, for some milliseconds after the start, it can be read.
void hidePasswords(int argc, char **argv);

} // namespace weir::app
