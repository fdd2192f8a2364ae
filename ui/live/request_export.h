// SPDX-License-Identifier: GPL-3.0-only
// Requests as files that other programs read. Pure; what clients sent stands there byte by byte.
#pragma once

#include <QByteArray>
#include <QList>
#include <span>

#include "core/telemetry/request_record.h"

namespace weir::ui {

/// Return a table with a heading line (RFC 4180) of these columns (RequestModel::Column), times in UTC. A text that a spreadsheet
/// would run as a formula has an apostrophe before it; what is not known is empty.
[[nodiscard]] QByteArray requestsAsCsv(std::span<const telemetry::RequestRecord> records, const QList<int> &columns);

/// Return an array of objects with the same names; what is not known is null.
[[nodiscard]] QByteArray requestsAsJson(std::span<const telemetry::RequestRecord> records, const QList<int> &columns);

} // namespace weir::ui
