// SPDX-License-Identifier: GPL-3.0-only
// What the scripts do with their keys besides counting: time to live, broken content, wrong arguments, permissions, time.
// Each by lua/front.lua, past it, and by lua/settle.lua.
#include <QTest>

#include "core/base/whole.h"
#include "tests/support/random_limit.h"
#include "tests/support/redis_server.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

enum class Way { Front, Past, Settle };
constexpr std::array kWays{Way::Front, Way::Past, Way::Settle};
constexpr std::array kWayNames{"front", "past", "settle"};

const QByteArray kFirst = "weir:{a}", kSecond = "weir:{b}"; // the buckets of a call
constexpr Micros kNow{1'700'000'040'000'000};
const LimitSpec kStudy{.capacity = 5, .refill = 5, .interval = 1min};
const Known kElse{1, 0, 0, 0, 0, 0, 0, {5, 0, 0}}; // another bucket than is stored

struct Call {
    redis::Script script;
    redis::Words keys;
    redis::Words argv;
};

/// One token of each of `buckets`; past the front, for a refiller calls.
store::TakeRequest requestOf(Way way, const std::vector<store::TakeRequest::Bucket> &buckets)
{
    store::TakeRequest request{{}, buckets, {}, true, way == Way::Past ? "r" : ""};
    for (std::size_t i = 0; i < buckets.size(); ++i)
        request.runs.push_back({{{i, 1, false}}, 1});
    return request;
}

/// Two buckets of the study's limit, known as `known`: a token of each, or one that was spent without the store.
Call callOf(Way way, Micros now, const Known &known = {})
{
    const BucketCall call{kStudy, 1, TokenMode::Keep, known};
    if (way == Way::Settle) {
        const Settlement settlement{.isWhole = false, .spent = 1};
        const store::SettleRequest request{{}, {{"a", call, settlement}, {"b", call, settlement}}, "me"};
        return {redis::settleScript(), redis::keysOf(request, false), redis::argumentsOf(request, now)};
    }
    const store::TakeRequest request = requestOf(way, {{"a", call}, {"b", call}});
    return {redis::takeScript(), redis::keysOf(request, false), redis::argumentsOf(request, now)};
}

/// Adds a row of `values` for each of `ways`.
template<class... Values>
void addRows(const QByteArray &name, std::initializer_list<Way> ways, const Values &...values)
{
    for (const Way way : ways) {
        QTestData &row = QTest::addRow("%s, %s", kWayNames[static_cast<std::size_t>(way)],
                                       name.toPercentEncoding(" =,.").constData());
        (row << static_cast<int>(way) << ... << values);
    }
}
constexpr std::initializer_list<Way> kAll{Way::Front, Way::Past, Way::Settle};

QByteArray spoken(const std::vector<std::int64_t> &numbers)
{
    QByteArrayList words;
    for (const std::int64_t number : numbers)
        words << text(number);
    return words.join(' ');
}

} // namespace

class TestTakeLuaEdges : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_redis.start(), m_redis.log().constData()); }
    void init() { QCOMPARE(m_redis.command({"FLUSHALL"}).text, QByteArrayLiteral("OK")); }

    void itLivesUntilItIsFullAndLonger_data();
    void itLivesUntilItIsFullAndLonger();
    void whatIsOwedIsKeptUntilItIsPaid_data();
    void whatIsOwedIsKeptUntilItIsPaid();
    void anotherTypeIsAnErrorAndAllStays_data();
    void anotherTypeIsAnErrorAndAllStays();
    void brokenContentIsAnErrorAndAllStays_data();
    void brokenContentIsAnErrorAndAllStays();
    void wrongArgumentsChangeNothing_data();
    void wrongArgumentsChangeNothing();
    void aRunIsTakenOrGivenBackAsAWhole();
    void aSettlementThatIsNoBucketChangesNothing();
    void totalsStopWhereNumbersAreExact_data();
    void totalsStopWhereNumbersAreExact();
    void zeroIsTheTimeOfTheServer_data();
    void zeroIsTheTimeOfTheServer();
    void aNameWithoutItsIntervalIsTold();
    void aUserWithNoMorePermissionsCanRunThem();

