// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/status_chip.h"

#include <QBoxLayout>
#include <QPainter>

#include "ui/look/scale.h"
#include "ui/look/theme.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {

StatusDot::StatusDot(QWidget *parent) : QWidget(parent)
{
    onScale(this, [this] { setFixedSize(sizeHint()); });
}

QSize StatusDot::sizeHint() const
{
    return px(QSize(9, 9));
}

void StatusDot::setState(State state)
{
    if (state == m_state)
        return;
    m_state = state;
    update();
}

void StatusDot::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(width() / 9.0, height() / 9.0);
    painter.setPen(Qt::NoPen);
    switch (m_state) {
    case State::Good:
        painter.setBrush(c.ok);
        break;
    case State::Warning:
        painter.setBrush(c.warn);
        break;
    case State::Bad:
        painter.setBrush(c.bad);
        break;
    case State::Unknown:
        // Not by colour alone: unknown is hollow.
        painter.setPen(QPen(c.dim, 1.6));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(QRectF(1.2, 1.2, 6.6, 6.6));
        return;
    }
    painter.drawEllipse(QRectF(0.5, 0.5, 8, 8));
}

StatusChip::StatusChip(QWidget *parent) : QFrame(parent)
{
    setRole(this, "chip");
    m_layout = new QHBoxLayout(this);
    m_layout->setContentsMargins(11, 0, 11, 0);
    m_layout->setSpacing(8);
    m_dot = new StatusDot(this);
    m_main = new TabularLabel(this);
    m_detail = new TabularLabel(this);
    setRole(m_detail, "dim");
    m_layout->addWidget(m_dot, 0, Qt::AlignVCenter);
    m_layout->addWidget(m_main);
    m_layout->addWidget(m_detail);
    setScaledHeight(this, 32);
}

void StatusChip::setState(StatusDot::State state)
{
    m_dot->setState(state);
}

void StatusChip::setTexts(const QString &main, const QString &detail)
{
    if (m_main->text() == main && m_detailText == detail)
        return;
    m_main->setText(main);
    m_detailText = detail;
    m_detail->setText(detail);
    m_detail->setVisible(!m_isCompact && !detail.isEmpty());
    setAccessibleName(detail.isEmpty() ? main : main + QStringLiteral(", ") + detail);
}

void StatusChip::setPlainToolTip(const QString &text)
{
    if (text == m_plainToolTip)
        return;
    m_plainToolTip = text;
    ui::setPlainToolTip(this, text);
}

void StatusChip::addButton(QWidget *button)
{
    const QMargins margins = m_layout->contentsMargins();
    m_layout->setContentsMargins(margins.left(), 0, 4, 0);
    m_layout->setSpacing(6);
    m_layout->addWidget(button, 0, Qt::AlignVCenter);
}

void StatusChip::setMainStrong()
{
    setRole(m_main, "strong");
}

void StatusChip::setCompact(bool isCompact)
{
    m_isCompact = isCompact;
    m_detail->setVisible(!isCompact && !m_detailText.isEmpty());
    m_layout->invalidate(); // sizeHint() is asked for at once
}

int StatusChip::textWidth() const
{
    return m_main->sizeHint().width() + m_detail->sizeHint().width();
}

QString StatusChip::mainText() const
{
    return m_main->text();
}

} // namespace weir::ui
