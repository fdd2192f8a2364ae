// SPDX-License-Identifier: GPL-3.0-only
// The files that a private redis-server keeps its buckets in, when they are of no use: put aside, never deleted.
#pragma once

#include <QDateTime>
#include <QString>

#include "core/base/result.h"

namespace weir::redis {

/// There are data files in `folder`, but nothing says which: redis-server would take that for a new
/// beginning and write over them.
[[nodiscard]] bool lacksManifest(const QString &folder);

/// Renames the append-only files in `folder` to "appendonlydir.broken-20260131-235959", with "-2" and
/// so on behind it when that is taken. Their new path; nothing to move is an Error, too.
[[nodiscard]] Result<QString> moveAside(const QString &folder, const QDateTime &now);

} // namespace weir::redis
