// SPDX-License-Identifier: GPL-3.0-only
// One small change of a configuration's text towards other limits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/config/limit_entry.h"
#include "core/config/toml_layout.h"

namespace weir::config {

struct TomlEdit {
    TomlSpan span;    ///< goes
    std::string text; ///< comes instead
};

struct TomlStep {
    bool isPossible{true};        ///< false: the limits are written in a form that is not changed here
    std::optional<TomlEdit> edit; ///< nothing: `text` says what is wanted
};

/// `current`: what `text` says, which need not be usable on the way; `hasLimits`: with limits of its own. `wanted` has
/// passed check() and has a limit. Pure, any thread.
[[nodiscard]] TomlStep nextStep(std::string_view text, const LimitSet &current, const LimitSet &wanted, bool hasLimits);

} // namespace weir::config
