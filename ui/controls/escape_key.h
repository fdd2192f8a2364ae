// SPDX-License-Identifier: GPL-3.0-only
// What Escape does in a line.
#pragma once

class QLineEdit;

namespace weir::ui {

/// Empties it: a search shows everything again.
void clearOnEscape(QLineEdit *line);

/// As it was when the keyboard came to it; once more, Escape is somebody else's.
void revertOnEscape(QLineEdit *line);

} // namespace weir::ui
