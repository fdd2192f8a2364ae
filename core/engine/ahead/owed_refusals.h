// SPDX-License-Identifier: GPL-3.0-only
// What the store has not been told yet: requests that were refused without it, by the bucket that said no.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Thread: lives in one thread. Memory: a name for each bucket, of which at most KnownRefusals::kMost requests were known.
class OwedRefusals {
public:
    /// Requests of `batch` that were refused as `output` says.
    void add(const Batch &batch, const limit::TakeOutput &output);
    /// A report that the store has not got: it is owed again.
    void addAgain(const Batch &report);

    [[nodiscard]] bool isEmpty() const { return m_requests.empty(); }

    /// All of it, as calls that take nothing and have no tickets: requests of a cost that no bucket has room for. Of
    /// limits that are gone nothing. At most store::kMaxBuckets buckets each; if the store is spread, of one group each.
    [[nodiscard]] std::vector<Batch> take(const PoliciesPtr &policies, bool isSpread);

private:
    std::map<std::string, std::int64_t> m_requests; ///< by the bucket's name
};

} // namespace weir::engine
