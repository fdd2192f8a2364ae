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
    /// Return the decree of `plan` on a request of this method and target with the fields of `head`; it holds until the
    /// next call, and as long as its arguments do.
    [[nodiscard]] policy::Decree judge(const policy::Plan &plan, std::string_view method, std::string_view target,
                                       const RequestHead &head, const IpAddress &client, bool isPeerTrusted);

private:
    std::vector<policy::HeaderField> m_fields;
    policy::PlanBuffers m_buffers;
};

} // namespace weir::http
