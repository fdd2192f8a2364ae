// SPDX-License-Identifier: GPL-3.0-only
// Puts another text in the place of a file, with everything else as it was.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace weir::config {

/// The regular file at `path`, which is no link, has `after` from now on, if it has had `before` until then. Owner, mode and
/// attributes stay. All at once; only where no file can be put in its place (it is mounted there alone, its folder or its owner
/// is not ours, it has more than one name) it is written as it lies. State: it has something else by now, and still has. Io: it
/// cannot be written, and is as it was.
[[nodiscard]] Result<Done> swapFile(const std::string &path, std::string_view before, std::string_view after);

/// A file that is not there yet begins to be, readable for its owner alone. State: there is one by now.
[[nodiscard]] Result<Done> makeFile(const std::string &path, std::string_view text);

} // namespace weir::config
