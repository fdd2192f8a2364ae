// SPDX-License-Identifier: GPL-3.0-only
#include "ui/look/panel_style.h"

#include <QApplication>
#include <QKeyEvent>
#include <QWidget>

#include "ui/look/scale.h"

namespace weir::ui {

PanelStyle::PanelStyle() : QProxyStyle(QStringLiteral("Fusion"))
{
    qApp->installEventFilter(this);
}

void PanelStyle::polish(QWidget *widget)
{
    QProxyStyle::polish(widget);
    scaleWidget(widget);
}

int PanelStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    const int pixels = QProxyStyle::pixelMetric(metric, option, widget);
    return metric == PM_LineEditIconSize ? px(pixels) : pixels;
}

int PanelStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                          QStyleHintReturn *returned) const
{
    if (hint == SH_UnderlineShortcut)
        return m_isUnderlined ? 1 : 0;
    return QProxyStyle::styleHint(hint, option, widget, returned);
}

bool PanelStyle::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::KeyRelease:
        if (static_cast<QKeyEvent *>(event)->key() == Qt::Key_Alt)
            setUnderlined(event->type() == QEvent::KeyPress);
        break;
    case QEvent::WindowDeactivate: // Alt+Tab: the release goes to another window
        setUnderlined(false);
        break;
    default:
        break;
    }
    return QProxyStyle::eventFilter(watched, event);
}

void PanelStyle::setUnderlined(bool isUnderlined)
{
    if (isUnderlined == m_isUnderlined)
        return;
    m_isUnderlined = isUnderlined;
    for (QWidget *widget : QApplication::allWidgets()) {
        if (widget->isVisible())
            widget->update();
    }
}

} // namespace weir::ui
