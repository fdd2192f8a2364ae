// SPDX-License-Identifier: GPL-3.0-only
// What "weir check" prints.
#pragma once

#include <QJsonObject>
#include <QString>

namespace weir::app {

/// Return it as lines. `check` is the answer to GET /v1/check.
[[nodiscard]] QString checkText(const QJsonObject &check);

/// Return whether the request would be let through.
[[nodiscard]] bool wouldPass(const QJsonObject &check);

} // namespace weir::app
