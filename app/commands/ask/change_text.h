// SPDX-License-Identifier: GPL-3.0-only
// What "weir set" sends, and what it prints.
#pragma once

#include <QJsonObject>
#include <QString>

namespace weir::app {

/// Return the body of PUT /v1/limits/NAME: `changes`, in which "match.path" and the like are put into the match of
/// `present`, the limit as it is.
[[nodiscard]] QJsonObject bodyOf(const QJsonObject &changes, const QJsonObject &present);

/// Return a line for each field that differs: "global: capacity 5 -> 10"; one that says so when none does. Without
/// `before` the limit is new.
[[nodiscard]] QString changeText(const QJsonObject &before, const QJsonObject &after);

} // namespace weir::app
