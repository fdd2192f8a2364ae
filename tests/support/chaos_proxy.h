// SPDX-License-Identifier: GPL-3.0-only
// A way to Redis that does to its answers what it is told: late, in pieces, not at all, or something else instead.
#pragma once

#include <QString>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <random>
#include <string>
#include <thread>

namespace weir::test {

/// A thread of its own; everything here may be called from any thread. Commands always go through, so what is
/// not answered is done nevertheless.
class ChaosProxy {
public:
    enum class Way : std::uint8_t {
        Through,
        ByteByByte,   ///< the right answers, one byte a segment
        Garbage,      ///< random bytes instead of each piece of an answer
        Half,         ///< the first half of a piece, and no more on that connection
        Reset,        ///< the first half of a piece, then RST
        Swallow,      ///< nothing
        Banner,       ///< "+OK POP3 ready" as soon as somebody connects
        HugeBulk,     ///< the header of 2 GB, and the first of them
        HugeArray,    ///< the header of 2^31 - 1 elements
        NestedArrays, ///< arrays in arrays in arrays
    };

    /// Listens on a free port of the loopback for connections to the Redis at the Unix socket `path`.
    explicit ChaosProxy(const QString &path, std::uint64_t seed = 1);
    ~ChaosProxy();
    ChaosProxy(const ChaosProxy &) = delete;
    ChaosProxy &operator=(const ChaosProxy &) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    /// "redis://127.0.0.1:PORT".
    [[nodiscard]] QString url() const { return QStringLiteral("redis://127.0.0.1:%1").arg(m_port); }

    /// From the next bytes on. What a connection has suffered stays with it: Half and Swallow are
    /// ended by the client's deadline.
    void set(Way way) { m_way = way; }
    /// Answers that come from now on are passed on that much later, in their order.
    void setDelay(std::chrono::milliseconds delay) { m_delayMs = delay.count(); }
    /// Ends every connection that there is.
    void cut() { m_isCutAsked = true; }

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Late {
        Instant due;
        std::string bytes;
    };
    struct Pair {
        int client{-1};
        int server{-1};
        std::deque<Late> late;
        bool isMute{false}; ///< nothing more is passed on
        bool isOver{false};
    };

    void run();
    void accept();
    void passOn(Pair &pair, std::string bytes);
    void deliver(Pair &pair, const std::string &bytes);
    void deliverDue(Pair &pair);
    std::string garbage(std::size_t size);
    static void leaveServer(Pair &pair);
    static void end(Pair &pair);

    std::string m_path;
    int m_listener{-1};
    std::uint16_t m_port{0};
    std::atomic<Way> m_way{Way::Through};
    std::atomic<std::int64_t> m_delayMs{0};
    std::atomic<bool> m_isCutAsked{false};
    std::atomic<bool> m_isStopping{false};
    std::mt19937_64 m_random;
    std::list<Pair> m_pairs;
    std::thread m_thread;
};

} // namespace weir::test
