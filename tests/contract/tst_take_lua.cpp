// SPDX-License-Identifier: GPL-3.0-only
// Several buckets in one call: the script and the C++ kernel do the same, whatever the callers know, forget and lose.
#include <QTest>

#include <array>

#include "core/redis/store/script_words.h"
#include "core/redis/store/script_set.h"
#include "tests/support/random_limit.h"
#include "tests/support/redis_server.h"
#include "tests/support/seed.h"
#include "tests/support/stored_bucket.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequences = 200;
constexpr int kSteps = 100; // 20,000 in all
constexpr std::size_t kBuckets = 5;
constexpr Micros kMoment{1'700'000'000'000'000};
const LimitSpec kFive{5, 5, Micros{60'000'000}};

redis::Reply replyOf(const RespValue &value)
{
    redis::Reply reply;
    switch (value.kind) {
    case RespValue::Kind::Number:
        reply.type = redis::Reply::Type::Integer;
        reply.integer = value.number;
        break;
    case RespValue::Kind::List:
        reply.type = redis::Reply::Type::Array;
        for (const RespValue &item : value.items)
            reply.items.push_back(replyOf(item));
        break;
    case RespValue::Kind::Error:
        reply.type = redis::Reply::Type::Error;
        reply.text = value.text;
        break;
    default:
        reply.type = redis::Reply::Type::Text;
        reply.text = value.text;
    }
    return reply;
}

void append(QByteArrayList &words, std::initializer_list<std::int64_t> numbers)
{
    for (const std::int64_t number : numbers)
        words << QByteArray::number(qint64{number});
}

/// All that an answer tells, as a text that can be compared and read.
QByteArray textOf(const TakeOutput &output)
{
    QByteArrayList words{output.isStale ? "stale" : "done"};
    append(words, {output.now.count()});
    for (const BucketOutput &bucket : output.buckets) {
        words << "| bucket" << QByteArray::fromStdString(std::string{nameOf(bucket.inForce.algorithm)});
        append(words, {bucket.isStale, bucket.epoch, bucket.inForce.capacity, bucket.inForce.refill,
                       bucket.inForce.interval.count()});
        const Known &known = bucket.known;
        append(words, {bucket.room, bucket.untilChange.count(), bucket.untilFull.count(),
                       static_cast<std::int64_t>(bucket.memory), bucket.restored, known.born, known.losses, known.taken,
                       known.admitted, known.refused, known.refilled, known.debt, known.cell[0], known.cell[1],
                       known.cell[2]});
    }
    for (const RunOutput &run : output.runs) {
        words << "| run";
        append(words, {run.granted});
        for (const AskOutput &ask : run.asks)
            append(words, {ask.taken, ask.isRefusing, ask.wait ? ask.wait->count() : -1});
    }
    return words.join(' ');
}

QByteArray textOf(const std::vector<SettleOutput> &outputs)
{
    QByteArrayList words;
    for (const SettleOutput &output : outputs) {
        append(words, {output.isSettled, output.isExact, output.excess});
        words << textOf(TakeOutput{.isStale = false, .now = Micros{0}, .buckets = {output.bucket}, .runs = {}});
    }
    return words.join(' ');
}

/// One limit, what is stored of its bucket, and what callers remember of it.
struct Side {
    LimitSpec spec;
    std::int64_t epoch{1};
    std::optional<Bucket> bucket;
    SettleMark mark;
    std::vector<std::pair<Known, LimitSpec>> remembered; ///< older and newer
    std::int64_t outage{0};
};

} // namespace

class TestTakeAllLua : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_redis.start());
        m_counting = redis::takeScript();
        const QByteArray answers = "  do return {0, now, ";
        QCOMPARE(m_counting.source.count(answers), qsizetype{1});
        m_counting.source.replace(answers, "  redis.call('INCR', 'short')\n" + answers);
    }
    void scriptAndKernelDoTheSame_data();
    void scriptAndKernelDoTheSame();
    void theShortWayKeepsAKeyAsLong();
    void badArgumentsChangeNothing_data();
    void badArgumentsChangeNothing();
    void aBrokenBucketIsToldAndStays();
    void aRunIsTakenOrGivenBackAsAWhole();

