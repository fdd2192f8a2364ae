// SPDX-License-Identifier: GPL-3.0-only
// Whether somebody listens at a Unix socket, or whether it was only left there.
#pragma once

#include <optional>

#include <QString>

namespace weir::redis {

/// The process that listens at `path`, 0 when that cannot be told; nothing when nobody does. It need not answer, or be
/// able to: the kernel knows. Does not block.
[[nodiscard]] std::optional<int> socketOwner(const QString &path);

} // namespace weir::redis