private:
    RespValue run(const Call &call) { return m_redis.command(evalOf(call.script, call.keys, call.argv)); }
    RespValue run(const store::TakeRequest &request, Micros now)
    {
        static const redis::Script kCounting = takeScriptThatCounts();
        return run({kCounting, redis::keysOf(request, false), redis::argumentsOf(request, now)});
    }
    int shortWays() { return m_redis.command({"GET", "short"}).text.toInt(); }
    /// -1: it has no end. In one transaction, so that little time passes.
    qint64 ttlAfter(const store::TakeRequest &request, Micros now)
    {
        const auto eval =
            evalOf(takeScriptThatCounts(), redis::keysOf(request, false), redis::argumentsOf(request, now));
        return m_redis.pipeline({{"MULTI"}, eval, {"PTTL", kFirst}, {"EXEC"}}).back().items.value(1).number;
    }
    /// It lives so long from the call on.
    void livesAfter(const store::TakeRequest &request, Micros now, qint64 life)
    {
        constexpr qint64 kSlow = 1000; // as a machine may be
        const qint64 ttl = ttlAfter(request, now);
        QVERIFY2(ttl <= life && ttl > life - kSlow, text(ttl) + " instead of " + text(life));
    }
    /// All that the store has.
    QList<QByteArrayList> all()
    {
        QList<QByteArrayList> all;
        for (const QByteArray &key : {kFirst, kSecond, kFirst + ":settled:me", kSecond + ":settled:me"})
            all << QByteArrayList{key, m_redis.command({"DUMP", key}).text};
        return all;
    }
    /// The call is answered by an error that begins so, and changes nothing.
    void isRefused(const Call &call, const QByteArray &error)
    {
        const auto before = all();
        const RespValue reply = run(call);
        QVERIFY2(reply.isError() && reply.text.startsWith(error), flat(reply));
        QCOMPARE(all(), before);
    }

    RedisServer m_redis;
};

void TestTakeLuaEdges::itLivesUntilItIsFullAndLonger_data()
{
    QTest::addColumn<int>("way");
    QTest::addColumn<int>("algorithm");
    QTest::addColumn<qint64>("capacity");
    QTest::addColumn<qint64>("refill");
    QTest::addColumn<qint64>("interval");
    const auto rows = [](Algorithm algorithm, std::initializer_list<Way> ways) {
        const auto row = [&](const QByteArray &name, qint64 capacity, qint64 refill, qint64 interval) {
            addRows(bytes(nameOf(algorithm)) + ' ' + name, ways, static_cast<int>(algorithm), capacity,
                    isWindow(algorithm) ? capacity : refill, interval);
        };
        row("study", 5, 5, 60'000'000);
        row("slow", 100, 3, 60'000'000);
        row("a year", 1, 1, kMaxInterval.count());
        row("part of a ms", 7, 2, 1'000'001);
        if (algorithm == Algorithm::TokenBucket)
            row("beyond all numbers", kMaxCapacity, 1, kMaxInterval.count());
    };
    for (const Algorithm algorithm : kAlgorithms)
        rows(algorithm, {Way::Past});
    rows(Algorithm::TokenBucket, {Way::Front});
}

// It begins anew with the first change in an interval, and only then.
void TestTakeLuaEdges::itLivesUntilItIsFullAndLonger()
{
    QFETCH(const int, way);
    QFETCH(const int, algorithm);
    QFETCH(const qint64, capacity);
    QFETCH(const qint64, refill);
    QFETCH(const qint64, interval);
    const LimitSpec spec{capacity, refill, Micros{interval}, StartLevel::Full, static_cast<Algorithm>(algorithm)};
    const qint64 life = ceilDiv(timeToLive(spec).count(), 1000);
    const store::TakeRequest request = requestOf(static_cast<Way>(way), {{"a", {spec, 1, TokenMode::Keep, {}}}});
    const Micros begin = kNow - kNow % spec.interval;
    livesAfter(request, begin, life);
    m_redis.command({"PERSIST", kFirst});
    QCOMPARE(ttlAfter(request, begin + spec.interval - 1us), qint64{-1});
    livesAfter(request, begin + spec.interval, life);
    QCOMPARE(shortWays(), static_cast<Way>(way) == Way::Front ? 3 : 0);
}

