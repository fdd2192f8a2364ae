// SPDX-License-Identifier: GPL-3.0-only
// What must hold for every algorithm and every sequence of calls: seeded random sequences.
#include <QTest>

#include <deque>
#include <map>

#include "core/base/whole.h"
#include "core/limit/promise.h"
#include "core/limit/token_mode.h"
#include "tests/support/random_limit.h"
#include "tests/support/wide.h"

using namespace weir;
using namespace weir::limit;

namespace {

constexpr int kSequences = 150;
constexpr int kSteps = 150;
constexpr Micros kStart{1'700'000'000'000'000};

void addAlgorithms()
{
    QTest::addColumn<int>("index");
    for (const Algorithm algorithm : test::kAlgorithms)
        QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
}

Tokens randomCost(test::Random &random, Tokens capacity)
{
    return random.oneIn(3) ? random.scaled(0, capacity + 1) : random.between(0, 3);
}

// Takes what has room.
void takeIfRoom(const LimitSpec &spec, Cell &cell, Tokens cost)
{
    if (cost <= roomOf(spec, cell))
        take(spec, cell, cost);
}

Tokens roomAt(const LimitSpec &spec, Cell cell, Micros now)
{
    advance(spec, cell, now);
    return roomOf(spec, cell);
}

} // namespace

class TestKernelLaws : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refusedUntilExactlyThePromisedMoment_data() { addAlgorithms(); }
    void refusedUntilExactlyThePromisedMoment()
    {
        QFETCH(const int, index);
        test::Random random;
        int promises = 0;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                advance(spec, cell, now);
                const Tokens cost = randomCost(random, spec.capacity);
                takeIfRoom(spec, cell, cost);
                const std::optional<Micros> wait = untilRoom(spec, cell, cost, now);
                QCOMPARE(wait.has_value(), cost <= spec.capacity);
                if (!wait || *wait >= kMaxWait)
                    continue;
                ++promises;
                QVERIFY(*wait >= Micros{0});
                QVERIFY(roomAt(spec, cell, now + *wait) >= cost);
                if (*wait > Micros{0}) {
                    QVERIFY(roomAt(spec, cell, now + *wait - Micros{1}) < cost);
                    QVERIFY(roomOf(spec, cell) < cost);
                } else {
                    QVERIFY(roomOf(spec, cell) >= cost);
                }
            }
        }
        QVERIFY2(promises > 1000, qPrintable(QString::number(promises)));
    }

    // What was taken and is given back can be taken again; at no later moment is there more than that much more.
    void whatIsGivenBackIsThereAndNoMore_data() { addAlgorithms(); }
    void whatIsGivenBackIsThereAndNoMore()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                advance(spec, cell, now);
                takeIfRoom(spec, cell, randomCost(random, spec.capacity));
                if (!random.oneIn(3))
                    continue;
                const Cell without = cell;
                const Tokens room = roomOf(spec, cell), tokens = randomCost(random, spec.capacity);
                const Tokens back = giveBack(spec, cell, tokens, now);
                QCOMPARE(back, std::min(tokens, spec.capacity - room));
                QCOMPARE(roomOf(spec, cell), room + back);
                const Micros later = std::max(now, test::randomMoment(random, now, spec.interval));
                QVERIFY(roomAt(spec, cell, later) <= roomAt(spec, without, later) + back);
            }
        }
    }

    void theRoomChangesAndFillsExactlyWhenItSays_data() { addAlgorithms(); }
    void theRoomChangesAndFillsExactlyWhenItSays()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                advance(spec, cell, now);
                takeIfRoom(spec, cell, randomCost(random, spec.capacity));
                const Tokens room = roomOf(spec, cell);
                const Micros change = untilChange(spec, cell, now), full = untilFull(spec, cell, now);
                QCOMPARE(change == Micros{0}, room == spec.capacity);
                QCOMPARE(full == Micros{0}, room == spec.capacity);
                QVERIFY(change <= full);
                // Not later than the store forgets it, one interval before the end at least.
                QVERIFY(full <= timeToLive(spec) - spec.interval + kMaxClockStep || timeToLive(spec) == kMaxWait);
                if (room == spec.capacity || full >= kMaxWait)
                    continue;
                QVERIFY(roomAt(spec, cell, now + change) > room);
                QCOMPARE(roomAt(spec, cell, now + change - Micros{1}), room);
                QCOMPARE(roomAt(spec, cell, now + full), spec.capacity);
                QVERIFY(roomAt(spec, cell, now + full - Micros{1}) < spec.capacity);
            }
        }
    }

    void aClockThatGoesBackGivesNothing_data() { addAlgorithms(); }
    void aClockThatGoesBackGivesNothing()
    {
        QFETCH(const int, index);
        test::Random random;
        int regressions = 0;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps; ++step) {
                const Micros before = now, stood = timeOf(spec, cell);
                const Tokens room = roomOf(spec, cell);
                now = test::randomMoment(random, now, spec.interval);
                const bool isRegressed = advance(spec, cell, now);
                QVERIFY(roomOf(spec, cell) >= 0 && roomOf(spec, cell) <= spec.capacity);
                if (now <= before)
                    QVERIFY(roomOf(spec, cell) <= room);
                QCOMPARE(isRegressed, stood - now > kMaxClockStep);
                regressions += isRegressed ? 1 : 0;
                if (isRegressed) // it goes on from the new time
                    QVERIFY(timeOf(spec, cell) <= now);
                takeIfRoom(spec, cell, randomCost(random, spec.capacity));
            }
        }
        QVERIFY2(regressions > 100, qPrintable(QString::number(regressions)));
    }

    // However it goes to and fro: no more than by the highest time that it has shown.
    void aClockThatFlapsWithinAMinuteGivesNothing_data() { addAlgorithms(); }
    void aClockThatFlapsWithinAMinuteGivesNothing()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros highest = kStart;
            Cell cell = startCell(spec, kStart);
            Tokens given = 0;
            for (int step = 0; step < kSteps; ++step) {
                highest += Micros{random.scaled(0, 2 * spec.interval.count())};
                Micros now = highest;
                if (random.oneIn(2)) // and comes back with the next step, or stays behind
                    now -= Micros{random.scaled(0, kMaxClockStep.count())};
                QVERIFY(!advance(spec, cell, std::max(now, kStart)));
                const Tokens room = random.oneIn(3) ? roomOf(spec, cell) : 0;
                take(spec, cell, room);
                given += room;
                QVERIFY(given <= mostWithin(spec, highest - kStart + Micros{1}));
            }
        }
    }

    // By more than a minute and forward again: for each time a capacity at most.
    void aClockThatIsSetFarBackCostsACapacityAtMost_data() { addAlgorithms(); }
    void aClockThatIsSetFarBackCostsACapacityAtMost()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros passed{0}, off{0};
            Cell cell = startCell(spec, kStart);
            Tokens given = 0, steps = 0;
            for (int step = 0; step < kSteps; ++step) {
                passed += Micros{random.scaled(0, spec.interval.count())};
                if (random.oneIn(10)) {
                    off = off == Micros{0} ? -kMaxClockStep - Micros{random.scaled(1, 36'000'000'000)} : Micros{0};
                    ++steps;
                }
                advance(spec, cell, kStart + passed + off);
                const Tokens room = random.oneIn(3) ? roomOf(spec, cell) : 0;
                take(spec, cell, room);
                given += room;
                const Tokens most = saturatingAdd(mostWithin(spec, passed + Micros{1}), steps * spec.capacity);
                QVERIFY2(given <= most,
                         qPrintable(QStringLiteral("sequence %1: %2 of %3").arg(sequence).arg(given).arg(most)));
            }
        }
    }

    void manyLooksAreOneLook_data() { addAlgorithms(); }
    void manyLooksAreOneLook()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell one = startCell(spec, now), many = one;
            for (int step = 0; step < kSteps; ++step) {
                const Micros next = now + Micros{random.scaled(0, 3 * spec.interval.count())};
                for (std::int64_t looks = random.between(0, 3); looks > 0; --looks) {
                    now = Micros{random.between(now.count(), next.count())};
                    advance(spec, many, now);
                }
                now = next;
                advance(spec, one, now);
                advance(spec, many, now);
                QVERIFY(one == many);
                const Tokens cost = randomCost(random, spec.capacity);
                takeIfRoom(spec, one, cost);
                takeIfRoom(spec, many, cost);
            }
        }
    }

    void noStretchSeesMoreThanIsPromised_data() { addAlgorithms(); }
    void noStretchSeesMoreThanIsPromised()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            spec.interval = Micros{random.between(10, 200)}; // so short that every moment can be tried
            const Micros window{random.between(1, 2 * spec.interval.count())};
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            std::deque<std::pair<Micros, Tokens>> taken;
            Tokens sum = 0;
            for (int step = 0; step < 2 * kSteps; ++step) {
                now += Micros{random.oneIn(4) ? random.scaled(0, 2 * spec.interval.count()) : random.between(0, 3)};
                advance(spec, cell, now);
                const Tokens cost = random.oneIn(3) ? roomOf(spec, cell) : random.between(0, roomOf(spec, cell));
                take(spec, cell, cost);
                taken.emplace_back(now, cost);
                sum += cost;
                for (; taken.front().first <= now - window; taken.pop_front())
                    sum -= taken.front().second;
                QVERIFY2(sum <= mostWithin(spec, window), qPrintable(QString::number(sum)));
            }
        }
    }

    void whatIsDecidedElsewhereIsTakenDownToNone_data() { addAlgorithms(); }
    void whatIsDecidedElsewhereIsTakenDownToNone()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int i = 0; i < kSequences; ++i) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Cell cell = cellWith(spec, random.between(0, spec.capacity), kStart);
            const Tokens room = roomOf(spec, cell), cost = randomCost(random, 2 * spec.capacity);
            QCOMPARE(charge(spec, cell, cost), std::min(room, cost));
            QCOMPARE(roomOf(spec, cell), std::max<Tokens>(0, room - cost));
        }
    }

    void aChangeMakesTheRoomThatTheModeSays()
    {
        test::Random random;
        for (int sequence = 0; sequence < 7 * kSequences; ++sequence) {
            LimitSpec spec = test::randomLimit(random, test::randomAlgorithm(random));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps / 3; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                advance(spec, cell, now);
                takeIfRoom(spec, cell, randomCost(random, spec.capacity));
                const Algorithm next = random.oneIn(2) ? spec.algorithm : test::randomAlgorithm(random);
                LimitSpec after = test::randomLimit(random, next);
                if (after.algorithm == spec.algorithm && random.oneIn(2))
                    after.interval = spec.interval;
                test::shortenBurst(after);
                const auto mode = static_cast<TokenMode>(random.between(0, 3));
                const Tokens room = roomOf(spec, cell);
                adopt(spec, after, cell, mode, now);
                QCOMPARE(roomOf(after, cell), tokensAfterChange(room, spec.capacity, after.capacity, mode));
                QCOMPARE(cell.index(), static_cast<std::size_t>(after.algorithm));
                spec = after;
            }
        }
    }

    // In two halves, so that no product passes 2^53; against one exact fraction.
    void theProportionalLevelIsExact()
    {
        test::Random random;
        const auto isExact = [](Tokens tokens, Tokens before, Tokens after) {
            return tokensAfterChange(tokens, before, after, TokenMode::Proportional)
                   == static_cast<Tokens>(test::Wide{tokens} * after / before);
        };
        constexpr std::array<Tokens, 9> kEdges{1, 2, 3, 32'767, 32'768, 32'769, 65'536, 999'999'999, kMaxCapacity};
        for (const Tokens before : kEdges)
            for (const Tokens after : kEdges)
                for (const Tokens tokens : kEdges)
                    QVERIFY(tokens > before || isExact(tokens, before, after));
        for (int i = 0; i < 200'000; ++i) {
            const Tokens before = random.scaled(1, kMaxCapacity), after = random.scaled(1, kMaxCapacity);
            QVERIFY(isExact(random.between(0, before), before, after));
        }
    }

    // From the first moment to the last that can be counted. A wait may be beyond all numbers: it stops, and does not wrap.
    void theLargestGapIsExact_data() { addAlgorithms(); }
    void theLargestGapIsExact()
    {
        QFETCH(const int, index);
        constexpr Micros kFirst{1};
        for (const Tokens capacity : {kMinCapacity, kMaxCapacity})
            for (const Tokens refill : {Tokens{1}, capacity})
                for (const Micros interval : {kMinInterval, kMaxInterval}) {
                    LimitSpec spec{capacity, refill, interval, StartLevel::Full, static_cast<Algorithm>(index)};
                    if (spec.algorithm == Algorithm::SlidingLog)
                        spec.capacity = std::min(capacity, Tokens{kernels::kMaxLogCapacity});
                    if (isWindow(spec.algorithm))
                        spec.refill = spec.capacity;
                    test::shortenBurst(spec);
                    const bool isByInterval = spec.algorithm == Algorithm::TokenBucket;
                    // The times of gcra go beyond now by a burst.
                    const Micros last =
                        kMaxWait - (spec.algorithm == Algorithm::Gcra ? kernels::kMaxBurstTime : kFirst);
                    const test::Wide came = isByInterval
                                                ? test::Wide{last / interval - kFirst / interval} * spec.refill
                                                : test::Wide{(last - kFirst).count()} * spec.refill / interval.count();
                    Cell cell = cellWith(spec, 0, kFirst);
                    advance(spec, cell, last);
                    QCOMPARE(roomOf(spec, cell), static_cast<Tokens>(std::min<test::Wide>(spec.capacity, came)));
                    if (isWindow(spec.algorithm))
                        continue;
                    // From nothing: the rest of this interval, and the others whole; or evenly.
                    cell = cellWith(spec, 0, last);
                    const test::Wide needed = test::Wide{spec.capacity} * interval.count();
                    const test::Wide wait = isByInterval
                                                ? test::Wide{ceilDiv(spec.capacity, spec.refill) - 1} * interval.count()
                                                      + (interval - last % interval).count()
                                                : (needed + spec.refill - 1) / spec.refill;
                    QCOMPARE(untilFull(spec, cell, last).count(),
                             static_cast<std::int64_t>(std::min<test::Wide>(wait, kMaxWait.count())));
                }
    }

    void keepingTheSameNumbersKeepsEverything_data() { addAlgorithms(); }
    void keepingTheSameNumbersKeepsEverything()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                advance(spec, cell, now);
                takeIfRoom(spec, cell, randomCost(random, spec.capacity));
                Cell same = cell;
                adopt(spec, spec, same, TokenMode::Keep, now);
                const Micros later = now + Micros{random.scaled(0, 2 * spec.interval.count())};
                QCOMPARE(roomAt(spec, same, later), roomAt(spec, cell, later));
            }
        }
    }

    void whatIsRememberedGivesNothingEarlier_data() { addAlgorithms(); }
    void whatIsRememberedGivesNothingEarlier()
    {
        QFETCH(const int, index);
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, static_cast<Algorithm>(index));
            Micros now = kStart;
            Cell cell = startCell(spec, now);
            for (int step = 0; step < kSteps; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                advance(spec, cell, now);
                takeIfRoom(spec, cell, randomCost(random, spec.capacity));
                std::vector<std::int64_t> numbers = numbersOf(cell);
                const std::optional<Cell> remembered = cellOf(spec, numbers);
                QVERIFY(remembered.has_value());
                QCOMPARE(roomOf(spec, *remembered), roomOf(spec, cell));
                const Micros later = now + Micros{random.scaled(0, 2 * spec.interval.count())};
                QVERIFY(roomAt(spec, *remembered, later) <= roomAt(spec, cell, later));
                if (spec.algorithm != Algorithm::SlidingLog)
                    QVERIFY(*remembered == cell);
                numbers.push_back(0);
                QVERIFY(!cellOf(spec, numbers));
                numbers.resize(fieldsOf(spec.algorithm).size());
                numbers[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(numbers.size()) - 1))] =
                    random.oneIn(2) ? -1 : kMaxTotal + 1;
                QVERIFY(!cellOf(spec, numbers));
            }
        }
    }

    // Three names and three states for one law: they differ in what they remember and show, not in what they admit.
    void smoothGcraAndLeakyAdmitTheSame()
    {
        test::Random random;
        for (int sequence = 0; sequence < 3 * kSequences; ++sequence) {
            LimitSpec spec = test::randomLimit(random, Algorithm::Gcra);
            Micros now = kStart;
            const auto as = [](LimitSpec same, Algorithm algorithm) {
                same.algorithm = algorithm;
                return same;
            };
            constexpr std::array kThree{Algorithm::TokenBucketSmooth, Algorithm::Gcra, Algorithm::LeakyBucket};
            std::array<Cell, 3> cells;
            for (std::size_t i = 0; i < 3; ++i)
                cells[i] = startCell(as(spec, kThree[i]), now);
            for (int step = 0; step < kSteps; ++step) {
                now = test::randomMoment(random, now, spec.interval);
                const Tokens cost = randomCost(random, spec.capacity), asked = randomCost(random, spec.capacity);
                const LimitSpec after = random.oneIn(20) ? test::randomLimit(random, Algorithm::Gcra) : spec;
                const auto mode = static_cast<TokenMode>(random.between(0, 3));
                std::array<Tokens, 3> rooms{};
                std::array<std::optional<Micros>, 3> waits;
                for (std::size_t i = 0; i < 3; ++i) {
                    advance(as(spec, kThree[i]), cells[i], now);
                    if (!(after == spec))
                        adopt(as(spec, kThree[i]), as(after, kThree[i]), cells[i], mode, now);
                    takeIfRoom(as(after, kThree[i]), cells[i], cost);
                    rooms[i] = roomOf(as(after, kThree[i]), cells[i]);
                    waits[i] = untilRoom(as(after, kThree[i]), cells[i], asked, now);
                }
                QCOMPARE(rooms[1], rooms[0]);
                QCOMPARE(rooms[2], rooms[0]);
                QVERIFY(waits[1] == waits[0] && waits[2] == waits[0]);
                spec = after;
            }
        }
    }

    // Against the definition: the sum of all that came, divided once.
    void anEvenFlowNeverDrifts()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            LimitSpec spec = test::randomLimit(random, Algorithm::TokenBucketSmooth);
            spec.capacity = kMaxCapacity;
            spec.refill = random.scaled(1, 1000);
            Cell cell = cellWith(spec, 0, kStart);
            Micros now = kStart;
            Tokens taken = 0;
            for (int step = 0; step < 2000; ++step) {
                now += Micros{random.scaled(0, spec.interval.count())};
                advance(spec, cell, now);
                const auto came =
                    static_cast<Tokens>(test::Wide{(now - kStart).count()} * spec.refill / spec.interval.count());
                QCOMPARE(roomOf(spec, cell), came - taken);
                const Tokens cost = random.between(0, roomOf(spec, cell));
                take(spec, cell, cost);
                taken += cost;
            }
        }
    }

    // Against the definition: all takes remembered, counted anew each time.
    void aLogIsTheCountOfOneInterval()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, Algorithm::SlidingLog);
            Micros now = kStart;
            Cell cell = cellWith(spec, spec.capacity, now);
            std::vector<std::pair<Micros, Tokens>> all;
            for (int step = 0; step < kSteps; ++step) {
                now += Micros{random.oneIn(3) ? 0 : random.scaled(0, spec.interval.count())};
                advance(spec, cell, now);
                Tokens used = 0;
                for (const auto &[at, tokens] : all)
                    used += at > now - spec.interval ? tokens : 0;
                QCOMPARE(roomOf(spec, cell), spec.capacity - used);
                const Tokens cost = random.between(0, std::min<Tokens>(roomOf(spec, cell), 5));
                take(spec, cell, cost);
                all.emplace_back(now, cost);
                const auto &log = std::get<kernels::SlidingLogCell>(cell);
                QVERIFY(static_cast<Tokens>(log.entries.size()) <= log.used);
            }
        }
    }

    // Against the definition, with the share of the previous interval as one exact fraction.
    void aCounterWeighsTheIntervalBefore()
    {
        test::Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            const LimitSpec spec = test::randomLimit(random, Algorithm::SlidingCounter);
            const std::int64_t interval = spec.interval.count();
            Micros now = kStart;
            Cell cell = cellWith(spec, spec.capacity, now);
            std::map<std::int64_t, Tokens> taken; // by number of the interval
            for (int step = 0; step < kSteps; ++step) {
                now += Micros{random.oneIn(3) ? 0 : random.scaled(0, interval)};
                advance(spec, cell, now);
                const std::int64_t number = now.count() / interval, left = interval - now.count() % interval;
                const auto share =
                    static_cast<Tokens>((test::Wide{taken[number - 1]} * left + interval - 1) / interval);
                QCOMPARE(roomOf(spec, cell), spec.capacity - taken[number] - share);
                const Tokens cost = random.scaled(0, roomOf(spec, cell));
                takeIfRoom(spec, cell, cost);
                taken[number] += cost <= spec.capacity - taken[number] - share ? cost : 0;
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestKernelLaws)
#include "tst_kernel_laws.moc"
