// SPDX-License-Identifier: GPL-3.0-only
#include "ui/widgets/tabular_text.h"

#include <QFontMetricsF>
#include <QPainter>
#include <array>
#include <cmath>

namespace weir::ui {
namespace {

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

qreal digitWidth(const QFontMetricsF &metrics)
{
    qreal width = 0;
    for (char16_t digit = u'0'; digit <= u'9'; ++digit)
        width = std::max(width, metrics.horizontalAdvance(QChar(digit)));
    return width;
}

/// Runs without digits are drawn as a whole, so that kerning and fallback fonts stay right.
template<class Visit>
void forEachRun(const QString &text, Visit &&visit)
{
    qsizetype begin = 0;
    while (begin < text.size()) {
        qsizetype end = begin + 1;
        if (!isDigit(text.at(begin))) {
            while (end < text.size() && !isDigit(text.at(end)))
                ++end;
        }
        visit(text.sliced(begin, end - begin), isDigit(text.at(begin)));
        begin = end;
    }
}

qreal widthOf(const QFontMetricsF &metrics, qreal digit, const QString &text)
{
    qreal width = 0;
    forEachRun(text, [&](const QString &run, bool isOneDigit) { width += isOneDigit ? digit : metrics.horizontalAdvance(run); });
    return width;
}

} // namespace

qreal tabularWidth(const QFont &font, const QString &text)
{
    const QFontMetricsF metrics(font);
    return widthOf(metrics, digitWidth(metrics), text);
}

void drawTabular(QPainter &painter, const QRectF &rect, Qt::Alignment alignment, const QFont &font, const QString &text)
{
    const QFontMetricsF metrics(font);
    const qreal digit = digitWidth(metrics);
    painter.setFont(font);
    qreal width = widthOf(metrics, digit, text);
    if (width > rect.width() + 0.5) {
        painter.drawText(rect, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), metrics.elidedText(text, Qt::ElideRight, rect.width()));
        return;
    }
    qreal x = rect.left();
    if (alignment & Qt::AlignHCenter)
        x += (rect.width() - width) / 2;
    else if (alignment & Qt::AlignRight)
        x += rect.width() - width;
    const qreal y = std::round(rect.top() + (rect.height() + metrics.ascent() - metrics.descent()) / 2);
    forEachRun(text, [&](const QString &run, bool isOneDigit) {
        const qreal own = metrics.horizontalAdvance(run);
        painter.drawText(QPointF(isOneDigit ? x + (digit - own) / 2 : x, y), run);
        x += isOneDigit ? digit : own;
    });
}

TabularLabel::TabularLabel(QWidget *parent) : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
}

TabularLabel::TabularLabel(const QString &text, QWidget *parent) : TabularLabel(parent)
{
    setText(text);
}

QSize TabularLabel::sizeHint() const
{
    ensurePolished();
    return {static_cast<int>(std::ceil(tabularWidth(font(), text()))) + 1, QFontMetrics(font()).height() + 2};
}

QSize TabularLabel::minimumSizeHint() const
{
    return {0, sizeHint().height()};
}

void TabularLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    drawTabular(painter, contentsRect(), alignment() & Qt::AlignHorizontal_Mask, font(), text());
}

} // namespace weir::ui
