// SPDX-License-Identifier: GPL-3.0-only
// What is in force, over a store in memory: brought there by a wish, assumed while there is no store, changed by others.
#include <QSignalSpy>
#include <QTest>

#include "app/limits_in_force.h"
#include "core/store/memory_store.h"

using namespace weir;
using Applied = std::optional<Result<Done>>;

namespace {

config::LimitEntry entryOf(const char *name, limit::Tokens capacity, const char *key = nullptr)
{
    config::LimitEntry entry;
    entry.name = name;
    entry.spec = {capacity, 1, limit::kMaxInterval, limit::StartLevel::Full};
    if (key)
        entry.key = {{config::KeyPart::Kind::Header, key}};
    return entry;
}

config::Config configOf(const std::vector<config::LimitEntry> &limits)
{
    config::Config config;
    config.limitSet.limits = limits;
    return config;
}

} // namespace

class TestLimitsInForce : public QObject {
    Q_OBJECT
    ManualClock m_clock{Micros{1'700'000'000'000'000}};
    std::unique_ptr<store::MemoryStore> m_store;
    std::unique_ptr<app::LimitParts> m_parts;
    std::unique_ptr<app::LimitsInForce> m_inForce;

    [[nodiscard]] Applied apply(const config::Config &config)
    {
        Applied applied;
        m_inForce->apply(*m_store, config, limit::TokenMode::Keep,
                         [&](const Result<Done> &result) { applied = result; });
        for (int i = 0; i < 32; ++i)
            m_store->deliver();
        return applied;
    }
    [[nodiscard]] limit::Limit shown() const { return m_inForce->policies()->limit; }

private Q_SLOTS:
    void init()
    {
        m_store = std::make_unique<store::MemoryStore>(m_clock);
        m_parts = std::make_unique<app::LimitParts>(app::LimitParts::Names{"host:1:aa", "host:1"});
        m_inForce = std::make_unique<app::LimitsInForce>(*m_parts, 7);
    }
    void cleanup()
    {
        m_inForce.reset();
        m_parts.reset();
    }

    void theFirstSharedBucketIsShownUnlessAnotherIsWished()
    {
        QSignalSpy changed{m_inForce.get(), &app::LimitsInForce::changed};
        QVERIFY(apply(configOf({entryOf("key", 3, "X-Api-Key"), entryOf("all", 5)})));
        QCOMPARE(changed.count(), 1);
        QVERIFY(!changed.front().front().value<engine::PoliciesPtr>()); // there was nothing before
        QCOMPARE(shown().name, std::string{"all"});
        QCOMPARE(m_inForce->policies()->lease, limit::Tokens{7});
        m_inForce->show("key", "x");
        QCOMPARE(shown().name, std::string{"key"});
        QCOMPARE(m_inForce->policies()->shownSubject, std::string{"x"});
        QVERIFY(apply(configOf({entryOf("all", 5)}))); // it is gone
        QCOMPARE(shown().name, std::string{"all"});
        QVERIFY(m_inForce->policies()->shownSubject.empty());
    }

    void policiesAreOfOneLimitEach()
    {
        QVERIFY(apply(configOf({entryOf("a", 3), entryOf("b", 5)})));
        QVERIFY(m_inForce->setPolicy("b", config::StoreFailurePolicy::Allow));
        QCOMPARE(m_inForce->limitSet().limits[1].onStoreFailure, config::StoreFailurePolicy::Allow);
        QCOMPARE(m_inForce->policies()->onStoreFailure, config::StoreFailurePolicy::Local); // of a
        QVERIFY(!m_inForce->has("c"));
        QCOMPARE(m_inForce->setPolicy("c", config::StoreFailurePolicy::Allow).error().code, Error::Code::Invalid);
    }

    void whatOthersChangeHolds()
    {
        QVERIFY(apply(configOf({entryOf("a", 3)})));
        m_parts->keeper()->learn({"a", entryOf("a", 9).spec, 2});
        QCOMPARE(shown().spec.capacity, limit::Tokens{9});
        QCOMPARE(m_inForce->limitSet().limits[0].spec.capacity, limit::Tokens{9});
    }

    void whatIsAssumedGivesWayToTheStore()
    {
        QVERIFY(apply(configOf({entryOf("global", 20)})));
        cleanup();
        init();
        m_store->saveLimit({"global", entryOf("global", 20).spec, 1}, {}, [](const Result<Done> &) {});
        m_store->deliver();
        QSignalSpy confirmed{m_inForce.get(), &app::LimitsInForce::confirmed};
        m_inForce->assume(config::Config{}); // nothing was said: the default
        QVERIFY(m_inForce->isAssumed());
        QCOMPARE(shown().spec, limit::LimitSpec{});
        std::optional<Result<limit::Tokens>> set;
        m_inForce->setLevel("global", {}, limit::kMaxCapacity,
                            [&](const Result<limit::Tokens> &result) { set = result; });
        QVERIFY(set && !*set);
        QVERIFY(apply(config::Config{}));
        QCOMPARE(confirmed.count(), 1);
        QVERIFY(!m_inForce->isAssumed());
        QCOMPARE(shown().spec.capacity, limit::Tokens{20});
    }
};

QTEST_GUILESS_MAIN(TestLimitsInForce)
#include "tst_limits_in_force.moc"
