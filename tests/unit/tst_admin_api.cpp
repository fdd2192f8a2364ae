// SPDX-License-Identifier: GPL-3.0-only
// The admin API over a scripted service: the form of questions and answers, and that resources/openapi.json describes every
// route and every status.
#include <QTest>

#include "tests/support/described_admin.h"
#include "tests/ui/fake_service.h"

using namespace weir;
using namespace Qt::StringLiterals;
using test::AdminAsk;
using test::AdminHeard;
using test::fieldsOf;

namespace {

/// Somebody else removes the limit as soon as it is there.
class HastyService : public test::FakeService {
public:
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                      std::function<void(Result<Done>)> done) override
    {
        FakeService::changeLimits(next, mode, context, [this, done](const Result<Done> &result) {
            if (isHasty)
                set = std::make_shared<const config::LimitSet>(config::LimitSet{{{}}, {}, {}, {}});
            done(result);
        });
    }
    bool isHasty{false};
};

config::LimitEntry limitOf(const char *name, std::vector<config::KeyPart> key = {})
{
    config::LimitEntry limit;
    limit.name = name;
    limit.key = std::move(key);
    return limit;
}

const config::KeyPart kIp{config::KeyPart::Kind::Ip, {}};

} // namespace

class TestAdminApi : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_description = std::make_unique<test::OpenApi>(test::DescribedAdmin::text());
        QVERIFY(!m_description->document().isEmpty());
    }
    void init()
    {
        m_service = std::make_unique<HastyService>();
        m_service->set = std::make_shared<const config::LimitSet>(
            config::LimitSet{{limitOf("global"), limitOf("per-client", {kIp})}, {}, {}, {}});
        m_api = std::make_unique<test::DescribedAdmin>(*m_service, *m_description);
    }

    // The form of questions and answers.

    void whatIsNotThereIsSaid()
    {
        for (const char *target : {"/", "/v1", "/v1/", "/v1/limits/", "/v1//limits", "/v1/limits/global/other",
                                   "/v1/limits/global/fill/x", "/V1/limits", "/v2/limits"})
            QCOMPARE(ask({.target = target}).answer.status, 404);
        QCOMPARE(ask({.target = "/%76%31/limits"}).answer.status, 200);
        QCOMPARE(ask({.target = "/v1%2Flimits"}).answer.status, 404);
        admin::AdminApi bare{*m_service, test::adminRules()};
        QCOMPARE(test::ask(bare, {.target = "/metrics"}).answer.status, 404);
    }

    void anotherMethodIsToldWhichThereAre()
    {
        const AdminHeard heard = ask({.method = "PATCH", .target = "/v1/limits/global", .body = "{}"});
        QCOMPARE(heard.answer.status, 405);
        QVERIFY(heard.hasField("Allow: GET, HEAD, PUT, DELETE"));
        QVERIFY(ask({.method = "GET", .target = "/v1/limits/global/fill"}).hasField("Allow: POST"));
        QVERIFY(ask({.method = "DELETE", .target = "/healthz"}).hasField("Allow: GET, HEAD"));
        QCOMPARE(ask({.method = "OPTIONS", .target = "/v1/limits"}).answer.status, 405);
        QCOMPARE(ask({.method = "HEAD", .target = "/v1/limits"}).answer.status, 200);
    }

    void noAnswerIsKeptGuessedOrForOthers()
    {
        std::vector<AdminAsk> all{{.target = "/healthz"},
                                  {.target = "/nowhere"},
                                  {.target = "/v1/status", .host = "evil.example"},
                                  {.target = "/openapi.json"},
                                  {.method = "POST", .target = "/v1/limits/global/fill", .token = std::nullopt},
                                  {.target = "/v1/status", .fields = {{"Origin", "http://127.0.0.1:8001"}}}};
        for (const AdminAsk &what : all) {
            const AdminHeard heard = ask(what);
            QVERIFY(heard.hasField("Cache-Control: no-store"));
            QVERIFY(heard.hasField("X-Content-Type-Options: nosniff"));
            QVERIFY(!QByteArray::fromStdString(heard.answer.fields).toLower().contains("access-control"));
        }
    }

    void aBodyMustBeJson_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("detail");
        const QString notJson = u"The body must be JSON, with Content-Type: application/json."_s;
        QTest::newRow("no type") << QByteArray{} << QByteArray{"{}"} << 415 << notJson;
        QTest::newRow("text") << QByteArray{"text/plain"} << QByteArray{"{}"} << 415 << notJson;
        QTest::newRow("a form") << QByteArray{"application/x-www-form-urlencoded"} << QByteArray{"{}"} << 415
                                << notJson;
        QTest::newRow("nearly") << QByteArray{"application/jsonp"} << QByteArray{"{}"} << 415 << notJson;
        QTest::newRow("with a charset") << QByteArray{"Application/JSON ; charset=utf-8"} << QByteArray{"{}"} << 200
                                        << QString{};
        QTest::newRow("none") << QByteArray{"application/json"} << QByteArray{} << 400
                              << u"This needs a body: a JSON object."_s;
        QTest::newRow("a list") << QByteArray{"application/json"} << QByteArray{"[]"} << 400
                                << u"The body is JSON, but no object."_s;
        QTest::newRow("half") << QByteArray{"application/json"} << QByteArray{"{\"capacity\": 5,\n  \"refill\": }"}
                              << 400 << u" at line 2, column 1"_s;
        QTest::newRow("too large") << QByteArray{"application/json"} << QByteArray(1'048'577, ' ') << 413
                                   << u"The body has more than 1 MiB."_s;
    }
    void aBodyMustBeJson()
    {
        QFETCH(const QByteArray, type);
        QFETCH(const QByteArray, body);
        QFETCH(const int, status);
        QFETCH(const QString, detail);
        for (const char *target :
             {"/v1/limits/global", "/v1/limits", "/v1/limits/global/fill", "/v1/limits/global/empty"}) {
            const bool isBucket = QByteArray{target}.startsWith("/v1/limits/global/");
            AdminAsk what{.method = isBucket ? "POST" : "PUT",
                          .target = target,
                          .body = body.toStdString(),
                          .type = type.isEmpty() ? std::nullopt : std::optional{type.toStdString()}};
            const AdminHeard heard = ask(what);
            const bool isOptional = isBucket && body.isEmpty();
            const bool lacksLimits = status == 200 && QByteArray{target} == "/v1/limits";
            QCOMPARE(heard.answer.status, isOptional ? 200 : lacksLimits ? 422 : status);
            if (!detail.isEmpty() && !isOptional)
                QVERIFY2(heard.detail().contains(detail), qPrintable(heard.detail()));
        }
    }

    void everyRouteIsDescribedAndSaysNoInTheSameWay()
    {
        const QJsonObject paths = m_description->document().value(u"paths"_s).toObject();
        QVERIFY(paths.size() >= 11);
        for (auto path = paths.begin(); path != paths.end(); ++path)
            for (const char *verb : {"get", "put", "post", "delete"}) {
                if (!path.value()[QLatin1String{verb}].isObject() || isForProxies(path.key()))
                    continue;
                AdminAsk what{.method = QByteArray{verb}.toUpper().toStdString(),
                              .target = QString{path.key()}.replace(u"{name}"_s, u"global"_s).toStdString()};
                if (what.method == "PUT")
                    what.body = "{}";
                AdminAsk other = what;
                other.host = "evil.example";
                QCOMPARE(ask(other).answer.status, 421);
                other = what;
                other.fields = {{"Sec-Fetch-Site", "cross-site"}};
                QCOMPARE(ask(other).answer.status, 403);
                other = what;
                other.token = std::nullopt;
                other.peer = "192.0.2.1";
                QCOMPARE(ask(other).answer.status == 401, !what.target.ends_with("z"));
                other = what;
                other.target += "?nonsense=1";
                const AdminHeard heard = ask(other);
                QCOMPARE(heard.answer.status, 400);
                QCOMPARE(fieldsOf(heard), QStringList{u"nonsense"_s});
                other.target = what.target + "?%zz";
                QCOMPARE(ask(other).answer.status, 400);
                QVERIFY(ask(what).answer.status < 500);
            }
    }

    void textsAreServed()
    {
        QCOMPARE(QByteArray::fromStdString(ask({.target = "/openapi.json"}).answer.body), test::DescribedAdmin::text());
        const AdminHeard metrics = ask({.target = "/metrics"});
        QCOMPARE(metrics.answer.body, std::string{"weir_redis_up 1\n"});
        QCOMPARE(metrics.answer.type, std::string{"text/plain; version=0.0.4; charset=utf-8"});
    }

    // Health and status.

    void readyMeansThatTheStoreDecides()
    {
        QCOMPARE(ask({.target = "/readyz"}).json.value(u"status"_s), QJsonValue{u"ready"_s});
        const auto isNot = [&](const char *detail) {
            const AdminHeard heard = ask({.target = "/readyz"});
            QCOMPARE(heard.answer.status, 503);
            QCOMPARE(heard.detail(), QString::fromLatin1(detail));
            QVERIFY(heard.hasField("Retry-After: 1"));
            QCOMPARE(ask({.target = "/v1/status"}).json.value(u"is_ready"_s), QJsonValue{false});
            QCOMPARE(ask({.target = "/healthz"}).answer.status, 200);
        };
        engine::Status &now = m_service->now;
        const engine::Status well = now;
        now.store.state = engine::StoreStatus::State::Starting;
        isNot("Redis has not answered yet.");
        now.store.state = engine::StoreStatus::State::Down;
        now.store.problem = "Redis at 127.0.0.1:6379 does not answer (connection refused)";
        isNot("Redis at 127.0.0.1:6379 does not answer (connection refused).");
        now = well;
        now.failure.isDegraded = true;
        now.failure.by = telemetry::DecidedBy::Local;
        isNot("This process decides by itself: Redis was away, and what was decided meanwhile is not entered yet.");
        now.failure.by = telemetry::DecidedBy::Reject;
        isNot("Not every worker of this process reaches Redis.");
        now = well;
        now.failure.isAllUndecided = true;
        now.failure.undecidedWhy = "the password is wrong";
        isNot("Every request is answered 503: the password is wrong.");
    }

    void theStatusHasWhatThePanelShows()
    {
        engine::Status &now = m_service->now;
        now.totals.admitted = 7;
        now.totals.inDoubt = 2;
        now.totals.leaseHeld = 3;
        now.totals.decidedBy[1] = 6;
        now.totals.turnedAwayBy[2] = 4;
        now.limits = {{"global", 5, 1, 1, 0}};
        now.deeds = {{"host:1 has filled the bucket of global", 1'700'000'000'000}};
        now.store.warnings = {"a warning"};
        now.decisionP99 = Micros{1500};
        now.limit.name = "global";
        const QJsonObject status = ask({.target = "/v1/status"}).json;
        QCOMPARE(status[u"requests"][u"admitted_total"], QJsonValue{7});
        QCOMPARE(status[u"requests"][u"in_doubt_tokens_total"], QJsonValue{2});
        QCOMPARE(status[u"requests"][u"lease_held_tokens"], QJsonValue{3});
        QCOMPARE(status[u"requests"][u"decided_by_total"][u"store"], QJsonValue{6});
        QCOMPARE(status[u"requests"][u"turned_away_total"][u"too_slow"], QJsonValue{4});
        QCOMPARE(status[u"requests"][u"decision_p99_ms"], QJsonValue{1.5});
        QCOMPARE(status[u"bucket"][u"tokens"], QJsonValue{5});
        QCOMPARE(status[u"bucket"][u"every_seconds"], QJsonValue{60});
        QCOMPARE(status[u"bucket"][u"next_refill_ms"], QJsonValue{37000});
        QCOMPARE(status[u"limits"][0][u"refused_total"], QJsonValue{1});
        QCOMPARE(status[u"deeds"][0][u"at_ms"], QJsonValue{qint64{1'700'000'000'000}});
        now.level.isKnown = false;
        QVERIFY(ask({.target = "/v1/status"}).json[u"bucket"][u"tokens"].isNull());
    }

    // What is asked about requests.

    void requestsAreReadByACursor()
    {
        const auto add = [&](int count) {
            std::vector<telemetry::RequestRecord> records;
            for (int i = 0; i < count; ++i)
                records.push_back(test::record(1'700'000'000'000'000 + i, i % 2 == 0 ? 200 : 429, "/a?b=1"));
            m_service->latest.add(records);
        };
        const auto page = [&](const char *query) { return ask({.target = std::string{"/v1/requests"} + query}).json; };
        QCOMPARE(page("").value(u"requests"_s).toArray().size(), 0);
        QCOMPARE(page("?after=0").value(u"next_after"_s), QJsonValue{0});
        add(250);
        const QJsonObject newest = page("");
        QCOMPARE(newest.value(u"requests"_s).toArray().size(), 100);
        QCOMPARE(newest[u"requests"][0][u"id"], QJsonValue{151});
        QCOMPARE(newest.value(u"next_after"_s), QJsonValue{250});
        const QJsonObject first = page("?after=0&limit=200");
        QCOMPARE(first.value(u"requests"_s).toArray().size(), 200);
        QCOMPARE(first.value(u"next_after"_s), QJsonValue{200});
        QCOMPARE(page("?after=200").value(u"requests"_s).toArray().size(), 50);
        QCOMPARE(page("?after=250").value(u"requests"_s).toArray().size(), 0);
        QCOMPARE(page("?after=250").value(u"next_after"_s), QJsonValue{250});
        QCOMPARE(page("?after=251").value(u"requests"_s).toArray().size(), 100); // of a Weir before this one
        const QJsonObject refused = first.value(u"requests"_s).toArray()[1].toObject();
        QCOMPARE(refused.value(u"status"_s), QJsonValue{429});
        QCOMPARE(refused.value(u"retry_after_seconds"_s), QJsonValue{37});
        QCOMPARE(refused.value(u"took_ms"_s), QJsonValue{0.12});
        QCOMPARE(refused.value(u"target"_s), QJsonValue{u"/a?b=1"_s});
        add(10'000);
        const QJsonObject late = page("?after=250");
        QCOMPARE(late.value(u"dropped"_s), QJsonValue{10'000 - 8'192});
        QCOMPARE(late[u"requests"][0][u"id"], QJsonValue{10'250 - 8'192 + 1});
        QCOMPARE(page("").value(u"dropped"_s), QJsonValue{0});
        QCOMPARE(m_service->drains, 0); // the panel's
        m_service->now.requestsNotShown = 9;
        QCOMPARE(page("").value(u"lost_total"_s), QJsonValue{9});
    }

    void badParametersAreAllNamed()
    {
        const AdminHeard heard = ask({.target = "/v1/requests?after=-1&limit=1001&Limit=5&after=x"});
        QCOMPARE(heard.answer.status, 400);
        QCOMPARE(fieldsOf(heard), QStringList{u"Limit"_s});
        QCOMPARE(heard.detail(), u"Limit: there is no such parameter. Use limit."_s);
        QCOMPARE(fieldsOf(ask({.target = "/v1/requests?after=-1&limit=1001"})), (QStringList{u"after"_s, u"limit"_s}));
        QCOMPARE(fieldsOf(ask({.target = "/v1/requests?after=1&after=2"})), QStringList{u"after"_s});
    }

    void aBucketIsSetToAnyLevel()
    {
        const auto set = [&](const std::string &limit, const std::string &body) {
            return ask({.method = "POST", .target = "/v1/limits/" + limit + "/level", .body = body});
        };
        QCOMPARE(set("global", R"({"tokens": 3})").json.value(u"tokens"_s), QJsonValue{3});
        QCOMPARE(set("global", R"({"tokens": 1000000000})").json.value(u"tokens"_s), QJsonValue{5});
        const AdminHeard keyed = set("per-client", R"({"key": "192.0.2.1", "tokens": 0})");
        QCOMPARE(keyed.answer.status, 200);
        QCOMPARE(m_service->bucketLevels.back().subject, std::string{"192.0.2.1"});
        const auto objects = [&](const char *body) {
            const std::size_t before = m_service->bucketLevels.size();
            const AdminHeard heard = set("global", body);
            return heard.answer.status == 422 && m_service->bucketLevels.size() == before ? fieldsOf(heard)
                                                                                          : QStringList{};
        };
        for (const char *body : {"{}", R"({"tokens": -1})", R"({"tokens": 1.5})", R"({"tokens": "3"})",
                                 R"({"tokens": null})", R"({"tokens": 1000000001})", R"({"tokens": 1e300})"})
            QCOMPARE(objects(body), QStringList{u"tokens"_s});
        QCOMPARE(objects(R"({"key": "x", "level": 1})"), (QStringList{u"tokens"_s, u"level"_s, u"key"_s}));
        QCOMPARE(set("gobal", R"({"tokens": 3})").answer.status, 404);
        QCOMPARE(set("global", "").answer.status, 400);
        QCOMPARE(set("global", std::string(1'048'577, ' ')).answer.status, 413);
        QCOMPARE(ask({.method = "POST", .target = "/v1/limits/global/level", .body = "{}", .type = "text/plain"})
                     .answer.status,
                 415);
    }

    void aBucketIsLookedAt()
    {
        m_service->peek = {{5, 5, Micros{60'000'000}}, 2, Micros{1'500}, Micros{7'000'000}, std::nullopt};
        const AdminHeard heard = ask({.target = "/v1/limits/per-client/bucket?key=192.0.2.1&cost=9"});
        QCOMPARE(heard.json.value(u"tokens"_s), QJsonValue{2});
        QCOMPARE(heard.json.value(u"next_refill_ms"_s), QJsonValue{1.5});
        QCOMPARE(heard.json.value(u"until_full_ms"_s), QJsonValue{7000});
        QVERIFY(heard.json.value(u"wait_ms"_s).isNull());
        QCOMPARE(m_service->peeked.front().cost, limit::Tokens{9});
        QCOMPARE(m_service->peeked.front().subject, std::string{"192.0.2.1"});
        QCOMPARE(ask({.target = "/v1/limits/global/bucket"}).answer.status, 200);
        QCOMPARE(m_service->peeked.front().cost, limit::Tokens{1});
        QCOMPARE(fieldsOf(ask({.target = "/v1/limits/per-client/bucket"})), QStringList{u"key"_s});
        QCOMPARE(fieldsOf(ask({.target = "/v1/limits/global/bucket?key=x&cost=-1"})),
                 (QStringList{u"cost"_s, u"key"_s}));
        QCOMPARE(ask({.target = "/v1/limits/gobal/bucket"}).answer.status, 404);
    }

    void theHistoryIsAskedFor()
    {
        history::Answer answer{60, {{"global", 1'700'000'000, {}}}, {{1'700'000'000'123, {}, "host:1", "was changed"}}};
        answer.rows.front().counts.refused = 3;
        answer.rows.front().counts.p99Us = 250;
        m_service->answered = answer;
        const QJsonObject heard =
            ask({.target = "/v1/history?limit=global&from=1700000000&to=1700003600&rows=60"}).json;
        QCOMPARE(m_service->asked.limit, std::string{"global"});
        QCOMPARE(m_service->asked.fromS, 1'700'000'000);
        QCOMPARE(m_service->asked.toS, 1'700'003'600);
        QCOMPARE(m_service->asked.mostRows, 60);
        QCOMPARE(heard.value(u"step_seconds"_s), QJsonValue{60});
        QCOMPARE(heard[u"rows"][0][u"refused"], QJsonValue{3});
        QCOMPARE(heard[u"rows"][0][u"p99_ms"], QJsonValue{0.25});
        QVERIFY(heard[u"rows"][0][u"tokens"].isNull());
        QCOMPARE(heard[u"marks"][0][u"kind"], QJsonValue{u"start"_s});
        QCOMPARE(heard[u"marks"][0][u"sentence"], QJsonValue{u"was changed"_s});
        QCOMPARE(ask({.target = "/v1/history"}).answer.status, 200);
        QCOMPARE(m_service->asked.toS - m_service->asked.fromS, 3600);
        QCOMPARE(fieldsOf(ask({.target = "/v1/history?from=5&to=5"})), QStringList{u"from"_s});
        QCOMPARE(fieldsOf(ask({.target = "/v1/history?from=x&rows=10001"})), (QStringList{u"from"_s, u"rows"_s}));
        m_service->answered = Error{Error::Code::Unavailable, "no history is kept: the disk is full", true};
        QCOMPARE(ask({.target = "/v1/history"}).detail(), u"no history is kept: the disk is full."_s);
    }

    // What somebody who asks again and again goes by.
    void whatIsToBeReadAnewHasAnotherNumber()
    {
        const QJsonObject first = ask({.target = "/v1/status"}).json;
        QCOMPARE(ask({.target = "/v1/status"}).json.value(u"limits_version"_s), first.value(u"limits_version"_s));
        QCOMPARE(ask({.target = "/v1/requests"}).json.value(u"began_at_ms"_s), first.value(u"began_at_ms"_s));
        QCOMPARE(ask({.method = "PUT", .target = "/v1/limits/global", .body = R"({"cost": 2})"}).answer.status, 200);
        const QJsonObject second = ask({.target = "/v1/status"}).json;
        QVERIFY(second.value(u"limits_version"_s) != first.value(u"limits_version"_s));
        QCOMPARE(second.value(u"began_at_ms"_s), first.value(u"began_at_ms"_s));
        QVERIFY(second.value(u"at_ms"_s).toInteger() >= first.value(u"at_ms"_s).toInteger());
    }

    void everythingThatIsDescribedWasSeen()
    {
        m_service->failure = "it does not work";
        const AdminAsk changes[] = {{.method = "PUT", .target = "/v1/limits/global", .body = "{}"},
                                    {.method = "PUT", .target = "/v1/limits", .body = R"({"limit": [{"name": "a"}]})"},
                                    {.method = "DELETE", .target = "/v1/limits/global"},
                                    {.method = "POST", .target = "/v1/limits/global/fill"},
                                    {.method = "POST", .target = "/v1/limits/global/empty"},
                                    {.method = "POST", .target = "/v1/limits/global/level", .body = R"({"tokens": 2})"},
                                    {.target = "/v1/limits/global/top"},
                                    {.target = "/v1/limits/global/bucket"},
                                    {.target = "/v1/check"}};
        for (const AdminAsk &change : changes) {
            const AdminHeard heard = ask(change);
            QCOMPARE(heard.answer.status, 503);
            if (change.target != "/v1/check")
                QCOMPARE(heard.detail(), u"it does not work."_s);
        }
        m_service->failureCode = Error::Code::Io;
        for (const AdminAsk &change : std::span{changes}.first(3))
            QCOMPARE(ask(change).answer.status, 500);
        m_service->failureCode = Error::Code::Invalid;
        for (const AdminAsk &change : std::span{changes}.subspan(3, 5))
            QCOMPARE(ask(change).answer.status, 404);
        QCOMPARE(ask(changes[8]).answer.status, 503);
        m_service->failure.clear();
        for (const char *name : {"fill", "empty"}) {
            const std::string target = std::string{"/v1/limits/global/"} + name;
            QCOMPARE(ask({.method = "POST", .target = target, .body = R"({"key": "x"})"}).answer.status, 422);
        }
        QCOMPARE(ask({.target = "/v1/limits/global/top"}).answer.status, 200);
        QCOMPARE(ask({.target = "/v1/limits/gobal/top"}).answer.status, 404);
        QCOMPARE(ask({.target = "/v1/limits/gobal"}).detail(), u"There is no limit of that name; there is global."_s);
        QCOMPARE(ask({.method = "DELETE", .target = "/v1/limits/gobal"}).answer.status, 404);
        QCOMPARE(ask({.method = "DELETE", .target = "/v1/limits/global"}).answer.status, 204);
        QCOMPARE(ask({.method = "DELETE", .target = "/v1/limits/per-client"}).answer.status, 409);
        QCOMPARE(ask({.method = "PUT", .target = "/v1/limits/new", .body = "{}"}).answer.status, 201);
        m_service->isHasty = true;
        QCOMPARE(ask({.method = "PUT", .target = "/v1/limits/newer", .body = "{}"}).answer.status, 409);
        QCOMPARE(ask({.method = "PUT", .target = "/v1/limits", .body = R"({"limit": [{"name": "a"}]})"}).answer.status,
                 200);
        QCOMPARE(ask({.method = "PUT", .target = "/v1/limits/a", .body = R"({"capacity": 0})"}).answer.status, 422);
        QStringList unseen = m_description->unseen();
        unseen.removeIf([](const QString &one) { return isForProxies(one.section(u' ', 1, 1)); });
        QCOMPARE(unseen, QStringList{});
    }

private:
    // Those are answered by a worker, and never come here (tests/http/tst_forward_auth.cpp).
    static bool isForProxies(const QString &path) { return path.startsWith(u"/v1/authorize"_s); }

    AdminHeard ask(const AdminAsk &what) { return m_api->ask(what); }

    std::unique_ptr<test::OpenApi> m_description;
    std::unique_ptr<HastyService> m_service;
    std::unique_ptr<test::DescribedAdmin> m_api;
};

QTEST_GUILESS_MAIN(TestAdminApi)
#include "tst_admin_api.moc"
