// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/harm_panel.h"

#include <QActionGroup>
#include <QBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStyle>
#include <algorithm>
#include <array>

#include "ui/look/scale.h"
#include "ui/words/failure_words.h"
#include "ui/words/format.h"
#include "ui/look/icons.h"
#include "ui/failures/harm_row.h"
#include "ui/controls/calm_button.h"
#include "ui/controls/menu_button.h"
#include "ui/controls/value_edit.h"

namespace weir::ui {
namespace {

using namespace std::chrono_literals;

constexpr qint64 kMostDelayMs = 10'000; // of harm.h
constexpr qint64 kFirstDelayMs = 50;
constexpr int kControlWidth = 84;
// As far as harm.h allows.
constexpr std::array<std::chrono::seconds, 6> kClockSteps{-24h, -1h, -1min, 1min, 1h, 24h};

QString stepName(std::chrono::seconds step)
{
    const QString size = format::duration(std::chrono::abs(std::chrono::duration_cast<Micros>(step)));
    return (step.count() < 0 ? QStringLiteral("−%1") : QStringLiteral("+%1")).arg(size);
}

ValueEdit::Notation delayNotation()
{
    static const std::vector<qint64> ladder{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10'000};
    const auto print = [](qint64 ms) { return HarmPanel::tr("%1 ms").arg(format::count(ms)); };
    const auto parse = [](const QString &text) -> std::optional<qint64> {
        QString digits = text.simplified().remove(u',');
        if (digits.endsWith(QLatin1String("ms"), Qt::CaseInsensitive))
            digits.chop(2);
        bool isNumber = false;
        const qint64 ms = digits.trimmed().toLongLong(&isNumber);
        return isNumber ? std::optional(ms) : std::nullopt;
    };
    const auto step = [](qint64 ms, int steps) {
        const auto up = std::upper_bound(ladder.begin(), ladder.end(), ms);
        const auto here = std::lower_bound(ladder.begin(), ladder.end(), ms);
        if (steps > 0)
            return up == ladder.end() ? ladder.back() : *up;
        return here == ladder.begin() ? ladder.front() : *std::prev(here);
    };
    return {print, parse, step};
}

void setLabelRole(QLabel *label, const char *role)
{
    if (label->property("role").toString() == QLatin1String(role))
        return;
    setRole(label, role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

} // namespace

HarmPanel::HarmPanel(QWidget *parent) : Panel(tr("Break it on purpose"), parent)
{
    m_repair = new CalmButton(tr("Repair all"), this);
    m_repair->setObjectName(QStringLiteral("repairAll"));
    setRole(m_repair, "plain");
    m_repair->setToolTip(tr("Undo everything: Redis, its clock, the refiller"));
    header()->addWidget(m_repair);
    connect(m_repair, &QPushButton::clicked, this, &HarmPanel::repairWished);

    body()->setSpacing(0);
    body()->addSpacing(2);
    buildRefill();
    buildSwitches();
    buildDelay();
    buildClock();
    buildDeeds();

    m_outcome = new QLabel(this);
    m_outcome->setObjectName(QStringLiteral("harmOutcome"));
    m_outcome->setTextFormat(Qt::PlainText);
    m_outcome->setWordWrap(true);
    setRole(m_outcome, "dim");
    m_outcome->hide();
    m_note = new QLabel(
        tr("Only the private Redis can be harmed; with another one, the rest acts on Weir’s side of the link."), this);
    m_note->setObjectName(QStringLiteral("harmNote"));
    m_note->setWordWrap(true);
    setRole(m_note, "dim");
    body()->addSpacing(8);
    body()->addWidget(m_outcome);
    body()->addWidget(m_note);
    body()->addStretch(1);
    body()->addSpacing(8);
    buildSending();
}

HarmRow *HarmPanel::addRow(HarmRow *row)
{
    setScaledMinimum(row, 0, 43);
    onScale(row, [row] { row->setMaximumHeight(px(56)); });
    row->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
    body()->addWidget(row, 100); // before the stretch at the end
    return row;
}

void HarmPanel::buildRefill()
{
    m_pause = addRow(new HarmRow({tr("Pause the refiller"), tr("The timer stops, as if its process had died.")},
                                 Toggle::Tone::Harm, this));
    m_onDemand =
        addRow(new HarmRow({tr("Refill on demand"), tr("Off: only the timer adds tokens.")}, Toggle::Tone::Good, this));
    m_pause->toggle()->setObjectName(QStringLiteral("pauseRefiller"));
    m_onDemand->toggle()->setObjectName(QStringLiteral("refillOnDemand"));
    m_onDemand->toggle()->setChecked(true);
    m_isOnDemand.ask(true, {});
    connect(m_pause, &HarmRow::switched, this, [this](bool isOn) {
        m_isPaused.ask(isOn);
        Q_EMIT pauseWished(isOn);
    });
    connect(m_onDemand, &HarmRow::switched, this, [this](bool isOn) {
        m_isOnDemand.ask(isOn);
        Q_EMIT onDemandWished(isOn);
    });
}

void HarmPanel::buildSwitches()
{
    m_hang = addRow(new HarmRow({tr("Hang Redis"), tr("SIGSTOP: connected, but silent.")}, Toggle::Tone::Harm, this));
    m_cut = addRow(new HarmRow({tr("Cut the connection"), tr("Weir’s links to Redis close; none is made.")},
                               Toggle::Tone::Harm, this));
    m_hang->toggle()->setObjectName(QStringLiteral("hangRedis"));
    m_cut->toggle()->setObjectName(QStringLiteral("cutConnection"));
    connect(m_hang, &HarmRow::switched, this, [this](bool isOn) {
        engine::Harm harm = m_harm.value();
        harm.isServerHung = isOn;
        wish(harm);
    });
    connect(m_cut, &HarmRow::switched, this, [this](bool isOn) {
        engine::Harm harm = m_harm.value();
        harm.isLinkCut = isOn;
        wish(harm);
    });
}

void HarmPanel::buildDelay()
{
    m_slow = addRow(new HarmRow({tr("Slow Redis"), tr("Holds back every answer by")}, Toggle::Tone::Harm, this));
    m_slow->toggle()->setObjectName(QStringLiteral("slowRedis"));
    m_delay = new ValueEdit(delayNotation(), this);
    m_delay->setObjectName(QStringLiteral("delay"));
    m_delay->setAccessibleName(tr("Delay of every answer, 0 to 10,000 ms"));
    setScaledWidth(m_delay, kControlWidth);
    m_delay->setValue(kFirstDelayMs);
    m_slow->addControl(m_delay);
    connect(m_delay, &ValueEdit::edited, this, &HarmPanel::onDelayEdited);
    connect(m_slow, &HarmRow::switched, this, [this](bool isOn) {
        engine::Harm harm = m_harm.value();
        harm.linkDelay = isOn ? delay() : 0ms;
        m_slow->toggle()->setChecked(harm.linkDelay.count() > 0); // by 0 ms is not slow
        wish(harm);
    });
}

void HarmPanel::buildClock()
{
    m_clock = addRow(new HarmRow({tr("Step its clock"), tr("Moves the time it goes by.")}, Toggle::Tone::Harm, this));
    m_clock->toggle()->setObjectName(QStringLiteral("stepClock"));
    m_step = new MenuButton(QString(), "plain", this);
    m_step->setObjectName(QStringLiteral("clockStep"));
    setScaledSize(m_step, kControlWidth, 28);
    auto *menu = new QMenu(m_step);
    auto *steps = new QActionGroup(menu);
    for (const std::chrono::seconds step : kClockSteps) {
        QAction *action = menu->addAction(stepName(step));
        action->setCheckable(true);
        action->setChecked(step == m_clockStep);
        steps->addAction(action);
        connect(action, &QAction::triggered, this, [this, step] {
            setClockStep(step);
            if (!m_clock->toggle()->isChecked())
                return;
            engine::Harm harm = m_harm.value();
            harm.clockStep = step;
            wish(harm);
        });
    }
    m_step->setMenu(menu);
    setClockStep(m_clockStep);
    m_clock->addControl(m_step);
    connect(m_clock, &HarmRow::switched, this, [this](bool isOn) {
        engine::Harm harm = m_harm.value();
        harm.clockStep = isOn ? m_clockStep : 0s;
        wish(harm);
    });
}

void HarmPanel::buildDeeds()
{
    const auto button = [this](const QString &text, const QString &name, const char *object) {
        auto *made = new CalmButton(text, this);
        made->setObjectName(QLatin1String(object));
        made->setAccessibleName(name);
        setScaledSize(made, kControlWidth, 28);
        setRole(made, "plain");
        return made;
    };
    m_forgetRow = addRow(new HarmRow({tr("Make Redis forget"), tr("FLUSHALL: no bucket is left.")}, this));
    m_forget = button(tr("Forget"), tr("Make Redis forget"), "makeForget");
    m_forgetRow->addControl(m_forget);
    m_killRow = addRow(new HarmRow({tr("Kill Redis"), tr("SIGKILL; it is started again.")}, this));
    m_kill = button(tr("Kill"), tr("Kill Redis"), "killRedis");
    m_killRow->addControl(m_kill);
    connect(m_forget, &QPushButton::clicked, this, &HarmPanel::forgetWished);
    connect(m_kill, &QPushButton::clicked, this, &HarmPanel::killWished);
}

void HarmPanel::buildSending()
{
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    auto *words = new QLabel(tr("Some traffic"), this);
    setRole(words, "dim");
    row->addWidget(words, 1);
    const auto add = [&](const QString &text, const char *object, int count) {
        auto *button = new CalmButton(icon(Icon::Send), text, this);
        button->setObjectName(QLatin1String(object));
        setScaledIcon(button, kIconBesideText);
        setScaledHeight(button, 28);
        setRole(button, "plain");
        row->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, count] { Q_EMIT sendWished(count); });
        return button;
    };
    m_sendOne = add(tr("Send 1"), "failuresSendOne", 1);
    m_sendTen = add(tr("Send 10"), "failuresSendTen", 10);
    m_sendOne->setAccessibleName(tr("Send 1 request"));
    m_sendTen->setAccessibleName(tr("Send 10 requests"));
    body()->addLayout(row);
}

void HarmPanel::setClockStep(std::chrono::seconds step)
{
    m_clockStep = step;
    m_step->setText(stepName(step));
    m_step->setAccessibleName(tr("By how much the clock is stepped: %1").arg(stepName(step)));
}

void HarmPanel::wish(engine::Harm harm)
{
    m_harm.ask(harm);
    Q_EMIT harmWished(harm);
}

std::chrono::milliseconds HarmPanel::delay() const
{
    const std::optional<qint64> ms = m_delay->value();
    return std::chrono::milliseconds{ms && *ms >= 0 && *ms <= kMostDelayMs ? *ms : 0};
}

void HarmPanel::onDelayEdited()
{
    const std::optional<qint64> ms = m_delay->value();
    const bool isWrong = !ms || *ms < 0 || *ms > kMostDelayMs;
    m_delay->setWrong(isWrong);
    m_delay->setToolTip(isWrong ? tr("A whole number of milliseconds from 0 to 10,000") : QString());
    if (isWrong || !m_slow->toggle()->isChecked())
        return;
    engine::Harm harm = m_harm.value();
    harm.linkDelay = delay();
    wish(harm);
}

void HarmPanel::showStatus(const engine::Status &status)
{
    const engine::Harm &harm = m_harm.shown(status.harm);
    m_pause->toggle()->setChecked(m_isPaused.shown(status.refill.isPaused));
    m_pause->setLive(status.refill.isPaused ? QString() : beatText(status.refill), refillFigures(status.refill));
    m_onDemand->toggle()->setChecked(m_isOnDemand.shown(status.refill.isOnDemand));
    m_hang->toggle()->setChecked(harm.isServerHung);
    m_cut->toggle()->setChecked(harm.isLinkCut);
    m_slow->toggle()->setChecked(harm.linkDelay.count() > 0);
    if (harm.linkDelay.count() > 0 && !m_delay->hasFocus())
        m_delay->setValue(harm.linkDelay.count());
    m_clock->toggle()->setChecked(harm.clockStep.count() != 0);
    if (harm.clockStep.count() != 0 && harm.clockStep != m_clockStep)
        setClockStep(harm.clockStep);
    m_repair->setUsable(isHarmed(status) && m_forbidden.isEmpty());
    if (m_forbidden.isEmpty())
        blockForeign(status.store);
}

void HarmPanel::blockForeign(const engine::StoreStatus &store)
{
    const QString why = store.isPrivate ? QString()
                                        : tr("Only the private Redis can be harmed; %1 was not started by Weir")
                                              .arg(QString::fromStdString(store.address));
    for (HarmRow *row : {m_hang, m_forgetRow, m_killRow})
        row->setBlocked(why);
    setLabelRole(m_note, store.isPrivate ? "dim" : "note");
}

void HarmPanel::forbid(const QString &why)
{
    m_forbidden = why;
    m_note->setText(why);
    for (HarmRow *row : findChildren<HarmRow *>())
        row->setBlocked(why);
    setLabelRole(m_note, "note");
    m_repair->setUsable(false);
}

void HarmPanel::showOutcome(const QString &sentence, bool isBad)
{
    setLabelRole(m_outcome, isBad ? "bad" : "dim");
    m_outcome->setText(sentence);
    m_outcome->setVisible(!sentence.isEmpty());
}

void HarmPanel::setForgetting(bool isForgetting)
{
    m_forget->setUsable(!isForgetting);
}

void HarmPanel::setSending(bool isSending)
{
    m_sendOne->setUsable(!isSending);
    m_sendTen->setUsable(!isSending);
}

void HarmPanel::setKilling(bool isKilling)
{
    m_kill->setUsable(!isKilling);
}

} // namespace weir::ui
