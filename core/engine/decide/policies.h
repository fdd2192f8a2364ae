// SPDX-License-Identifier: GPL-3.0-only
// What the workers decide by: an immutable snapshot, handed to every thread.
#pragma once

#include <memory>

#include "core/config/config.h"
#include "core/engine/decide/limit_book.h"
#include "core/limit/limit.h"

namespace weir::engine {

struct Policies {
    limit::Limit limit;                          ///< the one whose bucket the panel shows
    config::StoreFailurePolicy onStoreFailure{}; ///< of `limit`
    bool refillsOnDemand{true};                  ///< false: as in the study, only the refiller adds tokens
    limit::Tokens lease{0};                      ///< most tokens of a bucket that a worker takes ahead; 0: none
    std::string shownSubject; ///< of the bucket of `limit` that the panel shows; empty: all requests share it
    LimitBookPtr book;
    std::vector<limit::Limit> limits; ///< as in the book, with the numbers in force

    /// Tell whether both decide the same while the store is there; what the panel shows may differ.
    [[nodiscard]] bool decidesAs(const Policies &other) const
    {
        return book == other.book && limits == other.limits && refillsOnDemand == other.refillsOnDemand
               && lease == other.lease;
    }
};

using PoliciesPtr = std::shared_ptr<const Policies>;

} // namespace weir::engine
