// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/status_json.h"

#include <array>

#include <QJsonArray>

#include "core/admin/admin_answers.h"
#include "core/config/value_words.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;
using Instant = std::chrono::steady_clock::time_point;
using telemetry::DecidedBy;

double milliseconds(Micros time)
{
    return std::chrono::duration<double, std::milli>{time}.count();
}

double seconds(Micros time)
{
    return std::chrono::duration<double>{time}.count();
}

// Of a time that was never: null.
QJsonValue secondsSince(Instant then, Instant now)
{
    if (then == Instant{})
        return QJsonValue::Null;
    return seconds(std::chrono::floor<std::chrono::milliseconds>(now - then));
}

QJsonValue timeOrNull(std::int64_t ms)
{
    return ms == 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{qint64{ms}};
}

QJsonArray textsOf(const std::vector<std::string> &texts)
{
    QJsonArray array;
    for (const std::string &text : texts)
        array.append(textOf(text));
    return array;
}

QJsonObject noticeOf(const engine::LimitNotice &notice)
{
    return {{u"sentence"_s, textOf(notice.sentence)}, {u"at_ms"_s, timeOrNull(notice.atMs)}};
}

// "storeCalls" is store_calls_total.
QString nameOf(const telemetry::CounterRow &row)
{
    QString name;
    for (const char c : row.name)
        name += c >= 'A' && c <= 'Z' ? u'_' + QString{QChar::fromLatin1(c)}.toLower() : QString{QChar::fromLatin1(c)};
    if (row.number == &telemetry::Totals::inDoubt || row.number == &telemetry::Totals::leaseHeld)
        name += u"_tokens"_s;
    return row.kind == telemetry::CounterRow::Kind::Sum ? name + u"_total"_s : name;
}

QJsonObject requestsOf(const engine::Status &status)
{
    constexpr std::array kReasons{"malformed", "too_large", "too_slow", "unsupported", "too_many", "unread"};
    static_assert(kReasons.size() == telemetry::kTurnAwayReasons);
    QJsonObject object;
    for (const telemetry::CounterRow &row : telemetry::kCounters)
        object.insert(nameOf(row), qint64{status.totals.*row.number});
    QJsonObject decided;
    for (std::size_t i = 0; i < telemetry::kDeciders; ++i)
        decided.insert(wordOf(static_cast<DecidedBy>(i)), qint64{status.totals.decidedBy[i]});
    QJsonObject turnedAway;
    for (std::size_t i = 0; i < kReasons.size(); ++i)
        turnedAway.insert(QLatin1String{kReasons[i]}, qint64{status.totals.turnedAwayBy[i]});
    object.insert(u"decided_by_total"_s, decided);
    object.insert(u"turned_away_total"_s, turnedAway);
    object.insert(u"not_shown_total"_s, static_cast<qint64>(status.requestsNotShown));
    object.insert(u"decision_p50_ms"_s, milliseconds(status.decisionP50));
    object.insert(u"decision_p99_ms"_s, milliseconds(status.decisionP99));
    return object;
}

QJsonObject bucketOf(const engine::Status &status, Instant now)
{
    const engine::LevelApprox &level = status.level;
    const QJsonValue none{QJsonValue::Null};
    return {{u"limit"_s, textOf(status.limit.name)},
            {u"key"_s, textOf(status.subject)},
            {u"algorithm"_s, textOf(limit::nameOf(status.limit.spec.algorithm))},
            {u"capacity_tokens"_s, qint64{status.limit.spec.capacity}},
            {u"refill_tokens"_s, qint64{status.limit.spec.refill}},
            {u"every_seconds"_s, seconds(status.limit.spec.interval)},
            {u"on_store_failure"_s, textOf(config::kPolicyWords[static_cast<std::size_t>(status.onStoreFailure)])},
            {u"tokens"_s, level.isKnown ? QJsonValue{qint64{level.tokens}} : none},
            {u"next_refill_ms"_s, level.isKnown ? QJsonValue{milliseconds(level.nextRefill)} : none},
            {u"seen_seconds_ago"_s, level.isKnown ? secondsSince(level.observedAt, now) : none},
            {u"admitted_total"_s, qint64{level.admittedLifetime}},
            {u"refused_total"_s, qint64{level.refusedLifetime}}};
}

