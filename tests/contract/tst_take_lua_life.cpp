// SPDX-License-Identifier: GPL-3.0-only
// How long the key of a subject lives: until its bucket is full, and one to two seconds more. Random sequences on a real Redis.
#include <QTest>

#include "core/redis/store/script_words.h"
#include "tests/support/random_limit.h"
#include "tests/support/redis_server.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kSequences = 25;
constexpr int kSteps = 40;
constexpr Micros kStart{1'700'000'000'000'000};
constexpr Micros kRounding = 2ms; // of PEXPIRE

} // namespace

class TestTakeLuaLife : public QObject {
    Q_OBJECT
    RedisServer m_redis;

    struct Told {
        TakeOutput output;
        Micros life{-1}; ///< as it was set by this call; -1: it was left as it was
    };
    /// `refiller`: past the front.
    Told take(const LimitSpec &spec, const std::string &bucket, Tokens cost, Micros now, bool isPastFront,
              const QByteArray &key = {})
    {
        store::TakeRequest request{{}, {{bucket, {spec, 1, TokenMode::Keep, {}}}}, {}, true, isPastFront ? "r" : ""};
        request.runs.push_back({{{0, cost, false}}, 1});
        const redis::Words keys = key.isEmpty() ? redis::keysOf(request, false) : redis::Words{key};
        const auto eval = evalOf(redis::takeScript(), keys, redis::argumentsOf(request, now));
        const auto replies =
            m_redis.pipeline({{"MULTI"}, {"PERSIST", keys.front()}, eval, {"PTTL", keys.front()}, {"EXEC"}});
        const QList<RespValue> items = replies.back().items;
        Told told;
        const auto output = redis::readTake(replyOf(items.value(1)), request);
        if (output)
            told.output = output.value();
        const qint64 ttl = items.value(2).number;
        told.life = Micros{ttl < 0 ? ttl : ttl * 1000};
        return told;
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_redis.start(), m_redis.log().constData()); }
    void init() { m_redis.command({"FLUSHALL"}); }
    void initTestCase_data()
    {
        QTest::addColumn<bool>("isPastFront");
        QTest::newRow("front") << false;
        QTest::newRow("past the front") << true;
    }

    void aSubjectsKeyEndsSoonAfterItIsFull_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : kAlgorithms)
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }
    void aSubjectsKeyEndsSoonAfterItIsFull()
    {
        QFETCH_GLOBAL(const bool, isPastFront);
        QFETCH(const int, index);
        Random random;
        int left = 0;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            LimitSpec spec = randomLimit(random, static_cast<Algorithm>(index));
            spec.interval = Micros{random.scaled(kMinInterval.count(), Micros{24h}.count())};
            spec.start = StartLevel::Full;
            shortenBurst(spec);
            const std::string bucket = "a:" + std::to_string(sequence);
            Micros now = kStart + Micros{random.between(0, spec.interval.count())}, end{0};
            for (int step = 0; step < kSteps; ++step) {
                const Tokens cost = random.oneIn(3) ? random.scaled(0, spec.capacity) : random.between(0, 2);
                const Told told = take(spec, bucket, cost, now, isPastFront);
                QCOMPARE(told.output.buckets.size(), std::size_t{1});
                if (told.life >= Micros{0})
                    end = now + told.life;
                else
                    ++left;
                const Micros full = now + told.output.buckets[0].untilFull;
                const QByteArray words = QByteArray::number(qint64{(end - full).count()}) + " us after it is full";
                QVERIFY2(end >= full + kKeptWhenFull - kRounding && end <= full + 2 * kKeptWhenFull + kRounding, words);
                now += Micros{random.oneIn(3) ? random.scaled(0, spec.interval.count()) : random.scaled(0, 1'500'000)};
            }
        }
        if (static_cast<Algorithm>(index)
            != Algorithm::SlidingLog) // to look through a log is dear: its end is always set
            QVERIFY2(left > kSequences, QByteArray::number(left));
    }

    // These are few, and what they count is looked at.
    void othersLiveOnAsLongAsThatMayTake()
    {
        QFETCH_GLOBAL(const bool, isPastFront);
        const LimitSpec minute{.capacity = 5, .refill = 5, .interval = 1min};
        const auto lifeOf = [&](const LimitSpec &spec, const char *bucket) {
            return take(spec, bucket, 1, kStart - kStart % spec.interval, isPastFront).life;
        };
        QVERIFY(lifeOf(minute, "all") > timeToLive(minute) - 1s); // everybody's
        LimitSpec empty = minute;
        empty.start = StartLevel::Empty; // it must not be full and begin anew
        QVERIFY(lifeOf(empty, "a:1") > timeToLive(empty) - 1s);
        QVERIFY(lifeOf(minute, "a:2") < 1min + 3s);
    }

    // With a prefix, and in a group of a cluster.
    void aSubjectIsToldByTheKey()
    {
        QFETCH_GLOBAL(const bool, isPastFront);
        const LimitSpec minute{.capacity = 5, .refill = 5, .interval = 1min};
        const auto isPassing = [&](const char *key) {
            return take(minute, "", 1, kStart - kStart % 1min, isPastFront, key).life < 1min + 3s;
        };
        for (const char *key :
             {"weir:{a:x}", "weir:p:{a:x}", "weir:{g}:a:x", "weir:p:{g}:a:x", "weir:{a:2001:db8::/64}"})
            QVERIFY2(isPassing(key), key);
        for (const char *key : {"weir:{a}", "weir:p:{a}", "weir:{g}:a", "weir:p:{g}:a"})
            QVERIFY2(!isPassing(key), key);
    }
};

QTEST_APPLESS_MAIN(TestTakeLuaLife)
#include "tst_take_lua_life.moc"
