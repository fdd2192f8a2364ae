// SPDX-License-Identifier: GPL-3.0-only
#include "core/remote/status_reading.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QJsonArray>

#include "core/config/value_words.h"

namespace weir::remote {
namespace {

using namespace Qt::StringLiterals;
using Instant = std::chrono::steady_clock::time_point;

constexpr double kLongestS = 1.0e9; // 32 years; what is longer is no time of a Weir

template<class Enum, std::size_t N>
Enum wordOf(const QJsonValue &word, const std::array<const char *, N> &words, Enum otherwise)
{
    const QString said = word.toString();
    const auto found =
        std::find_if(words.begin(), words.end(), [&said](const char *one) { return said == QLatin1String{one}; });
    return found == words.end() ? otherwise : static_cast<Enum>(found - words.begin());
}

Instant ago(const QJsonValue &seconds, Instant now)
{
    if (!seconds.isDouble())
        return {};
    const double age = std::clamp(seconds.toDouble(), 0.0, kLongestS);
    return now - std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>{age});
}

std::vector<std::string> textsOf(const QJsonValue &list)
{
    std::vector<std::string> texts;
    for (const QJsonValue &text : list.toArray())
        texts.push_back(textOf(text));
    return texts;
}

engine::LimitNotice noticeOf(const QJsonValue &notice)
{
    return {textOf(notice[u"sentence"]), notice[u"at_ms"].toInteger()};
}

// As core/admin/status_json.cpp names it.
QString nameOf(const telemetry::CounterRow &row)
{
    QString name;
    for (const char c : row.name)
        name += c >= 'A' && c <= 'Z' ? u'_' + QString{QChar::fromLatin1(c)}.toLower() : QString{QChar::fromLatin1(c)};
    if (row.number == &telemetry::Totals::inDoubt || row.number == &telemetry::Totals::leaseHeld)
        name += u"_tokens"_s;
    return row.kind == telemetry::CounterRow::Kind::Sum ? name + u"_total"_s : name;
}

telemetry::Totals totalsOf(const QJsonObject &requests)
{
    constexpr std::array kDecidedBy{"nobody", "store", "local", "allow", "reject"};
    constexpr std::array kReasons{"malformed", "too_large", "too_slow", "unsupported", "too_many", "unread"};
    static_assert(kDecidedBy.size() == telemetry::kDeciders && kReasons.size() == telemetry::kTurnAwayReasons);
    telemetry::Totals totals;
    for (const telemetry::CounterRow &row : telemetry::kCounters)
        totals.*row.number = requests.value(nameOf(row)).toInteger();
    const QJsonObject decided = requests.value(u"decided_by_total"_s).toObject();
    for (std::size_t i = 0; i < kDecidedBy.size(); ++i)
        totals.decidedBy[i] = decided.value(QLatin1String{kDecidedBy[i]}).toInteger();
    const QJsonObject turnedAway = requests.value(u"turned_away_total"_s).toObject();
    for (std::size_t i = 0; i < kReasons.size(); ++i)
        totals.turnedAwayBy[i] = turnedAway.value(QLatin1String{kReasons[i]}).toInteger();
    return totals;
}

config::StoreFailurePolicy policyOf(const QJsonValue &word)
{
    const auto found = std::find(config::kPolicyWords.begin(), config::kPolicyWords.end(), textOf(word));
    return found == config::kPolicyWords.end()
               ? config::StoreFailurePolicy{}
               : static_cast<config::StoreFailurePolicy>(found - config::kPolicyWords.begin());
}

void readBucket(const QJsonObject &bucket, Instant now, engine::Status &status)
{
    status.limit.name = textOf(bucket.value(u"limit"_s));
    status.subject = textOf(bucket.value(u"key"_s));
    limit::LimitSpec &spec = status.limit.spec;
    spec.algorithm = limit::algorithmOf(textOf(bucket.value(u"algorithm"_s))).value_or(spec.algorithm);
    spec.capacity = std::clamp(limit::Tokens{bucket.value(u"capacity_tokens"_s).toInteger(spec.capacity)},
                               limit::kMinCapacity, limit::kMaxCapacity);
    spec.refill = std::clamp(limit::Tokens{bucket.value(u"refill_tokens"_s).toInteger(spec.refill)}, limit::Tokens{1},
                             spec.capacity);
    const double interval = bucket.value(u"every_seconds"_s).toDouble() * 1.0e6;
    spec.interval = Micros{std::llround(std::clamp(interval, static_cast<double>(limit::kMinInterval.count()),
                                                   static_cast<double>(limit::kMaxInterval.count())))};
    status.onStoreFailure = policyOf(bucket.value(u"on_store_failure"_s));
    engine::LevelApprox &level = status.level;
    level.isKnown = bucket.value(u"tokens"_s).isDouble();
    level.tokens = bucket.value(u"tokens"_s).toInteger();
    level.nextRefill = microsOf(bucket.value(u"next_refill_ms"_s));
    level.observedAt = ago(bucket.value(u"seen_seconds_ago"_s), now);
    level.admittedLifetime = bucket.value(u"admitted_total"_s).toInteger();
    level.refusedLifetime = bucket.value(u"refused_total"_s).toInteger();
}

engine::StoreStatus storeOf(const QJsonObject &said)
{
    using State = engine::StoreStatus::State;
    engine::StoreStatus store;
    store.state = wordOf(said.value(u"state"_s), std::array{"starting", "ready", "down"}, State::Starting);
    store.isPrivate = said.value(u"is_private"_s).toBool();
    store.address = textOf(said.value(u"address"_s));
    store.isAwaited = said.value(u"is_awaited"_s).toBool();
    store.version = textOf(said.value(u"version"_s));
    store.roundTrip = microsOf(said.value(u"round_trip_ms"_s));
    store.problem = textOf(said.value(u"problem"_s));
    store.warnings = textsOf(said.value(u"warnings"_s));
    store.restarts = said.value(u"restarts_total"_s).toInt();
    const engine::LimitNotice notice = noticeOf(said.value(u"notice"_s));
    store.notice = notice.sentence;
    store.noticeAtMs = notice.atMs;
    return store;
}

engine::RefillStatus refillOf(const QJsonObject &said)
{
    engine::RefillStatus refill;
    refill.isRunning = said.value(u"is_running"_s).toBool();
    refill.isPaused = said.value(u"is_paused"_s).toBool();
    refill.isOnDemand = said.value(u"is_on_demand"_s).toBool(true);
    refill.lastAtMs = said.value(u"last_at_ms"_s).toInteger();
    refill.lastTokens = said.value(u"last_tokens"_s).toInteger();
    refill.lastLevel = said.value(u"last_level_tokens"_s).toInteger();
    refill.lastBy = textOf(said.value(u"last_by"_s));
    refill.tickedAtMs = said.value(u"ticked_at_ms"_s).toInteger();
    refill.lateness = microsOf(said.value(u"lateness_ms"_s));
    refill.worstLateness = microsOf(said.value(u"worst_lateness_ms"_s));
    refill.lateTicks = said.value(u"late_ticks_total"_s).toInteger();
    return refill;
}

engine::FailureStatus failureOf(const QJsonObject &said, Instant now)
{
    using Breaker = engine::CircuitBreaker::State;
    engine::FailureStatus failure;
    failure.isDegraded = said.value(u"is_degraded"_s).toBool();
    failure.since = ago(said.value(u"degraded_seconds"_s), now);
    failure.by = decidedBy(said.value(u"decided_by"_s));
    failure.breaker = wordOf(said.value(u"breaker"_s), std::array{"closed", "open", "half_open"}, Breaker::Closed);
    failure.liveInstances = said.value(u"live_instances"_s).toInteger(1);
    failure.isUnheard = said.value(u"is_unheard"_s).toBool();
    failure.shareOf = said.value(u"share_of"_s).toInteger(1);
    failure.spentLocally = said.value(u"spent_locally_tokens"_s).toInteger();
    failure.outages = said.value(u"outages_total"_s).toInteger();
    failure.exactReturns = said.value(u"exact_returns_total"_s).toInteger();
    failure.excess = said.value(u"excess_tokens_total"_s).toInteger();
    failure.tokensInDoubt = said.value(u"in_doubt_tokens_total"_s).toInteger();
    failure.foundTaken = said.value(u"found_taken_tokens_total"_s).toInteger();
    failure.statesLost = said.value(u"states_lost_total"_s).toInteger();
    failure.clockRegressions = said.value(u"clock_regressions_total"_s).toInteger();
    failure.undecidedWhy = textOf(said.value(u"undecided_why"_s));
    failure.isAllUndecided = said.value(u"is_all_undecided"_s).toBool();
    failure.undecidedSince = ago(said.value(u"undecided_seconds"_s), now);
    return failure;
}

std::vector<engine::LimitCounts> countsOf(const QJsonArray &said)
{
    std::vector<engine::LimitCounts> limits;
    for (const QJsonValue &one : said) {
        engine::LimitCounts counts;
        counts.limit = textOf(one[u"limit"]);
        counts.admitted = one[u"admitted_total"].toInteger();
        counts.refused = one[u"refused_total"].toInteger();
        counts.liveBuckets = one[u"live_buckets"].toInteger();
        counts.overflows = one[u"overflows_total"].toInteger();
        counts.impossible = one[u"impossible_total"].toInteger();
        counts.wouldRefuse = one[u"would_refuse_total"].toInteger();
        counts.undecided = one[u"undecided_total"].toInteger();
        counts.refills = one[u"refills_total"].toInteger();
        if (one[u"tokens"].isDouble())
            counts.tokens = one[u"tokens"].toInteger();
        limits.push_back(std::move(counts));
    }
    return limits;
}

engine::ConfigStatus configOf(const QJsonObject &said)
{
    return {textOf(said.value(u"file"_s)), said.value(u"read_at_ms"_s).toInteger(), textOf(said.value(u"problem"_s)),
            textsOf(said.value(u"waits_for_restart"_s)), said.value(u"is_retried"_s).toBool()};
}

history::Lifetime beforeOf(const QJsonObject &said)
{
    history::Lifetime before;
    before.sinceS = said.value(u"since_s"_s).toInteger();
    before.counts.admitted = said.value(u"admitted_total"_s).toInteger();
    before.counts.refused = said.value(u"refused_total"_s).toInteger();
    before.counts.undecided = said.value(u"undecided_total"_s).toInteger();
    before.counts.withoutStore = said.value(u"without_store_total"_s).toInteger();
    before.counts.other = said.value(u"other_total"_s).toInteger();
    return before;
}

} // namespace

