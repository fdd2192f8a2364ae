// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/plain_tool_tip.h"

#include <QWidget>

namespace weir::ui {

QString plainToolTip(const QString &text)
{
    return text.isEmpty() ? QString()
                          : QStringLiteral("<p style='white-space:pre-wrap'>%1</p>").arg(text.toHtmlEscaped());
}

void setPlainToolTip(QWidget *widget, const QString &text)
{
    if (widget->accessibleDescription() == text && widget->toolTip().isEmpty() == text.isEmpty())
        return;
    widget->setAccessibleDescription(text);
    widget->setToolTip(plainToolTip(text));
}

} // namespace weir::ui