QJsonObject storeOf(const engine::StoreStatus &store)
{
    constexpr std::array kStates{"starting", "ready", "down"};
    return {{u"state"_s, QLatin1String{kStates[static_cast<std::size_t>(store.state)]}},
            {u"is_private"_s, store.isPrivate},
            {u"address"_s, textOf(store.address)},
            {u"is_awaited"_s, store.isAwaited},
            {u"version"_s, textOf(store.version)},
            {u"round_trip_ms"_s, milliseconds(store.roundTrip)},
            {u"problem"_s, textOf(store.problem)},
            {u"warnings"_s, textsOf(store.warnings)},
            {u"restarts_total"_s, store.restarts},
            {u"notice"_s, noticeOf({store.notice, store.noticeAtMs})}};
}

QJsonObject refillOf(const engine::RefillStatus &refill)
{
    return {{u"is_running"_s, refill.isRunning},
            {u"is_paused"_s, refill.isPaused},
            {u"is_on_demand"_s, refill.isOnDemand},
            {u"last_at_ms"_s, timeOrNull(refill.lastAtMs)},
            {u"last_tokens"_s, qint64{refill.lastTokens}},
            {u"last_level_tokens"_s, qint64{refill.lastLevel}},
            {u"last_by"_s, textOf(refill.lastBy)},
            {u"ticked_at_ms"_s, timeOrNull(refill.tickedAtMs)},
            {u"lateness_ms"_s, milliseconds(refill.lateness)},
            {u"worst_lateness_ms"_s, milliseconds(refill.worstLateness)},
            {u"late_ticks_total"_s, qint64{refill.lateTicks}}};
}

QJsonObject failureOf(const engine::FailureStatus &failure, Instant now)
{
    constexpr std::array kBreakers{"closed", "open", "half_open"};
    const QJsonValue none{QJsonValue::Null};
    return {{u"is_degraded"_s, failure.isDegraded},
            {u"degraded_seconds"_s, failure.isDegraded ? secondsSince(failure.since, now) : none},
            {u"decided_by"_s, wordOf(failure.by)},
            {u"breaker"_s, QLatin1String{kBreakers[static_cast<std::size_t>(failure.breaker)]}},
            {u"live_instances"_s, qint64{failure.liveInstances}},
            {u"is_unheard"_s, failure.isUnheard},
            {u"share_of"_s, qint64{failure.shareOf}},
            {u"spent_locally_tokens"_s, qint64{failure.spentLocally}},
            {u"outages_total"_s, qint64{failure.outages}},
            {u"exact_returns_total"_s, qint64{failure.exactReturns}},
            {u"excess_tokens_total"_s, qint64{failure.excess}},
            {u"in_doubt_tokens_total"_s, qint64{failure.tokensInDoubt}},
            {u"found_taken_tokens_total"_s, qint64{failure.foundTaken}},
            {u"states_lost_total"_s, qint64{failure.statesLost}},
            {u"clock_regressions_total"_s, qint64{failure.clockRegressions}},
            {u"undecided_why"_s, textOf(failure.undecidedWhy)},
            {u"is_all_undecided"_s, failure.isAllUndecided},
            {u"undecided_seconds"_s, failure.undecidedWhy.empty() ? none : secondsSince(failure.undecidedSince, now)}};
}

QJsonObject harmOf(const engine::Harm &harm)
{
    return {{u"is_link_cut"_s, harm.isLinkCut},
            {u"link_delay_ms"_s, qint64{harm.linkDelay.count()}},
            {u"is_server_hung"_s, harm.isServerHung},
            {u"clock_step_seconds"_s, qint64{harm.clockStep.count()}}};
}

QJsonObject configOf(const engine::ConfigStatus &config)
{
    return {{u"file"_s, textOf(config.file)},
            {u"read_at_ms"_s, timeOrNull(config.readAtMs)},
            {u"problem"_s, textOf(config.problem)},
            {u"waits_for_restart"_s, textsOf(config.waitsForRestart)},
            {u"is_retried"_s, config.isRetried}};
}