void TestTakeLuaEdges::whatIsOwedIsKeptUntilItIsPaid_data()
{
    QTest::addColumn<qint64>("capacity");
    QTest::addColumn<qint64>("interval");
    QTest::addColumn<qint64>("debt");
    QTest::addColumn<qint64>("life"); // ms
    QTest::newRow("two intervals more") << qint64{5} << qint64{60'000'000} << qint64{12} << qint64{5 * 60'000};
    QTest::newRow("no number is so large")
        << qint64{1} << qint64{kMaxInterval.count()} << qint64{kMaxCapacity} << qint64{100'000'000'000'000};
}

void TestTakeLuaEdges::whatIsOwedIsKeptUntilItIsPaid()
{
    QFETCH(const qint64, capacity);
    QFETCH(const qint64, interval);
    QFETCH(const qint64, debt);
    QFETCH(const qint64, life);
    const LimitSpec spec{capacity, capacity, Micros{interval}};
    const Micros begin = kNow - kNow % spec.interval;
    m_redis.command(
        hsetOf(kFirst, {.spec = spec, .epoch = 1, .cell = cellWith(spec, 0, begin), .born = 1, .debt = debt}));
    const store::TakeRequest request = requestOf(Way::Front, {{"a", {spec, 1, TokenMode::Keep, {}}}});
    livesAfter(request, begin + spec.interval, life); // the first of them has paid
}

void TestTakeLuaEdges::anotherTypeIsAnErrorAndAllStays_data()
{
    QTest::addColumn<int>("way");
    QTest::addColumn<RedisCommand>("sets");
    for (const QByteArray &key : {kFirst, kSecond}) {
        addRows(key + " a string", kAll, RedisCommand{"SET", key, "mine"});
        addRows(key + " a list", kAll, RedisCommand{"RPUSH", key, "mine"});
        addRows(key + " mark", {Way::Settle}, RedisCommand{"SET", key + ":settled:me", "mine"});
    }
}

void TestTakeLuaEdges::anotherTypeIsAnErrorAndAllStays()
{
    QFETCH(const int, way);
    QFETCH(const RedisCommand, sets);
    run(callOf(Way::Past, kNow));
    m_redis.command({"DEL", sets.at(1)});
    QVERIFY(!m_redis.command(sets).isError());
    const auto before = all();
    const RespValue reply = run(callOf(static_cast<Way>(way), kNow + 90s));
    QVERIFY2(reply.isError() && reply.text.contains("WRONGTYPE"), flat(reply));
    QCOMPARE(all(), before);
}

void TestTakeLuaEdges::brokenContentIsAnErrorAndAllStays_data()
{
    QTest::addColumn<int>("way");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("value");
    for (const QByteArray field : {"admitted", "refused"})
        for (const QByteArray value : {"", "nan", "inf", "-1", "1.5", "1e3", "0x5", " 5", "5 ", "9007199254740992",
                                       "9007199254740993", "99999999999999999999", "(gone)"})
            addRows(field + '=' + value, kAll, field, value);
    for (const QByteArray field : {"limit", "state"})
        for (const QByteArray value : {"", "nan", "(gone)"})
            addRows(field + '=' + value, kAll, field, value);
    const auto rows = [](const QByteArray &field, const std::vector<std::int64_t> &numbers) {
        addRows(field + '=' + spoken(numbers), kAll, field, packedNumbers(numbers));
    };
    rows("limit", {0, 1, 5, 5});
    rows("limit", {0, 1, 5, 5, 60'000'000, 0});
    for (const std::int64_t algorithm : {1, 2, 3, 4, 5, 6, 7}) // the state is that of a token bucket
        rows("limit", {algorithm, 1, 5, 5, 60'000'000});
    rows("limit", {0, kMaxTotal + 1, 5, 5, 60'000'000});
    rows("limit", {0, 1, 0, 5, 60'000'000});
    rows("limit", {0, 1, kMaxCapacity + 1, 5, 60'000'000});
    rows("limit", {0, 1, 5, 0, 60'000'000});
    rows("limit", {0, 1, 5, kMaxTotal + 1, 60'000'000});
    rows("limit", {0, 1, 5, 5, 0});
    rows("limit", {0, 1, 5, 5, kMaxInterval.count() + 1});
    const std::vector<std::int64_t> state{kNow.count(), 0, 0, 1, 0, 0, 4, kNow / 60s};
    for (std::size_t i = 0; i < state.size(); ++i)
        for (const std::int64_t wrong : {kMaxTotal + 1, std::int64_t{-1}}) {
            std::vector<std::int64_t> broken = state;
            broken[i] = wrong;
            rows("state", broken);
        }
    rows("state", {state.begin(), state.end() - 1});
    rows("state", {0, 0, 0, 1, 0, 0, 4, kNow / 60s});            // never born
    rows("state", {kNow.count(), 0, 0, 1, 0, 0, 6, kNow / 60s}); // more tokens than room
    rows("state", {kNow.count(), 0, 0, 1, 0, 0, 4, kMaxTotal});  // an interval that cannot be counted on from
}

// Of the second bucket; so the first one stays, too.
void TestTakeLuaEdges::brokenContentIsAnErrorAndAllStays()
{
    QFETCH(const int, way);
    QFETCH(const QByteArray, field);
    QFETCH(const QByteArray, value);
    run(callOf(Way::Past, kNow));
    if (value == "(gone)")
        m_redis.command({"HDEL", kSecond, field});
    else
        m_redis.command({"HSET", kSecond, field, value});
    isRefused(callOf(static_cast<Way>(way), kNow + 90s), "WEIRSTATE ");
}

// A word of ARGV; or a number within it; or how many words there are.
void TestTakeLuaEdges::wrongArgumentsChangeNothing_data()
{
    QTest::addColumn<int>("way");
    QTest::addColumn<int>("place");  // -1: so many words are left
    QTest::addColumn<int>("within"); // -1: the whole word
    QTest::addColumn<QByteArray>("word");
    for (const int words : {0, 1, 2, 3})
        addRows("only " + text(words), kAll, -1, words, QByteArray{});
    addRows("only 4", {Way::Settle}, -1, 4, QByteArray{});
    for (const int place : {0, 1})
        for (const QByteArray word : {"-1", "x", "9007199254740992", "1.5", "", "2"})
            if (place > 0 || word != "2")
                addRows(text(place) + '=' + word, kAll, place, -1, word);
    for (const int place : {2, 3, 4})
        for (const qsizetype size : {6, 7, 8, 48, 50, 71})
            addRows(text(place) + " of " + text(size) + " bytes", kAll, place, -1, QByteArray(size, '\0'));
    const auto numbersOf = [](int place, int numbers, std::initializer_list<Way> ways) {
        for (int within = 0; within < numbers; ++within)
            for (const std::int64_t number : {std::int64_t{-1}, kMaxTotal + 1})
                addRows(text(place) + '.' + text(within) + '=' + text(number), ways, place, within,
                        packedNumbers({number}));
    };
    numbersOf(2, 7, kAll);
    numbersOf(3, 1, kAll);
    numbersOf(3, 11, {Way::Past, Way::Settle}); // the front has nothing to do with what is known of another bucket
    numbersOf(4, 4, kAll);
    numbersOf(4, 15, {Way::Settle});
    const auto word = [](int place, std::initializer_list<Way> ways, const std::vector<std::int64_t> &numbers) {
        addRows(text(place) + '=' + spoken(numbers), ways, place, -1, packedNumbers(numbers));
    };
    word(2, kAll, {7, 1, 5, 5, 60'000'000, 5, 0}); // no such algorithm
    word(2, kAll, {0, 0, 5, 5, 60'000'000, 5, 0}); // epoch
    word(2, kAll, {0, 1, 0, 5, 60'000'000, 0, 0}); // capacity
    word(2, kAll, {0, 1, kMaxCapacity + 1, 5, 60'000'000, 5, 0});
    word(2, kAll, {0, 1, 5, 0, 60'000'000, 5, 0}); // refill
    word(2, kAll, {0, 1, 5, 6, 60'000'000, 5, 0});
    word(2, kAll, {0, 1, 5, 5, 0, 5, 0}); // interval
    word(2, kAll, {0, 1, 5, 5, kMaxInterval.count() + 1, 5, 0});
    word(2, kAll, {0, 1, 5, 5, 60'000'000, 6, 0});             // start
    word(2, kAll, {0, 1, 5, 5, 60'000'000, 5, 4});             // mode
    word(2, kAll, {2, 1, 100, 1, kMaxInterval.count(), 5, 0}); // a burst of gcra
    word(2, kAll, {5, 1, 4097, 4097, 60'000'000, 5, 0});       // a log
    for (const std::int64_t place : {0, 2})                    // no such limit
        addRows("3.0=" + text(place), kAll, 3, 0, packedNumbers({place}));
    addRows("3.8=6", {Way::Past, Way::Settle}, 3, 8, packedNumbers({6})); // knows more than there is room for
    word(4, {Way::Front, Way::Past}, {1, 1, 0, 1, 0});                    // no such bucket
    word(4, {Way::Front, Way::Past}, {1, 1, 3, 1, 0});
    word(4, {Way::Front, Way::Past}, {1, 0});
    word(4, {Way::Front, Way::Past}, {1, 1, 1, 1});
    word(4, {Way::Front, Way::Past}, {1, 2, 1, 1, 0});
    word(4, {Way::Front, Way::Past}, {1, 1, 1, 1, 0, 1});
    for (const QByteArray &name :
         {QByteArray{}, QByteArray{" "}, QByteArray{"a b"}, QByteArray{"a\nb"}, QByteArray{"a\n"},
          QByteArray{"a\0b", 3}, QByteArray{"\xc3\xa4"}, QByteArray(65, 'a')})
        addRows("refiller " + name, {Way::Past}, 5, -1, name);
}

void TestTakeLuaEdges::wrongArgumentsChangeNothing()
{
    QFETCH(const int, way);
    QFETCH(const int, place);
    QFETCH(const int, within);
    QFETCH(const QByteArray, word);
    Call call = callOf(static_cast<Way>(way), kNow, static_cast<Way>(way) == Way::Front ? Known{} : kElse);
    if (place < 0)
        call.argv.resize(static_cast<std::size_t>(within));
    else if (QByteArray &broken = call.argv[static_cast<std::size_t>(place)]; within < 0)
        broken = word;
    else
        broken.replace(within * word.size(), word.size(), word);
    isRefused(call, "WEIRARGS "); // in an empty store
    run(callOf(Way::Past, kNow));
    isRefused(call, "WEIRARGS ");
    call = callOf(static_cast<Way>(way), kNow);
    call.keys.pop_back();
    isRefused(call, "WEIRARGS ");
}

void TestTakeLuaEdges::aRunIsTakenOrGivenBackAsAWhole()
{
    store::TakeRequest request = requestOf(Way::Past, {{"a", {kStudy, 1, {}, {}}}, {"b", {kStudy, 1, {}, {}}}});
    request.runs = {{{{0, 1, false}, {1, 1, false}}, 2, true}};
    Call call{redis::takeScript(), redis::keysOf(request, false), redis::argumentsOf(request, kNow)};
    const QByteArray takes = packedNumbers({0});
    call.argv[4].replace(7 * takes.size(), takes.size(), takes);
    isRefused(call, "WEIRARGS ");
}

// One that would be exact, for then its state becomes the bucket's.
void TestTakeLuaEdges::aSettlementThatIsNoBucketChangesNothing()
{
    std::optional<Bucket> bucket;
    const BucketCall begins{kStudy, 1, TokenMode::Keep, {}};
    const Known known = take({&bucket, 1}, {kNow, {&begins, 1}}).buckets.front().known;
    m_redis.command(hsetOf(kFirst, *bucket));
    store::SettleRequest request{{}, {{"a", {kStudy, 1, TokenMode::Keep, known}, {}}}, "me"};
    Settlement &settlement = request.buckets.front().settlement;
    settlement = {.hasBase = true, .base = known.cell, .cell = known.cell, .spent = 1};
    settlement.cell[0] = 6;
    const auto call = [&] {
        return Call{redis::settleScript(), redis::keysOf(request, false), redis::argumentsOf(request, kNow)};
    };
    isRefused(call(), "WEIRARGS ");
    settlement.cell[0] = 4;
    const auto output = redis::readSettle(replyOf(run(call())), request);
    QVERIFY(output && output.value().front().isExact);
    QCOMPARE(storedField(m_redis, kFirst, "tokens"), QByteArray{"4"});
}

void TestTakeLuaEdges::totalsStopWhereNumbersAreExact_data()
{
    QTest::addColumn<int>("way");
    QTest::addColumn<int>("index");
    addRows("token-bucket", {Way::Front}, 0);
    for (const Algorithm algorithm : kAlgorithms)
        addRows(bytes(nameOf(algorithm)), {Way::Past, Way::Settle}, static_cast<int>(algorithm));
}

void TestTakeLuaEdges::totalsStopWhereNumbersAreExact()
{
    QFETCH(const int, way);
    QFETCH(const int, index);
    LimitSpec spec = kStudy;
    spec.algorithm = static_cast<Algorithm>(index);
    std::optional<Bucket> bucket{{.spec = spec,
                                  .epoch = 1,
                                  .cell = startCell(spec, kNow),
                                  .admitted = kMaxTotal - 1,
                                  .refused = kMaxTotal - 1,
                                  .taken = kMaxTotal - 1,
                                  .refilled = kMaxTotal - 1,
                                  .born = kNow.count()}};
    m_redis.command(hsetOf(kFirst, *bucket));
    const BucketCall call{spec, 1, TokenMode::Keep, {}};
    store::TakeRequest request = requestOf(static_cast<Way>(way), {{"a", call}});
    if (static_cast<Way>(way) == Way::Settle) {
        const store::SettleRequest settles{
            {}, {{"a", call, {.isWhole = false, .spent = 5, .admitted = kMaxTotal, .refused = kMaxTotal}}}, "me"};
        SettleMark mark;
        const std::vector<SettleOutput> expected{settle(bucket, mark, call, kNow, settles.buckets.front().settlement)};
        const RespValue reply =
            run({redis::settleScript(), redis::keysOf(settles, false), redis::argumentsOf(settles, kNow)});
        QCOMPARE(answerTo(settles, reply, redis::readSettle), textOf(expected));
        request.runs.clear();
    } else {
        request.runs = {{{{0, 1, false}}, 5}, {{{0, 1, false}}, kMaxTotal}};
    }
    for (const Micros now : {kNow, kNow + 3min}) { // still readable, and then full again
        const TakeOutput expected = take({&bucket, 1}, {now, {&call, 1}, request.runs, true, request.refiller});
        QCOMPARE(answerTo(request, run(request, now), redis::readTake), textOf(expected));
        QCOMPARE(flat(m_redis.hash(kFirst)), flat(hashOf(*bucket)));
    }
    for (const std::int64_t total : {bucket->admitted, bucket->refused, bucket->taken, bucket->refilled})
        QCOMPARE(total, kMaxTotal);
    QCOMPARE(shortWays(), static_cast<Way>(way) == Way::Front ? 2 : 0);
}

void TestTakeLuaEdges::zeroIsTheTimeOfTheServer_data()
{
    QTest::addColumn<int>("way");
    addRows("", kAll);
}

void TestTakeLuaEdges::zeroIsTheTimeOfTheServer()
{
    QFETCH(const int, way);
    const auto serverTime = [this] {
        const RespValue time = m_redis.command({"TIME"});
        return time.items.value(0).text.toLongLong() * 1'000'000 + time.items.value(1).text.toLongLong();
    };
    run(callOf(Way::Past, kNow));
    const qint64 before = serverTime();
    const qint64 told = run(callOf(static_cast<Way>(way), Micros{0})).items.value(1).number;
    QVERIFY(told >= before && told <= serverTime());
}

// As an older Weir kept it.
void TestTakeLuaEdges::aNameWithoutItsIntervalIsTold()
{
    const store::TakeRequest request = requestOf(Way::Past, {{"a", {kStudy, 1, TokenMode::Keep, {}}}});
    run(request, kNow);
    m_redis.command({"HSET", kFirst, "refiller", "older:1"});
    const auto told = [&](Micros now) { return run(request, now).items.value(4).items.value(0).text; };
    QCOMPARE(told(kNow), QByteArray{"older:1"});
    QCOMPARE(told(kNow + 1min), QByteArray{"r"});
    QCOMPARE(m_redis.command({"HGET", kFirst, "refiller"}).text, "r " + text((kNow + 1min) / 1min));
}

void TestTakeLuaEdges::aUserWithNoMorePermissionsCanRunThem()
{
    const RespValue made =
        m_redis.command({"ACL", "SETUSER", "weir", "reset", "on", ">secret", "-@all", "+eval", "+evalsha", "+hget",
                         "+hmget", "+hset", "+hincrby", "+time", "+pexpire", "+ping", "~weir:*"});
    QCOMPARE(made.text, QByteArrayLiteral("OK"));
    QCOMPARE(m_redis.command({"AUTH", "weir", "secret"}).text, QByteArrayLiteral("OK"));
    QList<RespValue> done;
    for (const Way way : kWays)
        for (const Micros now : {kNow, kNow + 1min, kNow - 1h, Micros{0}}) // the third counts a regression
            done << run(callOf(way, now));
    done << m_redis.command({"HINCRBY", "weir:{instances}:1", "n", "1"});
    Call others = callOf(Way::Front, kNow);
    others.keys = {"other:{a}", "other:{b}"};
    const RespValue stranger = run(others), forbidden = m_redis.command({"DEL", kFirst});
    m_redis.command({"AUTH", "default", ""});
    for (const RespValue &reply : done)
        QVERIFY2(!reply.isError(), reply.text);
    QVERIFY(m_redis.command({"HGET", kFirst, "regressions"}).text.toInt() > 0);
    QVERIFY2(stranger.text.contains("NOPERM"), flat(stranger));
    QVERIFY2(forbidden.text.contains("NOPERM"), flat(forbidden));
}

QTEST_GUILESS_MAIN(TestTakeLuaEdges)
#include "tst_take_lua_edges.moc"
