// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/failure_comparison.h"

#include <algorithm>

#include "core/sim/ledger.h"
#include "core/sim/would.h"

namespace weir::ui {
namespace {

using config::StoreFailurePolicy;
using telemetry::SecondBin;
using Bins = std::vector<SecondBin>;

// What may be worked out anew each second in the thread of the window: some milliseconds.
constexpr std::int64_t kMostSteps = 60'000;

sim::FailurePolicy simPolicy(StoreFailurePolicy policy)
{
    switch (policy) {
    case StoreFailurePolicy::Reject:
        return sim::FailurePolicy::Reject;
    case StoreFailurePolicy::Allow:
        return sim::FailurePolicy::Allow;
    case StoreFailurePolicy::Local:
        break;
    }
    return sim::FailurePolicy::Local;
}

PolicyBar measured(const SecondBin &bin)
{
    return {bin.admitted + bin.decided(telemetry::DecidedBy::Allow), bin.refused, bin.rejected()};
}

void addTo(PolicyLine &line, std::int64_t index, const PolicyBar &bar)
{
    line.bars[static_cast<std::size_t>(index)] = bar;
    line.sum.admitted += bar.admitted;
    line.sum.refused += bar.refused;
    line.sum.rejected += bar.rejected;
    line.rejectedSeconds += bar.rejected > 0 ? 1 : 0;
}

/// The bins that a bucket can be followed through: from one whose level at its end is known.
struct Stretch {
    Bins bins;              ///< without that one
    limit::Tokens level{0}; ///< at its end
    std::size_t hidden{0};  ///< how many are before the window
    bool isFollowed{false};
};

Stretch stretchOf(const telemetry::History &history, const limit::LimitSpec &spec, std::int64_t begin, std::int64_t end)
{
    std::int64_t earliest = 0;
    for (const telemetry::LimitChange &change : history.changes)
        earliest = std::max(earliest, change.atMs / 1000);
    const std::int64_t stepsASecond = std::max<std::int64_t>(1, 1'000'000 / spec.interval.count());
    earliest = std::max(earliest, end - kMostSteps / stepsASecond);

    const Bins &bins = history.bins;
    const auto from = std::lower_bound(bins.begin(), bins.end(), begin - 1,
                                       [](const SecondBin &bin, std::int64_t second) { return bin.second < second; });
    const auto isKnown = [&](const SecondBin &bin) {
        return bin.tokens >= 0 && !bin.isAway && bin.second >= earliest && bin.second < end;
    };
    // The last known one at the window's edge or before it, else the first one within.
    auto start = bins.end();
    for (auto bin = from; bin != bins.end() && start == bins.end(); ++bin)
        start = isKnown(*bin) ? bin : start;
    if (start != from) {
        const auto before = std::find_if(std::make_reverse_iterator(from), bins.rend(), isKnown);
        if (before != bins.rend())
            start = before.base() - 1;
    }
    Stretch stretch;
    if (start == bins.end())
        return stretch;
    stretch.isFollowed = true;
    stretch.level = std::min(start->tokens, spec.capacity);
    for (auto bin = start + 1; bin != bins.end() && bin->second < end; ++bin) {
        stretch.hidden += bin->second < begin ? 1 : 0;
        stretch.bins.push_back(*bin);
    }
    return stretch;
}

/// Level right before the window, or before the first bin that can be followed.
template<class Second>
limit::Tokens levelBefore(const std::vector<Second> &seconds, const Stretch &stretch)
{
    return stretch.hidden > 0 ? seconds[stretch.hidden - 1].left : stretch.level;
}

void keepBooks(PolicyLine &line, const Stretch &stretch, const limit::LimitSpec &spec, Micros phase)
{
    std::vector<sim::Admissions> admissions;
    for (const SecondBin &bin : stretch.bins)
        admissions.push_back({bin.second, measured(bin).admitted});
    const auto books = sim::ledgerOf(spec, stretch.level, phase, admissions);
    // What came before it could be followed is taken as it is.
    limit::Tokens allowed = levelBefore(books, stretch) + line.sum.admitted;
    for (std::size_t i = stretch.hidden; i < books.size(); ++i) {
        allowed += books[i].refilled - admissions[i].admitted;
        line.over += books[i].over;
    }
    if (!books.empty())
        allowed += std::max<limit::Tokens>(0, -books.back().left);
    line.allowed = allowed;
}

/// From the first second without the store on; until then everything was the same.
void workOut(PolicyLine &line, StoreFailurePolicy policy, const Stretch &stretch, const limit::LimitSpec &spec,
             Micros phase, std::int64_t begin)
{
    const auto isAway = [](const SecondBin &bin) { return bin.isAway; };
    const auto first = std::find_if(stretch.bins.begin(), stretch.bins.end(), isAway);
    if (first == stretch.bins.end())
        return;
    limit::Tokens level = first == stretch.bins.begin() ? stretch.level : std::prev(first)->tokens;
    level = std::clamp<limit::Tokens>(level, 0, spec.capacity);
    std::vector<sim::Arrivals> arrivals;
    for (auto bin = first; bin != stretch.bins.end(); ++bin)
        arrivals.push_back({bin->second, bin->admitted + bin->refused + bin->undecided, bin->isAway});
    const auto seconds = sim::wouldBe(simPolicy(policy), spec, level, phase, arrivals);

    // The measured part of the window before, then what the limit itself had to give.
    limit::Tokens allowed = level;
    line.sum = {};
    line.rejectedSeconds = 0;
    for (std::size_t i = 0; i < line.bars.size(); ++i) {
        if (begin + static_cast<std::int64_t>(i) >= arrivals.front().second)
            break;
        const PolicyBar bar = line.bars[i];
        addTo(line, static_cast<std::int64_t>(i), bar);
    }
    const std::int64_t before = line.sum.admitted;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        const sim::WouldSecond &second = seconds[i];
        const std::int64_t index = arrivals[i].second - begin;
        if (index < 0) {
            allowed = second.left;
            continue;
        }
        allowed += second.refilled;
        addTo(line, index, {second.admitted, second.refused, second.rejected});
    }
    line.allowed = before + allowed;
    line.over = std::max<std::int64_t>(0, line.sum.admitted - *line.allowed);
}

} // namespace

