// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/ahead/known_refusals.h"

#include <algorithm>
#include <utility>

#include "core/engine/batch/batch_parts.h"
#include "core/engine/ahead/refusal_hold.h"

namespace weir::engine {

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
void KnownRefusals::learn(const Batch &batch, const limit::TakeOutput &output, Instant sentAt, Instant heardAt,
                          std::uint64_t changes)
{
    follow(changes);
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        const limit::AskRun &run = batch.runs[i];
        if (output.runs[i].granted == run.count) {
            if (!m_known.empty()) // what another answer said before is over: somebody has filled a bucket
                m_known.erase(signatureOf(batch, run));
            continue;
        }
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

const KnownRefusals::Known *KnownRefusals::find(const Batch &batch, const limit::AskRun &run, Instant now) const
{
    const auto it = m_known.find(signatureOf(batch, run));
    return it != m_known.end() && now < it->second.until ? &it->second : nullptr;
}

std::optional<KnownRefusals::Refused> KnownRefusals::takeOut(Batch &batch, Instant now, std::uint64_t changes)
{
    follow(changes);
    if (m_known.empty())
        return std::nullopt;
    std::vector<const Known *> known;
    for (const limit::AskRun &run : batch.runs)
        known.push_back(find(batch, run, now));
    if (std::all_of(known.begin(), known.end(), [](const Known *one) { return one == nullptr; }))
        return std::nullopt;
    BatchPart asked{batch}, refused{batch};
    limit::TakeOutput output;
    std::size_t firstTicket = 0;
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        (known[i] ? refused : asked).add(i, firstTicket, batch.runs[i].count);
        firstTicket += static_cast<std::size_t>(batch.runs[i].count);
        if (!known[i])
            continue;
        const auto passed = std::chrono::duration_cast<Micros>(now - known[i]->heardAt);
        limit::RunOutput told{0, known[i]->asks};
        for (limit::AskOutput &ask : told.asks)
            if (ask.wait)
                ask.wait = whatIsLeft(*ask.wait, passed);
        output.buckets.resize(refused.batch.buckets.size());
        for (std::size_t k = 0; k < told.asks.size(); ++k)
            output.buckets[refused.batch.runs.back().asks[k].bucket] = aged(known[i]->buckets[k], passed);
        output.now = known[i]->now + passed;
        output.runs.push_back(std::move(told));
    }
    batch = std::move(asked.batch);
    return Refused{std::move(refused.batch), std::move(output)};
}

} // namespace weir::engine
