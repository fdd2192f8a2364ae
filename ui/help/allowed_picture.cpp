// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/allowed_picture.h"

#include <QPainter>
#include <QPainterPath>
#include <QStringList>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/sim/edge_and_pause.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/look/scale.h"
#include "ui/look/theme.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

namespace story = sim::edge_and_pause;

constexpr int kHead = 44;
constexpr int kRow = 42;
constexpr int kAxis = 22;
constexpr int kLegend = 30;
constexpr int kNames = 168;
constexpr int kNumber = 56;
constexpr int kNumbers = 3;
constexpr double kSide = 12;
constexpr double kLeastBreadth = 500;
constexpr double kLargestSquare = 6;
constexpr double kRoom = 1; // between two squares
constexpr double kFoot = 7; // below the lowest square of a row
constexpr std::chrono::duration<double, std::micro> kMicro{1};

const Micros kInterval = story::specOf(limit::Algorithm::TokenBucket).interval;

QFont sized(QFont font, int pixels, QFont::Weight weight = QFont::Normal)
{
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

/// The pixels of a length of the design, in a picture of this width: where there is no room for it, it is smaller.
double unitOf(int width)
{
    return std::min(px(1.0), width / kLeastBreadth);
}

QColor shade()
{
    QColor color = colors().accent;
    color.setAlphaF(colors().isDark ? 0.20F : 0.14F);
    return color;
}

QPen edgePen()
{
    QColor color = colors().dim;
    color.setAlphaF(0.55F);
    return {color, 1, Qt::DashLine};
}

void paintSquare(QPainter &painter, const QRectF &square)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().ok);
    painter.drawRoundedRect(square, 1.2, 1.2);
}

} // namespace

AllowedPicture::AllowedPicture(QWidget *parent) : QWidget(parent)
{
    for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i) {
        const auto algorithm = static_cast<limit::Algorithm>(i);
        Row row{algorithm, sim::allowedOverTime(story::specOf(algorithm), story::kWaiting)};
        row.atEdge = sim::givenWithin(row.allowed, story::kAtEdge);
        row.afterPause = sim::givenWithin(row.allowed, story::kAfterPause);
        m_rows.push_back(std::move(row));
    }
    const limit::LimitSpec spec = story::specOf(limit::Algorithm::TokenBucket);
    QStringList words{tr("Tokens given with %1.").arg(amountPer(spec.refill, spec.interval))};
    for (const Row &row : m_rows)
        words << wordsOf(row.algorithm);
    setAccessibleName(tr("What each algorithm allows at a window's edge and after a pause"));
    setAccessibleDescription(words.join(u' '));
    setCursor(Qt::ArrowCursor); // it may lie on a text
}

QString AllowedPicture::wordsOf(limit::Algorithm algorithm) const
{
    const Row &row = m_rows[static_cast<std::size_t>(algorithm)];
    return tr("%1: %2 at the edge, at most %3 in any %4, %5 at once after a pause.")
        .arg(algorithmName(algorithm), format::count(row.atEdge), format::count(row.allowed.most),
             format::duration(kInterval), format::count(row.afterPause));
}

QSize AllowedPicture::sizeHint() const
{
    return px(QSize(760, designHeight()));
}

int AllowedPicture::heightForWidth(int width) const
{
    return qRound(designHeight() * unitOf(width));
}

int AllowedPicture::designHeight() const
{
    return kHead + kRow * static_cast<int>(m_rows.size()) + kAxis + kLegend;
}

double AllowedPicture::breadth() const
{
    return width() / unitOf(width());
}

QRectF AllowedPicture::plot() const
{
    return {kNames, kHead, breadth() - kNames - kNumbers * kNumber - kSide,
            static_cast<double>(kRow) * static_cast<double>(m_rows.size())};
}

QRectF AllowedPicture::rowRect(std::size_t row) const
{
    const QRectF all = plot();
    return {all.left(), all.top() + static_cast<double>(kRow) * static_cast<double>(row), all.width(), kRow};
}

double AllowedPicture::xOf(Micros at) const
{
    const QRectF room = plot();
    return room.left() + room.width() * ((at - story::kBegin) / kMicro) / ((story::kEnd - story::kBegin) / kMicro);
}

std::vector<QRectF> AllowedPicture::squares(std::size_t row, const sim::Given &given) const
{
    // Two bursts one second apart do not touch.
    const double second = xOf(story::kBegin + story::kSecond) - xOf(story::kBegin);
    const double side = std::clamp(std::floor(second) - kRoom, 2.0, kLargestSquare);
    const double left = std::round(xOf(given.at) - side / 2);
    const double high = std::min(side, 5.0);
    std::vector<QRectF> result;
    double bottom = rowRect(row).bottom() - kFoot;
    for (limit::Tokens i = 0; i < given.tokens; ++i, bottom -= high + kRoom)
        result.emplace_back(left, bottom - high, side, high);
    return result;
}

std::vector<QRectF> AllowedPicture::squaresOf(limit::Algorithm algorithm, Micros at) const
{
    const auto row = static_cast<std::size_t>(algorithm);
    for (const sim::Given &given : m_rows[row].allowed.given) {
        if (given.at == at)
            return squares(row, given);
    }
    return {};
}

