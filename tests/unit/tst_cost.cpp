// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/policy/cost.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using weir::test::RequestMade;

Q_DECLARE_METATYPE(weir::test::RequestMade)

namespace {

config::RequestCost entry()
{
    config::RequestCost entry{.cost = 2, .header = "X-Cost"};
    entry.routes.push_back({{.path = "/big/*", .headers = {{"X-Size", "xl"}}}, 50});
    entry.routes.push_back({{.path = "/big/*"}, 20});
    entry.routes.push_back({{.path = "/*", .methods = {"HEAD"}}, 0});
    return entry;
}

} // namespace

class TestCost : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aConstantAsksNothing();
    void prices_data();
    void prices();
};

void TestCost::aConstantAsksNothing()
{
    const Cost cost{{.cost = 3}};
    QCOMPARE(cost.of({}), limit::Tokens{3});
}

void TestCost::prices_data()
{
    QTest::addColumn<RequestMade>("request");
    QTest::addColumn<qlonglong>("cost");
    const auto row = [](const char *name, const RequestMade &request, qlonglong cost) {
        QTest::newRow(name) << request << cost;
    };
    row("the constant", {}, 2);
    row("the first route", {.target = "/big/x", .headers = {{"X-Size", "xl"}}}, 50);
    row("the second route", {.target = "/big/x", .headers = {{"X-Size", "s"}}}, 20);
    row("free", {.method = "HEAD"}, 0);
    // A client that adds a second value pays for the dearer of the two.
    row("unsure, then sure", {.target = "/big/x", .headers = {{"X-Size", "s"}, {"X-Size", "xl"}}}, 50);

    const auto named = [](const char *value) {
        return RequestMade{.headers = {{"x-cost", value}}, .isPeerTrusted = true};
    };
    // The dearest and the nonsense must never be the cheapest.
    constexpr qlonglong never = kNoBucketHolds;
    row("named", named("7"), 7);
    row("named: 0", named("0"), 0);
    row("named: with zeros", named("007"), 7);
    row("named: the largest capacity", named("1000000000"), limit::kMaxCapacity);
    row("named: above it", named("1000000001"), never);
    row("named: far above it", named("9999999999"), never);
    row("named: negative", named("-1"), never);
    row("named: signed", named("+1"), never);
    row("named: a fraction", named("1.5"), never);
    row("named: nothing", named(""), never);
    row("named: words", named("many"), never);
    row("named: and more", named("7 "), never);
    row("named: too long", named("00000000007"), never);
    row("named: overflows", named("18446744073709551617"), never);
    row("named: and a route", {.target = "/big/x", .headers = {{"X-Cost", "x"}}, .isPeerTrusted = true}, never);
    row("named twice", {.headers = {{"X-Cost", "7"}, {"X-Cost", "7"}}, .isPeerTrusted = true}, never);
    row("named by a stranger", {.headers = {{"X-Cost", "0"}}}, 2);
    row("nonsense by a stranger", {.headers = {{"X-Cost", "x"}}}, 2);
    row("not named", {.isPeerTrusted = true}, 2);
}

void TestCost::prices()
{
    QFETCH(RequestMade, request);
    QTEST(qlonglong{Cost{entry()}.of(request.view())}, "cost");
}

QTEST_APPLESS_MAIN(TestCost)
#include "tst_cost.moc"