engine::Status statusOf(const QJsonObject &said, Instant now)
{
    const auto part = [&said](const QString &name) { return said.value(name).toObject(); };
    engine::Status status;
    status.urls = textsOf(said.value(u"urls"_s));
    status.adminUrl = textOf(said.value(u"admin_url"_s));
    status.workers = said.value(u"workers"_s).toInt();
    status.startedAt = ago(said.value(u"uptime_seconds"_s), now);
    readBucket(part(u"bucket"_s), now, status);
    status.limits = countsOf(said.value(u"limits"_s).toArray());
    const QJsonObject requests = part(u"requests"_s);
    status.totals = totalsOf(requests);
    status.requestsNotShown = static_cast<std::uint64_t>(requests.value(u"not_shown_total"_s).toInteger());
    status.decisionP50 = microsOf(requests.value(u"decision_p50_ms"_s));
    status.decisionP99 = microsOf(requests.value(u"decision_p99_ms"_s));
    status.store = storeOf(part(u"store"_s));
    status.refill = refillOf(part(u"refill"_s));
    status.failure = failureOf(part(u"failure"_s), now);
    const QJsonObject lease = part(u"lease"_s), harm = part(u"harm"_s);
    status.lease = {lease.value(u"most_tokens"_s).toInteger(), lease.value(u"held_tokens"_s).toInteger(),
                    lease.value(u"bound_tokens"_s).toInteger()};
    status.harm = {harm.value(u"is_link_cut"_s).toBool(),
                   std::chrono::milliseconds{harm.value(u"link_delay_ms"_s).toInteger()},
                   harm.value(u"is_server_hung"_s).toBool(),
                   std::chrono::seconds{harm.value(u"clock_step_seconds"_s).toInteger()}};
    status.config = configOf(part(u"config"_s));
    status.notice = noticeOf(said.value(u"notice"_s));
    status.proxyWarning = textOf(said.value(u"proxy_warning"_s));
    for (const QJsonValue &deed : said.value(u"deeds"_s).toArray())
        status.deeds.push_back(noticeOf(deed));
    status.before = beforeOf(part(u"before"_s));
    status.historyProblem = textOf(said.value(u"history_problem"_s));
    return status;
}

telemetry::DecidedBy decidedBy(const QJsonValue &word)
{
    using telemetry::DecidedBy;
    return wordOf(word, std::array{"nobody", "store", "local", "allow", "reject"}, DecidedBy::Nobody);
}

Micros microsOf(const QJsonValue &milliseconds)
{
    constexpr double kMostMs = 1.0e15; // times since 1970 are among them
    return Micros{std::llround(std::clamp(milliseconds.toDouble(), -kMostMs, kMostMs) * 1000.0)};
}

std::string textOf(const QJsonValue &text)
{
    return text.toString().toStdString();
}

} // namespace weir::remote
