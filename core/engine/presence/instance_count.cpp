// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/presence/instance_count.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 1s;
// The first tells which window it is, if it has begun since the last look; at its very end so does the second.
constexpr int kMostAttempts = 3;
constexpr std::int64_t kCalmWindows = 2;
constexpr Micros kStep = 1s;             // clocks that are slewed differ by less in a second
constexpr auto kUnsure = 2 * kLook + 1s; // after a step, until each of the others has looked again, and once in vain

} // namespace

InstanceCount::InstanceCount(store::BucketStore &store, BucketTable &table, std::string name, QObject *parent)
    : QObject{parent}, m_store{store}, m_table{table}, m_name{std::move(name)}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &InstanceCount::look);
}

void InstanceCount::start()
{
    m_timer.start(kLook);
    look();
}

void InstanceCount::look()
{
    if (m_isUnderWay)
        m_wasDisturbed = true;
    else
        lookFor([](bool) {});
}

void InstanceCount::lookFor(Looked done)
{
    m_waiting.push_back(std::move(done));
    if (!std::exchange(m_isUnderWay, true))
        ask(m_window, 1);
}

void InstanceCount::ask(std::int64_t window, int attempt)
{
    const SteadyInstant sent = steadyNow();
    m_store.countInstances(window, m_name, [this, window, attempt, sent](const Result<store::InstanceCounts> &result) {
        onCounted(window, attempt, sent, result);
    });
}

// It was read while the call was under way, however long that took: what both readings leave open is no step.
void InstanceCount::watchClock(Micros time, SteadyInstant sent)
{
    m_table.hearTime(time, sent, steadyNow());
    const auto aheadOf = [time](SteadyInstant ours) {
        return time - std::chrono::duration_cast<Micros>(ours.time_since_epoch());
    };
    const auto before = std::exchange(m_ahead, std::pair{aheadOf(steadyNow()), aheadOf(sent)});
    if (before && m_ahead->first - before->second >= kStep)
        noteStep(m_ahead->first - before->second);
    else if (before && before->first - m_ahead->second >= kStep)
        noteStep(m_ahead->second - before->first);
}

// Each marks itself in the window of the new time with its next look; until then those who have not are not heard of.
void InstanceCount::noteStep(Micros by)
{
    m_unsureUntil = steadyNow() + kUnsure;
    m_clockRegressions += by < Micros{0} ? 1 : 0;
    Q_EMIT clockStepped(by);
}

void InstanceCount::onCounted(std::int64_t asked, int attempt, SteadyInstant sent,
                              const Result<store::InstanceCounts> &result)
{
    if (result)
        watchClock(result.value().time, sent);
    if (result && result.value().window != asked && attempt < kMostAttempts)
        return ask(result.value().window, attempt + 1);
    m_isUnderWay = false;
    const bool isHeard = result && result.value().window == asked;
    if (isHeard)
        learn(result.value());
    else
        m_wasDisturbed = true;
    const bool isSure = isHeard && steadyNow() >= m_unsureUntil;
    for (const Looked &done : std::exchange(m_waiting, {}))
        done(isSure);
}

void InstanceCount::learn(const store::InstanceCounts &counts)
{
    const std::int64_t passed = counts.window - m_window;
    const bool isRemembered = (passed == 0 && counts.wasThere) || (passed == 1 && counts.wasThereBefore);
    if (!isRemembered || std::exchange(m_wasDisturbed, false)) // also after a break, and of a clock that was stepped
        m_keptThrough = counts.window + kCalmWindows;
    m_window = counts.window;
    const std::int64_t us = counts.wasThereBefore ? 0 : 1; // the window before was without us
    const std::int64_t heard = std::max<std::int64_t>({1, counts.now, counts.before + us});
    if (heard >= m_instances)
        m_keptThrough = std::max(m_keptThrough, counts.window + kCalmWindows - 1); // it may be of the one before
    else if (counts.window <= m_keptThrough)
        return;
    use(heard);
}

void InstanceCount::use(std::int64_t instances)
{
    m_table.setInstances(instances);
    if (std::exchange(m_instances, instances) != instances)
        Q_EMIT changed(instances);
}

} // namespace weir::engine
