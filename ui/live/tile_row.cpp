// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/tile_row.h"

#include <QBoxLayout>

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

} // namespace

TileRow::TileRow(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    m_admitted = new StatTile(tr("200 admitted"), StatTile::Tone::Good, this);
    m_refused = new StatTile(tr("429 refused"), StatTile::Tone::Bad, this);
    m_share = new StatTile(tr("Admitted share"), StatTile::Tone::Plain, this);
    m_decision = new StatTile(tr("Decision time p99"), StatTile::Tone::Plain, this);
    m_admitted->setObjectName(QStringLiteral("tileAdmitted"));
    m_refused->setObjectName(QStringLiteral("tileRefused"));
    m_share->setObjectName(QStringLiteral("tileShare"));
    m_decision->setObjectName(QStringLiteral("tileDecision"));
    m_decision->setToolTip(tr("How long 99 of 100 decisions took at most, in the last minute"));
    for (StatTile *tile : {m_admitted, m_refused, m_share, m_decision})
        layout->addWidget(tile, 1);
}

void TileRow::showStatus(const engine::Status &status, const RecentRate &rate)
{
    m_admitted->setTexts(format::count(status.totals.admitted), tr("%1 now").arg(format::perSecond(rate.admitted)),
                         format::shortCount(status.totals.admitted));
    m_refused->setTexts(format::count(status.totals.refused), tr("%1 now").arg(format::perSecond(rate.refused)),
                        format::shortCount(status.totals.refused));
    if (status.decisionP99.count() > 0)
        m_decision->setTexts(format::took(status.decisionP99), tr("p50 %1").arg(format::took(status.decisionP50)));
    else
        m_decision->setTexts(QStringLiteral("–"), tr("no traffic"));
}

void TileRow::showShare(const ChartSeries &series, ChartRange range)
{
    const std::int64_t decided = series.admitted + series.refused;
    const QString remark =
        series.undecided > 0 ? tr("%1 undecided").arg(format::shortCount(series.undecided)) : rangeName(range);
    m_share->setToolTip(tr("Of the decided requests, %1").arg(rangeName(range)));
    m_share->setTexts(format::share(series.admitted, decided), remark);
}

} // namespace weir::ui
