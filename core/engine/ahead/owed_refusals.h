// SPDX-License-Identifier: GPL-3.0-only
// Requests that were refused without the store, by the refusing bucket, until the store is told of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Of requests that cost more than the capacity, no bucket has room for it either; other refusals have kOwedCost.
inline constexpr limit::Tokens kOwedImpossibleCost = kOwedCost - 1;

/// Thread: lives in one thread. Memory: a name for each bucket, of at most KnownRefusals::kMost kinds of requests.
class OwedRefusals {
public:
    /// Add the requests of `batch` that were refused as `output` says.
    void add(const Batch &batch, const limit::TakeOutput &output);
    /// Add a report again that did not reach the store.
    void addAgain(const Batch &report);

    [[nodiscard]] bool isEmpty() const { return m_requests.empty(); }

    /// Take all of it as calls without tickets that take no tokens: requests of kOwedCost or kOwedImpossibleCost.
    /// Limits that are gone are left out. At most store::kMaxBuckets buckets each; if the store is spread, of one group
    /// each.
    [[nodiscard]] std::vector<Batch> take(const PoliciesPtr &policies, bool isSpread);

private:
    struct Owed {
        std::int64_t refused{0};
        std::int64_t impossible{0}; ///< besides
    };
    [[nodiscard]] std::int64_t &numberOf(const Batch &batch, const limit::Ask &ask, bool isImpossible);

    std::map<std::string, Owed> m_requests; ///< by the bucket's name
};

} // namespace weir::engine
