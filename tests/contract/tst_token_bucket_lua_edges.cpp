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
        const QByteArrayList fields{"epoch",    "capacity", "refill",  "every", "tokens",
                                    "interval", "admitted", "refused", "taken", "refilled"};
        for (const QByteArray &field : fields)
            for (const char *value : {"", "nan", "inf", "-1", "1.5", "1e3", "0x5", " 5", "9007199254740992",
                                      "9007199254740993", "99999999999999999999", "(gone)"})
                QTest::addRow("%s=%s", field.constData(), value) << field << QByteArray{value};
        for (const char *field : {"capacity", "refill", "every"})
            QTest::addRow("%s=0", field) << QByteArray{field} << QByteArrayLiteral("0");
        QTest::addRow("capacity over") << QByteArrayLiteral("capacity") << QByteArrayLiteral("1000000001");
        QTest::addRow("every over") << QByteArrayLiteral("every") << QByteArrayLiteral("31622400000001");
        QTest::addRow("more tokens than room") << QByteArrayLiteral("tokens") << QByteArrayLiteral("6");
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
        QVERIFY2(reply.isError() && reply.text.startsWith("WEIRSTATE "), flat(reply));
        QCOMPARE(m_redis.hash(kKey), before);
    }

    void totalsStopWhereNumbersAreExact()
    {
        call({.spec = kStudy, .now = kNow});
        constexpr qint64 kMax = 9'007'199'254'740'991;
        static_assert(kMax == kMaxTotal);
        for (const char *field : {"admitted", "refused", "taken", "refilled"})
            m_redis.command({"HSET", kKey, field, QByteArray::number(kMax - 1)});
        const std::vector<CostRun> runs{{1, 5}, {1, kMax}};
        call({.spec = kStudy, .now = kNow, .runs = runs});
        const RespValue reply = call({.spec = kStudy, .now = kNow + 60s}); // still readable
        QCOMPARE(flat(reply), QByteArrayLiteral("0 5 60000000 1700000100000000 5 9007199254740991 9007199254740991 "
                                                "9007199254740991 9007199254740991 28333335 1700000040000000 0 0 0"));
    }

    void wrongArgumentsChangeNothing_data()
    {
        QTest::addColumn<QByteArray>("arguments");
        for (const char *arguments : {"",
                                      "1 5 5 60000000 5 keep",
                                      "1 5 5 60000000 5 keep 0",
                                      "1 5 5 60000000 5 keep 0 1 - 0 0 0 0 0 0 0",
                                      "0 5 5 60000000 5 keep 0 *",
                                      "1 0 5 60000000 0 keep 0 *",
                                      "1 1000000001 5 60000000 0 keep 0 *",
                                      "1 5 5 31622400000001 0 keep 0 *",
                                      "1 5 0 60000000 5 keep 0 *",
                                      "1 5 5 0 5 keep 0 *",
                                      "1 5 5 60000000 6 keep 0 *",
                                      "1 5 5 60000000 5 grow 0 *",
                                      "1 5 5 60000000 5 keep -1 *",
                                      "1 5 5 60000000 5 keep 1.5 *",
                                      "x 5 5 60000000 5 keep 0 *",
                                      "1 5 5 60000000 5 keep 0 * 1",
                                      "1 5 5 60000000 5 keep 0 * -1 1",
                                      "1 5 5 60000000 5 keep 0 * 1 x",
                                      "1 5 5 60000000 5 keep 0 * 1 1 nan 1",
                                      "1 5 5 60000000 5 keep 9007199254740994 *",
                                      "1 5 5 60000000 5 keep 0 2 - 0 0 0 0 0 0 0 0",
                                      "1 5 5 60000000 5 keep 0 1 a\nb 0 0 0 0 0 0 0 0",
                                      "1 5 5 60000000 5 keep 0 1 - 1 x 0 0 0 0 0 0",
                                      "1 5 5 60000000 5 keep 0 1 - 1 0 0 6 0 0 0 0",
                                      "1 5 5 60000000 5 keep 0 1 - 1 0 0 5 0 0 nan 0",
                                      "1 5 5 60000000 5 settle 0 *",
                                      "1 5 5 60000000 5 settle 0 * 1 1 1 5 0 0 0 5 5 0 0 0 x",
                                      "1 5 5 60000000 5 settle 0 * 1 1 1 5 0 0 0 5 5 0 0 0"})
            QTest::newRow(*arguments ? arguments : "none") << QByteArray{arguments};
    }
    void wrongArgumentsChangeNothing()
    {
        QFETCH(const QByteArray, arguments);
        QByteArray whole = arguments;
        whole.replace("*", "1 - 0 0 0 0 0 0 0 0"); // by a request that knows nothing
        const RespValue reply = m_redis.command(takeCommand(kKey, whole.isEmpty() ? RedisCommand{} : whole.split(' ')));
        QVERIFY2(reply.isError() && reply.text.startsWith("WEIRARGS "), flat(reply));
        QCOMPARE(m_redis.command({"EXISTS", kKey}).number, qint64{0});
    }

    void zeroIsTheTimeOfTheServer()
    {
        const auto serverTime = [this] {
            const RespValue time = m_redis.command({"TIME"});
            return time.items.value(0).text.toLongLong() * 1'000'000 + time.items.value(1).text.toLongLong();
        };
        const qint64 before = serverTime();
        const RespValue reply = call({.spec = kStudy});
        QCOMPARE(reply.items.size(), 14);
        QVERIFY(reply.items.at(3).number >= before && reply.items.at(3).number <= serverTime());
    }

    void aUserWithNoMorePermissionsCanRunIt()
    {
        const RespValue made =
            m_redis.command({"ACL", "SETUSER", "weir", "reset", "on", ">secret", "-@all", "+eval", "+evalsha", "+hget",
                             "+hmget", "+hset", "+hincrby", "+time", "+pexpire", "+ping", "~weir:*"});
        QCOMPARE(made.text, QByteArrayLiteral("OK"));
        QCOMPARE(m_redis.command({"AUTH", "weir", "secret"}).text, QByteArrayLiteral("OK"));
        const std::vector<CostRun> runs{{1, 2}};
        const QByteArray fresh = flat(call({.spec = kStudy, .now = kNow, .runs = runs}));
        const QByteArray regressed = flat(call({.spec = kStudy, .now = kNow - 1h})); // HINCRBY
        const RespValue timed = m_redis.command(takeCommand("weir:{timed}", takeArguments({.spec = kStudy})));
        const limit::Settlement settlement{.baseTokens = 3, .sure = 3, .most = 3};
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
        QCOMPARE(fresh, QByteArrayLiteral("0 3 60000000 1700000040000000 0 2 0 2 0 28333334 1700000040000000 0 0 1 2"));
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
