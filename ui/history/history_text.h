// SPDX-License-Identifier: GPL-3.0-only
// The history as files that other programs read. Pure.
#pragma once

#include <QByteArray>

#include "core/history/history_rows.h"

namespace weir::ui {

/// Return a table with a heading line (RFC 4180), times in UTC: begin,seconds,limit,admitted,refused,...; what is not known is
/// empty.
[[nodiscard]] QByteArray historyAsCsv(const history::Answer &answer);
/// Return the rows and the marks as one JSON object, names as in the table.
[[nodiscard]] QByteArray historyAsJson(const history::Answer &answer);

} // namespace weir::ui
