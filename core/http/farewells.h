// SPDX-License-Identifier: GPL-3.0-only
// Connections that have had their last answer: our half is closed, and what still comes is thrown away
// until the client closes too. A close over unread input would reset the answer away (RFC 9112, 9.6).
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
    ~Farewells(); ///< closes all, told or not
    Farewells(const Farewells &) = delete;
    Farewells &operator=(const Farewells &) = delete;

    /// Takes `descriptor` over, and what `poll` tells of it from `before`; nullptr: it was not polled.
    /// `closed` is called once it is.
    void bid(int descriptor, const Polled *before, std::function<void()> closed);
    /// Closes those whose client has taken its time. To be called a few times a second.
    void checkTimes(std::chrono::steady_clock::time_point now);
    [[nodiscard]] std::size_t count() const { return m_all.size(); }

private:
    class Farewell;
    void end(Farewell *which);

    SocketPoll &m_poll;
    std::unordered_set<Farewell *> m_all; ///< owned
};

} // namespace weir::http
