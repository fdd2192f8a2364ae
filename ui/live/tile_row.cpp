// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/tile_row.h"

#include <QBoxLayout>
#include <QDateTime>
#include <QLocale>

#include "ui/controls/plain_tool_tip.h"
#include "ui/words/format.h"
#include "ui/live/stat_tile.h"

namespace weir::ui {
namespace {

QString rangeName(ChartRange range)
{
    switch (range) {
    case ChartRange::OneMinute:
        return TileRow::tr("last minute");
    case ChartRange::FiveMinutes:
        return TileRow::tr("last 5 min");
    case ChartRange::OneHour:
        break;
    }
    return TileRow::tr("last hour");
}

// The day since which the history has counted, "12 Nov"; empty: it knows of nothing before this start.
QString sinceDay(const engine::Status &status)
{
    const history::Counts &counts = status.before.counts;
    if (status.before.sinceS == 0 || counts.isEmpty())
        return {};
    return QLocale::c().toString(QDateTime::fromSecsSinceEpoch(status.before.sinceS), QStringLiteral("d MMM"));
}

// What the tile has, if that is more than what the rest of its tip tells of.
QString withEarlier(const engine::Status &status, std::int64_t all)
{
    const QString day = sinceDay(status);
    return day.isEmpty() ? day
                         : TileRow::tr("\n%1 since %2, earlier starts of Weir included").arg(format::count(all), day);
}

QString scopeOf(const engine::Status &status)
{
    return status.limits.size() > 1 ? TileRow::tr("Of all limits together, since Weir started.")
                                    : TileRow::tr("Since Weir started.");
}

QString admittedWords(const engine::Status &status)
{
    const telemetry::Totals &totals = status.totals;
    QStringList lines{scopeOf(status) + u' ' + TileRow::tr("Answered 200, or 404 for another path than /:"),
                      TileRow::tr("%1 admitted").arg(format::count(totals.admitted))};
    if (totals.exempt > 0)
        lines << TileRow::tr("%1 without a limit").arg(format::count(totals.exempt));
    if (const std::int64_t allowed = totals.decided(telemetry::DecidedBy::Allow); allowed > 0)
        lines << TileRow::tr("%1 let through while Redis did not decide").arg(format::count(allowed));
    return lines.join(u'\n');
}

QString refusedWords(const engine::Status &status, const RecentRate &rate)
{
    const telemetry::Totals &totals = status.totals;
    QStringList lines{scopeOf(status), TileRow::tr("%1 refused by a limit: 429, %2 now")
                                           .arg(format::count(totals.refused), format::perSecond(rate.refused))};
    if (totals.refusedKnown > 0)
        lines << TileRow::tr("%1 of them at once, without asking Redis again").arg(format::count(totals.refusedKnown));
    if (totals.blocked > 0)
        lines << TileRow::tr("%1 of blocked clients: 403").arg(format::count(totals.blocked));
    if (totals.rejected() > 0)
        lines << TileRow::tr("%1 that Redis did not decide: 503").arg(format::count(totals.rejected()));
    return lines.join(u'\n');
}

} // namespace

TileRow::TileRow(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    m_admitted = new StatTile(tr("Admitted since start"), tr("Admitted"), StatTile::Tone::Good, this);
    m_refused = new StatTile(tr("429 since start"), tr("429"), StatTile::Tone::Bad, this);
    m_share = new StatTile(tr("Admitted share"), tr("Share"), StatTile::Tone::Plain, this);
    m_decision = new StatTile(tr("Decision time p99"), tr("p99"), StatTile::Tone::Plain, this);
    m_admitted->setObjectName(QStringLiteral("tileAdmitted"));
    m_refused->setObjectName(QStringLiteral("tileRefused"));
    m_share->setObjectName(QStringLiteral("tileShare"));
    m_decision->setObjectName(QStringLiteral("tileDecision"));
    setPlainToolTip(m_decision, tr("How long 99 of 100 decisions took at most, in the last minute"));
    for (StatTile *tile : {m_admitted, m_refused, m_share, m_decision})
        layout->addWidget(tile, 1);
}

void TileRow::showStatus(const engine::Status &status, const RecentRate &rate)
{
    const telemetry::Totals &totals = status.totals;
    const bool areSeveral = status.limits.size() > 1;
    const QString since = sinceDay(status).isEmpty() ? tr("start") : sinceDay(status);
    const std::int64_t admitted = status.before.counts.admitted + totals.letThrough();
    const std::int64_t refused = status.before.counts.refused + totals.refused;
    m_admitted->setTitle((areSeveral ? tr("200 of all limits since %1") : tr("Admitted since %1")).arg(since),
                         areSeveral ? tr("All: 200") : tr("Admitted"));
    m_refused->setTitle((areSeveral ? tr("429 of all limits since %1") : tr("429 since %1")).arg(since),
                        areSeveral ? tr("All: 429") : tr("429"));
    m_admitted->setTexts(format::count(admitted), tr("%1 now").arg(format::perSecond(rate.admitted)),
                         format::shortCount(admitted));
    QStringList others; // every answer is counted somewhere
    if (totals.blocked > 0)
        others << tr("%1 × 403").arg(format::shortCount(totals.blocked));
    if (totals.rejected() > 0)
        others << tr("%1 × 503").arg(format::shortCount(totals.rejected()));
    m_refused->setTexts(format::count(refused),
                        others.isEmpty() ? tr("%1 now").arg(format::perSecond(rate.refused))
                                         : tr("and %1").arg(others.join(QStringLiteral(", "))),
                        format::shortCount(refused));
    setPlainToolTip(m_admitted, admittedWords(status) + withEarlier(status, admitted));
    setPlainToolTip(m_refused, refusedWords(status, rate) + withEarlier(status, refused));
    if (status.decisionP99.count() > 0)
        m_decision->setTexts(format::took(status.decisionP99), tr("p50 %1").arg(format::took(status.decisionP50)));
    else
        m_decision->setTexts(QStringLiteral("–"), tr("no traffic"));
}

void TileRow::showShare(const ChartSeries &series, ChartRange range)
{
    setPlainToolTip(m_share, tr("Admitted of all answers, %1: 429, 403 and 503 are the others").arg(rangeName(range)));
    m_share->setTexts(format::share(series.admitted, series.admitted + series.refused + series.undecided),
                      rangeName(range));
}

} // namespace weir::ui
