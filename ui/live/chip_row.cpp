// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/chip_row.h"

#include <QActionGroup>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QMenu>
#include <QPushButton>
#include <QTimer>
#include <QToolTip>
#include <array>

#include "ui/look/scale.h"
#include "ui/words/failure_words.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/look/icons.h"
#include "ui/words/panel_words.h"
#include "ui/controls/menu_button.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/status_chip.h"

namespace weir::ui {
namespace {

constexpr std::chrono::milliseconds kCopiedShown{1500};

QPushButton *flatButton(Icon which, const QString &text, const QString &toolTip, QWidget *parent)
{
    auto *button = new QPushButton(icon(which), text, parent);
    setRole(button, "flat");
    setScaledIcon(button, kIconBesideText);
    button->setToolTip(toolTip);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

} // namespace

ChipRow::ChipRow(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_address = new StatusChip(this);
    m_store = new StatusChip(this);
    m_refill = new StatusChip(this);
    m_lease = new StatusChip(this);
    m_lease->setObjectName(QStringLiteral("leaseChip"));
    m_lease->hide();
    buildAddress();
    buildPolicy();
    buildPause();
    for (QWidget *chip : std::array<QWidget *, 5>{m_address, m_store, m_refill, m_lease, m_policy})
        layout->addWidget(chip);
    layout->addStretch(1);
    layout->addWidget(m_pause);
}

void ChipRow::buildAddress()
{
    m_address->setObjectName(QStringLiteral("addressChip"));
    m_store->setObjectName(QStringLiteral("storeChip"));
    m_refill->setObjectName(QStringLiteral("refillChip"));
    m_address->setMainStrong();
    m_copy = flatButton(Icon::Copy, tr("&Copy"), tr("Copy the address"), m_address);
    m_copy->setAccessibleName(tr("Copy the address"));
    m_copy->setObjectName(QStringLiteral("copyAddress"));
    m_open = flatButton(Icon::Open, tr("&Open"), tr("Open the address in the browser; that takes a token"), m_address);
    m_open->setObjectName(QStringLiteral("openAddress"));
    m_open->setAccessibleName(tr("Open in browser"));
    m_address->addButton(m_copy);
    m_address->addButton(m_open);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_url);
        QToolTip::showText(m_copy->mapToGlobal(QPoint(0, m_copy->height())), tr("Copied"), m_copy, {},
                           static_cast<int>(kCopiedShown.count()));
    });
    connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(m_url); });
}

void ChipRow::buildPolicy()
{
    m_policy = new MenuButton(QString(), "chip", this);
    m_policy->setObjectName(QStringLiteral("policyChip"));
    m_policy->setIcon(icon(Icon::Shield));
    setScaledIcon(m_policy, {14, 14});
    setScaledHeight(m_policy, 32);
    auto *menu = new QMenu(m_policy);
    m_policies = new QActionGroup(this);
    const auto add = [&](config::StoreFailurePolicy policy, const QString &text) {
        QAction *action = menu->addAction(text);
        action->setCheckable(true);
        action->setData(static_cast<int>(policy));
        m_policies->addAction(action);
        connect(action, &QAction::triggered, this, [this, policy] {
            m_shownPolicy.reset(); // the check mark follows what is in force
            Q_EMIT policyChosen(policy);
        });
    };
    add(config::StoreFailurePolicy::Reject, tr("&Reject: answer 503, nothing is spent"));
    add(config::StoreFailurePolicy::Allow, tr("&Allow: answer 200, nothing is limited"));
    add(config::StoreFailurePolicy::Local, tr("Go on &locally: from the last known level"));
    m_policy->setMenu(menu);
}

void ChipRow::buildPause()
{
    m_pause = new QPushButton(icon(Icon::Pause), {}, this);
    setPauseText(true);
    m_pause->setObjectName(QStringLiteral("pauseView"));
    setRole(m_pause, "plain");
    m_pause->setCheckable(true);
    setScaledHeight(m_pause, 32);
    setScaledIcon(m_pause, kIconBesideText);
    m_pause->setToolTip(tr("Chart and table stand still; requests are answered all the same"));
    connect(m_pause, &QPushButton::toggled, this, [this](bool isPaused) {
        m_pause->setIcon(icon(isPaused ? Icon::Resume : Icon::Pause));
        setPauseText(true);
        fit();
        Q_EMIT pauseToggled(isPaused);
    });
}

