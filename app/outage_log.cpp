// SPDX-License-Identifier: GPL-3.0-only
#include "app/outage_log.h"

#include <chrono>
#include <utility>

#include "app/service_log.h"

namespace weir::app {

OutageLog::OutageLog(LimitParts &parts, std::function<std::string()> why, QObject *parent)
    : QObject{parent}, m_parts{parts}, m_why{std::move(why)}
{
    connect(&parts.table(), &engine::BucketTable::begun, this, &OutageLog::tellBegun);
    connect(&parts, &LimitParts::settled, this, &OutageLog::tellSettled);
    connect(&parts, &LimitParts::blocked, this, &OutageLog::tellBlocked);
    connect(&parts, &LimitParts::clockStepped, this, &OutageLog::tellStep);
    connect(&parts, &LimitParts::instancesChanged, this, [](qint64 instances) {
        qCInfo(lcService, "Weirs that share the limits: %lld", static_cast<long long>(instances));
    });
}

void OutageLog::tellBegun()
{
    if (m_parts.table().status().isUnheard) {
        qCInfo(lcService,
               "nothing is known of the buckets yet: where limits decide locally, each begins at its start level "
               "and as if no other Weir had it; what turns out to be too much is told once Redis answers");
        return;
    }
    const std::string why = m_why();
    qCInfo(lcService, "the store does not decide: going on with 1/%lld of the last known levels%s%s",
           static_cast<long long>(m_parts.table().status().instances), why.empty() ? "" : ": ", why.c_str());
}

void OutageLog::tellSettled(bool isExact, limit::Tokens excess)
{
    if (isExact)
        qCInfo(lcService, "the store decides again; nothing was lost and nothing overspent");
    else
        qCInfo(lcService,
               "the store decides again; others used buckets meanwhile, at most %lld tokens too many were taken",
               static_cast<long long>(excess));
}

void OutageLog::tellBlocked(const std::string &limit, const Error &why)
{
    qCWarning(lcService,
              "the store is back but cannot be told what was decided of the limit %s without it: %s; what needs that "
              "bucket is answered 503 until it can",
              limit.c_str(), why.detail.c_str());
}

void OutageLog::tellStep(Micros by)
{
    const char *what = "forward by %s: what is due by it is added at once, a capacity at most";
    if (by < Micros{0} && -by <= limit::kMaxClockStep)
        what = "back by %s: nothing comes back until it has caught up";
    else if (by < Micros{0})
        what =
            "back by %s: limits go on from there; if it comes forward again, what is due by it is added once more, a "
            "capacity at most";
    const Micros length = std::chrono::round<std::chrono::seconds>(by < Micros{0} ? -by : by);
    qCWarning(lcService, "%s",
              qPrintable(QStringLiteral("the clock of Redis has gone ")
                         + QString::asprintf(what, printDurationSpaced(length).c_str())));
}

void OutageLog::tellLosses()
{
    const std::int64_t losses = m_parts.table().status().statesLost;
    if (losses > std::exchange(m_toldLosses, losses))
        qCInfo(lcService, "the store has lost a bucket, or a part of it; it goes on from the last known level");
}

} // namespace weir::app
