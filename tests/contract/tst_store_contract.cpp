// SPDX-License-Identifier: GPL-3.0-only
// What every store promises of the buckets of every algorithm: one body of tests over all of both.
#include <QTest>

#include "tests/redis/either_store.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::store;
using namespace weir::test;
using namespace std::chrono_literals;
using limit::Ask;
using limit::LimitSpec;
using limit::StartLevel;
using limit::TokenMode;

namespace {

TakeRequest::Bucket bucket(const std::string &name, const LimitSpec &spec, std::int64_t epoch = 1,
                           TokenMode mode = TokenMode::Keep)
{
    return {name, {spec, epoch, mode, {}}};
}

} // namespace

class TestStoreContract : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void initTestCase_data()
    {
        QTest::addColumn<bool>("isRedis");
        QTest::addColumn<int>("algorithm");
        for (const bool isRedis : {false, true})
            for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i)
                QTest::addRow("%s, %s", isRedis ? "redis" : "memory", limit::kAlgorithmNames[i].data())
                    << isRedis << static_cast<int>(i);
    }
    void init()
    {
        QFETCH_GLOBAL(const bool, isRedis);
        m_store.open(isRedis);
    }
    void cleanup()
    {
        m_store.close();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aNewBucketIsAtItsStartLevel();
    void tokensAreTakenUntilThereAreNone();
    void aRetryAtTheTimeThatWasToldIsTheFirstToSucceed();
    void aRequestTakesFromAllItsBucketsOrFromNone();
    void aShadowTakesWhatItCanAndRefusesNobody();
    void modesSetTheLevel_data();
    void modesSetTheLevel();
    void timeGivesBackOnce();
    void anIdleBucketIsKeptUntilItIsFull();
    void anOlderLimitIsStaleAndChangesNoBucketOfTheCall();
    void totalsCountEveryRequest();
    void whatIsGivenBackCanBeTakenAgain();

private:
    /// `capacity` in each interval, however the algorithm spreads that.
    [[nodiscard]] static LimitSpec spec(limit::Tokens capacity, Micros interval, StartLevel start = StartLevel::Full)
    {
        QFETCH_GLOBAL(const int, algorithm);
        return {capacity, capacity, interval, start, static_cast<limit::Algorithm>(algorithm)};
    }
    /// Of which nothing comes back during the test, whatever clock the store has.
    [[nodiscard]] static LimitSpec yearly(limit::Tokens capacity, StartLevel start = StartLevel::Full)
    {
        return spec(capacity, limit::kMaxInterval, start);
    }

    limit::TakeOutput take(std::vector<TakeRequest::Bucket> buckets, std::vector<limit::AskRun> runs = {})
    {
        const TakeRequest request{buckets.size() > 1 ? "group" : "", std::move(buckets), std::move(runs)};
        const auto answer = m_store.ask<limit::TakeOutput>(
            [&](BucketStore &store, auto done) { store.take(request, std::move(done)); });
        if (!answer)
            qFatal("%s", answer.error().detail.c_str());
        return answer.value();
    }
    /// `count` requests of `cost` each to one bucket.
    limit::TakeOutput ask(const LimitSpec &spec, std::int64_t count, limit::Tokens cost = 1)
    {
        return take({bucket("a", spec)}, {{{Ask{0, cost, false}}, count}});
    }
    /// Lets the time of the store pass: to that moment, or a little if it is real.
    void pass(Micros to)
    {
        if (m_store.isInMemory())
            m_store.clock().set(to);
        else
            QTest::qWait(1);
    }

    WarningsFail m_warnings;
    EitherStore m_store;
};

void TestStoreContract::aNewBucketIsAtItsStartLevel()
{
    const auto told = take({bucket("full", yearly(5)), bucket("empty", yearly(5, StartLevel::Empty))});
    QCOMPARE(told.buckets[0].room, limit::Tokens{5});
    QCOMPARE(told.buckets[0].untilFull, Micros{0});
    QCOMPARE(told.buckets[0].memory, limit::Memory::Began);
    QVERIFY(told.buckets[0].known.isKnown());
    QCOMPARE(told.buckets[1].room, limit::Tokens{0});
    QVERIFY(told.buckets[1].untilFull > 0us);
}

