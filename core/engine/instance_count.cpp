// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/instance_count.h"

#include <algorithm>
#include <chrono>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 1s;

} // namespace

InstanceCount::InstanceCount(store::BucketStore &store, Standby &standby, const telemetry::LevelBoard &levels,
                             QObject *parent)
    : QObject{parent}, m_store{store}, m_standby{standby}, m_levels{levels}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &InstanceCount::count);
}

void InstanceCount::start()
{
    m_timer.start(kLook);
    count();
}

void InstanceCount::count()
{
    const telemetry::KnownReport known = m_levels.read().known;
    if (m_isUnderWay || !known.bucket.isKnown())
        return;
    const auto passed = std::chrono::steady_clock::now().time_since_epoch() - std::chrono::nanoseconds{known.heardNs};
    const Micros now = Micros{known.atUs} + std::chrono::duration_cast<Micros>(passed);
    const std::int64_t window = now / store::kInstanceWindow;
    const bool isFirst = window > m_window;
    m_isUnderWay = true;
    m_store.countInstances(window, isFirst, [this, window, isFirst](const Result<store::InstanceCounts> &result) {
        onCounted(window, isFirst, result);
    });
}

void InstanceCount::onCounted(std::int64_t window, bool isFirst, const Result<store::InstanceCounts> &result)
{
    m_isUnderWay = false;
    if (isFirst && (result || result.error().mayBeDone)) // not twice
        m_window = window;
    if (!result)
        return;
    if (m_firstWindow == 0)
        m_firstWindow = window;
    const std::int64_t us = window == m_firstWindow ? 1 : 0; // the window before was without us
    const store::InstanceCounts &counts = result.value();
    m_instances = std::max<std::int64_t>({1, counts.now, counts.before + us});
    m_standby.setInstances(m_instances);
}

} // namespace weir::engine
