// SPDX-License-Identifier: GPL-3.0-only
// Looks at single buckets without taking from them.
#pragma once

#include <functional>
#include <vector>

#include "app/limit_parts.h"
#include "app/limits_in_force.h"
#include "app/store_connection.h"
#include "core/engine/port/bucket_peek.h"

namespace weir::app {

/// Thread: the service thread, as all three, which outlive it.
class BucketPeeker {
public:
    using Done = std::function<void(const Result<std::vector<engine::BucketPeek>> &)>;

    BucketPeeker(LimitParts &parts, LimitsInForce &inForce, StoreConnection &store)
        : m_parts{parts}, m_inForce{inForce}, m_store{store}
    {
    }

    /// As ServicePort::peekBuckets(). Asks the store, or who decides in its place.
    void peek(const std::vector<engine::BucketQuestion> &questions, const Done &done);

private:
    using PeekDone = std::function<void(const Result<engine::BucketPeek> &)>;
    void peekOne(const engine::BucketQuestion &question, int attempts, const PeekDone &done);

    LimitParts &m_parts;
    LimitsInForce &m_inForce;
    StoreConnection &m_store;
};

} // namespace weir::app
