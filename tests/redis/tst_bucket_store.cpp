// SPDX-License-Identifier: GPL-3.0-only
// What every bucket store must do: one body of tests over all of them.
#include <QTest>

#include <set>

#include "tests/redis/either_store.h"
#include "tests/redis/taker.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::store;
using namespace weir::test;
using namespace std::chrono_literals;
using limit::LimitSpec;
using limit::StartLevel;
using limit::TokenMode;

namespace {

constexpr int kPatienceMs = 10'000;
// No interval passes during the test, whatever clock the store has.
constexpr LimitSpec kYearly{5, 5, limit::kMaxInterval, StartLevel::Full};

} // namespace

class TestBucketStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void initTestCase_data()
    {
        QTest::addColumn<bool>("isRedis");
        QTest::newRow("memory") << false;
        QTest::newRow("redis") << true;
    }
    void init()
    {
        QFETCH_GLOBAL(const bool, isRedis);
        m_store.open(isRedis);
        m_wasSettled.clear();
    }
    void cleanup()
    {
        m_store.close();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aNewBucketIsAtItsStartLevel();
    void tokensAreTakenUntilThereAreNone();
    void aBatchIsDecidedInOrder();
    void refillOnlyChangesNothing();
    void aCostThatNoBucketHasRoomForIsCountedAsRefused();
    void aCostThatNoneOfSeveralHasRoomForIsCountedAsRefused();
    void bucketsAreSeparate();
    void modesSetTheLevel_data();
    void modesSetTheLevel();
    void anOlderEpochIsStaleAndChangesNothing();
    void limitsAreRemembered();
    void theNewerOfRegisterAndBucketIsLoaded();
    void theLargestBatch();
    void everyInstanceSettlesForItself_data();
    void everyInstanceSettlesForItself();
    void callbacksNeverComeFromInsideTheCall();
    void callsAreAnsweredInOrder();

private:
    Result<limit::TakeOutput> take(const TakeRequest &request)
    {
        return m_store.ask<limit::TakeOutput>(
            [&](BucketStore &store, auto done) { store.take(request, std::move(done)); });
    }
    Result<OneAnswer> takeOne(const OneBucket &one) { return oneAnswer(take(one.request())); }
    /// What `instance` decided in its first outage: `spent` requests of one token each, of every bucket. The tokens left.
    std::vector<limit::Tokens> settle(const std::vector<std::string> &buckets, const std::string &instance,
                                      std::int64_t spent)
    {
        SettleRequest request{buckets.front(), {}, instance};
        for (const std::string &name : buckets)
            request.buckets.push_back(
                {name, {kYearly, 1, TokenMode::Keep, {}}, {.isWhole = false, .spent = spent, .admitted = spent}});
        const auto answer = m_store.ask<std::vector<limit::SettleOutput>>(
            [&](BucketStore &store, auto done) { store.settle(request, std::move(done)); });
        std::vector<limit::Tokens> left;
        if (answer)
            for (const limit::SettleOutput &output : answer.value())
                left.push_back(output.isSettled == m_wasSettled.contains(instance) ? -1 : output.bucket.room);
        m_wasSettled.insert(instance);
        return left;
    }
    std::optional<limit::Limit> load(const std::string &name)
    {
        const auto result = m_store.ask<std::optional<limit::Limit>>(
            [&](BucketStore &store, auto done) { store.loadLimit(name, std::move(done)); });
        if (!result)
            qFatal("%s", result.error().detail.c_str());
        return result.value();
    }
    bool save(const limit::Limit &limit)
    {
        const auto result = m_store.ask<Done>(
            [&](BucketStore &store, auto done) { store.saveLimit(limit, "host:1", std::move(done)); });
        return result.isOk();
    }

    WarningsFail m_warnings;
    EitherStore m_store;
    std::set<std::string> m_wasSettled; ///< instances whose settlement has been entered
};

void TestBucketStore::aNewBucketIsAtItsStartLevel()
{
    const auto full = takeOne({.bucket = "full", .spec = kYearly});
    QVERIFY(full);
    QCOMPARE(full.value().room, limit::Tokens{5});
    QCOMPARE(full.value().known.admitted, std::int64_t{0});
    LimitSpec empty = kYearly;
    empty.start = StartLevel::Empty;
    QCOMPARE(takeOne({.bucket = "empty", .spec = empty}).value().room, limit::Tokens{0});
}

