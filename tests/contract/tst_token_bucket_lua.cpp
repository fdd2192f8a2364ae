// SPDX-License-Identifier: GPL-3.0-only
// The script and the C++ kernel give the same answers and keep the same numbers, call by call.
#include <QTest>

#include <map>

#include "tests/support/redis_server.h"
#include "tests/support/seed.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequences = 100;
constexpr int kSteps = 200; // 20,000 in all

// What the kernel says a call must answer, as the script's RETURN has it.
QByteArray expectedReply(const TakeOutput &output)
{
    QList<std::int64_t> numbers{output.isStale ? 1 : 0, output.tokens,   output.nextRefill.count(),
                                output.now.count(),     output.refilled, output.admitted,
                                output.refused};
    if (output.isStale)
        numbers += {output.epoch, output.inForce.capacity, output.inForce.refill, output.inForce.interval.count()};
    for (const std::int64_t granted : output.granted)
        numbers += granted;
    QByteArrayList words;
    for (const std::int64_t number : numbers)
        words.append(QByteArray::number(qint64{number}));
    return words.join(' ');
}

// What HGETALL must give for `bucket`, fields sorted.
QByteArray expectedHash(const Bucket &bucket)
{
    std::map<QByteArray, std::int64_t> fields{{"admitted", bucket.admitted}, {"capacity", bucket.spec.capacity},
                                              {"epoch", bucket.epoch},       {"every", bucket.spec.interval.count()},
                                              {"interval", bucket.interval}, {"refill", bucket.spec.refill},
                                              {"refilled", bucket.refilled}, {"refused", bucket.refused},
                                              {"taken", bucket.taken},       {"tokens", bucket.tokens}};
    if (bucket.regressions > 0)
        fields["regressions"] = bucket.regressions;
    QByteArrayList words;
    for (const auto &[field, number] : fields)
        words << field << QByteArray::number(qint64{number});
    return words.join(' ');
}

QByteArray sortedHash(const RespValue &reply)
{
    std::map<QByteArray, QByteArray> fields;
    for (qsizetype i = 0; i + 1 < reply.items.size(); i += 2)
        fields[reply.items.at(i).text] = reply.items.at(i + 1).text;
    QByteArrayList words;
    for (const auto &[field, text] : fields)
        words << field << text;
    return words.join(' ');
}

// One call and what must come of it.
struct Step {
    QByteArray call;
    QByteArray reply;
    QByteArray hash;
};

// A caller of one bucket: its limit changes, its clock jumps, sometimes it is out of date.
class Caller {
public:
    explicit Caller(Random &random) : m_random{random}, m_spec{randomSpec()}, m_epoch{random.between(1, 1000)} {}

    TakeInput next()
    {
        moveClock();
        TakeInput input{.spec = m_spec, .epoch = m_epoch, .now = m_now};
        switch (m_random.between(0, 19)) {
        case 0: // the limit changes
            m_spec = randomSpec();
            input.epoch = m_epoch += m_random.between(1, 3);
            input.spec = m_spec;
            input.mode = randomMode();
            break;
        case 1: // only the level is set
            input.mode = randomMode();
            break;
        case 2: // somebody who has not heard of the last change
            input.epoch = std::max<std::int64_t>(1, m_epoch - m_random.between(0, 2));
            input.spec = randomSpec();
            input.mode = randomMode();
            break;
        case 3: // two changed the limit at once and believe in the same epoch
            oneNumberDiffers(input.spec);
            break;
        default:
            break;
        }
        fillRuns(input.spec.capacity);
        input.runs = m_runs;
        return input;
    }

private:
    TokenMode randomMode() { return static_cast<TokenMode>(m_random.between(0, 3)); }

    void oneNumberDiffers(LimitSpec &spec)
    {
        switch (m_random.between(0, 2)) {
        case 0:
            spec.capacity = spec.capacity < kMaxCapacity ? spec.capacity + 1 : 1;
            break;
        case 1:
            spec.refill = spec.refill > 1 ? spec.refill - 1 : 2;
            break;
        default:
            spec.interval += spec.interval < kMaxInterval ? Micros{1} : Micros{-1};
            break;
        }
    }

    LimitSpec randomSpec()
    {
        LimitSpec spec;
        const bool isSmall = m_random.oneIn(2);
        spec.capacity = isSmall ? m_random.between(1, 20) : m_random.scaled(kMinCapacity, kMaxCapacity);
        spec.refill = m_random.scaled(1, spec.capacity);
        spec.interval = Micros{m_random.scaled(kMinInterval.count(), kMaxInterval.count())};
        spec.start = m_random.oneIn(3) ? StartLevel::Empty : StartLevel::Full;
        return spec;
    }

