// SPDX-License-Identifier: GPL-3.0-only
// What the window costs: a panel with its server in this process, each page shown and minimised, under load and idle.
// usage: window_pages IDLE LOAD [ARGUMENTS of weir]; both in seconds; wrk makes the load
//
// idle %      of a core, the whole process: the window, the workers, the service; after traffic, so that there is
//             something to show. Without Redis, which is a process of its own.
// gui %       of a core, the window's thread alone, under load
// stall ms    the longest time that its event loop did not turn, under load
// machine's   the same of a thread that does nothing: what the machine did not give it
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>

#include <QApplication>
#include <QEventLoop>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include "app/cli.h"
#include "app/service.h"
#include "app/stall_probe.h"
#include "tests/soak/stall_meter.h"
#include "ui/window/main_window.h"

using namespace weir;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

// issue "chart and table cost bounded whatever the traffic"
constexpr double kMostIdlePercent = 1;
constexpr double kLongestStallMs = 33;
constexpr milliseconds kSettle{2000}; // the last rows, the last motion

double cpuSeconds(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void turn(milliseconds time)
{
    QEventLoop loop;
    QTimer::singleShot(time, &loop, &QEventLoop::quit);
    loop.exec();
}

/// Percent of a core that `clock` went on while `act` ran.
template<class Act>
double percentOf(clockid_t clock, Act &&act)
{
    const double before = cpuSeconds(clock);
    const auto from = steady_clock::now();
    act();
    const double seconds = std::chrono::duration<double>(steady_clock::now() - from).count();
    return 100 * (cpuSeconds(clock) - before) / seconds;
}

/// wrk for that long; its requests a second, or nothing.
std::optional<double> load(const QString &url, std::chrono::seconds time)
{
    QProcess wrk;
    QEventLoop loop;
    QObject::connect(&wrk, &QProcess::finished, &loop, &QEventLoop::quit);
    QObject::connect(&wrk, &QProcess::errorOccurred, &loop, &QEventLoop::quit);
    wrk.start(QStringLiteral("wrk"),
              {QStringLiteral("-t1"), QStringLiteral("-c64"), QStringLiteral("-d%1").arg(time.count()), url});
    loop.exec();
    for (const QByteArray &line : wrk.readAllStandardOutput().split('\n'))
        if (line.startsWith("Requests/sec:"))
            return line.mid(13).trimmed().toDouble();
    return {};
}

struct Times {
    std::chrono::seconds idle, load;
};

/// One page in one state; false: it cost too much, or there was no load.
bool measure(ui::MainWindow &window, const QString &page, bool isMinimised, const QString &url, const Times &times)
{
    window.openPage(page);
    if (isMinimised)
        window.showMinimized();
    else
        window.showNormal();
    turn(kSettle);
    std::optional<double> rate;
    double stallMs = 0, machineMs = 0;
    const double gui = percentOf(CLOCK_THREAD_CPUTIME_ID, [&] {
        const test::StallMeter meter;
        app::StallProbe probe;
        probe.start();
        rate = load(url, times.load);
        stallMs = static_cast<double>(probe.longest().count()) / 1000;
        machineMs = static_cast<double>(meter.longest().count()) / 1000;
    });
    turn(kSettle);
    const double idle = percentOf(CLOCK_PROCESS_CPUTIME_ID, [&] { turn(times.idle); });
    const bool isGood = rate && idle < kMostIdlePercent && stallMs < kLongestStallMs;
    std::printf("%-9s %-9s %7.2f %10.0f %6.1f %9.1f %10.1f%s\n", qPrintable(page), isMinimised ? "minimised" : "shown",
                idle, rate.value_or(0), gui, stallMs, machineMs, isGood ? "" : "  TOO MUCH");
    std::fflush(stdout);
    return isGood;
}

} // namespace

int main(int argc, char **argv)
{
    if (!qEnvironmentVariableIsSet("QT_NO_GLIB"))
        qputenv("QT_NO_GLIB", "1"); // as weir itself
    QApplication application{argc, argv};
    QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() < 3)
        return 2;
    const Times times{std::chrono::seconds{arguments.takeAt(1).toInt()},
                      std::chrono::seconds{arguments.takeAt(1).toInt()}};
    const auto result = app::readCommandLine(arguments, QProcessEnvironment::systemEnvironment());
    const auto *invocation = std::get_if<app::Invocation>(&result);
    if (!invocation)
        return 2;
    app::Service service{invocation->config};
    const auto urls = service.start();
    if (!urls) {
        std::fprintf(stderr, "window_pages: %s\n", urls.error().detail.c_str());
        return 1;
    }
    const QTemporaryDir folder;
    QSettings settings{folder.filePath(QStringLiteral("weir.ini")), QSettings::IniFormat};
    bool isGood = true;
    {
        ui::MainWindow window{service, settings};
        std::printf("%-9s %-9s %7s %10s %6s %9s %10s\n", "page", "window", "idle %", "requests/s", "gui %", "stall ms",
                    "machine's");
        const QString url = QString::fromStdString(urls.value().front());
        for (const bool isMinimised : {false, true})
            for (const QString &page : ui::MainWindow::pageNames())
                isGood = measure(window, page, isMinimised, url, times) && isGood;
    }
    service.stop();
    return isGood ? 0 : 1;
}
