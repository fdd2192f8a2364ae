// SPDX-License-Identifier: GPL-3.0-only
// Settlements: the script and the C++ kernel enter the same, once, whatever comes late or twice.
#include <QTest>

#include <array>

#include "tests/support/redis_server.h"
#include "tests/support/seed.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequences = 200;
constexpr int kSteps = 100; // 20,000 in all

Fields fieldsOf(const SettleMark &mark)
{
    if (mark == SettleMark{})
        return {};
    return {{"admitted", text(mark.admitted)},
            {"excess", text(mark.excess)},
            {"outage", text(mark.outage)},
            {"part", text(mark.part)},
            {"refused", text(mark.refused)},
            {"spent", text(mark.spent)}};
}

Fields sorted(Fields fields)
{
    std::sort(fields.begin(), fields.end());
    return fields;
}

QByteArray replyOf(const SettleOutput &output)
{
    QByteArrayList words = test::replyOf(output.bucket);
    if (!output.bucket.isStale)
        for (const std::int64_t number :
             {std::int64_t{output.isSettled}, std::int64_t{output.isExact}, output.excess, output.foundTaken})
            words << text(number);
    return words.join(' ');
}

/// One instance that loses its store again and again, and others that use the bucket meanwhile.
class Instance {
public:
    explicit Instance(Random &random) : m_random{random}
    {
        m_spec.capacity = random.oneIn(2) ? random.between(1, 20) : random.scaled(1, kMaxCapacity);
        m_spec.refill = random.scaled(1, m_spec.capacity);
        m_spec.interval = Micros{random.scaled(kMinInterval.count(), kMaxInterval.count())};
    }

    TakeInput callOf(Micros now) const
    {
        TakeInput input{.spec = m_spec, .epoch = m_epoch, .now = now};
        input.known = m_known;
        return input;
    }
    void hear(const TakeOutput &output) { m_known = knownFrom(m_known, m_known, output); }

    /// The store is gone: from here on it counts by itself.
    void begin()
    {
        ++m_settlement.outage;
        m_settlement = {.outage = m_settlement.outage, .part = 0};
        m_settlement.isWhole = !m_random.oneIn(5);
        m_settlement.baseTokens = m_known.tokens;
        m_settlement.baseInterval = m_known.interval;
        m_settlement.baseTaken = m_known.taken;
        m_settlement.inDoubt = m_random.oneIn(2) ? 0 : m_random.between(0, m_known.tokens);
        m_settlement.baseDebt = m_random.oneIn(3) ? m_random.between(0, m_spec.capacity) : m_known.debt;
        m_settlement.tokens = m_known.tokens;
        m_settlement.interval = m_known.interval;
    }
    void decide()
    {
        const Tokens cost = m_random.between(0, m_settlement.tokens);
        m_settlement.spent += cost;
        m_settlement.tokens -= cost;
        m_settlement.admitted += m_random.between(0, 3);
        m_settlement.refused += m_random.between(0, 3);
        if (m_random.oneIn(3)) {
            ++m_settlement.interval;
            m_settlement.tokens = std::min(m_spec.capacity, m_settlement.tokens + m_spec.refill);
        }
    }
    const Settlement &send()
    {
        ++m_settlement.part;
        return m_settlement;
    }
    [[nodiscard]] const LimitSpec &spec() const { return m_spec; }
    [[nodiscard]] std::int64_t epoch() const { return m_epoch; }
    void setEpoch(std::int64_t epoch) { m_epoch = epoch; }

private:
    Random &m_random;
    LimitSpec m_spec;
    std::int64_t m_epoch{1};
    Known m_known;
    Settlement m_settlement{.outage = 0};
};

struct Step {
    QByteArray call;
    QByteArray reply;
    QByteArray hash;
    QByteArray mark;
    qsizetype commands{0};
};

} // namespace

class TestSettleLua : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_redis.start(), m_redis.log().constData());
        m_sha = m_redis.command({"SCRIPT", "LOAD", takeSource()}).text;
    }

    void settlementsAreThoseOfTheKernel()
    {
        Random random;
        m_counts = {};
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            runSequence(random, "weir:{s" + text(sequence) + "}");
            if (QTest::currentTestFailed())
                return;
        }
        for (const std::int64_t times : m_counts)
            QVERIFY2(times > 100, qPrintable(QString::number(times)));
    }

