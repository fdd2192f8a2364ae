// SPDX-License-Identifier: GPL-3.0-only
// What "weir top" prints.
#pragma once

#include <QDateTime>
#include <QJsonObject>
#include <QString>

namespace weir::app {

/// Return it as lines. `top` is the answer to GET /v1/limits/NAME/top.
[[nodiscard]] QString topText(const QJsonObject &top, const QDateTime &now);

} // namespace weir::app
