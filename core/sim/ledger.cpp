// SPDX-License-Identifier: GPL-3.0-only
#include "core/sim/ledger.h"

#include <algorithm>

#include "core/base/whole.h"
#include "core/sim/boundaries.h"

namespace weir::sim {

std::vector<LedgerSecond> ledgerOf(const limit::LimitSpec &spec, limit::Tokens level, Micros phase,
                                   std::span<const Admissions> seconds)
{
    const Boundaries boundaries(spec, phase);
    const auto dueIn = [&](std::int64_t second) {
        const std::int64_t begin = second * kSecondUs;
        return saturatingMultiply(boundaries.within(begin, begin + kSecondUs), spec.refill);
    };
    std::vector<LedgerSecond> result;
    result.reserve(seconds.size());
    limit::Tokens left = level;
    for (const Admissions &counted : seconds) {
        LedgerSecond second;
        const limit::Tokens room = spec.capacity - left + counted.admitted;
        second.refilled = std::min(dueIn(counted.second), std::max<limit::Tokens>(room, 0));
        left += second.refilled - counted.admitted;
        const limit::Tokens onLoan = std::min(dueIn(counted.second + 1), spec.capacity);
        if (left < -onLoan) {
            second.over = -onLoan - left;
            left = -onLoan;
        }
        second.left = left;
        result.push_back(second);
    }
    return result;
}

} // namespace weir::sim
