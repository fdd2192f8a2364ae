// SPDX-License-Identifier: GPL-3.0-only
// Replaces the text of a file and keeps its other properties.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace weir::config {

/// Replace the text of the regular file at `path`, which is no link, by `after`, if it is still `before`. Owner, mode
/// and attributes stay. By rename; only where that is impossible (the file is a mount point, its folder or owner is not
/// ours, it has several names) the file is written in place. State: its text is another one by now, and stays. Io: it
/// cannot be written, and is as it was.
[[nodiscard]] Result<Done> swapFile(const std::string &path, std::string_view before, std::string_view after);

/// Make a file that does not exist yet, readable for its owner alone. State: it exists by now.
[[nodiscard]] Result<Done> makeFile(const std::string &path, std::string_view text);

} // namespace weir::config
