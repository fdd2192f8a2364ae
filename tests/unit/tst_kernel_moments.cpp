// SPDX-License-Identifier: GPL-3.0-only
// The well-known moments of each algorithm, in numbers: at an edge, over one interval, after a pause, at the start.
#include <QTest>

#include "core/limit/promise.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::limit;
using namespace std::chrono_literals;

namespace {

constexpr Micros kMinute{1'700'000'040'000'000}; // a minute begins here
constexpr Micros kLast = kMinute + 1min - 1us;   // the last moment of it

LimitSpec study(Algorithm algorithm)
{
    return {.capacity = 5, .refill = 5, .interval = 1min, .algorithm = algorithm};
}

// Everything that can be had in [from, from + length), taken as soon as it can be.
Tokens take(const LimitSpec &spec, Cell cell, Micros from, Micros length)
{
    Tokens taken = 0;
    for (Micros now = from; now < from + length;) {
        advance(spec, cell, now);
        taken += charge(spec, cell, kMaxCapacity);
        now += untilChange(spec, cell, now);
    }
    return taken;
}

struct Row {
    Algorithm algorithm;
    qint64 number;
};

void addRows(std::initializer_list<Row> rows)
{
    QTest::addColumn<LimitSpec>("spec");
    QTest::addColumn<qint64>("expected");
    for (const Row &row : rows)
        QTest::newRow(nameOf(row.algorithm).data()) << study(row.algorithm) << row.number;
}

} // namespace

Q_DECLARE_METATYPE(LimitSpec)

class TestKernelMoments : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // The study's fault: five at :59.999999 and five more at :00.
    void atAnEdge_data()
    {
        addRows({{Algorithm::TokenBucket, 10},
                 {Algorithm::TokenBucketSmooth, 5},
                 {Algorithm::Gcra, 5},
                 {Algorithm::LeakyBucket, 5},
                 {Algorithm::FixedWindow, 10},
                 {Algorithm::SlidingLog, 5},
                 {Algorithm::SlidingCounter, 5}});
    }
    void atAnEdge()
    {
        QFETCH(const LimitSpec, spec);
        QFETCH(const qint64, expected);
        QCOMPARE(take(spec, startCell(spec, kMinute), kLast, 2us), expected);
    }

    void inTheWorstMinute_data()
    {
        addRows({{Algorithm::TokenBucket, 10},
                 {Algorithm::TokenBucketSmooth, 9},
                 {Algorithm::Gcra, 9},
                 {Algorithm::LeakyBucket, 9},
                 {Algorithm::FixedWindow, 10},
                 {Algorithm::SlidingLog, 5},
                 {Algorithm::SlidingCounter, 9}});
    }
    void inTheWorstMinute()
    {
        QFETCH(const LimitSpec, spec);
        QFETCH(const qint64, expected);
        QCOMPARE(take(spec, startCell(spec, kMinute), kLast, 1min), expected);
        QCOMPARE(mostWithin(spec, 1min), expected);
    }

