// SPDX-License-Identifier: GPL-3.0-only
// One share of a bucket: what it may take, and what it tells. tst_local_buckets has what all shares take together.
#include <QTest>

#include "core/limit/share.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kRounds = 2000;
constexpr Micros kStart{1'700'000'000'000'000};
constexpr Micros kSecond{1'000'000};

Bucket bucketWith(const LimitSpec &spec, Tokens room, Micros at)
{
    Bucket bucket;
    bucket.spec = spec;
    bucket.epoch = 1;
    bucket.cell = cellWith(spec, room, at);
    bucket.born = 1;
    return bucket;
}

TakeOutput outputOf(std::optional<Bucket> &share, Micros now, Tokens cost, std::int64_t count, std::int64_t instances)
{
    const BucketCall call{share->spec, share->epoch, TokenMode::Keep, {}};
    const std::vector<AskRun> runs{{{{0, cost}}, count}};
    return takeShare({&share, 1}, {now, {&call, 1}, runs}, instances);
}

RunOutput takeFrom(std::optional<Bucket> &share, Micros now, Tokens cost, std::int64_t count, std::int64_t instances)
{
    return outputOf(share, now, cost, count, instances).runs.front();
}

std::vector<std::optional<Bucket>> sharesOf(const LimitSpec &spec, Tokens room, Micros at, std::int64_t instances)
{
    return std::vector<std::optional<Bucket>>(static_cast<std::size_t>(instances), bucketWith(spec, room, at));
}

} // namespace

class TestShare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsDueBeforeTheWholeHasIt()
    {
        auto shares = sharesOf({10, 1, kSecond}, 0, kStart, 10);
        for (const std::int64_t seconds : {1, 9, 10, 11, 19, 20}) {
            std::int64_t granted = 0;
            for (auto &share : shares)
                granted += takeFrom(share, kStart + seconds * kSecond, 1, 5, 10).granted;
            QCOMPARE(granted,
                     std::int64_t{seconds % 10 == 0 ? 10 : 0}); // one each, once there are as many as instances
        }
    }

    void partsOfATokenAreNotLost()
    {
        const LimitSpec spec{10, 7, kSecond};
        std::optional<Bucket> share = bucketWith(spec, 0, kStart);
        std::int64_t granted = 0;
        for (std::int64_t seconds = 1; seconds <= 8; ++seconds)
            granted += takeFrom(share, kStart + seconds * kSecond, 1, 5, 4).granted;
        QCOMPARE(granted, std::int64_t{14}); // a fourth of 56, not 8 times one
    }

    // A cost that the bucket has room for but the share never: not called impossible, and a retry has a time.
    void lessThanATokenIsRefused()
    {
        std::optional<Bucket> share = bucketWith({3, 3, kSecond}, 3, Micros{0});
        for (std::int64_t second = 0; second < 100; ++second) {
            const TakeOutput output = outputOf(share, second * kSecond + Micros{1}, 1, 5, 4);
            const RunOutput &told = output.runs.front();
            QCOMPARE(told.granted, std::int64_t{0});
            QVERIFY(told.asks.front().isRefusing);
            QVERIFY(told.asks.front().wait == kSecond - Micros{1});
            QCOMPARE(output.buckets.front().room, Tokens{0});
        }
        QVERIFY(!takeFrom(share, kSecond, 4, 1, 4).asks.front().wait); // no bucket has room for it
    }

    // What is told of a share is true of it: its tokens can be taken, and a retry at the time that it is given succeeds.
    void aShareTellsTheTruth()
    {
        Random random;
        int waits = 0;
        for (int round = 0; round < kRounds; ++round) {
            const LimitSpec spec = randomLimit(random, randomAlgorithm(random));
            const std::int64_t instances = random.between(1, 9);
            std::optional<Bucket> share = bucketWith(spec, random.between(0, spec.capacity), kStart);
            Micros now = kStart;
            for (int step = 0; step < 10; ++step) {
                now = std::max(now, randomMoment(random, now, spec.interval));
                const Tokens cost = random.scaled(1, spec.capacity);
                const TakeOutput told = outputOf(share, now, cost, 3, instances);
                const Tokens room = roomOf(spec, share->cell) / instances;
                QCOMPARE(told.buckets.front().room, room);
                std::optional<Bucket> copy = share;
                QCOMPARE(takeFrom(copy, now, 1, room + 1, instances).granted, room);
                const auto wait = takeFrom(copy = share, now, room + 1, 1, instances).asks.front().wait;
                for (const auto &[wanted, after] : {std::pair{room + 1, wait}, {cost, told.runs[0].asks[0].wait}}) {
                    if (priceInShare(wanted, instances) > spec.capacity || *after == Micros{0} || *after >= kMaxWait)
                        continue;
                    ++waits;
                    QCOMPARE(takeFrom(copy = share, now + *after, wanted, 1, instances).granted, std::int64_t{1});
                    QCOMPARE(takeFrom(copy = share, now + *after - Micros{1}, wanted, 1, instances).granted,
                             std::int64_t{0});
                }
            }
        }
        QVERIFY(waits > kRounds);
    }

    // Whoever always asks has all but less than a token each.
    void littleIsLeftOver()
    {
        Random random;
        for (int round = 0; round < kRounds; ++round) {
            const std::int64_t instances = random.between(1, 9);
            LimitSpec spec;
            spec.refill = random.scaled(1, 1000);
            spec.capacity = spec.refill + instances;
            spec.interval = kSecond;
            const Tokens room = random.between(0, spec.capacity);
            auto shares = sharesOf(spec, room, Micros{0}, instances);
            Tokens spent = 0;
            constexpr std::int64_t kSeconds = 20;
            for (std::int64_t second = 0; second <= kSeconds; ++second)
                for (auto &share : shares)
                    spent += takeFrom(share, second * kSecond, 1, spec.capacity, instances).granted;
            const Tokens due = room + kSeconds * spec.refill;
            QVERIFY(spent <= due);
            QVERIFY(due - spent < instances);
        }
    }
};

QTEST_APPLESS_MAIN(TestShare)
#include "tst_share.moc"
