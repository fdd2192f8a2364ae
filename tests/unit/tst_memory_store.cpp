// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/store/memory_store.h"
#include "tests/redis/taker.h"

using namespace weir;
using namespace weir::store;
using namespace weir::test;
using namespace std::chrono_literals;

class TestMemoryStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void answersOnlyWhenDelivered()
    {
        ManualClock clock{1'700'000'040s};
        MemoryStore store{clock};
        std::vector<int> order;
        store.take(OneBucket{.bucket = "a", .runs = {{1, 2}}}.request(), [&order](Result<limit::TakeOutput> result) {
            QVERIFY(result.isOk());
            QCOMPARE(oneAnswer(result).value().room, limit::Tokens{3});
            order.push_back(1);
        });
        store.loadLimit("none", [&order](Result<std::optional<limit::Limit>> result) {
            QVERIFY(result.isOk() && !result.value());
            order.push_back(2);
        });
        QVERIFY(order.empty());
        store.deliver();
        QCOMPARE(order, (std::vector<int>{1, 2}));
        store.deliver();
        QCOMPARE(order.size(), std::size_t{2});
    }

    void aCallFromACallbackWaitsForTheNextDelivery()
    {
        ManualClock clock{1'700'000'040s};
        MemoryStore store{clock};
        int answers = 0;
        const TakeRequest look = OneBucket{.bucket = "a"}.request();
        store.take(look, [&](Result<limit::TakeOutput>) {
            ++answers;
            store.take(look, [&answers](Result<limit::TakeOutput>) { ++answers; });
        });
        store.deliver();
        QCOMPARE(answers, 1);
        store.deliver();
        QCOMPARE(answers, 2);
    }

    void bucketsAreSeparateAndFollowTheClock()
    {
        ManualClock clock{1'700'000'040s};
        MemoryStore store{clock};
        const auto tokensOf = [&store](const char *bucket, const std::vector<OneBucket::Run> &runs) {
            limit::Tokens tokens = -1;
            store.take(OneBucket{.bucket = bucket, .runs = runs}.request(),
                       [&tokens](Result<limit::TakeOutput> result) { tokens = oneAnswer(result).value().room; });
            store.deliver();
            return tokens;
        };
        QCOMPARE(tokensOf("a", {{1, 5}}), limit::Tokens{0});
        QCOMPARE(tokensOf("b", {}), limit::Tokens{5});
        clock.advance(1min);
        QCOMPARE(tokensOf("a", {}), limit::Tokens{5});
    }

    void theNewestLimitIsLoaded()
    {
        ManualClock clock{1'700'000'040s};
        MemoryStore store{clock};
        std::int64_t epoch = 0;
        const auto load = [&] {
            store.loadLimit("global", [&epoch](Result<std::optional<limit::Limit>> result) {
                epoch = result.value() ? result.value()->epoch : 0;
            });
            store.deliver();
            return epoch;
        };
        QCOMPARE(load(), std::int64_t{0});
        store.saveLimit({"global", {}, 3}, "host:1", [](Result<Done>) {});
        QCOMPARE(load(), std::int64_t{3});
        store.take(OneBucket{.bucket = "global", .epoch = 5}.request(), [](Result<limit::TakeOutput>) {});
        QCOMPARE(load(), std::int64_t{5});
        store.saveLimit({"global", {}, 8}, "host:1", [](Result<Done>) {});
        QCOMPARE(load(), std::int64_t{8});
    }
};

QTEST_APPLESS_MAIN(TestMemoryStore)
#include "tst_memory_store.moc"
