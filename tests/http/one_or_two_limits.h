// SPDX-License-Identifier: GPL-3.0-only
// Tests that go over one limit alone, and over two.
#pragma once

#include <QTest>

#include <memory>

#include "tests/http/running_service.h"

namespace weir::test {

inline constexpr int kWorkers = 2;

/// The global column that serveOneOrTwo() reads; for initTestCase_data().
inline void addOneAndTwoLimits()
{
    QTest::addColumn<bool>("isSingle");
    QTest::newRow("one limit") << true;
    QTest::newRow("two limits") << false;
}

/// kWorkers with one limit for all, "global", alone or with one by key that never refuses.
inline std::unique_ptr<RunningService> serveOneOrTwo(const RedisServer &redis, const limit::LimitSpec &spec,
                                                     limit::Tokens lease = 0)
{
    QFETCH_GLOBAL(const bool, isSingle);
    constexpr auto kPolicy = config::StoreFailurePolicy::Reject;
    return std::make_unique<RunningService>(redis, spec, kWorkers, kPolicy, [&](config::Config &config) {
        config.lease = lease;
        if (isSingle)
            return;
        config::LimitEntry all, key;
        all.name = "global";
        all.spec = spec;
        key.name = "key";
        key.spec = {limit::kMaxCapacity, limit::kMaxCapacity, Micros{std::chrono::hours{365 * 24}},
                    limit::StartLevel::Full};
        key.key = {{config::KeyPart::Kind::Header, "X-Api-Key"}};
        for (config::LimitEntry *entry : {&all, &key}) {
            entry->onStoreFailure = kPolicy;
            config.limitSet.limits.push_back(*entry);
        }
    });
}

} // namespace weir::test
