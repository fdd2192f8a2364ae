// SPDX-License-Identifier: GPL-3.0-only
// The store is back after an outage and cannot be told of a bucket: nobody decides of that one until it can, whatever the limits
// are, and all others are as before.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kSoonMs = 15'000;
constexpr int kCapacity = 300;
const QByteArray kUntold = "cannot be told what was decided";

} // namespace

class TestUntoldOutage : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    std::unique_ptr<RunningService> m_service;

    struct Told {
        int status{0};
        QByteArray by; ///< Weir-Decided-By
        QByteArray reason;
    };
    Told ask(const QByteArray &key = "k", const QByteArray &target = "/")
    {
        RawHttpClient client;
        if (!client.connectTo(m_service->port()) || !client.sendRequest("GET", target, "X-Api-Key: " + key + "\r\n"))
            return {};
        const auto response = client.readResponse();
        if (!response)
            return {};
        const qsizetype at = response->body.indexOf("\"reason\":\"");
        const QByteArray reason = at < 0 ? QByteArray{} : response->body.mid(at + 10).split('"').front();
        return {response->status, response->header("weir-decided-by"), reason};
    }
    void cut(bool isCut)
    {
        engine::Harm harm;
        harm.isLinkCut = isCut;
        (*m_service)->setHarm(harm);
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().harm.isLinkCut, isCut, kSoonMs);
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup()
    {
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void itsRequestsAreRejectedUntilItIsTold_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("bucket"); ///< that breaks
        QTest::addColumn<QByteArray>("reason");
        QTest::addColumn<bool>("hasOther"); ///< the key "other" has a bucket of its own
        const auto row = [](const char *name, const QByteArray &text, const QByteArray &bucket, bool hasOther) {
            QTest::addRow("%s, of a wrong type", name)
                << text << bucket << QByteArray{"store-configuration"} << hasOther;
            QTest::addRow("%s, broken", name) << text << bucket << QByteArray{"store-content"} << hasOther;
        };
        row("one limit", limitText("a", kCapacity), "weir:{a}", false);
        row("one leaky bucket", limitText("a", kCapacity, "algorithm = \"leaky-bucket\"\n"), "weir:{a}", false);
        row("two limits", limitText("a", kCapacity) + limitText("b", 1000), "weir:{a}", false);
        row("by key", limitText("a", kCapacity, kByKey), "weir:{a:k}", true);
        row("for all and by key", limitText("b", 1000) + limitText("a", kCapacity, kByKey), "weir:{a:k}", true);
    }
    void itsRequestsAreRejectedUntilItIsTold()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, bucket);
        QFETCH(const QByteArray, reason);
        QFETCH(const bool, hasOther);
        m_warnings.expect(QString::fromLatin1(kUntold));
        m_service = m_file.serveWithout(m_redis, text);
        int admitted = 0;
        const auto askAndCount = [&] {
            const Told told = ask();
            admitted += told.status == 200 ? 1 : 0;
            return told;
        };
        for (int i = 0; i < 3; ++i)
            QCOMPARE(askAndCount().status, 200);
        if (hasOther)
            QCOMPARE(ask("other").status, 200);
        cut(true);
        for (int i = 0; i < 4; ++i) {
            const Told told = askAndCount();
            QCOMPARE(told.status, 200);
            QCOMPARE(told.by, QByteArray{"local"});
        }
        if (hasOther)
            QCOMPARE(ask("other").by, QByteArray{"local"});
        // Somebody else writes there meanwhile.
        if (reason == "store-configuration") {
            m_redis.command({"DEL", bucket});
            m_redis.command({"SET", bucket, "x"});
        } else {
            m_redis.command({"HSET", bucket, "state", "x"});
        }
        cut(false);
        Told told;
        QTRY_VERIFY2_WITH_TIMEOUT((told = askAndCount()).status == 503 && told.reason == reason,
                                  QByteArray::number(told.status) + told.by + told.reason, kSoonMs);
        for (int i = 0; i < 8; ++i)
            QCOMPARE(ask().reason, reason);
        if (hasOther) { // by the store, as before
            int others = 2;
            QTRY_VERIFY_WITH_TIMEOUT((told = ask("other")).status == 200 && ++others && told.by.isEmpty(), kSoonMs);
            QCOMPARE(storedField(m_redis, "weir:{a:other}", "admitted"), QByteArray::number(others));
        }
        QTRY_VERIFY_WITH_TIMEOUT(!(*m_service)->status().failure.undecidedWhy.empty(), kSoonMs);
        // A person has looked. What was decided without the store is entered, and counts.
        m_redis.command({"DEL", bucket});
        QTRY_VERIFY2_WITH_TIMEOUT((told = askAndCount()).status == 200 && told.by.isEmpty(),
                                  QByteArray::number(told.status) + told.by + told.reason, kSoonMs);
        while ((told = askAndCount()).status == 200)
            QVERIFY(admitted <= kCapacity);
        QCOMPARE(told.status, 429);
        QCOMPARE(admitted, kCapacity);
        QTRY_VERIFY_WITH_TIMEOUT(ask().status == 429 && (*m_service)->status().failure.undecidedWhy.empty(), kSoonMs);
    }
};

QTEST_GUILESS_MAIN(TestUntoldOutage)
#include "tst_untold_outage.moc"
