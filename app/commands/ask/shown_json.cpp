// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/shown_json.h"

#include "core/config/visible_text.h"

namespace weir::app {

using namespace Qt::StringLiterals;

QString visible(const QString &text)
{
    return config::visibleText(text.toStdString());
}

QString textOf(const QJsonValue &value)
{
    return visible(value.toString());
}

QString numberOf(const QJsonValue &value)
{
    if (value.isNull())
        return u"-"_s;
    return value.isDouble() ? QString::number(value.toInteger()) : u"?"_s;
}

QString counted(const QJsonValue &value, const char *word)
{
    return u"%1 %2%3"_s.arg(numberOf(value), QLatin1String{word}, value.toInteger() == 1 ? QString{} : u"s"_s);
}

QString millisecondsOf(const QJsonValue &value)
{
    constexpr double kSecond = 1000;
    const double number = value.toDouble();
    if (number >= kSecond)
        return QString::number(number / kSecond, 'f', 1) + u" s"_s;
    return QString::number(number, 'f', number < 10 ? 2 : 0) + u" ms"_s;
}

QString durationOf(double seconds)
{
    constexpr qint64 kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
    const auto whole = static_cast<qint64>(seconds);
    const auto both = [whole](qint64 large, const char *largeWord, qint64 small, const char *smallWord) {
        return u"%1 %2 %3 %4"_s.arg(whole / large)
            .arg(QLatin1String{largeWord})
            .arg(whole % large / small)
            .arg(QLatin1String{smallWord});
    };
    if (whole < kMinute)
        return u"%1 s"_s.arg(whole);
    if (whole < kHour)
        return both(kMinute, "min", 1, "s");
    return whole < kDay ? both(kHour, "h", kMinute, "min") : both(kDay, "d", kHour, "h");
}

} // namespace weir::app
