// SPDX-License-Identifier: GPL-3.0-only
#include "ui/words/limit_words.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <array>

#include "core/config/key_text.h"
#include "core/limit/promise.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"

namespace weir::ui {
namespace {

using config::KeyPart;
using limit::Algorithm;

QString translated(const char *text)
{
    return QCoreApplication::translate("rule_words", text);
}

struct Unit {
    std::int64_t micros;
    const char *per;
    const char *sign;
};
constexpr std::array kUnits{
    Unit{1'000'000, QT_TRANSLATE_NOOP("rule_words", "%1 per second"), "s"},
    Unit{60'000'000, QT_TRANSLATE_NOOP("rule_words", "%1 per minute"), "min"},
    Unit{3'600'000'000, QT_TRANSLATE_NOOP("rule_words", "%1 per hour"), "h"},
    Unit{86'400'000'000, QT_TRANSLATE_NOOP("rule_words", "%1 per day"), "d"},
};

/// Between two tokens that come one by one: "12 s", "about 333 ms"; empty when nobody could tell them apart.
QString stepWords(const limit::LimitSpec &spec)
{
    const std::int64_t step = spec.interval.count() / spec.refill;
    if (step < 1000)
        return {};
    if (spec.interval.count() % spec.refill == 0)
        return format::duration(Micros{step});
    const Unit *unit = nullptr;
    for (const Unit &each : kUnits)
        unit = step >= each.micros ? &each : unit;
    if (!unit)
        return translated("about %1").arg(format::took(Micros{step}));
    const double number = static_cast<double>(step) / static_cast<double>(unit->micros);
    return translated("about %1 %2").arg(QString::number(number, 'g', 3), QLatin1String(unit->sign));
}

QString partName(const KeyPart &part)
{
    const QString name = QString::fromStdString(part.name);
    switch (part.kind) {
    case KeyPart::Kind::Ip:
        break;
    case KeyPart::Kind::Header:
        return translated("header %1").arg(name);
    case KeyPart::Kind::Cookie:
        return translated("cookie %1").arg(name);
    case KeyPart::Kind::Query:
        return translated("parameter %1").arg(name);
    case KeyPart::Kind::Method:
        return translated("method");
    case KeyPart::Kind::Path:
        return name.isEmpty() ? translated("path") : translated("segment %1 of the path").arg(name);
    }
    return translated("IP address");
}

QString whoever(const std::vector<KeyPart> &key)
{
    if (key.empty())
        return translated("All requests together");
    if (key.size() > 1)
        return translated("Each combination of %1").arg(keyName(key));
    const KeyPart &part = key.front();
    const bool isItself = part.kind == KeyPart::Kind::Ip || part.kind == KeyPart::Kind::Method
                          || (part.kind == KeyPart::Kind::Path && part.name.empty());
    return (isItself ? translated("Each %1") : translated("Each value of %1")).arg(partName(part));
}

/// Of requests that do not have what names the bucket; empty: all have it.
QString withoutKeyWords(const config::LimitEntry &entry)
{
    const std::vector<KeyPart> &key = entry.key;
    QStringList parts;
    for (const KeyPart &part : key)
        if (config::mayBeMissing(part))
            parts << partName(part);
    if (parts.isEmpty())
        return {};
    const QString any = parts.join(translated(" or the "));
    if (entry.withoutKey == config::WithoutKey::Unlimited)
        return translated("It is not for requests without the %1.").arg(any);
    if (entry.withoutKey == config::WithoutKey::Refused)
        return translated("Requests without the %1 are turned away with 403.").arg(any);
    return key.size() == 1 ? translated("All requests without the %1 share one bucket, “(none)”.").arg(parts.first())
                           : translated("Without the %1 a request counts as “(none)” in its place.").arg(any);
}

bool isFree(const config::RequestCost &cost)
{
    const auto isNothing = [](const config::RouteCost &route) { return route.cost == 0; };
    return cost.cost == 0 && cost.header.empty() && std::all_of(cost.routes.begin(), cost.routes.end(), isNothing);
}

/// Requests while each of them costs one token, tokens otherwise.
struct Amounts {
    bool areRequests;

    explicit Amounts(const config::RequestCost &cost)
        : areRequests{cost.cost == 1 && cost.routes.empty() && cost.header.empty()}
    {
    }
    [[nodiscard]] QString may() const { return areRequests ? translated("may send") : translated("may spend"); }
    [[nodiscard]] QString of(limit::Tokens number) const
    {
        if (!areRequests)
            return format::tokens(number);
        return number == 1 ? translated("1 request") : translated("%1 requests").arg(format::count(number));
    }
};

QString withStep(const limit::LimitSpec &spec)
{
    const QString rate = amountPer(spec.refill, spec.interval);
    const QString step = stepWords(spec);
    return step.isEmpty() || spec.refill == 1 ? rate : translated("%1 (one every %2)").arg(rate, step);
}

QString bucketMeaning(const config::LimitEntry &entry, const QString &who, const Amounts &amounts)
{
    const limit::LimitSpec &spec = entry.spec;
    const QString all = amounts.of(spec.capacity);
    const QString most = format::count(limit::mostWithin(spec, spec.interval));
    const QString interval = format::duration(spec.interval);
    switch (spec.algorithm) {
    case Algorithm::TokenBucketSmooth:
        return translated("%1 %2 %3 at once and %4 after that; at most %5 in any %6.")
            .arg(who, amounts.may(), all, withStep(spec), most, interval);
    case Algorithm::Gcra:
        return translated("%1 %2 %4 at an even pace, and %3 at once after a pause; at most %5 in any %6.")
            .arg(who, amounts.may(), all, withStep(spec), most, interval);
    case Algorithm::LeakyBucket:
        return translated("%1 may fill a queue of %2, which empties by %3; while it is full, more are refused: at "
                          "most %4 in any %5.")
            .arg(who, all, withStep(spec), most, interval);
    default:
        return translated("%1 %2 %3 at once and %4 after that; around a refill at most %5 in a moment.")
            .arg(who, amounts.may(), all, amountPer(spec.refill, spec.interval), most);
    }
}

QString windowMeaning(const config::LimitEntry &entry, const QString &who, const Amounts &amounts)
{
    const limit::LimitSpec &spec = entry.spec;
    const QString all = amounts.of(spec.capacity);
    const QString most = format::count(limit::mostWithin(spec, spec.interval));
    const QString interval = format::duration(spec.interval);
    switch (spec.algorithm) {
    case Algorithm::SlidingLog:
        return translated("%1 %2 %3 in any stretch of %4, exactly: each one is remembered.")
            .arg(who, amounts.may(), all, interval);
    case Algorithm::SlidingCounter:
        return translated("%1 %2 %3 at once and about as many in any stretch of %4, at the very worst %5: what the "
                          "window before took counts by its share.")
            .arg(who, amounts.may(), all, interval, most);
    default:
        return translated("%1 %2 %3 in each window of %4; all windows begin at the same moments, so around an edge at "
                          "most %5 in a moment.")
            .arg(who, amounts.may(), all, interval, most);
    }
}

QString startName(limit::StartLevel start)
{
    return start == limit::StartLevel::Full ? translated("full") : translated("empty");
}

QString orElse(const QString &text, const char *otherwise)
{
    return text.isEmpty() ? translated(otherwise) : QString(text).replace(u'\n', QStringLiteral("; "));
}

QString headerWords(const config::HeaderMatch &header)
{
    const QString name = QString::fromStdString(header.name);
    if (header.kind != config::HeaderMatch::Kind::Value)
        return (header.kind == config::HeaderMatch::Kind::Present ? translated("with %1") : translated("without %1"))
            .arg(name);
    QStringList values{QString::fromStdString(header.value)};
    for (const std::string &other : header.others)
        values << QString::fromStdString(other);
    return name + QStringLiteral(": ") + values.join(translated(" or "));
}

QString genericName(LimitField field)
{
    for (const config::PlainField &plain : config::plainFields())
        if (plain.field == field)
            return translated(plain.label);
    return {};
}

} // namespace

QString algorithmName(Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::TokenBucket:
        break;
    case Algorithm::TokenBucketSmooth:
        return translated("Token bucket, smooth");
    case Algorithm::Gcra:
        return translated("GCRA");
    case Algorithm::LeakyBucket:
        return translated("Leaky bucket");
    case Algorithm::FixedWindow:
        return translated("Fixed window");
    case Algorithm::SlidingLog:
        return translated("Sliding window log");
    case Algorithm::SlidingCounter:
        return translated("Sliding window counter");
    }
    return translated("Token bucket");
}

QString algorithmHint(Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::TokenBucket:
        break;
    case Algorithm::TokenBucketSmooth:
        return translated("The same tokens, spread evenly over the interval");
    case Algorithm::Gcra:
        return translated("An even pace with a burst after a pause; one number per bucket");
    case Algorithm::LeakyBucket:
        return translated("A queue that empties evenly and refuses when it is full");
    case Algorithm::FixedWindow:
        return translated("So many in each interval of the clock; twice as many around its edge");
    case Algorithm::SlidingLog:
        return translated("So many in any stretch of time, exactly; remembers every request");
    case Algorithm::SlidingCounter:
        return translated("Nearly the same with two numbers per bucket");
    }
    return translated("Tokens come at the start of each interval");
}

NumberNames numberNames(Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::TokenBucket:
    case Algorithm::TokenBucketSmooth:
        break;
    case Algorithm::Gcra:
        return {translated("Burst"), translated("Pace"), translated("per")};
    case Algorithm::LeakyBucket:
        return {translated("Queue"), translated("Outflow"), translated("every")};
    case Algorithm::FixedWindow:
    case Algorithm::SlidingLog:
    case Algorithm::SlidingCounter:
        return {translated("At most"), {}, translated("within")};
    }
    return {translated("Capacity"), translated("Refill"), translated("every")};
}