void TestStoreContract::tokensAreTakenUntilThereAreNone()
{
    for (limit::Tokens left = 4; left >= 0; --left) {
        const auto told = ask(yearly(5), 1);
        QVERIFY(!told.isStale);
        QCOMPARE(told.runs[0].granted, std::int64_t{1});
        QCOMPARE(told.runs[0].asks[0].taken, std::int64_t{1});
        QCOMPARE(told.buckets[0].room, left);
        QCOMPARE(told.buckets[0].inForce, yearly(5));
        QCOMPARE(told.buckets[0].epoch, std::int64_t{1});
    }
    for (int i = 0; i < 2; ++i) { // refused calls take nothing
        const auto refused = ask(yearly(5), 1);
        QCOMPARE(refused.runs[0].granted, std::int64_t{0});
        QVERIFY(refused.runs[0].asks[0].isRefusing);
        QVERIFY(refused.runs[0].asks[0].wait > Micros{0});
        QCOMPARE(refused.buckets[0].room, limit::Tokens{0});
    }
}

// By the clock of the store, whichever that is: each answer says when it was given.
void TestStoreContract::aRetryAtTheTimeThatWasToldIsTheFirstToSucceed()
{
    const LimitSpec second = spec(4, 1s);
    const auto refused = ask(second, 5);
    QCOMPARE(refused.runs[0].granted, std::int64_t{4});
    QVERIFY(refused.runs[0].asks[0].wait.has_value());
    const Micros at = refused.now + *refused.runs[0].asks[0].wait;
    QVERIFY(at > refused.now);
    pass(at - 1us);
    auto told = ask(second, 1);
    int retries = 1;
    for (; told.runs[0].granted == 0; ++retries) {
        QVERIFY2(told.now < at, "refused although the time has come");
        QCOMPARE(told.now + *told.runs[0].asks[0].wait, at); // alone, it is the same moment
        pass(at);
        told = ask(second, 1);
    }
    QVERIFY2(told.now >= at, "admitted before the time");
    QVERIFY(!m_store.isInMemory() || retries == 2); // one microsecond earlier it was refused
}

void TestStoreContract::aRequestTakesFromAllItsBucketsOrFromNone()
{
    const std::vector<TakeRequest::Bucket> both{bucket("a", yearly(5)), bucket("b", yearly(2))};
    const auto told = take(both, {{{Ask{0, 1, false}, Ask{1, 1, false}}, 4}});
    QCOMPARE(told.runs[0].granted, std::int64_t{2});
    QCOMPARE(told.buckets[0].room, limit::Tokens{3}); // not 1: what b refused took nothing from a
    QCOMPARE(told.buckets[1].room, limit::Tokens{0});
    QVERIFY(!told.runs[0].asks[0].isRefusing);
    QVERIFY(told.runs[0].asks[1].isRefusing);
    QVERIFY(told.runs[0].asks[1].wait > Micros{0});
    QCOMPARE(told.buckets[0].known.refused, std::int64_t{0});
    QCOMPARE(told.buckets[1].known.refused, std::int64_t{2});
    // The other way round, and with other costs.
    const auto again = take(both, {{{Ask{1, 1, false}, Ask{0, 1, false}}, 1}, {{Ask{0, 3, false}}, 1}});
    QCOMPARE(again.runs[0].granted, std::int64_t{0});
    QCOMPARE(again.runs[1].granted, std::int64_t{1});
    QCOMPARE(again.buckets[0].room, limit::Tokens{0});
}

void TestStoreContract::aShadowTakesWhatItCanAndRefusesNobody()
{
    const std::vector<TakeRequest::Bucket> both{bucket("a", yearly(5)), bucket("b", yearly(2))};
    const auto told = take(both, {{{Ask{0, 1, false}, Ask{1, 1, true}}, 7}});
    QCOMPARE(told.runs[0].granted, std::int64_t{5});
    QCOMPARE(told.buckets[0].room, limit::Tokens{0});
    QCOMPARE(told.buckets[1].room, limit::Tokens{0});
    QCOMPARE(told.runs[0].asks[1].taken, std::int64_t{2});
    QVERIFY(told.runs[0].asks[1].isRefusing); // it would have
    QCOMPARE(told.buckets[1].known.admitted, std::int64_t{2});
    QCOMPARE(told.buckets[1].known.refused, std::int64_t{3}); // of the five that were admitted
    QCOMPARE(told.buckets[0].known.refused, std::int64_t{2});
}

