// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/policy/cost.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using weir::test::RequestMade;

Q_DECLARE_METATYPE(weir::test::RequestMade)

namespace {

constexpr limit::Tokens kCapacity = 100;

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
    const Cost cost{{.cost = 3}, kCapacity};
    QVERIFY(cost.isConstant());
    QCOMPARE(cost.of({}), (Price{3, false}));
    QVERIFY((!Cost{entry(), kCapacity}.isConstant()));
}

void TestCost::prices_data()
{
    QTest::addColumn<RequestMade>("request");
    QTest::addColumn<qlonglong>("cost");
    QTest::addColumn<bool>("isBad");
    const auto row = [](const char *name, const RequestMade &request, qlonglong cost, bool isBad = false) {
        QTest::newRow(name) << request << cost << isBad;
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
    row("named", named("7"), 7);
    row("named: 0", named("0"), 0);
    row("named: with zeros", named("007"), 7);
    row("named: the capacity", named("100"), 100);
    row("named: above the capacity", named("101"), 2, true);
    row("named: negative", named("-1"), 2, true);
    row("named: signed", named("+1"), 2, true);
    row("named: a fraction", named("1.5"), 2, true);
    row("named: nothing", named(""), 2, true);
    row("named: words", named("many"), 2, true);
    row("named: and more", named("7 "), 2, true);
    row("named: too long", named("00000000007"), 2, true);
    row("named: overflows", named("18446744073709551617"), 2, true);
    row("named: and a route", {.target = "/big/x", .headers = {{"X-Cost", "x"}}, .isPeerTrusted = true}, 20, true);
    row("named twice", {.headers = {{"X-Cost", "7"}, {"X-Cost", "7"}}, .isPeerTrusted = true}, 2, true);
    row("named by a stranger", {.headers = {{"X-Cost", "0"}}}, 2);
    row("nonsense by a stranger", {.headers = {{"X-Cost", "x"}}}, 2);
    row("not named", {.isPeerTrusted = true}, 2);
}

void TestCost::prices()
{
    QFETCH(RequestMade, request);
    const Price price = Cost{entry(), kCapacity}.of(request.view());
    QTEST(qlonglong{price.cost}, "cost");
    QTEST(price.hasBadHeader, "isBad");
}

QTEST_APPLESS_MAIN(TestCost)
#include "tst_cost.moc"
