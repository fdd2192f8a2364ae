// SPDX-License-Identifier: GPL-3.0-only
// Gives the Escape key a meaning in a line.
#pragma once

class QLineEdit;

namespace weir::ui {

/// Let Escape clear `line`, so that a search shows everything again.
void clearOnEscape(QLineEdit *line);

/// Let Escape restore the text that `line` had when it got the focus; a second Escape goes on to the parent.
void revertOnEscape(QLineEdit *line);

} // namespace weir::ui
