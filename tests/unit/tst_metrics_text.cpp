// SPDX-License-Identifier: GPL-3.0-only
// The metrics of an engine over a store in memory: right numbers, a well formed text, and a size that keys do not change.
#include <QTest>

#include "tests/support/metrics_page.h"
#include "tests/support/seed.h"
#include "tests/unit/engine_bench.h"
#include "tests/unit/full_metrics.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using Policy = config::StoreFailurePolicy;
using State = FaultyLink::State;

namespace {

policy::Charge charge(std::size_t limit, const char *subject = "", limit::Tokens cost = 1, bool isShadow = false)
{
    return {limit, cost, isShadow, subject};
}

} // namespace

class TestMetricsText : public EngineTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_clock.set(Micros{1'700'000'000'000'000});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_table = std::make_unique<BucketTable>();
    }
    void cleanup()
    {
        m_a.reset();
        m_b.reset();
        m_table.reset();
    }

    void ofOneLimit();
    void ofSeveralLimits();
    void ofALimitByKey();
    void ofAShadow();
    void whatCostsTooMuchIsImpossible();
    void whileItDecidesByItself();
    void whatNobodyDecided_data();
    void whatNobodyDecided();
    void aLimitThatWasAShadowKeepsItsCounts();
    void theTimesOfDecisions();
    void theSizesOfCalls();
    void reasonsConfigurationAndBuild();
    void whatIsNotKnownIsLeftOut();
    void labelsAreEscaped();
    void aMillionKeysAreNoMoreText();
    void everythingHasAHelpAndAProperName();

private:
    void start(const std::vector<config::LimitEntry> &limits)
    {
        m_policies = policiesOf(limits);
        m_table->adopt(*m_policies, steadyNow());
        m_a = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
        m_b = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
    }
    [[nodiscard]] bool areAnswered()
    {
        return comesTrue([&] { return m_a->isAnswered() && m_b->isAnswered(); });
    }
    [[nodiscard]] admin::MetricsSource source() const
    {
        admin::MetricsSource source;
        source.limits = std::make_shared<const config::LimitSet>(m_policies->book->set);
        source.status.limits = m_table->counts(m_policies->limits, steadyNow());
        source.status.failure.isDegraded = m_table->mode() != BucketTable::Mode::Store;
        source.status.failure.outages = m_table->status().outages;
        for (const auto *worker : {m_a.get(), m_b.get()}) {
            source.status.totals.add(worker->telemetry.totals());
            source.batchSizes.add(worker->telemetry.batchSizes.read());
        }
        return source;
    }
    /// What promtool accepts, or nothing.
    static std::optional<MetricsPage> pageOf(const admin::MetricsSource &source)
    {
        const std::string text = admin::metricsText(source);
        const QByteArray objection =
            promtoolSays({QStringLiteral("check"), QStringLiteral("metrics")}, QByteArray::fromStdString(text));
        if (objection.isEmpty())
            return MetricsPage{text};
        qCritical("%s", objection.constData());
        return std::nullopt;
    }
    [[nodiscard]] std::optional<MetricsPage> page() const { return pageOf(source()); }

    ManualClock m_clock{Micros{0}};
    std::unique_ptr<BucketTable> m_table;
    PoliciesPtr m_policies;
    std::unique_ptr<EngineWorker> m_a, m_b;
};

#define COMPARE_METRIC(page, name, expected) QCOMPARE((page).value(name).value_or(-1), double(expected))

void TestMetricsText::ofOneLimit()
{
    start({yearly("all", 5)});
    m_a->ask({charge(0)}, 4);
    QVERIFY(areAnswered());
    m_b->ask({charge(0)}, 3);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"admitted\"}", 5);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"refused\"}", 2);
    QCOMPARE(told->sum("weir_requests_total{"), 7.0);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"admitted\"}", 5);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"refused\"}", 2);
    QCOMPARE(told->sum("weir_answers_total{"), 7.0);
    COMPARE_METRIC(*told, "weir_decided_total{by=\"redis\"}", 7);
    QCOMPARE(told->sum("weir_decided_total{"), 7.0);
    COMPARE_METRIC(*told, "weir_tokens{limit=\"all\"}", 0);
    COMPARE_METRIC(*told, "weir_capacity_tokens{limit=\"all\"}", 5);
    COMPARE_METRIC(*told, "weir_redis_script_calls_total", m_a->link.takes + m_b->link.takes);
    COMPARE_METRIC(*told, "weir_degraded", 0);
    QVERIFY(!told->value("weir_keys_live{limit=\"all\"}"));
}

