// SPDX-License-Identifier: GPL-3.0-only
// Two Weirs on one Redis that want different limits of one name: each is told what became of it; or they do not meet at all.
#include <QTest>

#include "app/instance_name.h"
#include "tests/http/limits_file.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kSoonMs = 15'000;

// None comes back while a test runs.
limit::LimitSpec cappedAt(limit::Tokens capacity)
{
    return {.capacity = capacity, .refill = 1, .interval = limit::kMaxInterval};
}

int admittedOf(RunningService &service, int requests)
{
    int admitted = 0;
    for (int i = 0; i < requests; ++i) {
        const auto response = service.get();
        admitted += response && response->status == 200 ? 1 : 0;
    }
    return admitted;
}

} // namespace

class TestTwoEnvironments : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_first, m_second;

    [[nodiscard]] std::unique_ptr<RunningService> serve(const std::string &prefix, int capacity) const
    {
        return std::make_unique<RunningService>(m_redis, cappedAt(capacity), 1, config::StoreFailurePolicy::Local,
                                                [&](config::Config &config) { config.redisPrefix = prefix; });
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void whoTookOverWhatIsToldOnBothSides_data()
    {
        QTest::addColumn<bool>("hasFiles");
        QTest::addColumn<QByteArray>("rest");
        QTest::newRow("by flags") << false << QByteArray{};
        QTest::newRow("by files") << true << QByteArray{};
        QTest::newRow("by files, by key") << true << QByteArray{kByKey};
    }
    void whoTookOverWhatIsToldOnBothSides()
    {
        QFETCH(const bool, hasFiles);
        QFETCH(const QByteArray, rest);
        const auto start = [&](const LimitsFile &file, int capacity) {
            return hasFiles ? file.serve(m_redis, limitText("global", capacity, rest.constData()))
                            : serve({}, capacity);
        };
        const auto production = start(m_first, 500);
        QVERIFY((*production)->status().notice.sentence.empty());
        const auto staging = start(m_second, 5);
        const QByteArray name = QByteArray::fromStdString(app::refillerName());
        QTRY_VERIFY_WITH_TIMEOUT(!(*staging)->status().notice.sentence.empty(), kSoonMs);
        QCOMPARE(QByteArray::fromStdString((*staging)->status().notice.sentence),
                 "the limit global was token-bucket, capacity 500, refill 1 every 366 d, as " + name
                     + " has made it; this Weir makes it token-bucket, capacity 5, refill 1 every 366 d for all");
        QTRY_VERIFY_WITH_TIMEOUT(!(*production)->status().notice.sentence.empty(), kSoonMs);
        QCOMPARE(QByteArray::fromStdString((*production)->status().notice.sentence),
                 name
                     + " has made the limit global token-bucket, capacity 5, refill 1 every 366 d for all; it was "
                       "token-bucket, capacity 500, refill 1 every 366 d here");
        QVERIFY((*production)->status().notice.atMs > 0);
        QCOMPARE(inForce(*production), QByteArray{"global=5 "});
    }

    void ofTwoPrefixesNoneMeetsTheOther()
    {
        const auto production = serve({}, 20), staging = serve("staging", 5);
        QCOMPARE(admittedOf(*staging, 7), 5);
        QCOMPARE(admittedOf(*production, 22), 20);
        QCOMPARE(inForce(*production), QByteArray{"global=20 "});
        QCOMPARE(inForce(*staging), QByteArray{"global=5 "});
        QVERIFY((*production)->status().notice.sentence.empty());
        QVERIFY((*staging)->status().notice.sentence.empty());
        QCOMPARE((*production)->status().failure.liveInstances, std::int64_t{1});
        QCOMPARE((*staging)->status().failure.liveInstances, std::int64_t{1});
        int staged = 0;
        const RespValue keys = m_redis.command({"KEYS", "*"});
        for (const RespValue &key : keys.items) {
            QVERIFY2(key.text.startsWith("weir:"), key.text);
            staged += key.text.startsWith("weir:staging:") ? 1 : 0;
        }
        QVERIFY(staged >= 3); // its bucket, its register, its instances
        QVERIFY(staged < static_cast<int>(keys.items.size()));
    }
};

QTEST_GUILESS_MAIN(TestTwoEnvironments)
#include "tst_two_environments.moc"
