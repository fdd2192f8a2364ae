// SPDX-License-Identifier: GPL-3.0-only
// The configuration file as bytes on a disk: read whole or not at all, replaced whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace weir::config {

/// The bytes of the file at `path` (a pipe is read to its end), UTF-8 or not. Io with a sentence that does not name the
/// file: it is not there (transient: it may come), it is a folder, it cannot be read, it is larger than kMostFileBytes.
/// Blocks as long as the disk does; any thread.
[[nodiscard]] Result<std::string> readConfigFile(const std::string &path);

} // namespace weir::config