void TestStoreContract::modesSetTheLevel_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<qint64>("larger");
    QTest::addColumn<qint64>("smaller");
    QTest::newRow("keep") << static_cast<int>(TokenMode::Keep) << qint64{3} << qint64{2};
    QTest::newRow("proportional") << static_cast<int>(TokenMode::Proportional) << qint64{6} << qint64{1};
    QTest::newRow("refill") << static_cast<int>(TokenMode::Refill) << qint64{10} << qint64{2};
    QTest::newRow("drain") << static_cast<int>(TokenMode::Drain) << qint64{0} << qint64{0};
}

void TestStoreContract::modesSetTheLevel()
{
    QFETCH(const int, mode);
    for (const limit::Tokens capacity : {10, 2}) {
        const std::string name = "to " + std::to_string(capacity);
        take({bucket(name, yearly(5))}, {{{Ask{0, 1, false}}, 2}});
        const auto told = take({bucket(name, yearly(capacity), 2, static_cast<TokenMode>(mode))});
        QVERIFY(!told.isStale);
        QCOMPARE(told.buckets[0].inForce, yearly(capacity));
        QCOMPARE(told.buckets[0].epoch, std::int64_t{2});
        if (capacity == 10)
            QTEST(qint64{told.buckets[0].room}, "larger");
        else
            QTEST(qint64{told.buckets[0].room}, "smaller");
        // Once: the next call does not change it again.
        QCOMPARE(take({bucket(name, yearly(capacity), 2)}).buckets[0].room, told.buckets[0].room);
    }
}

// However often it is looked at, by however many, and however late.
void TestStoreContract::timeGivesBackOnce()
{
    const LimitSpec second = spec(4, 1s);
    auto told = ask(second, 4);
    QCOMPARE(told.runs[0].granted, std::int64_t{4});
    QCOMPARE(told.buckets[0].room, limit::Tokens{0});
    while (told.buckets[0].untilFull > 0us) {
        const Micros full = told.now + told.buckets[0].untilFull;
        pass(told.now + told.buckets[0].untilChange);
        told = take({bucket("a", second)});
        QVERIFY(told.now < full || told.buckets[0].untilFull == 0us);
        QCOMPARE(told.buckets[0].known.refilled, told.buckets[0].room);
        QCOMPARE(told.buckets[0].known.taken, std::int64_t{4});
    }
    for (int i = 0; i < 3; ++i) {
        pass(m_store.clock().now() + 10s);
        told = take({bucket("a", second)});
        QCOMPARE(told.buckets[0].room, limit::Tokens{4});
        QCOMPARE(told.buckets[0].known.refilled, std::int64_t{4});
    }
}

// What is forgotten later is full again anyway. A store in memory forgets nothing.
void TestStoreContract::anIdleBucketIsKeptUntilItIsFull()
{
    const auto told = ask(spec(4, 60s), 4);
    const std::int64_t keptMs = m_store.redis().command({"PTTL", "weir:{a}"}).number;
    QVERIFY(m_store.isInMemory() || Micros{keptMs * 1000} + 1s >= told.buckets[0].untilFull);
    QVERIFY(m_store.isInMemory() || Micros{keptMs * 1000} <= 4 * 60s); // and not for ever
    pass(told.now + told.buckets[0].untilFull);
    if (m_store.isInMemory())
        QCOMPARE(take({bucket("a", spec(4, 60s))}).buckets[0].room, limit::Tokens{4});
}

