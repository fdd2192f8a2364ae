// SPDX-License-Identifier: GPL-3.0-only
#include "app/rule_side.h"

#include <chrono>

namespace weir::app {

engine::RuleKeeper &RuleSide::keeperOf(store::BucketStore &store)
{
    if (!m_keeper) {
        m_keeper = std::make_unique<engine::RuleKeeper>(store);
        connect(m_keeper.get(), &engine::RuleKeeper::changed, this, &RuleSide::numbersChanged);
    }
    return *m_keeper;
}

void RuleSide::start(store::BucketStore &store, const engine::PoliciesPtr &policies, telemetry::LevelBoard &levels,
                     engine::InstanceCount &count, const std::string &refiller)
{
    engine::RuleKeeper &keeper = keeperOf(store);
    m_settler = std::make_unique<engine::GroupSettler>(store, policies, m_table, count);
    connect(m_settler.get(), &engine::GroupSettler::settled, this, &RuleSide::settled);
    connect(m_settler.get(), &engine::GroupSettler::blocked, this, &RuleSide::blocked);
    connect(m_settler.get(), &engine::GroupSettler::newerLimitFound, &keeper, &engine::RuleKeeper::learn);
    m_refiller = std::make_unique<engine::GroupRefiller>(store, policies, m_table, levels, refiller);
    connect(m_refiller.get(), &engine::GroupRefiller::newerLimitFound, &keeper, &engine::RuleKeeper::learn);
    adopt(policies);
}

void RuleSide::adopt(const engine::PoliciesPtr &policies)
{
    m_table.adopt(*policies, std::chrono::steady_clock::now());
    if (m_settler)
        m_settler->adopt(policies);
    if (m_refiller)
        m_refiller->adopt(policies);
}

void RuleSide::stop()
{
    m_table.thaw(); // nobody will
    m_refiller.reset();
    m_settler.reset();
    m_keeper.reset();
}

} // namespace weir::app
