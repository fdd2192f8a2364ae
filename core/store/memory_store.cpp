// SPDX-License-Identifier: GPL-3.0-only
#include "core/store/memory_store.h"

#include <utility>

namespace weir::store {

void MemoryStore::take(TakeRequest request, TakeDone done)
{
    limit::TakeOutput output = limit::take(m_buckets[request.bucket], {.spec = request.spec,
                                                                       .epoch = request.epoch,
                                                                       .mode = request.mode,
                                                                       .now = m_clock.now(),
                                                                       .runs = request.runs,
                                                                       .appliesDue = request.appliesDue,
                                                                       .refiller = request.refiller});
    m_answers.emplace_back([done = std::move(done), output = std::move(output)]() mutable { done(std::move(output)); });
}

void MemoryStore::settle(SettleRequest request, SettleDone done)
{
    const TakeRequest &call = request.call;
    const limit::TakeInput input{.spec = call.spec,
                                 .epoch = call.epoch,
                                 .now = m_clock.now(),
                                 .appliesDue = call.appliesDue,
                                 .refiller = call.refiller,
                                 .known = request.known};
    limit::SettleOutput output = limit::settle(m_buckets[call.bucket], m_marks[call.bucket + '\n' + request.instance],
                                               input, request.settlement);
    m_answers.emplace_back([done = std::move(done), output = std::move(output)]() mutable { done(std::move(output)); });
}

void MemoryStore::ping(WriteDone done)
{
    m_answers.emplace_back([done = std::move(done)] { done(Done{}); });
}

void MemoryStore::countInstances(std::int64_t window, bool isFirst, CountDone done)
{
    m_instances[window] += isFirst ? 1 : 0;
    const InstanceCounts counts{m_instances[window], m_instances[window - 1]};
    m_answers.emplace_back([done = std::move(done), counts] { done(counts); });
}

void MemoryStore::loadLimit(const std::string &name, LimitDone done)
{
    std::optional<limit::Limit> found;
    if (const auto it = m_limits.find(name); it != m_limits.end())
        found = it->second;
    if (const auto it = m_buckets.find(name); it != m_buckets.end() && it->second)
        if (!found || it->second->epoch > found->epoch)
            found = limit::Limit{name, it->second->spec, it->second->epoch};
    m_answers.emplace_back([done = std::move(done), found = std::move(found)] { done(found); });
}

void MemoryStore::saveLimit(const limit::Limit &limit, WriteDone done)
{
    m_limits[limit.name] = limit;
    m_answers.emplace_back([done = std::move(done)] { done(Done{}); });
}

void MemoryStore::deliver()
{
    for (auto &answer : std::exchange(m_answers, {}))
        answer();
}

} // namespace weir::store
