// SPDX-License-Identifier: GPL-3.0-only
// Clients that go on whatever happens, and note every answer: its status, who decided, how long it took and when it came.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/raw_http_client.h"

namespace weir::test {

/// Answers by what they were; sums of any number of clients.
struct Seen {
    static constexpr std::size_t kBins = 2000;
    using Instant = std::chrono::steady_clock::time_point;

    std::int64_t admitted{0};      ///< 200, by the store or locally
    std::int64_t refused{0};       ///< 429
    std::int64_t rejected{0};      ///< 503: nobody could decide
    std::int64_t allowed{0};       ///< 200 with "Weir-Decided-By: allow"
    std::int64_t local{0};         ///< of admitted and refused: "Weir-Decided-By: local"
    std::int64_t localAdmitted{0}; ///< of admitted
    std::int64_t odd{0};           ///< any other status: there must be none
    std::int64_t unanswered{0};    ///< sent, and no whole answer came
    std::int64_t notConnected{0};  ///< attempts to connect that failed
    std::chrono::microseconds longest{0};
    std::array<std::int64_t, kBins> millis{}; ///< answers by the milliseconds they took; the last is "or more"
    Instant lastWithout{};                    ///< when the last answer came that the store had no part in

    [[nodiscard]] std::int64_t answers() const { return admitted + refused + rejected + allowed + odd; }
    [[nodiscard]] std::int64_t requests() const { return answers() + unanswered; }
    [[nodiscard]] std::int64_t without() const { return local + rejected + allowed; }
    /// Milliseconds, rounded up, within which the share `q` of all answers came.
    [[nodiscard]] std::int64_t quantile(double q) const
    {
        auto left = static_cast<std::int64_t>(q * static_cast<double>(answers()));
        std::size_t bin = 0;
        while (bin + 1 < kBins && (left -= millis[bin]) > 0)
            ++bin;
        return static_cast<std::int64_t>(bin) + 1;
    }
    void add(const Seen &more)
    {
        admitted += more.admitted;
        refused += more.refused;
        rejected += more.rejected;
        allowed += more.allowed;
        local += more.local;
        localAdmitted += more.localAdmitted;
        odd += more.odd;
        unanswered += more.unanswered;
        notConnected += more.notConnected;
        longest = std::max(longest, more.longest);
        for (std::size_t i = 0; i < kBins; ++i)
            millis[i] += more.millis[i];
        lastWithout = std::max(lastWithout, more.lastWithout);
    }
};

/// Threads of its own, one per client and connection, until stop(). A connection that ends is made anew.
class Load {
public:
    /// `pause` after each answer: the machine has others to serve.
    Load(std::uint16_t port, int clients, std::chrono::microseconds pause)
        : m_port{port}, m_pause{pause}, m_lanes(static_cast<std::size_t>(clients))
    {
        for (Lane &lane : m_lanes)
            m_threads.emplace_back([this, &lane] { run(lane); });
    }
    ~Load() { stop(); }
    Load(const Load &) = delete;
    Load &operator=(const Load &) = delete;

    /// Nobody asks any more, and everything that was asked has its answer or none comes.
    Seen stop()
    {
        m_isStopping = true;
        for (std::thread &thread : m_threads)
            thread.join();
        m_threads.clear();
        return seen();
    }
    /// Any thread; may be in the middle of things.
    [[nodiscard]] Seen seen() const
    {
        Seen sum;
        for (const Lane &lane : m_lanes) {
            const std::lock_guard lock{lane.mutex};
            sum.add(lane.seen);
        }
        return sum;
    }
    /// `longest` of seen() begins anew.
    void forgetLongest()
    {
        for (Lane &lane : m_lanes) {
            const std::lock_guard lock{lane.mutex};
            lane.seen.longest = {};
        }
    }
    /// Until rest(false) nobody asks; connections stay. isResting(): whoever asked has its answer.
    void rest(bool isResting) { m_isResting = isResting; }
    [[nodiscard]] bool isResting() const
    {
        return std::all_of(m_lanes.begin(), m_lanes.end(), [](const Lane &lane) { return lane.isResting.load(); });
    }

private:
    struct Lane {
        mutable std::mutex mutex;
        Seen seen;
        std::atomic<bool> isResting{false};
    };

    void run(Lane &lane)
    {
        RawHttpClient client{std::chrono::seconds{10}};
        while (!m_isStopping) {
            lane.isResting = m_isResting.load();
            if (lane.isResting) {
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
                continue;
            }
            if (!client.isOpen() && !client.connectTo(m_port)) {
                const std::lock_guard lock{lane.mutex};
                ++lane.seen.notConnected;
                std::this_thread::sleep_for(std::chrono::milliseconds{5});
                continue;
            }
            if (!ask(client, lane))
                client.close();
            if (m_pause.count() > 0)
                std::this_thread::sleep_for(m_pause);
        }
    }
    // False when this connection has had its last answer.
    static bool ask(RawHttpClient &client, Lane &lane)
    {
        const auto sentAt = std::chrono::steady_clock::now();
        const bool isSent = client.sendRequest(QByteArrayLiteral("GET"), QByteArrayLiteral("/"));
        const auto response = isSent ? client.readResponse() : std::nullopt;
        const auto now = std::chrono::steady_clock::now();
        const std::lock_guard lock{lane.mutex};
        if (!response) {
            ++lane.seen.unanswered;
            return false;
        }
        note(lane.seen, *response, now, std::chrono::duration_cast<std::chrono::microseconds>(now - sentAt));
        return response->header(QByteArrayLiteral("connection")).toLower() != "close";
    }
    static void note(Seen &seen, const RawResponse &response, Seen::Instant now, std::chrono::microseconds took)
    {
        seen.longest = std::max(seen.longest, took);
        ++seen.millis[std::min(static_cast<std::size_t>(took.count() / 1000), Seen::kBins - 1)];
        const QByteArray by = response.header(QByteArrayLiteral("weir-decided-by"));
        const bool isLocal = by == "local", isAllowed = by == "allow";
        if (!by.isEmpty() || response.status == 503)
            seen.lastWithout = now;
        seen.local += isLocal ? 1 : 0;
        seen.localAdmitted += isLocal && response.status == 200 ? 1 : 0;
        switch (response.status) {
        case 200:
            ++(isAllowed ? seen.allowed : seen.admitted);
            break;
        case 429:
            ++seen.refused;
            break;
        case 503:
            ++seen.rejected;
            break;
        default:
            ++seen.odd;
            break;
        }
    }

    std::uint16_t m_port;
    std::chrono::microseconds m_pause;
    std::atomic<bool> m_isStopping{false};
    std::atomic<bool> m_isResting{false};
    std::vector<Lane> m_lanes;
    std::vector<std::thread> m_threads;
};

} // namespace weir::test
