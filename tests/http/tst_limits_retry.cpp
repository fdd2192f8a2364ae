// SPDX-License-Identifier: GPL-3.0-only
// Limits that cannot be brought into force because Redis does not answer: tried again until they are, or are outdated.
#include <QSignalSpy>
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kSoonMs = 15'000;

} // namespace

class TestLimitsRetry : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    std::unique_ptr<RunningService> m_service;

    [[nodiscard]] engine::ConfigStatus config() { return (*m_service)->status().config; }

    /// Redis hangs, and the file gets a text that cannot be brought into force therefore.
    void missReload(const QByteArray &text)
    {
        m_warnings.expect(QStringLiteral("the limits stay as they were"));
        m_redis.pause();
        m_file.write(text);
        QTRY_VERIFY_WITH_TIMEOUT(config().isRetried, kSoonMs);
        QVERIFY(!config().problem.empty());
    }

    /// Everything that was asked for before this is over, and so is what waits: changes come one after the other.
    void changeOnce(const QByteArray &name, limit::Tokens capacity)
    {
        config::LimitSet next = *(*m_service)->limits();
        for (config::LimitEntry &entry : next.limits)
            if (entry.name == name.toStdString())
                entry.spec.capacity = capacity;
        bool isChanged = false;
        for (int i = 0; i < 50 && !isChanged; ++i) { // the link may not be back yet
            std::optional<Result<Done>> done;
            change(*m_service, next, done);
            QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
            isChanged = done->isOk();
        }
        QVERIFY(isChanged);
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
        m_redis.resume();
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aReloadThatTheStoreMissedIsTriedAgain_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QByteArray>("held");
        QTest::addColumn<QByteArray>("holds");
        const QByteArray a5 = limitText("a", 5), a6 = limitText("a", 6), b = limitText("b", 9, kByKey);
        QTest::newRow("several") << a5 + b << a6 + b << QByteArray{"a=5 b=9 "} << QByteArray{"a=6 b=9 "};
        QTest::newRow("the only one") << a5 << a6 << QByteArray{"a=5 "} << QByteArray{"a=6 "};
        QTest::newRow("one more") << a5 << a6 + b << QByteArray{"a=5 "} << QByteArray{"a=6 b=9 "};
        QTest::newRow("one less") << a5 + b << a6 << QByteArray{"a=5 b=9 "} << QByteArray{"a=6 "};
    }
    void aReloadThatTheStoreMissedIsTriedAgain()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QFETCH(QByteArray, held);
        QFETCH(QByteArray, holds);
        m_service = m_file.serve(m_redis, before);
        missReload(after);
        QCOMPARE(inForce(*m_service), held);
        m_redis.resume();
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), holds, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(!config().isRetried && config().problem.empty(), kSoonMs);
        QCOMPARE(m_file.text(), after);
    }

    void aNewerFileTakesItsPlace()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        missReload(limitText("a", 6) + limitText("b", 9, kByKey));
        m_file.write(limitText("a", 7) + limitText("b", 9, kByKey));
        m_redis.resume();
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), QByteArray{"a=7 b=9 "}, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(config().problem.empty(), kSoonMs);
        changeOnce("b", 10); // had the older one waited, it would be in force by now
        QCOMPARE(inForce(*m_service), QByteArray{"a=7 b=10 "});
        QVERIFY(config().problem.empty());
    }

    // What stands there now is not to be had; what stood there before is nobody's wish any more.
    void aBrokenFileEndsIt()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        missReload(limitText("a", 6) + limitText("b", 9, kByKey));
        m_file.write("[[limit]\n");
        QTRY_VERIFY_WITH_TIMEOUT(config().problem.find("line ") == 0, kSoonMs);
        QVERIFY(!config().isRetried);
        m_redis.resume();
        bool isBack = false;
        QObject context;
        while (!isBack) {
            std::optional<Result<limit::Tokens>> level;
            (*m_service)
                ->setBucketLevel("a", {}, limit::kMaxCapacity, &context,
                                 [&](const Result<limit::Tokens> &result) { level = result; });
            QTRY_VERIFY_WITH_TIMEOUT(level.has_value(), kSoonMs);
            isBack = level->isOk();
        }
        QCOMPARE(inForce(*m_service), QByteArray{"a=5 b=9 "});
        m_file.write(limitText("a", 6) + limitText("b", 9, kByKey)); // the one that was missed
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), QByteArray{"a=6 b=9 "}, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(config().problem.empty(), kSoonMs);
    }

    // The panel's change is written into the file, and is the newest wish from then on.
    void aChangeOfThePanelTakesItsPlace()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        missReload(limitText("a", 6) + limitText("b", 9, kByKey));
        m_redis.resume();
        changeOnce("a", 8);
        changeOnce("b", 10);
        QCOMPARE(inForce(*m_service), QByteArray{"a=8 b=10 "});
        QCOMPARE(m_file.text(), limitText("a", 8) + limitText("b", 10, kByKey));
        QVERIFY(config().problem.empty() && !config().isRetried);
    }

    // A change that fails for the same reason leaves everything as it was: the file, its banner, and the next try.
    void aChangeOfThePanelThatFailsAsWellEndsNothing()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        const QByteArray missed = limitText("a", 6) + limitText("b", 9, kByKey);
        missReload(missed);
        config::LimitSet next = *(*m_service)->limits();
        next.limits[1].spec.capacity = 20;
        std::optional<Result<Done>> done;
        change(*m_service, next, done);
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
        QVERIFY(!*done);
        QCOMPARE(m_file.text(), missed);
        QTRY_VERIFY_WITH_TIMEOUT(config().isRetried && !config().problem.empty(), kSoonMs);
        m_redis.resume();
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), QByteArray{"a=6 b=9 "}, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(config().problem.empty() && !config().isRetried, kSoonMs);
        QCOMPARE(m_file.text(), missed);
    }

    void aStopWhileItIsTriedAgainIsClean()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        missReload(limitText("a", 6) + limitText("b", 9, kByKey));
        m_service.reset();
        m_redis.resume();
    }
};

QTEST_GUILESS_MAIN(TestLimitsRetry)
#include "tst_limits_retry.moc"
