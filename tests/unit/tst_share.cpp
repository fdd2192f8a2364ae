// SPDX-License-Identifier: GPL-3.0-only
// The shares of a bucket: however many instances go on by themselves, together they never pass the whole.
#include <QTest>

#include "core/limit/local_bucket.h"
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

RunOutput takeFrom(std::optional<Bucket> &share, Micros now, Tokens cost, std::int64_t count, std::int64_t instances)
{
    const BucketCall call{share->spec, share->epoch, TokenMode::Keep, {}};
    const std::vector<AskRun> runs{{{{0, cost}}, count}};
    return takeShare({&share, 1}, {now, {&call, 1}, runs}, instances).runs.front();
}

std::vector<LocalBucket> sharesOf(const LimitSpec &spec, const Known &known, std::int64_t instances)
{
    std::vector<LocalBucket> shares;
    for (std::int64_t i = 0; i < instances; ++i)
        shares.emplace_back(LastSeen{.spec = spec, .known = known, .instances = instances}, 1);
    return shares;
}

} // namespace

class TestShare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsDueBeforeTheWholeHasIt()
    {
        const LimitSpec spec{10, 1, kSecond};
        const std::vector<CostRun> runs{{1, 5}};
        Known known{.born = 1, .tokens = 0};
        known.interval = kStart / spec.interval;
        std::vector<LocalBucket> shares = sharesOf(spec, known, 10);
        std::vector<std::optional<Bucket>> others(10, bucketWith(spec, 0, kStart));
        for (const std::int64_t seconds : {1, 9, 10, 11, 19, 20}) {
            const Micros now = kStart + seconds * kSecond;
            std::int64_t single = 0, several = 0;
            for (LocalBucket &share : shares)
                single += share.take(now, runs, true).granted[0];
            for (auto &share : others)
                several += takeFrom(share, now, 1, 5, 10).granted;
            const std::int64_t due = seconds % 10 == 0 ? 10 : 0; // one each, once there are as many as instances
            QCOMPARE(single, due);
            QCOMPARE(several, due);
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
        const LimitSpec spec{3, 3, kSecond};
        LocalBucket single{{.spec = spec, .known = {.born = 1, .tokens = 3}, .instances = 4}, 1};
        std::optional<Bucket> share = bucketWith(spec, 3, Micros{0});
        const std::vector<CostRun> runs{{1, 5}};
        for (std::int64_t second = 0; second < 100; ++second) {
            const Micros now{second * 1'000'000 + 1};
            const TakeOutput output = single.take(now, runs, true);
            QCOMPARE(output.granted, std::vector<std::int64_t>{0});
            forEachVerdict(output, runs, [](std::size_t, const Verdict &verdict) {
                QCOMPARE(verdict.kind, Verdict::Kind::Refused);
                QCOMPARE(verdict.retryAfter, kSecond - Micros{1});
                QCOMPARE(verdict.tokensLeft, Tokens{0});
            });
            const RunOutput told = takeFrom(share, now, 1, 5, 4);
            QCOMPARE(told.granted, std::int64_t{0});
            QVERIFY(told.asks.front().isRefusing);
            QVERIFY(told.asks.front().wait == kSecond - Micros{1});
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
                const RunOutput told = takeFrom(share, now, random.scaled(1, spec.capacity), 3, instances);
                const Tokens room = roomOf(spec, share->cell) / instances;
                std::optional<Bucket> copy = share;
                QCOMPARE(takeFrom(copy, now, 1, room + 1, instances).granted, room);
                const auto wait = takeFrom(copy = share, now, room + 1, 1, instances).asks.front().wait;
                if ((room + 1) * instances > spec.capacity || *wait >= kMaxWait)
                    continue;
                ++waits;
                QCOMPARE(takeFrom(copy = share, now + *wait, room + 1, 1, instances).granted, std::int64_t{1});
                QCOMPARE(takeFrom(copy = share, now + *wait - Micros{1}, room + 1, 1, instances).granted,
                         std::int64_t{0});
                QVERIFY(told.granted <= 3);
            }
        }
        QVERIFY(waits > kRounds);
    }
    void oneTokenBucketTellsTheTruth()
    {
        Random random;
        for (int round = 0; round < kRounds; ++round) {
            const LimitSpec spec = randomLimit(random, Algorithm::TokenBucket);
            Known known{.born = 1, .tokens = random.between(0, spec.capacity)};
            known.interval = kStart / spec.interval;
            const LocalBucket share{{.spec = spec, .known = known, .instances = random.between(1, 9)}, 1};
            const Micros now = kStart + Micros{random.scaled(0, 3 * spec.interval.count())};
            const std::vector<CostRun> runs{{random.scaled(1, spec.capacity), 2}};
            LocalBucket first = share;
            forEachVerdict(first.take(now, runs, true), runs, [&](std::size_t, const Verdict &verdict) {
                if (verdict.kind != Verdict::Kind::Refused || verdict.retryAfter >= kMaxWait
                    || runs[0].cost * share.seen().instances > spec.capacity)
                    return;
                const std::vector<CostRun> one{{runs[0].cost, 1}};
                LocalBucket then = first, early = first;
                QCOMPARE(then.take(now + verdict.retryAfter, one, true).granted[0], std::int64_t{1});
                QCOMPARE(early.take(now + verdict.retryAfter - Micros{1}, one, true).granted[0], std::int64_t{0});
            });
        }
    }

    // All take at their own moments what the whole, asked for just that, could have given. tst_local_buckets has the law for
    // limits of every algorithm.
    void togetherTheyNeverPassTheWhole()
    {
        Random random;
        std::int64_t divided = 0;
        for (int round = 0; round < kRounds; ++round) {
            const LimitSpec spec = randomLimit(random, Algorithm::TokenBucket);
            const std::int64_t instances = random.between(1, 9);
            const Micros begin = kStart + Micros{random.between(0, spec.interval.count())};
            Bucket bucket;
            bucket.spec = spec;
            bucket.epoch = 1;
            bucket.tokens = random.between(0, spec.capacity);
            bucket.interval = begin / spec.interval;
            bucket.born = 1;
            const Known known{.born = 1, .tokens = bucket.tokens, .interval = bucket.interval};
            std::optional<Bucket> whole = bucket;
            std::vector<LocalBucket> shares;
            for (std::int64_t i = 0; i < instances; ++i) {
                const Tokens doubt = random.oneIn(2) ? 0 : random.between(0, known.tokens / instances);
                shares.emplace_back(LastSeen{.spec = spec, .known = known, .inDoubt = doubt, .instances = instances},
                                    1);
            }
            const bool appliesDue = !random.oneIn(4);
            Micros now = begin;
            Tokens spent = 0;
            for (int step = 0; step < 30; ++step) {
                now += Micros{random.oneIn(3) ? 0 : random.between(0, 2 * spec.interval.count())};
                LocalBucket &share = shares[static_cast<std::size_t>(random.between(0, instances - 1))];
                const std::vector<CostRun> runs{{random.oneIn(3) ? random.scaled(1, spec.capacity) : 1,
                                                 random.oneIn(3) ? spec.capacity : random.between(0, 5)}};
                const std::vector<CostRun> granted{{runs[0].cost, share.take(now, runs, appliesDue).granted[0]}};
                const TakeOutput there =
                    limit::take(whole, {.spec = spec, .now = now, .runs = granted, .appliesDue = appliesDue});
                QVERIFY2(there.granted[0] == granted[0].count,
                         qPrintable(QStringLiteral("round %1: %2 of %3, %4 instances")
                                        .arg(round)
                                        .arg(granted[0].count)
                                        .arg(there.granted[0])
                                        .arg(instances)));
                spent += granted[0].count;
            }
            divided += instances > 1 && spent > 0 ? 1 : 0;
        }
        QVERIFY(divided > kRounds / 2);
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
            Known known{.born = 1, .tokens = random.between(0, spec.capacity)};
            std::vector<LocalBucket> shares = sharesOf(spec, known, instances);
            Tokens spent = 0;
            const std::vector<CostRun> runs{{1, spec.capacity}};
            constexpr std::int64_t kSeconds = 20;
            for (std::int64_t second = 0; second <= kSeconds; ++second)
                for (LocalBucket &share : shares)
                    spent += share.take(second * kSecond, runs, true).granted[0];
            const Tokens due = known.tokens + kSeconds * spec.refill;
            QVERIFY(spent <= due);
            QVERIFY(due - spent < instances);
        }
    }
};

QTEST_APPLESS_MAIN(TestShare)
#include "tst_share.moc"