void AllowedPicture::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(unitOf(width()), unitOf(width())); // all lengths are of the design
    painter.setPen(colors().line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(0.5, 0.5, breadth() - 1, designHeight() - 1), 7, 7);
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        const Micros from = m_rows[row].allowed.mostFrom;
        const QRectF room = rowRect(row);
        painter.setPen(Qt::NoPen);
        painter.setBrush(shade());
        const QPointF begin(xOf(from) - kLargestSquare / 2 - 1, room.top() + 3);
        painter.drawRoundedRect(
            QRectF(begin, QPointF(xOf(from + kInterval) - kLargestSquare / 2 - 1, room.bottom() - 2)), 4, 4);
    }
    paintHead(painter);
    paintEdges(painter);
    for (std::size_t row = 0; row < m_rows.size(); ++row)
        paintRow(painter, row);
    paintLegend(painter);
}

void AllowedPicture::paintHead(QPainter &painter) const
{
    const Colors &c = colors();
    painter.setFont(sized(font(), 12, QFont::DemiBold));
    painter.setPen(c.dim);
    const limit::LimitSpec spec = story::specOf(limit::Algorithm::TokenBucket);
    painter.drawText(QRectF(kSide, 0, kNames, kHead), static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                     amountPer(spec.refill, spec.interval));
    const QStringList names{tr("at the\nedge"), tr("in any\n%1").arg(format::duration(kInterval)),
                            tr("after a\npause")};
    QRectF cell(plot().right(), 0, kNumber, kHead);
    for (const QString &name : names) {
        painter.drawText(cell, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), name);
        cell.translate(kNumber, 0);
    }
    painter.setFont(sized(font(), 11));
    const auto span = [&](const sim::Stretch &stretch, const QString &text, const QColor &color) {
        const QRectF room(xOf(stretch.from), 0, xOf(stretch.until) - xOf(stretch.from), kHead - 14);
        painter.setPen(color);
        if (painter.fontMetrics().horizontalAdvance(text) <= room.width())
            painter.drawText(room, static_cast<int>(Qt::AlignHCenter | Qt::AlignBottom), text);
    };
    for (const sim::Stretch &stretch : story::kWaiting) {
        span(stretch, tr("always asks"), c.text);
        painter.setPen(QPen(c.text, 2, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(QPointF(xOf(stretch.from), kHead - 9), QPointF(xOf(stretch.until), kHead - 9));
    }
    span({story::kWaiting.front().until, story::kWaiting.back().from}, tr("pause"), c.dim);
}

void AllowedPicture::paintEdges(QPainter &painter) const
{
    const QRectF room = plot();
    painter.setFont(sized(font(), 11));
    constexpr double kTimeWidth = 34;
    const bool isNarrow = xOf(2 * kInterval) - xOf(kInterval) < kTimeWidth;
    for (Micros at = kInterval; at <= story::kEnd; at += kInterval) { // the first one after kBegin
        const double x = std::round(xOf(at)) + 0.5;
        painter.setPen(edgePen());
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()));
        if (isNarrow && at / kInterval % 2 != 0)
            continue; // the times would touch
        painter.setPen(colors().dim);
        drawTabular(painter, QRectF(x - 30, room.bottom(), 60, kAxis), Qt::AlignHCenter, painter.font(),
                    tr("%1 s").arg(at / story::kSecond));
    }
}

void AllowedPicture::paintRow(QPainter &painter, std::size_t index) const
{
    const Colors &c = colors();
    const Row &row = m_rows[index];
    const QRectF room = rowRect(index);
    painter.setPen(c.line);
    const double top = std::round(room.top()) + 0.5;
    painter.drawLine(QPointF(1, top), QPointF(breadth() - 1, top));
    painter.setPen(c.text);
    drawTabular(painter, QRectF(kSide, room.top(), kNames - 2 * kSide, kRow), Qt::AlignLeft, sized(font(), 13),
                algorithmName(row.algorithm));
    for (const sim::Given &given : row.allowed.given) {
        for (const QRectF &square : squares(index, given))
            paintSquare(painter, square);
    }
    QRectF cell(room.right(), room.top(), kNumber, kRow);
    for (const limit::Tokens number : {row.atEdge, row.allowed.most, row.afterPause}) {
        const bool isMost = number > story::specOf(row.algorithm).capacity;
        painter.setPen(isMost ? c.text : c.dim);
        drawTabular(painter, cell, Qt::AlignRight, sized(font(), 14, isMost ? QFont::DemiBold : QFont::Normal),
                    format::count(number));
        cell.translate(kNumber, 0);
    }
}

void AllowedPicture::paintLegend(QPainter &painter) const
{
    const Colors &c = colors();
    const double top = plot().bottom() + kAxis + 0.5;
    painter.setPen(c.line);
    painter.drawLine(QPointF(1, top), QPointF(breadth() - 1, top));
    painter.setFont(sized(font(), 12));
    const double middle = top + kLegend / 2.0;
    double x = kSide;
    const auto word = [&](const QString &text) {
        painter.setPen(c.dim);
        const double wide = painter.fontMetrics().horizontalAdvance(text);
        painter.drawText(QRectF(x, top, wide + 2, kLegend), static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), text);
        x += wide + 22;
    };
    paintSquare(painter, QRectF(x, middle - 4, 8, 8));
    x += 14;
    word(tr("a token given"));
    painter.setPen(Qt::NoPen);
    painter.setBrush(shade());
    painter.drawRoundedRect(QRectF(x, middle - 7, 22, 14), 4, 4);
    x += 28;
    word(tr("the %1 with the most").arg(format::duration(kInterval)));
    painter.setPen(edgePen());
    painter.drawLine(QPointF(x + 2.5, middle - 8), QPointF(x + 2.5, middle + 8));
    x += 10;
    word(tr("a window's edge"));
}

} // namespace weir::ui
