// SPDX-License-Identifier: GPL-3.0-only
// A network of this process' own whose one wire delays, loses and reorders real packets, by a seed.
#pragma once

#include <QString>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace weir::test {

/// Both ends are here: who connects to there() meets whoever listens at here(), by way of a TUN device whose other
/// side is a thread of this object. So it needs no module of the kernel but `tun`, and no other tool.
class BadWire {
public:
    /// Moves this process (one thread yet) and all its children into a network of their own. Empty, or why
    /// that cannot be had: no user namespaces, no /dev/net/tun.
    [[nodiscard]] static QString enterOwnNetwork();

    /// After enterOwnNetwork(); isUp() says whether it has worked.
    explicit BadWire(std::uint64_t seed);
    ~BadWire();
    BadWire(const BadWire &) = delete;
    BadWire &operator=(const BadWire &) = delete;

    [[nodiscard]] bool isUp() const { return m_device >= 0; }
    [[nodiscard]] static QString here() { return QStringLiteral("10.99.0.1"); }
    [[nodiscard]] static QString there() { return QStringLiteral("10.99.0.2"); }

    /// One way; a round trip takes twice that.
    struct Trouble {
        std::chrono::microseconds delay{0};
        std::chrono::microseconds jitter{0}; ///< at most so much more, each packet by chance: they overtake each other
        int lossPerMille{0};
        std::int64_t bitsPerSecond{0}; ///< 0: no bound
    };
    /// Any thread; for packets that come from now on.
    void set(const Trouble &trouble);
    [[nodiscard]] std::int64_t passed() const { return m_passed; }
    [[nodiscard]] std::int64_t lost() const { return m_lost; }

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Packet {
        Instant due;
        std::uint64_t number;
        std::string bytes;
        bool operator>(const Packet &other) const { return due != other.due ? due > other.due : number > other.number; }
    };
    void run();
    void take(std::string bytes, Instant now);

    int m_device{-1};
    std::mt19937_64 m_random;
    std::atomic<std::int64_t> m_delayUs{0}, m_jitterUs{0}, m_lossPerMille{0}, m_bitsPerSecond{0};
    std::atomic<std::int64_t> m_passed{0}, m_lost{0};
    std::atomic<bool> m_isStopping{false};
    std::priority_queue<Packet, std::vector<Packet>, std::greater<>> m_underWay;
    std::uint64_t m_packets{0};
    Instant m_freeAt{}; ///< when the wire has sent what it was given, at its rate
    std::thread m_thread;
};

} // namespace weir::test
