// SPDX-License-Identifier: GPL-3.0-only
// Clients that go on whatever happens, and note every answer: its status, who decided, how long it took and when it came.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
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

/// What the clients of a Load do.
struct LoadPlan {
    int clients{1};
    std::chrono::microseconds pause{0}; ///< after each answer: the machine has others to serve
    /// Of all clients together, requests a second, each at a moment of its own; an answer's time is counted from that
    /// moment, so that what a slow one holds up is not left out. 0: the next one as soon as there is an answer.
    double rate{0};
    /// Field lines of the n-th request of a client, each with its CRLF; any thread. Empty: none but Host.
    std::function<QByteArray(std::size_t client, std::int64_t n)> fields{};
};

/// Threads of its own, one per client and connection, until stop(). A connection that ends is made anew.
class Load {
public:
    Load(std::uint16_t port, LoadPlan plan)
        : m_port{port}, m_plan{std::move(plan)}, m_lanes(static_cast<std::size_t>(m_plan.clients))
    {
        for (std::size_t i = 0; i < m_lanes.size(); ++i)
            m_threads.emplace_back([this, i] { run(i); });
    }
    Load(std::uint16_t port, int clients, std::chrono::microseconds pause)
        : Load{port, LoadPlan{.clients = clients, .pause = pause}}
    {
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
    [[nodiscard]] Seen seen() const { return seenOf(0, 1); }
    /// Of the clients whose number leaves `group` when it is divided by `groups`.
    [[nodiscard]] Seen seenOf(std::size_t group, std::size_t groups) const
    {
        Seen sum;
        for (std::size_t i = group; i < m_lanes.size(); i += groups) {
            const std::lock_guard lock{m_lanes[i].mutex};
            sum.add(m_lanes[i].seen);
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

    /// When the requests of one client are due: evenly, the clients one after the other.
    class Schedule {
    public:
        Schedule(const LoadPlan &plan, std::size_t who)
        {
            if (plan.rate <= 0)
                return;
            const std::chrono::duration<double> period{plan.clients / plan.rate};
            m_period = std::chrono::duration_cast<Seen::Instant::duration>(period);
            m_next += m_period * static_cast<std::int64_t>(who) / plan.clients;
        }
        Seen::Instant waitForNext()
        {
            if (m_period.count() == 0)
                return std::chrono::steady_clock::now();
            const Seen::Instant dueAt = m_next;
            std::this_thread::sleep_until(dueAt); // at once when it is late
            m_next += m_period;
            return dueAt;
        }

    private:
        Seen::Instant m_next = std::chrono::steady_clock::now();
        Seen::Instant::duration m_period{0};
    };

    void run(std::size_t who)
    {
        Lane &lane = m_lanes[who];
        RawHttpClient client{std::chrono::seconds{10}};
        Schedule schedule{m_plan, who};
        for (std::int64_t n = 0; !m_isStopping;) {
            lane.isResting = m_isResting.load();
            if (lane.isResting) {
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
                schedule = Schedule{m_plan, who};
                continue;
            }
            if (!client.isOpen() && !client.connectTo(m_port)) {
                const std::lock_guard lock{lane.mutex};
                ++lane.seen.notConnected;
                std::this_thread::sleep_for(std::chrono::milliseconds{5});
                continue;
            }
            const Seen::Instant dueAt = schedule.waitForNext();
            if (!ask(client, lane, m_plan.fields ? m_plan.fields(who, n) : QByteArray{}, dueAt))
                client.close();
            ++n;
            if (m_plan.pause.count() > 0)
                std::this_thread::sleep_for(m_plan.pause);
        }
    }
    // False when this connection has had its last answer.
    static bool ask(RawHttpClient &client, Lane &lane, const QByteArray &fields, Seen::Instant dueAt)
    {
        const bool isSent = client.sendRequest(QByteArrayLiteral("GET"), QByteArrayLiteral("/"), fields);
        const auto response = isSent ? client.readResponse() : std::nullopt;
        const auto now = std::chrono::steady_clock::now();
        const std::lock_guard lock{lane.mutex};
        if (!response) {
            ++lane.seen.unanswered;
            return false;
        }
        note(lane.seen, *response, now, std::chrono::duration_cast<std::chrono::microseconds>(now - dueAt));
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
    LoadPlan m_plan;
    std::atomic<bool> m_isStopping{false};
    std::atomic<bool> m_isResting{false};
    std::vector<Lane> m_lanes;
    std::vector<std::thread> m_threads;
};

} // namespace weir::test
