// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/socket_poll.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace weir::http {
namespace {

int openPoll()
{
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0)
        qFatal("epoll_create1: %s", std::strerror(errno));
    return descriptor;
}

void control(int poll, int operation, int descriptor, Polled &who, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = &who;
    if (::epoll_ctl(poll, operation, descriptor, &event) != 0)
        qWarning("epoll_ctl: %s", std::strerror(errno));
}

} // namespace

SocketPoll::SocketPoll() : m_epoll{openPoll()}, m_notifier{m_epoll, QSocketNotifier::Read}
{
    QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { dispatch(); });
}

SocketPoll::~SocketPoll()
{
    m_notifier.setEnabled(false);
    ::close(m_epoll);
}

void SocketPoll::add(int descriptor, Polled &who, std::uint32_t events)
{
    control(m_epoll, EPOLL_CTL_ADD, descriptor, who, events);
}

void SocketPoll::change(int descriptor, const Polled &before, Polled &who, std::uint32_t events)
{
    if (&before != &who)
        forget(before);
    control(m_epoll, EPOLL_CTL_MOD, descriptor, who, events);
}

void SocketPoll::remove(int descriptor, const Polled &who)
{
    forget(who);
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

void SocketPoll::forget(const Polled &who)
{
    for (int i = m_next; i < m_end; ++i)
        if (m_ready[static_cast<std::size_t>(i)].data.ptr == &who)
            m_ready[static_cast<std::size_t>(i)].data.ptr = nullptr;
}

void SocketPoll::dispatch()
{
    m_turnBegins();
    m_next = 0;
    m_end = std::max(0, ::epoll_wait(m_epoll, m_ready.data(), kMostATurn, 0));
    while (m_next < m_end) {
        const epoll_event event = m_ready[static_cast<std::size_t>(m_next++)];
        if (event.data.ptr)
            static_cast<Polled *>(event.data.ptr)->onReady(event.events);
    }
    m_end = 0;
    m_turnEnds();
}

} // namespace weir::http
