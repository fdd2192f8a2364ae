// SPDX-License-Identifier: GPL-3.0-only
// Limits and buckets through the admin API: what becomes of a body, and all that can be wrong with it.
#include <QTest>

#include "core/admin/limits_json.h"
#include "core/config/toml_reader.h"
#include "core/policy/value_hash.h"
#include "tests/support/described_admin.h"
#include "tests/ui/fake_service.h"

using namespace weir;
using namespace Qt::StringLiterals;
using test::AdminHeard;
using test::fieldsOf;

namespace {

config::LimitSet setOf(const char *toml)
{
    const config::ConfigFile file = config::readConfigText(toml);
    if (!file.isUsable())
        qFatal("%s", config::printIssue(file.issues.front().issue).c_str());
    return file.config.limitSet;
}

constexpr const char *kAll = "[allow]\n"
                             "networks = [\"192.0.2.0/24\"]\n"
                             "paths = [\"/health\"]\n"
                             "keys = [\"cookie:sid=secret-cookie\", \"header:X-Plan=gold\"]\n"
                             "[block]\n"
                             "keys = [\"header:Authorization=Bearer secret-key\", \"query:token=secret-token\"]\n"
                             "[keys]\n"
                             "max_live = 1000\n"
                             "[[limit]]\n"
                             "name = \"global\"\n"
                             "[[limit]]\n"
                             "name = \"api\"\n"
                             "match = { path = \"/api/*\", methods = [\"GET\", \"POST\"], network = [\"10.0.0.0/8\"], "
                             "header = { X-Plan = [\"free\", \"old\"], X-Key = true, \"X-No\" = false } }\n"
                             "key = [\"ip\", \"query:token\"]\n"
                             "hash_key = true\n"
                             "algorithm = \"gcra\"\n"
                             "capacity = 10\n"
                             "refill = 2\n"
                             "every = \"10s\"\n"
                             "start = \"empty\"\n"
                             "cost = 2\n"
                             "cost_by_route = [{ path = \"/api/slow\", methods = [\"POST\"], cost = 5 }, { header = { "
                             "X-Bulk = \"yes\" }, cost = 0 }]\n"
                             "cost_header = \"X-Cost\"\n"
                             "on_store_failure = \"reject\"\n"
                             "shadow = true\n"
                             "without_key = \"unlimited\"\n"
                             "[[limit]]\n"
                             "name = \"window\"\n"
                             "algorithm = \"fixed-window\"\n"
                             "capacity = 7\n"
                             "every = \"1h\"\n"
                             "otherwise = true\n";

/// Changes take effect when the test says so.
class SlowService : public test::FakeService {
public:
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                      std::function<void(Result<Done>)> done) override
    {
        m_changes.push_back([=, this] { FakeService::changeLimits(next, mode, context, done); });
    }
    void finishOne()
    {
        if (m_changes.empty())
            return;
        const auto change = std::move(m_changes.front());
        m_changes.pop_front();
        change();
    }

private:
    std::deque<std::function<void()>> m_changes;
};

} // namespace

