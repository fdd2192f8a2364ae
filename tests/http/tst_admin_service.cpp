// SPDX-License-Identifier: GPL-3.0-only
// The admin API of a running Weir: changes hold for the next request, looking changes nothing, and the panel is left alone.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/described_admin.h"
#include "tests/support/limit_setup.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int kSoonMs = 5000;
constexpr limit::Tokens kCapacity = 40; // of all buckets that refuse

} // namespace

class TestAdminService : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    LimitSetup m_setup;
    OpenApi m_description{DescribedAdmin::text()};
    std::unique_ptr<RunningService> m_service;
    std::unique_ptr<DescribedAdmin> m_api;

    static void rows(bool hasAlgorithms)
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("algorithm");
        for (const LimitSetup::Kind kind : kLimitKinds)
            for (std::size_t i = 0; i < (hasAlgorithms ? limit::kAlgorithmNames.size() : 1); ++i) {
                LimitSetup setup{kind, cappedAt(kCapacity)};
                setup.total.algorithm = static_cast<limit::Algorithm>(i);
                QTest::newRow(setup.name().c_str()) << static_cast<int>(kind) << static_cast<int>(i);
            }
    }
    void serve()
    {
        QFETCH(const int, kind);
        QFETCH(const int, algorithm);
        m_setup = {static_cast<LimitSetup::Kind>(kind), cappedAt(kCapacity)};
        m_setup.total.algorithm = static_cast<limit::Algorithm>(algorithm);
        if (limit::isWindow(m_setup.total.algorithm))
            m_setup.total.refill = m_setup.total.capacity;
        start(m_file.serve(m_redis, m_setup.text("local")));
    }
    void start(std::unique_ptr<RunningService> service)
    {
        m_service = std::move(service);
        m_api = std::make_unique<DescribedAdmin>(*m_service->operator->(), m_description);
    }

    [[nodiscard]] bool isKeyed() const { return m_setup.kind == LimitSetup::Kind::Keyed; }
    [[nodiscard]] limit::Tokens capacity() const { return m_setup.spec().capacity; }
    // The body that names a client's bucket.
    [[nodiscard]] std::string keyOf(std::size_t client) const
    {
        return isKeyed() ? "{\"key\": \"k" + std::to_string(client) + "\"}" : std::string{};
    }
    [[nodiscard]] QJsonObject check(std::size_t client)
    {
        const AdminHeard heard = m_api->get(
            "/v1/check?path=/" + (isKeyed() ? "&header=X-Api-Key:+k" + std::to_string(client) : std::string{}));
        if (heard.answer.status != 200)
            QTest::qFail(heard.answer.body.c_str(), __FILE__, __LINE__);
        return heard.json;
    }

    std::optional<RawResponse> send(std::size_t client, const QByteArray &target = QByteArrayLiteral("/"))
    {
        RawHttpClient connection;
        if (!connection.connectTo(m_service->port())
            || !connection.sendRequest(QByteArrayLiteral("GET"), target, m_setup.fields(client)))
            return std::nullopt;
        return connection.readResponse();
    }
    // -1: an answer was neither 200 nor 429. Each request has a connection of its own, so all workers answer some.
    int admittedOf(limit::Tokens requests, std::size_t client)
    {
        int admitted = 0;
        for (limit::Tokens i = 0; i < requests; ++i) {
            const auto response = send(client);
            if (!response || (response->status != 200 && response->status != 429))
                return -1;
            admitted += response->status == 200 ? 1 : 0;
        }
        return admitted;
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
        m_api.reset();
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aChangeHoldsForTheNextRequest_data() { rows(false); }
    void aChangeHoldsForTheNextRequest()
    {
        serve();
        for (const int cost : {2, 10, 20, 1}) {
            const AdminHeard put =
                m_api->put("/v1/limits/global?tokens=refill", "{\"cost\": " + std::to_string(cost) + "}");
            QVERIFY2(put.answer.status == 200, put.answer.body.c_str());
            QCOMPARE(put.json.value(u"cost"_s), QJsonValue{cost});
            for (std::size_t client = 0; client < m_setup.groups(); ++client) {
                QCOMPARE(m_api->post("/v1/limits/global/fill", keyOf(client)).answer.status, 200);
                QCOMPARE(admittedOf(capacity() / cost + 3, client), static_cast<int>(capacity() / cost));
            }
            QVERIFY(cost == 1 || m_file.text().contains("cost = " + QByteArray::number(cost)));
        }
        const limit::Tokens less = capacity() / 2;
        QCOMPARE(m_api->put("/v1/limits/global", "{\"capacity\": " + std::to_string(less) + "}").answer.status, 200);
        QCOMPARE(m_api->post("/v1/limits/global/fill", keyOf(0)).json.value(u"tokens"_s), QJsonValue{qint64{less}});
        QCOMPARE(admittedOf(less + 1, 0), static_cast<int>(less));
    }

    void bucketsAreFilledAndEmptied_data() { rows(true); }
    void bucketsAreFilledAndEmptied()
    {
        serve();
        const std::size_t last = m_setup.groups() - 1;
        const AdminHeard emptied = m_api->post("/v1/limits/global/empty", keyOf(last));
        QCOMPARE(emptied.json.value(u"tokens"_s), QJsonValue{0});
        QCOMPARE(emptied.json.value(u"key"_s), QJsonValue{isKeyed() ? u"k1"_s : QString{}});
        QCOMPARE(admittedOf(2, last), 0);
        if (isKeyed())
            QCOMPARE(admittedOf(1, 0), 1);
        QCOMPARE(m_api->post("/v1/limits/global/fill", keyOf(last)).json.value(u"tokens"_s),
                 QJsonValue{qint64{capacity()}});
        QCOMPARE(admittedOf(capacity() + 1, last), static_cast<int>(capacity()));
    }

    void lookingTakesAndCountsNothing_data() { rows(true); }
    void lookingTakesAndCountsNothing()
    {
        serve();
        QCOMPARE(admittedOf(3, 0), 3);
        const QByteArray bucket = m_setup.buckets().front().key;
        const auto counts = [&] {
            return m_redis.command({"HGET", bucket, "admitted"}).text + ' '
                   + m_redis.command({"HGET", bucket, "refused"}).text;
        };
        const auto before = counts();
        const telemetry::Totals totals = (*m_service)->status().totals;
        for (int i = 0; i < 5; ++i) {
            const QJsonObject heard = check(0);
            QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"admitted"_s});
            QCOMPARE(heard.value(u"decided_by"_s), QJsonValue{u"store"_s});
            QCOMPARE(heard[u"limits"][0][u"tokens"], QJsonValue{qint64{capacity() - 3}});
            QCOMPARE(heard[u"limits"][0][u"capacity_tokens"], QJsonValue{qint64{capacity()}});
        }
        QCOMPARE(counts(), before);
        QCOMPARE((*m_service)->status().totals.answers(), totals.answers());
        QCOMPARE(admittedOf(capacity(), 0), static_cast<int>(capacity() - 3));

        // When it is empty, a look says when to come again as an answer does.
        const auto refused = send(0);
        QVERIFY(refused);
        QCOMPARE(refused->status, 429);
        const double retry = QJsonDocument::fromJson(refused->body).object().value(u"retry_after"_s).toDouble();
        const QJsonObject heard = check(0);
        QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"refused"_s});
        QCOMPARE(heard.value(u"status"_s), QJsonValue{429});
        QVERIFY2(std::abs(heard.value(u"retry_after_seconds"_s).toDouble() - retry) <= kSoonMs / 1000.0,
                 qPrintable(QString::number(retry, 'f', 0)));
        QCOMPARE(heard[u"limits"][0][u"admits"], QJsonValue{false});
        if (m_setup.kind == LimitSetup::Kind::Several)
            QCOMPARE(heard[u"limits"][1][u"admits"], QJsonValue{true});
        if (isKeyed())
            QCOMPARE(check(1).value(u"outcome"_s), QJsonValue{u"admitted"_s});
    }

    void thePanelAndACursorBothReadAllRequests_data() { rows(false); }
    void thePanelAndACursorBothReadAllRequests()
    {
        serve();
        const auto targets = [](const auto &records) {
            QStringList list;
            for (const auto &record : records)
                list.append(QString::fromLatin1(record.target.view().data(),
                                                static_cast<qsizetype>(record.target.view().size())));
            return list;
        };
        const auto page = [&](qint64 after) {
            return m_api->get("/v1/requests?limit=1000&after=" + std::to_string(after)).json;
        };
        const auto heardTargets = [](const QJsonObject &heard) {
            QStringList list;
            for (const QJsonValue &record : heard.value(u"requests"_s).toArray())
                list.append(record[u"target"].toString());
            return list;
        };
        const auto sent = [&](int from, int count) {
            QStringList list;
            for (int i = from; i < from + count; ++i) {
                const QByteArray target = "/" + QByteArray::number(i);
                if (!send(0, target))
                    QTest::qFail("no answer", __FILE__, __LINE__);
                list.append(QString::fromLatin1(target));
            }
            return list;
        };
        const QStringList first = sent(0, 5);
        QJsonObject heard = page(0);
        QCOMPARE(heardTargets(heard), first); // before the panel
        QCOMPARE(targets((*m_service)->takeRequests()), first);
        QVERIFY((*m_service)->takeRequests().empty());
        QVERIFY(!(*m_service)->news().areWaiting);
        const QStringList second = sent(5, 4);
        QVERIFY((*m_service)->news().areWaiting);
        QCOMPARE(targets((*m_service)->takeRequests()), second); // before the cursor
        heard = page(heard.value(u"next_after"_s).toInteger());
        QCOMPARE(heardTargets(heard), second);
        QCOMPARE(heard.value(u"dropped"_s), QJsonValue{0});
        QCOMPARE(heard.value(u"lost_total"_s), QJsonValue{0});
        const QJsonObject record = heard.value(u"requests"_s).toArray().last().toObject();
        QCOMPARE(record.value(u"status"_s), QJsonValue{404});
        QCOMPARE(record.value(u"decided_by"_s), QJsonValue{u"store"_s});
        QCOMPARE(record.value(u"client"_s), QJsonValue{u"127.0.0.1"_s});
        QCOMPARE(record.value(u"id"_s), QJsonValue{9});
        QVERIFY(heardTargets(page(heard.value(u"next_after"_s).toInteger())).isEmpty());
        QVERIFY(page(10'000).value(u"requests"_s).toArray().size() == 9);
    }

    void topLeavesWatchedBucketsAlone_data() { rows(false); }
    void topLeavesWatchedBucketsAlone()
    {
        serve();
        QCOMPARE(admittedOf(3, 0), 3);
        if (isKeyed())
            QCOMPARE(admittedOf(5, 1), 5);
        (*m_service)->watchBuckets("global", "k1");
        const std::size_t shown = isKeyed() ? 1 : 0;
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->buckets()->rows.size(), shown, kSoonMs);
        const QJsonObject top = m_api->get("/v1/limits/global/top").json;
        const QJsonArray rows = top.value(u"buckets"_s).toArray();
        QCOMPARE(rows.size(), isKeyed() ? 2 : 1);
        QCOMPARE(rows[0][u"key"], QJsonValue{isKeyed() ? u"k1"_s : QString{}});
        QCOMPARE(rows[0][u"admitted_total"], QJsonValue{isKeyed() ? 5 : 3});
        QCOMPARE(rows[0][u"tokens"], QJsonValue{qint64{capacity() - (isKeyed() ? 5 : 3)}});
        QCOMPARE(m_api->get("/v1/limits/global/top?search=k0").json.value(u"buckets"_s).toArray().size(),
                 isKeyed() ? 1 : 0);
        QCOMPARE((*m_service)->buckets()->rows.size(), shown);
        QCOMPARE((*m_service)->status().limit.name, std::string{"global"});
    }

    void aStatusIsThatOfTheService_data() { rows(false); }
    void aStatusIsThatOfTheService()
    {
        serve();
        QCOMPARE(admittedOf(2, 0), 2);
        const QJsonObject status = m_api->get("/v1/status").json;
        QCOMPARE(status[u"requests"][u"admitted_total"], QJsonValue{2});
        QCOMPARE(status[u"requests"][u"decided_by_total"][u"store"], QJsonValue{2});
        QCOMPARE(status[u"urls"][0].toString(), u"http://127.0.0.1:%1"_s.arg(m_service->port()));
        QCOMPARE(status[u"store"][u"state"], QJsonValue{u"ready"_s});
        QCOMPARE(status[u"config"][u"file"].toString(), m_file.path());
        QCOMPARE(m_api->get("/readyz").answer.status, 200);
    }

    void whileRedisIsAwayItSaysSoAndChangesNothing_data() { rows(false); }
    void whileRedisIsAwayItSaysSoAndChangesNothing()
    {
        serve();
        QCOMPARE(admittedOf(3, 0), 3);
        m_redis.kill();
        QTRY_COMPARE_WITH_TIMEOUT((static_cast<void>(send(0)), m_api->get("/readyz").answer.status), 503, kSoonMs);
        QCOMPARE(m_api->get("/healthz").answer.status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(m_api->get("/v1/status").json[u"failure"][u"decided_by"], QJsonValue{u"local"_s},
                                  kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT((static_cast<void>(send(0)), check(0).value(u"decided_by"_s)), QJsonValue{u"local"_s},
                                  kSoonMs);
        const limit::Tokens capacityBefore = capacity();
        QCOMPARE(m_api->put("/v1/limits/global", "{\"capacity\": 7}").answer.status, 503);
        QCOMPARE(m_api->post("/v1/limits/global/fill", keyOf(0)).answer.status, 503);
        QCOMPARE(m_api->get("/v1/limits/global").json.value(u"capacity"_s), QJsonValue{qint64{capacityBefore}});
        QVERIFY(m_redis.start());
        QTRY_COMPARE_WITH_TIMEOUT(m_api->get("/readyz").answer.status, 200, 2 * kSoonMs);
        QCOMPARE(m_api->put("/v1/limits/global", "{\"capacity\": 7}").answer.status, 200);
    }

    void allLimitsAreReplaced()
    {
        m_setup = {LimitSetup::Kind::Keyed, cappedAt(kCapacity)};
        start(m_file.serve(m_redis, m_setup.text("local")));
        QJsonObject all = m_api->get("/v1/limits").json;
        QJsonArray limits = all.value(u"limit"_s).toArray();
        limits.append(QJsonObject{{u"name"_s, u"tiny"_s},
                                  {u"capacity"_s, 2},
                                  {u"refill"_s, 1},
                                  {u"every"_s, u"366d"_s},
                                  {u"match"_s, QJsonObject{{u"path"_s, u"/tiny"_s}}}});
        const auto put = [&](const QJsonObject &body) {
            return m_api->put("/v1/limits", QJsonDocument{body}.toJson().toStdString());
        };
        all.insert(u"limit"_s, limits);
        QCOMPARE(put(all).answer.status, 200);
        QStringList statuses;
        for (int i = 0; i < 3; ++i)
            statuses.append(QString::number(send(0, QByteArrayLiteral("/tiny"))->status));
        QCOMPARE(statuses, (QStringList{u"404"_s, u"404"_s, u"429"_s}));
        QVERIFY(m_file.text().contains("name = \"tiny\""));
        QCOMPARE(put({{u"limit"_s, QJsonArray{QJsonObject{{u"name"_s, u"only"_s}, {u"capacity"_s, 1}}}},
                      {u"block"_s, QJsonObject{{u"paths"_s, QJsonArray{u"/admin"_s}}}}})
                     .answer.status,
                 200);
        QCOMPARE(send(0)->status, 200);
        QCOMPARE(send(0)->status, 429);
        QCOMPARE(send(0, QByteArrayLiteral("/admin"))->status, 403);
        QCOMPARE(m_api->ask({.method = "DELETE", .target = "/v1/limits/only"}).answer.status, 409);
    }
};

QTEST_GUILESS_MAIN(TestAdminService)
#include "tst_admin_service.moc"
