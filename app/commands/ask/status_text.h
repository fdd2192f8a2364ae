// SPDX-License-Identifier: GPL-3.0-only
// What "weir status" prints.
#pragma once

#include <QJsonObject>
#include <QString>

namespace weir::app {

/// Return it as lines. `status` and `limits` are the answers to GET /v1/status and /v1/limits; what is in one of them only
/// has "-" for the other's part.
[[nodiscard]] QString statusText(const QJsonObject &status, const QJsonObject &limits);

} // namespace weir::app
