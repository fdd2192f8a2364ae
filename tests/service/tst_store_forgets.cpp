// SPDX-License-Identifier: GPL-3.0-only
// Three Weirs, one Redis that loses all it has and goes away a moment later: together they give no more than was there.
#include <QFile>
#include <QTest>

#include <memory>
#include <vector>

#include "tests/support/busy_clients.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 30'000;
constexpr std::int64_t kWeirs = 3;
constexpr std::int64_t kCapacity = 1000; // refilled by 1 in 366 days: no more may ever be admitted
/// Each knows the level as of its own last request; after that the two others may have taken one each.
constexpr std::int64_t kUnheardOf = kWeirs - 1;

QByteArray limitText(const char *name, std::int64_t capacity, const char *rest)
{
    return QByteArray{"[[limit]]\nname = \""} + name + "\"\ncapacity = " + QByteArray::number(qlonglong{capacity})
           + "\nrefill = 1\nevery = \"366d\"\n" + rest;
}

} // namespace

class TestStoreForgets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        m_weirs.clear();
        m_redis.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void noMoreIsGivenThanWasThere_data();
    void noMoreIsGivenThanWasThere();
    void whatAllShareIsToldAgainUnasked_data();
    void whatAllShareIsToldAgainUnasked();

private:
    bool startWeirs(const QByteArray &config, std::int64_t count = kWeirs)
    {
        QFile file{m_folder.filePath(QStringLiteral("weir.toml"))};
        if (!file.open(QIODevice::WriteOnly) || file.write(config) != config.size())
            return false;
        file.close();
        for (std::int64_t i = 0; i < count; ++i) {
            m_weirs.push_back(std::make_unique<WeirProcess>());
            if (!m_weirs.back()->start({QStringLiteral("serve"), QStringLiteral("--threads"), QStringLiteral("1"),
                                        QStringLiteral("--redis"), m_redis->url(), QStringLiteral("--config"),
                                        file.fileName()}))
                return false;
        }
        return true;
    }
    /// How many times each of them has said so, the least.
    qsizetype said(const QByteArray &words)
    {
        qsizetype least = std::numeric_limits<qsizetype>::max();
        for (const auto &weir : m_weirs)
            least = std::min(least, weir->errors().count(words));
        return least;
    }
    /// One request to each; 200 all, or false.
    bool askEach(int rounds)
    {
        for (int round = 0; round < rounds; ++round)
            for (const auto &weir : m_weirs) {
                RawHttpClient client{10s};
                if (!client.connectTo(weir->port()) || !client.sendRequest("GET", "/"))
                    return false;
                const auto response = client.readResponse();
                if (!response || response->status != 200)
                    return false;
                ++m_admitted;
            }
        return true;
    }
    /// By the clock of Redis, which is up.
    qint64 now() { return m_redis->command({"TIME"}).items.value(0).text.toLongLong(); }

    WarningsFail m_warnings;
    QTemporaryDir m_folder;
    std::unique_ptr<RedisServer> m_redis;
    std::vector<std::unique_ptr<WeirProcess>> m_weirs;
    std::int64_t m_admitted{0}; ///< by clients' count
};

void TestStoreForgets::noMoreIsGivenThanWasThere_data()
{
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<bool>("isFlushed"); // and hangs then; else it is killed, begins empty and is killed again
    const QByteArray one = limitText("global", kCapacity, "");
    const QByteArray several = one + limitText("more", 10 * kCapacity, "");
    const QByteArray byKey = limitText("client", kCapacity, "key = [\"ip\"]\n");
    QTest::newRow("one limit, killed") << one << false;
    QTest::newRow("one limit, flushed") << one << true;
    QTest::newRow("several limits, killed") << several << false;
    QTest::newRow("several limits, flushed") << several << true;
    QTest::newRow("by key, killed") << byKey << false;
}

