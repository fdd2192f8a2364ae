// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/screenshot.h"

#include <QCoreApplication>
#include <QImage>
#include <QPainter>
#include <QSaveFile>
#include <QTimer>

#include "ui/window/main_window.h"

namespace weir::ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("screenshot", text);
}

QString save(MainWindow &window, const ScreenshotRequest &request)
{
    window.resize(request.size); // a window manager may have chosen another size meanwhile
    if (window.size() != request.size)
        return translated("The window cannot be made %1 x %2.").arg(request.size.width()).arg(request.size.height());
    QImage image(request.size, QImage::Format_RGB32);
    image.fill(colors().bg);
    window.render(&image);
    QSaveFile file(request.file);
    if (!file.open(QIODevice::WriteOnly) || !image.save(&file, "PNG") || !file.commit())
        return translated("Cannot write %1: %2.").arg(request.file, file.errorString());
    return {};
}

} // namespace

void renderScreenshot(MainWindow &window, const ScreenshotRequest &request, std::function<void(QString)> done)
{
    QString problem;
    if (!window.openPage(request.page))
        problem = translated("There is no page \"%1\"; pages are %2.")
                      .arg(request.page, MainWindow::pageNames().join(QStringLiteral(", ")));
    else if (request.size.width() < window.minimumWidth() || request.size.height() < window.minimumHeight())
        problem = translated("The smallest size is %1x%2.").arg(window.minimumWidth()).arg(window.minimumHeight());
    if (!problem.isEmpty()) {
        QTimer::singleShot(0, &window, [done = std::move(done), problem] { done(problem); });
        return;
    }
    window.showTheme(request.theme);
    window.resize(request.size);
    window.show();
    QTimer::singleShot(request.after, &window, [&window, request, done = std::move(done)] {
        window.takeNewest();
        QTimer::singleShot(request.settle, &window, [&window, request, done] { done(save(window, request)); });
    });
}

} // namespace weir::ui
