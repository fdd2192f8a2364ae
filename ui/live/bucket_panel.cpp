// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/bucket_panel.h"

#include <QBoxLayout>

#include "ui/words/visible_text.h"
#include "ui/live/bucket_gauge.h"
#include "ui/live/refill_countdown.h"

namespace weir::ui {

BucketPanel::BucketPanel(QWidget *parent) : Panel(tr("Bucket"), parent)
{
    m_gauge = new BucketGauge(this);
    m_countdown = new RefillCountdown(this);
    body()->addWidget(m_gauge, 1);
    body()->addWidget(m_countdown);
}

void BucketPanel::showStatus(const engine::Status &status)
{
    QString name = visibleText(status.limit.name);
    if (!status.subject.empty())
        name += QStringLiteral(" · ") + visibleText(status.subject);
    const QString title = tr("Bucket “%1”").arg(name);
    if (accessibleName() != title)
        setTitle(title);

    const engine::LevelApprox &level = status.level;
    const bool isStoreReady = status.store.state == engine::StoreStatus::State::Ready && !status.failure.isDegraded;
    const auto tokens = level.isKnown ? std::optional(level.tokens) : std::nullopt;
    m_gauge->setLevel(tokens, status.limit.spec.capacity, level.isKnown && !isStoreReady);

    RefillCountdown::State state;
    state.level = tokens;
    state.spec = status.limit.spec;
    // Of the others, each request works out itself what has come back.
    const bool needsTimer = status.limit.spec.algorithm == limit::Algorithm::TokenBucket;
    state.isRunning = !needsTimer || status.refill.isRunning || !isStoreReady;
    if (level.isKnown && isStoreReady) {
        const auto age = std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - level.observedAt);
        state.left = level.nextRefill - age;
    }
    m_countdown->setState(state);
}

} // namespace weir::ui
