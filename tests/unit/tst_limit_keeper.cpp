// SPDX-License-Identifier: GPL-3.0-only
// The numbers of several limits in force: what is configured, what the register has, what others change.
#include <optional>

#include <QSignalSpy>
#include <QTest>

#include "core/engine/batch/batch.h"
#include "core/engine/keep/limit_keeper.h"
#include "core/store/memory_store.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;

LimitBookPtr bookOf(const std::vector<config::LimitEntry> &limitSet)
{
    config::LimitSet set;
    set.limits = limitSet;
    return std::make_shared<const LimitBook>(set);
}

constexpr limit::LimitSpec kOther{20, 10, Micros{10s}, limit::StartLevel::Full};

// A keeper over the shared store, with calls that wait for their answer.
struct Bench {
    explicit Bench(store::MemoryStore &shared, const std::string &name = {})
        : store{shared}, keeper{shared, table, name}
    {
        const auto note = [this](const char *what) {
            return [this, what](const limit::Limit &before, const limit::Limit &after, const std::string &other) {
                told.append(QString::fromStdString(what + (' ' + after.name) + ' '
                                                   + std::to_string(before.spec.capacity) + " > "
                                                   + std::to_string(after.spec.capacity) + ' ' + other));
            };
        };
        QObject::connect(&keeper, &LimitKeeper::tookOver, note("over"));
        QObject::connect(&keeper, &LimitKeeper::wasOverruled, note("by"));
    }
    LimitKeeper::Limits apply(const std::vector<config::LimitEntry> &limitSet,
                              limit::TokenMode mode = limit::TokenMode::Keep)
    {
        answer.reset();
        keeper.apply(bookOf(limitSet), mode,
                     [this](Result<LimitKeeper::Limits> result) { answer = std::move(result); });
        deliverAll();
        return answer && *answer ? answer->value() : LimitKeeper::Limits{};
    }
    /// What the command line says of the only limit, "global". Its error, if any, is in `answer`.
    limit::Limit apply(const config::LimitWish &wish)
    {
        answer.reset();
        keeper.apply(bookOf({config::LimitEntry{}}), wish, limit::TokenMode::Keep,
                     [this](Result<LimitKeeper::Limits> result) { answer = std::move(result); });
        deliverAll();
        return answer && *answer ? answer->value().front() : limit::Limit{};
    }
    void deliverAll()
    {
        for (int i = 0; i < 32; ++i) // each answer may lead to another question
            store.deliver();
    }
    std::optional<Result<LimitKeeper::Limits>> answer;
    QStringList told; ///< whose limit it has overruled, and who has overruled its own
    store::MemoryStore &store;
    BucketTable table;
    LimitKeeper keeper;
};

std::vector<std::int64_t> epochs(const LimitKeeper::Limits &limits)
{
    std::vector<std::int64_t> list;
    for (const limit::Limit &limit : limits)
        list.push_back(limit.epoch);
    return list;
}

using Epochs = std::vector<std::int64_t>;

} // namespace

