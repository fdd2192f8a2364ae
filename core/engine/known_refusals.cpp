// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/known_refusals.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/engine/refusal_hold.h"

namespace weir::engine {
namespace {

// A wait that has not ended is at least this long.
constexpr Micros kLeast{1};

Micros whatIsLeft(Micros wait, Micros passed)
{
    return wait == Micros{0} ? wait : std::max(wait - passed, kLeast);
}

/// Some of the runs of a batch as a batch of their own, with no bucket that they do not ask.
class Part {
public:
    explicit Part(const GroupBatch &whole) : m_whole{whole}
    {
        batch.group = whole.group;
        batch.policies = whole.policies;
    }

    void add(std::size_t place, std::size_t firstTicket)
    {
        limit::AskRun run = m_whole.runs[place];
        for (limit::Ask &ask : run.asks) {
            const std::size_t bucket = placeOf(ask.bucket);
            batch.buckets[bucket].asked += ask.cost * run.count;
            ask.bucket = bucket;
        }
        const auto first = m_whole.tickets.begin() + static_cast<std::ptrdiff_t>(firstTicket);
        batch.tickets.insert(batch.tickets.end(), first, first + run.count);
        batch.runs.push_back(std::move(run));
    }

    GroupBatch batch;

private:
    std::size_t placeOf(std::size_t bucket)
    {
        const auto [it, isNew] = m_places.try_emplace(bucket, batch.buckets.size());
        if (isNew) {
            batch.buckets.push_back(m_whole.buckets[bucket]);
            batch.buckets.back().asked = 0;
        }
        return it->second;
    }

    const GroupBatch &m_whole;
    std::map<std::size_t, std::size_t> m_places; ///< of buckets: there, here
};

} // namespace

// Names may hold any bytes, so each says first how long it is.
std::string KnownRefusals::signatureOf(const GroupBatch &batch, const limit::AskRun &run)
{
    std::string signature;
    for (const limit::Ask &ask : run.asks) {
        const std::string &name = batch.buckets[ask.bucket].name;
        signature += std::to_string(name.size()) + ' ' + name + std::to_string(ask.cost) + (ask.isShadow ? '?' : '!');
    }
    return signature;
}

void KnownRefusals::follow(std::uint64_t changes)
{
    if (std::exchange(m_changes, changes) != changes)
        forget();
}

// Looked through at most once in the time that an answer is known for: many keys must not make each answer costly.
bool KnownRefusals::hasRoom(Instant now)
{
    if (m_known.size() < kMost)
        return true;
    if (now < m_sweepAt)
        return false;
    m_sweepAt = now + kRefusalHolds;
    std::erase_if(m_known, [now](const auto &item) { return item.second.until <= now; });
    return m_known.size() < kMost;
}

// Between answer and `until` the levels of the buckets that refuse do not rise, so all of them go on refusing. Reckoned
// from when the call went out: the store's clock may have been read right then.
void KnownRefusals::learn(const GroupBatch &batch, const limit::GroupOutput &output, Instant sentAt, Instant heardAt,
                          std::uint64_t changes)
{
    follow(changes);
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        const limit::AskRun &run = batch.runs[i];
        if (output.runs[i].granted == run.count)
            continue;
        Known known{sentAt + kRefusalHolds, heardAt, output.now, {}, {}};
        bool isRefused = false;
        for (std::size_t k = 0; k < run.asks.size(); ++k) {
            const limit::Ask &ask = run.asks[k];
            const limit::BucketOutput &bucket = output.buckets[ask.bucket];
            limit::AskOutput told = output.runs[i].asks[k];
            told.taken = 0;
            told.isRefusing = !ask.isShadow && bucket.room < ask.cost; // after the whole call
            isRefused = isRefused || told.isRefusing;
            if (told.isRefusing && told.wait)
                known.until = std::min(known.until, sentAt + std::min(*told.wait, kRefusalHolds));
            if (ask.isShadow)
                told.wait = Micros{0}; // it would say no to nobody who is refused
            known.asks.push_back(told);
            known.buckets.push_back(bucket);
        }
        if (isRefused && known.until > heardAt && hasRoom(heardAt))
            m_known.insert_or_assign(signatureOf(batch, run), std::move(known));
    }
}

const KnownRefusals::Known *KnownRefusals::find(const GroupBatch &batch, const limit::AskRun &run, Instant now) const
{
    const auto it = m_known.find(signatureOf(batch, run));
    return it != m_known.end() && now < it->second.until ? &it->second : nullptr;
}

std::optional<KnownRefusals::Refused> KnownRefusals::takeOut(GroupBatch &batch, Instant now, std::uint64_t changes)
{
    follow(changes);
    if (m_known.empty())
        return std::nullopt;
    std::vector<const Known *> known;
    for (const limit::AskRun &run : batch.runs)
        known.push_back(find(batch, run, now));
    if (std::all_of(known.begin(), known.end(), [](const Known *one) { return one == nullptr; }))
        return std::nullopt;
    Part asked{batch}, refused{batch};
    limit::GroupOutput output;
    std::size_t firstTicket = 0;
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        (known[i] ? refused : asked).add(i, firstTicket);
        firstTicket += static_cast<std::size_t>(batch.runs[i].count);
        if (!known[i])
            continue;
        const auto passed = std::chrono::duration_cast<Micros>(now - known[i]->heardAt);
        limit::RunOutput told{0, known[i]->asks};
        for (limit::AskOutput &ask : told.asks)
            if (ask.wait)
                ask.wait = whatIsLeft(*ask.wait, passed);
        output.buckets.resize(refused.batch.buckets.size());
        for (std::size_t k = 0; k < told.asks.size(); ++k) {
            limit::BucketOutput &bucket = output.buckets[refused.batch.runs.back().asks[k].bucket];
            bucket = known[i]->buckets[k];
            bucket.untilChange = whatIsLeft(bucket.untilChange, passed);
            bucket.untilFull = whatIsLeft(bucket.untilFull, passed);
        }
        output.now = known[i]->now + passed;
        output.runs.push_back(std::move(told));
    }
    batch = std::move(asked.batch);
    return Refused{std::move(refused.batch), std::move(output)};
}

} // namespace weir::engine
