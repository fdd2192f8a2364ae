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
                                                                       .runs = request.runs});
    m_answers.emplace_back([done = std::move(done), output = std::move(output)]() mutable { done(std::move(output)); });
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
