// SPDX-License-Identifier: GPL-3.0-only
// Makes a picture of a page after a while, for the documentation and for tests.
#pragma once

#include <QSize>
#include <QString>
#include <chrono>
#include <functional>

#include "ui/look/theme.h"

namespace weir::ui {

class MainWindow;

struct ScreenshotRequest {
    QString file;                           ///< PNG, overwritten
    QString page;                           ///< one of MainWindow::pageNames()
    QSize size;                             ///< of the picture in pixels
    ThemeChoice theme{ThemeChoice::System}; ///< for the picture only, not remembered
    std::chrono::milliseconds after{0};
    std::chrono::milliseconds settle{450}; ///< until the gauge shows the newest level
};

/// Show the window and return; `done` runs later, once, with an error sentence, empty for success. Not at all when the
/// window is destroyed before.
void renderScreenshot(MainWindow &window, const ScreenshotRequest &request, std::function<void(QString error)> done);

} // namespace weir::ui
