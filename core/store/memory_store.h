// SPDX-License-Identifier: GPL-3.0-only
// Buckets in this process: limit::take() behind the port. For tests.
#pragma once

#include <set>
#include <unordered_map>

#include "core/base/clock.h"
#include "core/store/bucket_store.h"

namespace weir::store {

/// Holds callbacks until deliver(): the port promises that none comes from inside the call.
class MemoryStore final : public BucketStore {
public:
    explicit MemoryStore(const Clock &clock) : m_clock{clock} {}

    void take(TakeRequest request, TakeDone done) override;
    void settle(SettleRequest request, SettleDone done) override;
    void ping(WriteDone done) override;
    void countInstances(std::int64_t window, const std::string &instance, CountDone done) override;
    void loadLimit(const std::string &name, LimitDone done) override;
    void loadRegister(const std::vector<std::string> &names, RegisterDone done) override;
    void loadAuthors(const std::vector<std::string> &names, AuthorsDone done) override;
    void saveLimit(const limit::Limit &limit, const std::string &author, WriteDone done) override;

    /// Run the callbacks of all calls so far, in order.
    void deliver();
    /// Lose all that was stored.
    void forget();

private:
    const Clock &m_clock;
    std::unordered_map<std::string, std::optional<limit::Bucket>> m_buckets;
    std::unordered_map<std::string, limit::SettleMark> m_marks;          ///< by bucket and instance
    std::unordered_map<std::int64_t, std::set<std::string>> m_instances; ///< by window
    std::unordered_map<std::string, limit::Limit> m_limits;
    std::unordered_map<std::string, Author> m_authors;
    std::vector<std::function<void()>> m_answers;
};

} // namespace weir::store