class TestLimitKeeper : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_shared = std::make_unique<store::MemoryStore>(m_clock); }

    void whatIsNewBeginsWithEpochOne()
    {
        Bench bench{*m_shared};
        const auto limits = bench.apply({yearly("a", 5), keyed(yearly("b", 3))});
        QCOMPARE(epochs(limits), (Epochs{1, 1}));
        QCOMPARE(limits[1].spec.capacity, limit::Tokens{3});
        QCOMPARE(bench.keeper.limits(), limits);
    }

    void whatIsKnownAlreadyKeepsItsEpoch()
    {
        Bench{*m_shared}.apply({yearly("a", 5), keyed(yearly("b", 3))});
        Bench again{*m_shared};
        QCOMPARE(epochs(again.apply({yearly("a", 5), keyed(yearly("b", 4))})), (Epochs{1, 2}));
        QCOMPARE(epochs(again.apply({yearly("a", 6), keyed(yearly("b", 4))})), (Epochs{2, 2}));
        QCOMPARE(epochs(again.apply({yearly("a", 5), keyed(yearly("b", 4))})), (Epochs{3, 2}));
        // One that goes and comes back is still the one that the store knows.
        QCOMPARE(epochs(again.apply({yearly("c", 1)})), (Epochs{1}));
        QCOMPARE(epochs(again.apply({yearly("a", 9), yearly("c", 1)})), (Epochs{4, 1}));
    }

    void whoOverrulesWhomIsTold()
    {
        Bench a{*m_shared, "a:1"}, b{*m_shared, "b:2"};
        a.apply({yearly("x", 500), keyed(yearly("y", 3))});
        b.apply({yearly("x", 500), keyed(yearly("y", 3))});
        QCOMPARE(a.told + b.told, QStringList{}); // they agree
        b.apply({yearly("x", 5), keyed(yearly("y", 3))});
        QCOMPARE(b.told, QStringList{QStringLiteral("over x 500 > 5 a:1")});
        QVERIFY(QTest::qWaitFor(
            [&] {
                a.deliverAll();
                return !a.told.isEmpty();
            },
            kPatienceMs));
        QCOMPARE(a.told, QStringList{QStringLiteral("by x 500 > 5 b:2")});
        b.told.clear();
        b.apply({yearly("x", 7), keyed(yearly("y", 3))});
        QCOMPARE(b.told, QStringList{});                                                     // its own
        m_shared->saveLimit({"x", yearly("x", 9).spec, 9}, {}, [](const Result<Done> &) {}); // an older Weir's
        b.apply({yearly("x", 8), keyed(yearly("y", 3))});
        QCOMPARE(b.told, QStringList{QStringLiteral("over x 9 > 8 ")});
    }

    void tokensFollowOnlyNumbersThatChange()
    {
        Bench bench{*m_shared};
        bench.apply({yearly("a", 10), yearly("b", 10)});
        const auto roomOf = [&](std::size_t limit) {
            limit::Tokens room = -1;
            store::TakeRequest request;
            const limit::Limit &one = bench.keeper.limits()[limit];
            request.buckets.push_back({one.name, {one.spec, one.epoch, limit::TokenMode::Keep, {}}});
            m_shared->take(request,
                           [&](const Result<limit::TakeOutput> &output) { room = output.value().buckets[0].room; });
            m_shared->deliver();
            return room;
        };
        for (const std::size_t limit : {0U, 1U})
            bench.keeper.setLevel(limit, {}, 0, [](const Result<limit::Tokens> &) {});
        bench.deliverAll();
        bench.apply({yearly("a", 10), yearly("b", 20)}, limit::TokenMode::Refill);
        QCOMPARE(roomOf(0), limit::Tokens{0});
        QCOMPARE(roomOf(1), limit::Tokens{20});
        bench.keeper.setLevel(1, {}, 0, [](const Result<limit::Tokens> &) {});
        bench.deliverAll();
        bench.apply({yearly("a", 10), yearly("b", 20)}, limit::TokenMode::Refill); // again
        QCOMPARE(roomOf(1), limit::Tokens{0});
    }

    void limitsAreEnteredWithoutTheirBuckets()
    {
        Bench bench{*m_shared};
        std::optional<Result<LimitKeeper::Limits>> entered;
        bench.keeper.enter(bookOf({yearly("a", 10)}), std::nullopt,
                           [&](Result<LimitKeeper::Limits> result) { entered = std::move(result); });
        bench.deliverAll();
        QVERIFY(entered && *entered);
        std::optional<limit::Memory> memory;
        m_shared->take({{}, {{"a", {yearly("a", 10).spec, 1, limit::TokenMode::Keep, {}}}}, {}, true},
                       [&](const Result<limit::TakeOutput> &output) { memory = output.value().buckets[0].memory; });
        m_shared->deliver();
        QCOMPARE(memory, limit::Memory::Began);
    }

    void whatWasNotSaidIsAsRemembered_data()
    {
        QTest::addColumn<limit::LimitSpec>("remembered");
        QTest::addColumn<config::LimitWish>("wish");
        QTest::addColumn<limit::LimitSpec>("inForce");
        limit::LimitSpec gcra = kOther;
        gcra.algorithm = limit::Algorithm::Gcra;
        QTest::newRow("nothing said") << kOther << config::LimitWish{} << kOther;
        QTest::newRow("nothing said of another algorithm") << gcra << config::LimitWish{} << gcra;
        QTest::newRow("the same said") << kOther << config::LimitWish{20, 10, Micros{10s}, {}} << kOther;
        // The refill was not said, and follows the capacity down.
        QTest::newRow("a capacity") << kOther
                                    << config::LimitWish{.capacity = 8, .refill = {}, .interval = {}, .start = {}}
                                    << limit::LimitSpec{8, 8, Micros{10s}, limit::StartLevel::Full};
    }
    void whatWasNotSaidIsAsRemembered()
    {
        QFETCH(const limit::LimitSpec, remembered);
        QFETCH(const config::LimitWish, wish);
        QFETCH(const limit::LimitSpec, inForce);
        QCOMPARE(Bench{*m_shared}.apply(config::LimitWish{}), (limit::Limit{"global", {}, 1})); // nothing yet
        config::LimitEntry changed;
        changed.spec = remembered;
        QCOMPARE(epochs(Bench{*m_shared}.apply({changed})), (Epochs{2}));
        for (const bool isRegistered : {true, false}) {
            if (!isRegistered) // only the bucket has it
                m_shared->saveLimit({"global", {}, 1}, {}, [](const Result<Done> &) {});
            Bench bench{*m_shared};
            QSignalSpy byOthers{&bench.keeper, &LimitKeeper::changed};
            QCOMPARE(bench.apply(wish), (limit::Limit{"global", inForce, inForce == remembered ? 2 : 3}));
            QCOMPARE(byOthers.count(), 0);
        }
    }

    void aWishThatFitsNoRememberedLimitIsToldSo()
    {
        Bench bench{*m_shared};
        const limit::Limit before = bench.apply(config::LimitWish{});
        Bench again{*m_shared};
        again.apply({.capacity = {}, .refill = 6, .interval = {}, .start = {}});
        QVERIFY(again.answer && !*again.answer);
        QCOMPARE(again.answer->error().code, Error::Code::Invalid);
        QVERIFY(again.answer->error().detail.starts_with("--refill"));
        QVERIFY(again.keeper.limits().empty());
        QCOMPARE(registered("global"), std::optional{before});
        config::LimitEntry window;
        window.spec.algorithm = limit::Algorithm::FixedWindow;
        bench.apply({window});
        again.apply({.capacity = {}, .refill = 4, .interval = {}, .start = {}});
        QVERIFY(again.answer && !*again.answer);
        QCOMPARE(again.answer->error().code, Error::Code::Invalid);
        const std::string why = again.answer->error().detail;
        QVERIFY2(why.find("Redis has the limit global as a fixed-window") != std::string::npos, why.c_str());
    }

    void aLostRegisterIsSavedAgain_data()
    {
        QTest::addColumn<bool>("hasKey");
        QTest::newRow("without a key") << false;
        QTest::newRow("by key") << true;
    }
    void aLostRegisterIsSavedAgain()
    {
        QFETCH(const bool, hasKey);
        Bench bench{*m_shared};
        const auto limits = bench.apply({hasKey ? keyed(yearly("a", 5)) : yearly("a", 5)});
        m_shared->forget();
        QVERIFY(!registered("a"));
        QTRY_COMPARE_WITH_TIMEOUT(registered("a"), std::optional{limits.front()}, kPatienceMs);
    }

    // The register was lost, or written late: what is configured wins all the same.
    void aBucketThatKnowsMoreThanTheRegisterIsTold()
    {
        for (const bool isLost : {true, false}) {
            m_shared->forget();
            if (!isLost)
                Bench{*m_shared}.apply({yearly("a", 5)});
            tell("a", {30, 1, limit::kMaxInterval}, 7);
            Bench bench{*m_shared};
            QCOMPARE(epochs(bench.apply({yearly("a", 5)})), (Epochs{8}));
            QVERIFY(!tell("a", yearly("a", 5).spec, 8).isStale);
            QVERIFY(tell("a", {30, 1, limit::kMaxInterval}, 7).isStale);
        }
    }

    void aConfirmedChangeIsInTheBucket()
    {
        Bench bench{*m_shared};
        bench.apply({yearly("a", 5)});
        const auto limits = bench.apply({yearly("a", 8)}, limit::TokenMode::Refill);
        QCOMPARE(tell("a", {5, 1, limit::kMaxInterval}, 1).isStale, true); // nobody brings the old numbers back
        const limit::BucketOutput told = tell("a", limits[0].spec, limits[0].epoch);
        QVERIFY(!told.isStale);
        QCOMPARE(told.room, limit::Tokens{8});
    }

    void theLaterWishWins()
    {
        Bench one{*m_shared}, two{*m_shared};
        one.apply({yearly("a", 5)});
        two.apply({yearly("a", 5)});
        QCOMPARE(epochs(one.apply({yearly("a", 6)})), (Epochs{2}));
        const auto limits = two.apply({yearly("a", 7)});
        QVERIFY(two.answer && *two.answer);
        QCOMPARE(limits[0].epoch, std::int64_t{3});
        QTRY_VERIFY_WITH_TIMEOUT((m_shared->deliver(), one.keeper.limits()[0].spec.capacity == 7), kPatienceMs);
        QCOMPARE(one.keeper.limits()[0].epoch, std::int64_t{3});
    }

    // Whoever changed them ended before the register was written: the buckets are ahead of it, by how much nobody knows.
    void bucketsAheadOfTheRegisterDoNotStopAStart()
    {
        Bench{*m_shared}.apply({yearly("a", 5), yearly("b", 5)});
        tell("a", {6, 1, limit::kMaxInterval}, 2); // as many as this one will try with
        tell("b", {6, 1, limit::kMaxInterval}, 9);
        Bench next{*m_shared};
        const auto limits = next.apply({yearly("a", 7), yearly("b", 7)});
        QVERIFY(next.answer && *next.answer);
        QCOMPARE(epochs(limits), (Epochs{3, 10}));
        QVERIFY(!tell("b", limits[1].spec, 10).isStale);
    }

    // One limit's conflict is none of the others'.
    void aConflictRaisesTheEpochOfItsLimitAlone()
    {
        Bench bench{*m_shared};
        bench.apply({yearly("a", 5), keyed(yearly("b", 3))});
        tell("a", {6, 1, limit::kMaxInterval}, 7);
        QCOMPARE(epochs(bench.apply({yearly("a", 8), keyed(yearly("b", 3))})), (Epochs{8, 1}));
    }

    void othersAreFollowed()
    {
        Bench one{*m_shared}, two{*m_shared};
        one.apply({yearly("a", 5), keyed(yearly("b", 3))});
        two.apply({yearly("a", 5), keyed(yearly("b", 3))});
        QSignalSpy changed{&two.keeper, &LimitKeeper::changed};
        one.apply({yearly("a", 6), keyed(yearly("b", 4))});
        QTRY_COMPARE_WITH_TIMEOUT((m_shared->deliver(), two.keeper.limits()), one.keeper.limits(), kPatienceMs);
        QCOMPARE(changed.count(), 2);
        two.keeper.learn({"a", {99, 1, Micros{1s}}, 1}); // an older one
        QCOMPARE(two.keeper.limits()[0].spec.capacity, limit::Tokens{6});
        two.keeper.learn({"a", {98, 1, Micros{1s}}, 2}); // of two under one epoch the stricter one holds
        QCOMPARE(two.keeper.limits()[0].spec.capacity, limit::Tokens{6});
        two.keeper.learn({"a", {4, 1, Micros{1s}}, 2});
        QCOMPARE(two.keeper.limits()[0].spec.capacity, limit::Tokens{4});
    }

    void levels()
    {
        Bench bench{*m_shared};
        const auto limits = bench.apply({yearly("a", 5), keyed(yearly("b", 3))});
        std::optional<Result<limit::Tokens>> level;
        const auto done = [&](const Result<limit::Tokens> &result) { level = result; };
        bench.keeper.setLevel(1, "x", 0, done);
        bench.deliverAll();
        QVERIFY(level && *level);
        QCOMPARE(level->value(), limit::Tokens{0});
        QCOMPARE(tell("b:x", limits[1].spec, 1).room, limit::Tokens{0});
        QCOMPARE(tell("b:y", limits[1].spec, 1).room, limit::Tokens{3});
        tell("b:x", {9, 1, limit::kMaxInterval}, 4); // changed by somebody else
        bench.keeper.setLevel(1, "x", limit::kMaxCapacity, done);
        bench.deliverAll();
        QCOMPARE(level->value(), limit::Tokens{9});
    }

private:
    std::optional<limit::Limit> registered(const std::string &name)
    {
        std::optional<limit::Limit> found;
        m_shared->loadRegister({name}, [&](const Result<std::vector<std::optional<limit::Limit>>> &result) {
            found = result.value().front();
        });
        m_shared->deliver();
        return found;
    }
    /// A call of another instance on one bucket.
    limit::BucketOutput tell(const std::string &name, const limit::LimitSpec &spec, std::int64_t epoch)
    {
        limit::TakeOutput output;
        m_shared->take({name, {{name, {spec, epoch, limit::TokenMode::Keep, {}}}}, {}},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value(); });
        m_shared->deliver();
        return output.buckets.front();
    }
    ManualClock m_clock{Micros{1h}};
    std::unique_ptr<store::MemoryStore> m_shared;
};

QTEST_GUILESS_MAIN(TestLimitKeeper)
#include "tst_limit_keeper.moc"