    // Each promise is the least one: somebody gets exactly that many.
    void thePromiseIsReached_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : test::kAlgorithms)
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }
    void thePromiseIsReached()
    {
        QFETCH(const int, index);
        for (const Tokens capacity : {1, 2, 7, 100})
            for (const Tokens refill : {Tokens{1}, (capacity + 1) / 2, capacity}) {
                LimitSpec spec{.capacity = capacity, .refill = refill, .interval = 60us};
                spec.algorithm = static_cast<Algorithm>(index);
                if (isWindow(spec.algorithm))
                    spec.refill = capacity;
                const bool isExactAlways =
                    spec.algorithm != Algorithm::TokenBucket && spec.algorithm != Algorithm::SlidingCounter;
                const Micros last{60 * 1000 - 1};
                for (Micros window{1}; window <= Micros{180}; ++window) {
                    const Tokens most = take(spec, startCell(spec, last), last, window);
                    QVERIFY(most <= mostWithin(spec, window));
                    if (isExactAlways || window == spec.interval
                        || (window < spec.interval && spec.algorithm == Algorithm::SlidingCounter))
                        QCOMPARE(most, mostWithin(spec, window));
                }
            }
    }

    void afterAPause_data()
    {
        addRows({{Algorithm::TokenBucket, 5},
                 {Algorithm::TokenBucketSmooth, 5},
                 {Algorithm::Gcra, 5},
                 {Algorithm::LeakyBucket, 5},
                 {Algorithm::FixedWindow, 5},
                 {Algorithm::SlidingLog, 5},
                 {Algorithm::SlidingCounter, 5}});
    }
    void afterAPause()
    {
        QFETCH(const LimitSpec, spec);
        QFETCH(const qint64, expected);
        Cell cell = cellWith(spec, 0, kMinute);
        QCOMPARE(roomOf(spec, cell), Tokens{0});
        QCOMPARE(take(spec, cell, kMinute + 1h, 1us), expected);
        QCOMPARE(take(spec, cell, kMinute + 24h * 366, 1us), expected);
    }

    // Ten seconds into a minute with nothing left: the next token, then all of them. Seconds.
    void whenEmpty_data()
    {
        addRows({{Algorithm::TokenBucket, 50'050},
                 {Algorithm::TokenBucketSmooth, 12'060},
                 {Algorithm::Gcra, 12'060},
                 {Algorithm::LeakyBucket, 12'060},
                 {Algorithm::FixedWindow, 50'050},
                 {Algorithm::SlidingLog, 60'060},
                 {Algorithm::SlidingCounter, 62'110}});
    }
    void whenEmpty()
    {
        QFETCH(LimitSpec, spec);
        QFETCH(const qint64, expected);
        spec.start = StartLevel::Empty;
        const Micros now = kMinute + 10s;
        const Cell cell = startCell(spec, now);
        QCOMPARE(untilChange(spec, cell, now), Micros{expected / 1000 * 1'000'000});
        QCOMPARE(untilFull(spec, cell, now), Micros{expected % 1000 * 1'000'000});
        QVERIFY(!untilRoom(spec, cell, 6, now));
        QCOMPARE(*untilRoom(spec, cell, 0, now), Micros{0});
    }

    // Two taken, then three seconds; seconds until the third and the fifth of five are there again.
    void halfUsed_data()
    {
        addRows({{Algorithm::TokenBucket, 37'037},
                 {Algorithm::TokenBucketSmooth, 9'021},
                 {Algorithm::Gcra, 9'021},
                 {Algorithm::LeakyBucket, 9'021},
                 {Algorithm::FixedWindow, 37'037},
                 {Algorithm::SlidingLog, 57'057},
                 {Algorithm::SlidingCounter, 67'097}});
    }
    void halfUsed()
    {
        QFETCH(const LimitSpec, spec);
        QFETCH(const qint64, expected);
        Cell cell = startCell(spec, kMinute);
        advance(spec, cell, kMinute + 20s);
        take(spec, cell, 2);
        const Micros now = kMinute + 23s;
        advance(spec, cell, now);
        QCOMPARE(roomOf(spec, cell), Tokens{3});
        QCOMPARE(*untilRoom(spec, cell, 4, now), Micros{expected / 1000 * 1'000'000});
        QCOMPARE(*untilRoom(spec, cell, 5, now), Micros{expected % 1000 * 1'000'000});
    }

    // A third of a token in three parts is a token, not 0.999999 of one.
    void partsOfTokensAddUp()
    {
        for (const Algorithm algorithm : {Algorithm::TokenBucketSmooth, Algorithm::Gcra, Algorithm::LeakyBucket}) {
            const LimitSpec spec{.capacity = 10, .refill = 3, .interval = 10'000us, .algorithm = algorithm};
            Cell cell = cellWith(spec, 0, kMinute);
            for (int i = 1; i <= 10'000; ++i) {
                advance(spec, cell, kMinute + Micros{i});
                QCOMPARE(roomOf(spec, cell), Tokens{3} * i / 10'000);
            }
        }
    }

    void theClockGoesBack_data()
    {
        addRows({{Algorithm::TokenBucket, 1},
                 {Algorithm::TokenBucketSmooth, 1},
                 {Algorithm::Gcra, 1},
                 {Algorithm::LeakyBucket, 1},
                 {Algorithm::FixedWindow, 1},
                 {Algorithm::SlidingLog, 1},
                 {Algorithm::SlidingCounter, 1}});
    }
    void theClockGoesBack()
    {
        QFETCH(const LimitSpec, spec);
        Cell cell = cellWith(spec, 1, kMinute);
        QVERIFY(!advance(spec, cell, kMinute - kMaxClockStep)); // waited for
        QCOMPARE(roomOf(spec, cell), Tokens{1});
        QCOMPARE(timeOf(spec, cell), kMinute);
        const Micros wait = untilFull(spec, cell, kMinute - kMaxClockStep);
        QCOMPARE(wait, untilFull(spec, cell, kMinute) + kMaxClockStep);
        QVERIFY(advance(spec, cell, kMinute - kMaxClockStep - 1us)); // gone on from
        QCOMPARE(roomOf(spec, cell), Tokens{1});
        QVERIFY(advance(spec, cell, kMinute - 1h));
        QCOMPARE(roomOf(spec, cell), Tokens{1});
        QVERIFY(timeOf(spec, cell) <= kMinute - 1h);
        QVERIFY(!advance(spec, cell, kMinute - 1h + 2min));
        QCOMPARE(roomOf(spec, cell), Tokens{5});
    }

    void aLogJoinsWhatComesAtOneMoment()
    {
        const LimitSpec spec = study(Algorithm::SlidingLog);
        Cell cell = startCell(spec, kMinute);
        take(spec, cell, 1);
        take(spec, cell, 0);
        take(spec, cell, 2);
        advance(spec, cell, kMinute + 1us);
        take(spec, cell, 1);
        using Entry = kernels::SlidingLogCell::Entry;
        const std::vector<Entry> expected{{kMinute, 3}, {kMinute + 1us, 1}};
        QVERIFY(std::get<kernels::SlidingLogCell>(cell).entries == expected);
    }

    void theirLivesHoldUntilFull()
    {
        QCOMPARE(timeToLive(study(Algorithm::TokenBucket)), Micros{3min});
        QCOMPARE(timeToLive(study(Algorithm::SlidingLog)), Micros{3min});
        QCOMPARE(timeToLive(study(Algorithm::SlidingCounter)), Micros{4min});
        QCOMPARE(timeToLive({.capacity = kMaxCapacity, .refill = 1, .interval = kMaxInterval}), kMaxWait);
    }
};

QTEST_APPLESS_MAIN(TestKernelMoments)
#include "tst_kernel_moments.moc"
