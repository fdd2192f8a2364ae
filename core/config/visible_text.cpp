// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/visible_text.h"

#include <algorithm>

#include <QChar>

namespace weir::config {
namespace {

struct CodePoint {
    char32_t value{0};
    std::size_t length{0}; ///< 0: the byte does not begin a valid sequence
};

/// Strict UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF.
CodePoint decode(std::string_view bytes)
{
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = byteAt(0);
    if (first < 0x80)
        return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || bytes.size() < length)
        return {};
    char32_t value = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byteAt(i) & 0xC0U) != 0x80U)
            return {};
        value = (value << 6) | (byteAt(i) & 0x3FU);
    }
    const char32_t smallest = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    const bool isSurrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest || value > 0x10FFFF || isSurrogate)
        return {};
    return {value, length};
}

bool isVisible(char32_t value)
{
    switch (QChar::category(value)) {
    case QChar::Other_Control:
    case QChar::Other_Format: // bidi controls, zero-width joiners, tags
    case QChar::Other_NotAssigned:
    case QChar::Other_PrivateUse:
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
    case QChar::Mark_Enclosing:
        return false;
    case QChar::Separator_Space:
        return value == U' '; // the other spaces look like it or like nothing
    default:
        // Hangul fillers and braille blank: letters and symbols without a picture.
        return value != 0x115F && value != 0x1160 && value != 0x3164 && value != 0xFFA0 && value != 0x2800;
    }
}

QString hexEscape(QChar kind, char32_t value, int digits)
{
    return QStringLiteral("\\%1%2").arg(kind).arg(static_cast<uint>(value), digits, 16, QLatin1Char('0'));
}

} // namespace

QString visibleText(std::string_view bytes, bool isCut)
{
    QString text;
    text.reserve(static_cast<qsizetype>(bytes.size()));
    while (!bytes.empty()) {
        const CodePoint point = decode(bytes);
        if (point.length == 0)
            text += hexEscape(u'x', static_cast<unsigned char>(bytes.front()), 2);
        else if (point.value == U'\\')
            text += QStringLiteral("\\\\");
        else if (isVisible(point.value))
            text += QString::fromUcs4(&point.value, 1);
        else if (point.value < 0x100)
            text += hexEscape(u'x', point.value, 2);
        else
            text += hexEscape(u'u', point.value, 4);
        bytes.remove_prefix(std::max<std::size_t>(point.length, 1));
    }
    return isCut ? text + u'…' : text;
}

} // namespace weir::config
