// SPDX-License-Identifier: GPL-3.0-only
// The append-only files of the private redis-server; unusable ones are put aside, never deleted.
#pragma once

#include <QDateTime>
#include <QString>

#include "core/base/result.h"

namespace weir::redis {

/// Tell whether `folder` has data files without a manifest: redis-server would start empty and overwrite them.
[[nodiscard]] bool lacksManifest(const QString &folder);

/// Rename the append-only files in `folder` to "appendonlydir.broken-20260131-235959", with "-2" and so on behind it
/// when that is taken. Return their new path; nothing to move is an Error, too.
[[nodiscard]] Result<QString> moveAside(const QString &folder, const QDateTime &now);

} // namespace weir::redis
