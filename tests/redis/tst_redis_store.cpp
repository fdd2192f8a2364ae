// SPDX-License-Identifier: GPL-3.0-only
// What only the store in Redis has: scripts that are forgotten, keys that hold something else, a server that goes.
#include <QTest>

#include <limits>

#include "core/redis/store/redis_store.h"
#include "core/redis/store/script_set.h"
#include "tests/redis/taker.h"
#include "tests/support/redis_server.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr limit::LimitSpec kYearly{100, 5, limit::kMaxInterval, limit::StartLevel::Full};
constexpr LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 5ms, .lastDelay = 40ms};

template<class T>
const char *reasonOf(const Result<T> &result)
{
    return result ? "" : result.error().detail.c_str();
}

/// Tells the store what it knows of the bucket with every take, as a limiter does.
struct Caller {
    explicit Caller(const QString &url, const LinkOptions &options = kPatient)
        : store{parseRedisUrl(url).value(), options}
    {
    }
    std::optional<Result<OneAnswer>> take(OneBucket one)
    {
        one.known = known;
        const auto answer = std::make_shared<std::optional<Result<OneAnswer>>>();
        store.take(one.request(), [answer](const Result<limit::TakeOutput> &result) { *answer = oneAnswer(result); });
        if (!QTest::qWaitFor([&answer] { return answer->has_value(); }, kPatienceMs))
            return std::nullopt;
        if (**answer)
            known = limit::knownFrom(known, one.known, (*answer)->value());
        return *answer;
    }

    RedisStore store;
    limit::Known known;
};

} // namespace

class TestRedisStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        m_caller = std::make_unique<Caller>(m_redis.url());
    }
    void cleanup()
    {
        m_caller.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aForgottenScriptIsSentAgain();
    void manyCallsThatMeetAForgottenScriptAreDoneOnceEach();
    void whatIsNoBucketIsAnErrorAndStays();
    void whatIsNoLimitIsAnErrorAndStays_data();
    void whatIsNoLimitIsAnErrorAndStays();
    void aRestartedServerIsUsedAgain();
    void anArgumentTheScriptRefuses();
    void theUserThatTheReadmeNamesIsEnough();
    void aMissingPermissionIsAConfigurationError_data();
    void aMissingPermissionIsAConfigurationError();
    void withoutEvalshaItIsEval_data();
    void withoutEvalshaItIsEval();
    void whoeverComesFirstBringsItBack();
    void anOlderCopyIsPutRight();
    void aSteppedClockRefillsAndGivesNothingBack();
    void instancesAreCounted();
    void aFullLogKeepsTheServerForAMoment_data();
    void aFullLogKeepsTheServerForAMoment();

private:
    /// The best of a few calls, as the server takes its time.
    qint64 microsecondsOf(const store::TakeRequest &request)
    {
        qint64 best = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 5; ++i) {
            m_redis.command({"CONFIG", "RESETSTAT"});
            std::optional<bool> isDone;
            m_caller->store.take(request, [&](const Result<limit::TakeOutput> &result) { isDone = result.isOk(); });
            if (!QTest::qWaitFor([&] { return isDone.has_value(); }, kPatienceMs) || !*isDone)
                return -1;
            const QByteArray stats = m_redis.command({"INFO", "commandstats"}).text;
            const qsizetype at = stats.indexOf("usec=", stats.indexOf("cmdstat_evalsha:")) + 5;
            best = std::min(best, stats.mid(at, stats.indexOf(',', at) - at).toLongLong());
        }
        return best;
    }
    std::optional<Result<OneAnswer>> take(const OneBucket &one) { return m_caller->take(one); }
    std::optional<Error> takeError(const OneBucket &one)
    {
        const auto result = take(one);
        return result && !*result ? std::optional{result->error()} : std::nullopt;
    }

    /// The store goes on as the user of lua/README.md, with `more` rules.
    void setUser(const RedisCommand &more)
    {
        const RedisCommand rules{"on",    ">s3cret",  "-@all", "+eval",    "+evalsha", "+hget",  "+hmget",
                                 "+hset", "+hincrby", "+time", "+pexpire", "+ping",    "~weir:*"};
        m_redis.command(RedisCommand{"ACL", "SETUSER", "weir", "reset"} + rules + more);
        const QString url = QStringLiteral("unix://weir:s3cret@") + m_redis.socketPath();
        m_caller = std::make_unique<Caller>(url);
    }

    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<Caller> m_caller;
};

