// SPDX-License-Identifier: GPL-3.0-only
// Polls many descriptors by one epoll(7) behind a single notifier of Qt's event loop.
//
// Qt's own dispatcher hands every descriptor to poll(2) anew in each turn, which with thousands of idle connections
// costs more than the requests of the busy ones.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include <QSocketNotifier>

#include <sys/epoll.h>

namespace weir::http {

/// Receives the events of a descriptor.
class Polled {
public:
    /// Handle `events` of epoll(7); EPOLLERR and EPOLLHUP come without being asked for. May delete this object.
    virtual void onReady(std::uint32_t events) = 0;

protected:
    ~Polled() = default;
};

/// Level-triggered. Thread: lives in one thread, with all that are polled.
class SocketPoll {
public:
    SocketPoll();
    ~SocketPoll();
    SocketPoll(const SocketPoll &) = delete;
    SocketPoll &operator=(const SocketPoll &) = delete;

    void add(int descriptor, Polled &who, std::uint32_t events);
    /// Change the events or the receiver of an added descriptor; `before` is no longer called.
    void change(int descriptor, const Polled &before, Polled &who, std::uint32_t events);
    /// Remove a descriptor before it is closed; `who` is no longer called.
    void remove(int descriptor, const Polled &who);
    /// Set what is called before the first and after the last onReady() in a turn of the event loop.
    void setTurn(std::function<void()> begins, std::function<void()> ends)
    {
        m_turnBegins = std::move(begins);
        m_turnEnds = std::move(ends);
    }

private:
    void dispatch();
    void forget(const Polled &who);

    static constexpr int kMostATurn = 512;
    int m_epoll;
    std::array<epoll_event, kMostATurn> m_ready{};
    int m_next{0}; ///< of m_ready, the next one to handle
    int m_end{0};
    std::function<void()> m_turnBegins{[] {}};
    std::function<void()> m_turnEnds{[] {}};
    QSocketNotifier m_notifier;
};

} // namespace weir::http