QString amountPer(limit::Tokens amount, Micros interval)
{
    for (const Unit &unit : kUnits) {
        if (interval.count() == unit.micros)
            return translated(unit.per).arg(format::count(amount));
    }
    return translated("%1 every %2").arg(format::count(amount), format::duration(interval));
}

QString matchWords(const config::RequestMatch &match)
{
    QStringList words;
    QStringList methods;
    for (const std::string &method : match.methods)
        methods << QString::fromStdString(method);
    if (!methods.isEmpty())
        words << methods.join(QStringLiteral(", "));
    if (!match.path.empty())
        words << QString::fromStdString(match.path);
    QStringList parts;
    if (!words.isEmpty())
        parts << words.join(u' ');
    if (match.networks.size() == 1)
        parts << translated("from %1").arg(QString::fromStdString(printNetwork(match.networks.front())));
    else if (!match.networks.empty())
        parts << translated("from %1 networks").arg(match.networks.size());
    for (const config::HeaderMatch &header : match.headers)
        parts << headerWords(header);
    return parts.isEmpty() ? translated("every request") : parts.join(QStringLiteral(" · "));
}

QString keyName(const std::vector<KeyPart> &key)
{
    QStringList names;
    for (const KeyPart &part : key)
        names << partName(part);
    return names.isEmpty() ? translated("one for all") : names.join(QStringLiteral(", "));
}

