// SPDX-License-Identifier: GPL-3.0-only
// Tool tips that are text for certain: Qt guesses by its content whether one is HTML.
#pragma once

#include <QString>

class QWidget;

namespace weir::ui {

/// `text` escaped, with its lines; long ones are wrapped. Empty stays empty.
[[nodiscard]] QString plainToolTip(const QString &text);

/// On the widget; and `text` itself as its description, which readers would else take from the markup.
void setPlainToolTip(QWidget *widget, const QString &text);

} // namespace weir::ui
