// SPDX-License-Identifier: GPL-3.0-only
#include "app/limit_parts.h"

#include "core/base/clock.h"

namespace weir::app {

engine::LimitKeeper &LimitParts::keeperOf(store::BucketStore &store)
{
    if (!m_keeper) {
        m_keeper = std::make_unique<engine::LimitKeeper>(store, m_table, m_names.instance);
        connect(m_keeper.get(), &engine::LimitKeeper::changed, this, &LimitParts::numbersChanged);
        connect(m_keeper.get(), &engine::LimitKeeper::tookOver, this, &LimitParts::tookOver);
        connect(m_keeper.get(), &engine::LimitKeeper::wasOverruled, this, &LimitParts::wasOverruled);
    }
    return *m_keeper;
}

void LimitParts::start(store::BucketStore &store, const engine::PoliciesPtr &policies, telemetry::LevelBoard &levels)
{
    m_instances = std::make_unique<engine::InstanceCount>(store, m_table, m_names.instance);
    connect(m_instances.get(), &engine::InstanceCount::changed, this, &LimitParts::instancesChanged);
    connect(m_instances.get(), &engine::InstanceCount::clockStepped, this, &LimitParts::clockStepped);
    m_instances->start();
    engine::LimitKeeper &keeper = keeperOf(store);
    m_settler = std::make_unique<engine::Settler>(store, policies, m_table, *m_instances);
    connect(m_settler.get(), &engine::Settler::settled, this, &LimitParts::settled);
    connect(m_settler.get(), &engine::Settler::blocked, this, &LimitParts::blocked);
    connect(m_settler.get(), &engine::Settler::newerLimitFound, &keeper, &engine::LimitKeeper::learn);
    m_refiller = std::make_unique<engine::Refiller>(store, policies, m_table, levels, m_names.refiller);
    connect(m_refiller.get(), &engine::Refiller::newerLimitFound, &keeper, &engine::LimitKeeper::learn);
    // Who has not asked meanwhile tells the store what is known of the shared buckets: it may have forgotten.
    connect(m_settler.get(), &engine::Settler::settled, m_refiller.get(), &engine::Refiller::tick);
    connect(&m_table, &engine::BucketTable::breakerChanged, m_refiller.get(), [this] {
        if (m_table.worstBreaker() == engine::CircuitBreaker::State::Closed)
            m_refiller->tick();
    });
    adopt(policies);
}

void LimitParts::beginAlone()
{
    m_settler->hold(true);
    m_table.begin(steadyNow());
}

void LimitParts::release()
{
    if (m_settler)
        m_settler->hold(false);
}

void LimitParts::adopt(const engine::PoliciesPtr &policies)
{
    m_table.adopt(*policies, steadyNow());
    if (m_settler)
        m_settler->adopt(policies);
    if (m_refiller)
        m_refiller->adopt(policies);
}

void LimitParts::stop()
{
    m_table.thaw(); // nobody will
    m_refiller.reset();
    m_settler.reset();
    m_keeper.reset();
    m_instances.reset();
}

} // namespace weir::app
