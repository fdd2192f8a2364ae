// SPDX-License-Identifier: GPL-3.0-only
// Writes to stderr: the log, and complaints at the start.
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QString>
#include <QtGlobal>

#include <string>

#include "core/config/log_format.h"

namespace weir::app {

/// Return one message of the log with its line feed. `at` is used by Text and Json (in UTC). Journal: each line has its
/// priority (sd-daemon(3)), so that all are filed with it.
[[nodiscard]] QByteArray logLine(config::LogFormat format, const QDateTime &at, QtMsgType type, const char *category,
                                 const QString &message);

/// Set the format of the log. Text: as Qt writes it, by its message pattern. Thread: the main thread, before there are
/// others.
void setLogFormat(config::LogFormat format);

/// Write "weir: SENTENCE." on stderr; as a message of the category "weir" when the log is not text. Thread: the main
/// thread.
void complain(const std::string &sentence, QtMsgType type = QtCriticalMsg);

} // namespace weir::app
