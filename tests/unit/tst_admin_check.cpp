// SPDX-License-Identifier: GPL-3.0-only
// GET /v1/check: which limits a request must pay, and what would be decided about it.
#include <QTest>

#include "core/config/toml_reader.h"
#include "core/policy/value_hash.h"
#include "tests/support/described_admin.h"
#include "tests/ui/fake_service.h"

using namespace weir;
using namespace Qt::StringLiterals;
using test::AdminHeard;
using test::fieldsOf;

namespace {

constexpr const char *kAll = "[allow]\n"
                             "paths = [\"/health\"]\n"
                             "[block]\n"
                             "networks = [\"203.0.113.0/24\"]\n"
                             "[[limit]]\n"
                             "name = \"api\"\n"
                             "match = { path = \"/api/*\", methods = [\"GET\"], header = { X-Plan = \"free\" } }\n"
                             "key = [\"header:Authorization\"]\n"
                             "cost = 2\n"
                             "on_store_failure = \"reject\"\n"
                             "[[limit]]\n"
                             "name = \"off\"\n"
                             "enabled = false\n"
                             "[[limit]]\n"
                             "name = \"inside\"\n"
                             "match = { network = [\"10.0.0.0/8\"] }\n"
                             "key = [\"ip\"]\n"
                             "on_store_failure = \"allow\"\n"
                             "[[limit]]\n"
                             "name = \"rest\"\n"
                             "otherwise = true\n"
                             "shadow = true\n"
                             "[[limit]]\n"
                             "name = \"token\"\n"
                             "match = { path = \"/token\" }\n"
                             "key = [\"query:t\"]\n"
                             "without_key = \"refused\"\n";

} // namespace

