// SPDX-License-Identifier: GPL-3.0-only
// Honest clients that keep a server busy: one request after the other on connections that stay open.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/raw_http_client.h"

namespace weir::test {

struct Tally {
    std::int64_t admitted{0};             ///< 200
    std::int64_t refused{0};              ///< 429
    std::int64_t other{0};                ///< any other status
    std::int64_t cutShort{0};             ///< the connection ended inside an answer
    std::int64_t unanswered{0};           ///< the connection ended, or the deadline passed, before a byte of the answer
    std::int64_t closings{0};             ///< answers with "Connection: close"
    std::int64_t local{0};                ///< answers with "Weir-Decided-By: local"
    std::chrono::microseconds longest{0}; ///< from a request to its answer

    [[nodiscard]] std::int64_t answers() const { return admitted + refused + other; }
    void add(const Tally &more)
    {
        admitted += more.admitted;
        refused += more.refused;
        other += more.other;
        cutShort += more.cutShort;
        unanswered += more.unanswered;
        closings += more.closings;
        local += more.local;
        longest = std::max(longest, more.longest);
    }
};

/// Threads of its own, one per client, until stop(), or until its connection ends.
class BusyClients {
public:
    /// `pause` after each answer, so that the clients leave the machine some time; `fields` are lines of each request.
    BusyClients(std::uint16_t port, int clients, std::chrono::microseconds pause = {}, QByteArray fields = {})
        : m_pause{pause}, m_fields{std::move(fields)}
    {
        for (int i = 0; i < clients; ++i)
            m_threads.emplace_back([this, port] { run(port); });
    }
    ~BusyClients() { stop(); }
    BusyClients(const BusyClients &) = delete;
    BusyClients &operator=(const BusyClients &) = delete;

    /// Every request that was sent has had its answer, or none comes. Once: the sum of all clients.
    Tally stop()
    {
        m_isStopping = true;
        return wait();
    }
    /// Until the server has ended every connection.
    Tally wait()
    {
        for (std::thread &thread : m_threads)
            thread.join();
        m_threads.clear();
        return m_sum;
    }
    /// Answers so far. Any thread.
    [[nodiscard]] std::int64_t answers() const { return m_answers; }

private:
    void run(std::uint16_t port)
    {
        Tally tally;
        RawHttpClient client{std::chrono::seconds{10}};
        if (!client.connectTo(port))
            ++tally.unanswered;
        while (client.isOpen() && !m_isStopping && ask(client, tally))
            if (m_pause.count() > 0)
                std::this_thread::sleep_for(m_pause);
        const std::lock_guard lock{m_mutex};
        m_sum.add(tally);
    }
    // False when this connection has had its last answer.
    bool ask(RawHttpClient &client, Tally &tally)
    {
        const auto sentAt = std::chrono::steady_clock::now();
        const bool isSent = client.sendRequest(QByteArrayLiteral("GET"), QByteArrayLiteral("/"), m_fields);
        const auto response = isSent ? client.readResponse() : std::nullopt;
        if (!response) {
            ++(isSent && client.isCutShort() ? tally.cutShort : tally.unanswered);
            return false;
        }
        ++m_answers;
        const auto took = std::chrono::steady_clock::now() - sentAt;
        tally.longest = std::max(tally.longest, std::chrono::duration_cast<std::chrono::microseconds>(took));
        tally.local += response->header(QByteArrayLiteral("weir-decided-by")) == "local" ? 1 : 0;
        ++(response->status == 200 ? tally.admitted : response->status == 429 ? tally.refused : tally.other);
        const bool isLast = response->header(QByteArrayLiteral("connection")).toLower() == "close";
        tally.closings += isLast ? 1 : 0;
        return !isLast;
    }

    std::chrono::microseconds m_pause;
    QByteArray m_fields;
    std::atomic<bool> m_isStopping{false};
    std::atomic<std::int64_t> m_answers{0};
    std::mutex m_mutex;
    Tally m_sum;
    std::vector<std::thread> m_threads;
};

} // namespace weir::test
