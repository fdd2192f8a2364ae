// SPDX-License-Identifier: GPL-3.0-only
// What GET /v1/status says, as the panel takes it; what an older or newer Weir does not say is as if nothing were known.
#pragma once

#include <chrono>

#include <QJsonObject>
#include <QJsonValue>

#include "core/engine/port/service_port.h"

namespace weir::remote {

/// Return the status; `now` is when it was heard. Of the limit there are its name and numbers.
[[nodiscard]] engine::Status statusOf(const QJsonObject &said, std::chrono::steady_clock::time_point now);

/// Return who decided, by its word; Nobody for another one.
[[nodiscard]] telemetry::DecidedBy decidedBy(const QJsonValue &word);
/// Return the time that so many milliseconds are.
[[nodiscard]] Micros microsOf(const QJsonValue &milliseconds);
[[nodiscard]] std::string textOf(const QJsonValue &text);

} // namespace weir::remote