QString cardWords(const config::LimitEntry &entry)
{
    const QString match =
        entry.isOtherwise ? translated("otherwise: %1").arg(matchWords(entry.match)) : matchWords(entry.match);
    return entry.key.empty() ? match : translated("%1 · by %2").arg(match, keyName(entry.key));
}

QString numberWords(const limit::LimitSpec &spec)
{
    const bool isWindow = limit::isWindow(spec.algorithm);
    QString words = algorithmName(spec.algorithm) + QStringLiteral(" · ")
                    + amountPer(isWindow ? spec.capacity : spec.refill, spec.interval);
    if (!isWindow && (spec.capacity != spec.refill || spec.algorithm == Algorithm::Gcra))
        words += spec.algorithm == Algorithm::LeakyBucket ? translated(", queue %1").arg(format::count(spec.capacity))
                                                          : translated(", burst %1").arg(format::count(spec.capacity));
    return words;
}

QString entryMeaning(const config::LimitEntry &entry)
{
    const Amounts amounts(entry.cost);
    const QString who = whoever(entry.key);
    QString meaning =
        limit::isWindow(entry.spec.algorithm) ? windowMeaning(entry, who, amounts) : bucketMeaning(entry, who, amounts);
    if (isFree(entry.cost))
        meaning = translated("Every request costs nothing: it is let through and counted, and no token is taken.");
    else if (const QString without = withoutKeyWords(entry); !without.isEmpty())
        meaning += u' ' + without;
    if (entry.cost.cost == 0 && !isFree(entry.cost))
        meaning += u' ' + translated("A request that no route or header prices costs nothing.");
    if (!entry.isOn)
        return meaning + u' ' + translated("It is off: no request is asked.");
    if (entry.isOtherwise)
        meaning += u' ' + translated("Only for requests that no limit above it is for.");
    if (entry.isShadow)
        meaning += u' ' + translated("As a shadow it counts what it would refuse, and lets it through.");
    return meaning;
}