private:
    enum Kind { Exact, Touched, Excess, Twice, Stale, kKinds };

    void runSequence(Random &random, const QByteArray &key)
    {
        QList<RedisCommand> commands;
        QList<Step> steps;
        Instance instance{random};
        std::optional<Bucket> bucket;
        SettleMark mark;
        std::optional<Settlement> sent;
        std::optional<TakeInput> sentWith;
        Micros now{1'700'000'000'000'000};
        bool isAway = false;
        for (int i = 0; i < kSteps; ++i) {
            const qsizetype first = commands.size();
            now += Micros{random.oneIn(3) ? random.between(0, 3 * instance.spec().interval.count()) : 0};
            commands << RedisCommand{"MULTI"};
            if (bucket && random.oneIn(40)) {
                bucket.reset();
                commands << RedisCommand{"DEL", key};
            }
            if (isAway && random.oneIn(3)) { // somebody else takes
                TakeInput other{.spec = instance.spec(), .epoch = 1, .now = now};
                const std::vector<CostRun> runs{{random.between(0, 2), random.between(0, 2)}};
                other.runs = runs;
                if (random.oneIn(20))
                    other.mode = TokenMode::Refill;
                other.epoch = instance.epoch();
                if (random.oneIn(50)) // and changes the limit; this one hears of it, or not yet
                    ++other.epoch;
                take(bucket, other);
                if (random.oneIn(2))
                    instance.setEpoch(bucket->epoch);
                commands << RedisCommand{"EVALSHA", m_sha, "1", key} + takeArguments(other);
            }
            RedisCommand arguments;
            QByteArray reply;
            if (!isAway) {
                TakeInput input = instance.callOf(now);
                const std::vector<CostRun> runs{{1, random.between(0, 4)}};
                input.runs = runs;
                const TakeOutput output = take(bucket, input);
                arguments = takeArguments(input);
                reply = test::replyOf(output).join(' ');
                instance.hear(output);
                if (!output.isStale && random.oneIn(3)) {
                    isAway = true;
                    instance.begin();
                }
            } else {
                for (std::int64_t n = random.between(0, 4); n > 0; --n)
                    instance.decide();
                const bool isLate = sent && random.oneIn(4);
                const TakeInput input = isLate ? *sentWith : instance.callOf(now);
                TakeInput timed = input;
                timed.now = now;
                const Settlement settlement = isLate ? *sent : instance.send();
                sent = settlement;
                sentWith = timed;
                const SettleOutput output = settle(bucket, mark, timed, settlement);
                arguments = settleArguments(timed, settlement);
                reply = replyOf(output);
                count(output, isLate);
                if (!isLate && output.isSettled && random.oneIn(2)) { // otherwise its answer is lost
                    instance.hear(output.bucket);
                    isAway = false;
                }
            }
            commands << RedisCommand{"EVALSHA", m_sha, "2", key, key + ":settled:a"} + arguments
                     << RedisCommand{"PERSIST", key} << RedisCommand{"HGETALL", key + ":settled:a"}
                     << RedisCommand{"HGETALL", key} << RedisCommand{"EXEC"};
            steps.append({spoken(arguments), reply, flat(spelledOut(hashOf(*bucket))), flat(fieldsOf(mark)),
                          commands.size() - first});
        }
        compare(m_redis.pipeline(commands), steps);
    }

    void count(const SettleOutput &output, bool isLate)
    {
        m_counts[Stale] += output.bucket.isStale ? 1 : 0;
        m_counts[Exact] += output.isExact ? 1 : 0;
        m_counts[Touched] += output.isSettled && !output.isExact ? 1 : 0;
        m_counts[Excess] += output.excess > 0 ? 1 : 0;
        m_counts[Twice] += isLate && !output.isSettled ? 1 : 0;
    }

    static void compare(const QList<RespValue> &replies, const QList<Step> &steps)
    {
        qsizetype end = 0;
        for (qsizetype i = 0; i < steps.size(); ++i) {
            const Step &step = steps.at(i);
            end += step.commands;
            const QList<RespValue> results = replies.value(end - 1).items;
            const QByteArray what = "step " + text(i) + ", ARGV " + step.call + "\n  ";
            QVERIFY2(results.size() >= 4, what);
            const QByteArray reply = answerOf(results.at(results.size() - 4));
            const QByteArray mark = flat(sorted(fieldsIn(results.at(results.size() - 2))));
            const QByteArray hash = flat(spelledOut(fieldsIn(results.back())));
            QVERIFY2(reply == step.reply, what + "script " + reply + "\n  kernel " + step.reply);
            QVERIFY2(hash == step.hash, what + "script " + hash + "\n  kernel " + step.hash);
            QVERIFY2(mark == step.mark, what + "script " + mark + "\n  kernel " + step.mark);
        }
    }

    RedisServer m_redis;
    QByteArray m_sha;
    std::array<std::int64_t, kKinds> m_counts{};
};

QTEST_GUILESS_MAIN(TestSettleLua)
#include "tst_settle_lua.moc"
