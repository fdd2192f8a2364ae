// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/batcher.h"

#include <utility>

namespace weir::engine {

Batcher::Batcher(std::function<void(Batch)> submit, QObject *parent)
    : QObject{parent}, m_submit{std::move(submit)}, m_turn{*this, [this] { flush(); }}
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
    m_turn.need();
}

void Batcher::flush()
{
    if (!m_batch.tickets.empty())
        m_submit(std::exchange(m_batch, {}));
}

} // namespace weir::engine