void ChipRow::showStatus(const engine::Status &status)
{
    showAddress(status);
    showStore(status.store);
    showSilence(status);
    showRefill(status);
    showLease(status);
    showPolicy(status);
    if (neededWidth() != m_fitted) // mostly other digits in the same room
        fit();
}

int ChipRow::neededWidth() const
{
    return m_address->textWidth() + m_store->textWidth() + m_refill->textWidth()
           + (m_lease->isHidden() ? 0 : m_lease->textWidth());
}

void ChipRow::showAddress(const engine::Status &status)
{
    QStringList urls;
    for (const std::string &url : status.urls)
        urls << QString::fromStdString(url);
    m_url = urls.value(0);
    m_address->setState(m_url.isEmpty() ? StatusDot::State::Unknown : StatusDot::State::Good);
    m_address->setTexts(m_url.isEmpty() ? tr("Not listening yet") : m_url, {});
    m_address->setPlainToolTip(tr("Answers at\n%1").arg(urls.join(u'\n')));
}

void ChipRow::showStore(const engine::StoreStatus &store)
{
    const QString name =
        store.version.empty() ? tr("Redis") : tr("Redis %1").arg(QString::fromStdString(store.version));
    const QString kind = store.isPrivate ? tr("private") : tr("external");
    const QString address = QString::fromStdString(store.address);
    const QString where =
        store.isPrivate ? tr("Private Redis, started by Weir\n%1").arg(address) : tr("Redis at %1").arg(address);
    switch (store.state) {
    case engine::StoreStatus::State::Starting:
        m_store->setState(StatusDot::State::Unknown);
        m_store->setTexts(name, tr("starting"));
        m_store->setPlainToolTip(where);
        return;
    case engine::StoreStatus::State::Down:
        m_store->setState(StatusDot::State::Bad);
        m_store->setTexts(tr("Redis down"), kind);
        m_store->setPlainToolTip(where + u'\n' + QString::fromStdString(store.problem));
        return;
    case engine::StoreStatus::State::Ready:
        break;
    }
    m_store->setState(StatusDot::State::Good);
    const QString roundTrip =
        store.roundTrip.count() > 0 ? QStringLiteral(" · ") + format::took(store.roundTrip) : QString();
    m_store->setTexts(name, kind + roundTrip);
    m_store->setPlainToolTip(where
                             + (roundTrip.isEmpty()
                                    ? QString()
                                    : tr("\nRound trip of the last PING %1").arg(format::took(store.roundTrip))));
}

// The connection stands, and yet not every decision comes over it.
void ChipRow::showSilence(const engine::Status &status)
{
    if (!status.failure.isDegraded || status.store.state != engine::StoreStatus::State::Ready)
        return;
    m_store->setState(StatusDot::State::Bad);
    m_store->setTexts(tr("Redis silent"), status.store.isPrivate ? tr("private") : tr("external"));
}

void ChipRow::showRefill(const engine::Status &status)
{
    const engine::RefillStatus &refill = status.refill;
    const QString last =
        refill.lastAtMs > 0
            ? tr("%1 · +%2").arg(format::clock(refill.lastAtMs / 1000), format::shortCount(refill.lastTokens))
        : refill.isRunning ? tr("none yet")
                           : QString();
    m_refill->setState(refill.isRunning && !refill.isPaused ? StatusDot::State::Good : StatusDot::State::Warning);
    m_refill->setTexts(refill.isPaused ? tr("Refill paused") : refill.isRunning ? tr("Refill") : tr("No refill"), last);
    QString every = numberWords(status.limit.spec);
    if (const QString figures = refillFigures(refill); !figures.isEmpty())
        every += u'\n' + figures;
    m_refill->setPlainToolTip(refill.isPaused ? tr("The refill timer was paused on the Failures page.\n%1").arg(every)
                              : refill.isRunning
                                  ? every
                                  : tr("The refill timer does not run, or its last tick failed.\n%1").arg(every));
}