void TestStoreContract::anOlderLimitIsStaleAndChangesNoBucketOfTheCall()
{
    take({bucket("a", yearly(7), 4)}, {{{Ask{0, 1, false}}, 2}});
    const std::vector<limit::AskRun> runs{{{Ask{0, 1, false}, Ask{1, 1, false}}, 1}};
    for (const std::int64_t epoch : {3, 4}) { // older, and as old with numbers that are less strict
        const limit::LimitSpec other = yearly(epoch == 3 ? 5 : 9);
        const auto stale = take({bucket("a", other, epoch, TokenMode::Refill), bucket("b", yearly(5))}, runs);
        QVERIFY(stale.isStale);
        QVERIFY(stale.runs.empty());
        QVERIFY(stale.buckets[0].isStale);
        QCOMPARE(stale.buckets[0].epoch, std::int64_t{4});
        QVERIFY(limit::hasSameNumbers(stale.buckets[0].inForce, yearly(7)));
        QVERIFY(!stale.buckets[1].isStale);
    }
    const auto after = take({bucket("a", yearly(7), 4), bucket("b", yearly(5))});
    QCOMPARE(after.buckets[0].room, limit::Tokens{5});
    QCOMPARE(after.buckets[0].known.admitted, std::int64_t{2});
    QCOMPARE(after.buckets[0].known.refused, std::int64_t{0});
    QCOMPARE(after.buckets[1].memory, limit::Memory::Began); // nobody had begun it
}

void TestStoreContract::totalsCountEveryRequest()
{
    const auto told = take({bucket("a", yearly(5))}, {{{Ask{0, 2, false}}, 1},
                                                      {{Ask{0, 6, false}}, 2}, // never
                                                      {{Ask{0, 0, false}}, 3}, // always
                                                      {{Ask{0, 2, false}}, 3},
                                                      {{Ask{0, 1, false}}, 1}});
    std::vector<std::int64_t> granted;
    for (const limit::RunOutput &run : told.runs)
        granted.push_back(run.granted);
    QCOMPARE(granted, (std::vector<std::int64_t>{1, 0, 3, 1, 1}));
    QVERIFY(!told.runs[1].asks[0].wait.has_value());
    QVERIFY(told.runs[3].asks[0].wait > Micros{0});
    QCOMPARE(told.buckets[0].known.admitted, std::int64_t{6});
    QCOMPARE(told.buckets[0].known.refused, std::int64_t{4});
    QCOMPARE(told.buckets[0].known.taken, std::int64_t{5});
    QCOMPARE(told.buckets[0].room, limit::Tokens{0});
    const auto later = take({bucket("a", yearly(5))}); // a look counts nothing
    QCOMPARE(later.buckets[0].known.admitted, std::int64_t{6});
    QCOMPARE(later.buckets[0].known.refused, std::int64_t{4});
    QCOMPARE(later.buckets[0].known.taken, std::int64_t{5});
    QCOMPARE(later.buckets[0].known.born, told.buckets[0].known.born);
}

void TestStoreContract::whatIsGivenBackCanBeTakenAgain()
{
    const std::vector<TakeRequest::Bucket> both{bucket("a", yearly(9)), bucket("b", yearly(7))};
    const std::vector<Ask> asks{{0, 1, false}, {1, 2, false}};
    take(both, {{asks, 3}});
    auto told = take(both, {{asks, 2, true}, {{Ask{1, limit::kMaxTotal, false}}, 1, true}});
    QCOMPARE(told.runs[0].granted, std::int64_t{2});
    QCOMPARE(told.buckets[0].room, limit::Tokens{8});
    QCOMPARE(told.buckets[1].room, limit::Tokens{5});
    QCOMPARE(told.buckets[0].known.refilled, std::int64_t{2});
    QCOMPARE(told.buckets[1].known.refilled, std::int64_t{4});
    QCOMPARE(told.buckets[0].known.admitted, std::int64_t{1});
    QCOMPARE(told.buckets[0].known.taken, std::int64_t{3}); // it never falls
    told = take(both, {{asks, 4}});
    QCOMPARE(told.runs[0].granted, std::int64_t{2});
    QCOMPARE(told.buckets[1].known.refused, std::int64_t{2});
    // More than was ever taken makes it full, and no count falls below 0.
    told = take(both, {{asks, 1000, true}, {{Ask{1, limit::kMaxTotal, false}}, 1000, true}});
    QCOMPARE(told.buckets[0].room, limit::Tokens{9});
    QCOMPARE(told.buckets[1].room, limit::Tokens{7});
    QCOMPARE(told.buckets[0].known.refilled, told.buckets[0].known.taken);
    for (const limit::BucketOutput &output : told.buckets) {
        QCOMPARE(output.known.admitted, std::int64_t{0});
        QCOMPARE(output.known.refused, std::int64_t{0});
    }
}

QTEST_GUILESS_MAIN(TestStoreContract)
#include "tst_store_contract.moc"
