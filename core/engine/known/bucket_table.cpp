// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/known/bucket_table.h"

#include <algorithm>
#include <cstdint>

#include "core/base/clock.h"
#include "core/engine/batch/sorter.h"
#include "core/store/bucket_store.h"

namespace weir::engine {
namespace {

Micros steadyUs(BucketTable::Instant now)
{
    return std::chrono::duration_cast<Micros>(now.time_since_epoch());
}

// Two clocks are the same when they differ by less than the shortest interval of a limit.
constexpr Micros kSameClock = limit::kMinInterval;

bool isLoss(const limit::BucketOutput &told)
{
    return told.memory == limit::Memory::Lost || told.memory == limit::Memory::WentBack;
}

} // namespace

BucketTable::BucketTable(QObject *parent) : QObject{parent}
{
}

void BucketTable::adopt(const Policies &policies, Instant now)
{
    const std::lock_guard lock{m_mutex};
    if (policies.book)
        m_mostLive = policies.book->set.keys.maxLive;
    m_refillsOnDemand = policies.refillsOnDemand;
    std::erase_if(m_tallies, [&](const auto &item) {
        return std::none_of(policies.limits.begin(), policies.limits.end(),
                            [&](const limit::Limit &limit) { return limit.name == item.first; });
    });
    for (std::size_t i = 0; i < policies.limits.size(); ++i) {
        const limit::Limit &limit = policies.limits[i];
        const config::LimitEntry *entry = policies.book ? &policies.book->set.limits[i] : nullptr;
        tally(limit).adopt(limit.spec, m_mostLive, entry && entry->isOn && entry->key.empty(), steadyUs(now));
    }
}

LimitTally &BucketTable::tally(const limit::Limit &limit)
{
    const auto it = m_tallies.find(limit.name);
    return it != m_tallies.end() ? it->second : m_tallies.try_emplace(limit.name, limit.spec, m_mostLive).first->second;
}

// What was decided here is kept until it is settled, full again or not, so in an outage the tally's bound is not enough.
std::string_view BucketTable::enter(const limit::Limit &limit, std::string_view subject, Instant now)
{
    const std::string_view entered = tally(limit).enter(subject, steadyUs(now));
    const bool isCrowded = m_mode.load() != Mode::Store && static_cast<std::int64_t>(m_local.size()) >= m_mostLive;
    if (!isCrowded || subject.empty() || m_local.has(bucketName(limit.name, entered)))
        return entered;
    return policy::kOverflowSubject;
}

// The lock is for the keys alone.
std::vector<std::string_view> BucketTable::subjectsOf(const ChargedRequests &requests, const Policies &policies,
                                                      Instant now)
{
    std::vector<std::string_view> subjects;
    bool hasKeys = false;
    for (const ChargedRequests::Run &run : requests.runs())
        for (const policy::Charge &charge : run.charges) {
            subjects.emplace_back(charge.subject);
            hasKeys = hasKeys || !charge.subject.empty();
        }
    if (!hasKeys)
        return subjects;
    const std::lock_guard lock{m_mutex};
    auto subject = subjects.begin();
    for (const ChargedRequests::Run &run : requests.runs())
        for (const policy::Charge &charge : run.charges) {
            for (std::int64_t i = 0; i < run.count; ++i) // each counts, where there is no room for it
                *subject = enter(policies.limits[charge.limit], charge.subject, now);
            ++subject;
        }
    return subjects;
}

std::vector<Batch> BucketTable::sort(const ChargedRequests &requests, const PoliciesPtr &policies, bool isSpread,
                                     Instant now)
{
    return batchesOf(requests, subjectsOf(requests, *policies, now), policies, isSpread);
}

bool BucketTable::send(Batch &batch)
{
    const std::lock_guard lock{m_mutex};
    if (m_mode.load() != Mode::Store)
        return false;
    batch.sent.clear();
    batch.sent.reserve(batch.buckets.size());
    batch.outages = m_status.outages;
    for (const Batch::Bucket &bucket : batch.buckets) {
        KnownBuckets::Entry &entry = m_known.entry(bucket.name, m_heardUs);
        batch.sent.push_back(entry.knownBy(batch.policies->limits[bucket.limit].spec));
        entry.inFlight += bucket.asked;
        if (entry.askedAt == Micros{0} && !entry.known.isKnown())
            entry.askedAt = m_heardUs;
    }
    return true;
}

bool BucketTable::hear(const Batch &batch, const limit::TakeOutput &output, Instant now)
{
    const std::lock_guard lock{m_mutex};
    if (!m_firstHeardUs)
        m_firstHeardUs = output.now;
    m_heardUs = output.now;
    m_heardAt = now;
    const bool isOvertaken = !output.isStale && batch.outages != m_status.outages;
    for (std::size_t i = 0; i < batch.buckets.size(); ++i) {
        const Batch::Bucket &bucket = batch.buckets[i];
        const limit::Limit &limit = batch.policies->limits[bucket.limit];
        const limit::BucketOutput &told = output.buckets[i];
        KnownBuckets::Entry &known = m_known.entry(bucket.name, m_heardUs);
        known.inFlight -= bucket.asked;
        if (output.isStale)
            continue;
        if (isOvertaken && m_mode.load() != Mode::Store) // the settlement finds what it took
            doubt(known, batch, bucket);
        else
            known.learn(limit.spec, batch.sent[i], told, output.now);
        m_status.statesLost += isLoss(told) ? 1 : 0;
        // Else nobody knows when it will be full, or it must not begin anew when it is.
        if (!bucket.subject.empty() && batch.policies->refillsOnDemand && limit.spec.start == limit::StartLevel::Full)
            tally(limit).noteFull(bucket.subject, steadyUs(now) + told.untilFull);
    }
    if (!output.isStale && !isOvertaken)
        tell(batch, output, now);
    return !isOvertaken;
}

// Until it is full again whatever was taken, it must not be forgotten.
void BucketTable::doubt(KnownBuckets::Entry &entry, const Batch &batch, const Batch::Bucket &bucket) const
{
    if (bucket.asked == 0)
        return;
    entry.inDoubt += bucket.asked;
    entry.fullAt = std::max(entry.fullAt, m_heardUs + limit::timeToLive(batch.policies->limits[bucket.limit].spec));
}

// Counted for the limit that said no; a limit that would have admitted what another refused counts nothing.
void BucketTable::tell(const Batch &batch, const limit::TakeOutput &output, Instant now)
{
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        const limit::AskRun &run = batch.runs[i];
        const limit::RunOutput &told = output.runs[i];
        if (run.givesBack) // nobody asked for it
            continue;
        for (std::size_t k = 0; k < run.asks.size(); ++k) {
            const limit::Ask &ask = run.asks[k];
            const Batch::Bucket &bucket = batch.buckets[ask.bucket];
            const limit::AskOutput &result = told.asks[k];
            const std::int64_t turnedAway = ask.isShadow ? told.granted - result.taken : run.count - told.granted;
            tally(batch.policies->limits[bucket.limit])
                .count(bucket.subject,
                       {result.taken, result.isRefusing ? turnedAway : 0, ask.isShadow,
                        !result.wait && ask.cost != kOwedCost},
                       steadyUs(now));
        }
    }
}