QString wordName(LimitField field, std::string_view word)
{
    struct Name {
        LimitField field;
        std::string_view word;
        const char *name;
    };
    static constexpr Name kNames[] = {
        {LimitField::WithoutKey, "bucket", QT_TRANSLATE_NOOP("rule_words", "one bucket for all such")},
        {LimitField::WithoutKey, "unlimited", QT_TRANSLATE_NOOP("rule_words", "not limited")},
        {LimitField::WithoutKey, "refused", QT_TRANSLATE_NOOP("rule_words", "refused (403)")},
        {LimitField::HashKey, "credentials", QT_TRANSLATE_NOOP("rule_words", "of Authorization and cookies")},
        {LimitField::HashKey, "false", QT_TRANSLATE_NOOP("rule_words", "none")},
        {LimitField::HashKey, "true", QT_TRANSLATE_NOOP("rule_words", "all")},
    };
    for (const Name &name : kNames)
        if (name.field == field && name.word == word)
            return translated(name.name);
    return QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size()));
}

QString fieldName(LimitField field, Algorithm algorithm)
{
    switch (field) {
    case LimitField::Name:
        break;
    case LimitField::IsOn:
        return translated("switched");
    case LimitField::IsShadow:
        return translated("shadow");
    case LimitField::Methods:
        return translated("methods");
    case LimitField::Path:
        return translated("path");
    case LimitField::Networks:
        return translated("networks");
    case LimitField::Headers:
        return translated("headers");
    case LimitField::Key:
        return translated("one bucket per");
    case LimitField::Algorithm:
        return translated("algorithm");
    case LimitField::Capacity:
        return numberNames(algorithm).capacity.toLower();
    case LimitField::Refill:
        return numberNames(algorithm).refill.toLower();
    case LimitField::Every:
        return numberNames(algorithm).every;
    case LimitField::Start:
        return translated("new buckets");
    case LimitField::Cost:
        return translated("cost");
    case LimitField::Routes:
        return translated("cost by route");
    case LimitField::CostHeader:
        return translated("cost from header");
    case LimitField::OnStoreFailure:
        return translated("if Redis fails");
    default:
        return genericName(field);
    }
    return translated("name");
}

QString fieldWords(LimitField field, const config::LimitEntry &entry)
{
    const LimitText texts = textOf(entry);
    switch (field) {
    case LimitField::IsOn:
        return entry.isOn ? translated("on") : translated("off");
    case LimitField::IsShadow:
        return entry.isShadow ? translated("yes") : translated("no");
    case LimitField::Methods:
    case LimitField::Path:
    case LimitField::Networks:
    case LimitField::Headers:
        return orElse(texts[field], QT_TRANSLATE_NOOP("rule_words", "any"));
    case LimitField::Key:
        return entry.key.empty() ? translated("nobody: one for all") : keyName(entry.key);
    case LimitField::Algorithm:
        return algorithmName(entry.spec.algorithm);
    case LimitField::Capacity:
        return format::count(entry.spec.capacity);
    case LimitField::Refill:
        return format::count(entry.spec.refill);
    case LimitField::Every:
        return format::duration(entry.spec.interval);
    case LimitField::Start:
        return startName(entry.spec.start);
    case LimitField::Cost:
        return format::count(entry.cost.cost);
    case LimitField::Routes:
    case LimitField::CostHeader:
        return orElse(texts[field], QT_TRANSLATE_NOOP("rule_words", "none"));
    case LimitField::OnStoreFailure:
        return policyName(entry.onStoreFailure);
    case LimitField::WithoutKey:
    case LimitField::HashKey:
        return wordName(field, texts[field].toStdString());
    default:
        break;
    }
    const bool isSwitch = texts[field] == kYes || texts[field] == kNo;
    return isSwitch ? translated(texts[field] == kYes ? "yes" : "no") : texts[field];
}

} // namespace weir::ui