// Counted where the answer came from: the limit that would have admitted counts nothing.
void TestMetricsText::ofSeveralLimits()
{
    start({yearly("all", 10), yearly("some", 2)});
    m_a->ask({charge(0), charge(1)}, 5);
    m_a->ask({charge(0)}, 1);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"admitted\"}", 3);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"refused\"}", 0);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"some\",outcome=\"admitted\"}", 2);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"some\",outcome=\"refused\"}", 3);
    QCOMPARE(told->sum("weir_answers_total{"), 6.0);
    COMPARE_METRIC(*told, "weir_tokens{limit=\"all\"}", 7);
    COMPARE_METRIC(*told, "weir_tokens{limit=\"some\"}", 0);
}

void TestMetricsText::ofALimitByKey()
{
    start({yearly("all", 10), keyed(yearly("key", 2))});
    for (const char *subject : {"canary-a", "canary-b", "canary-c"})
        m_a->ask({charge(0), charge(1, subject)}, 2);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_keys_live{limit=\"key\"}", 3);
    COMPARE_METRIC(*told, "weir_key_overflows_total{limit=\"key\"}", 0);
    COMPARE_METRIC(*told, "weir_capacity_tokens{limit=\"key\"}", 2);
    COMPARE_METRIC(*told, "weir_tokens{limit=\"all\"}", 4);
    QVERIFY(!told->value("weir_tokens{limit=\"key\"}"));
    QVERIFY(!told->value("weir_refills_total{limit=\"key\"}"));
    QVERIFY(admin::metricsText(source()).find("canary") == std::string::npos);
}

void TestMetricsText::ofAShadow()
{
    start({yearly("all", 3), yearly("trial", 1)});
    m_a->ask({charge(0), charge(1, "", 1, true)}, 4);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"refused\"}", 1);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"trial\",outcome=\"admitted\"}", 1);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"trial\",outcome=\"would_refuse\"}", 2);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"trial\",outcome=\"refused\"}", 0); // it refuses nobody
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"admitted\"}", 3);
}

// Also where the answer was known and Redis was told of it afterwards.
void TestMetricsText::whatCostsTooMuchIsImpossible()
{
    start({yearly("all", 3)});
    const auto comesToKnow = [this](limit::Tokens cost) { // asks 40 times; how many needed no call
        int known = 0;
        for (int i = 0; i < 40; ++i) {
            const int takes = m_a->link.takes;
            m_a->ask({charge(0, "", cost)});
            while (!m_a->isAnswered()) { // at once: qWaitFor may sleep longer than a refusal holds
                QCoreApplication::processEvents();
                m_shared->deliver();
            }
            known += m_a->link.takes == takes ? 1 : 0;
        }
        return known;
    };
    QVERIFY(comesToKnow(4) > 0);
    m_a->ask({charge(0)}, 3);
    QVERIFY(areAnswered());
    QVERIFY(comesToKnow(1) > 0);
    QVERIFY(comesTrue([&] { return m_table->counts(m_policies->limits, steadyNow())[0].refused == 80; }));
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"impossible\"}", 40);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"refused\"}", 40);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"admitted\"}", 3);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"refused\"}", 80);
}

void TestMetricsText::whileItDecidesByItself()
{
    start({yearly("all", 9), keyed(yearly("key", 9)), yearly("free", 9, Policy::Allow)});
    m_table->setInstances(2);
    m_a->ask({charge(0), charge(1, "x"), charge(2)}, 3);
    QVERIFY(areAnswered());
    m_a->link.state = m_b->link.state = State::Away;
    m_a->ask({charge(0), charge(1, "x"), charge(2)}, 4);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_decided_total{by=\"redis\"}", 3);
    COMPARE_METRIC(*told, "weir_decided_total{by=\"local\"}", 4);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"admitted\"}", 6); // a half of what was left
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"refused\"}", 1);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"store_error\"}", 0);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"free\",outcome=\"admitted\"}", 3);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"free\",outcome=\"store_error\"}", 4); // it has no say
    COMPARE_METRIC(*told, "weir_tokens{limit=\"all\"}", 0);
    COMPARE_METRIC(*told, "weir_tokens{limit=\"free\"}", 6);
    COMPARE_METRIC(*told, "weir_degraded", 1);
    COMPARE_METRIC(*told, "weir_outages_total", 1);
}

void TestMetricsText::whatNobodyDecided_data()
{
    QTest::addColumn<int>("policy");
    QTest::addColumn<QByteArray>("outcome");
    QTest::addColumn<QByteArray>("by");
    QTest::newRow("reject") << int(Policy::Reject) << QByteArray{"unavailable"} << QByteArray{"reject"};
    QTest::newRow("allow") << int(Policy::Allow) << QByteArray{"unlimited"} << QByteArray{"allow"};
}

