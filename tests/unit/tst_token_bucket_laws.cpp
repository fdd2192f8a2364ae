// SPDX-License-Identifier: GPL-3.0-only
// What must hold for every sequence of calls on the kernel: seeded random sequences.
#include <QTest>

#include "core/limit/token_bucket.h"
#include "tests/support/seed.h"
#include "tests/support/wide.h"

using namespace weir;
using namespace weir::limit;

namespace {

constexpr int kSequences = 300;
constexpr int kSteps = 200;

LimitSpec randomSpec(test::Random &random)
{
    LimitSpec spec;
    spec.capacity = random.scaled(kMinCapacity, kMaxCapacity);
    spec.refill = random.scaled(1, spec.capacity);
    spec.interval = Micros{random.scaled(kMinInterval.count(), kMaxInterval.count())};
    spec.start = random.oneIn(2) ? StartLevel::Full : StartLevel::Empty;
    return spec;
}

std::vector<CostRun> randomRuns(test::Random &random, Tokens capacity)
{
    std::vector<CostRun> runs(static_cast<std::size_t>(random.between(0, 4)));
    for (CostRun &run : runs)
        run = {random.oneIn(3) ? random.scaled(0, capacity + 1) : random.between(0, 3), random.between(0, 6)};
    return runs;
}

// Mostly small steps, some over many intervals, some back.
Micros randomStep(test::Random &random, Micros interval)
{
    switch (random.between(0, 9)) {
    case 0:
        return Micros{-random.scaled(0, 2 * kMaxClockStep.count())};
    case 1:
        return Micros{random.scaled(0, 1000) * interval.count()};
    default:
        return Micros{random.scaled(0, interval.count())};
    }
}

} // namespace

