// SPDX-License-Identifier: GPL-3.0-only
// All that the panel shows of a running Weir, as JSON; units are in the names.
#pragma once

#include <chrono>
#include <string>

#include <QJsonObject>

#include "core/engine/port/service_port.h"

namespace weir::admin {

/// Return it all; `now` is of the same clock as the times in `status`.
[[nodiscard]] QJsonObject jsonOf(const engine::Status &status, std::chrono::steady_clock::time_point now);

/// Return why decisions do not come from the store, or not all: a sentence. Empty: they do.
[[nodiscard]] std::string whyNotReady(const engine::Status &status);

/// Return "store", "local", "allow", "reject" or "nobody".
[[nodiscard]] QString wordOf(telemetry::DecidedBy by);

} // namespace weir::admin
