// SPDX-License-Identifier: GPL-3.0-only
#include "app/signal_watcher.h"

#include <array>
#include <csignal>

#include <sys/socket.h>
#include <unistd.h>

namespace weir::app {
namespace {

// A handler may do next to nothing; it writes a byte that the event loop reads (signal-safety(7)).
std::array<int, 2> g_pipe{-1, -1};

void onSignal(int number)
{
    const char byte = number == SIGHUP ? 'h' : 's';
    [[maybe_unused]] const auto written = ::write(g_pipe[0], &byte, 1);
}

} // namespace

SignalWatcher::SignalWatcher(QObject *parent) : QObject{parent}
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, g_pipe.data()) != 0)
        qFatal("no socket pair for signals");
    m_notifier = new QSocketNotifier{g_pipe[1], QSocketNotifier::Read, this};
    connect(m_notifier, &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        bool stops = false;
        while (::read(g_pipe[1], &byte, 1) > 0)
            stops = stops || byte == 's';
        if (stops)
            Q_EMIT stopAsked();
        else
            Q_EMIT hungUp();
    });
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        ::sigaction(number, &action, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

SignalWatcher::~SignalWatcher()
{
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        ::signal(number, SIG_DFL);
    ::close(g_pipe[0]);
    ::close(g_pipe[1]);
}

} // namespace weir::app