    void moveClock()
    {
        constexpr std::int64_t kLatest = 8'000'000'000'000'000; // the year 2223; products stay below 2^53
        std::int64_t step = m_random.scaled(0, m_spec.interval.count());
        if (m_random.oneIn(10))
            step = -m_random.scaled(0, 3'600'000'000); // back by up to an hour, most often by less than 2 s
        else if (m_random.oneIn(10))
            step = m_random.scaled(0, 2000) * m_spec.interval.count();
        else if (m_random.oneIn(20)) // back to around the step that is still waited for
            step = -(m_now.count() % m_spec.interval.count()) - kMaxClockStep.count() + m_random.between(-1, 1);
        m_now = Micros{std::clamp<std::int64_t>(m_now.count() + step, 1, kLatest)};
    }

    void fillRuns(Tokens capacity)
    {
        m_runs.resize(static_cast<std::size_t>(m_random.between(0, 5)));
        for (CostRun &run : m_runs) {
            run.cost = m_random.oneIn(4) ? m_random.scaled(0, capacity + 1) : m_random.between(0, 3);
            run.count = m_random.oneIn(10) ? m_random.scaled(0, 1'000'000) : m_random.between(0, 8);
        }
    }

    Random &m_random;
    LimitSpec m_spec;
    std::int64_t m_epoch;
    Micros m_now{1'700'000'000'000'000};
    std::vector<CostRun> m_runs;
};

} // namespace

class TestTokenBucketLua : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_redis.start(), m_redis.log().constData());
        QVERIFY(!takeSource().isEmpty());
        m_sha = m_redis.command({"SCRIPT", "LOAD", takeSource()}).text;
        QCOMPARE(m_sha.size(), 40);
    }

    void answersAndNumbersAreThoseOfTheKernel()
    {
        Random random;
        m_stale = m_regressed = m_refusals = 0;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            runSequence(random, "weir:{s" + QByteArray::number(sequence) + "}");
            if (QTest::currentTestFailed())
                return;
        }
        // The sequences were worth something.
        QVERIFY2(m_stale > 300 && m_regressed > 300 && m_refusals > 1000,
                 qPrintable(QStringLiteral("%1 %2 %3").arg(m_stale).arg(m_regressed).arg(m_refusals)));
    }

private:
    void runSequence(Random &random, const QByteArray &key)
    {
        QList<RedisCommand> commands;
        QList<Step> steps;
        Caller caller{random};
        std::optional<Bucket> bucket;
        for (int i = 0; i < kSteps; ++i) {
            const TakeInput input = caller.next();
            const RedisCommand arguments = takeArguments(input);
            const TakeOutput output = take(bucket, input);
            steps.append({arguments.join(' '), expectedReply(output), expectedHash(*bucket)});
            // In one transaction, where Redis keeps its clock still: with an interval of 10 ms the key would be gone.
            commands << RedisCommand{"MULTI"} << RedisCommand{"EVALSHA", m_sha, "1", key} + arguments
                     << RedisCommand{"PERSIST", key} << RedisCommand{"HGETALL", key} << RedisCommand{"EXEC"};
            m_stale += output.isStale ? 1 : 0;
        }
        m_regressed += bucket->regressions;
        m_refusals += bucket->refused;
        compare(m_redis.pipeline(commands), steps);
    }

    static void compare(const QList<RespValue> &replies, const QList<Step> &steps)
    {
        constexpr qsizetype kPerStep = 5;
        QCOMPARE(replies.size(), steps.size() * kPerStep);
        for (qsizetype i = 0; i < steps.size(); ++i) {
            const RespValue &results = replies.at(i * kPerStep + 4);
            const Step &step = steps.at(i);
            const QByteArray what = "step " + QByteArray::number(i) + ", ARGV " + step.call + "\n  ";
            QVERIFY2(results.items.size() == 3, what + flat(results));
            const QByteArray reply = flat(results.items.at(0)), hash = sortedHash(results.items.at(2));
            QVERIFY2(reply == step.reply, what + "script " + reply + "\n  kernel " + step.reply);
            QVERIFY2(hash == step.hash, what + "script " + hash + "\n  kernel " + step.hash);
        }
    }

    RedisServer m_redis;
    QByteArray m_sha;
    std::int64_t m_stale{0}, m_regressed{0}, m_refusals{0};
};

QTEST_GUILESS_MAIN(TestTokenBucketLua)
#include "tst_token_bucket_lua.moc"
