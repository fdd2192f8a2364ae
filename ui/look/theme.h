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

/// Set style, palette, font and style sheet of the application.
void applyTheme(ThemeChoice choice);

/// Return the colours of the present theme. A widget that paints itself repaints on QEvent::StyleChange.
[[nodiscard]] const Colors &colors();

/// Return "system", "light" or "dark"; unknown names are System.
[[nodiscard]] QString themeName(ThemeChoice choice);
[[nodiscard]] ThemeChoice themeFromName(const QString &name);

/// Note what SystemScheme told last; applyTheme(System) follows it.
void setSystemIsDark(bool isDark);

} // namespace weir::ui
