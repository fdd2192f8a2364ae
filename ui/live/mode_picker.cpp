// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/mode_picker.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QPushButton>

#include "core/limit/token_mode.h"
#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/controls/panel.h"

namespace weir::ui {
namespace {

// What a third of the form is wide enough for.
constexpr qsizetype kLongestChange = 8;

constexpr limit::TokenMode kModes[] = {limit::TokenMode::Keep, limit::TokenMode::Proportional,
                                       limit::TokenMode::Refill};

QString nameOf(limit::TokenMode mode)
{
    switch (mode) {
    case limit::TokenMode::Keep:
        return ModePicker::tr("Keep");
    case limit::TokenMode::Proportional:
        return ModePicker::tr("Proportional");
    default:
        return ModePicker::tr("Refill");
    }
}

QString meaningOf(limit::TokenMode mode)
{
    switch (mode) {
    case limit::TokenMode::Keep:
        return ModePicker::tr("Keep the tokens, at most the new capacity");
    case limit::TokenMode::Proportional:
        return ModePicker::tr("Keep the share of the capacity, rounded down");
    default:
        return ModePicker::tr("Start full");
    }
}

} // namespace

ModePicker::ModePicker(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_buttons = new QButtonGroup(this);
    for (const limit::TokenMode mode : kModes) {
        auto *button = new QPushButton(this);
        setRole(button, "segment");
        button->setCheckable(true);
        setScaledHeight(button, 40);
        setScaledMinimum(button, 40, 0);
        m_buttons->addButton(button, static_cast<int>(mode));
        layout->addWidget(button, mode == limit::TokenMode::Proportional ? 5 : 4);
    }
    m_buttons->button(static_cast<int>(limit::TokenMode::Keep))->setChecked(true);
    setAccessibleName(tr("Tokens when the limit changes"));
    setPreview(std::nullopt, 1, 1);
}

limit::TokenMode ModePicker::mode() const
{
    return static_cast<limit::TokenMode>(m_buttons->checkedId());
}

QAbstractButton *ModePicker::button(limit::TokenMode mode) const
{
    return m_buttons->button(static_cast<int>(mode));
}

void ModePicker::setPreview(std::optional<limit::Tokens> level, limit::Tokens capacityBefore,
                            limit::Tokens capacityAfter)
{
    for (const limit::TokenMode mode : kModes) {
        QAbstractButton *button = m_buttons->button(static_cast<int>(mode));
        QString change = QStringLiteral("–");
        QString toolTip = meaningOf(mode);
        if (level) {
            const limit::Tokens after = limit::tokensAfterChange(*level, capacityBefore, capacityAfter, mode);
            change = QStringLiteral("%1 → %2").arg(format::shortCount(*level), format::shortCount(after));
            if (change.size() > kLongestChange)
                change = QStringLiteral("→ %1").arg(format::shortCount(after));
            toolTip += tr(": %1 → %2").arg(format::count(*level), format::tokens(after));
        }
        const QString text = nameOf(mode) + u'\n' + change;
        if (button->text() == text && button->toolTip() == toolTip)
            continue;
        button->setText(text);
        button->setToolTip(toolTip);
        button->setAccessibleName(toolTip);
    }
}

QString ModePicker::preview(limit::TokenMode mode) const
{
    return m_buttons->button(static_cast<int>(mode))->text().section(u'\n', 1);
}

} // namespace weir::ui
