// SPDX-License-Identifier: GPL-3.0-only
// The requests of one turn of the event loop, as one call on all the buckets that they take from.
#pragma once

#include <string>
#include <vector>

#include "core/engine/decision.h"
#include "core/limit/group.h"
#include "core/policy/plan.h"

namespace weir::engine {

/// One request and what it is charged; shadows included.
struct ChargedRequest {
    Ticket ticket{0};
    std::vector<policy::Charge> charges; ///< at least one
};

struct GroupBatch {
    struct Bucket {
        std::size_t limit{0};   ///< its place in Policies::limits
        std::string subject;    ///< after its limit had no room for more: policy::kOverflowSubject
        std::string name;       ///< store::GroupRequest::Bucket::name
        limit::Tokens asked{0}; ///< of the runs below, all together
    };
    std::string group; ///< store::GroupRequest::group
    std::vector<Bucket> buckets;
    std::vector<limit::AskRun> runs;
    std::vector<Ticket> tickets;        ///< of the requests of all runs, in order
    PoliciesPtr policies;               ///< by which it was made
    std::vector<limit::CellKnown> sent; ///< with the last call, by bucket
};

/// LIMIT:SUBJECT, or LIMIT when all requests share the bucket.
[[nodiscard]] inline std::string bucketName(const std::string &limit, std::string_view subject)
{
    return subject.empty() ? limit : limit + ':' + std::string{subject};
}

} // namespace weir::engine
