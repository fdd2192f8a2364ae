// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/batch/sorter.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/policy/seeded_hash.h"
#include "core/store/bucket_store.h"

namespace weir::engine {
namespace {

using Run = ChargedRequests::Run;
using Subjects = std::span<const std::string_view>;

class Sorter {
public:
    Sorter(const PoliciesPtr &policies, bool isSpread, const ChargedRequests &requests)
        : m_policies{policies},
          m_isSpread{isSpread},
          m_mostRuns{std::min(requests.runs().size(), store::kMaxBuckets)},
          m_mostTickets{std::min(requests.tickets().size(), store::kMaxRuns)}
    {
    }

    /// `subjects`: of each charge; `tickets`: of each request.
    void add(const Run &run, Subjects subjects, std::span<const Ticket> tickets)
    {
        while (!tickets.empty()) {
            Batch &batch = batchFor(run, subjects);
            const auto some = tickets.first(std::min(tickets.size(), store::kMaxRuns - batch.tickets.size()));
            addTo(batch, run, subjects, some);
            tickets = tickets.subspan(some.size());
        }
    }
    [[nodiscard]] std::vector<Batch> take() { return std::move(m_batches); }

private:
    void addTo(Batch &batch, const Run &run, Subjects subjects, std::span<const Ticket> tickets)
    {
        const auto count = static_cast<std::int64_t>(tickets.size());
        std::vector<limit::Ask> asks;
        asks.reserve(run.charges.size());
        for (std::size_t i = 0; i < run.charges.size(); ++i) {
            const policy::Charge &charge = run.charges[i];
            const std::size_t bucket = placeOf(batch, charge.limit, subjects[i]);
            batch.buckets[bucket].asked += charge.cost * count;
            asks.push_back({bucket, charge.cost, charge.isShadow});
        }
        if (batch.runs.empty() || batch.runs.back().asks != asks)
            batch.runs.push_back({std::move(asks), 0});
        batch.runs.back().count += count;
        batch.tickets.insert(batch.tickets.end(), tickets.begin(), tickets.end());
    }

    /// Where the buckets of a batch are, by their hash; twice as large as a batch, so that there is always room.
    using Places = std::array<std::uint16_t, 2 * store::kMaxBuckets>;
    static constexpr std::uint16_t kNowhere = 0xFFFF;

    Batch &batchFor(const Run &run, Subjects subjects)
    {
        std::string group;
        const std::size_t first = run.charges.front().limit;
        if (m_isSpread) {
            group = m_policies->book->groups[first];
            if (group.empty())
                group = bucketName(m_policies->limits[first].name, subjects.front());
        }
        std::size_t weight = 0;
        for (const policy::Charge &charge : run.charges)
            weight += store::weightOf(m_policies->limits[charge.limit].spec);
        for (std::size_t i = m_batches.size(); i-- > 0;) {
            Batch &batch = m_batches[i];
            if (batch.group == group && batch.tickets.size() < store::kMaxRuns
                && (m_weights[i] + weight <= store::kMaxBuckets
                    || m_weights[i] + newWeight(i, run, subjects) <= store::kMaxBuckets))
                return batch;
            if (!m_isSpread)
                break;
        }
        m_batches.push_back(
            {.group = group, .buckets = {}, .runs = {}, .tickets = {}, .policies = m_policies, .sent = {}});
        m_places.emplace_back().fill(kNowhere);
        m_weights.push_back(0);
        if (!m_isSpread) { // most likely the only one
            m_batches.back().buckets.reserve(m_mostRuns);
            m_batches.back().runs.reserve(m_mostRuns);
            m_batches.back().tickets.reserve(m_mostTickets);
        }
        return m_batches.back();
    }

    /// Of the buckets of `run` that batch `index` has not yet.
    [[nodiscard]] std::size_t newWeight(std::size_t index, const Run &run, Subjects subjects) const
    {
        std::size_t weight = 0;
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            const std::size_t limit = run.charges[i].limit;
            if (m_places[index][slotOf(index, limit, subjects[i])] == kNowhere)
                weight += store::weightOf(m_policies->limits[limit].spec);
        }
        return weight;
    }

    /// Where the bucket is, or would be, in m_places[index].
    [[nodiscard]] std::size_t slotOf(std::size_t index, std::size_t limit, std::string_view subject) const
    {
        const Places &places = m_places[index];
        std::size_t slot = (policy::SeededHash{}(subject) + limit) % places.size();
        for (; places[slot] != kNowhere; slot = (slot + 1) % places.size())
            if (const auto &known = m_batches[index].buckets[places[slot]];
                known.limit == limit && known.subject == subject)
                break;
        return slot;
    }

    std::size_t placeOf(Batch &batch, std::size_t limit, std::string_view subject)
    {
        const auto index = static_cast<std::size_t>(&batch - m_batches.data());
        std::uint16_t &place = m_places[index][slotOf(index, limit, subject)];
        if (place == kNowhere) {
            place = static_cast<std::uint16_t>(batch.buckets.size());
            m_weights[index] += store::weightOf(m_policies->limits[limit].spec);
            batch.buckets.push_back(
                {limit, std::string{subject}, bucketName(m_policies->limits[limit].name, subject), 0});
        }
        return place;
    }

    const PoliciesPtr &m_policies;
    bool m_isSpread;
    std::size_t m_mostRuns;    ///< of a batch, as a guess, and as many buckets
    std::size_t m_mostTickets; ///< likewise
    std::vector<Batch> m_batches;
    std::vector<Places> m_places;       ///< by batch
    std::vector<std::size_t> m_weights; ///< by batch, of all its buckets
};

} // namespace

std::vector<Batch> batchesOf(const ChargedRequests &requests, Subjects subjects, const PoliciesPtr &policies,
                             bool isSpread)
{
    Sorter sorter{policies, isSpread, requests};
    std::span<const Ticket> tickets = requests.tickets();
    for (const Run &run : requests.runs()) {
        const auto count = static_cast<std::size_t>(run.count);
        sorter.add(run, subjects.first(run.charges.size()), tickets.first(count));
        subjects = subjects.subspan(run.charges.size());
        tickets = tickets.subspan(count);
    }
    return sorter.take();
}

} // namespace weir::engine
