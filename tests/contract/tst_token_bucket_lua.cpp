// SPDX-License-Identifier: GPL-3.0-only
// The script and the C++ kernel give the same answers and keep the same numbers, call by call.
#include <QTest>

#include <array>

#include "tests/support/redis_server.h"
#include "tests/support/seed.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequences = 100;
constexpr int kSteps = 200; // 20,000 in all

// One call and what must come of it; the call is in a transaction of `commands` commands.
struct Step {
    QByteArray call;
    QByteArray reply;
    QByteArray hash;
    qsizetype commands{0};
};

// Callers of one bucket: the limit changes, the clock jumps, some are out of date or know less than others.
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
        input.givesBack = input.mode == TokenMode::Keep && m_random.oneIn(5);
        input.runs = m_runs;
        input.appliesDue = !m_random.oneIn(5);
        if (m_random.oneIn(4))
            input.refiller = m_random.oneIn(2) ? "host-1:77" : "a.b_c:1";
        m_who = static_cast<std::size_t>(m_random.between(0, kCallers - 1));
        const Memories &memory = m_memories[m_who];
        if (memory.known.isKnown() && !m_random.oneIn(10))
            input.known = knownUnder(input.spec, memory.known, memory.spec, input.now);
        return input;
    }

    // Answers get lost, so that some know less.
    void hear(const TakeInput &input, const TakeOutput &output)
    {
        if (output.isStale || m_random.oneIn(3))
            return;
        const Memories &memory = m_memories[m_who];
        const Known before =
            memory.known.isKnown() ? knownUnder(input.spec, memory.known, memory.spec, input.now) : Known{};
        m_memories[m_who].known = knownFrom(before, input.known, output);
        m_memories[m_who].spec = input.spec;
    }

private:
    static constexpr int kCallers = 3;
    struct Memories {
        Known known;
        LimitSpec spec;
    };
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
            step = -m_random.scaled(0, 3'600'000'000); // back by up to an hour, most often by less than a minute
        else if (m_random.oneIn(40))                   // and further than is waited for
            step = -(kMaxClockStep + m_spec.interval).count() - m_random.scaled(0, 3'600'000'000);
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
            if (m_random.oneIn(20))
                run.cost = kMaxTotal; // as a report of what was refused without the store
        }
    }

    Random &m_random;
    LimitSpec m_spec;
    std::int64_t m_epoch;
    Micros m_now{1'700'000'000'000'000};
    std::vector<CostRun> m_runs;
    std::array<Memories, kCallers> m_memories;
    std::size_t m_who{0};
};

// The store forgets the bucket, or goes back to an older one.
RedisCommand hsetOf(const QByteArray &key, const Bucket &bucket)
{
    RedisCommand command{"HSET", key};
    for (const auto &[field, value] : hashOf(bucket))
        command << field << value;
    return command;
}

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
        QVERIFY2(m_stale > 300 && m_regressed > 100 && m_refusals > 1000,
                 qPrintable(QStringLiteral("%1 %2 %3").arg(m_stale).arg(m_regressed).arg(m_refusals)));
        for (const std::int64_t times : m_memories)
            QVERIFY2(times > 100, qPrintable(QString::number(times)));
    }

private:
    void runSequence(Random &random, const QByteArray &key)
    {
        QList<RedisCommand> commands;
        QList<Step> steps;
        Caller caller{random};
        std::optional<Bucket> bucket, older;
        for (int i = 0; i < kSteps; ++i) {
            // In one transaction, where Redis keeps its clock still: with an interval of 10 ms the key would be gone.
            const qsizetype first = commands.size();
            commands << RedisCommand{"MULTI"};
            if (random.oneIn(25))
                older = bucket;
            if (bucket && random.oneIn(25)) {
                bucket = random.oneIn(2) ? std::nullopt : older;
                commands << RedisCommand{"DEL", key};
                if (bucket)
                    commands << hsetOf(key, *bucket);
            }
            const TakeInput input = caller.next();
            const RedisCommand arguments = takeArguments(input);
            const TakeOutput output = take(bucket, input);
            caller.hear(input, output);
            QByteArrayList reply = replyOf(output);
            if (!output.isStale && input.refiller != "-")
                reply << QByteArray::fromStdString(output.refiller);
            commands << RedisCommand{"EVALSHA", m_sha, "1", key} + arguments << RedisCommand{"PERSIST", key}
                     << RedisCommand{"HGETALL", key} << RedisCommand{"EXEC"};
            steps.append(
                {spoken(arguments), reply.join(' '), flat(spelledOut(hashOf(*bucket))), commands.size() - first});
            m_stale += output.isStale ? 1 : 0;
            ++m_memories[static_cast<std::size_t>(output.memory)];
        }
        m_regressed += bucket->regressions;
        m_refusals += bucket->refused;
        compare(m_redis.pipeline(commands), steps);
    }

    static void compare(const QList<RespValue> &replies, const QList<Step> &steps)
    {
        qsizetype end = 0;
        for (qsizetype i = 0; i < steps.size(); ++i) {
            const Step &step = steps.at(i);
            end += step.commands;
            const QList<RespValue> results = replies.value(end - 1).items;
            const QByteArray what = "step " + QByteArray::number(i) + ", ARGV " + step.call + "\n  ";
            QVERIFY2(results.size() >= 3, what);
            const QByteArray reply = answerOf(results.at(results.size() - 3));
            const QByteArray hash = flat(spelledOut(fieldsIn(results.back())));
            QVERIFY2(reply == step.reply, what + "script " + reply + "\n  kernel " + step.reply);
            QVERIFY2(hash == step.hash, what + "script " + hash + "\n  kernel " + step.hash);
        }
    }

    RedisServer m_redis;
    QByteArray m_sha;
    std::int64_t m_stale{0}, m_regressed{0}, m_refusals{0};
    std::array<std::int64_t, 5> m_memories{}; ///< by limit::Memory
};

QTEST_GUILESS_MAIN(TestTokenBucketLua)
#include "tst_token_bucket_lua.moc"