void BucketTable::countUndecided(const limit::Limit &limit, std::int64_t requests)
{
    const std::lock_guard lock{m_mutex};
    tally(limit).countUndecided(requests);
}

void BucketTable::countRefill(const limit::Limit &limit)
{
    const std::lock_guard lock{m_mutex};
    tally(limit).countRefill();
}

void BucketTable::countServed(const Batch &batch, const limit::TakeOutput &output, Instant now)
{
    const std::lock_guard lock{m_mutex};
    tell(batch, output, now);
}

void BucketTable::lose(const Batch &batch, bool mayBeDone)
{
    const std::lock_guard lock{m_mutex};
    for (const Batch::Bucket &bucket : batch.buckets) {
        KnownBuckets::Entry &entry = m_known.entry(bucket.name, m_heardUs);
        entry.inFlight -= bucket.asked;
        if (mayBeDone)
            doubt(entry, batch, bucket);
    }
}

void BucketTable::learn(const std::string &name, const limit::BucketCall &call, const limit::BucketOutput &told,
                        Micros time, Instant now)
{
    const std::lock_guard lock{m_mutex};
    if (told.isStale || m_mode.load() != Mode::Store)
        return;
    m_heardUs = time;
    m_heardAt = now;
    m_known.learn(name, call.spec, call.known, told, time);
    m_status.statesLost += isLoss(told) ? 1 : 0;
}

