// SPDX-License-Identifier: GPL-3.0-only
// A real cluster: buckets on several nodes, a slot that moves and a master that dies while takes go on.
#include <QTest>

#include "core/redis/link/key_slot.h"
#include "core/redis/store/redis_store.h"
#include "tests/redis/taker.h"
#include "tests/support/redis_cluster.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 30'000;
constexpr LinkOptions kOptions{.callDeadline = 2s, .connectDeadline = 2s};
const QByteArray kKey = QByteArrayLiteral("weir:{global}");

} // namespace

class TestRedisCluster : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY2(m_cluster.start(), m_cluster.node(0).log());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void bucketsLiveOnSeveralNodes();
    void limitsAreKeptOnANodeOfTheirOwn();
    void aUserWithFewRightsIsEnough();
    void aSlotMovesUnderTakes();
    void aMasterDiesUnderTakes();

private:
    static RedisUrl parsed(const QString &text) { return parseRedisUrl(text).value(); }
    std::int64_t field(std::size_t node, const QByteArray &key, const char *name)
    {
        return storedField(m_cluster.node(node), key, name).toLongLong();
    }
    /// The bucket's own count is what the taker was granted, and it lives on `node`.
    void verifyExact(const Taker &taker, std::size_t node, const QByteArray &key)
    {
        QCOMPARE(taker.notTransient(), 0);
        QCOMPARE(field(node, key, "admitted"), taker.granted());
        QCOMPARE(field(node, key, "tokens"), Taker::kSpec.capacity - taker.granted());
    }

    WarningsFail m_warnings;
    RedisCluster m_cluster;
};

void TestRedisCluster::bucketsLiveOnSeveralNodes()
{
    for (std::size_t i = 0; i < RedisCluster::kNodes; ++i)
        m_cluster.node(i).command({"CONFIG", "RESETSTAT"});
    RedisStore store{parsed(m_cluster.url({1})), kOptions}; // one seed is enough
    std::vector<std::unique_ptr<Taker>> takers;
    constexpr int kBuckets = 8;
    takers.reserve(kBuckets);
    for (int i = 0; i < kBuckets; ++i)
        takers.push_back(std::make_unique<Taker>(store, "limit-" + std::to_string(i)));
    for (const auto &taker : takers)
        QTRY_VERIFY_WITH_TIMEOUT(taker->granted() >= 50, kPatienceMs);
    QSet<std::size_t> owners;
    for (std::size_t i = 0; i < takers.size(); ++i) {
        QVERIFY(takers[i]->finish(kPatienceMs));
        const QByteArray key = "weir:{limit-" + QByteArray::number(qulonglong{i}) + "}";
        const std::size_t owner = m_cluster.ownerOf(key, 0);
        QVERIFY(owner < RedisCluster::kMasters);
        owners.insert(owner);
        QCOMPARE(takers[i]->failed(), 0);
        verifyExact(*takers[i], owner, key);
    }
    QCOMPARE(owners.size(), qsizetype{3});
    for (std::size_t i = 0; i < RedisCluster::kNodes; ++i) // each take went to the right node at once
        QVERIFY(!m_cluster.node(i).command({"INFO", "errorstats"}).text.contains("MOVED"));
    QVERIFY(store.link().isReady());
}

void TestRedisCluster::limitsAreKeptOnANodeOfTheirOwn()
{
    QVERIFY(m_cluster.ownerOf("weir:limits", 0) != m_cluster.ownerOf(kKey, 0));
    RedisStore store{parsed(m_cluster.url({0, 1, 2})), kOptions};
    std::optional<Result<Done>> saved;
    store.saveLimit({"global", Taker::kSpec, 3}, "host:1",
                    [&saved](Result<Done> result) { saved = std::move(result); });
    QTRY_VERIFY_WITH_TIMEOUT(saved.has_value(), kPatienceMs);
    QVERIFY(*saved);
    std::optional<Result<std::optional<limit::Limit>>> loaded;
    store.loadLimit("global", [&loaded](const Result<std::optional<limit::Limit>> &result) { loaded = result; });
    QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), kPatienceMs);
    QVERIFY(*loaded);
    QCOMPARE(loaded->value(), (std::optional{limit::Limit{"global", Taker::kSpec, 3}}));
}

void TestRedisCluster::aUserWithFewRightsIsEnough()
{
    const RedisCommand rules{"on",       ">s3cret", "-@all",    "+eval", "+evalsha",       "+hget",   "+hmget", "+hset",
                             "+hincrby", "+time",   "+pexpire", "+ping", "+cluster|slots", "+asking", "~weir:*"};
    for (std::size_t i = 0; i < RedisCluster::kNodes; ++i)
        m_cluster.node(i).command(RedisCommand{"ACL", "SETUSER", "weir", "reset"} + rules);
    RedisStore store{parsed(m_cluster.url({0}, u"weir:s3cret@"_s)), kOptions};
    Taker taker{store, "few-rights"};
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= 5, kPatienceMs);
    QVERIFY(taker.finish(kPatienceMs));
    QCOMPARE(taker.failed(), 0);

    RedisStore wrong{parsed(m_cluster.url({0, 1}, u"weir:wr0ng@"_s)), kOptions};
    std::optional<Error> error;
    wrong.take(OneBucket{.bucket = "global", .spec = Taker::kSpec}.request(),
               [&error](const Result<limit::TakeOutput> &result) { error = result.error(); });
    QTRY_VERIFY_WITH_TIMEOUT(error.has_value(), kPatienceMs);
    QCOMPARE(error->code, Error::Code::Configuration);
    QVERIFY2(error->detail.find("wr0ng") == std::string::npos, error->detail.c_str());
}

