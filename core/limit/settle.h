// SPDX-License-Identifier: GPL-3.0-only
// What an instance decided without the store about buckets of any algorithm, entered into them when the store is back:
// once, however often it is sent.
#pragma once

#include "core/limit/take.h"

namespace weir::limit {

/// What has been entered of one instance's settlements, kept beside the bucket.
struct SettleMark {
    std::int64_t outage{0};
    std::int64_t part{0};
    std::int64_t spent{0};
    std::int64_t admitted{0};
    std::int64_t refused{0};
    Tokens excess{0}; ///< told for this outage so far

    friend bool operator==(const SettleMark &, const SettleMark &) = default;
};

/// What an instance did with one bucket during an outage. The counts are of the whole outage, so that a settlement that
/// was sent before and may have been applied is not applied again.
struct Settlement {
    std::int64_t outage{1};    ///< counts the outages of the instance
    std::int64_t part{1};      ///< counts the settlements sent for this outage
    bool isWhole{true};        ///< the instance had the whole bucket; false: a share of it
    bool hasBase{false};       ///< it was known by the limit of the call, and the store has forgotten nothing since
    std::int64_t baseTaken{0}; ///< as known when the outage began
    Tokens had{0};             ///< there at the base, less what was owed, and come back since, until `cell`
    Tokens inDoubt{0};         ///< of takes that were under way: taken or not, given to nobody
    std::array<std::int64_t, kMostCellNumbers> base{}; ///< the state with `baseTaken`
    std::array<std::int64_t, kMostCellNumbers> cell{}; ///< where it has come to; a share's by what it paid
    std::int64_t spent{0};                             ///< tokens
    std::int64_t admitted{0};                          ///< requests
    std::int64_t refused{0};
};

struct SettleOutput {
    BucketOutput bucket;   ///< as of a take that costs nothing; stale: nothing was done, to no bucket
    bool isSettled{false}; ///< false: it, or a later one, had been entered before; nothing was done
    bool isExact{false};   ///< nobody else had taken: the bucket is where the instance had come to
    Tokens excess{0};      ///< that may have been taken beyond level + refills, as told for the whole outage
    Tokens foundTaken{0};  ///< of those in doubt, when exact
};

/// Enter `settlement` in the bucket, unless `mark` says that it or a later one has been. `call.mode` must be Keep;
/// `appliesDue` as of TakeInput. A sliding log is never exact: its entries are not sent.
SettleOutput settle(std::optional<Bucket> &bucket, SettleMark &mark, const BucketCall &call, Micros now,
                    const Settlement &settlement, bool appliesDue = true);

} // namespace weir::limit
