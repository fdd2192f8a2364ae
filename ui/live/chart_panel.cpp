// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/chart_panel.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QDateTime>
#include <QPushButton>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"
#include "ui/controls/legend_item.h"
#include "ui/live/traffic_chart.h"

namespace weir::ui {
namespace {

constexpr int kNarrow = 480;

} // namespace

ChartPanel::ChartPanel(QWidget *parent) : Panel(tr("Requests per second and tokens"), parent)
{
    m_history = std::make_shared<const telemetry::History>();
    m_ranges = new QButtonGroup(this);
    const auto add = [this](ChartRange range, const QString &text, const QString &toolTip) {
        auto *button = new QPushButton(text, this);
        setRole(button, "flat");
        button->setCheckable(true);
        button->setChecked(range == m_range);
        button->setToolTip(toolTip);
        m_ranges->addButton(button, static_cast<int>(range));
        header()->addWidget(button);
    };
    header()->setSpacing(2);
    add(ChartRange::OneMinute, tr("1 min"), tr("One bar is one second"));
    add(ChartRange::FiveMinutes, tr("5 min"), tr("One bar is 5 seconds"));
    add(ChartRange::OneHour, tr("1 h"), tr("One bar is one minute"));
    connect(m_ranges, &QButtonGroup::idClicked, this, [this](int id) { setRange(static_cast<ChartRange>(id)); });

    m_chart = new TrafficChart(this);
    m_chart->setAccessibleName(tr("Chart of requests per second and tokens"));
    body()->addWidget(m_chart, 1);

    auto *legend = new QHBoxLayout;
    legend->setSpacing(14);
    m_undecided = new LegendItem(LegendItem::Sign::Undecided, tr("503"), this);
    m_undecided->setToolTip(tr("Redis did not decide, and the limit turns requests away then"));
    m_change = new LegendItem(LegendItem::Sign::Change, {}, this);
    m_admitted = new LegendItem(LegendItem::Sign::Admitted, tr("admitted"), this);
    m_admitted->setToolTip(tr("200, or 404 for another path: by a limit, without one, or while Redis did not decide"));
    m_refused = new LegendItem(LegendItem::Sign::Refused, tr("refused"), this);
    m_refused->setToolTip(tr("429 by a limit, or 403 because the client is blocked"));
    legend->addWidget(m_admitted);
    legend->addWidget(m_refused);
    legend->addWidget(m_undecided);
    legend->addWidget(new LegendItem(LegendItem::Sign::Tokens, tr("tokens"), this));
    legend->addWidget(m_change, 1);
    legend->addStretch(0);
    body()->addLayout(legend);
    showLegend();
}

void ChartPanel::setHistory(std::shared_ptr<const telemetry::History> history)
{
    if (m_isPaused) {
        m_waiting = std::move(history);
        return;
    }
    m_history = std::move(history);
    m_isStale = true;
    redraw();
}

void ChartPanel::setCapacity(limit::Tokens capacity)
{
    if (capacity == m_capacity)
        return;
    m_capacity = capacity;
    m_isStale = true;
    redraw();
}

void ChartPanel::setBucket(const std::string &limit, const std::string &subject)
{
    const auto before = std::exchange(m_bucket, std::pair(limit, subject));
    if (!before || before == m_bucket)
        return;
    m_levelsSince = QDateTime::currentSecsSinceEpoch() + 1; // the bin of this second may have either
    m_isStale = true;
    redraw();
}

void ChartPanel::setPaused(bool isPaused)
{
    m_isPaused = isPaused;
    showTitle();
    if (!isPaused && m_waiting)
        setHistory(std::exchange(m_waiting, nullptr));
}

void ChartPanel::showTitle()
{
    const QString title = width() < px(kNarrow) ? tr("Per second") : tr("Requests per second and tokens");
    setTitle(m_isPaused ? tr("%1 · paused").arg(title) : title);
}

void ChartPanel::setRange(ChartRange range)
{
    m_ranges->button(static_cast<int>(range))->setChecked(true);
    if (range == m_range)
        return;
    m_range = range;
    m_isStale = true;
    redraw();
}

void ChartPanel::redraw()
{
    if (!m_isStale || !isVisible())
        return;
    m_isStale = false;
    m_series = chartSeries(*m_history, m_range, QDateTime::currentSecsSinceEpoch(), m_levelsSince);
    m_chart->showSeries(m_series, m_range, m_capacity);
    showLegend();
    Q_EMIT redrawn();
}

void ChartPanel::showLegend()
{
    const bool isNarrow = width() < px(kNarrow);
    m_undecided->setVisible(m_series.undecided > 0);
    m_change->setVisible(!m_series.marks.empty() && !(isNarrow && m_series.undecided > 0));
    if (m_series.marks.empty())
        return;
    const telemetry::LimitChange &last = m_series.marks.back().change;
    const QString text =
        tr("limit changed %1 (%2)").arg(format::clock(last.atMs / 1000), limitChange(last.before, last.after));
    m_change->setText(isNarrow ? tr("limit changed") : text);
    m_change->setToolTip(m_series.marks.size() == 1
                             ? text
                             : tr("%1 changes in this range; the last: %2").arg(m_series.marks.size()).arg(text));
}

void ChartPanel::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    showTitle();
    showLegend();
}

void ChartPanel::showEvent(QShowEvent *event)
{
    Panel::showEvent(event);
    redraw();
}

} // namespace weir::ui
