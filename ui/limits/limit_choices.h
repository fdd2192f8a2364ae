// SPDX-License-Identifier: GPL-3.0-only
// What the fields of a limit can be chosen from.
#pragma once

#include <vector>

#include "ui/controls/choice_button.h"

namespace weir::ui {

[[nodiscard]] std::vector<ChoiceButton::Choice> algorithmChoices();
/// For a store that fails.
[[nodiscard]] std::vector<ChoiceButton::Choice> policyChoices();

} // namespace weir::ui
