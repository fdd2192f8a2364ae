// SPDX-License-Identifier: GPL-3.0-only
// Numbers and times as the panel shows them. Pure; everything is plain text.
#pragma once

#include <QString>

#include "core/base/duration.h"

namespace weir::ui::format {

[[nodiscard]] QString count(qint64 number);      ///< "1,284"
[[nodiscard]] QString shortCount(qint64 number); ///< "1,284", "12.8k", "1.25M", "1G"
[[nodiscard]] QString tokens(qint64 number);     ///< "1 token", "5 tokens"
[[nodiscard]] QString perSecond(double rate);    ///< "0/s", "0.2/s", "4.9/s", "12,345/s"
/// Return "80.4%"; a dash when `whole` is 0. Never rounds up to 100% or down to 0%.
[[nodiscard]] QString share(qint64 part, qint64 whole);
[[nodiscard]] QString took(Micros duration);                   ///< "0.41 ms", "12 ms", "1.2 s"
[[nodiscard]] QString duration(Micros duration);               ///< exact: "1 min", "90 s", "200 ms"
[[nodiscard]] QString countdown(Micros left);                  ///< "0:37", "1:02:03", "2 d 3 h"; rounded up to seconds
[[nodiscard]] QString runningTime(std::chrono::seconds since); ///< "00:14:22", "3 d 00:14:22"
[[nodiscard]] QString clock(qint64 secondsSince1970);          ///< local time, "12:06:41"
[[nodiscard]] QString clockMillis(qint64 microsSince1970);     ///< local time, "12:06:41.220"

} // namespace weir::ui::format
