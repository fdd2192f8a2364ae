// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/choice_button.h"

#include <QActionGroup>
#include <QKeyEvent>
#include <QMenu>
#include <algorithm>

#include "ui/look/scale.h"

namespace weir::ui {
namespace {

const QString &shownText(const ChoiceButton::Choice &choice)
{
    return choice.shown.isEmpty() ? choice.text : choice.shown;
}

} // namespace

ChoiceButton::ChoiceButton(const QString &name, const std::vector<Choice> &choices, QWidget *parent)
    : MenuButton(QString(), "plain", parent), m_name{name}, m_choices{choices}
{
    setScaledHeight(this, 28);
    auto *menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    m_group = new QActionGroup(menu);
    for (const Choice &choice : m_choices) {
        QAction *action = menu->addAction(choice.text);
        action->setCheckable(true);
        action->setToolTip(choice.hint);
        action->setData(choice.value);
        m_group->addAction(action);
        connect(action, &QAction::triggered, this, [this, value = choice.value] {
            setValue(value);
            Q_EMIT chosen(value);
        });
    }
    setMenu(menu);
    setValue(m_choices.front().value);
}

void ChoiceButton::setValue(const QString &value)
{
    const auto found =
        std::find_if(m_choices.begin(), m_choices.end(), [&](const Choice &choice) { return choice.value == value; });
    if (found == m_choices.end())
        return;
    m_value = value;
    setText(shownText(*found));
    setToolTip(found->hint);
    setAccessibleName(m_name + QStringLiteral(": ") + found->text);
    setAccessibleDescription(found->hint);
    m_group->actions().at(found - m_choices.begin())->setChecked(true);
}

QSize ChoiceButton::sizeHint() const
{
    QSize size = MenuButton::sizeHint();
    int widest = 0;
    for (const Choice &choice : m_choices)
        widest = std::max(widest, fontMetrics().horizontalAdvance(shownText(choice)));
    return {size.width() - fontMetrics().horizontalAdvance(text()) + widest, size.height()};
}

// Up and Down choose without the menu, as in any field.
void ChoiceButton::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        return step(event->key() == Qt::Key_Down ? 1 : -1);
    MenuButton::keyPressEvent(event);
}

void ChoiceButton::step(int by)
{
    const auto now =
        std::find_if(m_choices.begin(), m_choices.end(), [&](const Choice &choice) { return choice.value == m_value; });
    const std::ptrdiff_t next = now - m_choices.begin() + by;
    if (next < 0 || next >= static_cast<std::ptrdiff_t>(m_choices.size()))
        return;
    setValue(m_choices[static_cast<std::size_t>(next)].value);
    Q_EMIT chosen(m_value);
}

} // namespace weir::ui
