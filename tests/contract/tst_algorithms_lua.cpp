// SPDX-License-Identifier: GPL-3.0-only
// Every algorithm's fragment and its kernel give the same answers and keep the same numbers, call by call.
#include <QTest>

#include "tests/support/cell_script.h"
#include "tests/support/redis_server.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequenceSteps = 200;

// WEIR_ALGORITHM_STEPS makes it longer, such as 1000000 an algorithm; QTEST_FUNCTION_TIMEOUT (ms) with it.
int chosenSteps()
{
    bool isSaid = false;
    const int said = qEnvironmentVariableIntValue("WEIR_ALGORITHM_STEPS", &isSaid);
    return isSaid && said > 0 ? said : 20'000;
}

/// Calls on one cell: the clock moves, the limit changes, costs are small, all, or more than fits.
class Caller {
public:
    /// `algorithm`: the one that it begins with and mostly stays with.
    Caller(Random &random, Algorithm algorithm) : m_random{random}, m_spec{randomLimit(random, algorithm)} {}

    // What somebody remembers of the cell, or makes up.
    CellCall recalled(LimitSpec spec, std::vector<std::int64_t> known)
    {
        m_now = randomMoment(m_random, m_now, spec.interval);
        if (m_random.oneIn(2))
            known[static_cast<std::size_t>(m_random.between(0, static_cast<std::int64_t>(known.size()) - 1))] =
                m_random.oneIn(2) ? m_random.scaled(0, kMaxTotal) : m_random.between(-1, spec.capacity + 1);
        m_spec = spec;
        return {.spec = spec, .now = m_now, .known = std::move(known)};
    }

    CellCall next()
    {
        m_now = randomMoment(m_random, m_now, m_spec.interval);
        CellCall call{.now = m_now, .isCharge = m_random.oneIn(8)};
        if (m_random.oneIn(12))
            changeLimit();
        if (m_random.oneIn(20))
            call.mode = static_cast<TokenMode>(m_random.between(0, 3));
        call.spec = m_spec;
        call.runs.resize(static_cast<std::size_t>(m_random.between(0, 4)));
        for (CellRun &run : call.runs)
            run = {randomCost(), m_random.oneIn(10) ? m_random.between(0, 1000) : m_random.between(0, 3)};
        return call;
    }

private:
    void changeLimit()
    {
        const Micros interval = m_spec.interval;
        m_spec = randomLimit(m_random, m_random.oneIn(3) ? randomAlgorithm(m_random) : m_spec.algorithm);
        if (m_random.oneIn(2))
            m_spec.interval = interval;
        shortenBurst(m_spec);
    }
    Tokens randomCost()
    {
        switch (m_random.between(0, 5)) {
        case 0:
            return m_spec.capacity;
        case 1:
            return m_spec.capacity + 1;
        case 2:
            return m_random.scaled(0, m_spec.capacity);
        default:
            return m_random.between(0, 3);
        }
    }

    Random &m_random;
    LimitSpec m_spec;
    Micros m_now{1'700'000'000'000'000};
};

struct Step {
    QByteArray call;
    QByteArray reply;
    QList<std::pair<QByteArray, QByteArray>> fields;
    qsizetype place{0}; ///< of its answer among all; what is kept comes next
};

} // namespace

class TestAlgorithmsLua : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_redis.start(), m_redis.log().constData());
        const RespValue loaded = m_redis.command({"SCRIPT", "LOAD", cellSource()});
        QVERIFY2(!loaded.isError(), loaded.text);
        m_sha = loaded.text;
    }

    void scriptAndKernelAgree_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : kAlgorithms)
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }
    void scriptAndKernelAgree()
    {
        QFETCH(const int, index);
        Random random;
        m_regressions = m_refusals = m_recalled = m_madeUp = 0;
        const int sequences = chosenSteps() / kSequenceSteps;
        for (int sequence = 0; sequence < sequences; ++sequence) {
            runSequence(random, static_cast<Algorithm>(index));
            if (QTest::currentTestFailed())
                return;
        }
        for (const std::int64_t times : {m_regressions, m_refusals, m_recalled, m_madeUp})
            QVERIFY2(times > sequences, qPrintable(QString::number(times)));
    }

private:
    void runSequence(Random &random, Algorithm algorithm)
    {
        QList<RedisCommand> commands{{"DEL", "weir:{a}"}};
        QList<Step> steps;
        Caller caller{random, algorithm};
        KernelCell cell;
        std::pair<LimitSpec, std::vector<std::int64_t>> remembered;
        for (int i = 0; i < kSequenceSteps; ++i) {
            if (cell.isThere() && random.oneIn(10))
                remembered = {cell.spec(), cell.numbers()};
            const bool isLost = !remembered.second.empty() && random.oneIn(25);
            if (isLost)
                commands << RedisCommand{"DEL", "weir:{a}"};
            const CellCall call = isLost ? caller.recalled(remembered.first, remembered.second) : caller.next();
            const RedisCommand arguments = cellArguments(call);
            const QByteArray reply = cell.answer(call);
            const auto fields = cell.fields();
            RedisCommand read{"HMGET", "weir:{a}"};
            for (const auto &[name, value] : fields)
                read << name;
            commands << RedisCommand{"EVALSHA", m_sha, "1", "weir:{a}"} + arguments << read;
            steps.append({arguments.join(' '), reply, fields, commands.size() - 2});
            m_madeUp += reply == "WEIRARGS" ? 1 : 0;
            m_recalled += isLost && reply != "WEIRARGS" ? 1 : 0;
        }
        m_regressions += cell.regressions();
        m_refusals += cell.refusals();
        compare(m_redis.pipeline(commands), steps);
    }

    static void compare(const QList<RespValue> &replies, const QList<Step> &steps)
    {
        QCOMPARE(replies.size(), steps.back().place + 2);
        for (qsizetype i = 0; i < steps.size(); ++i) {
            const Step &step = steps.at(i);
            const QByteArray what = "step " + QByteArray::number(i) + ", ARGV " + step.call + "\n  ";
            const RespValue &answer = replies.at(step.place);
            const QByteArray reply = answer.isError() ? answer.text.split(' ').front() : flat(answer);
            QVERIFY2(reply == step.reply, what + "script " + reply + "\n  kernel " + step.reply);
            const QList<RespValue> &kept = replies.at(step.place + 1).items;
            QCOMPARE(kept.size(), step.fields.size());
            for (qsizetype k = 0; k < kept.size(); ++k)
                QVERIFY2(kept.at(k).text == step.fields.at(k).second, what + step.fields.at(k).first + "\n  script "
                                                                          + kept.at(k).text + "\n  kernel "
                                                                          + step.fields.at(k).second);
        }
    }

    RedisServer m_redis;
    QByteArray m_sha;
    std::int64_t m_regressions{0}, m_refusals{0}, m_recalled{0}, m_madeUp{0};
};

QTEST_GUILESS_MAIN(TestAlgorithmsLua)
#include "tst_algorithms_lua.moc"
