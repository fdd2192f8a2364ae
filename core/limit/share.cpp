// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/share.h"

#include <algorithm>

#include "core/base/whole.h"

namespace weir::limit {

// A refill that cannot be divided comes as one token every so many intervals: in m * i intervals an
// instance gets i, all n of them n * i, and the bucket would have got m * i * refill >= n * i.
Share shareOf(const LimitSpec &spec, Tokens tokens, std::int64_t instances)
{
    Share share{spec, tokens / instances};
    share.spec.capacity = spec.capacity / instances;
    share.spec.refill = spec.refill / instances;
    if (share.spec.refill == 0) {
        const std::int64_t intervals = ceilDiv(instances, spec.refill);
        share.spec.refill = 1;
        share.spec.interval = Micros{saturatingMultiply(intervals, spec.interval.count())};
    }
    share.spec.refill = std::min(share.spec.refill, std::max<Tokens>(1, share.spec.capacity));
    return share;
}

} // namespace weir::limit
