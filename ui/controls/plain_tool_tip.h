// SPDX-License-Identifier: GPL-3.0-only
// Tool tips as plain text: Qt guesses from the content whether one is HTML.
#pragma once

#include <QString>

class QWidget;

namespace weir::ui {

/// Return `text` escaped, with its line breaks; long lines are wrapped. Empty stays empty.
[[nodiscard]] QString plainToolTip(const QString &text);

/// Set the tool tip of a widget, and `text` as its accessible description, which screen readers would otherwise take
/// from the markup.
void setPlainToolTip(QWidget *widget, const QString &text);

} // namespace weir::ui
