// SPDX-License-Identifier: GPL-3.0-only
// Writes changed limits into the text of a configuration file; comments and all else stay as they are.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/config/limit_entry.h"

namespace weir::config {

/// Return `text` with `wanted` as its limits, [allow], [block] and [keys]: reading it gives exactly that (the headers
/// of a match sorted by name). Only the values that change are replaced; comments within a replaced list move above it.
/// A limit of another name at the same place is renamed. A removed limit takes the comment lines directly above its
/// header with it, a moved one as well; a new one is put behind the one before it. Pure, any thread.
///
/// Invalid with a sentence: `text` is no usable configuration, `wanted` is none or has no limit, or the limits are
/// written in a form that only a person should touch (one list in brackets, or parts of a limit behind another table).
[[nodiscard]] Result<std::string> editLimits(std::string_view text, LimitSet wanted);

} // namespace weir::config
