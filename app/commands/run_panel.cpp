// SPDX-License-Identifier: GPL-3.0-only
#include <chrono>
#include <cstdio>

#include <QApplication>
#include <QProcessEnvironment>
#include <QSettings>
#include <QTimer>

#include "app/commands/announce.h"
#include "app/commands/commands.h"
#include "app/display.h"
#include "app/log_output.h"
#include "app/service.h"
#include "app/signal_watcher.h"
#include "app/stall_probe.h"
#include "core/remote/remote_service.h"
#include "ui/window/broken_file_dialog.h"
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

// Of a panel there is one a process, so these are made once, whatever becomes of it.
class PanelRun {
public:
    PanelRun(int &argc, char **argv) : m_application{argc, argv}
    {
        QApplication::setApplicationName(u"weir"_s);
        QApplication::setOrganizationName(u"weir"_s);
        QApplication::setApplicationDisplayName(u"Weir"_s);
        QGuiApplication::setDesktopFileName(u"weir"_s); // by which a desktop finds the icon
        // A dialog has an event loop of its own, which quit() does not end before the program's has begun.
        QObject::connect(&m_watcher, &SignalWatcher::stopAsked, &m_application, [this] {
            m_isStopAsked = true;
            if (QWidget *dialog = QApplication::activeModalWidget())
                dialog->close();
        });
    }

    [[nodiscard]] bool isStopAsked() const { return m_isStopAsked; }
    int show(const Invocation &invocation);

private:
    int showOwn(const Invocation &invocation);
    int showElsewhere(const Invocation &invocation);
    int run(engine::ServicePort &service, const Invocation &invocation);

    QApplication m_application;
    SignalWatcher m_watcher;
    bool m_isStopAsked{false};
};

int complainOfStart(const Error &why, const Invocation &invocation)
{
    complain(why.detail);
    if (!invocation.screenshot)
        ui::showStartupFailure(QString::fromStdString(why.detail));
    return 1;
}

int PanelRun::show(const Invocation &invocation)
{
    return invocation.connect ? showElsewhere(invocation) : showOwn(invocation);
}

int PanelRun::showElsewhere(const Invocation &invocation)
{
    remote::RemoteService service{{QUrl{QString::fromStdString(invocation.connect->url)}, invocation.connect->token}};
    QObject::connect(&m_watcher, &SignalWatcher::stopAsked, &service, &remote::RemoteService::giveUpStart);
    if (const Result<Done> started = service.start(); !started)
        return started.error().detail.empty() ? 0 : complainOfStart(started.error(), invocation); // 0: asked to end
    return run(service, invocation);
}

int PanelRun::showOwn(const Invocation &invocation)
{
    Service service{invocation.config};
    QObject::connect(&m_watcher, &SignalWatcher::stopAsked, &service, &Service::giveUpStart);
    QObject::connect(&m_watcher, &SignalWatcher::hungUp, &service,
                     [&service] { service.readConfigAgain(&service, [](Done) {}); });
    const auto urls = service.start();
    if (!urls)
        return complainOfStart(urls.error(), invocation);
    if (urls.value().empty())
        return 0; // asked to end before
    announceReady(urls.value(), service.status().adminUrl);
    const int code = run(service, invocation);
    service.stop();
    return code;
}

int PanelRun::run(engine::ServicePort &service, const Invocation &invocation)
{
    QObject::connect(&m_watcher, &SignalWatcher::stopAsked, &m_application, &QCoreApplication::quit);
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
    return code;
}

} // namespace

int runPanel(int &argc, char **argv, const Invocation &invocation)
{
    if (invocation.screenshot && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen"); // a picture needs no screen
    return PanelRun{argc, argv}.show(invocation);
}

std::optional<Invocation> panelWithoutFile(const QStringList &arguments)
{
    const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const std::string nothing;
    const CliResult result = readCommandLine(arguments, environment, &nothing);
    const auto *invocation = std::get_if<Invocation>(&result);
    const bool isPanel = invocation && invocation->command == Invocation::Command::Panel && !invocation->screenshot
                         && !invocation->config.file.empty() && !whyNoDisplay(environment);
    return isPanel ? std::optional{*invocation} : std::nullopt;
}

int repairAndRunPanel(int &argc, char **argv, const QStringList &arguments, std::vector<config::ConfigIssue> issues,
                      const Invocation &withoutFile)
{
    PanelRun panel{argc, argv};
    using Choice = ui::BrokenFileDialog::Choice;
    while (!panel.isStopAsked()) {
        QStringList problems;
        for (const config::ConfigIssue &issue : issues)
            problems += QString::fromStdString(config::printIssue(issue));
        ui::BrokenFileDialog dialog{QString::fromStdString(withoutFile.config.file), problems};
        const Choice choice = dialog.ask();
        if (choice == Choice::Close)
            break;
        if (choice == Choice::StartWithDefaults)
            return panel.show(withoutFile);
        const CliResult result = readCommandLine(arguments, QProcessEnvironment::systemEnvironment());
        if (const auto *invocation = std::get_if<Invocation>(&result))
            return panel.show(*invocation);
        issues = std::get<std::vector<config::ConfigIssue>>(result);
    }
    return 2;
}

} // namespace weir::app
