// SPDX-License-Identifier: GPL-3.0-only
// The pages on the left, and the theme at the bottom.
#pragma once

#include <QFrame>

#include "ui/look/icons.h"
#include "ui/look/theme.h"
#include "ui/controls/status_chip.h"

class QButtonGroup;
class QVBoxLayout;

namespace weir::ui {

class MenuButton;

class Rail : public QFrame {
    Q_OBJECT
public:
    explicit Rail(QWidget *parent = nullptr);

    /// Add a page; pages are numbered in the order in which they are added.
    void addPage(Icon which, const QString &text, const QKeySequence &shortcut);
    void setPage(int page);            ///< does not emit
    void setTheme(ThemeChoice choice); ///< does not emit
    enum class Zoom { Smaller, Normal, Larger };
    void showZoom(int percent);
    /// Show an alert that is visible on every page; an empty `text` hides it.
    void setAlert(StatusDot::State state, const QString &text, const QString &detail, const QString &toolTip);

Q_SIGNALS:
    void pageChosen(int page); ///< by its button
    void pageCalled(int page); ///< by its key
    void themeChosen(weir::ui::ThemeChoice choice);
    void zoomWished(weir::ui::Rail::Zoom step);

private:
    void buildThemes(QVBoxLayout *layout);
    [[nodiscard]] QWidget *buildZoom();

    QVBoxLayout *m_list{nullptr};
    QButtonGroup *m_pages{nullptr};
    QButtonGroup *m_themes{nullptr};
    StatusChip *m_alert{nullptr};
    MenuButton *m_zoom{nullptr};
};

} // namespace weir::ui
