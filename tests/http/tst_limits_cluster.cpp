// SPDX-License-Identifier: GPL-3.0-only
// Several limits on a real cluster: those that can meet share a slot, the others spread, and nothing is taken by halves.
#include <QTest>

#include <set>

#include "tests/http/running_service.h"
#include "tests/support/redis_cluster.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kKeys = 24;

config::LimitEntry entry(const std::string &name, const std::string &path, limit::Tokens capacity, bool isKeyed)
{
    config::LimitEntry entry;
    entry.name = name;
    entry.match.path = path;
    entry.spec = {capacity, 1, Micros{366LL * 24h}, limit::StartLevel::Full};
    if (isKeyed)
        entry.key = {{config::KeyPart::Kind::Header, "X-Api-Key"}};
    return entry;
}

} // namespace

class TestLimitsCluster : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisCluster m_cluster;

    /// Of the key, on whichever master it is.
    QByteArray field(const QByteArray &key, const char *name)
    {
        return storedField(m_cluster.node(m_cluster.ownerOf(key, 0)), key, name);
    }
    /// Masters that have one of the keys `head` + 0 ... `tail`.
    std::size_t nodesOf(const QByteArray &head, const QByteArray &tail = {})
    {
        std::set<std::size_t> nodes;
        for (int key = 0; key < kKeys; ++key)
            nodes.insert(m_cluster.ownerOf(head + QByteArray::number(key) + tail, 0));
        return nodes.size();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY2(m_cluster.start(), m_cluster.node(0).log());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void limitsThatMeetShareASlotAndOthersSpread()
    {
        RunningService service{
            m_cluster.node(0), {}, 2, config::StoreFailurePolicy::Reject, [&](config::Config &config) {
                config.redisUrl = m_cluster.url({0, 1}).toStdString();
                config.limitSet.limits = {entry("all", "/api/*", 30, false), entry("each", "/api/*", 2, true),
                                          entry("alone", "/solo", 2, true)};
            }};
        const auto ask = [&](const QByteArray &target, int key) {
            RawHttpClient client;
            if (!client.connectTo(service.port())
                || !client.sendRequest("GET", target, "X-Api-Key: k" + QByteArray::number(key) + "\r\n"))
                return 0;
            const auto response = client.readResponse();
            return response ? response->status : 0;
        };
        int admitted = 0, refused = 0;
        for (int key = 0; key < kKeys; ++key)
            for (int i = 0; i < 3; ++i) {
                const int status = ask("/api/x", key);
                QVERIFY2(status == 404 || status == 429, QByteArray::number(status)); // nothing is there; admitted
                ++(status == 404 ? admitted : refused);
                QCOMPARE(ask("/solo", key), i < 2 ? 404 : 429);
            }
        QCOMPARE(admitted, 30);
        QCOMPARE(field("weir:{all}", "taken"), QByteArray{"30"});
        int each = 0;
        for (int key = 0; key < kKeys; ++key)
            each += field("weir:{all}:each:k" + QByteArray::number(key), "taken").toInt();
        QCOMPARE(each, admitted); // of both or of none
        QCOMPARE(nodesOf("weir:{all}:each:k"), std::size_t{1});
        QVERIFY(nodesOf("weir:{alone:k", "}") > 1);
        QCOMPARE(field("weir:{alone:k3}", "taken"), QByteArray{"2"});
    }
};

QTEST_GUILESS_MAIN(TestLimitsCluster)
#include "tst_limits_cluster.moc"
