// SPDX-License-Identifier: GPL-3.0-only
// The style sheet of the whole panel, made from the colours of a theme.
#pragma once

#include <QString>

namespace weir::ui {

struct Colors;

[[nodiscard]] QString styleSheet(const Colors &colors);

} // namespace weir::ui
