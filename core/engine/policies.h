// SPDX-License-Identifier: GPL-3.0-only
// What the workers decide by: an immutable snapshot, handed to every thread.
#pragma once

#include <memory>

#include "core/config/config.h"
#include "core/engine/rule_book.h"
#include "core/limit/limit.h"

namespace weir::engine {

struct Policies {
    limit::Limit limit;
    config::StoreFailurePolicy onStoreFailure{};
    bool refillsOnDemand{true};       ///< false: as in the study, only the refiller adds tokens
    limit::Tokens lease{0};           ///< most tokens of a bucket that a worker takes ahead; 0: none
    std::string shownSubject;         ///< of the bucket of `limit` that the panel shows; empty: all requests share it
    RuleBookPtr book;                 ///< null: `limit` for all requests
    std::vector<limit::Limit> limits; ///< as in the book, with the numbers in force

    /// Requests are decided by `limit` alone, a token bucket, not by the book. Others can have given it another algorithm
    /// than the book says.
    [[nodiscard]] bool isSingle() const
    {
        return (!book || book->isSingle) && limit.spec.algorithm == limit::Algorithm::TokenBucket;
    }
    /// While the store is there, they differ at most in what the panel shows.
    [[nodiscard]] bool decidesAs(const Policies &other) const
    {
        return book == other.book && limits == other.limits && (!isSingle() || limit == other.limit)
               && refillsOnDemand == other.refillsOnDemand && lease == other.lease;
    }
};

using PoliciesPtr = std::shared_ptr<const Policies>;

} // namespace weir::engine
