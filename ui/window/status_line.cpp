// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/status_line.h"

#include <QBoxLayout>
#include <QDateTime>
#include <QEvent>
#include <QStringList>
#include <QStyle>
#include <QVariant>
#include <algorithm>
#include <utility>

#include "ui/look/scale.h"
#include "ui/words/failure_words.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"
#include "ui/words/visible_text.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr int kMargin = 14;
constexpr int kSpacing = 18;

/// An item without a text is not shown.
void setText(TabularLabel *label, const QString &text)
{
    if (label->text() != text)
        label->setText(text);
}

void setItemRole(TabularLabel *label, const char *role)
{
    if (label->property("role").toString() == QLatin1String(role))
        return;
    setRole(label, role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

QString counted(qint64 number, const QString &one, const QString &many)
{
    return number == 1 ? one : many.arg(format::count(number));
}

QString reasonText(telemetry::TurnAwayReason reason)
{
    using Reason = telemetry::TurnAwayReason;
    switch (reason) {
    case Reason::Malformed:
        return StatusLine::tr("malformed: not proper HTTP");
    case Reason::TooLarge:
        return StatusLine::tr("too large, or of unknown length");
    case Reason::TooSlow:
        return StatusLine::tr("too slow: head or body did not come in time");
    case Reason::Unsupported:
        return StatusLine::tr("not supported: method, expectation or upgrade");
    case Reason::TooMany:
        return StatusLine::tr("too many connections, or requests without an answer");
    case Reason::Unread:
        break;
    }
    return StatusLine::tr("answers not read by the client");
}

} // namespace

QString turnedAwayReasons(const telemetry::Totals &totals)
{
    QStringList lines;
    for (std::size_t i = 0; i < telemetry::kTurnAwayReasons; ++i) {
        const auto reason = static_cast<telemetry::TurnAwayReason>(i);
        if (const std::int64_t count = totals.turnedAway(reason); count > 0)
            lines << StatusLine::tr("%1 %2").arg(format::count(count), reasonText(reason));
    }
    return lines.join(u'\n');
}

StatusLine::StatusLine(QWidget *parent) : QFrame(parent)
{
    setRole(this, "status");
    setScaledHeight(this, 27);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(kMargin, 0, kMargin, 0);
    layout->setSpacing(kSpacing);
    for (TabularLabel **label :
         {&m_elsewhere, &m_running, &m_requests, &m_workers, &m_connections, &m_turnedAway, &m_notShown}) {
        *label = new TabularLabel(this);
        layout->addWidget(*label);
    }
    layout->addStretch(1);
    m_config = new TabularLabel(this);
    m_config->setObjectName(QStringLiteral("configFile"));
    layout->addWidget(m_config);
    m_notice = new TabularLabel(this);
    m_notice->setObjectName(QStringLiteral("limitNotice"));
    setRole(m_notice, "warn");
    layout->addWidget(m_notice);
    m_lastRefill = new TabularLabel(this);
    layout->addWidget(m_lastRefill);
    m_breaker = new TabularLabel(this);
    m_breaker->setObjectName(QStringLiteral("breaker"));
    m_breaker->setToolTip(
        tr("The breaker opens when Redis does not answer in time: it is then probed, not waited for"));
    layout->addWidget(m_breaker);
    m_elsewhere->setObjectName(QStringLiteral("elsewhere"));
    m_elsewhere->setToolTip(tr("This Weir runs elsewhere; it is seen and changed through its admin port"));
    m_connections->setObjectName(QStringLiteral("connections"));
    m_connections->setToolTip(tr("Connections of clients that are open now"));
    m_turnedAway->setObjectName(QStringLiteral("turnedAway"));
    setRole(m_turnedAway, "warn");
    m_notShown->setToolTip(
        tr("Requests that came faster than the table can show. They were answered and counted all the same."));
    fit();
}

void StatusLine::showStatus(const engine::Status &status, qint64 notShown)
{
    const auto since = std::chrono::steady_clock::now() - status.startedAt;
    setText(m_running,
            tr("Running %1").arg(format::runningTime(std::chrono::duration_cast<std::chrono::seconds>(since))));
    const QString elsewhere = visibleText(status.elsewhere);
    setText(m_elsewhere,
            elsewhere.isEmpty() ? QString() : tr("At %1").arg(elsewhere.section(QStringLiteral("://"), -1)));
    setText(m_requests, counted(status.totals.answers(), tr("1 request"), tr("%1 requests")));
    setText(m_workers, counted(status.workers, tr("1 worker"), tr("%1 workers")));
    setText(m_connections, counted(status.totals.connections, tr("1 connection"), tr("%1 connections")));
    setText(m_notShown, notShown > 0 ? tr("%1 not shown in the table").arg(format::count(notShown)) : QString());
    showTurnedAway(status.totals);
    showRefill(status);
    showConfig(status.config);
    showNotice(status);
    showBreaker(status.failure);
    fit();
}

void StatusLine::showTurnedAway(const telemetry::Totals &totals)
{
    const std::int64_t count = totals.turnedAway();
    setText(m_turnedAway, count > 0 ? tr("%1 turned away").arg(format::count(count)) : QString());
    const QString reasons = turnedAwayReasons(totals);
    if (reasons == m_turnedAway->accessibleDescription())
        return;
    m_turnedAway->setAccessibleDescription(reasons);
    m_turnedAway->setToolTip(
        reasons.isEmpty() ? QString() : tr("Turned away before a decision; no token was taken:") + u'\n' + reasons);
}

void StatusLine::showRefill(const engine::Status &status)
{
    const engine::RefillStatus &refill = status.refill;
    if (refill.lastAtMs <= 0)
        return setText(m_lastRefill, tr("No refill yet"));
    m_lastRefill->setToolTip(refillFigures(refill));
    const bool isFull = refill.lastLevel >= status.limit.spec.capacity;
    setText(m_lastRefill, tr("Last refill %1 · +%2%3")
                              .arg(format::clock(refill.lastAtMs / 1000), format::count(refill.lastTokens),
                                   isFull ? tr(" (full)") : QString()));
}

void StatusLine::showConfig(const engine::ConfigStatus &config)
{
    const QString path = visibleText(config.file);
    if (path.isEmpty()) {
        setText(m_config, {});
        setPlainToolTip(m_config, {});
        return;
    }
    const QString file = path.section(u'/', -1);
    const QString read =
        config.readAtMs > 0 ? tr("%1 · read %2").arg(file, format::clock(config.readAtMs / 1000)) : file;
    setText(m_config, config.problem.empty() ? read : tr("%1 is not in force").arg(file));
    const QString problem = configProblem(config);
    setPlainToolTip(m_config, problem.isEmpty() ? path : path + u'\n' + problem);
    setItemRole(m_config, problem.isEmpty() ? "" : "warn");
}

// What other Weirs have done here; for an hour: then it is how things are.
void StatusLine::showNotice(const engine::Status &status)
{
    constexpr qint64 kShownMs = 3'600'000;
    constexpr int kMostShown = 56; // characters; the whole is in the tool tip
    const qint64 since = QDateTime::currentMSecsSinceEpoch() - kShownMs;
    QString text;
    QStringList sentences;
    qint64 newest = since;
    const auto add = [&](const engine::LimitNotice &notice, const QString &shown) {
        if (notice.sentence.empty() || notice.atMs <= since)
            return;
        const QString clock = format::clock(notice.atMs / 1000);
        sentences << tr("%1  %2").arg(clock, visibleText(notice.sentence));
        if (std::exchange(newest, std::max<qint64>(newest, notice.atMs)) < notice.atMs)
            text = tr("%1 · %2").arg(shown, clock);
    };
    add(status.notice, tr("Two Weirs, two limits"));
    for (const engine::LimitNotice &deed : status.deeds) {
        const QString sentence = visibleText(deed.sentence);
        add(deed, sentence.size() > kMostShown ? sentence.left(kMostShown - 1) + u'…' : sentence);
    }
    setText(m_notice, text);
    const QString whole = sentences.join(u'\n');
    setPlainToolTip(m_notice, whole);
}

void StatusLine::showBreaker(const engine::FailureStatus &failure)
{
    setText(m_breaker, breakerText(failure.breaker));
    setItemRole(m_breaker, failure.breaker == engine::CircuitBreaker::State::Closed ? "" : "bad");
}

// Most important first: what no longer fits is left out. The refill has a chip of its own.
void StatusLine::fit()
{
    int left = width() - 2 * px(kMargin);
    bool isFull = false;
    for (TabularLabel *label : {m_elsewhere, m_turnedAway, m_notice, m_requests, m_breaker, m_connections, m_notShown,
                                m_config, m_running, m_lastRefill, m_workers}) {
        const bool isWanted = !label->text().isEmpty();
        const int needed = label->sizeHint().width() + px(kSpacing);
        isFull = isFull || (isWanted && needed > left + px(kSpacing));
        label->setVisible(isWanted && !isFull);
        if (isWanted)
            left -= needed;
    }
}

void StatusLine::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    fit();
}

void StatusLine::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::FontChange)
        fit();
}

} // namespace weir::ui
