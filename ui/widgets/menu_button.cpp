// SPDX-License-Identifier: GPL-3.0-only
#include "ui/widgets/menu_button.h"

#include <QMenu>
#include <QPainter>

#include "ui/theme.h"
#include "ui/widgets/panel.h"

namespace weir::ui {
namespace {

constexpr int kChevronRoom = 14;

} // namespace

MenuButton::MenuButton(const QString &text, const char *role, QWidget *parent) : QPushButton(text, parent)
{
    setRole(this, role);
    // The padding on the right of every role leaves no room for the chevron: make it here.
    setStyleSheet(QStringLiteral("QPushButton { padding-right: %1px; }").arg(kChevronRoom + 10));
}

void MenuButton::paintEvent(QPaintEvent *event)
{
    QPushButton::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colors().dim, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF middle(width() - 14.5, height() / 2.0 + 0.5);
    painter.drawPolyline(QPolygonF({middle + QPointF(-3.5, -2), middle + QPointF(0, 1.8), middle + QPointF(3.5, -2)}));
}

} // namespace weir::ui
