// SPDX-License-Identifier: GPL-3.0-only
// A stretch of time that is looked at, and how it is moved and zoomed. Pure.
#pragma once

#include <QList>
#include <QString>

#include <cstdint>

namespace weir::ui {

/// Seconds since 1970; `toS` is not included.
struct HistorySpan {
    std::int64_t fromS{0};
    std::int64_t toS{0};

    [[nodiscard]] std::int64_t length() const { return toS - fromS; }
    friend bool operator==(const HistorySpan &, const HistorySpan &) = default;
};

inline constexpr std::int64_t kDayS = 86'400;
inline constexpr std::int64_t kWeekS = 7 * kDayS;
inline constexpr std::int64_t kShortestSpanS = 60;
inline constexpr std::int64_t kLongestSpanS = 762 * kDayS; // as long as anything is kept

/// Return the last `length` seconds before `nowS`.
[[nodiscard]] HistorySpan lastOf(std::int64_t length, std::int64_t nowS);
/// Return `span` with its length times `factor`, the moment at `share` of it (0 to 1) staying where it is; at least
/// kShortestSpanS, at most kLongestSpanS long, and not behind `nowS`.
[[nodiscard]] HistorySpan zoomed(const HistorySpan &span, double factor, double share, std::int64_t nowS);
/// Return `span` moved by `share` of its length; not behind `nowS`.
[[nodiscard]] HistorySpan moved(const HistorySpan &span, double share, std::int64_t nowS);

/// A moment to be marked under the picture.
struct TimeTick {
    std::int64_t atS{0};
    QString text; ///< local time: "14:30", "Mon 3", "Nov 2026"
};
/// Return round local times within `span`, at most `most` of them.
[[nodiscard]] QList<TimeTick> timeTicks(const HistorySpan &span, int most);
/// Return "Mon 30 Nov, 14:05" with as much as `stepS` makes sense of, local time.
[[nodiscard]] QString momentText(std::int64_t atS, std::int64_t stepS);

} // namespace weir::ui
