// SPDX-License-Identifier: GPL-3.0-only
// The panel's icons, painted: they follow the theme and every pixel density without files.
#pragma once

#include <QIcon>
#include <QSize>

namespace weir::ui {

/// For QAbstractButton::setIconSize(): an icon of 14 pixels, with and without the gap to a text.
inline constexpr QSize kIconBesideText{17, 14};
inline constexpr QSize kIconAlone{14, 14};

enum class Icon {
    Live,
    Limits,
    Failures,
    History,
    Help,
    Add,
    Copy,
    Open,
    Pause,
    Resume,
    Send,
    Search,
    System,
    Sun,
    Moon,
    Warning,
    Shield
};

/// Return an icon that is painted in the colours of the present theme: dim, text when checked or active, faint when
/// disabled.
[[nodiscard]] QIcon icon(Icon which);

/// Return an icon to be painted on the accent colour.
[[nodiscard]] QIcon iconOnAccent(Icon which);

/// Return the icon of the program.
[[nodiscard]] QIcon appIcon();

} // namespace weir::ui
