// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/line_list_edit.h"

#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>

#include "ui/look/scale.h"

namespace weir::ui {

LineListEdit::LineListEdit(int leastLines, int mostLines, QWidget *parent)
    : QPlainTextEdit(parent), m_leastLines{leastLines}, m_mostLines{mostLines}
{
    setTabChangesFocus(true);
    setLineWrapMode(NoWrap);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    document()->setDocumentMargin(2);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        fit();
        if (!m_isSetting)
            Q_EMIT edited();
    });
    onScale(this, [this] { fit(); });
}

void LineListEdit::setLines(const QString &text)
{
    if (toPlainText() == text)
        return;
    m_isSetting = true;
    setPlainText(text);
    m_isSetting = false;
}

void LineListEdit::fit()
{
    constexpr int kFrame = 12;
    const int lines = std::clamp(blockCount(), m_leastLines, m_mostLines);
    setFixedHeight(fontMetrics().lineSpacing() * lines + px(kFrame));
}

// What has nothing to scroll leaves the wheel to the form around it.
void LineListEdit::wheelEvent(QWheelEvent *event)
{
    if (hasFocus() && verticalScrollBar()->maximum() > 0)
        QPlainTextEdit::wheelEvent(event);
    else
        event->ignore();
}

} // namespace weir::ui
