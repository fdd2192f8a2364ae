// SPDX-License-Identifier: GPL-3.0-only
// How large everything is: lengths are written as for text of 13 pixels, and grow with the desktop's font and the zoom.
#pragma once

#include <QSize>
#include <functional>

class QAbstractButton;
class QObject;
class QWidget;

namespace weir::ui {

/// The size of text, in pixels, that lengths in the sources are meant for.
inline constexpr int kDesignPixels = 13;
inline constexpr int kLeastZoom = 70; ///< percent
inline constexpr int kMostZoom = 200;

/// Set the size of text at 100 %, bounded; at first it is that of the desktop, and kDesignPixels on a platform without
/// one. Takes effect with the next applyTheme(), as setZoom().
void setBasePixels(int pixels);

/// Set the zoom in percent, bounded.
void setZoom(int percent);
[[nodiscard]] int zoom();
/// Return the next step up or down from the present one.
[[nodiscard]] int nextZoom(bool isLarger);

/// Return what a length of the design is now.
[[nodiscard]] int px(int length);
[[nodiscard]] double px(double length);
[[nodiscard]] QSize px(const QSize &size);

/// Give a widget the lengths that the functions below were told of, and its layout the margins and gaps that it had at
/// first, as large as they are now. PanelStyle calls it for each widget that appears, and for all after each change.
void scaleWidget(QWidget *widget);

/// Call `apply` now, and after each change while `context` lives: for what is no length of a widget or a layout.
void onScale(QObject *context, const std::function<void()> &apply);
/// Call all that onScale() was given; for applyTheme(), when everything else is done.
void applyScale();

// Set lengths of the design, which follow the scale.
void setScaledHeight(QWidget *widget, int height);
void setScaledWidth(QWidget *widget, int width);
void setScaledSize(QWidget *widget, int width, int height);
/// Set what a widget has at least; 0: none.
void setScaledMinimum(QWidget *widget, int width, int height);
void setScaledIcon(QAbstractButton *button, const QSize &size);

} // namespace weir::ui
