// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/policy/matcher.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using weir::test::RequestMade;

Q_DECLARE_METATYPE(weir::config::RequestMatch)
Q_DECLARE_METATYPE(weir::test::RequestMade)
Q_DECLARE_METATYPE(weir::policy::Match)

namespace {

Network network(const char *text)
{
    return std::get<Network>(parseNetwork(text));
}

} // namespace

class TestMatcher : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void matches_data();
    void matches();
    void meets_data();
    void meets();
};

void TestMatcher::matches_data()
{
    QTest::addColumn<config::RequestMatch>("entry");
    QTest::addColumn<RequestMade>("request");
    QTest::addColumn<Match>("match");
    const config::RequestMatch api{.path = "/api/*", .methods = {"GET", "POST"}, .networks = {network("10.0.0.0/8")}};
    const auto row = [](const char *name, const config::RequestMatch &entry, const RequestMade &request, Match match) {
        QTest::newRow(name) << entry << request << match;
    };
    row("nothing said", {}, {}, Match::Yes);
    row("all of it", api, {.target = "/api/x?y=1", .client = "10.1.2.3"}, Match::Yes);
    row("the other method", api, {.method = "POST", .target = "/api/x", .client = "10.1.2.3"}, Match::Yes);
    row("not the method", api, {.method = "PUT", .target = "/api/x", .client = "10.1.2.3"}, Match::No);
    row("HEAD is not GET", api, {.method = "HEAD", .target = "/api/x", .client = "10.1.2.3"}, Match::No);
    row("not the path", api, {.target = "/x", .client = "10.1.2.3"}, Match::No);
    row("the query is no path", api, {.target = "/x?/api/x", .client = "10.1.2.3"}, Match::No);
    row("not the network", api, {.target = "/api/x", .client = "11.1.2.3"}, Match::No);
    row("a mapped address", api, {.target = "/api/x", .client = "::ffff:10.1.2.3"}, Match::Yes);

    const config::RequestMatch free{.headers = {{"X-Plan", "free"}}};
    row("no header", free, {}, Match::No);
    row("the header", free, {.headers = {{"x-pLAN", "free"}}}, Match::Yes);
    row("another value", free, {.headers = {{"X-Plan", "Free"}}}, Match::No);
    row("more than the value", free, {.headers = {{"X-Plan", "free, paid"}}}, Match::No);
    row("a longer name", free, {.headers = {{"X-Plans", "free"}}}, Match::No);
    row("twice, once so", free, {.headers = {{"X-Plan", "paid"}, {"x-plan", "free"}}}, Match::Maybe);
    row("twice so", free, {.headers = {{"X-Plan", "free"}, {"X-Plan", "free"}}}, Match::Maybe);
    row("twice otherwise", free, {.headers = {{"X-Plan", "paid"}, {"X-Plan", "gold"}}}, Match::No);

    const config::RequestMatch both{.headers = {{"X-Plan", "free"}, {"X-Zone", "eu"}}};
    row("both headers", both, {.headers = {{"X-Zone", "eu"}, {"X-Plan", "free"}}}, Match::Yes);
    row("one of two", both, {.headers = {{"X-Zone", "eu"}}}, Match::No);
    row("one of them unsure", both, {.headers = {{"X-Zone", "eu"}, {"X-Zone", "us"}, {"X-Plan", "free"}}},
        Match::Maybe);
    row("one unsure, one not", both, {.headers = {{"X-Zone", "eu"}, {"X-Zone", "us"}, {"X-Plan", "paid"}}}, Match::No);
    row("an empty value", {.headers = {{"X-Plan", ""}}}, {.headers = {{"X-Plan", ""}}}, Match::Yes);
    row("an empty value is wanted", {.headers = {{"X-Plan", ""}}}, {}, Match::No);
}

void TestMatcher::matches()
{
    QFETCH(const config::RequestMatch, entry);
    QFETCH(RequestMade, request);
    QTEST(Matcher{entry}.match(request.view()), "match");
}

void TestMatcher::meets_data()
{
    QTest::addColumn<config::RequestMatch>("one");
    QTest::addColumn<config::RequestMatch>("other");
    QTest::addColumn<bool>("mayMeet");
    const auto row = [](const char *name, const config::RequestMatch &one, const config::RequestMatch &other,
                        bool mayMeet) { QTest::newRow(name) << one << other << mayMeet; };
    row("all and all", {}, {}, true);
    row("all and one", {}, {.path = "/a", .methods = {"GET"}}, true);
    row("methods apart", {.methods = {"GET", "HEAD"}}, {.methods = {"POST"}}, false);
    row("a method in common", {.methods = {"GET", "HEAD"}}, {.methods = {"HEAD", "POST"}}, true);
    row("paths apart", {.path = "/a"}, {.path = "/b"}, false);
    row("networks apart", {.networks = {network("10.0.0.0/8")}}, {.networks = {network("11.0.0.0/8")}}, false);
    row("networks within", {.networks = {network("10.0.0.0/8")}}, {.networks = {network("10.1.0.0/16")}}, true);
    row("families apart", {.networks = {network("0.0.0.0/0")}}, {.networks = {network("::/0")}}, false);
    row("headers prove nothing", {.headers = {{"X-Plan", "free"}}}, {.headers = {{"X-Plan", "paid"}}}, true);
    row("one proof is enough", {.path = "/a", .methods = {"GET"}}, {.path = "/a", .methods = {"PUT"}}, false);
}

void TestMatcher::meets()
{
    QFETCH(const config::RequestMatch, one);
    QFETCH(const config::RequestMatch, other);
    QFETCH(const bool, mayMeet);
    QCOMPARE(Matcher{one}.mayMeet(Matcher{other}), mayMeet);
    QCOMPARE(Matcher{other}.mayMeet(Matcher{one}), mayMeet);
}

QTEST_APPLESS_MAIN(TestMatcher)
#include "tst_matcher.moc"