FailureComparison compareFailures(const telemetry::History &history, StoreFailurePolicy inForce,
                                  const limit::LimitSpec &spec, Micros phase, std::int64_t nowSecond)
{
    FailureComparison result;
    const std::int64_t end = (history.bins.empty() ? nowSecond : history.bins.back().second) + 1;
    result.begin = end - kComparedSeconds;
    result.inForce = inForce;
    result.away.resize(kComparedSeconds);
    PolicyLine line;
    line.bars.resize(kComparedSeconds);
    for (const SecondBin &bin : history.bins) {
        const std::int64_t index = bin.second - result.begin;
        if (index < 0 || index >= kComparedSeconds)
            continue;
        addTo(line, index, measured(bin));
        result.away[static_cast<std::size_t>(index)] = bin.isAway;
        result.wasAway = result.wasAway || bin.isAway;
        result.peak = std::max(result.peak, bin.admitted + bin.refused + bin.undecided);
    }
    const Stretch stretch = stretchOf(history, spec, result.begin, end);
    if (stretch.isFollowed)
        keepBooks(line, stretch, spec, phase);
    result.lines.fill(line);
    for (std::size_t i = 0; i < kPolicies; ++i) {
        const auto policy = static_cast<StoreFailurePolicy>(i);
        if (policy == inForce || !result.wasAway)
            continue;
        if (stretch.isFollowed)
            workOut(result.lines[i], policy, stretch, spec, phase, result.begin);
        else
            result.lines[i] = {};
    }
    return result;
}

} // namespace weir::ui