private:
    RespValue run(const redis::Script &script, const redis::Words &keys, const redis::Words &argv)
    {
        RedisCommand command{"EVAL", script.source, QByteArray::number(qsizetype(keys.size()))};
        for (const QByteArray &key : keys)
            command << key;
        for (const QByteArray &word : argv)
            command << word;
        return m_redis.command(command);
    }
    RespValue take(const store::TakeRequest &request, Micros now)
    {
        return run(m_counting, redis::keysOf(request, false), redis::argumentsOf(request, now));
    }
    /// Two requests of one bucket, which has begun with them in an empty store; the caller knows nothing of it.
    store::TakeRequest firstOfOneBucket()
    {
        m_redis.command({"FLUSHALL"});
        store::TakeRequest request;
        request.buckets.push_back({"b", {kFive, 1, TokenMode::Keep, {}}});
        request.runs.push_back({{{0, 1, false}}, 2});
        if (const RespValue reply = take(request, kMoment); reply.kind != RespValue::Kind::List)
            qFatal("%s", reply.text.constData());
        return request;
    }
    /// All of that bucket.
    QByteArray stored() { return m_redis.command({"DUMP", "weir:{b}"}).text; }
    /// The first word of an error; of what is none, nothing.
    static QByteArray errorWord(const RespValue &reply)
    {
        return reply.kind == RespValue::Kind::Error ? reply.text.split(' ').first() : QByteArray{};
    }
    [[nodiscard]] LimitSpec anyLimit(Random &random) const
    {
        return randomLimit(random, m_isPlain && !random.oneIn(20) ? Algorithm::TokenBucket : randomAlgorithm(random));
    }
    void begin(Random &random);
    BucketCall callOf(Random &random, Side &side);
    QByteArray take(Random &random, std::string &why);
    QByteArray settle(Random &random, std::string &why);
    void meddle(Random &random);

    RedisServer m_redis;
    std::array<Side, kBuckets> m_sides;
    Micros m_now{0};
    redis::Script m_counting; ///< the script, which counts how often it went the short way
    int m_shortWays{0};
    bool m_isPlain{false}; ///< mostly calls that lua/front.lua answers
};

void TestTakeAllLua::begin(Random &random)
{
    m_redis.command({"FLUSHALL"});
    m_now = Micros{1'700'000'000'000'000 + random.scaled(0, 1'000'000'000)};
    for (Side &side : m_sides) {
        side = {};
        side.spec = anyLimit(random);
    }
}

BucketCall TestTakeAllLua::callOf(Random &random, Side &side)
{
    BucketCall call{side.spec, side.epoch, TokenMode::Keep, {}};
    if (random.oneIn(40)) { // somebody changes the limit
        if (random.oneIn(3))
            side.remembered.clear();
        side.spec = random.oneIn(2) ? anyLimit(random) : side.spec;
        call.spec = side.spec;
        call.epoch = ++side.epoch;
        call.mode = static_cast<TokenMode>(random.between(0, 3));
    } else if (random.oneIn(60)) { // somebody fills or empties it
        call.mode = random.oneIn(2) ? TokenMode::Refill : TokenMode::Drain;
    } else if (random.oneIn(60) && call.epoch > 1) { // somebody slept
        --call.epoch;
    }
    if (!side.remembered.empty() && !random.oneIn(5)) {
        const auto newest = static_cast<std::int64_t>(side.remembered.size()) - 1;
        const auto which = random.oneIn(4) ? random.between(0, newest) : newest;
        const auto &[known, spec] = side.remembered[static_cast<std::size_t>(which)];
        call.known = knownUnder(call.spec, known, spec, m_now);
    }
    return call;
}

