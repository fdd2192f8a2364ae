// SPDX-License-Identifier: GPL-3.0-only
#include "core/store/memory_store.h"

#include <utility>

namespace weir::store {

// Taken out, changed together, put back.
void MemoryStore::take(TakeRequest request, TakeDone done)
{
    std::vector<std::optional<limit::Bucket>> buckets;
    std::vector<limit::BucketCall> calls;
    for (const TakeRequest::Bucket &bucket : request.buckets) {
        buckets.push_back(m_buckets[bucket.name]);
        calls.push_back(bucket.call);
    }
    limit::TakeOutput output =
        limit::take(buckets, {m_clock.now(), calls, request.runs, request.appliesDue, request.refiller});
    for (std::size_t i = 0; i < buckets.size(); ++i)
        m_buckets[request.buckets[i].name] = std::move(buckets[i]);
    m_answers.emplace_back([done = std::move(done), output = std::move(output)]() mutable { done(std::move(output)); });
}

void MemoryStore::settle(SettleRequest request, SettleDone done)
{
    std::vector<limit::SettleOutput> outputs;
    for (const SettleRequest::Bucket &bucket : request.buckets)
        outputs.push_back(limit::settle(m_buckets[bucket.name], m_marks[bucket.name + '\n' + request.instance],
                                        bucket.call, m_clock.now(), bucket.settlement, request.appliesDue));
    m_answers.emplace_back(
        [done = std::move(done), outputs = std::move(outputs)]() mutable { done(std::move(outputs)); });
}

void MemoryStore::ping(WriteDone done)
{
    m_answers.emplace_back([done = std::move(done)] { done(Done{}); });
}

void MemoryStore::countInstances(std::int64_t window, const std::string &instance, CountDone done)
{
    InstanceCounts counts;
    counts.time = m_clock.now();
    counts.window = counts.time / kInstanceWindow;
    if (counts.window == window) {
        const std::set<std::string> &before = m_instances[window - 1];
        counts.before = static_cast<std::int64_t>(before.size());
        counts.wasThereBefore = before.contains(instance);
        counts.wasThere = !m_instances[window].insert(instance).second;
        counts.now = static_cast<std::int64_t>(m_instances[window].size());
    }
    m_answers.emplace_back([done = std::move(done), counts] { done(counts); });
}

void MemoryStore::loadLimit(const std::string &name, LimitDone done)
{
    std::optional<limit::Limit> found;
    if (const auto it = m_limits.find(name); it != m_limits.end())
        found = it->second;
    if (const auto it = m_buckets.find(name); it != m_buckets.end() && it->second)
        if (!found || limit::replaces(*it->second, *found))
            found = limit::Limit{name, it->second->spec, it->second->epoch};
    m_answers.emplace_back([done = std::move(done), found = std::move(found)] { done(found); });
}

void MemoryStore::loadRegister(const std::vector<std::string> &names, RegisterDone done)
{
    std::vector<std::optional<limit::Limit>> found;
    for (const std::string &name : names) {
        const auto it = m_limits.find(name);
        found.push_back(it == m_limits.end() ? std::nullopt : std::optional{it->second});
    }
    m_answers.emplace_back([done = std::move(done), found = std::move(found)]() mutable { done(std::move(found)); });
}

void MemoryStore::loadAuthors(const std::vector<std::string> &names, AuthorsDone done)
{
    std::vector<Author> found;
    for (const std::string &name : names) {
        const auto it = m_authors.find(name);
        found.push_back(it == m_authors.end() ? Author{} : it->second);
    }
    m_answers.emplace_back([done = std::move(done), found = std::move(found)]() mutable { done(std::move(found)); });
}

void MemoryStore::saveLimit(const limit::Limit &limit, const std::string &author, WriteDone done)
{
    m_limits[limit.name] = limit;
    m_authors[limit.name] = {limit.epoch, author};
    m_answers.emplace_back([done = std::move(done)] { done(Done{}); });
}

void MemoryStore::forget()
{
    m_buckets.clear();
    m_marks.clear();
    m_instances.clear();
    m_limits.clear();
    m_authors.clear();
}

void MemoryStore::deliver()
{
    for (auto &answer : std::exchange(m_answers, {}))
        answer();
}

} // namespace weir::store
