// SPDX-License-Identifier: GPL-3.0-only
#include "core/remote/remote_chart.h"

#include <algorithm>
#include <iterator>

namespace weir::remote {
namespace {

using telemetry::SecondBin;
using telemetry::Totals;

constexpr std::int64_t kLongestMs = 5000; // a longer silence is no contact, and what came in it belongs to no second

// So much of each sum as has come in `part` of `whole`.
Totals shareOf(Totals counts, std::int64_t part, std::int64_t whole)
{
    const auto share = [part, whole](std::int64_t &count) { count = count * part / whole; };
    for (const telemetry::CounterRow &row : telemetry::kCounters)
        if (row.kind == telemetry::CounterRow::Kind::Sum)
            share(counts.*row.number);
    for (std::int64_t &count : counts.decidedBy)
        share(count);
    for (std::int64_t &count : counts.turnedAwayBy)
        share(count);
    return counts;
}

} // namespace

bool RemoteChart::follow(const engine::Status &status, std::int64_t atMs)
{
    if (!m_last || atMs <= m_last->atMs || atMs - m_last->atMs > kLongestMs) {
        m_last = Last{status.totals, atMs};
        return false;
    }
    const std::int64_t begin = m_last->atMs, length = atMs - begin;
    const Totals come = status.totals.since(m_last->totals);
    Totals given;
    for (std::int64_t second = begin / 1000; second <= atMs / 1000; ++second) {
        const Totals until = shareOf(come, std::min((second + 1) * 1000, atMs) - begin, length);
        SecondBin &bin = m_bins[second];
        bin.second = second;
        const Totals part = until.since(given);
        bin.add(part);
        for (const telemetry::CounterRow &row : telemetry::kCounters)
            if (row.kind == telemetry::CounterRow::Kind::Level)
                bin.*row.number = status.totals.*row.number;
        if (status.level.isKnown)
            bin.tokens = status.level.tokens;
        bin.isAway = bin.isAway || status.failure.isDegraded;
        given = until;
    }
    m_last = Last{status.totals, atMs};
    trim();
    return begin / 1000 != atMs / 1000;
}

void RemoteChart::restore(const std::vector<SecondBin> &bins)
{
    for (const SecondBin &bin : bins)
        m_bins.emplace(bin.second, bin);
    trim();
}

void RemoteChart::add(const telemetry::LimitChange &change)
{
    m_changes.push_back(change);
    if (m_changes.size() > telemetry::kHistorySeconds)
        m_changes.erase(m_changes.begin());
}

void RemoteChart::trim()
{
    constexpr auto kMost = static_cast<std::int64_t>(telemetry::kHistorySeconds);
    if (!m_bins.empty())
        m_bins.erase(m_bins.begin(), m_bins.lower_bound(m_bins.rbegin()->first - kMost));
    std::erase_if(m_changes, [this](const telemetry::LimitChange &change) {
        return !m_bins.empty() && change.atMs < m_bins.begin()->first * 1000;
    });
}

std::shared_ptr<const telemetry::History> RemoteChart::snapshot() const
{
    auto history = std::make_shared<telemetry::History>();
    const std::int64_t open = m_last ? m_last->atMs / 1000 : 0;
    for (const auto &[second, bin] : m_bins)
        if (second != open)
            history->bins.push_back(bin);
    history->changes = m_changes;
    return history;
}

} // namespace weir::remote