class TestTokenBucketLaws : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokensAreConserved()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = randomSpec(random);
            std::optional<Bucket> bucket;
            Micros now{1'700'000'000'000'000};
            for (int step = 0; step < kSteps; ++step) {
                const std::vector<CostRun> runs = randomRuns(random, spec.capacity);
                const std::int64_t taken = bucket ? bucket->taken : 0;
                TakeInput input{.spec = spec, .now = now, .runs = runs};
                input.givesBack = random.oneIn(4);
                const TakeOutput output = take(bucket, input);
                QVERIFY(input.givesBack ? bucket->taken == taken : bucket->taken >= taken);
                QVERIFY(bucket->admitted >= 0 && bucket->refused >= 0);
                QCOMPARE(output.tokens, spec.startTokens() + bucket->refilled - bucket->taken);
                QVERIFY(output.tokens >= 0 && output.tokens <= spec.capacity);
                QVERIFY(output.nextRefill.count() > 0);
                now = std::max(Micros{1}, now + randomStep(random, spec.interval));
            }
        }
    }

    void levelsStayInBoundsThroughChanges()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            LimitSpec spec = randomSpec(random);
            std::int64_t epoch = 1;
            std::optional<Bucket> bucket;
            Micros now{1'700'000'000'000'000};
            for (int step = 0; step < kSteps; ++step) {
                const bool isChange = random.oneIn(5);
                if (isChange) {
                    spec = randomSpec(random);
                    ++epoch;
                }
                const auto mode = isChange ? static_cast<TokenMode>(random.between(0, 3)) : TokenMode::Keep;
                const std::vector<CostRun> runs = randomRuns(random, spec.capacity);
                const TakeOutput output =
                    take(bucket, {.spec = spec, .epoch = epoch, .mode = mode, .now = now, .runs = runs});
                QVERIFY(!output.isStale);
                QVERIFY(output.tokens >= 0 && output.tokens <= spec.capacity);
                QVERIFY(output.nextRefill.count() > 0);
                now = std::max(Micros{1}, now + randomStep(random, spec.interval));
            }
        }
    }

    void refusedUntilExactlyThePromisedMoment()
    {
        test::Random random;
        int promises = 0;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = randomSpec(random);
            std::optional<Bucket> bucket;
            Micros now{1'700'000'000'000'000};
            for (int step = 0; step < kSteps; ++step) {
                const std::vector<CostRun> runs = randomRuns(random, spec.capacity);
                const TakeOutput output = take(bucket, {.spec = spec, .now = now, .runs = runs});
                forEachVerdict(output, runs, [&](std::size_t run, const Verdict &verdict) {
                    constexpr Micros kFar{1'000'000'000'000'000'000};
                    if (verdict.kind != Verdict::Kind::Refused || verdict.retryAfter > kFar)
                        return;
                    ++promises;
                    const std::vector<CostRun> retry{{runs[run].cost, 1}};
                    const auto grantedAfter = [&](Micros wait) {
                        std::optional<Bucket> copy = bucket;
                        return take(copy, {.spec = spec, .now = now + wait, .runs = retry}).granted[0];
                    };
                    QCOMPARE(grantedAfter(verdict.retryAfter), std::int64_t{1});
                    if (verdict.retryAfter > Micros{0})
                        QCOMPARE(grantedAfter(verdict.retryAfter - Micros{1}), std::int64_t{0});
                });
                now = std::max(Micros{1}, now + randomStep(random, spec.interval));
            }
        }
        QVERIFY2(promises > 1000, qPrintable(QString::number(promises)));
    }

    void aBatchIsTheSameAsOneByOne()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = randomSpec(random);
            std::optional<Bucket> batched, single;
            Micros now{1'700'000'000'000'000};
            for (int step = 0; step < kSteps; ++step) {
                const std::vector<CostRun> runs = randomRuns(random, spec.capacity);
                const TakeOutput output = take(batched, {.spec = spec, .now = now, .runs = runs});
                take(single, {.spec = spec, .now = now});
                forEachVerdict(output, runs, [&](std::size_t run, const Verdict &verdict) {
                    const std::vector<CostRun> one{{runs[run].cost, 1}};
                    const TakeOutput alone = take(single, {.spec = spec, .now = now, .runs = one});
                    QCOMPARE(alone.granted[0] == 1, verdict.kind == Verdict::Kind::Admitted);
                    QCOMPARE(verdict.tokensLeft, alone.tokens);
                });
                QCOMPARE(single->tokens, batched->tokens);
                QCOMPARE(single->admitted, batched->admitted);
                QCOMPARE(single->refused, batched->refused);
                QCOMPARE(single->taken, batched->taken);
                now = std::max(Micros{1}, now + randomStep(random, spec.interval));
            }
        }
    }

    void anyNumberOfRefillersAddsTheSame()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = randomSpec(random);
            std::optional<Bucket> one, many;
            Micros now{1'700'000'000'000'000};
            for (int step = 0; step < kSteps; ++step) {
                const std::vector<CostRun> runs = randomRuns(random, spec.capacity);
                for (std::int64_t extra = random.between(0, 3); extra > 0; --extra)
                    take(many, {.spec = spec, .now = now});
                take(one, {.spec = spec, .now = now, .runs = runs});
                take(many, {.spec = spec, .now = now, .runs = runs});
                QCOMPARE(many->tokens, one->tokens);
                QCOMPARE(many->refilled, one->refilled);
                now += Micros{random.scaled(0, 3 * spec.interval.count())};
            }
        }
    }

    void theProportionalLevelIsExact()
    {
        test::Random random;
        const auto exact = [](Tokens tokens, Tokens before, Tokens after) {
            return static_cast<Tokens>(test::Wide{tokens} * after / before);
        };
        std::vector<Tokens> edges{1, 2, 3, 32'767, 32'768, 32'769, 65'536, 999'999'999, kMaxCapacity};
        for (const Tokens before : edges)
            for (const Tokens after : edges)
                for (const Tokens tokens : edges)
                    if (tokens <= before)
                        QCOMPARE(tokensAfterChange(tokens, before, after, TokenMode::Proportional),
                                 exact(tokens, before, after));
        for (int i = 0; i < 200'000; ++i) {
            const Tokens before = random.scaled(1, kMaxCapacity), after = random.scaled(1, kMaxCapacity);
            const Tokens tokens = random.between(0, before);
            QCOMPARE(tokensAfterChange(tokens, before, after, TokenMode::Proportional), exact(tokens, before, after));
        }
    }
};

QTEST_APPLESS_MAIN(TestTokenBucketLaws)
#include "tst_token_bucket_laws.moc"
