// SPDX-License-Identifier: GPL-3.0-only
// Limits as JSON, with the keys and values of a configuration file.
#pragma once

#include <string>

#include <QJsonObject>

#include "core/config/limit_entry.h"

namespace weir::admin {

/// Return all fields of one limit; of its match those that say something.
[[nodiscard]] QJsonObject jsonOf(const config::LimitEntry &limit);

/// Return {"limit": [...], "allow": {...}, "block": {...}, "keys": {...}}. In the lists, values that identify a client and
/// that buckets are called by as hashes are their hashes, which mean the same.
[[nodiscard]] QJsonObject jsonOf(const config::LimitSet &set);

/// Return the value of an entry of a list as it is shown: itself, or its hash.
[[nodiscard]] std::string hiddenValue(const config::KeyValue &key, const config::LimitSet &set);

} // namespace weir::admin
