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

void addKinds()
{
    QTest::addColumn<int>("kind"); // the place of an algorithm, or -1: the script of one token bucket
    QTest::newRow("one token bucket") << -1;
    for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i)
        QTest::newRow(kAlgorithmNames[i].data()) << static_cast<int>(i);
}

LimitSpec specOf(int kind, Tokens capacity, Tokens refill, Micros interval)
{
    LimitSpec spec{capacity, refill, interval};
    spec.algorithm = static_cast<Algorithm>(std::max(kind, 0));
    if (isWindow(spec.algorithm))
        spec.refill = capacity;
    return spec;
}

/// A store of one bucket.
class Store {
public:
    struct Caller {
        Known one;
        Known several;
    };
    /// Without a limit: of 1000 tokens, none of which comes back within a test; all of them within 100 years, as gcra wants it.
    explicit Store(int kind) : Store{kind, specOf(kind, 1000, 1, kMaxInterval / 13)} {}
    Store(int kind, const LimitSpec &spec) : m_isOne{kind < 0}, m_spec{spec} {}

    void forget()
    {
        m_one.reset();
        m_several.reset();
        pass(Micros{1000});
    }
    void pass(Micros time) { m_now += time; }
    /// The room that is left.
    Tokens take(Caller &caller, std::int64_t count)
    {
        pass(Micros{1000});
        return m_isOne ? takeOne(caller, count) : takeSeveral(caller, count);
    }
    [[nodiscard]] Tokens given() const { return m_given; }
    [[nodiscard]] Tokens debt() const { return m_isOne ? m_one->debt : m_several->debt; }
    [[nodiscard]] Micros since() const { return m_now - kStart; }

private:
    Tokens takeOne(Caller &caller, std::int64_t count)
    {
        const std::vector<CostRun> runs{{1, count}};
        TakeInput input{.spec = m_spec, .now = m_now, .runs = runs};
        input.known = caller.one;
        const TakeOutput output = limit::take(m_one, input);
        caller.one = knownFrom(caller.one, caller.one, output);
        m_given += output.granted.front();
        return output.tokens;
    }
    Tokens takeSeveral(Caller &caller, std::int64_t count)
    {
        const BucketCall call{m_spec, 1, TokenMode::Keep, caller.several};
        const std::vector<AskRun> runs{{{{0, 1}}, count}};
        const TakeOutput output = take({&m_several, 1}, {m_now, {&call, 1}, runs});
        caller.several = knownFrom(caller.several, caller.several, output.buckets.front());
        m_given += output.runs.front().granted;
        return output.buckets.front().room;
    }

    bool m_isOne;
    LimitSpec m_spec;
    Micros m_now{kStart};
    std::optional<Bucket> m_one;
    std::optional<Bucket> m_several;
    Tokens m_given{0};
};

} // namespace

class TestLostTwice : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // The second loss is found by somebody who has not heard of the first: it is another one.
    void whoMissedTheFirstLoss_data() { addKinds(); }
    void whoMissedTheFirstLoss()
    {
        QFETCH(const int, kind);
        for (const std::int64_t since : {1, 300}) { // fewer than had been taken before, and more
            Store store{kind};
            Store::Caller a, b;
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
    void whoNeverKnew_data() { addKinds(); }
    void whoNeverKnew()
    {
        QFETCH(const int, kind);
        Store store{kind};
        Store::Caller a, newcomer;
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
    void whatIsOwedIsNotForgotten_data() { addKinds(); }
    void whatIsOwedIsNotForgotten()
    {
        QFETCH(const int, kind);
        Store store{kind};
        Store::Caller a, newcomer;
        store.take(a, 900);
        store.forget();
        store.take(newcomer, 500);
        for (Store::Caller *caller : {&a, &newcomer})
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
    void whoComesLateBringsNoFloodOfDebt_data() { addKinds(); }
    void whoComesLateBringsNoFloodOfDebt()
    {
        QFETCH(const int, kind);
        Store store{kind, specOf(kind, 10, 10, Micros{1'000'000})};
        Store::Caller late, newcomer, last;
        store.take(late, 10);
        store.take(last, 0);
        store.forget();
        for (int second = 0; second < 1000; ++second) {
            store.take(newcomer, 10);
            store.pass(Micros{1'000'000});
        }
        QVERIFY(store.given() > 5000);
        for (Store::Caller *caller : {&late, &newcomer})
            store.take(*caller, 0);
        QVERIFY2(store.debt() <= 10, qPrintable(QString::number(store.debt())));
        store.forget();
        store.pass(Micros{20'000'000}); // it is full whoever remembers it
        QCOMPARE(store.take(newcomer, 0), Tokens{10});
        QCOMPARE(store.take(late, 0), Tokens{10});
        QCOMPARE(store.take(last, 0), Tokens{10});
    }

    // Losses by chance; whoever has taken calls again before the next one. Then all that was given beyond the promise is owed.
    void lossesByChanceInventNothing_data() { addKinds(); }
    void lossesByChanceInventNothing()
    {
        QFETCH(const int, kind);
        Random random;
        for (int round = 0; round < 500; ++round) {
            const Tokens capacity = random.between(1, 30);
            const LimitSpec spec =
                specOf(kind, capacity, random.between(1, capacity), Micros{random.between(100'000, 2'000'000)});
            Store store{kind, spec};
            std::vector<Store::Caller> callers(static_cast<std::size_t>(random.between(1, 4)));
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
