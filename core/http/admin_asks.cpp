// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/admin_asks.h"

#include <mutex>
#include <utility>

#include "core/http/answers.h"

namespace weir::http {

struct AdminAsks::Gate {
    std::mutex mutex;
    AdminAsks *asks; ///< null: it has ended
};

AdminAsks::AdminAsks(const AdminDesk &desk) : m_desk{desk}, m_gate{new Gate{{}, this}}
{
}

AdminAsks::~AdminAsks()
{
    const std::lock_guard lock{m_gate->mutex};
    m_gate->asks = nullptr;
}

void AdminAsks::ask(PendingReply reply, AdminRequest request)
{
    const std::uint64_t number = m_next++;
    m_asked.emplace(number, std::move(reply));
    if (m_isClosed)
        return close();
    m_desk(std::move(request), [gate = m_gate, number](AdminAnswer answer) {
        const std::lock_guard lock{gate->mutex};
        if (gate->asks)
            QMetaObject::invokeMethod(
                gate->asks, [asks = gate->asks, number, answer = std::move(answer)] { asks->answer(number, answer); },
                Qt::QueuedConnection);
    });
}

void AdminAsks::answer(std::uint64_t number, const AdminAnswer &answer)
{
    const auto found = m_asked.find(number);
    if (found == m_asked.end())
        return;
    PendingReply reply = std::move(found->second);
    m_asked.erase(found);
    reply.facts.closes = reply.facts.closes || m_isClosed;
    reply.send(adminAnswer(reply.facts, answer));
}

void AdminAsks::close()
{
    m_isClosed = true;
    while (!m_asked.empty())
        answer(m_asked.begin()->first, problemOf(503, "Service Unavailable", "Weir is about to end."));
}

} // namespace weir::http
