// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/change_bar.h"

#include <QBoxLayout>
#include <QStyle>

#include "ui/look/scale.h"
#include "ui/words/visible_text.h"
#include "ui/controls/calm_button.h"
#include "ui/controls/choice_button.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr std::chrono::seconds kOutcomeShown{6};
const QString kKeep = QStringLiteral("keep");
const QString kProportional = QStringLiteral("proportional");
const QString kRefill = QStringLiteral("refill");

void setSummaryRole(TabularLabel *label, const char *role)
{
    if (label->property("role").toString() == QLatin1String(role))
        return;
    setRole(label, role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

} // namespace

ChangeBar::ChangeBar(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    m_summary = new TabularLabel(this);
    m_summary->setObjectName(QStringLiteral("changeSummary"));
    layout->addWidget(m_summary);
    auto *line = new QHBoxLayout;
    line->setSpacing(8);
    layout->addLayout(line);
    const auto addButton = [&](const QString &text, const char *name, const char *role, const QString &toolTip) {
        auto *button = new CalmButton(text, this);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(toolTip);
        setScaledHeight(button, 28);
        setRole(button, role);
        return button;
    };
    m_review = addButton(tr("Revie&w"), "reviewLimits", "plain", tr("Everything that Apply changes, limit by limit"));
    m_review->setCheckable(true);
    m_mode = new ChoiceButton(
        tr("Tokens of limits whose numbers change"),
        {{kKeep, tr("Keep the tokens"), tr("At most the new capacity"), tr("Tokens: keep")},
         {kProportional, tr("Keep the share"), tr("Half full stays half full"), tr("Tokens: keep share")},
         {kRefill, tr("Fill up"), tr("Every bucket starts full again"), tr("Tokens: fill up")}},
        this);
    m_mode->setObjectName(QStringLiteral("tokenMode"));
    m_revert = addButton(tr("Re&vert"), "revertLimits", "plain", tr("Forget all edits and show what is in force"));
    m_apply = addButton(tr("&Apply"), "applyLimits", "primary",
                        tr("Put all of it into force, for every request that starts after"));
    setScaledMinimum(m_apply, 72, 0);
    line->addWidget(m_review);
    line->addWidget(m_mode);
    line->addStretch(1);
    line->addWidget(m_revert);
    line->addWidget(m_apply);
    m_outcomeEnd.setSingleShot(true);
    connect(&m_outcomeEnd, &QTimer::timeout, this, [this] { showOutcome({}, false); });
    connect(m_review, &QPushButton::toggled, this, &ChangeBar::reviewToggled);
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (m_apply->isUsable())
            Q_EMIT applyWished();
    });
    connect(m_revert, &QPushButton::clicked, this, [this] {
        if (m_revert->isUsable())
            Q_EMIT revertWished();
    });
    refresh();
}

void ChangeBar::showState(State state, const QString &summary, bool needsTokenMode)
{
    if (!m_isBusy && (state != m_state || summary != m_text))
        m_outcome.clear(); // edited again: what came of the last change is old
    m_state = state;
    m_text = summary;
    m_mode->setVisible(needsTokenMode);
    refresh();
}

void ChangeBar::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    refresh();
}

void ChangeBar::showOutcome(const QString &sentence, bool isBad)
{
    m_outcome = sentence;
    m_isOutcomeBad = isBad;
    m_outcomeEnd.stop();
    if (!sentence.isEmpty() && !isBad && !m_isBusy)
        m_outcomeEnd.start(kOutcomeShown);
    refresh();
}

void ChangeBar::setReviewing(bool isReviewing)
{
    m_review->setChecked(isReviewing);
}

bool ChangeBar::isReviewing() const
{
    return m_review->isChecked();
}

limit::TokenMode ChangeBar::mode() const
{
    if (m_mode->value() == kProportional)
        return limit::TokenMode::Proportional;
    return m_mode->value() == kRefill ? limit::TokenMode::Refill : limit::TokenMode::Keep;
}

void ChangeBar::resetMode()
{
    m_mode->setValue(kKeep);
}

QString ChangeBar::summary() const
{
    return m_summary->text();
}

void ChangeBar::refresh()
{
    const QString state = m_state == State::Same ? tr("Nothing is changed.") : m_text;
    const QString text = visibleText((m_outcome.isEmpty() ? state : m_outcome).toStdString());
    m_summary->setText(text);
    setPlainToolTip(m_summary, text);
    const bool isBad = m_outcome.isEmpty() ? m_state == State::Wrong : m_isOutcomeBad;
    setSummaryRole(m_summary, isBad ? "bad" : m_outcome.isEmpty() && m_state == State::Same ? "dim" : "");
    m_review->setUsable(m_state == State::Edited || m_review->isChecked());
    m_revert->setUsable(m_state != State::Same && !m_isBusy);
    m_apply->setUsable(m_state == State::Edited && !m_isBusy);
}

} // namespace weir::ui
