// SPDX-License-Identifier: GPL-3.0-only
// A bucket that one instance goes on with while the store is away: from the last known level, with its share, never past it.
#pragma once

#include "core/limit/settle.h"

namespace weir::limit {

/// How a bucket was left when the store went away.
struct LastSeen {
    LimitSpec spec;
    std::int64_t epoch{1};
    Known known;               ///< by `spec`; isKnown()
    Tokens inDoubt{0};         ///< of this instance's takes without an answer: taken or not, they were given to nobody
    std::int64_t instances{1}; ///< that share the bucket, this one included
};

/// Pure; whoever shares it between threads locks.
class LocalBucket {
public:
    /// `outage` numbers the outages of this instance.
    LocalBucket(const LastSeen &seen, std::int64_t outage);

    /// As limit::take on this instance's share (share.h); `now` by the store's clock, as well as it is known.
    /// Lifetime requests are those of the bucket with what was decided here; `born` is 0.
    TakeOutput take(Micros now, std::span<const CostRun> runs, bool appliesDue);

    /// All that was decided here so far, as the next part. `isAlone`: nobody else is known of by now.
    [[nodiscard]] Settlement settlement(bool isAlone);

    [[nodiscard]] const LastSeen &seen() const { return m_seen; }
    [[nodiscard]] Tokens spent() const { return m_bucket->taken / m_seen.instances; }
    [[nodiscard]] bool isWhole() const { return m_seen.instances == 1; }

private:
    LastSeen m_seen;
    std::optional<Bucket> m_bucket; ///< its totals count from 0, `taken` what was paid
    std::int64_t m_outage{0};
    std::int64_t m_parts{0};
};

} // namespace weir::limit