// A take that is redirected has not been done: it is sent again, and counted once.
void TestRedisCluster::aSlotMovesUnderTakes()
{
    const std::size_t from = m_cluster.ownerOf(kKey, 0), to = (from + 1) % RedisCluster::kMasters;
    const QByteArray slot = QByteArray::number(keySlot(kKey));
    RedisServer &source = m_cluster.node(from), &target = m_cluster.node(to);
    source.command({"DEL", kKey});
    RedisStore store{parsed(m_cluster.url({0, 1, 2})), kOptions};
    Taker taker{store, "global"};
    const auto goesOn = [&taker] {
        return QTest::qWaitFor([&taker, goal = taker.granted() + 50] { return taker.granted() >= goal; }, kPatienceMs);
    };
    QVERIFY(goesOn());
    QVERIFY(!target.command({"CLUSTER", "SETSLOT", slot, "IMPORTING", m_cluster.id(from)}).isError());
    QVERIFY(!source.command({"CLUSTER", "SETSLOT", slot, "MIGRATING", m_cluster.id(to)}).isError());
    QVERIFY(goesOn());
    const RespValue moved =
        source.command({"MIGRATE", "127.0.0.1", QByteArray::number(m_cluster.port(to)), kKey, "0", "5000"});
    QCOMPARE(moved.text, QByteArray{"OK"});
    QVERIFY(goesOn()); // by ASK: the slot is still the source's
    QVERIFY(!target.command({"CLUSTER", "SETSLOT", slot, "NODE", m_cluster.id(to)}).isError());
    QVERIFY(!source.command({"CLUSTER", "SETSLOT", slot, "NODE", m_cluster.id(to)}).isError());
    QVERIFY(goesOn()); // by MOVED, then by the new map
    QVERIFY(taker.finish(kPatienceMs));
    QCOMPARE(taker.failed(), 0);
    verifyExact(taker, to, kKey);
    QVERIFY(store.link().isReady());
}

// Its replica takes over. The buckets of other masters lose nothing; of this one at most what was granted in
// the last second is forgotten, because replication is not waited for.
void TestRedisCluster::aMasterDiesUnderTakes()
{
    QVERIFY(m_cluster.isWhole());
    const std::size_t dying = m_cluster.ownerOf(kKey, 0);
    const std::size_t witness = (dying + 1) % RedisCluster::kMasters;
    std::string other;
    for (int i = 0; other.empty(); ++i)
        if (m_cluster.ownerOf("weir:{other-" + QByteArray::number(i) + "}", witness) == witness)
            other = "other-" + std::to_string(i);
    m_cluster.node(dying).command({"DEL", kKey});

    RedisStore store{parsed(m_cluster.url({0, 1, 2})), kOptions};
    Taker taker{store, "global"}, elsewhere{store, other};
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= 100 && elsewhere.granted() >= 100, kPatienceMs);
    const std::int64_t before = taker.granted();
    m_cluster.node(dying).kill();
    QTRY_VERIFY_WITH_TIMEOUT(taker.failed() > 0, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_cluster.ownerOf(kKey, witness) != dying, kPatienceMs);
    const std::size_t heir = m_cluster.ownerOf(kKey, witness);
    QVERIFY(heir < RedisCluster::kNodes);
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= before + 100, kPatienceMs);
    QVERIFY(taker.finish(kPatienceMs));
    QVERIFY(elsewhere.finish(kPatienceMs));

    verifyExact(elsewhere, witness, "weir:{" + QByteArray::fromStdString(other) + "}");
    const std::int64_t admitted = field(heir, kKey, "admitted");
    const QByteArray counts = "granted " + QByteArray::number(qint64{taker.granted()}) + ", in doubt "
                              + QByteArray::number(qint64{taker.inDoubt()}) + ", admitted "
                              + QByteArray::number(qint64{admitted});
    qInfo("%s", counts.constData());
    QCOMPARE(field(heir, kKey, "tokens"), Taker::kSpec.capacity - admitted);
    QCOMPARE(taker.notTransient(), 0);
    QVERIFY2(admitted <= taker.granted() + taker.inDoubt(), counts);
    QVERIFY2(taker.granted() - admitted <= taker.mostIn(1s), counts);
    QTRY_VERIFY_WITH_TIMEOUT(store.link().isReady(), kPatienceMs); // the dead node is needed no more
}

QTEST_GUILESS_MAIN(TestRedisCluster)
#include "tst_redis_cluster.moc"