// The store's clock as of its last answer, gone on at the pace of ours.
Micros BucketTable::storeTime(Instant now) const
{
    return m_heardUs + std::max(std::chrono::duration_cast<Micros>(now - m_heardAt), Micros{0});
}

void BucketTable::begin(Instant now)
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_mode.load() != Mode::Store)
            return;
        if (m_heardUs == Micros{0}) {
            m_heardUs = SystemClock{}.now();
            m_heardAt = now;
        }
        m_apart = Micros{0};
        m_mode.store(Mode::Local);
        m_local.begin(++m_status.outages, m_instances, m_firstHeardUs, storeTime(now));
        m_status.since = now;
        m_status.isUnheard = !m_firstHeardUs;
        m_status.instances = m_instances;
    }
    Q_EMIT begun();
}

// It was read while the call was under way: what both moments leave open is no difference.
void BucketTable::hearTime(Micros time, Instant from, Instant to)
{
    const std::lock_guard lock{m_mutex};
    if (m_firstHeardUs)
        return;
    if (m_mode.load() != Mode::Store) {
        m_apart = time < storeTime(from) ? storeTime(from) - time : std::min(storeTime(to) - time, Micros{0});
        return;
    }
    m_heardUs = time;
    m_heardAt = to;
}

std::optional<limit::TakeOutput> BucketTable::takeLocally(const Batch &batch, bool appliesDue, Instant now)
{
    const std::lock_guard lock{m_mutex};
    if (m_mode.load() != Mode::Local)
        return std::nullopt;
    std::vector<LocalBuckets::Call> calls;
    for (const Batch::Bucket &bucket : batch.buckets) {
        const limit::Limit &limit = batch.policies->limits[bucket.limit];
        calls.push_back({bucket.name, limit.spec, limit.epoch});
    }
    limit::TakeOutput output = m_local.take(calls, batch.runs, m_known, storeTime(now), appliesDue);
    tell(batch, output, now);
    return output;
}

std::atomic<CircuitBreaker::State> &BucketTable::joinBreaker()
{
    const std::lock_guard lock{m_mutex};
    return m_breakers.emplace_back(CircuitBreaker::State::Closed);
}

CircuitBreaker::State BucketTable::worstBreaker() const
{
    const std::lock_guard lock{m_mutex};
    for (const auto &breaker : m_breakers)
        if (const auto state = breaker.load(); state != CircuitBreaker::State::Closed)
            return state;
    return CircuitBreaker::State::Closed;
}

// Nobody else is known of, and what came back meanwhile came by the store's clock.
bool BucketTable::isAlone() const
{
    return m_instances == 1 && m_apart < kSameClock && -m_apart < kSameClock;
}

BucketTable::Settlement BucketTable::takeWork(bool isCounted)
{
    const std::lock_guard lock{m_mutex};
    Settlement settlement;
    if (m_mode.load() != Mode::Local)
        return settlement;
    settlement.isLast = m_local.unsettled() <= store::kMaxBuckets;
    if (settlement.isLast)
        m_mode.store(Mode::Settling);
    settlement.work = m_local.work(store::kMaxBuckets, isCounted && isAlone());
    for (const LocalBuckets::Work &work : settlement.work)
        settlement.known.push_back(m_known.knownFor(work.name, work.call.spec));
    return settlement;
}

// What the store tells of a bucket is where the next outage begins.
limit::Tokens BucketTable::confirm(const Settlement &settlement, const std::vector<limit::SettleOutput> &outputs,
                                   Instant now)
{
    const std::lock_guard lock{m_mutex};
    limit::Tokens excess = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const LocalBuckets::Work &work = settlement.work[i];
        excess += m_local.confirm(work, outputs[i]);
        m_status.foundTaken += outputs[i].foundTaken;
        m_blocked.erase(work.name);
        m_known.learn(work.name, work.call.spec, settlement.known[i], outputs[i].bucket, storeTime(now) - m_apart);
        m_hasBlocked = !m_blocked.empty();
        m_status.statesLost += isLoss(outputs[i].bucket) ? 1 : 0; // after an outage nobody else may have asked
    }
    m_status.excess += excess;
    return excess;
}

