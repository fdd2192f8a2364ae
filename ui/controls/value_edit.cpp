// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/value_edit.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStyle>
#include <QVariant>
#include <QWheelEvent>
#include <algorithm>

#include "core/base/duration.h"
#include "core/limit/limit.h"
#include "ui/look/scale.h"
#include "ui/words/format.h"

namespace weir::ui {
namespace {

qint64 alongLadder(const std::vector<qint64> &ladder, qint64 value, int steps)
{
    for (; steps > 0; --steps) {
        const auto next = std::upper_bound(ladder.begin(), ladder.end(), value);
        value = next == ladder.end() ? ladder.back() : *next;
    }
    for (; steps < 0; ++steps) {
        const auto here = std::lower_bound(ladder.begin(), ladder.end(), value);
        value = here == ladder.begin() ? ladder.front() : *std::prev(here);
    }
    return value;
}

std::optional<qint64> parseTokens(const QString &text)
{
    QString digits = text.simplified();
    for (const auto &unit : {QStringLiteral("tokens"), QStringLiteral("token")}) {
        if (digits.endsWith(unit, Qt::CaseInsensitive))
            digits.chop(unit.size());
    }
    digits.remove(u',').remove(u' ').remove(u'_');
    qint64 unit = 1;
    if (const QChar last = digits.isEmpty() ? QChar() : digits.back().toLower(); last == u'k' || last == u'm') {
        unit = last == u'k' ? 1'000 : 1'000'000;
        digits.chop(1);
    }
    const qsizetype point = digits.indexOf(u'.');
    const qsizetype decimals = point < 0 ? 0 : digits.size() - point - 1;
    for (qsizetype i = 0; i < decimals; ++i) { // "1.5k"
        if (unit % 10 != 0)
            return std::nullopt;
        unit /= 10;
    }
    if (point >= 0)
        digits.remove(point, 1);
    bool isNumber = false;
    const qint64 number = digits.toLongLong(&isNumber);
    qint64 tokens = 0;
    if (!isNumber || qMulOverflow(number, unit, &tokens))
        return std::nullopt;
    return tokens;
}

std::optional<qint64> parseInterval(const QString &text)
{
    QString written = text.simplified().toLower();
    written.replace(u'µ', u'u').replace(QChar(0x3BC), u'u'); // both micro signs
    const std::optional<Micros> duration = parseDuration(written.toStdString());
    return duration ? std::optional<qint64>(duration->count()) : std::nullopt;
}

} // namespace

const std::vector<qint64> &tokenLadder()
{
    static const std::vector<qint64> ladder = [] {
        std::vector<qint64> values;
        for (qint64 power = 1; power < limit::kMaxCapacity; power *= 10) {
            for (const qint64 tenth : {10, 15, 20, 25, 30, 40, 50, 60, 80}) {
                const qint64 value = tenth * power / 10;
                if (values.empty() || value > values.back())
                    values.push_back(value);
            }
        }
        values.insert(std::upper_bound(values.begin(), values.end(), 6), 7);
        values.insert(std::upper_bound(values.begin(), values.end(), 8), 9);
        values.push_back(limit::kMaxCapacity);
        return values;
    }();
    return ladder;
}

const std::vector<qint64> &durationLadder()
{
    static const std::vector<qint64> ladder = [] {
        constexpr qint64 kMs = 1000, kSecond = 1000 * kMs, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                         kDay = 24 * kHour;
        std::vector<qint64> values;
        for (const qint64 ms : {10, 20, 50, 100, 200, 500})
            values.push_back(ms * kMs);
        for (const qint64 seconds : {1, 2, 3, 5, 10, 15, 20, 30})
            values.push_back(seconds * kSecond);
        for (const qint64 minutes : {1, 2, 3, 5, 10, 15, 20, 30})
            values.push_back(minutes * kMinute);
        for (const qint64 hours : {1, 2, 3, 6, 12})
            values.push_back(hours * kHour);
        for (const qint64 days : {1, 2, 7, 14, 30, 90, 180, 366})
            values.push_back(days * kDay);
        return values;
    }();
    return ladder;
}

ValueEdit::Notation tokenNotation()
{
    // Millions leave no room for the unit.
    return {[](qint64 value) { return value < 1'000'000 ? format::tokens(value) : format::count(value); }, parseTokens,
            [](qint64 value, int steps) {
                return std::abs(steps) == 1 ? value + steps : alongLadder(tokenLadder(), value, steps > 0 ? 1 : -1);
            }};
}

ValueEdit::Notation countNotation()
{
    ValueEdit::Notation notation = tokenNotation();
    notation.print = [](qint64 value) { return format::count(value); };
    return notation;
}

ValueEdit::Notation durationNotation()
{
    return {[](qint64 value) { return format::duration(Micros{value}); }, parseInterval,
            [](qint64 value, int steps) {
                return alongLadder(durationLadder(), value, std::abs(steps) == 1 ? steps : steps / 3);
            }};
}

ValueEdit::ValueEdit(Notation notation, QWidget *parent) : QAbstractSpinBox(parent), m_notation{std::move(notation)}
{
    setButtonSymbols(NoButtons);
    setAlignment(Qt::AlignRight);
    setKeyboardTracking(true);
    setFocusPolicy(Qt::StrongFocus); // not by the wheel: that is for the page
    setScaledHeight(this, 28);
    connect(lineEdit(), &QLineEdit::textEdited, this, &ValueEdit::edited);
    connect(lineEdit(), &QLineEdit::returnPressed, this, [this] {
        tidy();
        Q_EMIT entered();
    });
}

void ValueEdit::setValue(qint64 value)
{
    if (this->value() == value)
        return;
    lineEdit()->setText(m_notation.print(value));
    lineEdit()->setCursorPosition(0);
}

std::optional<qint64> ValueEdit::value() const
{
    return m_notation.parse(lineEdit()->text());
}

void ValueEdit::setText(const QString &text)
{
    lineEdit()->setText(text);
    lineEdit()->setCursorPosition(0);
}

void ValueEdit::setWrong(bool isWrong)
{
    if (property("wrong").toBool() == isWrong)
        return;
    setProperty("wrong", isWrong);
    style()->unpolish(this);
    style()->polish(this);
}

void ValueEdit::stepBy(int steps)
{
    const std::optional<qint64> now = value();
    if (!now)
        return;
    const qint64 next = std::max<qint64>(m_notation.step(*now, steps), 1);
    lineEdit()->setText(m_notation.print(next));
    selectAll();
    Q_EMIT edited();
}

QSize ValueEdit::sizeHint() const
{
    return px(QSize(108, 28));
}

void ValueEdit::focusInEvent(QFocusEvent *event)
{
    QAbstractSpinBox::focusInEvent(event);
    m_before = text();
}

// Escape: as it was when the keyboard came; once more, it is somebody else's.
void ValueEdit::keyPressEvent(QKeyEvent *event)
{
    if (event->key() != Qt::Key_Escape || text() == m_before)
        return QAbstractSpinBox::keyPressEvent(event);
    lineEdit()->setText(m_before);
    selectAll();
    Q_EMIT edited();
}

void ValueEdit::focusOutEvent(QFocusEvent *event)
{
    QAbstractSpinBox::focusOutEvent(event);
    tidy();
}

void ValueEdit::wheelEvent(QWheelEvent *event)
{
    // A wheel that passes over the page must not change a limit.
    if (hasFocus())
        QAbstractSpinBox::wheelEvent(event);
    else
        event->ignore();
}

void ValueEdit::tidy()
{
    if (const std::optional<qint64> now = value())
        lineEdit()->setText(m_notation.print(*now));
}

void showNumber(ValueEdit *edit, const QString &text)
{
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    if (isNumber)
        edit->setValue(number);
    else if (edit->text() != text)
        edit->setText(text);
}

void showTime(ValueEdit *edit, const QString &text)
{
    if (const auto time = parseDuration(text.toStdString()))
        edit->setValue(time->count());
    else if (edit->text() != text)
        edit->setText(text);
}

} // namespace weir::ui
