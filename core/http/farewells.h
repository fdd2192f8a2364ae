// SPDX-License-Identifier: GPL-3.0-only
// Connections after their last answer: our half is closed, and input is discarded until the client closes too. To close
// with unread input would reset the connection before the client has read the answer (RFC 9112, 9.6).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_set>

namespace weir::http {

class Polled;
class SocketPoll;

/// Thread: lives in one thread, with its poll, which outlives it.
class Farewells {
public:
    explicit Farewells(SocketPoll &poll);
    ~Farewells(); ///< closes all, without calling `closed`
    Farewells(const Farewells &) = delete;
    Farewells &operator=(const Farewells &) = delete;

    /// Take `descriptor` over, and its events from `before`; nullptr: it was not polled. `closed` is called when it has
    /// been closed.
    void bid(int descriptor, const Polled *before, std::function<void()> closed);
    /// Close those whose client has taken too long. To be called a few times a second.
    void checkTimes(std::chrono::steady_clock::time_point now);
    [[nodiscard]] std::size_t count() const { return m_all.size(); }

private:
    class Farewell;
    void end(Farewell *which);

    SocketPoll &m_poll;
    std::unordered_set<Farewell *> m_all; ///< owned
};

} // namespace weir::http
