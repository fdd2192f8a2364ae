// SPDX-License-Identifier: GPL-3.0-only
// Clients that send many requests at once on each of many connections, and read all the answers afterwards.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tests/support/busy_clients.h"

namespace weir::test {

/// Blocking. Their answers wait in the sockets: a connection must not ask for more than fits there.
class PipeliningClients {
public:
    /// False when one of them cannot connect.
    bool connectTo(std::uint16_t port, int connections)
    {
        for (int i = 0; i < connections; ++i) {
            m_clients.push_back(std::make_unique<RawHttpClient>(std::chrono::seconds{30}));
            if (!m_clients.back()->connectTo(port))
                return false;
        }
        return true;
    }

    /// On each connection what `requests` gives for its number.
    bool send(const std::function<QByteArray(int)> &requests)
    {
        bool areSent = true;
        for (std::size_t i = 0; i < m_clients.size(); ++i)
            areSent = m_clients[i]->send(requests(static_cast<int>(i))) && areSent;
        return areSent;
    }

    /// `each` answers on each connection.
    [[nodiscard]] Tally read(int each)
    {
        Tally tally;
        for (const auto &client : m_clients)
            for (int i = 0; i < each; ++i)
                add(tally, client->readResponse());
        return tally;
    }

private:
    static void add(Tally &tally, const std::optional<RawResponse> &response)
    {
        if (!response) {
            ++tally.unanswered;
            return;
        }
        tally.local += response->header(QByteArrayLiteral("weir-decided-by")) == "local" ? 1 : 0;
        ++(response->status == 200 ? tally.admitted : response->status == 429 ? tally.refused : tally.other);
    }

    std::vector<std::unique_ptr<RawHttpClient>> m_clients;
};

} // namespace weir::test
