// SPDX-License-Identifier: GPL-3.0-only
// Asks the plan about a request as the guard read it.
#pragma once

#include <vector>

#include "core/http/request_parser.h"
#include "core/policy/plan.h"

namespace weir::http {

/// Reuses its memory: one for each worker. Thread: one.
class RequestJudge {
public:
    /// Return the decree of `plan` on the request; it holds until the next call, and as long as `head` does.
    [[nodiscard]] policy::Decree judge(const policy::Plan &plan, const RequestHead &head, const IpAddress &client,
                                       bool isPeerTrusted);

private:
    std::vector<policy::HeaderField> m_fields;
    policy::PlanBuffers m_buffers;
};

} // namespace weir::http
