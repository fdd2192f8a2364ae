// SPDX-License-Identifier: GPL-3.0-only
// What redis-server says on its standard output, read for what it means. Words of 7.0.15; of 6.0 where they differ.
#pragma once

#include <QByteArray>
#include <QString>

namespace weir::redis {

/// The last line without its process number and time; "it said nothing" when there is none.
[[nodiscard]] QString lastWords(const QByteArray &log);

/// The line that says that the append-only file cannot be understood; empty when none does. A file
/// that cannot be opened or read, or is of a newer version, is whole as far as anybody knows.
[[nodiscard]] QString brokenDataWords(const QByteArray &log);

/// The version of a file that a newer redis-server has written; empty when there is none.
[[nodiscard]] QString newerFormat(const QByteArray &log);

/// The last command was half written and has been cut off (aof-load-truncated).
[[nodiscard]] bool isTailCut(const QByteArray &log);

/// Why files cannot be written or opened, at the end of `text`: "No space left on device". Else empty.
[[nodiscard]] QString fileObstacle(const QString &text);
/// What to do about it: "free space there".
[[nodiscard]] QString hintAgainst(const QString &obstacle);

} // namespace weir::redis