void TestMetricsText::whatNobodyDecided()
{
    QFETCH(const int, policy);
    QFETCH(const QByteArray, outcome);
    QFETCH(const QByteArray, by);
    start({yearly("all", 9, Policy(policy)), yearly("some", 9, Policy(policy))});
    m_a->ask({charge(0)}, 2);
    QVERIFY(areAnswered());
    m_a->link.state = State::Away;
    m_a->ask({charge(0), charge(1)}, 3);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"admitted\"}", 2);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"" + outcome + "\"}", 3);
    QCOMPARE(told->sum("weir_answers_total{"), 5.0);
    COMPARE_METRIC(*told, "weir_decided_total{by=\"" + by + "\"}", 3);
    QCOMPARE(told->sum("weir_decided_total{"), 5.0);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"store_error\"}", 3);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"some\",outcome=\"store_error\"}", 3);
    QCOMPARE(told->sum("weir_requests_total{limit=\"all\""), 5.0);
    COMPARE_METRIC(*told, "weir_tokens{limit=\"all\"}", 7);
}

// A counter must never go down: what was counted as one outcome does not become another.
void TestMetricsText::aLimitThatWasAShadowKeepsItsCounts()
{
    start({yearly("all", 1)});
    m_a->ask({charge(0, "", 1, true)}, 3);
    QVERIFY(areAnswered());
    m_a->ask({charge(0)}, 2);
    QVERIFY(areAnswered());
    const auto told = page();
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"would_refuse\"}", 2);
    COMPARE_METRIC(*told, "weir_requests_total{limit=\"all\",outcome=\"refused\"}", 2);
}