void TestRedisStore::aForgottenScriptIsSentAgain()
{
    for (std::int64_t i = 1; i <= 5; ++i) {
        m_redis.command({"SCRIPT", "FLUSH"});
        const auto taken = take({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
        QVERIFY(taken && *taken);
        QCOMPARE(taken->value().known.admitted, i);
    }
    // Known from here on: by digest alone.
    const RespValue known = m_redis.command({"SCRIPT", "EXISTS", takeScript().sha1});
    QCOMPARE(known.items.value(0).number, qint64{1});
}

void TestRedisStore::manyCallsThatMeetAForgottenScriptAreDoneOnceEach()
{
    constexpr int kCalls = 50;
    QTRY_VERIFY_WITH_TIMEOUT(m_caller->store.link().isReady(), kPatienceMs);
    m_redis.command({"SCRIPT", "FLUSH"});
    int answers = 0;
    std::int64_t granted = 0;
    const OneBucket one{.bucket = "global", .spec = kYearly, .runs = {{1, 1}}};
    for (int i = 0; i < kCalls; ++i)
        m_caller->store.take(one.request(), [&](const Result<limit::TakeOutput> &result) {
            ++answers;
            granted += result ? oneAnswer(result).value().granted.at(0) : 0;
        });
    QTRY_COMPARE_WITH_TIMEOUT(answers, kCalls, kPatienceMs);
    QCOMPARE(granted, std::int64_t{kCalls});
    QCOMPARE(storedField(m_redis, "weir:{global}", "tokens"), QByteArray::number(100 - kCalls));
}

void TestRedisStore::whatIsNoBucketIsAnErrorAndStays()
{
    m_redis.command({"SET", "weir:{global}", "x"});
    auto error = takeError({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
    QVERIFY(error);
    QCOMPARE(error->code, Error::Code::Configuration);
    QCOMPARE(m_redis.command({"GET", "weir:{global}"}).text, QByteArray{"x"});
    m_redis.command({"DEL", "weir:{global}"});
    m_redis.command({"HSET", "weir:{global}", "state", "many"});
    error = takeError({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
    QVERIFY(error);
    QCOMPARE(error->code, Error::Code::State);
    QVERIFY(!error->transient);
    QCOMPARE(m_redis.command({"HGET", "weir:{global}", "state"}).text, QByteArray{"many"});
}

void TestRedisStore::whatIsNoLimitIsAnErrorAndStays_data()
{
    QTest::addColumn<QByteArray>("entry");
    for (const char *entry : {"x", "1 5 5 60000000", "1 5 5 60000000 full more", "0 5 5 60000000 full",
                              "1 0 5 60000000 full", "1 1000000001 5 60000000 full", "1 5 6 60000000 full",
                              "1 5 0 60000000 full", "1 5 5 9999 full", "1 5 5 31622400000001 full",
                              "1 5 5 60000000 half", "1 5 nan 60000000 full", "99999999999999999999 5 5 60000000 full"})
        QTest::newRow(entry) << QByteArray{entry};
}

void TestRedisStore::whatIsNoLimitIsAnErrorAndStays()
{
    QFETCH(const QByteArray, entry);
    m_redis.command({"HSET", "weir:limits", "global", entry});
    std::optional<Result<std::optional<limit::Limit>>> loaded;
    m_caller->store.loadLimit("global",
                              [&loaded](const Result<std::optional<limit::Limit>> &result) { loaded = result; });
    QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), kPatienceMs);
    QVERIFY(!*loaded);
    QCOMPARE(loaded->error().code, Error::Code::State);
    QVERIFY(QString::fromStdString(loaded->error().detail).contains(QStringLiteral("weir:limits")));
    QCOMPARE(m_redis.command({"HGET", "weir:limits", "global"}).text, entry);
}

void TestRedisStore::aRestartedServerIsUsedAgain()
{
    QVERIFY(*take({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}}));
    m_redis.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!m_caller->store.link().isReady(), kPatienceMs);
    const auto error = takeError({.bucket = "global", .spec = kYearly});
    QVERIFY(error);
    QCOMPARE(error->code, Error::Code::Unavailable);
    QVERIFY(error->transient);
    QVERIFY(m_redis.start());
    QTRY_VERIFY_WITH_TIMEOUT(m_caller->store.link().isReady(), kPatienceMs);
    const auto taken = take({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
    QVERIFY(taken && *taken);
    QCOMPARE(taken->value().memory, limit::Memory::Lost); // it came back empty
    QCOMPARE(taken->value().room, limit::Tokens{98});     // and the bucket is where it was
}

void TestRedisStore::anArgumentTheScriptRefuses()
{
    const auto error = takeError({.bucket = "global", .spec = {0, 0, 0us, limit::StartLevel::Full}});
    QVERIFY(error);
    QCOMPARE(error->code, Error::Code::Invalid);
    QCOMPARE(m_redis.command({"EXISTS", "weir:{global}"}).number, qint64{0});
}

void TestRedisStore::theUserThatTheReadmeNamesIsEnough()
{
    setUser({});
    for (int i = 0; i < 2; ++i) { // by source, then by digest
        const auto taken = take({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
        QVERIFY(taken);
        QVERIFY2(*taken, reasonOf(*taken));
    }
    std::optional<Result<Done>> saved;
    m_caller->store.saveLimit({"global", kYearly, 7}, "host:1",
                              [&saved](Result<Done> result) { saved = std::move(result); });
    QTRY_VERIFY_WITH_TIMEOUT(saved.has_value(), kPatienceMs);
    QVERIFY2(*saved, reasonOf(*saved));
    std::optional<Result<std::optional<limit::Limit>>> loaded;
    m_caller->store.loadLimit("global",
                              [&loaded](const Result<std::optional<limit::Limit>> &result) { loaded = result; });
    QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), kPatienceMs);
    QVERIFY2(*loaded, reasonOf(*loaded));
    QCOMPARE(loaded->value()->epoch, 7);
}

void TestRedisStore::aMissingPermissionIsAConfigurationError_data()
{
    QTest::addColumn<QByteArray>("rule");
    for (const char *rule : {"-eval", "-hmget", "-hset", "-time", "-pexpire", "resetkeys"})
        QTest::newRow(rule) << QByteArray{rule};
}

void TestRedisStore::aMissingPermissionIsAConfigurationError()
{
    QFETCH(const QByteArray, rule);
    m_redis.command({"SCRIPT", "FLUSH"});
    setUser({rule});
    const auto error = takeError({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
    QVERIFY(error);
    QVERIFY2(error->code == Error::Code::Configuration, error->detail.c_str());
    QVERIFY(!error->transient);
    QVERIFY2(error->detail.find("s3cret") == std::string::npos, error->detail.c_str());
}

// It is only shorter: with EVAL the store decides all the same, and does not ask for EVALSHA again and again.
void TestRedisStore::withoutEvalshaItIsEval_data()
{
    QTest::addColumn<bool>("isRenamed");
    QTest::addRow("a user without the right") << false;
    QTest::addRow("renamed away") << true;
}

void TestRedisStore::withoutEvalshaItIsEval()
{
    QFETCH(const bool, isRenamed);
    const OneBucket one{.bucket = "global", .spec = kYearly, .runs = {{1, 1}}};
    RedisServer other;
    if (isRenamed) {
        QVERIFY(other.start({QStringLiteral("--rename-command"), QStringLiteral("EVALSHA"), QString{}}));
        m_caller = std::make_unique<Caller>(other.url());
    } else {
        setUser({"-evalsha"});
        m_redis.command({"CONFIG", "RESETSTAT"});
    }
    RedisServer &server = isRenamed ? other : m_redis;
    for (int left = 99; left > 95; --left) {
        const auto answer = take(one);
        QVERIFY2(*answer, reasonOf(*answer));
        QCOMPARE(answer->value().room, limit::Tokens{left});
    }
    const QByteArray stats = server.command({"INFO", "commandstats"}).text;
    QVERIFY2(stats.contains("cmdstat_eval:calls=4,"), stats);
    const QByteArray errors = server.command({"INFO", "errorstats"}).text; // since it began: one refusal
    QVERIFY2(errors.contains(isRenamed ? "errorstat_ERR:count=1\r" : "errorstat_NOPERM:count=1\r"), errors);
}

// Two callers who know of different takes: in either order the bucket ends where it was.
void TestRedisStore::whoeverComesFirstBringsItBack()
{
    Caller other{m_redis.url()};
    const OneBucket look{.bucket = "global", .spec = kYearly};
    QVERIFY(*take({.bucket = "global", .spec = kYearly, .runs = {{1, 3}}}));
    QVERIFY(*other.take({.bucket = "global", .spec = kYearly, .runs = {{1, 2}}}));
    std::int64_t losses = 0;
    for (int round = 1; round <= 2; ++round) {
        m_redis.command({"FLUSHALL"});
        Caller stranger{m_redis.url()};
        if (round == 2) // somebody who never heard of it
            QCOMPARE(stranger.take({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}})->value().room,
                     limit::Tokens{99});
        const limit::Tokens taken = 4 + round; // 3 + 2, and the stranger's
        QVERIFY(*take(look));
        const auto second = other.take(look);
        QCOMPARE(second->value().room, 100 - taken);
        QCOMPARE(take(look)->value().room, 100 - taken);
        QCOMPARE(take(look)->value().memory, limit::Memory::Intact);
        QCOMPARE(stranger.take(look)->value().room, 100 - taken);
        QVERIFY(second->value().known.losses > losses); // by the clock of the server: no two are the same
        losses = second->value().known.losses;
    }
}

void TestRedisStore::anOlderCopyIsPutRight()
{
    QVERIFY(*take({.bucket = "global", .spec = kYearly, .runs = {{1, 3}}}));
    const auto copy = m_redis.hash("weir:{global}");
    QVERIFY(*take({.bucket = "global", .spec = kYearly, .runs = {{1, 20}}}));
    RedisCommand restore{"HSET", "weir:{global}"};
    for (const auto &[field, value] : copy)
        restore << field << value;
    m_redis.command(restore);
    const auto taken = take({.bucket = "global", .spec = kYearly, .runs = {{1, 1}}});
    QCOMPARE(taken->value().memory, limit::Memory::WentBack);
    QCOMPARE(taken->value().room, limit::Tokens{76});
    QCOMPARE(taken->value().known.taken, std::int64_t{24});
}

// The clock of the scripts a day ahead, then right again: one interval each way, and no token for going back.
void TestRedisStore::aSteppedClockRefillsAndGivesNothingBack()
{
    constexpr limit::LimitSpec kDaily{100, 5, Micros{24h}, limit::StartLevel::Empty};
    LinkFaults faults;
    LinkOptions options = kPatient;
    options.faults = &faults;
    Caller stepped{m_redis.url(), options};
    const OneBucket look{.bucket = "global", .spec = kDaily};
    const auto first = stepped.take(look);
    QCOMPARE(first->value().room, limit::Tokens{0});
    faults.stepUs = Micros{24h}.count();
    const auto ahead = stepped.take(look);
    QCOMPARE(ahead->value().room, limit::Tokens{5});
    const Micros step = ahead->value().now - first->value().now;
    QVERIFY2(step >= 24h && step < 24h + std::chrono::milliseconds{kPatienceMs}, std::to_string(step.count()).c_str());
    QCOMPARE(stepped.take(look)->value().known.refilled, limit::Tokens{5}); // no more than that
    // Another one, who goes by the server's own time, sees the clock go back; so does this one, repaired.
    faults.stepUs = 0;
    QCOMPARE(take(look)->value().room, limit::Tokens{5});
    const auto back = stepped.take(look);
    QCOMPARE(back->value().room, limit::Tokens{5});
    QVERIFY(back->value().now - first->value().now < 24h);
    QCOMPARE(m_redis.command({"HGET", "weir:{global}", "regressions"}).text, QByteArray{"1"});
}

void TestRedisStore::instancesAreCounted()
{
    using Counts = store::InstanceCounts;
    const auto count = [this](std::int64_t window, const std::string &instance) {
        std::optional<Counts> counts;
        m_caller->store.countInstances(window, instance, [&](const Result<Counts> &result) {
            counts = result ? result.value() : Counts{.window = -1};
        });
        return QTest::qWaitFor([&] { return counts.has_value(); }, kPatienceMs) ? *counts : Counts{};
    };
    // The server's clock says which window it is; begun anew should it pass meanwhile.
    const auto toldOf = [&](const std::vector<std::string> &names) {
        std::vector<Counts> told;
        for (std::int64_t window = count(0, "x").window; told.size() < names.size();) {
            told.push_back(count(window, names[told.size()]));
            if (told.back().window == window)
                continue;
            window = told.back().window;
            told.clear();
            m_redis.command({"FLUSHALL"});
        }
        return told;
    };
    const std::vector<Counts> told = toldOf({"a", "b", "b", "a", "c"});
    const QByteArray key = "weir:{instances}:" + QByteArray::number(qlonglong{told[0].window});
    const std::vector<std::int64_t> now{1, 2, 2, 2, 3};
    const std::vector<bool> wasThere{false, false, true, true, false};
    for (std::size_t i = 0; i < now.size(); ++i) {
        QCOMPARE(told[i].now, now[i]);
        QCOMPARE(told[i].before, std::int64_t{0});
        QCOMPARE(told[i].wasThere, wasThere[i]);
        QVERIFY(!told[i].wasThereBefore);
    }
    QCOMPARE(m_redis.command({"HGET", key, "n"}).text, QByteArray{"3"}); // as a Weir without marks reads it
    const qint64 ttl = m_redis.command({"PTTL", key}).number;
    QVERIFY(ttl > 5000 && ttl <= 15'000);
    // Another window than the present one: nothing is done.
    QCOMPARE(count(7, "d").window >= told[0].window, true);
    QCOMPARE(m_redis.command({"EXISTS", "weir:{instances}:7"}).number, qint64{0});

    // The one before, and what a Weir without marks counted there.
    const std::int64_t window = count(0, "x").window;
    const QByteArray before = "weir:{instances}:" + QByteArray::number(qlonglong{window - 1});
    m_redis.command({"DEL", before});
    m_redis.command({"HSET", before, "n", "4", "a", "1"});
    const Counts after = count(window, "a");
    if (after.window == window) { // else it has just passed
        QCOMPARE(after.before, std::int64_t{4});
        QVERIFY(after.wasThereBefore);
    }
}

void TestRedisStore::aFullLogKeepsTheServerForAMoment_data()
{
    QTest::addColumn<int>("buckets");
    QTest::addColumn<limit::Tokens>("cost");
    QTest::newRow("512 requests, each a run") << 1 << limit::Tokens{0};
    QTest::newRow("512 refused ones of as many costs") << 1 << limit::Tokens{1600};
    QTest::newRow("as many logs as a call may have") << 0 << limit::Tokens{0};
}

// All other Weirs on the same Redis wait as long; four times as long, and it counts as silent.
void TestRedisStore::aFullLogKeepsTheServerForAMoment()
{
    constexpr int kRecords = 2500;
    QFETCH(const int, buckets);
    QFETCH(const limit::Tokens, cost);
    limit::LimitSpec spec{4096, 4096, limit::kMaxInterval, limit::StartLevel::Full};
    spec.algorithm = limit::Algorithm::SlidingLog;
    store::TakeRequest request;
    request.buckets = {{"log", {spec, 1, limit::TokenMode::Keep, {}}}};
    request.runs = {{{{0, 1}}, 1}};
    QVERIFY(microsecondsOf(request) > 0); // the server knows the script
    int answers = 0;
    for (int i = 0; i < kRecords; ++i)
        m_caller->store.take(request,
                             [&](const Result<limit::TakeOutput> &result) { answers += result.isOk() ? 1 : 0; });
    QTRY_COMPARE_WITH_TIMEOUT(answers, kRecords, 6 * kPatienceMs);
    QVERIFY(m_redis.command({"HSTRLEN", "weir:{log}", "log"}).number >= 9 * kRecords);
    const auto most = static_cast<int>(store::kMaxBuckets / store::weightOf(spec));
    for (int i = 1; i < (buckets == 0 ? most : buckets); ++i) {
        const QByteArray name = "log:" + QByteArray::number(i);
        m_redis.command({"COPY", "weir:{log}", "weir:{" + name + "}"});
        request.buckets.push_back({name.toStdString(), request.buckets.front().call});
    }
    request.runs.clear();
    for (std::size_t i = 0; i < store::kMaxRuns; ++i) {
        const limit::Ask ask{i % request.buckets.size(),
                             cost > 0 ? cost + static_cast<limit::Tokens>(2 * i) : static_cast<limit::Tokens>(i % 2)};
        request.runs.push_back({{ask}, 1});
    }
    const qint64 took = microsecondsOf(request);
    qInfo("%lld us", static_cast<long long>(took));
    QVERIFY(took > 0 && took < 25'000);
}

QTEST_GUILESS_MAIN(TestRedisStore)
#include "tst_redis_store.moc"
