// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/batch/batch_parts.h"

#include <utility>

namespace weir::engine {

// Names may hold any bytes, so each says first how long it is.
std::string signatureOf(const Batch &batch, const limit::AskRun &run)
{
    std::string signature;
    for (const limit::Ask &ask : run.asks) {
        const std::string &name = batch.buckets[ask.bucket].name;
        signature += std::to_string(name.size()) + ' ' + name + std::to_string(ask.cost) + (ask.isShadow ? '?' : '!');
    }
    return signature;
}

Batch BatchPart::emptyLike(const Batch &whole)
{
    return {.group = whole.group, .buckets = {}, .runs = {}, .tickets = {}, .policies = whole.policies, .sent = {}};
}

void BatchPart::add(std::size_t place, std::size_t firstTicket, std::int64_t count)
{
    limit::AskRun run = m_whole.runs[place];
    run.count = count;
    for (limit::Ask &ask : run.asks) {
        const std::size_t bucket = placeOf(ask.bucket);
        batch.buckets[bucket].asked += ask.cost * count;
        ask.bucket = bucket;
    }
    const auto first = m_whole.tickets.begin() + static_cast<std::ptrdiff_t>(firstTicket);
    batch.tickets.insert(batch.tickets.end(), first, first + count);
    batch.runs.push_back(std::move(run));
}

std::size_t BatchPart::placeOf(std::size_t bucket)
{
    const auto [it, isNew] = m_places.try_emplace(bucket, batch.buckets.size());
    if (isNew) {
        batch.buckets.push_back(m_whole.buckets[bucket]);
        batch.buckets.back().asked = 0;
    }
    return it->second;
}

std::optional<Batch::Bucket> bucketOf(const std::string &name, const Policies &policies)
{
    const auto limit = std::find_if(policies.limits.begin(), policies.limits.end(),
                                    [&](const limit::Limit &one) { return one.name == limitOf(name); });
    if (limit == policies.limits.end())
        return std::nullopt;
    const auto place = static_cast<std::size_t>(limit - policies.limits.begin());
    return Batch::Bucket{place, name.substr(std::min(name.size(), limit->name.size() + 1)), name, 0};
}

std::string groupOf(const Batch::Bucket &bucket, const Policies &policies, bool isSpread)
{
    if (!isSpread)
        return {};
    const std::string &group = policies.book->groups[bucket.limit];
    return group.empty() ? bucket.name : group;
}

limit::BucketOutput aged(limit::BucketOutput told, Micros passed)
{
    told.untilChange = whatIsLeft(told.untilChange, passed);
    told.untilFull = whatIsLeft(told.untilFull, passed);
    return told;
}

} // namespace weir::engine
