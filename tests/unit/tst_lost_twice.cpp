// SPDX-License-Identifier: GPL-3.0-only
// A store that forgets everything twice, and callers who know different things of the bucket: none of that is forgotten.
#include <QTest>

#include "core/limit/group.h"

using namespace weir;
using namespace weir::limit;

namespace {

constexpr Micros kStart{1'700'000'000'000'000};

void addKinds()
{
    QTest::addColumn<int>("kind"); // the place of an algorithm, or -1: the script of one token bucket
    QTest::newRow("one token bucket") << -1;
    for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i)
        QTest::newRow(kAlgorithmNames[i].data()) << static_cast<int>(i);
}

/// A store of one bucket of 1000 tokens, none of which comes back within a test.
class Store {
public:
    struct Caller {
        Known one;
        CellKnown several;
    };
    explicit Store(int kind) : m_isOne{kind < 0}
    {
        m_spec.algorithm = static_cast<Algorithm>(std::max(kind, 0));
        m_spec.refill = isWindow(m_spec.algorithm) ? 1000 : 1;
    }
    void forget()
    {
        m_one.reset();
        m_several.reset();
        pass();
    }
    /// The room that is left.
    Tokens take(Caller &caller, std::int64_t count)
    {
        pass();
        return m_isOne ? takeOne(caller, count) : takeSeveral(caller, count);
    }

private:
    void pass() { m_now += Micros{1000}; }
    Tokens takeOne(Caller &caller, std::int64_t count)
    {
        const std::vector<CostRun> runs{{1, count}};
        TakeInput input{.spec = m_spec, .now = m_now, .runs = runs};
        input.known = caller.one;
        const TakeOutput output = limit::take(m_one, input);
        caller.one = knownFrom(caller.one, caller.one, output);
        return output.tokens;
    }
    Tokens takeSeveral(Caller &caller, std::int64_t count)
    {
        const BucketCall call{m_spec, 1, TokenMode::Keep, caller.several};
        const std::vector<AskRun> runs{{{{0, 1}}, count}};
        const BucketOutput output = takeAll({&m_several, 1}, {m_now, {&call, 1}, runs}).buckets.front();
        caller.several = knownFrom(caller.several, caller.several, output);
        return output.room;
    }

    bool m_isOne;
    LimitSpec m_spec{1000, 1, kMaxInterval / 4};
    Micros m_now{kStart};
    std::optional<Bucket> m_one;
    std::optional<CellBucket> m_several;
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
};

QTEST_APPLESS_MAIN(TestLostTwice)
#include "tst_lost_twice.moc"
