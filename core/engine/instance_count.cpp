// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/instance_count.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 1s;

} // namespace

InstanceCount::InstanceCount(store::BucketStore &store, Standby &standby, StoreTime storeTime, QObject *parent)
    : QObject{parent}, m_store{store}, m_standby{standby}, m_storeTime{std::move(storeTime)}, m_timer{this}
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
    const std::optional<Micros> now = m_storeTime();
    if (m_isUnderWay || !now)
        return;
    const std::int64_t window = *now / store::kInstanceWindow;
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
