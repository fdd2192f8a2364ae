// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/metrics_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace weir::admin {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Upper bounds of weir_decision_seconds, microseconds: 64 us to 4 s, and around the target (25 ms) and the promise
// (100 ms). Each is an edge of LatencyHistogram, so that no decision is told on the wrong side of one.
constexpr std::array<std::int64_t, 20> kDecisionBounds{
    64,     128,    256,    512,    1'024,   2'048,   4'096,   8'192,     16'384,    24'576,
    32'768, 49'152, 65'536, 98'304, 131'072, 262'144, 524'288, 1'048'576, 2'097'152, 4'194'304};

double seconds(std::uint64_t micros)
{
    return static_cast<double>(micros) / 1e6;
}

double seconds(Micros micros)
{
    return static_cast<double>(micros.count()) / 1e6;
}

/// All samples of one name.
class Family {
public:
    Family(const char *name, MetricType type, const char *help)
    {
        m_family.name = name;
        m_family.type = type;
        m_family.help = help;
    }
    template<class Number>
    void add(Labels labels, Number value)
    {
        ClientMetric &metric = m_family.metric.emplace_back();
        metric.label = std::move(labels);
        if (m_family.type == MetricType::Counter)
            metric.counter.value = static_cast<double>(value);
        else
            metric.gauge.value = static_cast<double>(value);
    }
    void add(ClientMetric::Histogram histogram) { m_family.metric.emplace_back().histogram = std::move(histogram); }
    [[nodiscard]] MetricFamily take() { return std::move(m_family); }

private:
    MetricFamily m_family;
};

/// Collects families; one without samples is left out.
class Page {
public:
    Family counter(const char *name, const char *help) { return {name, MetricType::Counter, help}; }
    Family gauge(const char *name, const char *help) { return {name, MetricType::Gauge, help}; }
    void add(Family family)
    {
        if (MetricFamily whole = family.take(); !whole.metric.empty())
            m_families.push_back(std::move(whole));
    }
    template<class Number>
    void addCounter(const char *name, Number value, const char *help)
    {
        Family family = counter(name, help);
        family.add({}, value);
        add(std::move(family));
    }
    template<class Number>
    void addGauge(const char *name, Number value, const char *help)
    {
        Family family = gauge(name, help);
        family.add({}, value);
        add(std::move(family));
    }
    void addHistogram(const char *name, ClientMetric::Histogram histogram, const char *help)
    {
        Family family{name, MetricType::Histogram, help};
        family.add(std::move(histogram));
        add(std::move(family));
    }
    [[nodiscard]] std::string text() const { return prometheus::TextSerializer{}.Serialize(m_families); }

private:
    std::vector<MetricFamily> m_families;
};

const char *nameOf(telemetry::TurnAwayReason reason)
{
    using Reason = telemetry::TurnAwayReason;
    switch (reason) {
    case Reason::Malformed:
        return "malformed";
    case Reason::TooLarge:
        return "too_large";
    case Reason::TooSlow:
        return "too_slow";
    case Reason::Unsupported:
        return "unsupported";
    case Reason::TooMany:
        return "too_many";
    case Reason::Unread:
        break;
    }
    return "unread";
}

void addBuild(Page &page, const BuildInfo &build)
{
    Family info = page.gauge("weir_build_info", "Always 1; the labels say which Weir this is.");
    Labels labels{{"version", build.version}, {"qt", build.qt}};
    if (!build.commit.empty())
        labels.push_back({"commit", build.commit});
    info.add(std::move(labels), 1);
    page.add(std::move(info));
}

// Whole requests: each is in one of them.
void addRequests(Page &page, const telemetry::Totals &totals)
{
    using telemetry::DecidedBy;
    Family answers = page.counter(
        "weir_answers_total", "Requests answered, by outcome; each request once. unlimited: the store was away and a "
                              "limit says allow; unavailable: answered 503 because nobody decided; exempt: no limit "
                              "was for it; blocked: 403.");
    answers.add({{"outcome", "admitted"}}, totals.admitted);
    answers.add({{"outcome", "refused"}}, totals.refused);
    answers.add({{"outcome", "unlimited"}}, totals.decided(DecidedBy::Allow));
    answers.add({{"outcome", "unavailable"}}, totals.rejected());
    answers.add({{"outcome", "exempt"}}, totals.exempt);
    answers.add({{"outcome", "blocked"}}, totals.blocked);
    page.add(std::move(answers));

    Family decided = page.counter(
        "weir_decided_total", "Requests that asked for a decision, by who decided: Redis, this process by itself, or "
                              "the policy for when Redis is away (allow or reject).");
    decided.add({{"by", "redis"}}, totals.decided(DecidedBy::Store));
    decided.add({{"by", "local"}}, totals.decided(DecidedBy::Local));
    decided.add({{"by", "allow"}}, totals.decided(DecidedBy::Allow));
    decided.add({{"by", "reject"}}, totals.decided(DecidedBy::Reject));
    page.add(std::move(decided));
}

// The samples of limits; those of the configuration and of the counts may be of different moments.
void addLimits(Page &page, const config::LimitSet &limits, const std::vector<engine::LimitCounts> &counts)
{
    Family requests =
        page.counter("weir_requests_total",
                     "What each limit said to requests. A request that several limits are for is in each that "
                     "admitted or refused it. would_refuse: by a shadow, so it was admitted; impossible: it "
                     "costs more than the capacity; store_error: not decided.");
    Family tokens = page.gauge("weir_tokens", "Tokens in the bucket that all requests of the limit share, as this Weir "
                                              "knows it; while Redis is away, its share of them.");
    Family capacity = page.gauge("weir_capacity_tokens", "The most tokens that a bucket of the limit holds.");
    Family keys =
        page.gauge("weir_keys_live", "Keys of the limit whose buckets are not full, as far as this Weir knows.");
    Family overflows = page.counter("weir_key_overflows_total",
                                    "Requests that shared one bucket because the limit had too many live keys.");
    Family refills =
        page.counter("weir_refills_total", "Times that the timer of this Weir refilled the bucket that all "
                                           "requests of the limit share; refills by requests are not counted.");
    for (const config::LimitEntry &entry : limits.limits) {
        const Labels name{{"limit", entry.name}};
        capacity.add(name, entry.spec.capacity);
        const auto found = std::find_if(counts.begin(), counts.end(),
                                        [&](const engine::LimitCounts &one) { return one.limit == entry.name; });
        if (found == counts.end())
            continue;
        const auto count = [&](const char *outcome, std::int64_t number) {
            requests.add({{"limit", entry.name}, {"outcome", outcome}}, number);
        };
        count("admitted", found->admitted);
        count("refused", found->refused - found->impossible - found->wouldRefuse);
        count("would_refuse", found->wouldRefuse);
        count("impossible", found->impossible);
        count("store_error", found->undecided);
        if (!entry.key.empty()) {
            keys.add(name, found->liveBuckets);
            overflows.add(name, found->overflows);
            continue;
        }
        refills.add(name, found->refills);
        if (found->tokens)
            tokens.add(name, *found->tokens);
    }
    for (Family *family : {&requests, &tokens, &capacity, &keys, &overflows, &refills})
        page.add(std::move(*family));
}

void addDecisionTimes(Page &page, const telemetry::LatencyCounts &counts)
{
    ClientMetric::Histogram histogram;
    std::uint64_t seen = 0;
    std::size_t bin = 0;
    for (const std::int64_t bound : kDecisionBounds) {
        for (; bin < counts.bins.size() && telemetry::LatencyHistogram::upperEdge(static_cast<int>(bin)) <= bound;
             ++bin)
            seen += counts.bins[bin];
        histogram.bucket.push_back({seen, seconds(Micros{bound})});
    }
    histogram.sample_count = counts.total();
    histogram.sample_sum = seconds(counts.sumMicros);
    page.addHistogram(
        "weir_decision_seconds", std::move(histogram),
        "Time from a request's coming to its answer's being made, of those that were admitted or refused.");
}

void addBatchSizes(Page &page, const telemetry::SizeCounts &counts)
{
    ClientMetric::Histogram histogram;
    for (std::size_t i = 0; i < counts.bins.size(); ++i) {
        histogram.sample_count += counts.bins[i];
        histogram.bucket.push_back({histogram.sample_count, static_cast<double>(telemetry::SizeCounts::most(i))});
    }
    histogram.sample_sum = static_cast<double>(counts.sum);
    page.addHistogram("weir_redis_batch_size", std::move(histogram),
                      "Requests that one script call asked Redis to decide.");
}

void addStore(Page &page, const engine::Status &status)
{
    page.addGauge("weir_redis_up", status.store.state == engine::StoreStatus::State::Ready ? 1 : 0,
                  "1 while Redis answers this Weir, else 0.");
    page.addCounter("weir_redis_script_calls_total", status.totals.storeCalls,
                    "Script calls to Redis that took tokens, gave some back or told of refusals.");
    page.addGauge("weir_degraded", status.failure.isDegraded ? 1 : 0,
                  "1 while not every decision comes from Redis, else 0.");
    page.addCounter("weir_outages_total", status.failure.outages,
                    "Times that this Weir went on by itself because Redis was away.");
    page.addGauge("weir_instances", status.failure.liveInstances, "Weirs that share the buckets, as last counted.");
    page.addCounter(
        "weir_excess_tokens_total", status.failure.excess,
        "Tokens that all Weirs may have given out beyond the limits while Redis was away, found when it came "
        "back.");
    page.addCounter("weir_in_doubt_tokens_total", status.totals.inDoubt,
                    "Tokens of calls without an answer: taken or not, given to nobody.");
    page.addCounter("weir_state_lost_total", status.failure.statesLost,
                    "Times that Redis had forgotten a bucket, or a part of it.");
    page.addCounter("weir_clock_regressions_total", status.failure.clockRegressions,
                    "Times that the clock of Redis went back by a second or more.");
    page.addGauge("weir_lease_held_tokens", status.lease.held, "Tokens that this Weir has taken ahead and not used.");
    page.addCounter("weir_refill_late_total", status.refill.lateTicks,
                    "Refills by the timer of this Weir that came more than 100 ms late.");
}

void addFront(Page &page, const telemetry::Totals &totals)
{
    page.addGauge("weir_connections", totals.connections, "Client connections that are open.");
    Family rejected = page.counter("weir_http_rejected_total",
                                   "Connections and requests turned away before any limit was asked, by reason.");
    for (std::size_t i = 0; i < telemetry::kTurnAwayReasons; ++i) {
        const auto reason = static_cast<telemetry::TurnAwayReason>(i);
        rejected.add({{"reason", nameOf(reason)}}, totals.turnedAway(reason));
    }
    page.add(std::move(rejected));
}

// Nothing without a file.
void addConfig(Page &page, const engine::ConfigStatus &config)
{
    if (config.file.empty())
        return;
    page.addGauge("weir_config_last_reload_successful", config.problem.empty() ? 1 : 0,
                  "1 while the configuration file, as it is now, is in force; 0 when it cannot be used.");
    if (config.readAtMs > 0)
        page.addGauge("weir_config_last_reload_success_timestamp_seconds", static_cast<double>(config.readAtMs) / 1e3,
                      "When the configuration file was last read or written and could be used.");
}

} // namespace

std::string metricsText(const MetricsSource &source)
{
    const engine::Status &status = source.status;
    Page page;
    addBuild(page, source.build);
    addRequests(page, status.totals);
    addLimits(page, *source.limits, status.limits);
    addDecisionTimes(page, source.decisions);
    addStore(page, status);
    addBatchSizes(page, source.batchSizes);
    addFront(page, status.totals);
    addConfig(page, status.config);
    return page.text();
}

} // namespace weir::admin
