// SPDX-License-Identifier: GPL-3.0-only
// Reads limits from the body of a request: by the rules of a configuration file, with all that is wrong at once.
#pragma once

#include <string>

#include <QJsonObject>

#include "core/admin/admin_answers.h"
#include "core/config/limit_entry.h"

namespace weir::admin {

/// What the limits are to be, when there is no fault.
struct ReadLimits {
    config::LimitSet set{};
    Faults faults{};
    bool isNew{false}; ///< a limit was added
};

/// Return `present` with the limit `name` as `body` says: fields that are not in it stay as they are, null is the default,
/// and a match is replaced as a whole. A limit of another name is added behind all others. Faults name fields of the limit:
/// "refill", "match.path".
[[nodiscard]] ReadLimits withLimit(const config::LimitSet &present, const std::string &name, const QJsonObject &body);

/// Return all limits as `body` says; lists and settings of keys that are not in it stay as they are. Faults are named as in a
/// file: "limit[2].refill".
[[nodiscard]] ReadLimits withAll(const config::LimitSet &present, const QJsonObject &body);

/// Return `present` without the limit of that name; a fault when there is none, or it is the only one.
[[nodiscard]] ReadLimits without(const config::LimitSet &present, const std::string &name);

} // namespace weir::admin
