// SPDX-License-Identifier: GPL-3.0-only
// A request as a line of curl for a shell. Pure.
#pragma once

#include <QString>

#include "core/telemetry/request_record.h"

namespace weir::ui {

/// Return a command that sends method and target byte by byte to `url` ("http://127.0.0.1:8000"); empty when the record does not
/// have all of them. Every word of the client's is quoted for a POSIX shell; bytes that cannot be pasted are escapes of $'...'.
[[nodiscard]] QString curlCommand(const telemetry::RequestRecord &record, const QString &url);

} // namespace weir::ui
