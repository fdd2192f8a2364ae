// SPDX-License-Identifier: GPL-3.0-only
// Finds the process that listens at a Unix socket.
#pragma once

#include <optional>

#include <QString>

namespace weir::redis {

/// Return the process that listens at `path`, 0 when it cannot be told; nothing when none does. Asks the kernel, so the
/// process need not answer. Does not block.
[[nodiscard]] std::optional<int> socketOwner(const QString &path);

} // namespace weir::redis
