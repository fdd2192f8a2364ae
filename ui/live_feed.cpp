// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live_feed.h"

namespace weir::ui {
namespace {

// architecture.md, Threads: 20 pulls a second while visible.
constexpr std::chrono::milliseconds kShownPeriod{50};
constexpr std::chrono::milliseconds kHiddenPeriod{500};

} // namespace

LiveFeed::LiveFeed(engine::ServicePort &service, QObject *parent) : QObject(parent), m_service{service}
{
    connect(&m_timer, &QTimer::timeout, this, &LiveFeed::pullNow);
    m_timer.start(kHiddenPeriod);
}

void LiveFeed::setShown(bool isShown)
{
    m_service.setWatched(isShown);
    m_timer.start(isShown ? kShownPeriod : kHiddenPeriod);
    if (isShown)
        pullNow();
}

void LiveFeed::pullNow()
{
    Q_EMIT statusPulled(m_service.status());
    const std::vector<telemetry::RequestRecord> records = m_service.takeRequests();
    if (!records.empty())
        Q_EMIT requestsPulled(records);
    auto history = m_service.history();
    if (history && history != m_history) {
        m_history = std::move(history);
        Q_EMIT historyPulled(m_history);
    }
}

} // namespace weir::ui
