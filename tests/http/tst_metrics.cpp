// SPDX-License-Identifier: GPL-3.0-only
// The metrics of a whole Weir: what its clients got is what they say, also while Redis is away.
#include <QTest>

#include "tests/http/running_service.h"
#include "tests/support/metrics_page.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kSoonMs = 10'000;
constexpr limit::LimitSpec kSpec{5, 1, limit::kMaxInterval, limit::StartLevel::Full};

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<RunningService> m_service;

    [[nodiscard]] std::string text() const { return admin::metricsText((*m_service)->metrics()); }
    [[nodiscard]] double value(const char *name) const { return MetricsPage{text()}.value(name).value_or(-1); }
    void start(config::StoreFailurePolicy policy)
    {
        m_service = std::make_unique<RunningService>(m_redis, kSpec, 2, policy);
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

    void areWhatClientsGot()
    {
        start(config::StoreFailurePolicy::Reject);
        for (int i = 0; i < 8; ++i)
            QVERIFY(m_service->get());
        QVERIFY(m_service->get("/favicon.ico"));
        QCOMPARE(value("weir_answers_total{outcome=\"admitted\"}"), 5.0);
        QCOMPARE(value("weir_answers_total{outcome=\"refused\"}"), 3.0);
        QCOMPARE(value("weir_answers_total{outcome=\"exempt\"}"), 1.0);
        QCOMPARE(value("weir_decided_total{by=\"redis\"}"), 8.0);
        QCOMPARE(value("weir_decision_seconds_count"), 8.0);
        QVERIFY(value("weir_decision_seconds_sum") > 0);
        QVERIFY(value("weir_redis_batch_size_count") >= 5);
        QCOMPARE(value("weir_redis_up"), 1.0);
        QCOMPARE(value("weir_degraded"), 0.0);
        QCOMPARE(value("weir_instances"), 1.0);
        QCOMPARE(value("weir_capacity_tokens{limit=\"global\"}"), 5.0);
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_requests_total{limit=\"global\",outcome=\"refused\"}"), 3.0, kSoonMs);
        QCOMPARE(value("weir_requests_total{limit=\"global\",outcome=\"admitted\"}"), 5.0);
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_tokens{limit=\"global\"}"), 0.0, kSoonMs);
        QCOMPARE(value("weir_config_last_reload_successful"), -1.0); // there is no file
        QVERIFY(text().find("weir_build_info{version=\"") != std::string::npos);
        QCOMPARE(promtoolSays({QStringLiteral("check"), QStringLiteral("metrics")}, QByteArray::fromStdString(text())),
                 QByteArray{});
    }

    void sayThatRedisIsAway()
    {
        start(config::StoreFailurePolicy::Local);
        for (int i = 0; i < 2; ++i)
            QVERIFY(m_service->get());
        m_redis.stop();
        for (int i = 0; i < 2; ++i)
            QVERIFY(m_service->get());
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_redis_up"), 0.0, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_degraded"), 1.0, kSoonMs);
        QCOMPARE(value("weir_outages_total"), 1.0);
        QCOMPARE(value("weir_decided_total{by=\"redis\"}"), 2.0);
        QCOMPARE(value("weir_decided_total{by=\"local\"}"), 2.0);
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_tokens{limit=\"global\"}"), 1.0, kSoonMs);
        QCOMPARE(value("weir_requests_total{limit=\"global\",outcome=\"admitted\"}"), 4.0);
    }

    void sayWhatNobodyDecided()
    {
        start(config::StoreFailurePolicy::Reject);
        QVERIFY(m_service->get());
        m_redis.stop();
        for (int i = 0; i < 3; ++i)
            QVERIFY(m_service->get());
        QCOMPARE(value("weir_answers_total{outcome=\"unavailable\"}"), 3.0);
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_requests_total{limit=\"global\",outcome=\"store_error\"}"), 3.0, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(value("weir_redis_up"), 0.0, kSoonMs);
    }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