void TestBucketStore::tokensAreTakenUntilThereAreNone()
{
    for (std::int64_t i = 1; i <= 5; ++i) {
        const auto taken = takeOne({.bucket = "a", .spec = kYearly, .runs = {{1, 1}}});
        QVERIFY(taken);
        QVERIFY(!taken.value().isStale);
        QCOMPARE(taken.value().granted, std::vector<std::int64_t>{1});
        QCOMPARE(taken.value().room, 5 - i);
        QCOMPARE(taken.value().known.admitted, i);
        QCOMPARE(taken.value().inForce, kYearly);
        QCOMPARE(taken.value().epoch, std::int64_t{1});
        QVERIFY(taken.value().untilChange > 0us && taken.value().untilChange <= kYearly.interval);
        QVERIFY(taken.value().now > 0us);
    }
    const auto refused = takeOne({.bucket = "a", .spec = kYearly, .runs = {{1, 1}}});
    QCOMPARE(refused.value().granted, std::vector<std::int64_t>{0});
    QCOMPARE(refused.value().room, limit::Tokens{0});
    QCOMPARE(refused.value().known.admitted, std::int64_t{5});
    QCOMPARE(refused.value().known.refused, std::int64_t{1});
}

void TestBucketStore::aBatchIsDecidedInOrder()
{
    const auto taken = takeOne({.bucket = "a", .spec = kYearly, .runs = {{2, 2}, {6, 1}, {0, 3}, {2, 1}, {1, 4}}});
    QVERIFY(taken);
    QCOMPARE(taken.value().granted, (std::vector<std::int64_t>{2, 0, 3, 0, 1}));
    QCOMPARE(taken.value().room, limit::Tokens{0});
    QCOMPARE(taken.value().known.admitted, std::int64_t{6});
    QCOMPARE(taken.value().known.refused, std::int64_t{5});
}

void TestBucketStore::refillOnlyChangesNothing()
{
    QVERIFY(takeOne({.bucket = "a", .spec = kYearly, .runs = {{1, 3}}}));
    const auto looked = takeOne({.bucket = "a", .spec = kYearly});
    QVERIFY(looked.value().granted.empty());
    QCOMPARE(looked.value().room, limit::Tokens{2});
    QCOMPARE(looked.value().known.admitted, std::int64_t{3});
    QCOMPARE(looked.value().known.refilled, limit::Tokens{0});
}

