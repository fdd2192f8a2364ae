// SPDX-License-Identifier: GPL-3.0-only
#include <chrono>
#include <cstdio>

#include <QApplication>
#include <QSettings>
#include <QTimer>

#include "app/commands/announce.h"
#include "app/commands/commands.h"
#include "app/log_output.h"
#include "app/service.h"
#include "app/signal_watcher.h"
#include "app/stall_probe.h"
#include "ui/window/main_window.h"
#include "ui/window/screenshot.h"
#include "ui/window/startup_failure.h"
#include "ui/look/theme.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

ui::ThemeChoice themeOf(const QString &name)
{
    if (name == u"dark")
        return ui::ThemeChoice::Dark;
    return name == u"light" ? ui::ThemeChoice::Light : ui::ThemeChoice::System;
}

void takeScreenshot(ui::MainWindow &window, const Screenshot &wish)
{
    const ui::ScreenshotRequest request{
        wish.file, wish.page, {wish.width, wish.height}, themeOf(wish.theme), wish.after};
    ui::renderScreenshot(window, request, [](const QString &error) {
        if (!error.isEmpty())
            complain("--screenshot: " + error.toStdString());
        QCoreApplication::exit(error.isEmpty() ? 0 : 1);
    });
}

// WEIR_STALL_PROBE=1: says at the end how long the window was kept from answering, at worst. For benchmarks.
class StallReport {
public:
    StallReport()
    {
        if (qEnvironmentVariableIsSet("WEIR_STALL_PROBE"))
            QTimer::singleShot(kSettle, &m_probe, &StallProbe::start);
    }
    ~StallReport()
    {
        if (qEnvironmentVariableIsSet("WEIR_STALL_PROBE"))
            std::printf("longest stall of the window %.1f ms\n",
                        static_cast<double>(m_probe.longest().count()) / 1000.0);
    }

private:
    static constexpr std::chrono::seconds kSettle{1}; // the first layout and fonts are start-up
    StallProbe m_probe;
};

} // namespace

int runPanel(int &argc, char **argv, const Invocation &invocation)
{
    if (invocation.screenshot && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen"); // a picture needs no screen
    QApplication application{argc, argv};
    QApplication::setApplicationName(u"weir"_s);
    QApplication::setOrganizationName(u"weir"_s);
    QApplication::setApplicationDisplayName(u"Weir"_s);
    QGuiApplication::setDesktopFileName(u"weir"_s); // by which a desktop finds the icon

    SignalWatcher watcher;
    Service service{invocation.config};
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &service, &Service::giveUpStart);
    QObject::connect(&watcher, &SignalWatcher::hungUp, &service,
                     [&service] { service.readConfigAgain(&service, [](Done) {}); });
    const auto urls = service.start();
    if (!urls) {
        complain(urls.error().detail);
        if (!invocation.screenshot)
            ui::showStartupFailure(QString::fromStdString(urls.error().detail));
        return 1;
    }
    if (urls.value().empty())
        return 0; // asked to end before
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &application, &QCoreApplication::quit);
    announceReady(urls.value());

    QSettings settings;
    ui::MainWindow window{service, settings};
    if (invocation.screenshot) {
        takeScreenshot(window, *invocation.screenshot);
    } else {
        window.show();
    }
    const int code = [] {
        const StallReport report;
        return QApplication::exec();
    }();
    if (!invocation.screenshot)
        window.saveState();
    window.hide(); // the drain may take a moment
    service.stop();
    return code;
}

} // namespace weir::app
