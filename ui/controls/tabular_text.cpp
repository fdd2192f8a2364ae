// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/tabular_text.h"
#include "ui/controls/plain_tool_tip.h"

#include <QCoreApplication>
#include <QEvent>
#include <QFontMetricsF>
#include <QGlyphRun>
#include <QHelpEvent>
#include <QPainter>
#include <QRawFont>
#include <QToolTip>
#include <array>
#include <cmath>
#include <list>

namespace weir::ui {
namespace {

// Fonts of the panel: five sizes, three weights; more are forgotten.
constexpr std::size_t kMostFaces = 16;

/// What drawing needs of a font. Asking Qt for it shapes text, which costs more than the drawing.
struct Face {
    QFont font;
    QRawFont raw;
    QFontMetricsF metrics;
    qreal digit{0}; ///< width of the widest digit

    explicit Face(const QFont &f) : font{f}, raw{QRawFont::fromFont(f)}, metrics{f}
    {
        for (char16_t c = u'0'; c <= u'9'; ++c)
            digit = std::max(digit, metrics.horizontalAdvance(QChar(c)));
    }
};

std::list<Face> &faces()
{
    static std::list<Face> list;
    // Fonts must not outlive the application.
    static const bool isTidy = [] {
        qAddPostRoutine([] { faces().clear(); });
        return true;
    }();
    Q_UNUSED(isTidy)
    return list;
}

const Face &faceOf(const QFont &font)
{
    std::list<Face> &known = faces();
    for (auto face = known.begin(); face != known.end(); ++face) {
        if (face->font == font) {
            known.splice(known.begin(), known, face);
            return known.front();
        }
    }
    if (known.size() >= kMostFaces)
        known.pop_back();
    known.emplace_front(font);
    return known.front();
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

/// One glyph per character, no combining, left to right.
bool isSimple(QChar c)
{
    return (c >= u' ' && c < u'\x7f') || (c >= QChar(0xa0) && c < QChar(0x250))
           || (c >= QChar(0x2010) && c < QChar(0x2028));
}

struct Line {
    QList<quint32> glyphs; ///< empty: the font cannot draw it glyph by glyph
    QList<QPointF> places;
    qreal width{0};
};

Line simpleLine(const Face &face, const QString &text)
{
    Line line;
    if (!face.raw.isValid() || !std::all_of(text.begin(), text.end(), isSimple))
        return line;
    QList<quint32> glyphs = face.raw.glyphIndexesForString(text);
    if (glyphs.size() != text.size() || glyphs.contains(0))
        return line;
    const QList<QPointF> advances = face.raw.advancesForGlyphIndexes(glyphs, QRawFont::KernedAdvances);
    if (advances.size() != glyphs.size())
        return line;
    line.places.reserve(glyphs.size());
    for (qsizetype i = 0; i < glyphs.size(); ++i) {
        const qreal own = advances.at(i).x();
        const bool isOneDigit = isDigit(text.at(i));
        line.places << QPointF(isOneDigit ? line.width + (face.digit - own) / 2 : line.width, 0);
        line.width += isOneDigit ? face.digit : own;
    }
    line.glyphs = std::move(glyphs);
    return line;
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

qreal widthOf(const Face &face, const QString &text)
{
    if (const Line line = simpleLine(face, text); !line.glyphs.isEmpty())
        return line.width;
    qreal width = 0;
    forEachRun(text, [&](const QString &run, bool isOneDigit) {
        width += isOneDigit ? face.digit : face.metrics.horizontalAdvance(run);
    });
    return width;
}

} // namespace

qreal tabularWidth(const QFont &font, const QString &text)
{
    return widthOf(faceOf(font), text);
}

void drawTabular(QPainter &painter, const QRectF &rect, Qt::Alignment alignment, const QFont &font, const QString &text)
{
    if (text.isEmpty())
        return;
    const Face &face = faceOf(font);
    const Line line = simpleLine(face, text);
    const qreal width = line.glyphs.isEmpty() ? widthOf(face, text) : line.width;
    if (width > rect.width() + 0.5) {
        painter.setFont(font);
        painter.drawText(rect, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                         face.metrics.elidedText(text, Qt::ElideRight, rect.width()));
        return;
    }
    qreal x = rect.left();
    if (alignment & Qt::AlignHCenter)
        x += (rect.width() - width) / 2;
    else if (alignment & Qt::AlignRight)
        x += rect.width() - width;
    const qreal y = std::round(rect.top() + (rect.height() + face.metrics.ascent() - face.metrics.descent()) / 2);
    if (!line.glyphs.isEmpty()) {
        QGlyphRun run;
        run.setRawFont(face.raw);
        run.setGlyphIndexes(line.glyphs);
        run.setPositions(line.places);
        return painter.drawGlyphRun(QPointF(x, y), run);
    }
    painter.setFont(font);
    forEachRun(text, [&](const QString &run, bool isOneDigit) {
        const qreal own = face.metrics.horizontalAdvance(run);
        painter.drawText(QPointF(isOneDigit ? x + (face.digit - own) / 2 : x, y), run);
        x += isOneDigit ? face.digit : own;
    });
}

TabularLabel::TabularLabel(QWidget *parent) : QFrame(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
}

TabularLabel::TabularLabel(const QString &text, QWidget *parent) : TabularLabel(parent)
{
    setText(text);
}

void TabularLabel::setText(const QString &text)
{
    if (text == m_text)
        return;
    const bool isNamedByText = accessibleName() == m_text;
    m_text = text;
    if (isNamedByText)
        setAccessibleName(text);
    if (textWidth() != m_width) {
        m_width = textWidth();
        updateGeometry();
    }
    update();
}

void TabularLabel::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

// Layouts ask again and again, and measuring shapes the text.
int TabularLabel::textWidth() const
{
    if (m_measured.text != m_text || m_measured.font != font())
        m_measured = {m_text, font(), static_cast<int>(std::ceil(tabularWidth(font(), m_text))) + 1};
    return m_measured.width;
}

QSize TabularLabel::sizeHint() const
{
    ensurePolished();
    return {textWidth(), QFontMetrics(font()).height() + 2};
}

QSize TabularLabel::minimumSizeHint() const
{
    return {0, sizeHint().height()};
}

void TabularLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    drawTabular(painter, contentsRect(), m_alignment, font(), m_text);
}

bool TabularLabel::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty() && textWidth() > contentsRect().width() + 1) {
        const auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), plainToolTip(m_text), this);
        return true;
    }
    return QFrame::event(event);
}

void TabularLabel::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        m_width = textWidth();
        updateGeometry();
        update();
    }
}

} // namespace weir::ui
