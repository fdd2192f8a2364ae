// SPDX-License-Identifier: GPL-3.0-only
// Three sentinels, a master and two replicas, all real: takes go on through a failover, and none counts twice.
#include <QTest>
#include <QTimer>

#include "core/redis/store/redis_store.h"
#include "tests/redis/taker.h"
#include "tests/support/sentinel_group.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 30'000; // a failover takes about two seconds here
constexpr LinkOptions kOptions{.callDeadline = 1s, .connectDeadline = 1s};

} // namespace

class TestSentinelFailover : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY2(m_group.start(), m_group.sentinel(0).log());
        QCOMPARE(m_group.master(), std::size_t{0});
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void aMasterThatDiesUnderTakes();
    void aMasterThatIsReplacedUnderTakes();

private:
    /// Three-way count after a failover: what the takers were granted, what the bucket says was admitted,
    /// what it holds. Writes that the new master never got are tokens handed out twice, never more than
    /// the takers got in `lostWithin`; a take without an answer may be counted without being granted.
    void verifyCounts(const Taker &taker, std::int64_t lostAtMost)
    {
        QCOMPARE(taker.notTransient(), 0);
        const std::size_t master = m_group.master();
        QVERIFY(master < 3);
        RedisServer &server = m_group.node(master);
        server.command({"PING"}); // the sentinels may have cut this connection as well
        const auto number = [&server](const char *field) {
            return std::int64_t{storedField(server, "weir:{global}", field).toLongLong()};
        };
        const std::int64_t admitted = number("admitted");
        QCOMPARE(number("tokens"), Taker::kSpec.capacity - admitted);
        const QByteArray counts = "granted " + QByteArray::number(qint64{taker.granted()}) + ", in doubt "
                                  + QByteArray::number(qint64{taker.inDoubt()}) + ", admitted "
                                  + QByteArray::number(qint64{admitted});
        qInfo("%s", counts.constData());
        QVERIFY2(admitted <= taker.granted() + taker.inDoubt(), counts);
        QVERIFY2(taker.granted() - admitted <= lostAtMost, counts);
    }

    WarningsFail m_warnings;
    SentinelGroup m_group;
};

void TestSentinelFailover::aMasterThatDiesUnderTakes()
{
    RedisStore store{parseRedisUrl(m_group.url()).value(), kOptions};
    Taker taker{store, "global"};
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= 200, kPatienceMs);
    const std::int64_t before = taker.granted();
    const std::size_t old = m_group.master();
    m_group.node(old).kill();
    QTRY_VERIFY_WITH_TIMEOUT(taker.failed() > 0, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_group.master() != old && m_group.master() < 3, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= before + 200, kPatienceMs);
    QVERIFY(taker.finish(kPatienceMs));
    verifyCounts(taker, taker.mostIn(1s));
    QVERIFY(store.link().isReady());
}

// The old master lives on and takes writes for some seconds more, which it then forgets. A sentinel sees the
// promotion within a second, and the link asks it twice a second.
void TestSentinelFailover::aMasterThatIsReplacedUnderTakes()
{
    const std::size_t old = m_group.master();
    QTRY_VERIFY_WITH_TIMEOUT(!m_group.sentinel(0).command({"SENTINEL", "CKQUORUM", "mymaster"}).isError(), kPatienceMs);
    m_group.node(old).command({"DEL", "weir:{global}"});
    RedisStore store{parseRedisUrl(m_group.url()).value(), kOptions};
    Taker taker{store, "global"};
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= 200, kPatienceMs);
    const auto order = [this] { return !m_group.sentinel(0).command({"SENTINEL", "FAILOVER", "mymaster"}).isError(); };
    QVERIFY(QTest::qWaitFor(order, kPatienceMs)); // as soon as there is a replica that could
    QTRY_VERIFY_WITH_TIMEOUT(m_group.master() != old && m_group.master() < 3, kPatienceMs);
    const std::int64_t before = taker.granted();
    QTRY_VERIFY_WITH_TIMEOUT(taker.granted() >= before + 200 && taker.failed() > 0, kPatienceMs);
    QVERIFY(taker.finish(kPatienceMs));
    verifyCounts(taker, taker.mostIn(3s));
}

QTEST_GUILESS_MAIN(TestSentinelFailover)
#include "tst_sentinel_failover.moc"
