// SPDX-License-Identifier: GPL-3.0-only
// What the script does with its key besides counting: time to live, broken content, permissions, time.
#include <QTest>

#include "core/limit/promise.h"
#include "tests/support/redis_server.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const QByteArray kKey = QByteArrayLiteral("weir:{global}");
constexpr Micros kNow{1'700'000'040'000'000};
const LimitSpec kStudy{.capacity = 5, .refill = 5, .interval = 1min};

} // namespace

class TestTokenBucketLuaEdges : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_redis.start(), m_redis.log().constData()); }
    void init() { QCOMPARE(m_redis.command({"FLUSHALL"}).text, QByteArrayLiteral("OK")); }

    void itLivesAtLeastUntilItIsFull_data()
    {
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("refill");
        QTest::addColumn<qint64>("interval");
        QTest::newRow("study") << qint64{5} << qint64{5} << qint64{60'000'000};
        QTest::newRow("slow") << qint64{100} << qint64{3} << qint64{60'000'000};
        QTest::newRow("a year") << qint64{1} << qint64{1} << qint64{kMaxInterval.count()};
        QTest::newRow("part of a ms") << qint64{7} << qint64{2} << qint64{1'000'001};
    }
    void itLivesAtLeastUntilItIsFull()
    {
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, refill);
        QFETCH(const qint64, interval);
        const LimitSpec spec{.capacity = capacity, .refill = refill, .interval = Micros{interval}};
        const qint64 ttl = ttlAfter({.spec = spec, .now = kNow});
        const double toFull = static_cast<double>(timeToFull(spec).count()) / 1000;
        QVERIFY2(static_cast<double>(ttl) >= toFull + static_cast<double>(interval) / 1000,
                 qPrintable(QString::number(ttl)));
        QVERIFY(static_cast<double>(ttl) <= toFull + 2 * static_cast<double>(interval) / 1000 + 1);
    }

    void aLifeBeyondAllNumbersIsCut()
    {
        const LimitSpec spec{.capacity = kMaxCapacity, .refill = 1, .interval = kMaxInterval};
        QCOMPARE(ttlAfter({.spec = spec, .now = kNow}), qint64{100'000'000'000'000});
    }

    void everyIntervalRenewsTheLife()
    {
        ttlAfter({.spec = kStudy, .now = kNow});
        QCOMPARE(m_redis.command({"PEXPIRE", kKey, "50000"}).number, qint64{1});
        QVERIFY(ttlAfter({.spec = kStudy, .now = kNow + 59s}) <= 50'000); // same interval: left as it is
        QVERIFY(ttlAfter({.spec = kStudy, .now = kNow + 60s}) > 120'000);
    }

    void anotherTypeIsAnErrorAndStays()
    {
        m_redis.command({"SET", kKey, "mine"});
        const RespValue reply = call({.spec = kStudy, .now = kNow});
        QVERIFY(reply.isError());
        QVERIFY2(reply.text.contains("WRONGTYPE"), reply.text);
        QCOMPARE(m_redis.command({"GET", kKey}).text, QByteArrayLiteral("mine"));
    }

    void brokenContentIsAnErrorAndStays_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        for (const char *field : {"admitted", "refused"})
            for (const char *value : {"", "nan", "inf", "-1", "1.5", "1e3", "0x5", " 5", "9007199254740992",
                                      "9007199254740993", "99999999999999999999", "(gone)"})
                QTest::addRow("%s=%s", field, value) << QByteArray{field} << QByteArray{value};
        const auto row = [](const char *field, const std::vector<std::int64_t> &numbers) {
            QByteArrayList words;
            for (const std::int64_t number : numbers)
                words << text(number);
            QTest::addRow("%s=%s", field, words.join(' ').constData()) << QByteArray{field} << packedNumbers(numbers);
        };
        for (const char *field : {"limit", "state"})
            for (const QByteArray &value : {QByteArray{}, QByteArray{"nan"}, QByteArray{"(gone)"}})
                QTest::addRow("%s=%s", field, value.constData()) << QByteArray{field} << value;
        row("limit", {0, 1, 5, 5});
        row("limit", {0, 1, 5, 5, 60'000'000, 0});
        row("limit", {7, 1, 5, 5, 60'000'000});
        row("limit", {0, kMaxTotal + 1, 5, 5, 60'000'000});
        row("limit", {0, 1, 0, 5, 60'000'000});
        row("limit", {0, 1, kMaxCapacity + 1, 5, 60'000'000});
        row("limit", {0, 1, 5, 0, 60'000'000});
        row("limit", {0, 1, 5, kMaxTotal + 1, 60'000'000});
        row("limit", {0, 1, 5, 5, 0});
        row("limit", {0, 1, 5, 5, kMaxInterval.count() + 1});
        const std::vector<std::int64_t> state{kNow.count(), 0, 0, 0, 0, 0, 5, kNow / 60s};
        for (std::size_t i = 0; i < state.size(); ++i) {
            std::vector<std::int64_t> broken = state;
            broken[i] = kMaxTotal + 1;
            row("state", broken);
        }
        row("state", {state.begin(), state.end() - 1});
        row("state", {0, 0, 0, 0, 0, 0, 5, kNow / 60s});            // never born
        row("state", {kNow.count(), 0, 0, 0, 0, 0, 6, kNow / 60s}); // more tokens than room
    }
    void brokenContentIsAnErrorAndStays()
    {
        QFETCH(const QByteArray, field);
        QFETCH(const QByteArray, value);
        call({.spec = kStudy, .now = kNow});
        if (value == "(gone)")
            m_redis.command({"HDEL", kKey, field});
        else
            m_redis.command({"HSET", kKey, field, value});
        const auto before = m_redis.hash(kKey);
        const std::vector<CostRun> runs{{1, 1}};
        const RespValue reply = call({.spec = kStudy, .now = kNow + 90s, .runs = runs});
        QVERIFY2(reply.isError() && reply.text.startsWith("WEIRSTATE "), answerOf(reply));
        QCOMPARE(m_redis.hash(kKey), before);
    }

    // Whatever else it has: the script that knows all algorithms says whether that is broken.
    void aBucketOfAnotherAlgorithmIsNamedAndStays()
    {
        for (const std::int64_t algorithm : {1, 2, 3, 4, 5, 6}) {
            m_redis.command({"DEL", kKey});
            call({.spec = kStudy, .now = kNow});
            m_redis.command({"HSET", kKey, "limit", packedNumbers({algorithm, 1, 5, 5, 60'000'000})});
            const auto before = m_redis.hash(kKey);
            const std::vector<CostRun> runs{{1, 1}};
            const RespValue reply = call({.spec = kStudy, .now = kNow + 90s, .runs = runs});
            QVERIFY2(reply.isError() && reply.text.startsWith("WEIROTHER "), answerOf(reply));
            QCOMPARE(m_redis.hash(kKey), before);
        }
    }

    void totalsStopWhereNumbersAreExact()
    {
        constexpr qint64 kMax = 9'007'199'254'740'991;
        static_assert(kMax == kMaxTotal);
        RedisCommand command{"HSET", kKey};
        for (const auto &[field, value] : hashOf({.spec = kStudy,
                                          .epoch = 1,
                                          .tokens = 5,
                                          .interval = kNow / 60s,
                                          .admitted = kMax - 1,
                                          .refused = kMax - 1,
                                          .taken = kMax - 1,
                                          .refilled = kMax - 1,
                                          .born = kNow.count()}))
            command << field << value;
        m_redis.command(command);
        const std::vector<CostRun> runs{{1, 5}, {1, kMax}};
        call({.spec = kStudy, .now = kNow, .runs = runs});
        const RespValue reply = call({.spec = kStudy, .now = kNow + 60s}); // still readable
        QCOMPARE(answerOf(reply),
                 QByteArrayLiteral("0 5 60000000 1700000100000000 5 9007199254740991 9007199254740991 "
                                   "9007199254740991 9007199254740991 28333335 1700000040000000 0 0 0 0"));
    }

    void wrongArgumentsChangeNothing_data()
    {
        QTest::addColumn<RedisCommand>("arguments");
        QTest::newRow("none") << RedisCommand{};
        const RedisCommand right = takeArguments({.spec = kStudy, .now = kNow});
        QTest::newRow("the runs are missing") << right.mid(0, 4);
        const auto row = [&](const char *name, int place, const QByteArray &word) {
            RedisCommand arguments = right;
            arguments[place] = word;
            QTest::newRow(name) << arguments;
        };
        const auto limit = [&](const char *name, const std::vector<std::int64_t> &numbers) {
            row(name, 0, packedNumbers(numbers));
        };
        limit("too few numbers", {0, 1, 5, 5});
        limit("too many numbers", {0, 1, 5, 5, 60'000'000, 0});
        limit("another algorithm", {1, 1, 5, 5, 60'000'000});
        limit("epoch 0", {0, 0, 5, 5, 60'000'000});
        limit("epoch over", {0, kMaxTotal + 1, 5, 5, 60'000'000});
        limit("capacity 0", {0, 1, 0, 5, 60'000'000});
        limit("capacity over", {0, 1, kMaxCapacity + 1, 5, 60'000'000});
        limit("start over capacity", {0, 1, 4, 4, 60'000'000});
        limit("refill 0", {0, 1, 5, 0, 60'000'000});
        limit("refill over", {0, 1, 5, kMaxTotal + 1, 60'000'000});
        limit("interval 0", {0, 1, 5, 5, 0});
        limit("interval over", {0, 1, 5, 5, kMaxInterval.count() + 1});
        row("no such mode", 1, "grow");
        row("settle without a mark", 1, "settle");
        row("a name with a line end", 2, "a\nb");
        row("a name too long", 2, QByteArray(65, 'a'));
        const std::vector<std::int64_t> call{5, kNow.count(), 1, 1, 0, 0, 5, 0, 0, 0, 0, 0};
        row("call too short", 3, packedNumbers({call.begin(), call.end() - 1}));
        row("due is 2", 3, packedNumbers({5, kNow.count(), 2, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        row("knows more than room", 3, packedNumbers({5, kNow.count(), 1, 1, 0, 0, 6, 0, 0, 0, 0, 0}));
        for (std::size_t i = 0; i < call.size(); ++i) {
            std::vector<std::int64_t> over = call;
            over[i] = i % 2 == 0 ? kMaxTotal + 1 : -1;
            row(qPrintable(QStringLiteral("call number %1").arg(i)), 3, packedNumbers(over));
        }
        row("half a run", 4, packedNumbers({1}));
        row("cost over", 4, packedNumbers({kMaxTotal + 1, 1}));
        row("count over", 4, packedNumbers({1, 1, 1, kMaxTotal + 1}));
        row("negative cost", 4, packedNumbers({-1, 1}));
    }
    void wrongArgumentsChangeNothing()
    {
        QFETCH(const RedisCommand, arguments);
        const RespValue reply = m_redis.command(takeCommand(kKey, arguments));
        QVERIFY2(reply.isError() && reply.text.startsWith("WEIRARGS "), answerOf(reply));
        QCOMPARE(m_redis.command({"EXISTS", kKey}).number, qint64{0});
    }

    void wrongSettlementsChangeNothing()
    {
        const Settlement right{.baseTokens = 3, .tokens = 3};
        const TakeInput input{.spec = kStudy, .now = kNow};
        const auto settle = [this](const RedisCommand &arguments) {
            return m_redis.command(RedisCommand{"EVAL", takeSource(), "2", kKey, kKey + ":settled:a"} + arguments);
        };
        RedisCommand tooShort = settleArguments(input, right);
        tooShort[4].chop(7);
        Settlement fullest = right, higher = right, endless = right;
        fullest.tokens = 6;
        higher.baseTokens = 6;
        endless.spent = kMaxTotal + 1;
        for (const RedisCommand &arguments : {tooShort, settleArguments(input, fullest), settleArguments(input, higher),
                                              settleArguments(input, endless)}) {
            const RespValue reply = settle(arguments);
            QVERIFY2(reply.isError() && reply.text.startsWith("WEIRARGS "), answerOf(reply));
            QCOMPARE(m_redis.command({"EXISTS", kKey, kKey + ":settled:a"}).number, qint64{0});
        }
        QVERIFY(!settle(settleArguments(input, right)).isError());
    }

    void zeroIsTheTimeOfTheServer()
    {
        const auto serverTime = [this] {
            const RespValue time = m_redis.command({"TIME"});
            return time.items.value(0).text.toLongLong() * 1'000'000 + time.items.value(1).text.toLongLong();
        };
        const qint64 before = serverTime();
        const RespValue reply = call({.spec = kStudy});
        const qint64 told = answerOf(reply).split(' ').value(3).toLongLong();
        QVERIFY(told >= before && told <= serverTime());
    }

    void aUserWithNoMorePermissionsCanRunIt()
    {
        const RespValue made =
            m_redis.command({"ACL", "SETUSER", "weir", "reset", "on", ">secret", "-@all", "+eval", "+evalsha", "+hget",
                             "+hmget", "+hset", "+hincrby", "+time", "+pexpire", "+ping", "~weir:*"});
        QCOMPARE(made.text, QByteArrayLiteral("OK"));
        QCOMPARE(m_redis.command({"AUTH", "weir", "secret"}).text, QByteArrayLiteral("OK"));
        const std::vector<CostRun> runs{{1, 2}};
        const QByteArray fresh = answerOf(call({.spec = kStudy, .now = kNow, .runs = runs}));
        const QByteArray regressed = answerOf(call({.spec = kStudy, .now = kNow - 1h})); // HINCRBY
        const RespValue timed = m_redis.command(takeCommand("weir:{timed}", takeArguments({.spec = kStudy})));
        const limit::Settlement settlement{.baseTokens = 3, .tokens = 3};
        const RespValue settled = m_redis.command(RedisCommand{"EVAL", takeSource(), "2", kKey, kKey + ":settled:a"}
                                                  + settleArguments({.spec = kStudy, .now = kNow}, settlement));
        const RespValue counted = m_redis.command({"HINCRBY", "weir:{instances}:1", "n", "1"});
        const RespValue registered = m_redis.command({"HSET", "weir:limits", "global", "1 5 5 60000000 full"});
        const QByteArray limit = m_redis.command({"HGET", "weir:limits", "global"}).text;
        const QByteArray pong = m_redis.command({"PING"}).text;
        const RespValue stranger =
            m_redis.command(takeCommand("other:{global}", takeArguments({.spec = kStudy, .now = kNow})));
        const RespValue forbidden = m_redis.command({"DEL", kKey});
        m_redis.command({"AUTH", "default", ""});
        QCOMPARE(fresh,
                 QByteArrayLiteral("0 3 60000000 1700000040000000 0 2 0 2 0 28333334 1700000040000000 0 0 1 0 2"));
        QVERIFY2(regressed.startsWith("0 3 "), regressed);
        QVERIFY2(!timed.isError(), timed.text);
        QVERIFY2(!settled.isError(), settled.text);
        QVERIFY2(!counted.isError(), counted.text);
        QVERIFY2(!registered.isError(), registered.text);
        QCOMPARE(limit, QByteArrayLiteral("1 5 5 60000000 full"));
        QCOMPARE(pong, QByteArrayLiteral("PONG"));
        QVERIFY2(stranger.text.contains("NOPERM"), flat(stranger));
        QVERIFY2(forbidden.text.contains("NOPERM"), flat(forbidden));
    }

private:
    RespValue call(const TakeInput &input) { return m_redis.command(takeCommand(kKey, takeArguments(input))); }

    // In one transaction, where Redis keeps its clock still.
    qint64 ttlAfter(const TakeInput &input)
    {
        const RespValue reply =
            m_redis.pipeline({{"MULTI"}, takeCommand(kKey, takeArguments(input)), {"PTTL", kKey}, {"EXEC"}}).back();
        return reply.items.value(1).number;
    }

    RedisServer m_redis;
};

QTEST_GUILESS_MAIN(TestTokenBucketLuaEdges)
#include "tst_token_bucket_lua_edges.moc"
