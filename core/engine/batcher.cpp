// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/batcher.h"

#include <utility>

namespace weir::engine {

Batcher::Batcher(std::function<void(Batch)> submit, QObject *parent) : QObject{parent}, m_submit{std::move(submit)}
{
}

void Batcher::add(Ticket ticket, limit::Tokens cost)
{
    if (m_batch.runs.empty() || m_batch.runs.back().cost != cost)
        m_batch.runs.push_back({cost, 0});
    ++m_batch.runs.back().count;
    m_batch.tickets.push_back(ticket);
    if (m_batch.tickets.size() >= kMaxBatch)
        return flush();
    if (!std::exchange(m_isFlushDue, true)) // posted events come after all sockets of this turn were read
        QMetaObject::invokeMethod(this, &Batcher::flush, Qt::QueuedConnection);
}

void Batcher::flush()
{
    m_isFlushDue = false;
    if (!m_batch.tickets.empty())
        m_submit(std::exchange(m_batch, {}));
}

} // namespace weir::engine
