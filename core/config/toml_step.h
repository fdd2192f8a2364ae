// SPDX-License-Identifier: GPL-3.0-only
// One small edit of a configuration's text towards other limits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/config/limit_entry.h"
#include "core/config/toml_layout.h"

namespace weir::config {

struct TomlEdit {
    TomlSpan span;    ///< is removed
    std::string text; ///< takes its place
};

struct TomlStep {
    bool isPossible{true};        ///< false: the limits are written in a form that is not changed here
    std::optional<TomlEdit> edit; ///< nothing: `text` has the wanted limits
};

/// Find the next edit of `text` towards `wanted`. `current`: what `text` says, which need not be usable in between;
/// `hasLimits`: it has a [[limit]]. `wanted` has passed check() and has a limit. Pure, any thread.
[[nodiscard]] TomlStep nextStep(std::string_view text, const LimitSet &current, const LimitSet &wanted, bool hasLimits);

} // namespace weir::config
