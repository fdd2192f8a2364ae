// SPDX-License-Identifier: GPL-3.0-only
// Makes the bars of the chart from the bins of the history. Pure.
#pragma once

#include <vector>

#include "core/telemetry/history.h"

namespace weir::ui {

enum class ChartRange { OneMinute, FiveMinutes, OneHour };

/// Bars of every range: QtCharts draws as many in 2-3 ms (measured with Qt 6.4.2).
inline constexpr int kPlotBins = 60;

[[nodiscard]] constexpr std::int64_t secondsPerBar(ChartRange range)
{
    return range == ChartRange::OneMinute ? 1 : range == ChartRange::FiveMinutes ? 5 : 60;
}

struct PlotBin {
    std::int64_t second{0};  ///< since 1970, at which it begins
    int seconds{0};          ///< how many seconds of it the history knows; the newest bar is often not full
    double admitted{0};      ///< requests per second, over the known seconds: 200 or 404, for whatever reason
    double refused{0};       ///< 429, and 403
    double undecided{0};     ///< 503
    std::int64_t tokens{-1}; ///< the last known level in it; -1: none

    /// Tell whether both are drawn alike, apart from their time.
    [[nodiscard]] bool looksLike(const PlotBin &other) const
    {
        return admitted == other.admitted && refused == other.refused && undecided == other.undecided
               && tokens == other.tokens;
    }
};

struct PlotMark {
    double position{0}; ///< in bars from the left edge, 0..kPlotBins
    telemetry::LimitChange change;
};

struct ChartSeries {
    std::vector<PlotBin> bins;   ///< kPlotBins, oldest first; those before the start are empty
    std::vector<PlotMark> marks; ///< oldest first
    double peakRate{0};          ///< of admitted + refused + undecided
    std::int64_t peakTokens{0};
    std::int64_t admitted{0}; ///< requests in the range
    std::int64_t refused{0};
    std::int64_t undecided{0};
};

/// Make the bars. They end at multiples of their length, so that a finished bar never changes. `nowSecond` is used only
/// while the history is empty. Levels before `levelsSince` are of another bucket, and left out.
[[nodiscard]] ChartSeries chartSeries(const telemetry::History &history, ChartRange range, std::int64_t nowSecond,
                                      std::int64_t levelsSince = 0);

/// The mean rate of the newest `seconds` bins.
struct RecentRate {
    double admitted{0}; ///< 200 or 404, for whatever reason
    double refused{0};  ///< 429
};
[[nodiscard]] RecentRate recentRate(const telemetry::History &history, int seconds);

/// The top of an axis that holds `peak`, and the step of its labels: 1, 2, 2.5 or 5 times a power of ten,
/// whole numbers only, at most five steps.
struct NiceScale {
    double top{4};
    double step{1};

    friend bool operator==(const NiceScale &, const NiceScale &) = default;
};
[[nodiscard]] NiceScale niceScale(double peak);

} // namespace weir::ui
