// SPDX-License-Identifier: GPL-3.0-only
// A process of two workers over a store in memory, which goes on without it and comes back.
#pragma once

#include "core/engine/keep/settler.h"
#include "tests/support/random_limit.h"
#include "tests/unit/engine_bench.h"

namespace weir::test {

using engine::BucketTable;
using engine::InstanceCount;
using engine::Settler;
using By = engine::Decision::By;
using Mode = BucketTable::Mode;
using State = FaultyLink::State;

inline constexpr limit::Tokens kCapacity = 10; ///< of each limit

enum class Layout { One, ByKey, Several };

inline policy::Charge charge(std::size_t limit, const char *subject = "")
{
    return {limit, 1, false, subject};
}

inline config::LimitEntry entryOf(const char *name, limit::Algorithm algorithm)
{
    config::LimitEntry entry = yearly(name, kCapacity);
    entry.spec.algorithm = algorithm;
    if (limit::isWindow(algorithm))
        entry.spec.refill = entry.spec.capacity;
    shortenBurst(entry.spec);
    return entry;
}

inline void addLayouts()
{
    QTest::addColumn<Layout>("layout");
    QTest::addColumn<int>("algorithm");
    const auto tokenBucket = static_cast<int>(limit::Algorithm::TokenBucket);
    QTest::newRow("one limit") << Layout::One << tokenBucket;
    QTest::newRow("by key") << Layout::ByKey << tokenBucket;
    QTest::newRow("several") << Layout::Several << tokenBucket;
}

inline void addLimits()
{
    addLayouts();
    for (const limit::Algorithm algorithm : kAlgorithms)
        if (algorithm != limit::Algorithm::TokenBucket)
            QTest::newRow(limit::nameOf(algorithm).data()) << Layout::One << static_cast<int>(algorithm);
}

/// A test of it; `m_a` and `m_b` are its workers.
class OutageTest : public EngineTest {
protected:
    void setUp()
    {
        m_clock.set(Micros{1'700'000'000'000'000});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_table = std::make_unique<BucketTable>();
        m_returns.clear();
    }
    void tearDown()
    {
        m_settler.reset();
        m_count.reset();
        m_a.reset();
        m_b.reset();
        m_c.reset();
        m_table.reset();
    }

    using Returns = std::vector<std::pair<bool, limit::Tokens>>; ///< Settler::settled()

    void start(const std::vector<config::LimitEntry> &limitSet, std::vector<policy::Charge> charges)
    {
        m_charges = std::move(charges);
        m_policies = policiesOf(limitSet);
        m_table->adopt(*m_policies, std::chrono::steady_clock::now());
        m_a = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
        m_b = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
        m_serviceLink = std::make_unique<FaultyLink>(*m_shared);
        m_countLink = std::make_unique<FaultyLink>(*m_shared);
        m_count = std::make_unique<InstanceCount>(*m_countLink, *m_table, "test:1");
        m_settler = std::make_unique<Settler>(*m_serviceLink, m_policies, *m_table, *m_count);
        connect(m_settler.get(), &Settler::settled, this,
                [this](bool isExact, limit::Tokens excess) { m_returns.emplace_back(isExact, excess); });
    }
    void startRow()
    {
        QFETCH(const Layout, layout);
        QFETCH(const int, algorithm);
        const config::LimitEntry all = entryOf("all", static_cast<limit::Algorithm>(algorithm));
        const config::LimitEntry key = keyed(entryOf("key", static_cast<limit::Algorithm>(algorithm)));
        if (layout == Layout::One)
            start({all}, {charge(0)});
        else if (layout == Layout::ByKey)
            start({key}, {charge(0, "x")});
        else
            start({all, key}, {charge(0), charge(1, "x")});
    }
    /// A sliding log is never: its entries are not sent.
    [[nodiscard]] bool canBeExact() const { return m_policies->limit.spec.algorithm != limit::Algorithm::SlidingLog; }
    [[nodiscard]] limit::Tokens buckets() const { return static_cast<limit::Tokens>(m_charges.size()); }
    [[nodiscard]] std::string nameOf(const policy::Charge &charge) const
    {
        return engine::bucketName(m_policies->limits[charge.limit].name, charge.subject);
    }
    [[nodiscard]] bool areAnswered()
    {
        return comesTrue([&] { return m_a->isAnswered() && m_b->isAnswered(); });
    }
    void setLinks(State state)
    {
        for (FaultyLink *link : {&m_a->link, &m_b->link, m_serviceLink.get(), m_countLink.get()})
            link->state = state;
    }
    /// `count`: of the link to where the instances are counted.
    [[nodiscard]] bool comesBack(State count = State::Fine)
    {
        m_clock.advance(Micros{1'000'000});
        setLinks(State::Fine);
        m_countLink->state = count;
        return comesTrue([&] { return m_table->mode() == Mode::Store; });
    }
    void anotherCounts()
    {
        m_shared->countInstances(m_clock.now() / store::kInstanceWindow, "test:2",
                                 [](const Result<store::InstanceCounts> &) {});
    }
    /// The buckets of m_charges, after somebody who knows nothing of this process has asked so often.
    std::vector<limit::BucketOutput> stored(std::int64_t count = 0)
    {
        store::TakeRequest request;
        request.runs.push_back({{}, count});
        for (const policy::Charge &charge : m_charges) {
            request.runs.front().asks.push_back({request.buckets.size()});
            request.buckets.push_back(
                {nameOf(charge), {m_policies->limits[charge.limit].spec, 1, limit::TokenMode::Keep, {}}});
        }
        std::vector<limit::BucketOutput> buckets;
        m_shared->take(request, [&](const Result<limit::TakeOutput> &result) { buckets = result.value().buckets; });
        m_shared->deliver();
        return buckets;
    }

    ManualClock m_clock{Micros{0}};
    SystemClock m_wall;
    std::unique_ptr<BucketTable> m_table;
    engine::PoliciesPtr m_policies;
    std::vector<policy::Charge> m_charges; ///< of a request
    std::unique_ptr<EngineWorker> m_a, m_b, m_c;
    std::unique_ptr<FaultyLink> m_serviceLink, m_countLink;
    std::unique_ptr<InstanceCount> m_count;
    std::unique_ptr<Settler> m_settler;
    Returns m_returns;
};

} // namespace weir::test
