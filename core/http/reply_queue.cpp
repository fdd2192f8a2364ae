// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/reply_queue.h"

#include <utility>

namespace weir::http {

std::uint64_t ReplyQueue::open()
{
    m_places.emplace_back();
    return m_first + m_places.size() - 1;
}

void ReplyQueue::answer(std::uint64_t place, Reply reply)
{
    m_places[place - m_first] = std::move(reply);
}

std::optional<ReplyQueue::Reply> ReplyQueue::takeReady()
{
    while (!m_places.empty() && m_places.front()) {
        std::optional<Reply> next = std::move(m_places.front());
        m_places.pop_front();
        ++m_first;
        if (std::exchange(m_isClosed, m_isClosed || next->closes))
            continue; // after the last one
        return next;
    }
    return std::nullopt;
}

} // namespace weir::http
