// SPDX-License-Identifier: GPL-3.0-only
#include "app/sampler.h"

#include <algorithm>
#include <utility>

#include <QDateTime>

namespace weir::app {
namespace {

constexpr std::size_t kLatencySeconds = 60;

} // namespace

Sampler::Sampler(std::function<Sample()> read, QObject *parent)
    : QObject{parent}, m_read{std::move(read)}, m_timer{this}
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Sampler::sample);
}

void Sampler::start()
{
    const Sample first = m_read();
    m_last = first.totals;
    m_minute.push_back(first.decisions);
    m_nextSecond = QDateTime::currentSecsSinceEpoch();
    armForNextSecond();
}

// What a stalled or suspended process missed is a row of empty seconds, then one with all that came.
void Sampler::sample()
{
    const std::int64_t now = QDateTime::currentSecsSinceEpoch();
    if (now > m_nextSecond) {
        const Sample current = m_read();
        m_nextSecond =
            std::max<std::int64_t>(m_nextSecond, now - static_cast<std::int64_t>(telemetry::kHistorySeconds));
        for (; m_nextSecond < now - 1; ++m_nextSecond)
            m_history.add(telemetry::SecondBin{{}, m_nextSecond, current.tokens});
        telemetry::SecondBin bin{current.totals.since(m_last), now - 1, current.tokens};
        bin.isAway = current.isAway || m_wasAway || bin.undecided > 0;
        m_history.add(bin);
        m_lastSecond = bin;
        m_wasAway = current.isAway;
        m_nextSecond = now;
        m_last = current.totals;
        m_minute.push_back(current.decisions);
        if (m_minute.size() > kLatencySeconds + 1)
            m_minute.pop_front();
        Q_EMIT sampled();
    } else if (now < m_nextSecond - 1) {
        m_nextSecond = now; // this machine's clock went back
    }
    armForNextSecond();
}

telemetry::SecondBin Sampler::takeRest()
{
    const Sample current = m_read();
    return {current.totals.since(std::exchange(m_last, current.totals)), QDateTime::currentSecsSinceEpoch(),
            current.tokens};
}

void Sampler::armForNextSecond()
{
    const auto intoSecond = static_cast<int>(QDateTime::currentMSecsSinceEpoch() % 1000);
    m_timer.start(1001 - intoSecond);
}

Micros Sampler::quantileOfSecond(double q) const
{
    if (m_minute.size() < 2)
        return Micros{0};
    telemetry::LatencyCounts counts = m_minute.back();
    counts.subtract(m_minute[m_minute.size() - 2]);
    return counts.quantile(q);
}

Micros Sampler::decisionQuantile(double q) const
{
    if (m_minute.empty())
        return Micros{0};
    telemetry::LatencyCounts counts = m_minute.back();
    counts.subtract(m_minute.front());
    return counts.quantile(q);
}

} // namespace weir::app
