// SPDX-License-Identifier: GPL-3.0-only
// What one instance decided without the store, entered into the bucket when the store is back: once, however often it is sent.
#pragma once

#include <cstdint>
#include <optional>

#include "core/limit/token_bucket.h"

namespace weir::limit {

/// What an instance did by itself during an outage. The counts are of the whole outage, so that a
/// settlement that was sent before and may have been applied is not applied again.
struct Settlement {
    std::int64_t outage{1}; ///< counts the outages of the instance
    std::int64_t part{1};   ///< counts the settlements sent for this outage
    bool isWhole{true};     ///< the instance had the whole bucket; false: a share of it
    // The bucket as last known before the instance went on by itself.
    Tokens baseTokens{0};
    Tokens baseDebt{0};
    std::int64_t baseInterval{0};
    std::int64_t baseTaken{0};
    Tokens inDoubt{0}; ///< of takes that were under way: taken or not, they were given to nobody
    // Where the instance has come to; isWhole only.
    Tokens tokens{0};
    std::int64_t interval{0};
    // What it did in this outage.
    std::int64_t spent{0};    ///< tokens
    std::int64_t admitted{0}; ///< requests
    std::int64_t refused{0};
};

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

struct SettleOutput {
    TakeOutput bucket;     ///< as of a take that costs nothing
    bool isSettled{false}; ///< false: a later one had been entered before; nothing was done
    bool isExact{false};   ///< nobody else had taken: the level is exactly what the instance came to
    /// Tokens that all together may have taken beyond level + refills since the base, as told for the whole outage: the
    /// answer to a part before may have been lost.
    Tokens excess{0};
    Tokens foundTaken{0}; ///< of those in doubt, when exact
};

/// `input.runs` are ignored and `input.mode` must be Keep; for a whole bucket needs tokens and baseTokens <= capacity.
SettleOutput settle(std::optional<Bucket> &bucket, SettleMark &mark, const TakeInput &input,
                    const Settlement &settlement);

} // namespace weir::limit
