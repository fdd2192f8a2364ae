// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/calm_button.h"

#include <QFocusEvent>
#include <QKeyEvent>
#include <QStyle>
#include <QVariant>

namespace weir::ui {

void CalmButton::setUsable(bool isUsable)
{
    const bool isKept = !isUsable && hasFocus();
    setIdle(isKept);
    if (!isKept)
        setEnabled(isUsable);
}

void CalmButton::setIdle(bool isIdle)
{
    if (isIdle == m_isIdle)
        return;
    m_isIdle = isIdle;
    setProperty("idle", isIdle);
    style()->unpolish(this);
    style()->polish(this);
}

bool CalmButton::event(QEvent *event)
{
    if (m_isIdle && event->type() == QEvent::Shortcut)
        return true;
    return QPushButton::event(event);
}

void CalmButton::keyPressEvent(QKeyEvent *event)
{
    const bool isPress =
        event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (m_isIdle && isPress)
        return event->accept();
    QPushButton::keyPressEvent(event);
}

void CalmButton::focusOutEvent(QFocusEvent *event)
{
    QPushButton::focusOutEvent(event);
    const bool isLeft = event->reason() != Qt::ActiveWindowFocusReason && event->reason() != Qt::PopupFocusReason;
    if (!m_isIdle || !isLeft)
        return;
    setIdle(false);
    setEnabled(false);
}

void CalmButton::nextCheckState()
{
    if (!m_isIdle)
        QPushButton::nextCheckState();
}

bool CalmButton::hitButton(const QPoint &place) const
{
    return !m_isIdle && QPushButton::hitButton(place);
}

} // namespace weir::ui
