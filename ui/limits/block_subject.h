// SPDX-License-Identifier: GPL-3.0-only
// Makes an entry of the block list from a bucket. Pure.
#pragma once

#include <QString>
#include <string>
#include <variant>

#include "core/config/limit_entry.h"

namespace weir::ui {

/// An entry that blocks the client of a bucket, or why there is none.
using BlockEntry = std::variant<Network, config::KeyValue, QString>;

/// Return the entry for `subject`, as policy::SubjectKey writes it.
[[nodiscard]] BlockEntry blockEntryOf(const std::vector<config::KeyPart> &key, const std::string &subject);

/// Return `set` with the entry in its block list; unchanged when it is there already.
[[nodiscard]] config::LimitSet withBlocked(config::LimitSet set, const BlockEntry &entry);

/// Return "203.0.113.7", "X-Api-Key abc".
[[nodiscard]] QString blockEntryText(const BlockEntry &entry);

} // namespace weir::ui
