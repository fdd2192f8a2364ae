// SPDX-License-Identifier: GPL-3.0-only
#include "ui/words/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <array>
#include <cmath>

namespace weir::ui::format {
namespace {

// The panel speaks English; digits grouped the way another language does it would read as other numbers.
const QLocale &english()
{
    static const QLocale locale{QLocale::English, QLocale::UnitedStates};
    return locale;
}

QString translated(const char *text, int n = -1)
{
    return QCoreApplication::translate("format", text, nullptr, n);
}

/// `number` with as many decimals as give three digits, without trailing zeros.
QString threeDigits(double number)
{
    const int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
    QString text = english().toString(number, 'f', decimals);
    if (text.contains(u'.')) {
        while (text.endsWith(u'0'))
            text.chop(1);
        if (text.endsWith(u'.'))
            text.chop(1);
    }
    return text;
}

QString twoDigits(qint64 number)
{
    return QStringLiteral("%1").arg(number, 2, 10, QLatin1Char('0'));
}

} // namespace

QString count(qint64 number)
{
    return english().toString(number);
}

QString shortCount(qint64 number)
{
    struct Step {
        double value;
        QLatin1String unit;
    };
    static constexpr std::array kSteps{Step{1e18, QLatin1String("E")}, Step{1e15, QLatin1String("P")},
                                       Step{1e12, QLatin1String("T")}, Step{1e9, QLatin1String("G")},
                                       Step{1e6, QLatin1String("M")},  Step{1e3, QLatin1String("k")}};
    if (number < 10'000)
        return count(number);
    const double value = static_cast<double>(number);
    for (const Step &step : kSteps) {
        // 999,950 would print as "1,000k".
        if (value >= step.value * 0.9995)
            return threeDigits(value / step.value) + step.unit;
    }
    return count(number);
}

QString tokens(qint64 number)
{
    return number == 1 ? translated("1 token") : translated("%1 tokens").arg(count(number));
}

QString perSecond(double rate)
{
    if (rate <= 0)
        return translated("0/s");
    if (rate < 0.05)
        return translated("< 0.1/s");
    const QString number =
        rate < 99.95 ? english().toString(rate, 'f', rate < 9.95 ? 1 : 0) : count(std::llround(rate));
    return translated("%1/s").arg(number.endsWith(QLatin1String(".0")) ? number.chopped(2) : number);
}

QString share(qint64 part, qint64 whole)
{
    if (whole <= 0)
        return QStringLiteral("–");
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    if (part == whole)
        return QStringLiteral("100%");
    if (percent > 99.9)
        return QStringLiteral("> 99.9%");
    if (part > 0 && percent < 0.1)
        return QStringLiteral("< 0.1%");
    return english().toString(percent, 'f', 1) + u'%';
}

QString took(Micros duration)
{
    const double ms = static_cast<double>(duration.count()) / 1000.0;
    if (ms < 9.995)
        return translated("%1 ms").arg(english().toString(ms, 'f', 2));
    if (ms < 999.5)
        return translated("%1 ms").arg(english().toString(ms, 'f', 0));
    return translated("%1 s").arg(threeDigits(ms / 1000.0));
}

QString duration(Micros duration)
{
    QString text = QString::fromStdString(printDurationSpaced(duration));
    return text.replace(QLatin1String(" us"), QStringLiteral(" µs"));
}

QString countdown(Micros left)
{
    // Rounded up: "0:00" is shown when nothing is left, not during the whole last second.
    const qint64 seconds = (std::max<qint64>(left.count(), 0) + 999'999) / 1'000'000;
    const qint64 minutes = seconds / 60 % 60;
    const qint64 hours = seconds / 3600 % 24;
    const qint64 days = seconds / 86'400;
    if (days > 0)
        return translated("%1 d %2 h").arg(days).arg(hours);
    if (hours > 0)
        return QStringLiteral("%1:%2:%3").arg(hours).arg(twoDigits(minutes), twoDigits(seconds % 60));
    return QStringLiteral("%1:%2").arg(minutes).arg(twoDigits(seconds % 60));
}

QString runningTime(std::chrono::seconds since)
{
    const qint64 seconds = std::max<qint64>(since.count(), 0);
    const QString time =
        QStringLiteral("%1:%2:%3")
            .arg(twoDigits(seconds / 3600 % 24), twoDigits(seconds / 60 % 60), twoDigits(seconds % 60));
    return seconds < 86'400 ? time : translated("%1 d %2").arg(seconds / 86'400).arg(time);
}

QString clock(qint64 secondsSince1970)
{
    return QDateTime::fromSecsSinceEpoch(secondsSince1970).toString(QStringLiteral("HH:mm:ss"));
}

QString clockMillis(qint64 microsSince1970)
{
    return QDateTime::fromMSecsSinceEpoch(microsSince1970 / 1000).toString(QStringLiteral("HH:mm:ss.zzz"));
}

} // namespace weir::ui::format
