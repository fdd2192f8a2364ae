// SPDX-License-Identifier: GPL-3.0-only
// The counts of each limit and the buckets of one, as the panel shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/limit/limit.h"

namespace weir::engine {

/// Requests on one limit in this process, since it has a limit of this name.
struct LimitCounts {
    std::string limit;
    std::int64_t admitted{0};
    std::int64_t refused{0};     ///< by this limit; of a shadow: would have been refused
    std::int64_t liveBuckets{0}; ///< that are not full, as far as this process knows
    std::int64_t overflows{0};   ///< requests on the overflow bucket (policy::kOverflowSubject)
    std::int64_t impossible{0};  ///< of the refused: they cost more than the capacity; not of a shadow
    std::int64_t wouldRefuse{0}; ///< of the refused: admitted nevertheless, because the limit was a shadow
    std::int64_t undecided{0};   ///< that were for it and the store did not decide: 503, or let through under allow
    std::int64_t refills{0};     ///< times that our refiller added what was due to the bucket that all requests share
    std::optional<limit::Tokens> tokens{}; ///< of that bucket, as far as this process knows; nothing: there is none, or
                                           ///< nothing was heard of it
};

/// One bucket of a keyed limit, or the only one of a limit without a key.
struct BucketRow {
    std::string subject;      ///< as in its key: safe to show; empty: all requests share it
    limit::Tokens tokens{-1}; ///< as last heard from the store; -1: not known
    std::int64_t admitted{0}; ///< requests, by this process since it counts the subject
    std::int64_t refused{0};
    std::int64_t uncertainty{0}; ///< requests before it was counted that may be missing above
    std::int64_t lastSeenMs{0};  ///< milliseconds since 1970
};

struct BucketList {
    std::string limit;
    std::vector<BucketRow> rows; ///< most requests first; at most kMostBucketRows
    std::int64_t live{0};
};

inline constexpr std::size_t kMostBucketRows = 100;

/// Where the limits come from and go to.
struct ConfigStatus {
    std::string file;         ///< empty: none, changes live in the store only
    std::int64_t readAtMs{0}; ///< milliseconds since 1970 of the last time it was read or written; 0: never
    std::string problem;      ///< why the newest file is not in force: one sentence; empty: it is
    std::vector<std::string> waitsForRestart{}; ///< settings of the file that a running Weir does not take over
    bool isRetried{false};                      ///< it is tried again until it is in force or changes
};

/// The last time that this Weir and another one gave a limit different numbers.
struct LimitNotice {
    std::string sentence; ///< empty: never
    std::int64_t atMs{0}; ///< milliseconds since 1970
};

/// What is remembered of what others have done.
inline constexpr std::size_t kMostDeeds = 8;

} // namespace weir::engine
