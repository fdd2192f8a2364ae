// SPDX-License-Identifier: GPL-3.0-only
#include "app/signal_watcher.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <QLoggingCategory>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::app {
namespace {

Q_LOGGING_CATEGORY(lcSignals, "weir.signals")

// A handler may do next to nothing; it writes a byte that the event loop reads (signal-safety(7)).
enum class Byte : char { Stop = 's', HangUp = 'h', Terminal = 't', User1 = '1', User2 = '2' };

std::array<int, 2> g_pipe{-1, -1};
pid_t g_session{0};
bool g_endsWithTerminal{false};

// Of a terminal that is closed, the kernel tells its foreground, and the shell in it, which leads the session, its jobs.
Byte byteOf(int number, const siginfo_t *info)
{
    switch (number) {
    case SIGHUP:
        return info->si_code == SI_KERNEL || info->si_pid == g_session ? Byte::Terminal : Byte::HangUp;
    case SIGUSR1:
        return Byte::User1;
    case SIGUSR2:
        return Byte::User2;
    default:
        return Byte::Stop;
    }
}

void onSignal(int number, siginfo_t *info, void *)
{
    const int before = errno;
    const Byte byte = byteOf(number, info);
    [[maybe_unused]] const auto written = ::write(g_pipe[0], &byte, 1);
    errno = before;
}

void handle(std::initializer_list<int> numbers)
{
    struct sigaction action {};
    action.sa_sigaction = onSignal;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    for (const int number : numbers)
        ::sigaction(number, &action, nullptr);
}

bool hasTerminal()
{
    const int terminal = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (terminal >= 0)
        ::close(terminal);
    return terminal >= 0;
}

// nohup(1) says it so.
bool isHangUpIgnored()
{
    struct sigaction now {};
    return ::sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

} // namespace

void catchSignals()
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, g_pipe.data()) != 0)
        qFatal("no socket pair for signals");
    g_session = ::getsid(0);
    g_endsWithTerminal = !isHangUpIgnored() && hasTerminal();
    handle({SIGHUP, SIGUSR1, SIGUSR2});
    ::signal(SIGPIPE, SIG_IGN);
}

SignalWatcher::SignalWatcher(QObject *parent) : QObject{parent}
{
    auto *notifier = new QSocketNotifier{g_pipe[1], QSocketNotifier::Read, this};
    connect(notifier, &QSocketNotifier::activated, this, &SignalWatcher::read);
    handle({SIGTERM, SIGINT});
}

void SignalWatcher::read()
{
    Byte byte{};
    bool stops = false, hangsUp = false;
    while (::read(g_pipe[1], &byte, 1) > 0) {
        if (byte == Byte::User1 || byte == Byte::User2)
            qCInfo(lcSignals, "SIGUSR%c means nothing to Weir and changes nothing", static_cast<char>(byte));
        if (byte == Byte::Terminal && g_endsWithTerminal && !hasTerminal()) {
            qCInfo(lcSignals, "the terminal was closed; ending in order");
            stops = true;
        } else {
            hangsUp = hangsUp || byte == Byte::HangUp || byte == Byte::Terminal;
            stops = stops || byte == Byte::Stop;
        }
    }
    if (stops)
        Q_EMIT stopAsked();
    else if (hangsUp)
        Q_EMIT hungUp();
}

} // namespace weir::app
