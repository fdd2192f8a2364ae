// SPDX-License-Identifier: GPL-3.0-only
#include "app/service_manager.h"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <utility>

#include "app/service.h"

#ifdef WEIR_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace weir::app {
namespace {

// As the manager gives it; zero: it does not watch.
std::chrono::microseconds watchdogTime()
{
#ifdef WEIR_SYSTEMD
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) > 0)
        return std::chrono::microseconds{static_cast<std::int64_t>(microseconds)};
#endif
    return {};
}

// RELOADING=1 wants it: CLOCK_MONOTONIC.
std::string monotonicMicroseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

// A line feed would begin a field of its own.
std::string inOneLine(std::string text)
{
    for (char &letter : text)
        if (static_cast<unsigned char>(letter) < ' ')
            letter = ' ';
    return text;
}

} // namespace

ServiceManager::ServiceManager(Service &service, QObject *parent)
    : QObject{parent}, m_service{service}, m_watchdog{this}
{
    connect(&m_watchdog, &QTimer::timeout, this, &ServiceManager::proveLife);
}

void ServiceManager::tell(const std::string &state) const
{
#ifdef WEIR_SYSTEMD
    sd_notify(0, state.c_str());
#else
    (void)state;
#endif
}

std::string ServiceManager::status() const
{
    const engine::Status now = m_service.status();
    std::string text;
    for (const std::string &url : now.urls)
        text += (text.empty() ? "Listening on " : ", ") + url;
    if (!now.config.problem.empty())
        text += "; " + now.config.file + ": " + now.config.problem + "; the limits stay as they were";
    return "STATUS=" + inOneLine(text);
}

void ServiceManager::ready()
{
    m_isReady = true;
    tell("READY=1\n" + status());
    const auto half = std::chrono::duration_cast<std::chrono::milliseconds>(watchdogTime() / 2);
    if (half.count() <= 0)
        return;
    m_watchdog.setTimerType(Qt::PreciseTimer);
    m_watchdog.start(half);
    proveLife();
}

void ServiceManager::proveLife()
{
    if (std::exchange(m_isAsking, true))
        return; // a thread that hangs owes its answer still
    m_service.whenTurned(this, [this](Done) {
        m_isAsking = false;
        if (m_watchdog.isActive())
            tell("WATCHDOG=1");
    });
}

void ServiceManager::failed(const std::string &why)
{
    tell("STATUS=" + inOneLine(why));
}

void ServiceManager::reload()
{
    if (m_isReady && ++m_reloads == 1)
        tell("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicroseconds() + "\nSTATUS=Reading the configuration again");
    m_service.readConfigAgain(this, [this, isTold = m_isReady](Done) {
        if (isTold && --m_reloads == 0)
            tell("READY=1\n" + status());
    });
}

void ServiceManager::stopping()
{
    m_watchdog.stop();
    tell("STOPPING=1\nSTATUS=Answering what is pending");
}

} // namespace weir::app
