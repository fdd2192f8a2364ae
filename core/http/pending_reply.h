// SPDX-License-Identifier: GPL-3.0-only
// A request whose decision is under way, and its connection, if that still exists.
#pragma once

#include <vector>

#include <QPointer>

#include "core/engine/decide/decision.h"
#include "core/http/request_facts.h"
#include "core/http/socket_guard.h"

namespace weir::http {

/// Qt 6.4 frees socket and request when a client leaves, even while a responder exists: hence the QPointer.
struct PendingReply {
    QPointer<GuardedSocket> socket;
    std::uint64_t place{0};
    RequestFacts facts;

    void send(const QByteArray &bytes)
    {
        if (socket)
            socket->answer(place, bytes, facts.closes);
    }
};

/// Pending replies by ticket. Places are reused, so in the long run no request allocates.
class PendingReplies {
public:
    [[nodiscard]] engine::Ticket add(PendingReply reply)
    {
        if (m_free.empty()) {
            m_slots.push_back(std::move(reply));
            return m_slots.size() - 1;
        }
        const engine::Ticket ticket = m_free.back();
        m_free.pop_back();
        m_slots[ticket] = std::move(reply);
        return ticket;
    }

    [[nodiscard]] PendingReply take(engine::Ticket ticket)
    {
        m_free.push_back(ticket);
        return std::move(m_slots[ticket]);
    }

private:
    std::vector<PendingReply> m_slots;
    std::vector<engine::Ticket> m_free;
};

} // namespace weir::http
