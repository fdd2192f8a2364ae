// SPDX-License-Identifier: GPL-3.0-only
#include "ui/words/panel_words.h"

#include <QCoreApplication>
#include <array>
#include <cmath>

#include "core/limit/promise.h"
#include "ui/words/format.h"
#include "ui/words/visible_text.h"

namespace weir::ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("limit_words", text);
}

struct RateUnit {
    std::int64_t micros;
    const char *text;
};

constexpr std::array kRateUnits{
    RateUnit{1'000'000, QT_TRANSLATE_NOOP("limit_words", "%1 per second")},
    RateUnit{60'000'000, QT_TRANSLATE_NOOP("limit_words", "%1 per minute")},
    RateUnit{3'600'000'000, QT_TRANSLATE_NOOP("limit_words", "%1 per hour")},
    RateUnit{86'400'000'000, QT_TRANSLATE_NOOP("limit_words", "%1 per day")},
};

constexpr Micros kThirtyDays{30LL * 86'400 * 1'000'000};

QString decimal(double number)
{
    if (number >= 100)
        return format::count(std::llround(number));
    QString text = QString::number(number, 'f', 2);
    while (text.endsWith(u'0'))
        text.chop(1);
    return text.endsWith(u'.') ? text.chopped(1) : text;
}

} // namespace

QString sustainedRate(const limit::LimitSpec &spec)
{
    const double perSecond = limit::sustainedPerSecond(spec);
    for (const RateUnit &unit : kRateUnits) {
        if (spec.interval.count() == unit.micros)
            return translated(unit.text).arg(format::count(spec.refill));
    }
    for (const RateUnit &unit : kRateUnits) {
        const double rate = perSecond * static_cast<double>(unit.micros) / 1e6;
        if (rate >= 1 || &unit == &kRateUnits.back())
            return translated(unit.text).arg(decimal(rate));
    }
    return {};
}

QString limitMeaning(const limit::LimitSpec &spec)
{
    return translated("Sustains %1; at worst %2 within %3; at most %4 in 30 days.")
        .arg(sustainedRate(spec), format::count(limit::mostWithin(spec, spec.interval)),
             format::duration(spec.interval), format::count(limit::mostWithin(spec, kThirtyDays)));
}

QString limitChange(const limit::LimitSpec &before, const limit::LimitSpec &after)
{
    const bool isCapacityOther = before.capacity != after.capacity;
    const bool isRefillOther = before.refill != after.refill;
    const bool isIntervalOther = before.interval != after.interval;
    const auto nameOf = [](const limit::LimitSpec &spec) {
        const std::string_view name = limit::nameOf(spec.algorithm);
        return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
    };
    QStringList parts;
    if (before.algorithm != after.algorithm)
        parts << translated("%1 → %2").arg(nameOf(before), nameOf(after));
    if (isCapacityOther)
        parts << translated("capacity %1 → %2")
                     .arg(format::shortCount(before.capacity), format::shortCount(after.capacity));
    if (isRefillOther)
        parts << translated("refill %1 → %2").arg(format::shortCount(before.refill), format::shortCount(after.refill));
    if (isIntervalOther)
        parts << translated("every %1 → %2").arg(format::duration(before.interval), format::duration(after.interval));
    return parts.isEmpty() ? translated("tokens only") : parts.join(QStringLiteral(", "));
}

QStringList issueSentences(const std::vector<config::ConfigIssue> &issues)
{
    QStringList sentences;
    for (const config::ConfigIssue &issue : issues) {
        QString name = QString::fromStdString(issue.where);
        if (!name.isEmpty())
            name[0] = name.at(0).toUpper();
        QString sentence = name + QStringLiteral(": ") + QString::fromStdString(issue.problem);
        if (!issue.hint.empty())
            sentence += QStringLiteral("; ") + QString::fromStdString(issue.hint);
        sentences << sentence + u'.';
    }
    return sentences;
}

QString policyName(config::StoreFailurePolicy policy)
{
    switch (policy) {
    case config::StoreFailurePolicy::Reject:
        return translated("Reject (503)");
    case config::StoreFailurePolicy::Allow:
        return translated("Allow (200)");
    case config::StoreFailurePolicy::Local:
        return translated("Go on locally");
    }
    return {};
}

QString configProblem(const engine::ConfigStatus &config)
{
    if (config.problem.empty() && !config.waitsForRestart.empty()) {
        QStringList names;
        for (const std::string &name : config.waitsForRestart)
            names << visibleText(name);
        return translated("Changed in the file, in force after a restart: %1").arg(names.join(QLatin1String{", "}));
    }
    const QString problem = visibleText(config.problem);
    return config.isRetried ? translated("%1. It is tried again until Redis answers.").arg(problem) : problem;
}

QString policyScope(const QString &limit)
{
    return translated("Of the limit \"%1\", which the Live page shows; each limit has its own on the Limits page")
        .arg(limit);
}

QString sendReportText(const engine::SendReport &report)
{
    QStringList parts;
    const auto add = [&parts](int count, const char *text) {
        if (count > 0)
            parts << translated(text).arg(count);
    };
    add(report.admitted, QT_TRANSLATE_NOOP("limit_words", "%1 admitted"));
    add(report.refused, QT_TRANSLATE_NOOP("limit_words", "%1 refused"));
    add(report.other, QT_TRANSLATE_NOOP("limit_words", "%1 other answers"));
    add(report.failed, QT_TRANSLATE_NOOP("limit_words", "%1 without answer"));
    QString sentence = translated("Sent: %1").arg(parts.join(QStringLiteral(", ")));
    if (!report.problem.empty())
        sentence += QStringLiteral(" (%1)").arg(QString::fromStdString(report.problem));
    return sentence;
}

} // namespace weir::ui