class TestAdminLimits : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_service = std::make_unique<test::FakeService>();
        m_service->set = std::make_shared<const config::LimitSet>(setOf(kAll));
        m_api = std::make_unique<test::DescribedAdmin>(*m_service, m_description);
    }

    void aLimitIsShownAsAFileHasIt()
    {
        const QJsonObject api = m_api->get("/v1/limits/api").json;
        QCOMPARE(api.value(u"every"_s), QJsonValue{u"10s"_s});
        QCOMPARE(api.value(u"capacity"_s), QJsonValue{10});
        QCOMPARE(api.value(u"hash_key"_s), QJsonValue{true});
        QCOMPARE(api.value(u"key"_s), (QJsonValue{QJsonArray{u"ip"_s, u"query:token"_s}}));
        QCOMPARE(api[u"match"][u"header"][u"X-Plan"], (QJsonValue{QJsonArray{u"free"_s, u"old"_s}}));
        QCOMPARE(api[u"match"][u"header"][u"X-No"], QJsonValue{false});
        QCOMPARE(api[u"cost_by_route"][0][u"cost"], QJsonValue{5});
        const QJsonObject global = m_api->get("/v1/limits/global").json;
        QCOMPARE(global.value(u"hash_key"_s), QJsonValue{u"credentials"_s});
        QCOMPARE(global.value(u"match"_s), QJsonValue{QJsonObject{}});
        QCOMPARE(global.size(), m_description.schema("Limit").value(u"properties"_s).toObject().size());
    }

    void whatIsShownCanBeSentBackAndChangesNothing()
    {
        const config::LimitSet before = *m_service->set;
        for (const char *target : {"/v1/limits", "/v1/limits/global", "/v1/limits/api", "/v1/limits/window"}) {
            const AdminHeard shown = m_api->get(target);
            const AdminHeard put = m_api->put(target, shown.answer.body);
            QVERIFY2(put.answer.status == 200, put.answer.body.c_str());
            QCOMPARE(put.answer.body, shown.answer.body);
            QVERIFY(m_service->setChanges.back().set == before);
            QCOMPARE(m_service->setChanges.back().mode, limit::TokenMode::Keep);
        }
    }

    void whatIsHiddenInBucketsIsHiddenHere()
    {
        const std::string all = m_api->get("/v1/limits").answer.body;
        QVERIFY2(all.find("secret") == std::string::npos, all.c_str());
        QVERIFY(all.find("cookie:sid=" + policy::valueHash("secret-cookie")) != std::string::npos);
        QVERIFY(all.find("query:token=" + policy::valueHash("secret-token")) != std::string::npos); // a limit hides it
        QVERIFY(all.find("header:X-Plan=gold") != std::string::npos);
        config::LimitSet folding = *m_service->set;
        folding.keys.folds = true;
        folding.block.keys.front().value = "Bearer SECRET";
        m_service->set = std::make_shared<const config::LimitSet>(folding);
        QVERIFY(m_api->get("/v1/limits").answer.body.find(policy::valueHash("bearer secret")) != std::string::npos);
    }

    void aHashOfOnesOwnIsTakenAsItIs()
    {
        const std::string hash = policy::valueHash("another");
        const AdminHeard put = m_api->put("/v1/limits", "{\"limit\": [{\"name\": \"a\"}], \"allow\": {\"keys\": "
                                                        "[\"cookie:sid="
                                                            + hash + "\"]}}");
        QCOMPARE(put.answer.status, 200);
        QCOMPARE(m_service->set->allow.keys.front().value, hash);
        QVERIFY(m_service->set->allow.networks.empty());
        QCOMPARE(m_service->set->block.keys.size(), std::size_t{2}); // was not said
        QCOMPARE(m_service->set->keys.maxLive, std::int64_t{1000});
    }

    void givenFieldsAreChangedAndNoOthers()
    {
        const config::LimitSet before = *m_service->set;
        const AdminHeard put = m_api->put("/v1/limits/api?tokens=proportional",
                                          "{\"capacity\": 20, \"every\": \"1min\", \"match\": {\"path\": \"/v2/\"}, "
                                          "\"key\": [\"ip\"], \"on-store-failure\": \"allow\"}");
        QCOMPARE(put.answer.status, 200);
        config::LimitEntry wanted = before.limits[1];
        wanted.spec.capacity = 20;
        wanted.spec.interval = Micros{60'000'000};
        wanted.match = {.path = "/v2/"};
        wanted.key = {{config::KeyPart::Kind::Ip, {}}};
        wanted.onStoreFailure = config::StoreFailurePolicy::Allow;
        QVERIFY(m_service->set->limits[1] == wanted);
        QVERIFY(m_service->set->limits[0] == before.limits[0]);
        QCOMPARE(m_service->setChanges.back().mode, limit::TokenMode::Proportional);
        QCOMPARE(put.json.value(u"capacity"_s), QJsonValue{20});
        QCOMPARE(put.json.value(u"refill"_s), QJsonValue{2});
    }

    void changesAtOnceDoNotTakeEachOtherBack()
    {
        SlowService service;
        service.set = m_service->set;
        test::DescribedAdmin api{service, m_description};
        std::vector<int> statuses;
        const auto ask = [&](const test::AdminAsk &what) {
            api.api().handle(test::requestOf(what),
                             [&](const http::AdminAnswer &answer) { statuses.push_back(answer.status); });
        };
        ask({.method = "PUT", .target = "/v1/limits/global", .body = "{\"cost\": 3}"});
        ask({.method = "PUT", .target = "/v1/limits/api", .body = "{\"cost\": 0}"});
        ask({.method = "PUT", .target = "/v1/limits/api", .body = "{\"cost\": -1}"});
        ask({.method = "DELETE", .target = "/v1/limits/window"});
        ask({.method = "DELETE", .target = "/v1/limits/window"});
        ask({.method = "PUT", .target = "/v1/limits/new", .body = "{}"});
        for (int i = 0; i < 10; ++i)
            service.finishOne();
        QCOMPARE(statuses, (std::vector<int>{200, 200, 422, 204, 404, 201}));
        std::string names;
        for (const config::LimitEntry &limit : service.set->limits)
            names += limit.name + ' ' + std::to_string(limit.cost.cost) + ' ';
        QCOMPARE(names, std::string{"global 3 api 0 new 1 "});
    }

    void nullIsTheDefault()
    {
        QCOMPARE(
            m_api->put("/v1/limits/api", "{\"shadow\": null, \"cost_header\": null, \"match\": null}").answer.status,
            200);
        const config::LimitEntry &api = m_service->set->limits[1];
        QVERIFY(!api.isShadow);
        QVERIFY(api.cost.header.empty());
        QVERIFY(api.match == config::RequestMatch{});
    }

    void theRefillOfAWindowFollows()
    {
        QCOMPARE(m_api->put("/v1/limits/window", "{\"capacity\": 9}").json.value(u"refill"_s), QJsonValue{9});
        QCOMPARE(m_api->put("/v1/limits/window", "{\"algorithm\": \"token-bucket\", \"capacity\": 3}")
                     .json.value(u"refill"_s),
                 QJsonValue{3});
        QCOMPARE(m_api->put("/v1/limits/api", "{\"algorithm\": \"sliding-log\"}").json.value(u"refill"_s),
                 QJsonValue{10});
        QCOMPARE(fieldsOf(m_api->put("/v1/limits/window", "{\"algorithm\": \"fixed-window\", \"refill\": 1}")),
                 QStringList{u"refill"_s});
    }

    void anotherNameIsANewLimit()
    {
        const AdminHeard put = m_api->put("/v1/limits/new-one", "{\"capacity\": 3, \"key\": [\"ip\"]}");
        QCOMPARE(put.answer.status, 201);
        QVERIFY(put.hasField("Location: /v1/limits/new-one"));
        QCOMPARE(m_service->set->limits.size(), std::size_t{4});
        const config::LimitEntry &added = m_service->set->limits.back();
        QCOMPARE(added.name, std::string{"new-one"});
        QCOMPARE(added.spec.refill, limit::Tokens{3});
        QCOMPARE(m_api->put("/v1/limits/new-one", "{}").answer.status, 200);
    }

    void limitsAreRemoved()
    {
        const auto remove = [&](const char *name) {
            return m_api->ask({.method = "DELETE", .target = std::string{"/v1/limits/"} + name}).answer;
        };
        QCOMPARE(remove("api").status, 204);
        QVERIFY(remove("window").body.empty());
        QCOMPARE(remove("api").status, 404);
        QCOMPARE(remove("global").status, 409);
        QCOMPARE(m_service->set->limits.size(), std::size_t{1});
    }

    void allReasonsAreGiven_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QStringList>("fields");
        QTest::addColumn<QString>("first");
        QTest::newRow("several")
            << QByteArray{"{\"capacity\": 0, \"every\": \"1 month\", \"algorithm\": \"best\", \"cots\": 1}"}
            << QStringList{u"algorithm"_s, u"capacity"_s, u"every"_s, u"cots"_s} << QString{};
        QTest::newRow("a text") << QByteArray{"{\"capacity\": \"5\"}"} << QStringList{u"capacity"_s}
                                << u"\"5\" is a string"_s;
        QTest::newRow("a fraction") << QByteArray{"{\"capacity\": 5.5}"} << QStringList{u"capacity"_s}
                                    << u"it is a number with a fraction"_s;
        QTest::newRow("too large") << QByteArray{"{\"capacity\": 1e30}"} << QStringList{u"capacity"_s}
                                   << u"9223372036854775807 is out of range"_s;
        QTest::newRow("refill") << QByteArray{"{\"capacity\": 4, \"refill\": 5}"} << QStringList{u"refill"_s}
                                << QString{};
        QTest::newRow("null in a list") << QByteArray{"{\"key\": [null]}"} << QStringList{u"key[1]"_s}
                                        << u"null is no value here"_s;
        QTest::newRow("in the match")
            << QByteArray{"{\"match\": {\"path\": \"x\", \"methods\": [\"get\"], \"header\": {\"A\": 1}}}"}
            << QStringList{u"match.header.A"_s, u"match.path"_s, u"match.methods[1]"_s} << QString{};
        QTest::newRow("a route") << QByteArray{"{\"cost_by_route\": [{\"path\": \"/a\"}]}"}
                                 << QStringList{u"cost_by_route[1].cost"_s} << u"the route has no cost"_s;
        QTest::newRow("another's word") << QByteArray{"{\"burst\": 5}"} << QStringList{u"burst"_s} << QString{};
        QTest::newRow("another name") << QByteArray{"{\"name\": \"other\"}"} << QStringList{u"name"_s}
                                      << u"it is not the name in the path"_s;
        QTest::newRow("deep") << QByteArray{"{\"match\": "} + QByteArray{"["}.repeated(200)
                                     + QByteArray{"]"}.repeated(200) + "}"
                              << QStringList{} << QString{};
    }
    void allReasonsAreGiven()
    {
        QFETCH(const QByteArray, body);
        QFETCH(const QStringList, fields);
        QFETCH(const QString, first);
        const AdminHeard heard = m_api->put("/v1/limits/global", body.toStdString());
        QVERIFY2(heard.answer.status == 422, heard.answer.body.c_str());
        if (!fields.isEmpty())
            QVERIFY2(fieldsOf(heard) == fields, qPrintable(fieldsOf(heard).join(u' ')));
        if (!first.isEmpty())
            QCOMPARE(heard.json[u"errors"][0][u"problem"].toString(), first);
        QVERIFY(m_service->setChanges.empty());
        if (fields.size() > 1)
            QCOMPARE(heard.detail(), u"%1 things are wrong; errors has all of them."_s.arg(fields.size()));
    }

    void newNamesAreChecked()
    {
        QCOMPARE(fieldsOf(m_api->put("/v1/limits/New", "{}")), QStringList{u"name"_s});
        QCOMPARE(fieldsOf(m_api->put("/v1/limits/%7B%7D", "{}")), QStringList{u"name"_s});
        QCOMPARE(fieldsOf(m_api->put("/v1/limits/" + std::string(65, 'a'), "{}")), QStringList{u"name"_s});
    }

    void aBadSetIsNotTaken()
    {
        const auto fields = [&](const char *body) {
            const AdminHeard heard = m_api->put("/v1/limits", body);
            return heard.answer.status == 422 ? fieldsOf(heard) : QStringList{u"is taken"_s};
        };
        QCOMPARE(fields("{}"), QStringList{u"limit"_s});
        QCOMPARE(fields("{\"limit\": []}"), QStringList{u"limit"_s});
        QCOMPARE(fields("{\"limits\": [{\"name\": \"a\"}]}"), (QStringList{u"limits"_s, u"limit"_s}));
        QCOMPARE(fields("{\"limit\": [{\"name\": \"a\"}], \"server\": {\"threads\": 1}}"), QStringList{u"server"_s});
        QCOMPARE(fields("{\"limit\": [{\"name\": \"a\"}, {\"name\": \"a\", \"cost\": 9}]}"),
                 (QStringList{u"limit[2].name"_s, u"limit[2].cost"_s}));
        QCOMPARE(fields("{\"limit\": [{\"capacity\": 5}], \"block\": {\"networks\": [\"x\"]}}"),
                 (QStringList{u"block.networks[1]"_s, u"limit[1].name"_s}));
        QVERIFY(m_service->setChanges.empty());
    }

    void bucketsAreFilledAndEmptied()
    {
        QCOMPARE(m_api->post("/v1/limits/global/fill").json.value(u"tokens"_s), QJsonValue{5});
        QCOMPARE(m_api->post("/v1/limits/global/empty", "{}").json.value(u"tokens"_s), QJsonValue{0});
        QCOMPARE(m_api->post("/v1/limits/api/empty", "{\"key\": \"192.0.2.1,#0123\"}").json.value(u"key"_s),
                 QJsonValue{u"192.0.2.1,#0123"_s});
        QCOMPARE(m_service->bucketLevels.size(), std::size_t{3});
        QCOMPARE(m_service->bucketLevels[0].tokens, limit::kMaxCapacity);
        QCOMPARE(m_service->bucketLevels[2].subject, std::string{"192.0.2.1,#0123"});
        QCOMPARE(m_service->bucketLevels[2].tokens, limit::Tokens{0});
    }

    void whatNamesNoBucketIsNotTaken_data()
    {
        QTest::addColumn<QByteArray>("limit");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("field");
        const QByteArray api{"api"};
        QTest::newRow("no key") << api << QByteArray{} << u"key"_s;
        QTest::newRow("empty") << api << QByteArray{"{\"key\": \"\"}"} << u"key"_s;
        QTest::newRow("null") << api << QByteArray{"{\"key\": null}"} << u"key"_s;
        QTest::newRow("a number") << api << QByteArray{"{\"key\": 5}"} << u"key"_s;
        QTest::newRow("braces") << api << QByteArray{"{\"key\": \"a}b\"}"} << u"key"_s;
        QTest::newRow("a line") << api << QByteArray{"{\"key\": \"a\\nb\"}"} << u"key"_s;
        QTest::newRow("NUL") << api << QByteArray{"{\"key\": \"a\\u0000\"}"} << u"key"_s;
        QTest::newRow("long") << api << QByteArray{"{\"key\": \""} + QByteArray(257, 'a') + "\"}" << u"key"_s;
        QTest::newRow("a key too many") << QByteArray{"global"} << QByteArray{"{\"key\": \"a\"}"} << u"key"_s;
        QTest::newRow("another field") << QByteArray{"global"} << QByteArray{"{\"keys\": \"a\"}"} << u"keys"_s;
    }
    void whatNamesNoBucketIsNotTaken()
    {
        QFETCH(const QByteArray, limit);
        QFETCH(const QByteArray, body);
        QFETCH(const QString, field);
        for (const char *what : {"/fill", "/empty"}) {
            const AdminHeard heard = m_api->post("/v1/limits/" + limit.toStdString() + what, body.toStdString());
            QCOMPARE(heard.answer.status, 422);
            QVERIFY(fieldsOf(heard).contains(field));
        }
        QVERIFY(m_service->bucketLevels.empty());
    }

    void topListsBucketsWithoutAWatch()
    {
        engine::BucketList list;
        list.live = 2;
        list.rows = {{"192.0.2.1,#0123", 4, 7, 1, 0, 1'700'000'000'000}, {"192.0.2.2,#0123", -1, 1, 0, 0, 0}};
        m_service->bucketList = std::make_shared<const engine::BucketList>(list);
        m_service->watched = {"window", "x"};
        const QJsonObject top = m_api->get("/v1/limits/api/top?search=192").json;
        QCOMPARE(top.value(u"live_buckets"_s), QJsonValue{2});
        QCOMPARE(top[u"buckets"][0][u"admitted_total"], QJsonValue{7});
        QVERIFY(top[u"buckets"][1][u"tokens"].isNull());
        QVERIFY(m_service->watched == (std::pair<std::string, std::string>{"window", "x"}));
    }

private:
    test::OpenApi m_description{test::DescribedAdmin::text()};
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<test::DescribedAdmin> m_api;
};

QTEST_GUILESS_MAIN(TestAdminLimits)
#include "tst_admin_limits.moc"
