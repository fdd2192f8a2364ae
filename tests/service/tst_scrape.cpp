// SPDX-License-Identifier: GPL-3.0-only
// A real Prometheus scrapes the admin port of a running weir serve: what it has is what was sent.
#include <QTest>

#include "tests/service/prometheus.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kCapacity = 1500;

// The statuses of so many requests, each of another key, by how often they came.
std::map<int, int> ask(std::uint16_t port, int requests, int firstKey)
{
    std::map<int, int> statuses;
    RawHttpClient client{std::chrono::seconds{20}};
    if (!client.connectTo(port))
        return statuses;
    for (int i = 0; i < requests; ++i) {
        const QByteArray key = "X-Api-Key: key-" + QByteArray::number(firstKey + i) + "\r\n";
        const auto response =
            client.sendRequest("GET", "/", key) ? client.readResponse() : std::optional<RawResponse>{};
        if (!response)
            return statuses;
        ++statuses[response->status];
    }
    return statuses;
}

} // namespace

class TestScrape : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void theNumbersAreThoseThatWereSent();

private:
    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestScrape::theNumbersAreThoseThatWereSent()
{
    if (programOf("prometheus").isEmpty())
        QSKIP("prometheus is not installed");
    RedisServer redis;
    QVERIFY(redis.start());
    WeirProcess weir;
    QFile file{weir.folder() + QStringLiteral("/limits.toml")};
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[[limit]]\nname = 'global'\nevery = '1d'\ncapacity = " + QByteArray::number(kCapacity)
               + "\n[[limit]]\nname = 'by-key'\nkey = ['header:X-Api-Key']\nhash_key = false\nevery = '1d'\n");
    file.close();
    QVERIFY2(
        weir.start(words("serve --threads 1 --admin 127.0.0.1:0")
                   + QStringList{QStringLiteral("--redis"), redis.url(), QStringLiteral("--config"), file.fileName()}),
        weir.errors());
    Prometheus prometheus;
    QVERIFY2(prometheus.start(weir.adminPort()), prometheus.told());

    const QByteArray admitted = "weir_answers_total{outcome=\"admitted\"}",
                     refused = "weir_answers_total{outcome=\"refused\"}", all = "sum(weir_answers_total)",
                     series = "count({job=\"weir\",__name__=~\"weir_.*\"})";
    QCOMPARE(ask(weir.port(), 10, 0), (std::map<int, int>{{200, 10}}));
    QTRY_COMPARE_WITH_TIMEOUT(prometheus.query(admitted), std::optional{10.0}, kPatienceMs);
    QCOMPARE(prometheus.query("up"), std::optional{1.0});
    QCOMPARE(prometheus.lastScrapeError(), std::optional{QString{}});
    const std::optional<double> before = prometheus.query(series);
    QVERIFY(before.has_value() && *before > 20);

    // Keys that were never seen: the numbers grow, their count does not.
    QCOMPARE(ask(weir.port(), 1000, 10), (std::map<int, int>{{200, 1000}}));
    QTRY_COMPARE_WITH_TIMEOUT(prometheus.query(admitted), std::optional{1010.0}, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(prometheus.query("weir_keys_live{limit=\"by-key\"}"), std::optional{1010.0}, kPatienceMs);
    QCOMPARE(prometheus.query(series), before);

    QCOMPARE(ask(weir.port(), 500, 1010), (std::map<int, int>{{200, kCapacity - 1010}, {429, 10}}));
    QTRY_COMPARE_WITH_TIMEOUT(prometheus.query(refused), std::optional{10.0}, kPatienceMs);
    QCOMPARE(prometheus.query(all), std::optional{1510.0});
    // Those of each limit are read once a second.
    QTRY_COMPARE_WITH_TIMEOUT(prometheus.query("weir_requests_total{limit=\"global\",outcome=\"refused\"}"),
                              std::optional{10.0}, kPatienceMs);
    QCOMPARE(prometheus.query(series), before);
    QVERIFY2(prometheus.told().isEmpty(), prometheus.told());
    QCOMPARE(prometheus.stop(), 0);
    QCOMPARE(weir.stop(), 0);
}

QTEST_GUILESS_MAIN(TestScrape)
#include "tst_scrape.moc"
