// SPDX-License-Identifier: GPL-3.0-only
// Reads the standard output of redis-server. Words of 7.0.15, and of 6.0 where they differ.
#pragma once

#include <QByteArray>
#include <QString>

namespace weir::redis {

/// Return the last line without its process number and time; "it said nothing" when there is none.
[[nodiscard]] QString lastWords(const QByteArray &log);

/// Return the line that says that the append-only file is corrupt; empty when none does. A file that cannot be opened
/// or read, or is of a newer version, does not count as corrupt.
[[nodiscard]] QString brokenDataWords(const QByteArray &log);

/// Return the version of a file that a newer redis-server has written; empty when there is none.
[[nodiscard]] QString newerFormat(const QByteArray &log);

/// Tell whether the last command was half written and has been cut off (aof-load-truncated).
[[nodiscard]] bool isTailCut(const QByteArray &log);

/// Return the system error at the end of `text` that says why files cannot be written or opened: "No space left on
/// device". Else empty.
[[nodiscard]] QString fileObstacle(const QString &text);
/// Return what to do about it: "free space there".
[[nodiscard]] QString hintAgainst(const QString &obstacle);

} // namespace weir::redis
