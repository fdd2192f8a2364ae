// SPDX-License-Identifier: GPL-3.0-only
// Who may ask the admin port: names, pages of other sites, the token, other machines.
#include <QTest>

#include "tests/support/described_admin.h"
#include "tests/ui/fake_service.h"

using namespace weir;
using namespace Qt::StringLiterals;
using test::AdminAsk;
using test::AdminHeard;

class TestAdminRules : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_service = std::make_unique<test::FakeService>();
        m_api = std::make_unique<test::DescribedAdmin>(*m_service, m_description);
    }

    void onlyItsOwnNamesAreAnswered_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<int>("status");
        for (const char *own : {"127.0.0.1:8001", "localhost:8001", "LocalHost:8001", "[::1]:8001"})
            QTest::newRow(own) << QByteArray{own} << 200;
        for (const char *other : {"evil.example", "evil.example:8001", "127.0.0.1", "127.0.0.1:8000", "localhost",
                                  "localhost.evil.example:8001", "127.0.0.1:80011", "[::1]"})
            QTest::newRow(other) << QByteArray{other} << 421;
        QTest::newRow("none: HTTP/1.0") << QByteArray{} << 421;
    }
    void onlyItsOwnNamesAreAnswered()
    {
        QFETCH(const QByteArray, host);
        QFETCH(const int, status);
        const auto said = host.isEmpty() ? std::nullopt : std::optional{host.toStdString()};
        for (const char *target : {"/healthz", "/v1/status", "/metrics"})
            QCOMPARE(ask({.target = target, .host = said}).answer.status, status);
        QCOMPARE(ask({.method = "PUT", .target = "/v1/limits/global", .body = "{}", .host = said}).answer.status,
                 status);
        QCOMPARE(m_service->setChanges.size(), status == 200 ? std::size_t{1} : std::size_t{0});
    }

    void noPageOfAnotherSiteIsAnswered_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const char *value, int status) {
            QTest::newRow((QByteArray{name} + ' ' + value).constData())
                << QByteArray{name} << QByteArray{value} << status;
        };
        row("Origin", "http://127.0.0.1:8001", 200);
        row("Origin", "http://LOCALHOST:8001", 200);
        row("Origin", "https://127.0.0.1:8001", 403);
        row("Origin", "http://127.0.0.1:8000", 403); // the data port: what it serves is not ours
        row("Origin", "http://evil.example", 403);
        row("Origin", "null", 403);
        row("Origin", "127.0.0.1:8001", 403);
        row("Sec-Fetch-Site", "same-origin", 200);
        row("Sec-Fetch-Site", "none", 200);
        row("Sec-Fetch-Site", "same-site", 403);
        row("Sec-Fetch-Site", "cross-site", 403);
        row("Sec-Fetch-Site", "", 403);
    }
    void noPageOfAnotherSiteIsAnswered()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, value);
        QFETCH(const int, status);
        const AdminAsk get{.target = "/v1/status", .fields = {{name.toStdString(), value.toStdString()}}};
        QCOMPARE(ask(get).answer.status, status);
        AdminAsk put = get;
        put.method = "PUT";
        put.target = "/v1/limits/global";
        put.body = "{}";
        QCOMPARE(ask(put).answer.status, status);
    }

    void ofTwoOriginsBothMustBeOurs()
    {
        QCOMPARE(ask({.target = "/v1/status",
                      .fields = {{"Origin", "http://127.0.0.1:8001"}, {"Origin", "http://evil.example"}}})
                     .answer.status,
                 403);
    }

    void nothingIsChangedWithoutTheToken_data()
    {
        QTest::addColumn<QByteArray>("authorization");
        const std::string own = test::kAdminToken;
        QTest::newRow("none") << QByteArray{};
        QTest::newRow("another") << QByteArray::fromStdString("Bearer " + std::string(64, 'c'));
        QTest::newRow("a beginning") << QByteArray::fromStdString("Bearer " + own.substr(0, 63));
        QTest::newRow("one more") << QByteArray::fromStdString("Bearer " + own + "b");
        QTest::newRow("twice as long") << QByteArray::fromStdString("Bearer " + own + own);
        QTest::newRow("nothing") << QByteArray{"Bearer"};
        QTest::newRow("basic") << QByteArray::fromStdString("Basic " + own);
        QTest::newRow("bare") << QByteArray::fromStdString(own);
    }
    void nothingIsChangedWithoutTheToken()
    {
        QFETCH(const QByteArray, authorization);
        const std::pair<const char *, const char *> all[] = {
            {"PUT", "/v1/limits"},
            {"PUT", "/v1/limits/global"},
            {"DELETE", "/v1/limits/global"},
            {"PATCH", "/v1/limits"},
            {"POST", "/v1/limits/global/fill"},
            {"POST", "/v1/limits/global/empty"},
            {"OPTIONS", "/v1/limits"},
            {"POST", "/nowhere"},
        };
        for (const auto &[method, target] : all) {
            AdminAsk what{.method = method, .target = target, .token = std::nullopt};
            if (!authorization.isEmpty())
                what.fields = {{"Authorization", authorization.toStdString()}};
            const AdminHeard heard = ask(what);
            QCOMPARE(heard.answer.status, 401);
            QVERIFY(heard.hasField("WWW-Authenticate: Bearer"));
            QVERIFY(!QByteArray::fromStdString(heard.answer.body).contains("bbbb"));
        }
        QVERIFY(m_service->setChanges.empty());
        QVERIFY(m_service->bucketLevels.empty());
    }

    void twoTokensAreNone()
    {
        QCOMPARE(ask({.method = "POST",
                      .target = "/v1/limits/global/fill",
                      .fields = {{"Authorization", "Bearer " + test::kAdminToken}}})
                     .answer.status,
                 401);
    }

    void withoutATokenOfItsOwnItTakesNone()
    {
        admin::AdminRules rules = test::adminRules();
        rules.token.clear();
        admin::AdminApi api{*m_service, rules};
        for (const auto &token : {std::optional<std::string>{}, std::optional<std::string>{""}})
            QCOMPARE(
                test::ask(api, {.method = "POST", .target = "/v1/limits/global/fill", .token = token}).answer.status,
                401);
    }

    void tokensAreComparedWhole()
    {
        QVERIFY(admin::isSameToken("abc", "abc"));
        for (const char *other : {"", "a", "ab", "abd", "xbc", "abcabc", "abcd"})
            QVERIFY2(!admin::isSameToken(other, "abc"), other);
        QVERIFY(!admin::isSameToken("", ""));
        QVERIFY(!admin::isSameToken(std::string("abc\0", 4), "abc"));
    }

    void readsFromOtherMachinesNeedTheTokenHealthApart()
    {
        for (const std::string peer : {"192.0.2.7", "2001:db8::7"}) {
            for (const char *target : {"/v1/status", "/v1/limits", "/v1/requests", "/metrics", "/openapi.json",
                                       "/nowhere", "/healthz/", "/v1/check?limit=global"}) {
                const AdminHeard heard = ask({.target = target, .token = std::nullopt, .peer = peer});
                QCOMPARE(heard.answer.status, 401);
                QVERIFY(heard.hasField("WWW-Authenticate: Bearer"));
            }
            QCOMPARE(ask({.target = "/v1/status", .peer = peer}).answer.status, 200);
            for (const char *target : {"/healthz", "/readyz", "/healthz?"})
                QCOMPARE(ask({.target = target, .token = std::nullopt, .peer = peer}).answer.status, 200);
            QCOMPARE(ask({.method = "POST", .target = "/healthz", .token = std::nullopt, .peer = peer}).answer.status,
                     401);
        }
        QCOMPARE(ask({.target = "/v1/status", .token = std::nullopt, .peer = "127.0.0.9"}).answer.status, 200);
        QCOMPARE(ask({.target = "/v1/status", .token = std::nullopt, .peer = "::1"}).answer.status, 200);
        admin::AdminRules open = test::adminRules();
        open.mayStrangersRead = true;
        admin::AdminApi api{*m_service, open};
        const AdminAsk stranger{.target = "/v1/status", .token = std::nullopt, .peer = "192.0.2.7"};
        QCOMPARE(test::ask(api, stranger).answer.status, 200);
        AdminAsk change = stranger;
        change.method = "POST";
        change.target = "/v1/limits/global/fill";
        QCOMPARE(test::ask(api, change).answer.status, 401);
    }

private:
    AdminHeard ask(const AdminAsk &what) { return m_api->ask(what); }

    test::OpenApi m_description{test::DescribedAdmin::text()};
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<test::DescribedAdmin> m_api;
};

QTEST_GUILESS_MAIN(TestAdminRules)
#include "tst_admin_rules.moc"
