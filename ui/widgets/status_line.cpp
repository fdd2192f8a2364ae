// SPDX-License-Identifier: GPL-3.0-only
#include "ui/widgets/status_line.h"

#include <QBoxLayout>

#include "ui/format.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tabular_text.h"

namespace weir::ui {
namespace {

void setText(TabularLabel *label, const QString &text)
{
    if (label->text() != text)
        label->setText(text);
}

} // namespace

StatusLine::StatusLine(QWidget *parent) : QFrame(parent)
{
    setRole(this, "status");
    setFixedHeight(27);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 0, 14, 0);
    layout->setSpacing(18);
    for (TabularLabel **label : {&m_running, &m_requests, &m_workers, &m_notShown}) {
        *label = new TabularLabel(this);
        layout->addWidget(*label);
    }
    layout->addStretch(1);
    m_lastRefill = new TabularLabel(this);
    layout->addWidget(m_lastRefill);
    m_notShown->setToolTip(
        tr("Requests that came faster than the table can show. They were answered and counted all the same."));
    m_notShown->hide();
}

void StatusLine::showStatus(const engine::Status &status, qint64 notShown)
{
    const auto since = std::chrono::steady_clock::now() - status.startedAt;
    setText(m_running,
            tr("Running %1").arg(format::runningTime(std::chrono::duration_cast<std::chrono::seconds>(since))));
    const qint64 requests = status.totals.requests();
    setText(m_requests, requests == 1 ? tr("1 request") : tr("%1 requests").arg(format::count(requests)));
    setText(m_workers, status.workers == 1 ? tr("1 worker") : tr("%1 workers").arg(status.workers));
    setText(m_notShown, tr("%1 not shown in the table").arg(format::count(notShown)));
    m_notShown->setVisible(notShown > 0);

    const engine::RefillStatus &refill = status.refill;
    if (refill.lastAtMs <= 0)
        return setText(m_lastRefill, tr("No refill yet"));
    const bool isFull = refill.lastLevel >= status.limit.spec.capacity;
    setText(m_lastRefill, tr("Last refill %1 · +%2%3")
                              .arg(format::clock(refill.lastAtMs / 1000), format::count(refill.lastTokens),
                                   isFull ? tr(" (full)") : QString()));
}

} // namespace weir::ui
