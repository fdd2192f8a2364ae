// SPDX-License-Identifier: GPL-3.0-only
// What the admin port answers about requests, buckets and the past, as the panel takes it.
#pragma once

#include <vector>

#include <QJsonArray>
#include <QJsonObject>

#include "core/config/limit_entry.h"
#include "core/engine/port/bucket_peek.h"
#include "core/engine/port/limit_status.h"
#include "core/history/history_rows.h"
#include "core/telemetry/request_record.h"

namespace weir::remote {

[[nodiscard]] std::vector<telemetry::RequestRecord> requestsOf(const QJsonArray &said);
[[nodiscard]] engine::BucketList bucketsOf(const QJsonObject &said);
/// `set` has the numbers of the limit.
[[nodiscard]] engine::BucketPeek peekOf(const QJsonObject &said, const config::LimitSet &set);
/// Rows outside of what was asked for are left out.
[[nodiscard]] history::Answer historyOf(const QJsonObject &said, const history::Question &asked);

} // namespace weir::remote