QByteArray TestTakeAllLua::take(Random &random, std::string &why)
{
    store::TakeRequest request;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < kBuckets; ++i)
        if (random.oneIn(2) || (i + 1 == kBuckets && places.empty()))
            places.push_back(i);
    std::vector<std::optional<Bucket>> buckets;
    std::vector<BucketCall> calls;
    for (const std::size_t i : places) {
        calls.push_back(callOf(random, m_sides[i]));
        request.buckets.push_back({"b" + std::to_string(i), calls.back()});
        buckets.push_back(m_sides[i].bucket);
    }
    const int rarely = m_isPlain ? 40 : 4;
    for (std::int64_t runs = random.between(0, m_isPlain ? 8 : 3); runs > 0; --runs) {
        AskRun run{{}, random.between(0, 5), random.oneIn(rarely + 1)};
        if (run.givesBack && random.oneIn(5))
            run.count = random.scaled(0, kMaxTotal);
        const auto last = static_cast<std::int64_t>(places.size()) - 1;
        const auto first = static_cast<std::size_t>(m_isPlain ? random.between(0, last) : 0);
        for (std::size_t k = first; k < places.size(); ++k) {
            const Tokens capacity = calls[k].spec.capacity;
            const Tokens cost = random.oneIn(40)   ? kMaxTotal // as a report of what was refused without the store
                                : random.oneIn(12) ? capacity + random.between(0, 1)
                                                   : random.between(0, 1 + capacity / 4);
            if (run.asks.empty() || random.oneIn(m_isPlain ? rarely : 2))
                run.asks.push_back({k, cost, !run.givesBack && random.oneIn(rarely)});
        }
        request.runs.push_back(run);
    }
    request.appliesDue = !random.oneIn(6);
    const TakeOutput expected = take(buckets, {m_now, calls, request.runs, request.appliesDue});
    const RespValue reply = take(request, m_now);
    const auto output = redis::readTake(replyOf(reply), request);
    if (!output) {
        why = output.error().detail + ": " + reply.text.toStdString();
        return {};
    }
    for (std::size_t k = 0; k < places.size() && !expected.isStale; ++k) {
        Side &side = m_sides[places[k]];
        side.bucket = buckets[k];
        side.remembered.emplace_back(expected.buckets[k].known, side.spec);
        if (side.remembered.size() > 4)
            side.remembered.erase(side.remembered.begin());
    }
    if (textOf(output.value()) != textOf(expected))
        why = "script " + textOf(output.value()).toStdString() + "\nkernel " + textOf(expected).toStdString();
    return textOf(expected);
}

QByteArray TestTakeAllLua::settle(Random &random, std::string &why)
{
    store::SettleRequest request;
    request.instance = "me";
    std::vector<SettleOutput> expected;
    bool isStale = false;
    for (std::size_t i = 0; i < kBuckets; ++i) {
        Side &side = m_sides[i];
        if (side.remembered.empty() || !random.oneIn(2))
            continue;
        const auto &[known, spec] = side.remembered.back();
        const BucketCall call{side.spec, side.epoch, TokenMode::Keep, knownUnder(side.spec, known, spec, m_now)};
        Settlement settlement;
        settlement.outage = random.oneIn(3) ? ++side.outage : std::max<std::int64_t>(side.outage, 1);
        settlement.part = random.between(1, 4);
        settlement.isWhole = !random.oneIn(4);
        settlement.hasBase = random.oneIn(2);
        settlement.baseTaken = known.taken;
        settlement.baseDebt = random.oneIn(3) ? random.between(0, side.spec.capacity) : known.debt;
        settlement.inDoubt = random.oneIn(2) ? 0 : random.between(0, 5);
        settlement.spent = random.between(0, side.spec.capacity);
        settlement.admitted = random.between(0, 9);
        settlement.refused = random.between(0, 9);
        settlement.base = call.known.cell;
        Cell cell = cellWith(side.spec, random.between(0, side.spec.capacity), m_now);
        const auto numbers = numbersOf(cell);
        std::copy(numbers.begin(), numbers.end(), settlement.cell.begin());
        request.buckets.push_back({"b" + std::to_string(i), call, settlement});
        isStale = isStale || (side.bucket && side.bucket->epoch > side.epoch);
    }
    if (request.buckets.empty() || isStale)
        return {};
    for (const auto &bucket : request.buckets) {
        Side &side = m_sides[static_cast<std::size_t>(bucket.name[1] - '0')];
        expected.push_back(limit::settle(side.bucket, side.mark, bucket.call, m_now, bucket.settlement));
    }
    const RespValue reply =
        run(redis::settleScript(), redis::keysOf(request, false), redis::argumentsOf(request, m_now));
    const auto output = redis::readSettle(replyOf(reply), request);
    if (!output)
        why = output.error().detail + ": " + reply.text.toStdString();
    else if (textOf(output.value()) != textOf(expected))
        why = "script " + textOf(output.value()).toStdString() + "\nkernel " + textOf(expected).toStdString();
    return textOf(expected);
}

