// SPDX-License-Identifier: GPL-3.0-only
// What the algorithms' fragments do at the ends: broken content, numbers that do not fit, promises kept, memory.
#include <QTest>

#include "tests/support/cell_script.h"
#include "tests/support/redis_server.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const QByteArray kKey = QByteArrayLiteral("weir:{global}");
constexpr Micros kNow{1'700'000'040'000'000};

LimitSpec study(Algorithm algorithm)
{
    return {.capacity = 5, .refill = 5, .interval = 1min, .algorithm = algorithm};
}

void addAlgorithms()
{
    QTest::addColumn<int>("index");
    for (const Algorithm algorithm : kAlgorithms)
        QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
}

// A record of the log: a time and what was taken.
QByteArray record(std::int64_t at, std::int64_t tokens)
{
    kernels::SlidingLogCell log;
    log.entries = {{Micros{at}, tokens}};
    return packedLog(log);
}

} // namespace

class TestAlgorithmsLuaEdges : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_redis.start(), m_redis.log().constData());
        m_sha = m_redis.command({"SCRIPT", "LOAD", cellSource()}).text;
    }
    void init() { QCOMPARE(m_redis.command({"FLUSHALL"}).text, QByteArrayLiteral("OK")); }

    void brokenContentIsAnErrorAndStays_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        const auto row = [](Algorithm algorithm, std::string_view field, const QByteArray &value) {
            QTest::addRow("%s %s=%s", nameOf(algorithm).data(), field.data(), value.toPercentEncoding().constData())
                << static_cast<int>(algorithm) << bytes(field) << value;
        };
        for (const Algorithm algorithm : kAlgorithms) {
            const auto own = fieldsOf(algorithm);
            std::vector<std::string_view> fields(own.begin(), own.end());
            for (const std::string_view name : {"algorithm", "capacity", "refill", "every"})
                fields.push_back(name);
            for (const std::string_view field : fields)
                for (const char *value : {"", "nan", "inf", "-1", "1.5", "1e3", "0x5", " 5", "5 ", "9007199254740992",
                                          "99999999999999999999", "(gone)"})
                    row(algorithm, field, value);
            for (const std::string_view field : {"capacity", "refill", "every"})
                row(algorithm, field, "0");
            row(algorithm, "capacity", "1000000001");
            row(algorithm, "every", "31622400000001");
        }
        row(Algorithm::TokenBucket, "tokens", "6");
        row(Algorithm::TokenBucket, "interval", "9007199254740991");
        row(Algorithm::TokenBucketSmooth, "tokens", "6");
        row(Algorithm::TokenBucketSmooth, "part", "60000000");
        row(Algorithm::TokenBucketSmooth, "tokens", "5"); // full, and a part of one more
        row(Algorithm::Gcra, "tat", text(kNow.count() + 60'000'002));
        row(Algorithm::Gcra, "tat", "9007199254740991");
        row(Algorithm::Gcra, "part", "5");
        row(Algorithm::LeakyBucket, "queued", "6");
        row(Algorithm::LeakyBucket, "part", "60000000");
        row(Algorithm::LeakyBucket, "queued", "0");
        row(Algorithm::FixedWindow, "used", "6");
        row(Algorithm::FixedWindow, "window", "9007199254740991");
        row(Algorithm::SlidingLog, "used", "6");
        row(Algorithm::SlidingLog, "used", "0");
        row(Algorithm::SlidingLog, "used", "1"); // less than is logged
        row(Algorithm::SlidingLog, "used", "4"); // more
        const std::int64_t at = kNow.count();
        row(Algorithm::SlidingLog, "log", "(gone)");
        row(Algorithm::SlidingLog, "log", "");
        row(Algorithm::SlidingLog, "log", "12345678");
        row(Algorithm::SlidingLog, "log", "nan");
        row(Algorithm::SlidingLog, "log", record(at - 1, 1) + record(at + 10'000'000, 1)); // of the future
        row(Algorithm::SlidingLog, "log", record(at, 1) + record(at - 1, 1));              // in no order
        row(Algorithm::SlidingLog, "log", record(at - 1, 0) + record(at, 2));
        row(Algorithm::SlidingLog, "log", record(at - 1, 2) + record(at, 0));
        row(Algorithm::SlidingLog, "log", record(at - 1, 2) + record(at, 2));
        row(Algorithm::SlidingLog, "log", record(at, 1));
        row(Algorithm::SlidingLog, "log", record(at - 2, 1) + record(at - 1, 1) + record(at, 1));
        row(Algorithm::SlidingCounter, "previous", "1000000001");
        row(Algorithm::SlidingCounter, "current", "6");
        row(Algorithm::SlidingCounter, "previous", "5"); // with the two of now more than fit
    }
    void brokenContentIsAnErrorAndStays()
    {
        QFETCH(const int, index);
        QFETCH(const QByteArray, field);
        QFETCH(const QByteArray, value);
        const LimitSpec spec = study(static_cast<Algorithm>(index));
        // Two tokens are gone, at two moments; something of everything is kept.
        run({.spec = spec, .now = kNow, .runs = {{1, 1}}});
        run({.spec = spec, .now = kNow + 1us, .runs = {{1, 1}}});
        if (value == "(gone)")
            m_redis.command({"HDEL", kKey, field});
        else
            m_redis.command({"HSET", kKey, field, value});
        const auto before = m_redis.hash(kKey);
        const RespValue reply = run({.spec = spec, .now = kNow + 2us, .runs = {{1, 1}}});
        QVERIFY2(reply.isError() && reply.text.startsWith("WEIRSTATE"), flat(reply));
        QCOMPARE(m_redis.hash(kKey), before);
    }

    // In the middle of a log it is found at the latest when it would give tokens back.
    void aBrokenRecordGivesNothing()
    {
        const LimitSpec spec = study(Algorithm::SlidingLog);
        for (int i = 0; i < 3; ++i)
            run({.spec = spec, .now = kNow + Micros{i}, .runs = {{1, 1}}});
        const std::int64_t at = kNow.count();
        for (const QByteArray &middle : {record(at + 1, 0), record(at - 1, 1), record(at + 3, 1), record(at + 1, 2)}) {
            m_redis.command({"HSET", kKey, "log", record(at, 1) + middle + record(at + 2, 1)});
            const auto before = m_redis.hash(kKey);
            const RespValue reply = run({.spec = spec, .now = kNow + 1min + 2us, .runs = {{1, 1}}});
            QVERIFY2(reply.isError() && reply.text.startsWith("WEIRSTATE"), flat(reply));
            QCOMPARE(m_redis.hash(kKey), before);
        }
    }

    void aRetryAtThePromisedTimeSucceeds_data() { addAlgorithms(); }
    void aRetryAtThePromisedTimeSucceeds()
    {
        QFETCH(const int, index);
        LimitSpec spec{.capacity = 7, .refill = 3, .interval = 1'000'003us, .algorithm = static_cast<Algorithm>(index)};
        if (isWindow(spec.algorithm))
            spec.refill = spec.capacity;
        run({.spec = spec, .now = kNow, .runs = {{2, 1}}});
        run({.spec = spec, .now = kNow + 400ms, .runs = {{3, 1}}});
        for (const Tokens cost : {4, 5, 7}) {
            const Micros now = kNow + 500ms;
            const RespValue refused = run({.spec = spec, .now = now, .runs = {{cost, 1}}});
            QCOMPARE(refused.items.value(5).number, qint64{0});
            const Micros wait{refused.items.value(6).number};
            QVERIFY(wait > Micros{0});
            const auto kept = m_redis.hash(kKey);
            QCOMPARE(run({.spec = spec, .now = now + wait - 1us, .runs = {{cost, 1}}}).items.value(5).number,
                     qint64{0});
            put(kept);
            QCOMPARE(run({.spec = spec, .now = now + wait, .runs = {{cost, 1}}}).items.value(5).number, qint64{1});
            put(kept);
        }
    }

    void theLargestNumbersAreExact_data() { addAlgorithms(); }
    void theLargestNumbersAreExact()
    {
        QFETCH(const int, index);
        const auto algorithm = static_cast<Algorithm>(index);
        const Tokens most = algorithm == Algorithm::SlidingLog ? kernels::kMaxLogCapacity : kMaxCapacity;
        constexpr Micros kLatest{5'000'000'000'000'000};
        for (const auto &[capacity, refill] :
             std::initializer_list<std::pair<Tokens, Tokens>>{{most, most},
                                                              {most, most - 1},
                                                              {most, 1},
                                                              {most, most / 3},
                                                              {1, 1},
                                                              {99, 1},
                                                              {854'519'899, 3'000'001}})
            for (const Micros interval : {kMinInterval, Micros{999'999'937}, kMaxInterval - Micros{1}, kMaxInterval})
                for (const StartLevel start : {StartLevel::Full, StartLevel::Empty}) {
                    LimitSpec spec{std::min(capacity, most), std::min(refill, most), interval, start, algorithm};
                    if (isWindow(algorithm))
                        spec.refill = spec.capacity;
                    shortenBurst(spec);
                    const Tokens all = spec.capacity;
                    KernelCell cell;
                    m_redis.command({"DEL", kKey});
                    for (const CellCall &call : std::initializer_list<CellCall>{
                             {.spec = spec, .now = kNow, .runs = {{all - 1, 1}, {1, 1}, {all, 1}}},
                             {.spec = spec, .now = kNow + 1us, .runs = {{1, 1}, {all, 2}}},
                             {.spec = spec, .now = kNow + interval - 1us, .runs = {{all, 1}}},
                             {.spec = spec, .mode = TokenMode::Proportional, .now = kNow + interval},
                             {.spec = spec, .now = kLatest - 1s, .runs = {{all, 1}, {1, 1}}},
                             {.spec = spec, .now = kLatest, .isCharge = true, .runs = {{all, 1}, {1, 1}}}}) {
                        const QByteArray expected = cell.answer(call);
                        const QByteArray reply = flat(run(call));
                        QVERIFY2(reply == expected, cellArguments(call).join(' ') + "\n" + reply + "\n" + expected);
                    }
                }
    }

    // A part of a token would be one too many in a bucket that the change has made full.
    void aBucketThatAChangeMakesFullHasNoPart_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : {Algorithm::TokenBucketSmooth, Algorithm::Gcra, Algorithm::LeakyBucket})
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }
    void aBucketThatAChangeMakesFullHasNoPart()
    {
        QFETCH(const int, index);
        const LimitSpec large = study(static_cast<Algorithm>(index));
        LimitSpec small = large;
        small.capacity = 3;
        small.refill = 3;
        KernelCell cell;
        for (const CellCall &call :
             std::initializer_list<CellCall>{{.spec = large, .now = kNow, .runs = {{2, 1}}},
                                             {.spec = small, .now = kNow + 7s},
                                             {.spec = small, .now = kNow + 8s, .runs = {{1, 1}}},
                                             {.spec = small, .now = kNow + 27s, .runs = {{3, 1}}},
                                             {.spec = small, .now = kNow + 28s, .runs = {{3, 1}}}}) {
            const QByteArray expected = cell.answer(call);
            QCOMPARE(flat(run(call)), expected);
            for (const auto &[field, value] : cell.fields())
                QCOMPARE(m_redis.command({"HGET", kKey, field}).text, value);
        }
        QCOMPARE(cell.refusals(), std::int64_t{1}); // at 27 s; the token of 8 s is back 20 s later
    }

    void aLogThatIsLeftTakesNoMoreMemory()
    {
        run({.spec = study(Algorithm::SlidingLog), .now = kNow, .runs = {{1, 3}}});
        QCOMPARE(m_redis.command({"HGET", kKey, "log"}).text.size(), 9);
        const RespValue reply = run({.spec = study(Algorithm::Gcra), .now = kNow});
        QCOMPARE(reply.items.value(1).number, qint64{2});
        QCOMPARE(m_redis.command({"HGET", kKey, "log"}).text, QByteArray{});
    }

    void limitsThatAreNoneChangeNothing_data()
    {
        QTest::addColumn<QByteArray>("arguments");
        for (const char *arguments :
             {"", "gcra", "no-such 5 5 60000000 5 keep 1 take", "gcra 0 5 60000000 0 keep 1 take",
              "gcra 5 6 60000000 5 keep 1 take", "gcra 5 0 60000000 5 keep 1 take", "gcra 5 5 0 5 keep 1 take",
              "gcra 5 5 60000000 6 keep 1 take", "gcra 5 5 60000000 5 keep -1 take",
              "gcra 100 1 31622400000000 5 keep 1 take", "gcra 1000000001 1 60000000 5 keep 1 take",
              "gcra 5 5 31622400000001 5 keep 1 take", "sliding-log 4097 4097 60000000 5 keep 1 take",
              "fixed-window nan 5 60000000 5 keep 1 take"})
            QTest::newRow(*arguments ? arguments : "none") << QByteArray{arguments};
    }
    void limitsThatAreNoneChangeNothing()
    {
        QFETCH(const QByteArray, arguments);
        const RespValue reply = m_redis.command(RedisCommand{"EVALSHA", m_sha, "1", kKey}
                                                + (arguments.isEmpty() ? RedisCommand{} : arguments.split(' ')));
        QVERIFY2(reply.isError() && reply.text.startsWith("WEIRARGS"), flat(reply));
        QCOMPARE(m_redis.command({"EXISTS", kKey}).number, qint64{0});
    }

    // The numbers of lua/README.md: the cell alone, with its limit.
    void theMemoryOfAKey_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<qint64>("most"); // bytes
        for (const Algorithm algorithm : kAlgorithms)
            QTest::newRow(nameOf(algorithm).data())
                << static_cast<int>(algorithm) << qint64{algorithm == Algorithm::SlidingLog ? 272 : 208};
    }
    void theMemoryOfAKey()
    {
        QFETCH(const int, index);
        QFETCH(const qint64, most);
        const LimitSpec spec = study(static_cast<Algorithm>(index));
        for (int i = 0; i < 5; ++i)
            run({.spec = spec, .now = kNow + Micros{i}, .runs = {{1, 1}}});
        const qint64 used = m_redis.command({"MEMORY", "USAGE", kKey, "SAMPLES", "0"}).number;
        qInfo("%lld bytes", static_cast<long long>(used));
        QVERIFY2(used > 0 && used <= most, qPrintable(QString::number(used)));
    }

    void theMemoryOfALongLog()
    {
        LimitSpec spec = study(Algorithm::SlidingLog);
        spec.capacity = spec.refill = kernels::kMaxLogCapacity;
        QList<RedisCommand> commands;
        for (int i = 0; i < kernels::kMaxLogCapacity; ++i)
            commands << command({.spec = spec, .now = kNow + Micros{i}, .runs = {{1, 1}}});
        QCOMPARE(m_redis.pipeline(commands).back().items.value(1).number, qint64{0});
        QCOMPARE(m_redis.command({"HGET", kKey, "log"}).text.size(), 9 * kernels::kMaxLogCapacity);
        const qint64 used = m_redis.command({"MEMORY", "USAGE", kKey, "SAMPLES", "0"}).number;
        qInfo("%lld bytes", static_cast<long long>(used));
        QVERIFY2(used <= 42'000, qPrintable(QString::number(used)));
    }

    void aUserWithNoMorePermissionsCanRunThem_data() { addAlgorithms(); }
    void aUserWithNoMorePermissionsCanRunThem()
    {
        QFETCH(const int, index);
        const LimitSpec spec = study(static_cast<Algorithm>(index));
        m_redis.command({"ACL", "SETUSER", "weir", "reset", "on", ">secret", "-@all", "+eval", "+evalsha", "+hget",
                         "+hmget", "+hset", "+hincrby", "+time", "+pexpire", "+ping", "~weir:*"});
        QCOMPARE(m_redis.command({"AUTH", "weir", "secret"}).text, QByteArrayLiteral("OK"));
        const RespValue fresh = run({.spec = spec, .now = kNow, .runs = {{1, 2}}});
        const RespValue back = run({.spec = spec, .now = kNow - 1h, .runs = {{1, 2}}});
        const RespValue changed = run({.spec = spec, .mode = TokenMode::Drain, .now = kNow});
        m_redis.command({"AUTH", "default", ""});
        for (const RespValue &reply : {fresh, back, changed})
            QVERIFY2(!reply.isError(), reply.text);
        QCOMPARE(fresh.items.value(1).number, qint64{3});
        QCOMPARE(back.items.value(0).number, qint64{1});
        QCOMPARE(changed.items.value(1).number, qint64{0});
    }

private:
    [[nodiscard]] RedisCommand command(const CellCall &call) const
    {
        return RedisCommand{"EVALSHA", m_sha, "1", kKey} + cellArguments(call);
    }
    RespValue run(const CellCall &call) { return m_redis.command(command(call)); }

    void put(const QList<std::pair<QByteArray, QByteArray>> &fields)
    {
        RedisCommand set{"HSET", kKey};
        for (const auto &[field, value] : fields)
            set << field << value;
        m_redis.command(set);
    }

    RedisServer m_redis;
    QByteArray m_sha;
};

QTEST_GUILESS_MAIN(TestAlgorithmsLuaEdges)
#include "tst_algorithms_lua_edges.moc"
