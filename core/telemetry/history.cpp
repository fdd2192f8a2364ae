// SPDX-License-Identifier: GPL-3.0-only
#include "core/telemetry/history.h"

namespace weir::telemetry {

void HistoryRecorder::add(const SecondBin &bin)
{
    m_bins.push_back(bin);
    if (m_bins.size() > kHistorySeconds)
        m_bins.pop_front();
    while (!m_changes.empty() && m_changes.front().atMs < m_bins.front().second * 1000)
        m_changes.pop_front();
}

void HistoryRecorder::add(const LimitChange &change)
{
    m_changes.push_back(change);
    if (m_changes.size() > kHistorySeconds) // somebody drags a slider for an hour
        m_changes.pop_front();
}

void HistoryRecorder::restore(const std::vector<SecondBin> &bins)
{
    for (auto bin = bins.rbegin(); bin != bins.rend() && m_bins.size() < kHistorySeconds; ++bin)
        if (m_bins.empty() || bin->second < m_bins.front().second)
            m_bins.push_front(*bin);
}

std::shared_ptr<const History> HistoryRecorder::snapshot() const
{
    return std::make_shared<const History>(
        History{{m_bins.begin(), m_bins.end()}, {m_changes.begin(), m_changes.end()}});
}

} // namespace weir::telemetry