// How the engine reports what it refused by itself.
void TestBucketStore::aCostThatNoBucketHasRoomForIsCountedAsRefused()
{
    const LimitSpec full{limit::kMaxCapacity, 1, limit::kMaxInterval, StartLevel::Full};
    for (const LimitSpec &spec : {kYearly, full}) {
        const std::string bucket = std::to_string(spec.capacity);
        QVERIFY(takeOne({.bucket = bucket, .spec = spec, .runs = {{1, 3}}}));
        const auto told = takeOne({.bucket = bucket, .spec = spec, .runs = {{limit::kMaxTotal, 100'000}}});
        QVERIFY(told);
        QCOMPARE(told.value().granted, std::vector<std::int64_t>{0});
        QCOMPARE(told.value().room, spec.capacity - 3);
        QCOMPARE(told.value().known.taken, std::int64_t{3});
        QCOMPARE(told.value().known.admitted, std::int64_t{3});
        QCOMPARE(told.value().known.refused, std::int64_t{100'000});
    }
}

void TestBucketStore::aCostThatNoneOfSeveralHasRoomForIsCountedAsRefused()
{
    TakeRequest request;
    for (const auto algorithm : {limit::Algorithm::TokenBucket, limit::Algorithm::TokenBucketSmooth,
                                 limit::Algorithm::Gcra, limit::Algorithm::LeakyBucket, limit::Algorithm::FixedWindow,
                                 limit::Algorithm::SlidingLog, limit::Algorithm::SlidingCounter}) {
        LimitSpec spec = kYearly;
        spec.algorithm = algorithm;
        spec.refill = spec.capacity;
        request.buckets.push_back({"b" + std::to_string(request.buckets.size()), {spec, 1, TokenMode::Keep, {}}});
        request.runs.push_back({{{request.buckets.size() - 1, 1, false}}, 2});
    }
    QVERIFY(take(request));
    for (limit::AskRun &run : request.runs) {
        run.count = 1000;
        run.asks.front().cost = limit::kMaxTotal;
    }
    const auto told = take(request);
    QVERIFY(told);
    for (std::size_t i = 0; i < request.buckets.size(); ++i) {
        const limit::BucketOutput &bucket = told.value().buckets[i];
        QCOMPARE(told.value().runs[i].granted, std::int64_t{0});
        QCOMPARE(told.value().runs[i].asks[0].isRefusing, true);
        QCOMPARE(bucket.room, limit::Tokens{3});
        QCOMPARE(bucket.known.taken, std::int64_t{2});
        QCOMPARE(bucket.known.admitted, std::int64_t{2});
        QCOMPARE(bucket.known.refused, std::int64_t{1000});
    }
}

void TestBucketStore::bucketsAreSeparate()
{
    QCOMPARE(takeOne({.bucket = "a", .spec = kYearly, .runs = {{1, 5}}}).value().room, limit::Tokens{0});
    QCOMPARE(takeOne({.bucket = "a:b", .spec = kYearly}).value().room, limit::Tokens{5});
    const std::string odd = "sp ace\r\n{brace}\xc3\xb6";
    QCOMPARE(takeOne({.bucket = odd, .spec = kYearly, .runs = {{1, 1}}}).value().room, limit::Tokens{4});
    QCOMPARE(takeOne({.bucket = odd, .spec = kYearly}).value().room, limit::Tokens{4});
}

void TestBucketStore::modesSetTheLevel_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<qint64>("tokens");
    QTest::newRow("keep") << static_cast<int>(TokenMode::Keep) << qint64{3};
    QTest::newRow("proportional") << static_cast<int>(TokenMode::Proportional) << qint64{6};
    QTest::newRow("refill") << static_cast<int>(TokenMode::Refill) << qint64{10};
    QTest::newRow("drain") << static_cast<int>(TokenMode::Drain) << qint64{0};
}

void TestBucketStore::modesSetTheLevel()
{
    QFETCH(const int, mode);
    QVERIFY(takeOne({.bucket = "a", .spec = kYearly, .runs = {{1, 2}}}));
    const LimitSpec larger{10, 5, limit::kMaxInterval, StartLevel::Full};
    const auto changed = takeOne({.bucket = "a", .spec = larger, .epoch = 2, .mode = static_cast<TokenMode>(mode)});
    QVERIFY(changed);
    QVERIFY(!changed.value().isStale);
    QTEST(qint64{changed.value().room}, "tokens");
    QCOMPARE(changed.value().inForce.capacity, limit::Tokens{10});
}

void TestBucketStore::anOlderEpochIsStaleAndChangesNothing()
{
    const LimitSpec newer{7, 3, limit::kMaxInterval / 2, StartLevel::Full};
    QVERIFY(takeOne({.bucket = "a", .spec = newer, .epoch = 4, .runs = {{1, 2}}}));
    const auto stale =
        takeOne({.bucket = "a", .spec = kYearly, .epoch = 3, .mode = TokenMode::Refill, .runs = {{1, 1}}});
    QVERIFY(stale);
    QVERIFY(stale.value().isStale);
    QCOMPARE(stale.value().epoch, std::int64_t{4});
    QCOMPARE(stale.value().inForce.capacity, newer.capacity);
    QCOMPARE(stale.value().inForce.refill, newer.refill);
    QCOMPARE(stale.value().inForce.interval, newer.interval);
    QVERIFY(stale.value().granted.empty());
    const auto after = takeOne({.bucket = "a", .spec = newer, .epoch = 4});
    QCOMPARE(after.value().room, limit::Tokens{5});
    QCOMPARE(after.value().known.admitted, std::int64_t{2});
    QCOMPARE(after.value().known.refused, std::int64_t{0});
}

void TestBucketStore::limitsAreRemembered()
{
    QVERIFY(!load("global"));
    const limit::Limit first{"global", {9, 2, 90s, StartLevel::Empty}, 3};
    QVERIFY(save(first));
    QCOMPARE(load("global"), std::optional{first});
    QVERIFY(!load("other"));
    const limit::Limit second{
        "global", {1'000'000'000, 1, limit::kMinInterval, StartLevel::Full}, 9'007'199'254'740'991};
    QVERIFY(save(second));
    QCOMPARE(load("global"), std::optional{second});
}

void TestBucketStore::theNewerOfRegisterAndBucketIsLoaded()
{
    const LimitSpec inBucket{7, 3, 30s, StartLevel::Full};
    QVERIFY(takeOne({.bucket = "global", .spec = inBucket, .epoch = 5}));
    QCOMPARE(load("global"), (std::optional{limit::Limit{"global", inBucket, 5}})); // the register was lost
    QVERIFY(save({"global", kYearly, 4}));
    QCOMPARE(load("global")->spec.capacity, limit::Tokens{7});
    const limit::Limit newest{"global", kYearly, 6};
    QVERIFY(save(newest));
    QCOMPARE(load("global"), std::optional{newest});
}

void TestBucketStore::theLargestBatch()
{
    const LimitSpec large{1'000'000'000, 1, limit::kMaxInterval, StartLevel::Full};
    OneBucket one{.bucket = "a", .spec = large};
    for (std::size_t i = 0; i < kMaxRuns; ++i)
        one.runs.push_back({1 + static_cast<std::int64_t>(i % 2), 3});
    const auto taken = takeOne(one);
    QVERIFY(taken);
    QCOMPARE(taken.value().granted, (std::vector<std::int64_t>(kMaxRuns, 3)));
    QCOMPARE(taken.value().room, large.capacity - std::int64_t{kMaxRuns / 2 * 9});
}

void TestBucketStore::everyInstanceSettlesForItself_data()
{
    QTest::addColumn<std::vector<std::string>>("buckets");
    QTest::addColumn<bool>("isThere");
    QTest::newRow("one bucket") << std::vector<std::string>{"b"} << true;
    QTest::newRow("one that nobody has begun") << std::vector<std::string>{"b"} << false;
    QTest::newRow("several") << std::vector<std::string>{"g", "h"} << false;
}

// Each counts its outages from 1: the first settlement of one must not be taken for an old one of another, and one that is
// sent again is not entered again.
void TestBucketStore::everyInstanceSettlesForItself()
{
    QFETCH(const std::vector<std::string>, buckets);
    QFETCH(const bool, isThere);
    if (isThere)
        QVERIFY(takeOne({.bucket = buckets.front(), .spec = kYearly, .runs = {{0, 1}}}));
    const auto left = [&](limit::Tokens tokens) { return std::vector<limit::Tokens>(buckets.size(), tokens); };
    QCOMPARE(settle(buckets, "host:1:aa", 2), left(3));
    QCOMPARE(settle(buckets, "host:1:bb", 2), left(1));
    QCOMPARE(settle(buckets, "host:1:aa", 2), left(1));
    QCOMPARE(settle(buckets, "host:2:aa", 1), left(0));
}

void TestBucketStore::callbacksNeverComeFromInsideTheCall()
{
    int answers = 0;
    m_store->take(OneBucket{.bucket = "a", .spec = kYearly}.request(),
                  [&answers](const Result<limit::TakeOutput> &) { ++answers; });
    m_store->loadLimit("a", [&answers](const Result<std::optional<limit::Limit>> &) { ++answers; });
    m_store->saveLimit({"a", kYearly, 1}, "host:1", [&answers](const Result<Done> &) { ++answers; });
    QCOMPARE(answers, 0);
    m_store.deliver();
    QTRY_COMPARE_WITH_TIMEOUT(answers, 3, kPatienceMs);
}

void TestBucketStore::callsAreAnsweredInOrder()
{
    QVERIFY(takeOne({.bucket = "a", .spec = kYearly})); // a store that has been used: no NOSCRIPT in between
    std::vector<limit::Tokens> levels;
    const OneBucket one{.bucket = "a", .spec = kYearly, .runs = {{1, 1}}};
    for (int i = 0; i < 5; ++i)
        m_store->take(one.request(), [&levels](const Result<limit::TakeOutput> &result) {
            levels.push_back(oneAnswer(result).value().room);
        });
    m_store.deliver();
    QTRY_COMPARE_WITH_TIMEOUT(levels, (std::vector<limit::Tokens>{4, 3, 2, 1, 0}), kPatienceMs);
}

QTEST_GUILESS_MAIN(TestBucketStore)
#include "tst_bucket_store.moc"
