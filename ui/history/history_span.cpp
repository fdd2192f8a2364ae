// SPDX-License-Identifier: GPL-3.0-only
#include "ui/history/history_span.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace weir::ui {
namespace {

constexpr std::array<std::int64_t, 11> kSteps{10, 30, 60, 300, 600, 1800, 3600, 10'800, 21'600, 43'200, kDayS};
constexpr std::array<int, 4> kDaySteps{1, 2, 7, 14};
constexpr std::array<int, 5> kMonthSteps{1, 2, 3, 6, 12};

HistorySpan notBehind(HistorySpan span, std::int64_t nowS)
{
    if (span.toS > nowS)
        span = {span.fromS - (span.toS - nowS), nowS};
    return span;
}

QDateTime local(std::int64_t atS)
{
    return QDateTime::fromSecsSinceEpoch(atS);
}

QString worded(std::int64_t atS, const QString &format)
{
    return QLocale::c().toString(local(atS), format);
}

} // namespace

HistorySpan lastOf(std::int64_t length, std::int64_t nowS)
{
    return {nowS - length, nowS};
}

HistorySpan zoomed(const HistorySpan &span, double factor, double share, std::int64_t nowS)
{
    const double wanted = std::clamp(static_cast<double>(span.length()) * factor, static_cast<double>(kShortestSpanS),
                                     static_cast<double>(kLongestSpanS));
    const auto length = static_cast<std::int64_t>(std::llround(wanted));
    const double anchor = static_cast<double>(span.fromS) + share * static_cast<double>(span.length());
    const auto from = static_cast<std::int64_t>(std::llround(anchor - share * static_cast<double>(length)));
    return notBehind({from, from + length}, nowS);
}

HistorySpan moved(const HistorySpan &span, double share, std::int64_t nowS)
{
    const auto by = static_cast<std::int64_t>(std::llround(share * static_cast<double>(span.length())));
    return notBehind({span.fromS + by, span.toS + by}, nowS);
}

// By local time, so that a day begins at midnight also when clocks are changed.
QList<TimeTick> timeTicks(const HistorySpan &span, int most)
{
    QList<TimeTick> ticks;
    const std::int64_t least = most > 0 ? span.length() / most : span.length();
    const auto step = std::find_if(kSteps.begin(), kSteps.end(), [&](std::int64_t each) { return each > least; });
    if (step != kSteps.end() && *step < kDayS) {
        const QDateTime midnight = local(span.fromS).date().startOfDay();
        for (std::int64_t at = midnight.toSecsSinceEpoch(); at < span.toS; at += *step)
            if (at >= span.fromS) {
                const bool isMidnight = local(at).time() == QTime{0, 0};
                ticks.append({at, isMidnight   ? worded(at, QStringLiteral("ddd d"))
                                  : *step < 60 ? worded(at, QStringLiteral("HH:mm:ss"))
                                               : worded(at, QStringLiteral("HH:mm"))});
            }
        return ticks;
    }
    for (const int days : kDaySteps)
        if (days * kDayS > least) {
            const QDate first = local(span.fromS).date();
            // Weeks begin on Mondays.
            QDate day = days >= 7 ? first.addDays(1 - first.dayOfWeek()) : first;
            for (; day.startOfDay().toSecsSinceEpoch() < span.toS; day = day.addDays(days))
                if (const std::int64_t at = day.startOfDay().toSecsSinceEpoch(); at >= span.fromS)
                    ticks.append({at, worded(at, days == 1 ? QStringLiteral("ddd d") : QStringLiteral("d MMM"))});
            return ticks;
        }
    for (const int months : kMonthSteps)
        if (months * 31 * kDayS > least || months == kMonthSteps.back()) {
            const QDate first = local(span.fromS).date();
            for (QDate day{first.year(), 1, 1}; day.startOfDay().toSecsSinceEpoch() < span.toS;
                 day = day.addMonths(months))
                if (const std::int64_t at = day.startOfDay().toSecsSinceEpoch(); at >= span.fromS)
                    ticks.append({at, worded(at, QStringLiteral("MMM yyyy"))});
            return ticks;
        }
    return ticks;
}

QString momentText(std::int64_t atS, std::int64_t stepS)
{
    return worded(atS, stepS < 60      ? QStringLiteral("ddd d MMM, HH:mm:ss")
                       : stepS < kDayS ? QStringLiteral("ddd d MMM, HH:mm")
                                       : QStringLiteral("ddd d MMM yyyy"));
}

} // namespace weir::ui
