// SPDX-License-Identifier: GPL-3.0-only
// What goes to stderr: the log, and what Weir says about its own start.
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QString>
#include <QtGlobal>

#include <string>

#include "core/config/log_format.h"

namespace weir::app {

/// One message of the log as it is written, with the line feed. `at` counts for Text and Json, which has it in UTC.
/// Journal: each line of the message has its priority (sd-daemon(3)), so that none of them gets lost among others.
[[nodiscard]] QByteArray logLine(config::LogFormat format, const QDateTime &at, QtMsgType type, const char *category,
                                 const QString &message);

/// The log of this process from here on. Text: as Qt writes it, by its message pattern. Thread: the main thread, before
/// there are others.
void setLogFormat(config::LogFormat format);

/// "weir: SENTENCE." on stderr; as a message of the category "weir" when the log is not text. Thread: the main thread.
void complain(const std::string &sentence, QtMsgType type = QtCriticalMsg);

} // namespace weir::app
