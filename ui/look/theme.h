// SPDX-License-Identifier: GPL-3.0-only
// Light or dark, and the colours of each.
#pragma once

#include <QColor>
#include <QString>

namespace weir::ui {

enum class ThemeChoice { System, Light, Dark };

/// Every colour that the panel uses.
struct Colors {
    bool isDark{true};
    QColor bg, panel, raise, line, text, dim, accent, onAccent;
    QColor ok, bad, warn;
    QColor waterTop, waterBottom, onWater;
};

/// Gives the whole application style, palette, font and style sheet. GUI thread.
void applyTheme(ThemeChoice choice);

/// Of the theme in force. A widget that paints itself repaints on QEvent::StyleChange.
[[nodiscard]] const Colors &colors();

/// "system", "light", "dark"; unknown names are System.
[[nodiscard]] QString themeName(ThemeChoice choice);
[[nodiscard]] ThemeChoice themeFromName(const QString &name);

/// What the desktop said last; applyTheme(System) follows it. See SystemScheme.
void setSystemIsDark(bool isDark);

} // namespace weir::ui