QJsonArray countsOf(const std::vector<engine::LimitCounts> &limits)
{
    QJsonArray array;
    for (const engine::LimitCounts &counts : limits)
        array.append(QJsonObject{{u"limit"_s, textOf(counts.limit)},
                                 {u"admitted_total"_s, qint64{counts.admitted}},
                                 {u"refused_total"_s, qint64{counts.refused}},
                                 {u"live_buckets"_s, qint64{counts.liveBuckets}},
                                 {u"overflows_total"_s, qint64{counts.overflows}},
                                 {u"impossible_total"_s, qint64{counts.impossible}},
                                 {u"would_refuse_total"_s, qint64{counts.wouldRefuse}},
                                 {u"undecided_total"_s, qint64{counts.undecided}},
                                 {u"refills_total"_s, qint64{counts.refills}},
                                 {u"tokens"_s, counts.tokens ? QJsonValue{qint64{*counts.tokens}} : QJsonValue::Null}});
    return array;
}

QJsonObject beforeOf(const history::Lifetime &before)
{
    return {{u"since_s"_s, timeOrNull(before.sinceS)},
            {u"admitted_total"_s, qint64{before.counts.admitted}},
            {u"refused_total"_s, qint64{before.counts.refused}},
            {u"undecided_total"_s, qint64{before.counts.undecided}},
            {u"without_store_total"_s, qint64{before.counts.withoutStore}},
            {u"other_total"_s, qint64{before.counts.other}}};
}

} // namespace

QJsonObject jsonOf(const engine::Status &status, Instant now)
{
    QJsonArray deeds;
    for (const engine::LimitNotice &deed : status.deeds)
        deeds.append(noticeOf(deed));
    return {{u"urls"_s, textsOf(status.urls)},
            {u"admin_url"_s, textOf(status.adminUrl)},
            {u"workers"_s, status.workers},
            {u"uptime_seconds"_s, secondsSince(status.startedAt, now)},
            {u"is_ready"_s, whyNotReady(status).empty()},
            {u"bucket"_s, bucketOf(status, now)},
            {u"limits"_s, countsOf(status.limits)},
            {u"requests"_s, requestsOf(status)},
            {u"store"_s, storeOf(status.store)},
            {u"refill"_s, refillOf(status.refill)},
            {u"failure"_s, failureOf(status.failure, now)},
            {u"lease"_s, QJsonObject{{u"most_tokens"_s, qint64{status.lease.most}},
                                     {u"held_tokens"_s, qint64{status.lease.held}},
                                     {u"bound_tokens"_s, qint64{status.lease.bound}}}},
            {u"harm"_s, harmOf(status.harm)},
            {u"config"_s, configOf(status.config)},
            {u"notice"_s, noticeOf(status.notice)},
            {u"proxy_warning"_s, textOf(status.proxyWarning)},
            {u"deeds"_s, deeds},
            {u"before"_s, beforeOf(status.before)},
            {u"history_problem"_s, textOf(status.historyProblem)}};
}

std::string whyNotReady(const engine::Status &status)
{
    const engine::FailureStatus &failure = status.failure;
    if (failure.isAllUndecided)
        return "Every request is answered 503: " + failure.undecidedWhy + ".";
    if (status.store.state == engine::StoreStatus::State::Starting)
        return "Redis has not answered yet.";
    std::string why = status.store.problem.empty() ? "Redis does not answer" : status.store.problem;
    if (!why.ends_with('.'))
        why += '.';
    if (status.store.state == engine::StoreStatus::State::Down)
        return why;
    if (!failure.isDegraded)
        return {};
    if (failure.by == DecidedBy::Local)
        return "This process decides by itself: Redis was away, and what was decided meanwhile is not entered yet.";
    return "Not every worker of this process reaches Redis.";
}

QString wordOf(DecidedBy by)
{
    constexpr std::array kWords{"nobody", "store", "local", "allow", "reject"};
    static_assert(kWords.size() == telemetry::kDeciders);
    return QLatin1String{kWords[static_cast<std::size_t>(by)]};
}

} // namespace weir::admin
