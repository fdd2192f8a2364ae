// SPDX-License-Identifier: GPL-3.0-only
// From a bucket in the table to an entry of the block list. Pure.
#pragma once

#include <QString>
#include <string>
#include <variant>

#include "core/config/limit_entry.h"

namespace weir::ui {

/// What would turn away the bucket's owner, or why nothing would.
using BlockEntry = std::variant<Network, config::KeyValue, QString>;

/// `subject` as the engine names it: an address or a network, or a value with "%XX" for all that is unusual.
[[nodiscard]] BlockEntry blockEntryOf(const std::vector<config::KeyPart> &key, const std::string &subject);

/// `set` with the entry in its block list; the same when it is there already.
[[nodiscard]] config::LimitSet withBlocked(config::LimitSet set, const BlockEntry &entry);

/// "203.0.113.7", "X-Api-Key abc".
[[nodiscard]] QString blockEntryText(const BlockEntry &entry);

} // namespace weir::ui
