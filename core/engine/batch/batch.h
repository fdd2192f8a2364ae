// SPDX-License-Identifier: GPL-3.0-only
// The requests of one turn of the event loop, and their calls on the buckets that they take from.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "core/engine/decide/decision.h"
#include "core/limit/take.h"
#include "core/policy/plan.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// The requests of one turn of the event loop, in order; equal ones in a row are one run.
class ChargedRequests {
public:
    struct Run {
        std::vector<policy::Charge> charges; ///< of each request, shadows included; at least one
        std::int64_t count{0};
    };

    void add(Ticket ticket, std::span<const policy::Charge> charges)
    {
        if (m_runs.empty() || !std::ranges::equal(m_runs.back().charges, charges))
            m_runs.push_back({{charges.begin(), charges.end()}, 0});
        ++m_runs.back().count;
        m_tickets.push_back(ticket);
    }
    [[nodiscard]] bool isEmpty() const { return m_tickets.empty(); }
    [[nodiscard]] const std::vector<Run> &runs() const { return m_runs; }
    [[nodiscard]] std::span<const Ticket> tickets() const { return m_tickets; } ///< of all runs

private:
    std::vector<Run> m_runs;
    std::vector<Ticket> m_tickets;
};

struct Batch {
    struct Bucket {
        std::size_t limit{0};   ///< its place in Policies::limits
        std::string subject;    ///< policy::kOverflowSubject when its limit had too many live keys
        std::string name;       ///< store::TakeRequest::Bucket::name
        limit::Tokens asked{0}; ///< of the runs below, all together
    };
    std::string group; ///< store::TakeRequest::group
    std::vector<Bucket> buckets;
    std::vector<limit::AskRun> runs;
    std::vector<Ticket> tickets;    ///< of the requests of all runs, in order
    PoliciesPtr policies;           ///< that it was made by
    std::vector<limit::Known> sent; ///< with the last call, by bucket
    std::int64_t outages{0};        ///< of the table, when that call was sent
};

/// What a request costs that stands for one that was refused before: no bucket has room for it.
inline constexpr limit::Tokens kOwedCost = limit::kMaxTotal;

/// Return LIMIT:SUBJECT, or LIMIT when all requests share the bucket.
[[nodiscard]] inline std::string bucketName(const std::string &limit, std::string_view subject)
{
    return subject.empty() ? limit : limit + ':' + std::string{subject};
}

/// Return the name of the limit of a bucket.
[[nodiscard]] inline std::string limitOf(const std::string &bucket)
{
    return bucket.substr(0, bucket.find(':'));
}

/// Make the call of a batch for which BucketTable::send() was true.
[[nodiscard]] inline store::TakeRequest requestOf(const Batch &batch, bool appliesDue)
{
    store::TakeRequest request{batch.group, {}, batch.runs, appliesDue};
    request.buckets.reserve(batch.buckets.size());
    for (std::size_t i = 0; i < batch.buckets.size(); ++i) {
        const limit::Limit &limit = batch.policies->limits[batch.buckets[i].limit];
        request.buckets.push_back(
            {batch.buckets[i].name, {limit.spec, limit.epoch, limit::TokenMode::Keep, batch.sent[i]}});
    }
    return request;
}

} // namespace weir::engine
