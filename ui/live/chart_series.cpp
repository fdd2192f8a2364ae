// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/chart_series.h"

#include <algorithm>
#include <cmath>

namespace weir::ui {
namespace {

constexpr double kAxisSteps = 5;

// Every answer is one of these, let through or rejected.
std::int64_t turnedDown(const telemetry::SecondBin &bin)
{
    return bin.refused + bin.blocked;
}

void add(PlotBin &bar, const telemetry::SecondBin &bin, bool isOurLevel)
{
    ++bar.seconds;
    bar.admitted += static_cast<double>(bin.letThrough());
    bar.refused += static_cast<double>(turnedDown(bin));
    bar.undecided += static_cast<double>(bin.rejected());
    if (bin.tokens >= 0 && isOurLevel)
        bar.tokens = bin.tokens;
}

void toRates(PlotBin &bar)
{
    if (bar.seconds == 0)
        return;
    bar.admitted /= bar.seconds;
    bar.refused /= bar.seconds;
    bar.undecided /= bar.seconds;
}

void addMarks(ChartSeries &series, const telemetry::History &history, std::int64_t begin, std::int64_t end,
              std::int64_t barSeconds)
{
    for (const telemetry::LimitChange &change : history.changes) {
        if (change.atMs < begin * 1000 || change.atMs >= end * 1000)
            continue;
        const double seconds = static_cast<double>(change.atMs - begin * 1000) / 1000.0;
        series.marks.push_back({seconds / static_cast<double>(barSeconds), change});
    }
}

} // namespace

ChartSeries chartSeries(const telemetry::History &history, ChartRange range, std::int64_t nowSecond,
                        std::int64_t levelsSince)
{
    const std::int64_t barSeconds = secondsPerBar(range);
    const std::int64_t newest = history.bins.empty() ? nowSecond : history.bins.back().second;
    const std::int64_t end = (newest / barSeconds + 1) * barSeconds;
    const std::int64_t begin = end - kPlotBins * barSeconds;

    ChartSeries series;
    series.bins.resize(kPlotBins);
    for (std::size_t i = 0; i < series.bins.size(); ++i)
        series.bins[i].second = begin + static_cast<std::int64_t>(i) * barSeconds;

    const auto first =
        std::lower_bound(history.bins.begin(), history.bins.end(), begin,
                         [](const telemetry::SecondBin &bin, std::int64_t second) { return bin.second < second; });
    for (auto bin = first; bin != history.bins.end(); ++bin) {
        const std::int64_t index = (bin->second - begin) / barSeconds;
        if (index >= kPlotBins) // the wall clock was set back: the newest bin is not the last
            continue;
        add(series.bins[static_cast<std::size_t>(index)], *bin, bin->second >= levelsSince);
        series.admitted += bin->letThrough();
        series.refused += turnedDown(*bin);
        series.undecided += bin->rejected();
    }
    for (PlotBin &bar : series.bins) {
        toRates(bar);
        series.peakRate = std::max(series.peakRate, bar.admitted + bar.refused + bar.undecided);
        series.peakTokens = std::max(series.peakTokens, bar.tokens);
    }
    addMarks(series, history, begin, end, barSeconds);
    return series;
}

RecentRate recentRate(const telemetry::History &history, int seconds)
{
    RecentRate rate;
    const std::size_t wanted = std::min(history.bins.size(), static_cast<std::size_t>(std::max(seconds, 0)));
    if (wanted == 0)
        return rate;
    for (auto bin = history.bins.end() - static_cast<std::ptrdiff_t>(wanted); bin != history.bins.end(); ++bin) {
        rate.admitted += static_cast<double>(bin->letThrough());
        rate.refused += static_cast<double>(bin->refused);
    }
    rate.admitted /= static_cast<double>(wanted);
    rate.refused /= static_cast<double>(wanted);
    return rate;
}

NiceScale niceScale(double peak)
{
    if (!(peak > 0))
        return {};
    const double smallest = std::max(peak / kAxisSteps, 1.0);
    const double power = std::pow(10.0, std::floor(std::log10(smallest)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        const double step = factor * power;
        // The small tolerance keeps 4.000000001 from needing a fifth step.
        if (step >= smallest * (1 - 1e-9) && std::fmod(step, 1.0) == 0.0)
            return {std::max(std::ceil(peak / step * (1 - 1e-9)), 1.0) * step, step};
    }
    return {peak, peak};
}

} // namespace weir::ui
