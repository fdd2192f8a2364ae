// SPDX-License-Identifier: GPL-3.0-only
// Many descriptors in Qt's event loop at the price of one: an epoll(7) behind a single notifier.
//
// Qt's own dispatcher hands every descriptor to poll(2) anew in each turn, which with thousands of
// idle connections costs more than the requests of the busy ones.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include <QSocketNotifier>

#include <sys/epoll.h>

namespace weir::http {

/// Somebody who waits for a descriptor.
class Polled {
public:
    /// `events` of epoll(7); EPOLLERR and EPOLLHUP come unasked. May end this object.
    virtual void onReady(std::uint32_t events) = 0;

protected:
    ~Polled() = default;
};

/// Level-triggered. Thread: lives in one thread, with all who wait.
class SocketPoll {
public:
    SocketPoll();
    ~SocketPoll();
    SocketPoll(const SocketPoll &) = delete;
    SocketPoll &operator=(const SocketPoll &) = delete;

    void add(int descriptor, Polled &who, std::uint32_t events);
    /// Other events, or somebody else, for a descriptor that was added; `before` is no longer called.
    void change(int descriptor, const Polled &before, Polled &who, std::uint32_t events);
    /// To be called before the descriptor is closed; `who` is no longer called.
    void remove(int descriptor, const Polled &who);
    /// Called before the first and after the last of those whose descriptors are ready in a turn of the event loop.
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
    int m_next{0}; ///< of m_ready, the one that is told next
    int m_end{0};
    std::function<void()> m_turnBegins{[] {}};
    std::function<void()> m_turnEnds{[] {}};
    QSocketNotifier m_notifier;
};

} // namespace weir::http