class TestAdminCheck : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_service = std::make_unique<test::FakeService>();
        m_service->set = std::make_shared<const config::LimitSet>(config::readConfigText(kAll).config.limitSet);
        m_service->peek = {{5, 5, Micros{60'000'000}}, 5, Micros{1000}, Micros{0}, Micros{0},
                           telemetry::DecidedBy::Store};
        m_api = std::make_unique<test::DescribedAdmin>(*m_service, m_description);
    }

    void itSaysWhichLimitsAreForARequestAndWhy()
    {
        const auto whys = [&](const char *query) {
            QStringList list;
            for (const QJsonValue &one : check(query).value(u"limits"_s).toArray())
                list.append((one[u"applies"].toBool() ? u"+ "_s : u"- "_s) + one[u"why"].toString());
            return list;
        };
        QCOMPARE(whys("path=/api/x&header=X-Plan:free&client=10.1.1.1"),
                 (QStringList{u"+ the request matches"_s, u"- it is off"_s, u"+ the request matches"_s,
                              u"- a limit above it is for the request"_s, u"- its path is /token"_s}));
        QCOMPARE(whys("path=/api/x"),
                 (QStringList{u"- the field X-Plan is not as it must be"_s, u"- it is off"_s,
                              u"- the client is in none of its networks"_s, u"+ no limit above it is for the request"_s,
                              u"- its path is /token"_s}));
        QCOMPARE(whys("path=/api/x&method=POST").front(), u"- it is for GET"_s);
        QCOMPARE(whys("path=/health").front(), u"- no limit is asked"_s);
    }

    void itAsksForTheBucketsOfThoseAlone()
    {
        check("path=/api/x&header=X-Plan%3A%20free&header=Authorization:+Bearer+secret&client=10.1.1.1");
        QCOMPARE(m_service->peeked.size(), std::size_t{2});
        QCOMPARE(m_service->peeked[0].limit, std::string{"api"});
        QCOMPARE(m_service->peeked[0].cost, limit::Tokens{2});
        QCOMPARE(m_service->peeked[0].subject, policy::valueHash("Bearer secret"));
        QCOMPARE(m_service->peeked[1].subject, std::string{"10.1.1.1"});
    }

    void secretsAreNotSaidBack()
    {
        const AdminHeard heard = m_api->get(
            "/v1/check?path=/api/x?t=secret&header=X-Plan:free&header=Authorization:secret&header=Cookie:sid=secret");
        QCOMPARE(heard.answer.status, 200);
        QVERIFY2(heard.answer.body.find("secret") == std::string::npos, heard.answer.body.c_str());
    }

    void theClientIsWhoAsksUnlessSaid()
    {
        m_api->ask({.target = "/v1/check", .peer = "10.9.9.9"});
        QCOMPARE(m_service->peeked.front().subject, std::string{"10.9.9.9"});
    }

    void outcomes()
    {
        const char *const both = "path=/api/x&header=X-Plan:free&client=10.1.1.1";
        QJsonObject heard = check(both);
        QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"admitted"_s});
        QCOMPARE(heard.value(u"status"_s), QJsonValue{200});
        QCOMPARE(heard.value(u"decided_by"_s), QJsonValue{u"store"_s});
        m_service->peek.tokens = 1;
        m_service->peek.wait = Micros{12'000'001};
        heard = check(both);
        QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"refused"_s});
        QCOMPARE(heard.value(u"status"_s), QJsonValue{429});
        QCOMPARE(heard.value(u"retry_after_seconds"_s), QJsonValue{13});
        QCOMPARE(heard.value(u"why"_s), QJsonValue{u"The tokens of api, inside do not suffice."_s});
        QCOMPARE(heard[u"limits"][0][u"admits"], QJsonValue{false});
        QCOMPARE(heard[u"limits"][0][u"cost_tokens"], QJsonValue{2});
        m_service->peek.wait = std::nullopt;
        heard = check(both);
        QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"impossible"_s});
        QVERIFY(heard.value(u"retry_after_seconds"_s).isNull());
        heard = check("path=/"); // a shadow refuses nobody
        QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"admitted"_s});
        QCOMPARE(heard[u"limits"][3][u"admits"], QJsonValue{false});
        QCOMPARE(check("path=/health").value(u"outcome"_s), QJsonValue{u"exempt"_s});
        QCOMPARE(check("client=203.0.113.9").value(u"status"_s), QJsonValue{403});
        heard = check("path=/token");
        QCOMPARE(heard.value(u"outcome"_s), QJsonValue{u"blocked"_s});
        QCOMPARE(heard.value(u"why"_s),
                 QJsonValue{u"It lacks a part of the key of the limit token, which refuses such requests."_s});
        QCOMPARE(check("path=/token?t=1").value(u"outcome"_s), QJsonValue{u"impossible"_s});
    }

    void whileTheStoreIsAway()
    {
        const auto outcome = [&](const char *query) { return check(query).value(u"outcome"_s).toString(); };
        const char *const rejects = "path=/api/x&header=X-Plan:free", *const allows = "client=10.1.1.1";
        m_service->peek.by = telemetry::DecidedBy::Local; // this process decides by itself
        QCOMPARE(outcome(rejects), u"rejected"_s);
        QCOMPARE(outcome(allows), u"allowed"_s);
        QCOMPARE(outcome("limit=token&key=x"), u"admitted"_s);
        QCOMPARE(check("limit=token&key=x").value(u"decided_by"_s), QJsonValue{u"local"_s});
        m_service->failure = "gone";
        QCOMPARE(outcome(rejects), u"rejected"_s);
        QCOMPARE(outcome(allows), u"allowed"_s);
        QCOMPARE(m_api->get("/v1/check?limit=token&key=x").answer.status, 503);
        m_service->failureCode = Error::Code::Configuration; // never let through
        QCOMPARE(outcome(allows), u"rejected"_s);
    }

    void aBucketCanBeNamed()
    {
        QCOMPARE(check("limit=inside&key=10.0.0.1")[u"limits"][2][u"key"], QJsonValue{u"10.0.0.1"_s});
        QCOMPARE(m_service->peeked.size(), std::size_t{1});
        check("limit=rest");
        QCOMPARE(m_service->peeked.front().limit, std::string{"rest"});
        m_service->set = std::make_shared<const config::LimitSet>(
            config::readConfigText("[[limit]]\nname = \"a\"\n[[limit]]\nname = \"b\"\nkey = [\"ip\"]\n")
                .config.limitSet);
        check("key=10.0.0.1"); // only one limit has keys
        QCOMPARE(m_service->peeked.front().limit, std::string{"b"});
    }

    void badQuestionsAreSaid_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QStringList>("fields");
        QTest::newRow("all") << QByteArray{"path=x&method=G%20T&client=localhost&header=X"}
                             << QStringList{u"path"_s, u"method"_s, u"client"_s, u"header"_s};
        QTest::newRow("a space") << QByteArray{"path=/a%20b"} << QStringList{u"path"_s};
        QTest::newRow("a line in a field") << QByteArray{"header=A:%20b%0D%0AC:%20d"} << QStringList{u"header"_s};
        QTest::newRow("no limit") << QByteArray{"limit=none"} << QStringList{u"limit"_s};
        QTest::newRow("no key") << QByteArray{"limit=inside"} << QStringList{u"key"_s};
        QTest::newRow("a key alone") << QByteArray{"key=a"} << QStringList{u"limit"_s};
        QTest::newRow("a key of none") << QByteArray{"limit=rest&key=a"} << QStringList{u"key"_s};
        QTest::newRow("odd bytes") << QByteArray{"limit=inside&key=%7Ba%7D"} << QStringList{u"key"_s};
        QTest::newRow("both") << QByteArray{"limit=rest&path=/"} << QStringList{u"path"_s};
        QTest::newRow("another word") << QByteArray{"url=/"} << QStringList{u"url"_s};
    }
    void badQuestionsAreSaid()
    {
        QFETCH(const QByteArray, query);
        QFETCH(const QStringList, fields);
        const AdminHeard heard = m_api->get("/v1/check?" + query.toStdString());
        QCOMPARE(heard.answer.status, 400);
        QCOMPARE(fieldsOf(heard), fields);
        QVERIFY(m_service->peeked.empty());
    }

private:
    QJsonObject check(const char *query)
    {
        const AdminHeard heard = m_api->get(std::string{"/v1/check?"} + query);
        if (heard.answer.status != 200)
            QTest::qFail(heard.answer.body.c_str(), __FILE__, __LINE__);
        return heard.json;
    }

    test::OpenApi m_description{test::DescribedAdmin::text()};
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<test::DescribedAdmin> m_api;
};

QTEST_GUILESS_MAIN(TestAdminCheck)
#include "tst_admin_check.moc"