// Time, and what happens to a store that is none of the callers' doing.
void TestTakeAllLua::meddle(Random &random)
{
    m_now += Micros{random.oneIn(3) ? 0 : random.scaled(0, 10'000'000'000)};
    if (random.oneIn(50))
        m_now -= Micros{random.scaled(0, 100'000'000)};
    Side &side = m_sides[static_cast<std::size_t>(random.between(0, kBuckets - 1))];
    const QByteArray key = "weir:{b" + QByteArray::number(qint64{&side - m_sides.data()}) + "}";
    if (random.oneIn(25)) {
        m_redis.command({"DEL", key});
        side.bucket.reset();
    }
}

void TestTakeAllLua::scriptAndKernelDoTheSame_data()
{
    QTest::addColumn<bool>("isPlain");
    QTest::newRow("whatever can come") << false;
    QTest::newRow("mostly the short way") << true;
}

void TestTakeAllLua::scriptAndKernelDoTheSame()
{
    QFETCH(const bool, isPlain);
    m_isPlain = isPlain;
    m_shortWays = 0;
    Random random;
    for (int sequence = 0; sequence < kSequences; ++sequence) {
        begin(random);
        for (int step = 0; step < kSteps; ++step) {
            meddle(random);
            std::string why;
            const QByteArray text = random.oneIn(10) ? settle(random, why) : take(random, why);
            QVERIFY2(why.empty(),
                     ("sequence " + std::to_string(sequence) + " step " + std::to_string(step) + "\n" + why).c_str());
        }
        m_shortWays += m_redis.command({"GET", "short"}).text.toInt();
    }
    qInfo("%d short ways", m_shortWays);
    QVERIFY(m_shortWays > (isPlain ? kSequences * kSteps / 4 : 0));
}

// It begins anew with the first change in an interval, and only then.
void TestTakeAllLua::theShortWayKeepsAKeyAsLong()
{
    m_redis.command({"FLUSHALL"});
    constexpr Micros kInterval{60'000'000}, kNow{28'333'333 * kInterval};
    store::TakeRequest request;
    request.buckets.push_back({"b", {{6, 2, kInterval}, 1, TokenMode::Keep, {}}});
    request.runs.push_back({{{0, 1, false}}, 1});
    const auto takeAt = [&](Micros now) { QCOMPARE(take(request, now).kind, RespValue::Kind::List); };
    const auto leftMs = [&] { return m_redis.command({"PTTL", "weir:{b}"}).number; };
    takeAt(kNow);
    m_redis.command({"PERSIST", "weir:{b}"});
    takeAt(kNow + kInterval - Micros{1});
    QCOMPARE(leftMs(), -1);
    takeAt(kNow + kInterval);
    QVERIFY(leftMs() > 290'000 && leftMs() <= 300'000); // full after 3 intervals, and 2 more
    QCOMPARE(m_redis.command({"GET", "short"}).text, QByteArray{"2"});
}

// A word that is no number, or a number within a word that is none.
void TestTakeAllLua::badArgumentsChangeNothing_data()
{
    QTest::addColumn<int>("place");
    QTest::addColumn<int>("within"); ///< -1: the whole word
    QTest::addColumn<QByteArray>("word");
    for (const int place : {0, 1})
        for (const char *word : {"-1", "x", "9007199254740992", "1.5", ""})
            QTest::addRow("%d %s", place, word) << place << -1 << QByteArray{word};
    for (const int place : {2, 3, 4})
        for (const qsizetype size : {6, 7, 8, 48, 50, 71})
            QTest::addRow("%d of %lld bytes", place, qlonglong(size)) << place << -1 << QByteArray(size, '\0');
    const std::array<std::int64_t, 2> bad{-1, kMaxTotal + 1};
    const std::array<std::pair<int, int>, 3> blobs{{{2, 7}, {3, 10}, {4, 4}}};
    for (const auto &[place, numbers] : blobs)
        for (int within = 0; within < numbers; ++within)
            for (const std::int64_t number : bad)
                QTest::addRow("%d.%d %lld", place, within, static_cast<long long>(number))
                    << place << within << packedNumbers({number});
}

void TestTakeAllLua::badArgumentsChangeNothing()
{
    QFETCH(const int, place);
    QFETCH(const int, within);
    QFETCH(const QByteArray, word);
    store::TakeRequest request = firstOfOneBucket();
    const QByteArray before = stored();
    // The long way, for what is known is of another bucket; and the short one.
    for (const bool isKnown : {true, false}) {
        if (!isKnown && place == 3 && within > 0)
            continue; // what is known is not looked at
        request.buckets.front().call.known = isKnown ? Known{1, 0, 0, 0, 0, 0, 0, {5, 0, 0}} : Known{};
        auto argv = redis::argumentsOf(request, kMoment);
        QByteArray &broken = argv[static_cast<std::size_t>(place)];
        if (within < 0)
            broken = word;
        else
            broken.replace(within * word.size(), word.size(), word);
        QCOMPARE(errorWord(run(redis::takeScript(), redis::keysOf(request, false), argv)), "WEIRARGS");
        QCOMPARE(stored(), before);
    }
}

// Whatever of it is broken, and whichever way is gone.
void TestTakeAllLua::aBrokenBucketIsToldAndStays()
{
    store::TakeRequest request = firstOfOneBucket();
    const QByteArray state = m_redis.command({"HGET", "weir:{b}", "state"}).text;
    std::vector<std::pair<qsizetype, std::int64_t>> wrong{{0, 0}}; // it never began
    for (qsizetype place = 0; place < 8; ++place)
        wrong.emplace_back(place, kMaxTotal + 1);
    for (const auto &[place, number] : wrong) {
        const QByteArray bytes = packedNumbers({number});
        QCOMPARE(state.size(), 8 * bytes.size());
        m_redis.command(
            {"HSET", "weir:{b}", "state", QByteArray{state}.replace(place * bytes.size(), bytes.size(), bytes)});
        const QByteArray before = stored();
        QCOMPARE(errorWord(take(request, kMoment)), "WEIRSTATE");
        QCOMPARE(stored(), before);
    }
}

void TestTakeAllLua::aRunIsTakenOrGivenBackAsAWhole()
{
    m_redis.command({"FLUSHALL"});
    store::TakeRequest request;
    for (const char *name : {"a", "b"})
        request.buckets.push_back({name, {kFive, 1, TokenMode::Keep, {}}});
    request.runs.push_back({{{0, 1, false}, {1, 1, false}}, 2, true});
    auto argv = redis::argumentsOf(request, kMoment);
    const QByteArray takes = packedNumbers({0});
    argv[4].replace(7 * takes.size(), takes.size(), takes);
    QCOMPARE(errorWord(run(redis::takeScript(), redis::keysOf(request, false), argv)), "WEIRARGS");
    QCOMPARE(m_redis.command({"EXISTS", "weir:{a}", "weir:{b}"}).number, 0);
}

QTEST_GUILESS_MAIN(TestTakeAllLua)
#include "tst_take_lua.moc"
