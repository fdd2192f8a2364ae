// SPDX-License-Identifier: GPL-3.0-only
// Reads what the admin port is asked about a request.
#pragma once

#include <memory>

#include "core/admin/call.h"
#include "core/policy/question.h"

namespace weir::admin {

/// Read the question of GET /v1/check: a bucket (limit, key), or a request (path, method, client, header). What is wrong
/// with its parameters goes to `call`.
[[nodiscard]] policy::Question readQuestion(Call &call, std::shared_ptr<const config::LimitSet> set);

} // namespace weir::admin
