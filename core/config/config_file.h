// SPDX-License-Identifier: GPL-3.0-only
// The configuration file as bytes on a disk: read whole or not at all, replaced whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace weir::config {

/// Read the bytes of the file at `path` (a pipe to its end), UTF-8 or not. Io with a sentence that does not name the
/// file: it does not exist (transient: it may come), it is a folder, it cannot be read, it is larger than
/// kMostFileBytes. Blocks as long as the disk does; any thread.
[[nodiscard]] Result<std::string> readConfigFile(const std::string &path);

/// Replace the bytes of the file at `path`, which were `before`, by `after`; a crash leaves the one or the other.
/// Permissions stay; the target of a link is replaced, not the link. A file that does not exist counts as empty and is
/// made for its owner alone, with its folder. State: it has changed since `before` was read, and stays as it is. Two
/// writers in the same moment are not noticed: the later text stays. Io: it cannot be written. Blocks as long as the
/// disk does; any thread.
[[nodiscard]] Result<Done> replaceConfigFile(const std::string &path, std::string_view before, std::string_view after);

} // namespace weir::config