void TestMetricsText::theTimesOfDecisions()
{
    Random random;
    telemetry::LatencyHistogram histogram;
    std::vector<std::int64_t> exact;
    for (int i = 0; i < 5'000; ++i)
        exact.push_back(random.scaled(0, 8'000'000));
    for (const std::int64_t bound : {64, 25'000, 98'304, 100'000, 4'194'304}) // on an edge, and beside it
        for (const std::int64_t beside : {-1, 0, 1})
            exact.push_back(bound + beside);
    std::int64_t sum = 0;
    for (const std::int64_t micros : exact) {
        histogram.record(Micros{micros});
        sum += micros;
    }
    admin::MetricsSource source = fullSource();
    source.decisions = histogram.read();
    const auto told = pageOf(source);
    QVERIFY(told);
    COMPARE_METRIC(*told, "weir_decision_seconds_count", exact.size());
    QVERIFY(std::abs(*told->value("weir_decision_seconds_sum") - static_cast<double>(sum) / 1e6) < 1e-6);
    COMPARE_METRIC(*told, "weir_decision_seconds_bucket{le=\"+Inf\"}", exact.size());
    int bounds = 0;
    const QByteArray begin = "weir_decision_seconds_bucket{le=\"";
    for (const auto &[name, count] : told->samples()) {
        if (!name.startsWith(begin) || name.contains("Inf"))
            continue;
        ++bounds;
        const double bound = name.mid(begin.size(), name.lastIndexOf('"') - begin.size()).toDouble() * 1e6;
        const auto below = std::count_if(exact.begin(), exact.end(),
                                         [bound](std::int64_t us) { return static_cast<double>(us) < bound - 0.5; });
        QCOMPARE(count, static_cast<double>(below));
    }
    QCOMPARE(bounds, 20);
}

void TestMetricsText::theSizesOfCalls()
{
    start({yearly("all", 2000)});
    for (const int size : {1, 1, 2, 3, 4, 5, 512, 600}) { // a call carries 512 at most: 600 are 512 and 88
        m_a->ask({charge(0)}, size);
        QVERIFY(areAnswered());
    }
    const auto told = page();
    QVERIFY(told);
    const std::pair<const char *, int> expected[] = {{"1", 2},   {"2", 3},   {"4", 5},   {"8", 6},
                                                     {"16", 6},  {"32", 6},  {"64", 6},  {"128", 7},
                                                     {"256", 7}, {"512", 9}, {"+Inf", 9}};
    for (const auto &[bound, count] : expected)
        COMPARE_METRIC(*told, QByteArray{"weir_redis_batch_size_bucket{le=\""} + bound + "\"}", count);
    COMPARE_METRIC(*told, "weir_redis_batch_size_count", 9);
    COMPARE_METRIC(*told, "weir_redis_batch_size_sum", 1128);
    COMPARE_METRIC(*told, "weir_redis_script_calls_total", 9);
}

void TestMetricsText::reasonsConfigurationAndBuild()
{
    admin::MetricsSource source = fullSource();
    for (std::size_t i = 0; i < telemetry::kTurnAwayReasons; ++i)
        source.status.totals.turnedAwayBy[i] = static_cast<std::int64_t>(i) + 1;
    source.status.totals.connections = 12;
    source.status.totals.exempt = 3;
    source.status.totals.blocked = 4;
    source.status.store.state = StoreStatus::State::Ready;
    const auto told = pageOf(source);
    QVERIFY(told);
    int number = 0;
    for (const char *reason : {"malformed", "too_large", "too_slow", "unsupported", "too_many", "unread"})
        COMPARE_METRIC(*told, QByteArray{"weir_http_rejected_total{reason=\""} + reason + "\"}", ++number);
    COMPARE_METRIC(*told, "weir_connections", 12);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"exempt\"}", 3);
    COMPARE_METRIC(*told, "weir_answers_total{outcome=\"blocked\"}", 4);
    COMPARE_METRIC(*told, "weir_redis_up", 1);
    COMPARE_METRIC(*told, "weir_build_info{version=\"1.2.3\",qt=\"6.4.2\",commit=\"abc\"}", 1);
    COMPARE_METRIC(*told, "weir_config_last_reload_successful", 1);
    COMPARE_METRIC(*told, "weir_config_last_reload_success_timestamp_seconds", 1'700'000'000.5);
    source.status.config.problem = "weir.toml:3: no";
    source.status.store.state = StoreStatus::State::Down;
    const auto after = pageOf(source);
    QVERIFY(after);
    COMPARE_METRIC(*after, "weir_config_last_reload_successful", 0);
    COMPARE_METRIC(*after, "weir_redis_up", 0);
}

void TestMetricsText::whatIsNotKnownIsLeftOut()
{
    start({yearly("all", 9)});
    admin::MetricsSource nothing = source();
    const auto told = pageOf(nothing);
    QVERIFY(told);
    for (const char *name : {"weir_tokens{limit=\"all\"}", "weir_config_last_reload_successful",
                             "weir_config_last_reload_success_timestamp_seconds"})
        QVERIFY2(!told->value(name), name);
    QVERIFY(!told->helps().contains("weir_tokens"));
    nothing.status.limits.clear(); // the limits in force are newer than the counts
    const auto newer = pageOf(nothing);
    QVERIFY(newer);
    QVERIFY(!newer->helps().contains("weir_requests_total"));
    COMPARE_METRIC(*newer, "weir_capacity_tokens{limit=\"all\"}", 9);
}

void TestMetricsText::labelsAreEscaped()
{
    admin::MetricsSource source = fullSource();
    auto limits = std::make_shared<config::LimitSet>(*source.limits);
    limits->limits[0].name = "a\"b\\c\nd\xC3\xA9";
    source.status.limits[0].limit = limits->limits[0].name;
    source.limits = limits;
    QVERIFY(pageOf(source));
    const std::string text = admin::metricsText(source);
    QVERIFY(text.find("weir_tokens{limit=\"a\\\"b\\\\c\\nd\xC3\xA9\"} 7\n") != std::string::npos);
}

void TestMetricsText::aMillionKeysAreNoMoreText()
{
    const auto sizeWith = [](int keys) {
        const auto policies = policiesOf({keyed(yearly("key", 5))}, 1, 10'000'000);
        LimitTally tally{policies->limits[0].spec, 10'000'000};
        for (int i = 0; i < keys; ++i)
            if (tally.enter("subject-" + std::to_string(i), Micros{1}) == policy::kOverflowSubject)
                return std::pair{-1, 0};
        admin::MetricsSource source;
        source.limits = std::make_shared<const config::LimitSet>(policies->book->set);
        source.status.limits = {tally.counts("key")};
        const std::string text = admin::metricsText(source);
        const bool isThere = MetricsPage{text}.value("weir_keys_live{limit=\"key\"}") == double(keys);
        const auto digits = static_cast<int>(std::to_string(keys).size());
        return std::pair{isThere ? static_cast<int>(text.size()) - digits : -1,
                         static_cast<int>(std::count(text.begin(), text.end(), '\n'))};
    };
    const auto few = sizeWith(10);
    QVERIFY(few.first > 0);
    QCOMPARE(sizeWith(1'000'000), few); // but for the digits of the number itself
}

void TestMetricsText::everythingHasAHelpAndAProperName()
{
    const auto told = pageOf(fullSource());
    QVERIFY(told);
    QVERIFY(told->types().size() >= 25);
    for (const auto &[name, type] : told->types()) {
        QVERIFY2(name.startsWith("weir_"), name);
        QVERIFY2(told->helps().at(name).endsWith('.'), name);
        QVERIFY2(!told->helps().at(name).contains('\\'), name);
        QCOMPARE(name.endsWith("_total"), type == "counter");
    }
}

QTEST_GUILESS_MAIN(TestMetricsText)
#include "tst_metrics_text.moc"
