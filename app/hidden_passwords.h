// SPDX-License-Identifier: GPL-3.0-only
// Keeps passwords on the command line from whoever may list processes.
#pragma once

namespace weir::app {

/// Overwrites the password of each URL among the arguments, where the kernel shows them (/proc/PID/cmdline): from here on ps
/// has "redis://user:xxxxxx@host". Until then, some milliseconds after the start, it could be read.
void hidePasswords(int argc, char **argv);

} // namespace weir::app