void BucketTable::block(const LocalBuckets::Work &work, const Error &why)
{
    const std::lock_guard lock{m_mutex};
    m_local.putAside(work.name);
    m_blocked[work.name] = why;
    m_hasBlocked = true;
}

BucketTable::Settlement BucketTable::takeBlocked(bool isCounted)
{
    const std::lock_guard lock{m_mutex};
    Settlement settlement;
    settlement.work = m_local.asideWork(store::kMaxBuckets, isCounted && isAlone());
    for (const LocalBuckets::Work &work : settlement.work)
        settlement.known.push_back(m_known.knownFor(work.name, work.call.spec));
    return settlement;
}

std::optional<Error> BucketTable::blockedBy(const std::string &name) const
{
    const std::lock_guard lock{m_mutex};
    const auto it = m_blocked.find(name);
    return it == m_blocked.end() ? std::nullopt : std::optional{it->second};
}

bool BucketTable::finish(bool wasExact)
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_mode.load() != Mode::Settling || m_local.unsettled() > 0)
            return false;
        m_status.exactReturns += wasExact ? 1 : 0;
        m_local.clear();
        m_mode.store(Mode::Store);
    }
    Q_EMIT released();
    return true;
}

void BucketTable::thaw()
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_mode.load() != Mode::Settling)
            return;
        m_mode.store(Mode::Local);
    }
    Q_EMIT released();
}

BucketTable::Status BucketTable::status() const
{
    const std::lock_guard lock{m_mutex};
    Status status = m_status;
    status.mode = m_mode.load();
    status.spent = m_local.spent();
    status.known = m_known.size();
    return status;
}

// In an outage, where it was used, what is left of this process's share. What is due and is left to refillers is not there.
std::optional<limit::Tokens> BucketTable::roomOf(const limit::Limit &limit, Instant now) const
{
    const std::string name = bucketName(limit.name, {});
    if (m_mode.load() != Mode::Store)
        if (const auto room = m_local.roomOf(name))
            return room;
    const KnownBuckets::Entry *entry = m_known.find(name);
    if (!entry || !entry->known.isKnown())
        return std::nullopt;
    const bool isLeft = !m_refillsOnDemand && limit.spec.algorithm == limit::Algorithm::TokenBucket;
    return limit::roomOf(limit.spec, entry->knownBy(limit.spec), isLeft ? Micros{0} : storeTime(now));
}

std::vector<LimitCounts> BucketTable::counts(const std::vector<limit::Limit> &limits, Instant now) const
{
    const std::lock_guard lock{m_mutex};
    std::vector<LimitCounts> counts;
    for (const limit::Limit &limit : limits) {
        LimitCounts &one = counts.emplace_back();
        one.limit = limit.name;
        const auto it = m_tallies.find(limit.name);
        if (it == m_tallies.end())
            continue;
        one = it->second.counts(limit.name);
        if (it->second.isShared())
            one.tokens = roomOf(limit, now);
    }
    return counts;
}

BucketList BucketTable::list(const limit::Limit &limit, const std::string &search, Instant now) const
{
    const std::lock_guard lock{m_mutex};
    BucketList list;
    list.limit = limit.name;
    const auto it = m_tallies.find(limit.name);
    if (it == m_tallies.end())
        return list;
    list.live = it->second.counts(limit.name).liveBuckets;
    const std::int64_t wallMs = SystemClock{}.now() / std::chrono::milliseconds{1};
    for (policy::TopEntry &entry : it->second.top(search.empty() ? kMostBucketRows : std::size_t{1000}).entries) {
        if (list.rows.size() >= kMostBucketRows)
            break;
        if (entry.subject.find(search) == std::string::npos)
            continue;
        BucketRow row;
        row.admitted = entry.admitted;
        row.refused = entry.refused;
        row.uncertainty = entry.error;
        if (entry.lastSeen != Micros{0})
            row.lastSeenMs = wallMs - (steadyUs(now) - entry.lastSeen).count() / 1000;
        if (const auto *known = m_known.find(bucketName(limit.name, entry.subject)); known && known->known.isKnown())
            row.tokens = limit::roomOf(limit.spec, known->knownBy(limit.spec), storeTime(now));
        if (entry.subject.empty())
            list.live = 1; // the one that all requests share
        row.subject = std::move(entry.subject);
        list.rows.push_back(std::move(row));
    }
    return list;
}

} // namespace weir::engine
