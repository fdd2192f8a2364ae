// SPDX-License-Identifier: GPL-3.0-only
// A store that forgets everything twice, and callers who know different things of the bucket: none of that is forgotten.
#include <QTest>

#include "core/limit/take.h"
#include "core/limit/promise.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::limit;
using test::Random;

namespace {

constexpr Micros kStart{1'700'000'000'000'000};

void addAlgorithms()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i)
        QTest::newRow(kAlgorithmNames[i].data()) << static_cast<int>(i);
}

LimitSpec specOf(int index, Tokens capacity, Tokens refill, Micros interval)
{
    LimitSpec spec{capacity, refill, interval};
    spec.algorithm = static_cast<Algorithm>(index);
    if (isWindow(spec.algorithm))
        spec.refill = capacity;
    return spec;
}

/// A store of one bucket.
class Store {
public:
    /// Without a limit: of 1000 tokens, none of which comes back within a test; all of them within 100 years, as gcra wants it.
    explicit Store(int index) : Store{specOf(index, 1000, 1, kMaxInterval / 13)} {}
    explicit Store(const LimitSpec &spec) : m_spec{spec} {}

    void forget()
    {
        m_bucket.reset();
        pass(Micros{1000});
    }
    void pass(Micros time) { m_now += time; }
    /// By somebody who knows so much, and then more. Returns the room that is left.
    Tokens take(Known &caller, std::int64_t count)
    {
        pass(Micros{1000});
        const BucketCall call{m_spec, 1, TokenMode::Keep, caller};
        const std::vector<AskRun> runs{{{{0, 1}}, count}};
        const TakeOutput output = limit::take({&m_bucket, 1}, {m_now, {&call, 1}, runs});
        caller = knownFrom(caller, caller, output.buckets.front());
        m_given += output.runs.front().granted;
        return output.buckets.front().room;
    }
    [[nodiscard]] Tokens given() const { return m_given; }
    [[nodiscard]] Tokens debt() const { return m_bucket->debt; }
    [[nodiscard]] Micros since() const { return m_now - kStart; }

private:
    LimitSpec m_spec;
    Micros m_now{kStart};
    std::optional<Bucket> m_bucket;
    Tokens m_given{0};
};

} // namespace

class TestLostTwice : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // The second loss is found by somebody who has not heard of the first: it is another one.
    void whoMissedTheFirstLoss_data() { addAlgorithms(); }
    void whoMissedTheFirstLoss()
    {
        QFETCH(const int, index);
        for (const std::int64_t since : {1, 300}) { // fewer than had been taken before, and more
            Store store{index};
            Known a, b;
            store.take(a, 10);
            QCOMPARE(store.take(b, 10), Tokens{980});
            QCOMPARE(store.take(a, 0), Tokens{980});
            store.forget();
            QCOMPARE(store.take(a, 200), Tokens{780});
            store.forget();
            QCOMPARE(store.take(b, since), 980 - since);
            QCOMPARE(store.take(a, 0), 780 - since);
            QCOMPARE(store.take(b, 0), 780 - since);
            QCOMPARE(store.take(a, 0), 780 - since);
        }
    }

    // Who never knew of the bucket begins another one; when that is lost as well, it is still the younger of the two.
    void whoNeverKnew_data() { addAlgorithms(); }
    void whoNeverKnew()
    {
        QFETCH(const int, index);
        Store store{index};
        Known a, newcomer;
        QCOMPARE(store.take(a, 900), Tokens{100});
        store.forget();
        QCOMPARE(store.take(newcomer, 10), Tokens{990});
        store.forget();
        QCOMPARE(store.take(newcomer, 10), Tokens{980});
        QCOMPARE(store.take(a, 0), Tokens{80});
        QCOMPARE(store.take(newcomer, 0), Tokens{80});
        QCOMPARE(store.take(a, 0), Tokens{80});
    }

    // What is owed after one loss is owed after the next as well: what was given too much is paid before anything is given.
    void whatIsOwedIsNotForgotten_data() { addAlgorithms(); }
    void whatIsOwedIsNotForgotten()
    {
        QFETCH(const int, index);
        Store store{index};
        Known a, newcomer;
        store.take(a, 900);
        store.forget();
        store.take(newcomer, 500);
        for (Known *caller : {&a, &newcomer})
            QCOMPARE(store.take(*caller, 0), Tokens{0});
        QCOMPARE(store.debt(), Tokens{400});
        for (int loss = 0; loss < 3; ++loss) {
            store.forget();
            QCOMPARE(store.take(loss % 2 == 0 ? newcomer : a, 1), Tokens{0});
            QCOMPARE(store.take(a, 1), Tokens{0});
            QCOMPARE(store.debt(), Tokens{400});
        }
        QCOMPARE(store.given(), Tokens{1400});
    }

    // Nobody owes more than a bucket can have been given too much, however long the new one was used before somebody came who
    // had known the old one.
    void whoComesLateBringsNoFloodOfDebt_data() { addAlgorithms(); }
    void whoComesLateBringsNoFloodOfDebt()
    {
        QFETCH(const int, index);
        Store store{specOf(index, 10, 10, Micros{1'000'000})};
        Known late, newcomer, last;
        store.take(late, 10);
        store.take(last, 0);
        store.forget();
        for (int second = 0; second < 1000; ++second) {
            store.take(newcomer, 10);
            store.pass(Micros{1'000'000});
        }
        QVERIFY(store.given() > 5000);
        for (Known *caller : {&late, &newcomer})
            store.take(*caller, 0);
        QVERIFY2(store.debt() <= 10, qPrintable(QString::number(store.debt())));
        store.forget();
        store.pass(Micros{20'000'000}); // it is full whoever remembers it
        QCOMPARE(store.take(newcomer, 0), Tokens{10});
        QCOMPARE(store.take(late, 0), Tokens{10});
        QCOMPARE(store.take(last, 0), Tokens{10});
    }

    // Losses by chance; whoever has taken calls again before the next one. Then all that was given beyond the promise is owed.
    void lossesByChanceInventNothing_data() { addAlgorithms(); }
    void lossesByChanceInventNothing()
    {
        QFETCH(const int, index);
        Random random;
        for (int round = 0; round < 500; ++round) {
            const Tokens capacity = random.between(1, 30);
            const LimitSpec spec =
                specOf(index, capacity, random.between(1, capacity), Micros{random.between(100'000, 2'000'000)});
            Store store{spec};
            std::vector<Known> callers(static_cast<std::size_t>(random.between(1, 4)));
            const auto any = [&] { return static_cast<std::size_t>(random.between(0, std::ssize(callers) - 1)); };
            for (int loss = 0; loss < 4; ++loss) {
                for (std::int64_t n = random.between(0, 12); n > 0; --n) {
                    store.take(callers[any()], random.between(0, capacity));
                    store.pass(Micros{random.oneIn(2) ? 0 : random.between(0, spec.interval.count())});
                }
                for (auto &caller : callers)
                    store.take(caller, 0);
                const Tokens most = mostWithin(spec, store.since() + Micros{1});
                QVERIFY2(store.given() <= most + store.debt(),
                         qPrintable(QStringLiteral("round %1, %2 callers: %3 of %4, debt %5")
                                        .arg(round)
                                        .arg(callers.size())
                                        .arg(store.given())
                                        .arg(most)
                                        .arg(store.debt())));
                store.forget();
                if (callers.size() < 6 && random.oneIn(2))
                    callers.emplace_back(); // who knows nothing
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestLostTwice)
#include "tst_lost_twice.moc"