// So many more than the bucket gives may be admitted at once: whoever looks is to see it.
void ChipRow::showLease(const engine::Status &status)
{
    const engine::LeaseStatus &lease = status.lease;
    m_lease->setVisible(lease.most > 0);
    if (lease.most == 0)
        return;
    m_lease->setState(StatusDot::State::Good);
    m_lease->setTexts(tr("Ahead ≤ %1").arg(format::shortCount(lease.bound)),
                      tr("%1 now").arg(format::shortCount(lease.held)));
    m_lease->setPlainToolTip(
        tr("Taken ahead and not yet used, of all buckets, by this Weir: %1\n"
           "At most, of one bucket: %2, that is %3 by each of %n server thread(s) of every running Weir (--lease)\n"
           "So many more requests than the bucket gives may be admitted at once. What is not used in 0.1 s goes back.",
           nullptr, status.workers)
            .arg(format::tokens(lease.held), format::tokens(lease.bound), format::count(lease.most)));
}

void ChipRow::showPolicy(const engine::Status &status)
{
    const QString toolTip = tr("What requests get while Redis cannot decide") + u'\n'
                            + policyScope(QString::fromStdString(status.limit.name));
    setPlainToolTip(m_policy, toolTip);
    const config::StoreFailurePolicy policy = status.onStoreFailure;
    if (policy == m_shownPolicy)
        return;
    m_shownPolicy = policy;
    m_fitted = -1; // another width
    setPolicyText(true);
    for (QAction *action : m_policies->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(policy));
}

void ChipRow::setButtonTexts(bool areShown)
{
    const QString copy = areShown ? tr("&Copy") : QString();
    if (m_copy->text() == copy)
        return;
    m_copy->setText(copy);
    m_open->setText(areShown ? tr("&Open") : QString());
    for (QPushButton *button : {m_copy, m_open})
        setScaledIcon(button, areShown ? kIconBesideText : kIconAlone);
    // The text took its mnemonic with it.
    m_copy->setShortcut(QKeySequence(Qt::ALT | Qt::Key_C));
    m_open->setShortcut(QKeySequence(Qt::ALT | Qt::Key_O));
    m_address->layout()->invalidate(); // fit() asks for the width at once
}

void ChipRow::setPolicyText(bool isLong)
{
    if (!m_shownPolicy)
        return;
    const QString name = policyName(*m_shownPolicy), text = tr("If Redis &fails: %1").arg(name);
    const QString shown = isLong ? text : name;
    if (m_policy->text() == shown)
        return;
    m_policy->setAccessibleName(QString(text).remove(u'&'));
    m_policy->setText(shown);
    m_policy->setShortcut(QKeySequence(Qt::ALT | Qt::Key_F)); // the text took its mnemonic with it
}

void ChipRow::setPauseText(bool isShown)
{
    const QString text = m_pause->isChecked() ? tr("&Paused: go on") : tr("&Pause view");
    const QString shown = isShown ? text : QString();
    m_pause->setAccessibleName(QString(text).remove(u'&'));
    m_pause->setMinimumWidth(0);
    if (isShown) { // as wide whatever it says: the chips stay where they are
        m_pause->setText(tr("&Paused: go on"));
        m_pause->setMinimumWidth(m_pause->sizeHint().width());
    }
    m_pause->setText(shown);
    m_pause->setShortcut(QKeySequence(Qt::ALT | Qt::Key_P)); // the text took its mnemonic with it
}

void ChipRow::fit()
{
    if (!isVisible())
        return; // has no width yet; showEvent() comes back to it
    // Words go one after the other, the least needed first, until the line fits.
    m_fitted = neededWidth();
    setButtonTexts(true);
    setPauseText(true);
    setPolicyText(true);
    m_store->setCompact(false);
    m_refill->setCompact(false);
    m_lease->setCompact(false);
    const int gaps = layout()->spacing() * (m_lease->isHidden() ? 5 : 6);
    const auto isTooWide = [&] {
        const int lease = m_lease->isHidden() ? 0 : m_lease->sizeHint().width();
        return m_address->sizeHint().width() + m_store->sizeHint().width() + m_refill->sizeHint().width() + lease
                   + m_policy->sizeHint().width() + m_pause->sizeHint().width() + gaps
               > width();
    };
    if (isTooWide())
        setButtonTexts(false);
    if (isTooWide())
        m_refill->setCompact(true);
    if (isTooWide())
        m_store->setCompact(true);
    if (isTooWide())
        m_lease->setCompact(true);
    if (isTooWide())
        setPauseText(false);
    if (isTooWide())
        setPolicyText(false);
}

void ChipRow::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    // Only now do the controls know their fonts.
    QMetaObject::invokeMethod(this, &ChipRow::fit, Qt::QueuedConnection);
}

void ChipRow::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

} // namespace weir::ui
