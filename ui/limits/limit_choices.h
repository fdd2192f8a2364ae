// SPDX-License-Identifier: GPL-3.0-only
// The choices of fields of a limit.
#pragma once

#include <vector>

#include "ui/controls/choice_button.h"

namespace weir::ui {

[[nodiscard]] std::vector<ChoiceButton::Choice> algorithmChoices();
/// Return the failure policies.
[[nodiscard]] std::vector<ChoiceButton::Choice> policyChoices();

} // namespace weir::ui