void TestStoreForgets::noMoreIsGivenThanWasThere()
{
    QFETCH(const QByteArray, config);
    QFETCH(const bool, isFlushed);
    m_admitted = 0;
    m_redis = std::make_unique<RedisServer>();
    QVERIFY(m_redis->start());
    QVERIFY(startWeirs(config));
    QTRY_COMPARE_WITH_TIMEOUT(said("share the limits: 3"), 1, kPatienceMs);
    QVERIFY(askEach(2));
    qsizetype outages = 0;
    if (isFlushed) {
        QVERIFY(!m_redis->command({"FLUSHALL"}).isError());
    } else {
        m_redis->kill();
        QVERIFY(askEach(1));
        ++outages;
        QTRY_COMPARE_WITH_TIMEOUT(said("going on with 1/3 "), outages, kPatienceMs);
        QVERIFY(m_redis->start());
        QTRY_COMPARE_WITH_TIMEOUT(said("the store decides again"), 1, kPatienceMs);
    }
    // Each has asked for the number of instances at least once since.
    const qint64 begin = now();
    QTRY_VERIFY_WITH_TIMEOUT(now() >= begin + 2, kPatienceMs);
    QVERIFY(askEach(2));
    if (isFlushed)
        m_redis->pause();
    else
        m_redis->kill();
    std::vector<std::unique_ptr<BusyClients>> clients;
    for (const auto &weir : m_weirs)
        clients.push_back(std::make_unique<BusyClients>(weir->port(), 2));
    for (const auto &client : clients)
        QTRY_VERIFY_WITH_TIMEOUT(client->answers() > kCapacity + kCapacity / 2, kPatienceMs);
    for (const auto &client : clients) {
        const Tally tally = client->stop();
        QCOMPARE(tally.other, std::int64_t{0});
        m_admitted += tally.admitted;
    }
    if (isFlushed)
        m_redis->resume();
    qInfo("%lld of %lld", static_cast<long long>(m_admitted), static_cast<long long>(kCapacity));
    QVERIFY2(m_admitted <= kCapacity + kUnheardOf, qPrintable(QString::number(m_admitted)));
    QVERIFY2(m_admitted > kCapacity * 9 / 10, qPrintable(QString::number(m_admitted)));
    QCOMPARE(said("going on with 1/3 "), outages + 1);
    for (const auto &weir : m_weirs)
        QCOMPARE(weir->stop(), 0);
}

void TestStoreForgets::whatAllShareIsToldAgainUnasked_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<QByteArray>("policy");
    for (const char *policy : {"local", "allow", "reject"}) {
        QTest::addRow("one limit, %s", policy) << QByteArray{} << QByteArray{policy};
        QTest::addRow("several limits, %s", policy) << limitText("more", kCapacity, "") << QByteArray{policy};
    }
}

// Nobody asks after the outage: what is known must be back before whoever knows it ends.
void TestStoreForgets::whatAllShareIsToldAgainUnasked()
{
    QFETCH(const QByteArray, more);
    QFETCH(const QByteArray, policy);
    m_redis = std::make_unique<RedisServer>();
    QVERIFY(m_redis->start());
    QVERIFY(startWeirs(limitText("global", kCapacity, "") + "on_store_failure = \"" + policy + "\"\n" + more, 1));
    QVERIFY(askEach(8));
    m_redis->kill();
    RawHttpClient client{10s};
    QVERIFY(client.connectTo(m_weirs.front()->port()) && client.sendRequest("GET", "/"));
    const auto response = client.readResponse();
    QVERIFY(response);
    QCOMPARE(response->status, policy == "reject" ? 503 : 200);
    QVERIFY(m_redis->start());
    const auto taken = [this] { return storedField(*m_redis, "weir:{global}", "taken").toLongLong(); };
    QTRY_COMPARE_WITH_TIMEOUT(taken(), policy == "local" ? 9 : 8, kPatienceMs);
}

QTEST_GUILESS_MAIN(TestStoreForgets)
#include "tst_store_forgets.moc"
