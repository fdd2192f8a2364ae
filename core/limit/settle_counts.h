// SPDX-License-Identifier: GPL-3.0-only
// What both kinds of settlement do with their mark: each part is entered once.
#pragma once

#include <algorithm>

#include "core/limit/bucket_steps.h"
#include "core/limit/settle.h"

namespace weir::limit::steps {

/// False: a later part has been entered before.
template<class AnySettlement>
[[nodiscard]] bool isNew(const SettleMark &mark, const AnySettlement &settlement)
{
    return settlement.outage > mark.outage || (settlement.outage == mark.outage && settlement.part > mark.part);
}

/// Adds to the totals of `bucket` what `mark` has not got yet of the outage; from then on it has.
template<class AnyBucket, class AnySettlement>
void enterCounts(AnyBucket &bucket, SettleMark &mark, const AnySettlement &settlement)
{
    const auto enter = [](std::int64_t &total, std::int64_t &entered, std::int64_t now) {
        addToTotal(total, std::max<std::int64_t>(0, now - entered));
        entered = std::max(entered, now);
    };
    enter(bucket.taken, mark.spent, settlement.spent);
    enter(bucket.admitted, mark.admitted, settlement.admitted);
    enter(bucket.refused, mark.refused, settlement.refused);
    mark.outage = settlement.outage;
    mark.part = settlement.part;
}

} // namespace weir::limit::steps
