// SPDX-License-Identifier: GPL-3.0-only
// What the admin port answers with: JSON, or a problem (RFC 9457).
#pragma once

#include <string_view>
#include <vector>

#include <QJsonObject>
#include <QJsonValue>
#include <QString>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/http/admin_desk.h"

namespace weir::admin {

/// Each thing that is wrong: where in the request, what, and what would be right.
using Faults = std::vector<config::ConfigIssue>;

[[nodiscard]] http::AdminAnswer json(const QJsonObject &content, int status = 200);

/// `detail` is a sentence for people.
[[nodiscard]] http::AdminAnswer problem(int status, std::string_view detail);
/// The same with all that is wrong as `errors`; at least one.
[[nodiscard]] http::AdminAnswer problem(int status, const Faults &faults);
/// What a change that failed is answered with.
[[nodiscard]] http::AdminAnswer problemOf(const Error &error);

/// Return the text; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] QString textOf(std::string_view text);

} // namespace weir::admin
